//! Answers corrected after a supplement was asked for: a further version, beside the one before.

use kernel::actor::Role;
use kernel::{Actor, Clock};
use law::Benefit;
use registry::Refusal;
use registry::refusal::Fault;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::apply::{self, ApplyError, TRIES};
use crate::form::{self, Answers, Changed, Form};
use crate::show::Refused;
use crate::stated::stated;
use crate::step::{Paper, Step};
use crate::{Course, Event, Status, Submitted, Teller, Waiting, answered, apply_within, whose};

/// Who corrects answers at an office.
pub const CORRECTORS: &[Role] = &[Role::Clerk, Role::Officer];

/// A correction of a dossier's answers.
#[derive(Clone, Debug)]
pub struct Correction<'a> {
    /// Code of the dossier.
    pub dossier: &'a str,
    /// The version that was looked at: after another one whoever corrects looks again.
    pub seen: i32,
    /// All answers, as given.
    pub answers: &'a Answers,
    /// Whether questions that must be answered may stay without an answer: those of a one-stop system's
    /// dossier, which are asked back.
    pub allows_gaps: bool,
    /// Whether nothing else is awaited: the supplement is told as come.
    pub completes: bool,
    /// Made by the caller; the id of the step derives from it.
    pub key: Uuid,
}

/// What a correction changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// The new version.
    pub version: i32,
    /// Field by field.
    pub changes: Vec<Changed>,
}

/// Why nothing is corrected.
#[derive(Debug, thiserror::Error)]
pub enum CorrectError {
    /// No such dossier, or none the actor corrects answers of.
    #[error(transparent)]
    Dossier(#[from] Refused),
    /// It has no answers: it came without a form.
    #[error("hồ sơ này không có tờ khai trên hệ thống")]
    NoForm,
    /// No supplement was asked for, or the dossier has gone on since.
    #[error("chỉ sửa được tờ khai khi đã yêu cầu bổ sung và hồ sơ chưa trình lãnh đạo")]
    NotNow,
    /// Somebody corrected them meanwhile.
    #[error("người khác vừa sửa tờ khai này: hãy xem lại rồi sửa tiếp")]
    ChangedMeanwhile,
    /// The answers are the same.
    #[error("chưa sửa mục nào")]
    NothingChanged,
    /// Answers are missing or wrong.
    #[error("tờ khai có mục chưa đúng")]
    Answers(Vec<Fault>),
    /// The step cannot be taken.
    #[error("{}", .0.message)]
    Step(Refusal),
    /// Nothing could be recorded.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl CorrectError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            CorrectError::Dossier(refused) => refused.code(),
            CorrectError::NoForm => "no_form",
            CorrectError::NotNow => "no_supplement_awaited",
            CorrectError::ChangedMeanwhile => "changed_meanwhile",
            CorrectError::NothingChanged => "nothing_changed",
            CorrectError::Answers(_) => "answers_refused",
            CorrectError::Step(refusal) => refusal.code,
            CorrectError::Failed(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for CorrectError {
    fn from(error: sqlx::Error) -> CorrectError {
        CorrectError::Failed(error.into())
    }
}

/// Says what [`correct`] would change; nothing is recorded.
///
/// # Errors
/// [`CorrectError`].
pub async fn preview(
    pool: &PgPool,
    (teller, actor, clock): (Teller<'_>, &Actor, &Clock),
    correction: &Correction<'_>,
) -> Result<Vec<Changed>, CorrectError> {
    let mut tx = pool.begin().await?;
    let ready = ready(&mut tx, (teller, actor, clock), correction, Why::Asked).await?;
    Ok(ready.changes)
}

/// Keeps corrected answers as a new version. An office may while the supplement is awaited and until a
/// proposal waits for the leader; a citizen ([`Teller::Citizen`], whose right to the dossier the caller
/// has checked) while it is awaited. The applicant's commune stays: elsewhere another office decides.
/// Recorded in the audit log with the codes of the fields.
///
/// # Errors
/// [`CorrectError`]: nothing was recorded.
pub async fn correct(
    pool: &PgPool,
    (teller, actor, clock): (Teller<'_>, &Actor, &Clock),
    correction: &Correction<'_>,
) -> Result<Corrected, CorrectError> {
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        match correct_within(&mut tx, (teller, actor, clock), correction).await {
            Ok(corrected) => {
                tx.commit().await?;
                return Ok(corrected);
            }
            Err(CorrectError::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(refused) => return Err(refused),
        }
    }
    Err(ApplyError::Busy.into())
}

/// Whether [`correct`] is open to an office, for pages.
///
/// # Errors
/// Those of the database.
pub async fn is_open(pool: &PgPool, dossier: &str, course: &Course) -> sqlx::Result<bool> {
    let mut db = pool.acquire().await?;
    may_correct(&mut db, (Teller::Office, Why::Asked), dossier, course).await
}

/// As [`correct`], inside the caller's transaction, which can only be rolled back on an error.
///
/// # Errors
/// [`CorrectError`].
pub async fn correct_within(
    tx: &mut PgConnection,
    (teller, actor, clock): (Teller<'_>, &Actor, &Clock),
    correction: &Correction<'_>,
) -> Result<Corrected, CorrectError> {
    keep(tx, (teller, actor, clock), correction, Why::Asked).await
}

/// As [`correct_within`] by an office that settles what was said twice: nothing has to have been asked of the
/// applicant.
///
/// # Errors
/// [`CorrectError`].
pub async fn settle_within(
    tx: &mut PgConnection,
    (actor, clock): (&Actor, &Clock),
    correction: &Correction<'_>,
) -> Result<Corrected, CorrectError> {
    keep(tx, (Teller::Office, actor, clock), correction, Why::Settled).await
}

/// Why an office corrects answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The applicant was asked, and said it.
    Asked,
    /// Two values were said, and somebody decides which counts.
    Settled,
}

async fn keep(
    tx: &mut PgConnection,
    (teller, actor, clock): (Teller<'_>, &Actor, &Clock),
    correction: &Correction<'_>,
    why: Why,
) -> Result<Corrected, CorrectError> {
    let ready = ready(tx, (teller, actor, clock), correction, why).await?;
    let version = correction.seen + 1;
    let asked = (ready.form, ready.benefit);
    answered::keep(
        tx,
        (teller, actor, clock),
        correction.dossier,
        asked,
        &ready.answers,
    )
    .await?;
    if correction.completes && ready.awaited {
        let event = Event {
            event_id: Uuid::new_v5(&correction.key, b"supplemented"),
            dossier: correction.dossier.to_owned(),
            at: clock.now(),
            online: true,
            step: Step::Supplemented {
                papers: vec![Paper {
                    name: format!("Tờ khai đã sửa, bản thứ {version}"),
                    file: None,
                }],
            },
        };
        let rows = [Submitted { row: 1, event }];
        let applied = apply_within(tx, teller, actor, clock, &rows).await?;
        if let Some(refusal) = applied.refused.into_iter().next() {
            return Err(CorrectError::Step(refusal));
        }
    }
    let fields: Vec<&str> = ready.changes.iter().map(|it| it.field.as_str()).collect();
    let detail = json!({ "version": version, "fields": fields });
    let object = format!("dossier {}", correction.dossier);
    let (now, area) = (clock.now(), Some(ready.area.as_str()));
    access::audit::record(
        tx,
        now,
        actor,
        access::audit::Action::DossierFormCorrect,
        &object,
        area,
        detail,
    )
    .await?;
    Ok(Corrected {
        version,
        changes: ready.changes,
    })
}

/// A correction that can be.
struct Ready {
    form: &'static Form,
    benefit: Option<Benefit>,
    answers: Answers,
    changes: Vec<Changed>,
    /// Code of the commune.
    area: String,
    awaited: bool,
}

async fn ready(
    tx: &mut PgConnection,
    (teller, actor, clock): (Teller<'_>, &Actor, &Clock),
    correction: &Correction<'_>,
    why: Why,
) -> Result<Ready, CorrectError> {
    let dossier = correction.dossier;
    let unknown = || Refused::Unknown(dossier.to_owned());
    match teller {
        Teller::Office => {
            whose::find(&mut *tx, actor, CORRECTORS, dossier).await?;
        }
        Teller::Citizen { dossier: own } if own == dossier => {}
        Teller::Citizen { .. } => return Err(unknown().into()),
        // Its right to the dossier was looked at with the step its answers came with.
        Teller::OneStop { .. } => {}
    }
    // Its row stays locked: of two who correct at once the second is told.
    let recorded = apply::recorded(&mut *tx, dossier).await?;
    let ((area, _), course, _) = recorded.ok_or_else(unknown)?;
    if !may_correct(&mut *tx, (teller, why), dossier, &course).await? {
        return Err(CorrectError::NotNow);
    }
    let last = sqlx::query!(
        r#"select version, form, a.benefit, answers as "answers!: Json<Answers>",
                  submitted_on as "submitted_on: jiff_sqlx::Date"
           from dossier join dossier_answers a using (dossier_id)
           where code = $1 order by version desc limit 1"#,
        dossier
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(CorrectError::NoForm)?;
    if last.version != correction.seen {
        return Err(CorrectError::ChangedMeanwhile);
    }
    let form = form::by_code(&last.form).ok_or(CorrectError::NoForm)?;
    let (answers, mut faults) = form.sound(correction.answers, clock.today());
    let wrong = |fault| CorrectError::Answers(vec![fault]);
    let lacks = faults.iter().any(|fault| fault.code == "missing");
    if correction.allows_gaps {
        faults.retain(|fault| fault.code != "missing");
    }
    if !faults.is_empty() {
        return Err(CorrectError::Answers(faults));
    }
    // What a gap leaves unsaid states nothing yet.
    if !lacks {
        stated(form, &answers, last.submitted_on.to_jiff()).map_err(wrong)?;
    }
    if answers.text("area") != Some(area.as_str()) {
        let message = "xã của hồ sơ không sửa được: hãy rút hồ sơ và nộp ở xã đúng";
        return Err(wrong(Fault::new("area", "other_commune", message)));
    }
    let changes = form.changes(&last.answers.0, &answers);
    if changes.is_empty() {
        return Err(CorrectError::NothingChanged);
    }
    Ok(Ready {
        form,
        benefit: last.benefit.and_then(Benefit::from_number),
        answers,
        changes,
        area,
        awaited: course.status() == Status::SupplementAsked,
    })
}

async fn may_correct(
    tx: &mut PgConnection,
    (teller, why): (Teller<'_>, Why),
    dossier: &str,
    course: &Course,
) -> sqlx::Result<bool> {
    let awaited = course.status() == Status::SupplementAsked;
    match teller {
        // Answers come with a message that was taken in the same transaction.
        Teller::OneStop { .. } => return Ok(true),
        Teller::Citizen { .. } => return Ok(awaited),
        Teller::Office if awaited => return Ok(true),
        Teller::Office => {}
    }
    let open = matches!(
        course.status(),
        Status::Registered | Status::Received | Status::InProcess
    );
    if !open || !matches!(course.waiting(), None | Some(Waiting::Repair)) {
        return Ok(false);
    }
    if why == Why::Settled {
        return Ok(true);
    }
    sqlx::query_scalar!(
        r#"select exists(select from dossier join dossier_step using (dossier_id)
                         where code = $1 and kind = 'supplement_asked') as "asked!""#,
        dossier
    )
    .fetch_one(tx)
    .await
}
