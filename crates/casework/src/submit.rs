//! Submitting an application with its answers: the dossier, its first steps and the form in one
//! transaction.

use jiff::Timestamp;
use kernel::area::Areas;
use kernel::{Actor, Clock};
use registry::Refusal;
use registry::refusal::Fault;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::apply::ApplyError;
use crate::draft::{self, DraftError, Owner, Subject};
use crate::form::{self, Answers, Form};
use crate::stated::stated;
use crate::step::Paper;
use crate::{Channel, Event, Step, Submission, Submitted, Teller, answered, apply_within, code};

/// How often a submission that met another one is tried again.
const TRIES: u32 = 8;

/// An application to be submitted.
#[derive(Clone, Debug)]
pub struct Application<'a> {
    /// Made by the caller; the ids of the steps derive from it.
    pub id: Uuid,
    /// What it is for.
    pub subject: &'a Subject,
    /// The answers as given.
    pub answers: &'a Answers,
    /// How it was submitted.
    pub channel: Channel,
    /// Papers handed in.
    pub papers: Vec<Paper>,
    /// Received at once, by the officer at the counter.
    pub received: bool,
    /// The draft it was made of, deleted with the submission.
    pub draft: Option<(Owner<'a>, Uuid)>,
}

/// Why nothing was submitted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// No such form for this procedure, benefit and day.
    #[error("mẫu tờ khai không dùng cho thủ tục, chế độ này vào ngày nộp")]
    WrongForm,
    /// Answers are missing or wrong.
    #[error("tờ khai có mục chưa đúng")]
    Answers(Vec<Fault>),
    /// The dossier cannot be recorded.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The draft is gone: submitted already, or expired.
    #[error(transparent)]
    Draft(DraftError),
    /// Nothing could be recorded.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl SubmitError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            SubmitError::WrongForm => "wrong_form",
            SubmitError::Answers(_) => "answers_refused",
            SubmitError::Refused(refusal) => refusal.code,
            SubmitError::Draft(error) => error.code(),
            SubmitError::Failed(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for SubmitError {
    fn from(error: sqlx::Error) -> SubmitError {
        SubmitError::Failed(error.into())
    }
}

/// Submits an application and returns the code of the new dossier. The actor must be one who may
/// submit dossiers in the applicant's commune.
///
/// # Errors
/// [`SubmitError`]: nothing was recorded.
pub async fn submit(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    application: &Application<'_>,
) -> Result<String, SubmitError> {
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        match submit_within(&mut tx, actor, clock, application).await {
            Ok(code) => {
                tx.commit().await?;
                return Ok(code);
            }
            Err(SubmitError::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Err(ApplyError::Busy.into())
}

/// As [`submit`], inside the caller's transaction, which can only be rolled back on an error.
///
/// # Errors
/// [`SubmitError`].
pub async fn submit_within(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    application: &Application<'_>,
) -> Result<String, SubmitError> {
    let day = clock.today();
    let subject = application.subject;
    let form = form_of(subject, clock).ok_or(SubmitError::WrongForm)?;
    let answers = form.check(application.answers, day);
    let answers = answers.map_err(SubmitError::Answers)?;
    stated(form, &answers, day).map_err(|fault| SubmitError::Answers(vec![fault]))?;
    let area = answers.text("area").unwrap_or_default();
    let area = Areas::embedded().on(area, day).ok_or_else(|| {
        let fault = Fault::new("area", "unknown_area", "không có xã với mã này");
        SubmitError::Answers(vec![fault])
    })?;
    if let Some((owner, id)) = application.draft {
        let discarded = draft::discard(&mut *tx, owner, id).await;
        discarded.map_err(SubmitError::Draft)?;
    }
    let code = code::next(tx, area, day).await?;
    let steps = steps(application, &answers, &code, clock.now());
    let applied = apply_within(tx, Teller::Office, actor, clock, &steps).await?;
    if let Some(refusal) = applied.refused.into_iter().next() {
        return Err(SubmitError::Refused(refusal));
    }
    let asked = (form, subject.benefit);
    answered::keep(tx, (Teller::Office, actor, clock), &code, asked, &answers).await?;
    Ok(code)
}

/// The form of a subject, if it is used for its procedure and benefit today.
pub fn form_of(subject: &Subject, clock: &Clock) -> Option<&'static Form> {
    let form = form::by_code(&subject.form)?;
    let asked = match subject.benefit {
        Some(benefit) => form.benefits.contains(&benefit),
        None => form.benefits.is_empty(),
    };
    let of_procedure = form.procedures.contains(&subject.procedure);
    (form.holds_on(clock.today()) && of_procedure && asked).then_some(form)
}

fn steps(
    application: &Application<'_>,
    answers: &Answers,
    code: &str,
    at: Timestamp,
) -> Vec<Submitted> {
    let subject = application.subject;
    // Where somebody has died, whoever looks after the burial applies.
    let applicant = match answers.text("organiser_name") {
        Some(name) => (name, answers.text("organiser_id_number")),
        None => (
            answers.text("full_name").unwrap_or_default(),
            answers.text("id_number"),
        ),
    };
    let submission = Submission {
        procedure: subject.procedure.clone(),
        area: answers.text("area").unwrap_or_default().to_owned(),
        channel: application.channel,
        applicant: applicant.0.to_owned(),
        applicant_id_number: applicant.1.map(str::to_owned),
        applicant_birth: None,
        beneficiary: subject.person.map(|person| format!("#{person}")),
        // Of somebody the registry does not know yet, the answers say it.
        benefit: subject.benefit.filter(|_| subject.person.is_some()),
        papers: application.papers.clone(),
    };
    let mut taken = vec![Step::Submitted(Box::new(submission))];
    if application.received {
        taken.push(Step::Received {});
    }
    let event = |step: Step| Event {
        event_id: Uuid::new_v5(&application.id, step.code().as_bytes()),
        dossier: code.to_owned(),
        at,
        online: true,
        step,
    };
    let rows = (1..).zip(taken);
    rows.map(|(row, step)| Submitted {
        row,
        event: event(step),
    })
    .collect()
}
