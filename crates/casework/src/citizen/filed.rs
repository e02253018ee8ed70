//! The answers of a citizen's own dossier, corrected while the office asks for it.
//!
//! Corrections are kept beside the dossier until they are sent with the answer to what was asked; then
//! they are a further version of the answers. Whoever opened the dossier with code and proof sees the
//! answers as those do who do not work with papers: ID numbers cut, nothing that reveals an illness.

use access::citizen::Citizen;
use kernel::Clock;
use law::Benefit;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::Refused;
use crate::Status;
use crate::draft::{self, DraftError, Owner, Subject};
use crate::form::{self, Answers, Field, Form, Kind};

/// The answers of a dossier, with corrections not sent yet.
#[derive(Clone, Debug)]
pub struct Filed {
    /// The form.
    pub form: &'static Form,
    /// As the citizen sees them.
    pub shown: Answers,
    /// Labels of the questions answered anew.
    pub corrected: Vec<String>,
    /// Everything, corrections included.
    whole: Answers,
    /// The version they correct.
    version: i32,
}

/// The last version as it is kept.
struct Version {
    number: i32,
    form: &'static Form,
    procedure: String,
    benefit: Option<Benefit>,
    answers: Answers,
}

impl Filed {
    /// Whether a question is corrected here: not where the dossier lies, nor what must not be shown.
    pub fn is_open(&self, field: &Field) -> bool {
        let inside = match &field.kind {
            Kind::Area => return false,
            Kind::Group { fields, .. } => fields.as_slice(),
            _ => &[],
        };
        let hidden = |it: &Field| it.sensitive || it.kind == Kind::IdNumber;
        !field.sensitive && !inside.iter().any(hidden) && field.is_shown(&self.whole)
    }

    /// The answers with one question answered anew. An ID number left empty stays as it is, for it is
    /// not shown whole.
    pub fn with(&self, field: &Field, given: Answers) -> Answers {
        let mut answers = self.whole.clone();
        if field.kind == Kind::IdNumber && given.text(&field.code).is_none() {
            return answers;
        }
        answers.remove(&field.code);
        answers.extend(given);
        answers
    }
}

impl From<DraftError> for Refused {
    fn from(error: DraftError) -> Refused {
        match error {
            DraftError::Database(error) => Refused::Database(error),
            told => Refused::Step {
                code: told.code(),
                message: told.to_string(),
            },
        }
    }
}

/// By what corrections of a version of a dossier's answers are kept: no key of a browser, which are 64
/// digits, is like it.
fn key(citizen: &Citizen, version: i32) -> String {
    format!("dossier {} version {version}", citizen.dossier())
}

/// The answers of the dossier while the office asks for something; `None` when it asks for nothing, or the
/// dossier has no form.
///
/// # Errors
/// Those of the database.
pub async fn filed(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
) -> Result<Option<Filed>, Refused> {
    let mut tx = pool.begin().await?;
    let Some(version) = version(&mut tx, citizen).await? else {
        return Ok(None);
    };
    let drafted = drafted(&mut tx, clock, citizen, &version).await?;
    let whole = drafted.map_or_else(|| version.answers.clone(), |it| it.whole);
    let form = version.form;
    let corrected = form
        .fields()
        .filter(|it| differs(it, &version.answers, &whole));
    Ok(Some(Filed {
        form,
        shown: form.masked(&whole),
        corrected: corrected.map(|field| field.label.clone()).collect(),
        whole,
        version: version.number,
    }))
}

/// Keeps corrected answers, which came out of [`Filed::with`] and a check of the question, until they are
/// sent or 30 days have passed.
///
/// # Errors
/// [`Refused::Step`] when nothing is asked, or the office has corrected the answers meanwhile.
pub async fn correct(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
    filed: &Filed,
    answers: &Answers,
) -> Result<(), Refused> {
    let mut tx = pool.begin().await?;
    let version = version(&mut tx, citizen).await?;
    let version = version.ok_or_else(|| Refused::Step {
        code: "nothing_asked",
        message: "lúc này không sửa tờ khai được".to_owned(),
    })?;
    if version.number != filed.version {
        return Err(Refused::Step {
            code: "changed_meanwhile",
            message: "xã vừa sửa tờ khai này: xin xem lại rồi sửa tiếp".to_owned(),
        });
    }
    let (own, drafted) = (
        key(citizen, version.number),
        drafted(&mut tx, clock, citizen, &version).await?,
    );
    let owner = Owner::Citizen(&own);
    match drafted {
        Some(kept) if kept.key == own => {
            draft::save(&mut *tx, clock, owner, kept.draft, answers).await?;
        }
        before => {
            if let Some(before) = before {
                draft::discard(&mut *tx, Owner::Citizen(&before.key), before.draft).await?;
            }
            let subject = Subject {
                form: version.form.code.clone(),
                procedure: version.procedure,
                benefit: version.benefit,
                person: None,
            };
            let id = uuid::Uuid::new_v4();
            draft::begin(&mut *tx, clock, owner, id, (&subject, answers)).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// What was corrected of a form, whole, to become a further version after the one with the number; it is
/// taken away.
pub(super) async fn take_corrected(
    tx: &mut PgConnection,
    clock: &Clock,
    citizen: &Citizen,
) -> Result<Option<(&'static Form, i32, Answers)>, Refused> {
    let Some(version) = version(tx, citizen).await? else {
        return Ok(None);
    };
    let Some(drafted) = drafted(tx, clock, citizen, &version).await? else {
        return Ok(None);
    };
    draft::discard(&mut *tx, Owner::Citizen(&drafted.key), drafted.draft).await?;
    let mut fields = version.form.fields();
    let corrected = fields.any(|it| differs(it, &version.answers, &drafted.whole));
    Ok(corrected.then_some((version.form, version.number, drafted.whole)))
}

/// Corrections not sent yet, as they stand over the last version.
struct Drafted {
    key: String,
    draft: uuid::Uuid,
    whole: Answers,
}

/// The corrections of the last version; those of an earlier one, which the office has corrected since, are
/// laid over what it corrected.
async fn drafted(
    tx: &mut PgConnection,
    clock: &Clock,
    citizen: &Citizen,
    last: &Version,
) -> Result<Option<Drafted>, Refused> {
    for number in (1..=last.number).rev() {
        let key = key(citizen, number);
        let all = draft::all(&mut *tx, clock, Owner::Citizen(&key)).await?;
        let Some(draft) = all.into_iter().next() else {
            continue;
        };
        let whole = match number == last.number {
            true => draft.answers,
            false => {
                let before = answers_of(tx, citizen, number).await?;
                let mut whole = last.answers.clone();
                let fields = last.form.fields();
                for field in fields.filter(|it| differs(it, &before, &draft.answers)) {
                    whole.take(&field.code, &draft.answers);
                }
                whole
            }
        };
        let draft = draft.id;
        return Ok(Some(Drafted { key, draft, whole }));
    }
    Ok(None)
}

fn differs(field: &Field, one: &Answers, other: &Answers) -> bool {
    let code = field.code.as_str();
    one.text(code) != other.text(code) || one.rows(code) != other.rows(code)
}

async fn answers_of(
    tx: &mut PgConnection,
    citizen: &Citizen,
    version: i32,
) -> sqlx::Result<Answers> {
    let answers = sqlx::query_scalar!(
        r#"select answers as "answers!: Json<Answers>" from dossier_answers
           where dossier_id = $1 and version = $2"#,
        citizen.dossier().0,
        version
    )
    .fetch_one(tx)
    .await?;
    Ok(answers.0)
}

/// The last version while something is asked. The dossier is locked until the transaction ends, so that
/// two browsers correct one after the other.
async fn version(tx: &mut PgConnection, citizen: &Citizen) -> Result<Option<Version>, Refused> {
    let found = sqlx::query!(
        r#"select procedure_code, version, a.form, a.benefit, a.answers as "answers!: Json<Answers>",
                  (select status from dossier_step s where s.dossier_id = d.dossier_id
                   order by seq desc limit 1) as "status!"
           from dossier d join dossier_answers a using (dossier_id)
           where d.dossier_id = $1 order by version desc limit 1 for update of d"#,
        citizen.dossier().0
    )
    .fetch_optional(tx)
    .await?;
    let asked = Status::SupplementAsked.number();
    let Some(row) = found.filter(|row| row.status == asked) else {
        return Ok(None);
    };
    let broken = || Refused::Inconsistent(row.form.clone());
    Ok(Some(Version {
        number: row.version,
        form: form::by_code(&row.form).ok_or_else(broken)?,
        procedure: row.procedure_code,
        benefit: row.benefit.and_then(Benefit::from_number),
        answers: row.answers.0,
    }))
}
