//! Letters of a dossier: what each says follows from the dossier, its steps, the law of its day and
//! the amount the law gives; the words are data (`reference/letters`). Nothing is typed.
//!
//! A letter goes to others than those who handle the dossier, so none names a benefit, an article or
//! a condition that reveals an infection (20/2021/NĐ-CP Điều 8 khoản 1 điểm b).

mod granted;
pub mod own;
mod said;
pub mod signed;
pub mod told;
mod wording;

use documents::letter::{Block, Letter};
use kernel::{Actor, Clock};
use law::Law;
use registry::sight::HANDLERS;
use sqlx::PgPool;

use crate::{answered, show, whose};

/// What letter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Receipt and appointment.
    Receipt,
    /// Papers asked for.
    Supplement,
    /// The dossier is not accepted.
    NotAccepted,
    /// Late: an apology and a new day.
    Apology,
    /// What the officer proposes to whoever decides.
    Proposal,
    /// A benefit granted.
    Grant,
    /// The amount changed.
    Adjust,
    /// The benefit ended.
    Stop,
    /// Help with the costs of a funeral.
    Funeral,
    /// Benefits granted to several people by one decision, with their list.
    Collective,
    /// Not granted, with the reason.
    Refusal,
}

impl Kind {
    /// Every kind, in the order of a dossier's life.
    pub const ALL: [Kind; 11] = [
        Kind::Receipt,
        Kind::Supplement,
        Kind::NotAccepted,
        Kind::Apology,
        Kind::Proposal,
        Kind::Grant,
        Kind::Adjust,
        Kind::Stop,
        Kind::Funeral,
        Kind::Collective,
        Kind::Refusal,
    ];

    /// Stable code, also in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Receipt => "giay-tiep-nhan",
            Kind::Supplement => "yeu-cau-bo-sung",
            Kind::NotAccepted => "tu-choi-tiep-nhan",
            Kind::Apology => "xin-loi",
            Kind::Proposal => "to-trinh",
            Kind::Grant => "quyet-dinh",
            Kind::Adjust => "dieu-chinh",
            Kind::Stop => "thoi-huong",
            Kind::Funeral => "mai-tang",
            Kind::Collective => "quyet-dinh-chung",
            Kind::Refusal => "khong-du-dieu-kien",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What users see.
    pub fn vietnamese(self) -> &'static str {
        &wording::of(self).name
    }

    /// Whether a leader signs it; others are signed at the desk.
    pub const fn is_leaders(self) -> bool {
        !matches!(
            self,
            Kind::Receipt | Kind::Supplement | Kind::NotAccepted | Kind::Proposal
        )
    }

    /// The step a letter of the kind answers; without one it is of the dossier as a whole.
    const fn answers(self) -> Option<&'static str> {
        match self {
            Kind::Supplement => Some("supplement_asked"),
            Kind::Apology => Some("extended"),
            Kind::NotAccepted => Some("not_accepted"),
            _ => None,
        }
    }
}

/// A letter as it would be printed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it says.
    pub letter: Letter,
    /// Number of the step it is about: the first for letters of the dossier as a whole.
    pub seq: i32,
    /// Code of the commune of the dossier.
    pub area: &'static str,
}

/// Why there is no letter.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such dossier, or none the actor writes letters of.
    #[error(transparent)]
    Dossier(#[from] show::Refused),
    /// The dossier gives no reason for the letter.
    #[error("hồ sơ chưa có bước nào để viết văn bản này")]
    NothingToSay,
    /// The beneficiary's record cannot be read.
    #[error("không đọc được thông tin người hưởng: {0}")]
    Person(String),
    /// Signed already: it stays as it is.
    #[error("văn bản này đã ký, không ký lại được")]
    SignedAlready,
    /// A signature is of today or of a day since the submission.
    #[error("ngày ký phải từ ngày nộp hồ sơ đến hôm nay")]
    SigningDay,
    /// Nobody is named.
    #[error("ghi tên người ký, từ 1 đến 200 chữ")]
    Signatory,
    /// Only documents can be signed.
    #[error("văn bản đã ký phải là tệp PDF")]
    NotAPdf,
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Dossier(refused) => refused.code(),
            Refused::NothingToSay => "nothing_to_say",
            Refused::Person(_) => "person_unreadable",
            Refused::SignedAlready => "signed_already",
            Refused::SigningDay => "signing_day",
            Refused::Signatory => "signatory",
            Refused::NotAPdf => "not_a_pdf",
            Refused::Database(_) => "database",
        }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Refused {
        let constraint = error.as_database_error().and_then(|it| it.constraint());
        match constraint {
            Some("letter_is_signed_once") => Refused::SignedAlready,
            _ => Refused::Database(error),
        }
    }
}

/// The kinds of letters a dossier gives a reason for.
pub fn kinds(dossier: &show::Dossier, clock: &Clock) -> Vec<Kind> {
    let has = |kind: &str| dossier.steps.iter().any(|step| step.kind == kind);
    let outcome = (dossier.steps.iter())
        .find(|step| step.kind == "decided")
        .and_then(|step| step.facts["outcome"].as_str());
    let funeral = crate::procedure::is_funeral(&dossier.row.procedure);
    let grants = has("received") && outcome != Some("refused");
    // A request about a benefit that runs says what it asks for; without a form either may be meant.
    let changes = |what: &str| {
        let asked = dossier.change_asked.as_deref();
        dossier.benefit.is_none() && asked.is_none_or(|asked| asked == what)
    };
    let gives = |kind: &Kind| match kind {
        Kind::Receipt => true,
        Kind::Supplement => has("supplement_asked"),
        Kind::NotAccepted => has("not_accepted"),
        Kind::Apology => {
            has("extended") || dossier.row.due_on.is_some_and(|day| day < clock.today())
        }
        Kind::Proposal => has("received"),
        Kind::Grant => grants && !funeral && dossier.benefit.is_some(),
        Kind::Adjust => grants && !funeral && changes("adjust"),
        Kind::Stop => grants && !funeral && changes("stop"),
        Kind::Funeral => grants && funeral,
        Kind::Collective => outcome == Some("approved") && !funeral,
        Kind::Refusal => outcome == Some("refused"),
    };
    Kind::ALL.into_iter().filter(gives).collect()
}

/// The letter of a kind as the dossier gives it now; a look-up code just issued stands on a receipt.
/// For whoever works with the dossier's papers. Looking is recorded in the audit log.
///
/// # Errors
/// [`Refused`].
pub async fn draft(
    pool: &PgPool,
    law: &Law,
    actor: &Actor,
    clock: &Clock,
    (code, kind): (&str, Kind),
    lookup: Option<&crate::lookup::LookupCode>,
) -> Result<Draft, Refused> {
    let whose = whose::find(&mut *pool.acquire().await?, actor, HANDLERS, code).await?;
    let dossier = crate::dossier(pool, actor, clock, code).await?;
    if !kinds(&dossier, clock).contains(&kind) {
        return Err(Refused::NothingToSay);
    }
    let granted = match kind {
        Kind::Proposal
        | Kind::Grant
        | Kind::Adjust
        | Kind::Stop
        | Kind::Funeral
        | Kind::Refusal => granted::of_dossier(pool, law, (actor, clock), &dossier).await?,
        Kind::Collective => granted::of_decision(pool, law, &dossier, &whose).await?,
        _ => Vec::new(),
    };
    let wording = wording::of(kind);
    let mut said = said::of(&dossier, whose.area, wording.by_decider(), clock);
    if let Some(filed) = answered::filed(pool, code).await? {
        said.answers(&filed.1);
    }
    said.people(law, &granted, kind == Kind::Collective);
    if let Some(code) = lookup {
        said.put("code", code.printed());
    }
    let seq = kind.answers().and_then(|step| said.about(&dossier, step));
    let mut letter = wording.fill(&said);
    if kind == Kind::Receipt && lookup.is_none() {
        letter
            .body
            .retain(|block| !matches!(block, Block::Code { .. }));
    }
    if kind.is_leaders() {
        sign(
            &mut letter,
            said.get("decision_signed_by").unwrap_or_default(),
        );
    }
    Ok(Draft {
        letter,
        seq: seq.unwrap_or(1),
        area: whose.area.code,
    })
}

/// Puts whoever signed under a letter: a deputy signs for the chairman (30/2020/NĐ-CP Phụ lục I mục II).
fn sign(letter: &mut Letter, written: &str) {
    let (name, title) = written.split_once(", ").unwrap_or((written, ""));
    name.clone_into(&mut letter.signed_by);
    if title.to_lowercase().starts_with("phó") {
        let chairman = letter.signed_as.join(" ");
        letter.signed_as = vec![format!("KT. {chairman}"), title.to_uppercase()];
    }
}
