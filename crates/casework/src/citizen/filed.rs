//! The answers of a citizen's own dossier, corrected while the office asks for it.
//!
//! Corrections are kept beside the dossier until they are sent with the answer to what was asked; then
//! they are a further version of the answers. Whoever opened the dossier with code and proof sees the
//! answers as those do who do not work with papers: ID numbers cut, nothing that reveals an illness.

use access::citizen::Citizen;
use kernel::Clock;
use law::Benefit;
use registry::refusal::Fault;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::Refused;
use crate::Status;
use crate::draft::{self, Draft, DraftError, Owner, Subject};
use crate::form::{self, Answers, Field, Form, Kind};
use crate::stated::stated;

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
}

/// The last version as it is kept.
struct Version {
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

/// By what corrections of a dossier are kept: no key of a browser, which are 64 digits, is like it.
fn key(citizen: &Citizen) -> String {
    format!("dossier {}", citizen.dossier())
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
    let corrected = drafted(&mut tx, clock, citizen).await?;
    let whole = corrected.map_or_else(|| version.answers.clone(), |draft| draft.answers);
    let form = version.form;
    let differs = |field: &&Field| {
        let code = field.code.as_str();
        whole.text(code) != version.answers.text(code)
            || whole.rows(code) != version.answers.rows(code)
    };
    let corrected = form.fields().filter(differs);
    Ok(Some(Filed {
        form,
        shown: form.masked(&whole),
        corrected: corrected.map(|field| field.label.clone()).collect(),
        whole,
    }))
}

/// Keeps corrected answers, which came out of [`Filed::with`] and a check of the question, until they are
/// sent or 30 days have passed.
///
/// # Errors
/// [`Refused::Step`] when nothing is asked.
pub async fn correct(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
    answers: &Answers,
) -> Result<(), Refused> {
    let mut tx = pool.begin().await?;
    let version = version(&mut tx, citizen).await?;
    let version = version.ok_or_else(|| Refused::Step {
        code: "nothing_asked",
        message: "lúc này không sửa tờ khai được".to_owned(),
    })?;
    let key = key(citizen);
    let owner = Owner::Citizen(&key);
    match drafted(&mut tx, clock, citizen).await? {
        Some(draft) => draft::save(&mut *tx, clock, owner, draft.id, answers).await?,
        None => {
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

/// What was corrected, whole and checked, to be kept as a further version; it is taken away.
pub(super) async fn take_corrected(
    tx: &mut PgConnection,
    clock: &Clock,
    citizen: &Citizen,
) -> Result<Option<(&'static Form, Option<Benefit>, Answers)>, Refused> {
    let Some(draft) = drafted(tx, clock, citizen).await? else {
        return Ok(None);
    };
    let Some(version) = version(tx, citizen).await? else {
        return Ok(None);
    };
    let key = key(citizen);
    draft::discard(&mut *tx, Owner::Citizen(&key), draft.id).await?;
    let (form, today) = (version.form, clock.today());
    let answers = form.check(&draft.answers, today);
    let answers = answers.map_err(|faults| wrong(form, faults.first()))?;
    stated(form, &answers, today).map_err(|fault| wrong(form, Some(&fault)))?;
    let differs = answers != version.answers;
    Ok(differs.then_some((form, version.benefit, answers)))
}

fn wrong(form: &Form, fault: Option<&Fault>) -> Refused {
    let code = fault.map_or("", |fault| {
        fault.field.split('.').next().unwrap_or_default()
    });
    let label = form.field(code).map_or("tờ khai", |field| &field.label);
    let why = fault.map_or("chưa đúng", |fault| &*fault.message);
    Refused::Step {
        code: "answers_refused",
        message: format!("tờ khai, câu “{label}”: {why}"),
    }
}

async fn drafted(
    tx: &mut PgConnection,
    clock: &Clock,
    citizen: &Citizen,
) -> Result<Option<Draft>, Refused> {
    let key = key(citizen);
    let all = draft::all(&mut *tx, clock, Owner::Citizen(&key)).await?;
    Ok(all.into_iter().next())
}

/// The last version while something is asked. The dossier is locked until the transaction ends, so that
/// two browsers correct one after the other.
async fn version(tx: &mut PgConnection, citizen: &Citizen) -> Result<Option<Version>, Refused> {
    let found = sqlx::query!(
        r#"select procedure_code, a.form, a.benefit, a.answers as "answers!: Json<Answers>",
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
        form: form::by_code(&row.form).ok_or_else(broken)?,
        procedure: row.procedure_code,
        benefit: row.benefit.and_then(Benefit::from_number),
        answers: row.answers.0,
    }))
}
