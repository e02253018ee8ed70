//! A dossier as its citizen sees it, and what the citizen does to it without an officer.

mod doing;
mod filed;

use access::audit::Action;
use access::citizen::Citizen;
use jiff::civil::Date;
use kernel::Clock;
use kernel::area::{Area, Areas};
use kernel::clock::vietnam_time;
use registry::event::Decision;
use serde_json::json;
use sqlx::PgPool;

use crate::apply::ApplyError;
use crate::attachment;
use crate::step::{Outcome, Step};
use crate::{Status, regime};

pub use doing::{Act, act, add_papers};
pub use filed::{Filed, correct, filed};

/// The four parts of the way, as citizens are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Submitted, or received.
    Received,
    /// Being looked into.
    Examined,
    /// Decided, the result not yet handed over.
    Decided,
    /// The result is handed over: from here on it is about money.
    Paid,
}

impl Phase {
    /// In order.
    pub const ALL: [Phase; 4] = [
        Phase::Received,
        Phase::Examined,
        Phase::Decided,
        Phase::Paid,
    ];

    /// What citizens see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Phase::Received => "Đã nhận",
            Phase::Examined => "Đang xét",
            Phase::Decided => "Quyết định",
            Phase::Paid => "Chi trả",
        }
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The office works on it.
    Office,
    /// The citizen is to bring papers.
    Citizen,
    /// The result waits to be taken away.
    Collect,
    /// Nobody: it is over.
    Nobody,
}

/// What is asked of the citizen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which papers.
    pub papers: Vec<String>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub day: Date,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Number, day, who signed.
    pub decision: Decision,
    /// Granted.
    pub approved: bool,
    /// Of a refusal: the condition that is not met, and the article that sets it.
    pub why_not: Option<(String, String)>,
}

/// A dossier as its citizen sees it: no name, no ID number, no benefit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its code.
    pub dossier: String,
    /// Name of the procedure.
    pub procedure: &'static str,
    /// The commune that works on it.
    pub commune: &'static Area,
    /// Day of submission.
    pub submitted_on: Date,
    /// National status.
    pub status: Status,
    /// The part of the way it is in.
    pub phase: Phase,
    /// Whose turn it is.
    pub next: Next,
    /// Name of the stage it is in.
    pub stage: Option<&'static str>,
    /// The day appointed for the result.
    pub due_on: Option<Date>,
    /// That day has passed.
    pub overdue: bool,
    /// What the citizen is asked for now.
    pub asked: Option<Asked>,
    /// The decision.
    pub decided: Option<Decided>,
    /// Why it was not accepted, or stopped.
    pub ended: Option<String>,
    /// Names of the scans that count, with the day each was added.
    pub papers: Vec<(String, Date)>,
    /// What happened when, in words, the oldest first.
    pub history: Vec<(Date, &'static str)>,
}

/// Why nothing is shown or done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The rules of dossiers do not allow the step.
    #[error("{message}")]
    Step {
        /// Stable code.
        code: &'static str,
        /// Why, in a sentence.
        message: String,
    },
    /// Somebody else acts on the dossier at this moment.
    #[error("hồ sơ đang được cập nhật: hãy thử lại")]
    Busy,
    /// What is stored does not add up.
    #[error("dữ liệu đã lưu không nhất quán: {0}")]
    Inconsistent(String),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Step { code, .. } => code,
            Refused::Busy => "busy",
            Refused::Inconsistent(_) => "inconsistent",
            Refused::Database(_) => "database",
        }
    }
}

impl From<ApplyError> for Refused {
    fn from(error: ApplyError) -> Refused {
        match error {
            ApplyError::Busy => Refused::Busy,
            ApplyError::Inconsistent(what) => Refused::Inconsistent(what),
            ApplyError::Database(error) => Refused::Database(error),
        }
    }
}

impl From<attachment::Refused> for Refused {
    fn from(refused: attachment::Refused) -> Refused {
        match refused {
            attachment::Refused::Database(error) => Refused::Database(error),
            attachment::Refused::Step(error) => error.into(),
            other => Refused::Step {
                code: other.code(),
                message: other.to_string(),
            },
        }
    }
}

/// Where the citizen's dossier stands. Looking is recorded in the audit log.
///
/// # Errors
/// Those of the database.
pub async fn standing(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
) -> Result<Standing, Refused> {
    let id = citizen.dossier().0;
    let mut tx = pool.begin().await?;
    let found = sqlx::query!(
        r#"select code, procedure_code, area_code, area_valid_from as "since: jiff_sqlx::Date",
                  submitted_on as "submitted_on: jiff_sqlx::Date"
           from dossier where dossier_id = $1"#,
        id
    )
    .fetch_one(&mut *tx)
    .await?;
    let steps = sqlx::query!(
        r#"select happened_at as "at: jiff_sqlx::Timestamp", body as "body!: sqlx::types::Json<Step>",
                  status, stage, due_on as "due_on: jiff_sqlx::Date"
           from dossier_step where dossier_id = $1 order by seq"#,
        id
    )
    .fetch_all(&mut *tx)
    .await?;
    let papers = sqlx::query!(
        r#"select paper, recorded_at as "at: jiff_sqlx::Timestamp" from attachment a
           where dossier_id = $1
             and not exists (select from attachment later where later.replaces = a.attachment_no)
           order by attachment_no"#,
        id
    )
    .fetch_all(&mut *tx)
    .await?;
    let papers = papers.into_iter();
    let papers = papers.map(|row| (row.paper, vietnam_time(row.at.to_jiff()).date()));
    let broken = || Refused::Inconsistent(format!("hồ sơ số {id}"));
    let commune = Areas::embedded().get(&found.area_code, found.since.to_jiff());
    let last = steps.last().ok_or_else(broken)?;
    let status = Status::from_number(last.status).ok_or_else(broken)?;
    let due_on = last.due_on.map(|day| day.to_jiff());
    let told: Vec<(Date, &Step)> = steps
        .iter()
        .map(|row| (vietnam_time(row.at.to_jiff()).date(), &row.body.0))
        .collect();
    let decided = told.iter().rev().find_map(|(_, step)| decided(step));
    let standing = Standing {
        procedure: crate::procedure::all()
            .iter()
            .find(|it| it.code == found.procedure_code)
            .map_or("", |it| it.name.as_str()),
        commune: commune.ok_or_else(broken)?,
        submitted_on: found.submitted_on.to_jiff(),
        status,
        phase: phase(status, decided.is_some()),
        next: next(status),
        stage: last.stage.as_deref().and_then(|code| {
            let received = told
                .iter()
                .find(|(_, step)| matches!(step, Step::Received {}));
            let regime = regime::on(&found.procedure_code, received?.0)?;
            Some(regime.stage(code)?.name.as_str())
        }),
        due_on,
        overdue: due_on.is_some_and(|day| day < clock.today()),
        asked: (status == Status::SupplementAsked)
            .then(|| told.iter().rev().find_map(|(day, step)| asked(*day, step)))
            .flatten(),
        ended: status
            .is_final()
            .then(|| ended(told.last().map(|(_, step)| *step)))
            .flatten(),
        history: told
            .iter()
            .filter_map(|(day, step)| Some((*day, in_words(step)?)))
            .collect(),
        decided,
        papers: papers.collect(),
        dossier: found.code,
    };
    let object = format!("dossier {}", standing.dossier);
    let (now, action, place) = (
        clock.now(),
        Action::CitizenView,
        Some(standing.commune.code),
    );
    access::audit::record(
        &mut tx,
        now,
        citizen.actor(),
        action,
        &object,
        place,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(standing)
}

const fn phase(status: Status, is_decided: bool) -> Phase {
    match status {
        Status::Registered | Status::Received | Status::NotAccepted => Phase::Received,
        Status::InProcess
        | Status::SupplementAsked
        | Status::PaymentAsked
        | Status::WithdrawalAsked
        | Status::Stopped => Phase::Examined,
        Status::Processed => Phase::Decided,
        Status::ResultReturned if is_decided => Phase::Paid,
        Status::ResultReturned => Phase::Decided,
    }
}

const fn next(status: Status) -> Next {
    match status {
        Status::SupplementAsked | Status::PaymentAsked => Next::Citizen,
        Status::Processed => Next::Collect,
        Status::NotAccepted | Status::Stopped | Status::ResultReturned => Next::Nobody,
        Status::Registered | Status::Received | Status::InProcess | Status::WithdrawalAsked => {
            Next::Office
        }
    }
}

fn asked(day: Date, step: &Step) -> Option<Asked> {
    match step {
        Step::SupplementAsked { papers, reason } => Some(Asked {
            papers: papers.clone(),
            reason: reason.clone(),
            day,
        }),
        _ => None,
    }
}

fn decided(step: &Step) -> Option<Decided> {
    let Step::Decided(outcome) = step else {
        return None;
    };
    let (approved, why_not) = match outcome {
        Outcome::Approved { .. } => (true, None),
        Outcome::Refused { condition, law, .. } => (false, Some((condition.clone(), law.clone()))),
    };
    Some(Decided {
        decision: outcome.decision().clone(),
        approved,
        why_not,
    })
}

fn ended(step: Option<&Step>) -> Option<String> {
    match step? {
        Step::NotAccepted { reason } | Step::Stopped { reason } => Some(reason.clone()),
        _ => None,
    }
}

/// What of a step concerns the citizen; who in the office holds it does not.
const fn in_words(step: &Step) -> Option<&'static str> {
    match step {
        Step::Submitted(_) => Some("Nộp hồ sơ"),
        Step::Received {} => Some("Xã đã tiếp nhận"),
        Step::NotAccepted { .. } => Some("Xã chưa tiếp nhận được"),
        Step::SupplementAsked { .. } => Some("Xã đề nghị bổ sung giấy tờ"),
        Step::Supplemented { .. } => Some("Đã bổ sung giấy tờ"),
        Step::WithdrawalAsked { .. } => Some("Xin rút hồ sơ"),
        Step::Stopped { .. } => Some("Dừng xử lý"),
        Step::Decided(_) => Some("Đã có quyết định"),
        Step::ResultReturned {} => Some("Đã trả kết quả"),
        _ => None,
    }
}
