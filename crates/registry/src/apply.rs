//! Recording events: all of a file in one transaction, what cannot be true refused row by row.

mod accept;
mod claim;
mod intake;
mod project;
mod trail;

use access::audit::Action;
use jiff::Timestamp;
use kernel::area::Areas;
use kernel::{Actor, Clock};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::event::Submitted;
use crate::refusal::Refusal;

pub(crate) use intake::{by_number, parse_stored};

/// How often a transaction is tried again that met another one at the same people or numbers.
const TRIES: u32 = 8;

/// So many events at once change what the planner of PostgreSQL should know of the tables.
const MANY: usize = 20_000;

/// What became of the events of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Recorded now.
    pub applied: u64,
    /// Recorded before with the same content: nothing changed.
    pub already: u64,
    /// Not recorded, by row.
    pub refused: Vec<Refusal>,
}

/// Nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
    /// What the database holds does not add up; nothing of this call was recorded.
    #[error("dữ liệu đã lưu không nhất quán (người số {person}): {what}")]
    Inconsistent {
        /// The person's number in the registry.
        person: i64,
        /// What does not add up.
        what: String,
    },
    /// Others kept changing the same people at the same time.
    #[error("nhiều người đang cập nhật cùng những hồ sơ này: hãy thử lại")]
    Busy,
}

impl ApplyError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ApplyError::Database(_) => "database",
            ApplyError::Inconsistent { .. } => "inconsistent",
            ApplyError::Busy => "busy",
        }
    }
}

/// Why a try ended without a result.
enum Stop {
    /// Another transaction was there first: what it did has to be looked at.
    Again,
    Failed(ApplyError),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Stop {
        // Deadlock, serialisation failure, unique key taken by a transaction that just ended.
        let again = error
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| matches!(&*code, "40P01" | "40001" | "23505"));
        if again {
            Stop::Again
        } else {
            Stop::Failed(error.into())
        }
    }
}

impl From<ApplyError> for Stop {
    fn from(error: ApplyError) -> Stop {
        Stop::Failed(error)
    }
}

/// What every step of one try needs to know.
struct Setting<'a> {
    actor: &'a Actor,
    now: Timestamp,
    areas: &'static Areas,
    practice: bool,
    /// Merging is an event only `duplicates` records.
    merging: bool,
    /// The caller has settled that the actor may.
    settled: bool,
}

/// Records events. Their order makes no difference: those that stand on a later one are tried
/// again. What cannot be true is refused and the rest goes in, all in one transaction. The actor
/// must be an officer of the communes concerned.
///
/// # Errors
/// [`ApplyError`]: nothing was recorded.
pub async fn apply(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
) -> Result<Applied, ApplyError> {
    run(pool, actor, clock, events, Run::of_callers(true)).await
}

/// As [`apply`], inside the caller's transaction: what the caller does and the events are recorded
/// together or not at all.
///
/// # Errors
/// [`ApplyError`]: the transaction can only be rolled back; on [`ApplyError::Busy`] the caller tries
/// all of it again.
pub async fn apply_within(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
) -> Result<Applied, ApplyError> {
    let done = once(tx, actor, clock, events, Run::of_callers(true)).await;
    done.map_err(|stop| match stop {
        Stop::Again => ApplyError::Busy,
        Stop::Failed(error) => error,
    })
}

/// As [`apply_within`], where the caller has settled that the actor may write of these people: an
/// officer who takes somebody in writes of a person who still lives elsewhere.
///
/// # Errors
/// [`ApplyError`]: the transaction can only be rolled back; on [`ApplyError::Busy`] the caller tries
/// all of it again.
pub async fn apply_settled_within(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
) -> Result<Applied, ApplyError> {
    let how = Run {
        settled: true,
        ..Run::of_callers(true)
    };
    let done = once(tx, actor, clock, events, how).await;
    done.map_err(|stop| match stop {
        Stop::Again => ApplyError::Busy,
        Stop::Failed(error) => error,
    })
}

/// Records mergings inside the caller's transaction, which has settled that both sides agree.
///
/// # Errors
/// [`ApplyError`]: the transaction can only be rolled back; on [`ApplyError::Busy`] the caller tries
/// all of it again.
pub(crate) async fn merge_within(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
) -> Result<Applied, ApplyError> {
    let how = Run {
        record: true,
        merging: true,
        settled: true,
    };
    let done = once(tx, actor, clock, events, how).await;
    done.map_err(|stop| match stop {
        Stop::Again => ApplyError::Busy,
        Stop::Failed(error) => error,
    })
}

/// Says what [`apply`] would answer and records nothing.
///
/// # Errors
/// [`ApplyError`].
pub async fn try_out(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
) -> Result<Applied, ApplyError> {
    run(pool, actor, clock, events, Run::of_callers(false)).await
}

/// Says what [`apply_settled_within`] would answer and records nothing.
///
/// # Errors
/// [`ApplyError`].
pub async fn try_out_settled(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
) -> Result<Applied, ApplyError> {
    let how = Run {
        settled: true,
        ..Run::of_callers(false)
    };
    run(pool, actor, clock, events, how).await
}

#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) record: bool,
    pub(crate) merging: bool,
    pub(crate) settled: bool,
}

impl Run {
    /// Events that callers tell: none of them merges.
    const fn of_callers(record: bool) -> Run {
        Run {
            record,
            merging: false,
            settled: false,
        }
    }
}

pub(crate) async fn run(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
    how: Run,
) -> Result<Applied, ApplyError> {
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        match once(&mut tx, actor, clock, events, how).await {
            Ok(applied) => {
                if how.record && applied.applied > 0 {
                    tx.commit().await?;
                } else {
                    tx.rollback().await?;
                }
                return Ok(applied);
            }
            Err(Stop::Again) => tx.rollback().await?,
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    Err(ApplyError::Busy)
}

async fn once(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    events: &[Submitted],
    how: Run,
) -> Result<Applied, Stop> {
    // Lists are made under a lock that excludes this one: none is made of half a file, and the
    // clock read after it is later than any list already made.
    sqlx::query!("lock table event in row exclusive mode")
        .execute(&mut *tx)
        .await?;
    let setting = Setting {
        actor,
        now: clock.now(),
        areas: Areas::embedded(),
        practice: access::practice::is_practice(&mut *tx).await?,
        merging: how.merging,
        settled: how.settled,
    };
    let mut intake = intake::take_in(tx, &setting, events).await?;
    let accepted = accept::accept(&setting, &mut intake);
    let mut applied = Applied {
        applied: accepted.len() as u64,
        already: intake.already,
        refused: std::mem::take(&mut intake.refused),
    };
    applied.refused.sort_by_key(|refusal| refusal.row);
    if !how.record || accepted.is_empty() {
        return Ok(applied);
    }
    let numbers = record(tx, &setting, &intake, &accepted).await?;
    let told = project::rewrite(tx, &setting, &intake).await?;
    if accepted.len() >= MANY {
        // A rough look is enough until PostgreSQL takes its own. Not at the bodies and search words:
        // they are long, and nothing is planned by them.
        sqlx::query!("set local default_statistics_target = 20")
            .execute(&mut *tx)
            .await?;
        sqlx::query!(
            "analyze event (person_id, event_no, kind, recorded_at), event_claim, person_key,
                     person (person_id, name_key, id_number, area_code, area_valid_from, moves),
                     residence, fact, enrolment, payee"
        )
        .execute(&mut *tx)
        .await?;
    }
    let detail = json!({
        "applied": applied.applied,
        "already": applied.already,
        "refused": applied.refused.len(),
        "events": [numbers.0, numbers.1],
    });
    let object = match intake.people.keys().next() {
        Some(one) if intake.people.len() == 1 => format!("person {one}"),
        _ => format!("event {}-{}", numbers.0, numbers.1),
    };
    access::audit::record(
        tx,
        setting.now,
        actor,
        Action::EventsApply,
        &object,
        told.area.as_deref(),
        told.changed.with(detail),
    )
    .await?;
    Ok(applied)
}

/// Writes the accepted events, their claims and the keys of new people. Returns the first and the
/// last event number.
async fn record(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    intake: &intake::Intake<'_>,
    accepted: &[accept::Accepted],
) -> Result<(i64, i64), Stop> {
    let numbers = intake::take_numbers(tx, intake::Sequence::Event, accepted.len()).await?;
    claim::claim_events(tx, intake, accepted).await?;
    claim::claim_keys(tx, intake).await?;
    let statement = "copy event (person_id, event_no, event_id, kind, effective, recorded_at, \
                     source, actor, body) from stdin (format binary)";
    let mut writer = crate::copy::CopyWriter::begin(tx, statement).await?;
    for (accepted, number) in accepted.iter().zip(&numbers) {
        let event = &intake.events[accepted.event].event;
        writer.row().await?;
        writer.put_i64(accepted.person);
        writer.put_i64(*number);
        writer.put_uuid(event.uuid());
        writer.put_str(event.kind.code());
        writer.put_date(event.effective);
        writer.put_timestamp(setting.now);
        writer.put_str(&event.source);
        writer.put_str(&setting.actor.name);
        writer.put_json(&event.to_json());
    }
    writer.finish().await?;
    let (first, last) = (numbers.first(), numbers.last());
    Ok(first.copied().zip(last.copied()).unwrap_or_default())
}
