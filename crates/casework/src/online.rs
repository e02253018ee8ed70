//! Applications citizens submit themselves, without an account and without a counter.

use access::citizen::anybody;
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Clock, DossierId, Origin};
use registry::refusal::Fault;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::apply::{ApplyError, Teller, apply_within};
use crate::attachment::{self, NewAttachment};
use crate::draft::{self, DraftError, Owner, papers};
use crate::event::{Event, Submitted};
use crate::form::{self, Answers, Form};
use crate::step::{Paper, Step, Submission};
use crate::{Channel, answered, code};

/// How long a browser that submitted is led to its dossier.
const LED_FOR: SignedDuration = SignedDuration::from_hours(2);

/// Why nothing was submitted.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The answers are not whole: every field at fault.
    #[error("tờ khai chưa đủ hoặc chưa đúng")]
    Answers(Vec<Fault>),
    /// The draft is gone, or there is none.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The papers added to the draft cannot be taken over.
    #[error(transparent)]
    Papers(#[from] papers::Refused),
    /// The rules of dossiers do not allow it.
    #[error("{message}")]
    Step {
        /// Stable code.
        code: &'static str,
        /// Why, in a sentence.
        message: String,
    },
    /// Recording failed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Answers(_) => "answers",
            Refused::Draft(error) => error.code(),
            Refused::Papers(refused) => refused.code(),
            Refused::Step { code, .. } => code,
            Refused::Apply(error) => error.code(),
            Refused::Database(_) => "database",
        }
    }
}

/// Forms citizens may fill in by themselves on a day: those about a person who lives somewhere.
pub fn forms(day: jiff::civil::Date) -> impl Iterator<Item = &'static Form> {
    let about_a_person = |form: &&Form| {
        ["full_name", "area"]
            .iter()
            .all(|it| form.field(it).is_some())
    };
    form::all()
        .iter()
        .filter(move |form| form.holds_on(day))
        .filter(about_a_person)
}

/// Submits the draft of a citizen: a dossier over the channel online with its answers, in one
/// transaction, in which the draft goes. Returns the code of the dossier. Of two who submit the same
/// draft at once one is told that it is gone.
///
/// # Errors
/// [`Refused`]: nothing was submitted, the draft is as it was.
pub async fn submit(
    pool: &PgPool,
    clock: &Clock,
    origin: &Origin,
    owner: &str,
    draft_id: Uuid,
) -> Result<String, Refused> {
    let mut tx = pool.begin().await?;
    let key = Owner::Citizen(owner);
    let draft = draft::find(&mut *tx, clock, key, draft_id).await?;
    let scans = papers::as_attachments(papers::of_draft(&mut tx, draft_id).await?);
    draft::discard(&mut *tx, key, draft_id).await?;
    let form = form::by_code(&draft.subject.form).ok_or(DraftError::UnknownForm)?;
    let today = clock.today();
    let answers = form
        .check(&draft.answers, today)
        .map_err(Refused::Answers)?;
    let area = answers
        .text("area")
        .and_then(|area| Areas::embedded().on(area, today));
    let area = area.ok_or_else(|| {
        let message = "chưa chọn xã, phường nơi cư trú";
        Refused::Answers(vec![Fault::new("area", "missing", message)])
    })?;
    let dossier = code::next(&mut tx, area, today).await?;
    let event = Event {
        event_id: draft_id,
        dossier: dossier.clone(),
        at: clock.now(),
        online: true,
        step: Step::Submitted(Box::new(submission(
            &answers,
            &draft.subject.procedure,
            area.code,
            scans.iter().map(NewAttachment::as_paper).collect(),
        ))),
    };
    let rows = [Submitted { row: 1, event }];
    let teller = Teller::Citizen { dossier: &dossier };
    let actor = anybody().at(origin.clone());
    let applied = apply_within(&mut tx, teller, &actor, clock, &rows).await?;
    if let Some(refusal) = applied.refused.into_iter().next() {
        return Err(Refused::Step {
            code: refusal.code,
            message: refusal.message,
        });
    }
    let asked = (form, draft.subject.benefit);
    answered::keep(&mut tx, (teller, &actor, clock), &dossier, asked, &answers).await?;
    let id = note(&mut tx, clock, &dossier, owner).await?;
    if !scans.is_empty() {
        let stored = attachment::store(&mut tx, &actor, clock, id, &scans).await;
        stored.map_err(papers::Refused::from)?;
    }
    tx.commit().await?;
    Ok(dossier)
}

/// Whoever fills the form in for somebody else is the applicant.
fn submission(answers: &Answers, procedure: &str, area: &str, papers: Vec<Paper>) -> Submission {
    let owned = |code| answers.text(code).map(str::to_owned);
    let (name, number) = match answers.text("declarant_name") {
        Some(name) => (name.to_owned(), owned("declarant_id_number")),
        None => (owned("full_name").unwrap_or_default(), owned("id_number")),
    };
    Submission {
        procedure: procedure.to_owned(),
        area: area.to_owned(),
        channel: Channel::Online,
        applicant: name,
        applicant_id_number: number,
        applicant_birth: None,
        beneficiary: None,
        benefit: None,
        papers,
    }
}

async fn note(
    tx: &mut PgConnection,
    clock: &Clock,
    dossier: &str,
    owner: &str,
) -> sqlx::Result<DossierId> {
    let id = sqlx::query_scalar!(
        "insert into online_application (dossier_id, owner, submitted_at)
         select dossier_id, $2, $3 from dossier where code = $1 returning dossier_id",
        dossier,
        owner,
        clock.now().to_sqlx() as _
    )
    .fetch_one(tx)
    .await?;
    Ok(DossierId(id))
}

/// The dossier a browser has just submitted, for a short while.
///
/// # Errors
/// Those of the database.
pub async fn just_submitted(
    pool: &PgPool,
    clock: &Clock,
    owner: &str,
) -> sqlx::Result<Option<DossierId>> {
    let since = clock.now().saturating_sub(LED_FOR).unwrap_or(clock.now());
    let found = sqlx::query_scalar!(
        "select dossier_id from online_application where owner = $1 and submitted_at > $2",
        owner,
        since.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    Ok(found.map(DossierId))
}
