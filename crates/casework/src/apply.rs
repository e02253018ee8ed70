//! Recording steps: all of a file in one transaction, what cannot be refused row by row, and never a
//! query for each dossier.

mod known;
mod number;
pub(crate) mod rights;
mod store;
mod take;
mod trail;

use std::collections::HashMap;

use access::audit::{Action, Note};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Actor, Clock, Month};
use registry::event::EventKind;
use registry::{Applied, Refusal};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::Course;
use crate::event::Submitted;
use crate::grant::{self, Approval};
use crate::register::Given;
use crate::step::{Outcome, Step};
use known::Known;
use take::{Taken, Taking};

/// How often a transaction is tried again that met another one at the same dossiers or people.
pub(crate) const TRIES: u32 = 8;

/// Source of the events an approval records.
pub(crate) const SOURCE: &str = "dossier";

/// Who tells of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller<'a> {
    /// An officer of the commune, in this system.
    Office,
    /// The one-stop system of a province: only what citizens do, only in its own dossiers.
    OneStop {
        /// Code of the province.
        province: &'a str,
    },
    /// A citizen themselves, without an officer: only what citizens do, only in the dossier they
    /// have proved to be theirs, or in one they submit under this code.
    Citizen {
        /// Code of the dossier.
        dossier: &'a str,
    },
}

impl Teller<'_> {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Teller::Office => "office",
            Teller::OneStop { .. } => "one_stop",
            Teller::Citizen { .. } => "citizen",
        }
    }
}

/// Nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(sqlx::Error),
    /// What the database holds does not add up.
    #[error("dữ liệu đã lưu không nhất quán: {0}")]
    Inconsistent(String),
    /// Others kept changing the same dossiers at the same time.
    #[error("nhiều người đang cập nhật cùng những hồ sơ này: hãy thử lại")]
    Busy,
}

impl ApplyError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ApplyError::Database(_) => "database",
            ApplyError::Inconsistent(_) => "inconsistent",
            ApplyError::Busy => "busy",
        }
    }
}

impl From<sqlx::Error> for ApplyError {
    fn from(error: sqlx::Error) -> ApplyError {
        // Deadlock, serialisation failure, unique key taken by a transaction that just ended.
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            Some("40P01" | "40001" | "23505") => ApplyError::Busy,
            _ => ApplyError::Database(error),
        }
    }
}

impl From<registry::ApplyError> for ApplyError {
    fn from(error: registry::ApplyError) -> ApplyError {
        match error {
            registry::ApplyError::Database(error) => error.into(),
            registry::ApplyError::Busy => ApplyError::Busy,
            other @ registry::ApplyError::Inconsistent { .. } => {
                ApplyError::Inconsistent(other.to_string())
            }
        }
    }
}

/// Records steps told by an office, in the order of the file. What cannot be is refused and the
/// rest goes in, all in one transaction; a refused step has the later ones of its dossier refused
/// too. The actor must be an officer of the communes concerned. An approval of a dossier that names
/// a beneficiary and a benefit enrols them in the same transaction.
///
/// # Errors
/// [`ApplyError`]: nothing was recorded.
pub async fn apply(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    rows: &[Submitted],
) -> Result<Applied, ApplyError> {
    let setting = Setting {
        teller: Teller::Office,
        actor,
        now: clock.now(),
        seen: None,
    };
    until_done(pool, clock, &setting, rows, true).await
}

/// As [`apply`], of steps taken now by somebody who has seen each dossier up to a step; kept, or only
/// tried out.
pub(crate) async fn apply_seen(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    rows: &[Submitted],
    (seen, keep): (&HashMap<&str, i32>, bool),
) -> Result<Applied, ApplyError> {
    let setting = Setting {
        teller: Teller::Office,
        actor,
        now: clock.now(),
        seen: Some(seen),
    };
    until_done(pool, clock, &setting, rows, keep).await
}

/// The commune, the course and the number of the last step of a dossier.
pub(crate) async fn recorded(
    db: &mut PgConnection,
    code: &str,
) -> Result<Option<((String, Date), Course, i32)>, ApplyError> {
    let mut found = known::one(db, code).await?;
    let found = found.remove(code);
    Ok(found.map(|recorded| (recorded.area, recorded.course, recorded.last)))
}

async fn until_done(
    pool: &PgPool,
    clock: &Clock,
    setting: &Setting<'_>,
    rows: &[Submitted],
    keep: bool,
) -> Result<Applied, ApplyError> {
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        match apply_setting(&mut tx, clock, setting, rows).await {
            Ok(applied) => {
                match keep {
                    true => tx.commit().await?,
                    false => tx.rollback().await?,
                }
                return Ok(applied);
            }
            Err(ApplyError::Busy) => tx.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Err(ApplyError::Busy)
}

/// What the audit log is to be told of steps that were recorded, before their transaction ends.
#[derive(Debug, Default)]
pub struct Untold(Vec<trail::Told>);

impl Untold {
    /// As entries.
    pub fn notes(&self) -> impl Iterator<Item = Note<'_>> {
        self.0.iter().map(|told| Note {
            action: Action::DossierApply,
            object: told.object.clone(),
            area: told.area.as_deref(),
            detail: told.detail.clone(),
        })
    }
}

/// As [`apply_within`], told by the one-stop system of a province, whose right to it the caller has
/// checked. The audit log is left to the caller: whoever writes to it holds everybody else off until
/// the transaction ends, and more is to be done here before.
///
/// # Errors
/// Those of [`apply_within`].
pub async fn apply_untold(
    tx: &mut PgConnection,
    province: &str,
    actor: &Actor,
    clock: &Clock,
    rows: &[Submitted],
) -> Result<(Applied, Untold), ApplyError> {
    let setting = Setting {
        teller: Teller::OneStop { province },
        actor,
        now: clock.now(),
        seen: None,
    };
    let recorded = record(tx, clock, &setting, rows).await?;
    Ok((recorded.applied, recorded.untold))
}

/// As [`apply`], inside the caller's transaction, told by an office or by a one-stop system whose
/// right to the province the caller has checked.
///
/// # Errors
/// [`ApplyError`]: the transaction can only be rolled back; on [`ApplyError::Busy`] the caller tries
/// all of it again.
pub async fn apply_within(
    tx: &mut PgConnection,
    teller: Teller<'_>,
    actor: &Actor,
    clock: &Clock,
    rows: &[Submitted],
) -> Result<Applied, ApplyError> {
    let setting = Setting {
        teller,
        actor,
        now: clock.now(),
        seen: None,
    };
    apply_setting(tx, clock, &setting, rows).await
}

async fn apply_setting(
    tx: &mut PgConnection,
    clock: &Clock,
    setting: &Setting<'_>,
    rows: &[Submitted],
) -> Result<Applied, ApplyError> {
    let recorded = record(tx, clock, setting, rows).await?;
    let (now, actor) = (setting.now, setting.actor);
    let notes: Vec<Note<'_>> = recorded.untold.notes().collect();
    if !notes.is_empty() {
        access::audit::record_all(tx, now, actor, notes).await?;
    }
    for given in &recorded.given {
        given.tell(tx, actor, now).await?;
    }
    Ok(recorded.applied)
}

/// What was recorded, and what is to be told of it.
struct Recorded {
    applied: Applied,
    untold: Untold,
    given: Vec<Given>,
}

async fn record(
    tx: &mut PgConnection,
    clock: &Clock,
    setting: &Setting<'_>,
    rows: &[Submitted],
) -> Result<Recorded, ApplyError> {
    let known = Known::of(tx, rows).await?;
    let mut barred = Vec::new();
    loop {
        let mut attempt = tx.begin().await?;
        let drawn = number::draw(&mut attempt, (setting, clock), &known, rows, &barred).await?;
        barred.extend(drawn.refused);
        let numbered = drawn.rows.as_deref().unwrap_or(rows);
        let mut taking = Taking::of(setting, &known, numbered, &barred);
        let (told, not_enrolled) = enrol(&mut attempt, setting.actor, clock, &taking.steps).await?;
        if !not_enrolled.is_empty() {
            barred.extend(not_enrolled);
            if !drawn.given.is_empty() {
                // A number that was given for what cannot be is given back.
                attempt.rollback().await?;
                continue;
            }
            // One decision at most is lawful in a dossier, so nothing else becomes lawful by it.
            taking = Taking::of(setting, &known, numbered, &barred);
        }
        let applied = Applied {
            applied: taking.steps.len() as u64,
            already: taking.already,
            refused: std::mem::take(&mut taking.refused),
        };
        let mut recorded = Recorded {
            applied,
            untold: Untold::default(),
            given: Vec::new(),
        };
        if !taking.steps.is_empty() {
            store::write(&mut attempt, setting, &taking).await?;
            store::link(&mut attempt, &taking.steps, &told).await?;
            let counts = (rows.len(), recorded.applied.refused.len());
            // Messages that happened to come together have nothing to do with each other.
            let apart = matches!(setting.teller, Teller::OneStop { .. });
            recorded.untold = Untold(trail::told(&known.dossiers, &taking, counts, apart));
            recorded.given = drawn.given;
        }
        attempt.commit().await?;
        return Ok(recorded);
    }
}

/// What every step of one call needs to know.
struct Setting<'a> {
    teller: Teller<'a>,
    actor: &'a Actor,
    now: Timestamp,
    /// Of steps taken now, the last step of each dossier the actor has seen.
    seen: Option<&'a HashMap<&'a str, i32>>,
}

/// Enrols the beneficiaries of the approvals among the steps, with what their answers state. Returns
/// the events, and why some approvals cannot be, by row: of those nothing is recorded.
async fn enrol(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    steps: &[Taken<'_>],
) -> Result<(Vec<registry::Submitted>, Vec<Refusal>), ApplyError> {
    let approvals: Vec<Approval<'_>> = steps.iter().filter_map(approval).collect();
    let (mut events, mut refused) = grant::events(tx, actor, &approvals).await?;
    events.extend(steps.iter().filter_map(enrolment));
    loop {
        let told = |event: &registry::Submitted| refused.iter().all(|it| it.row != event.row);
        events.retain(told);
        if events.is_empty() {
            return Ok((events, refused));
        }
        let mut attempt = tx.begin().await?;
        // Who decides was asked with the step, and where the people live with the events.
        let applied = registry::apply_settled_within(&mut attempt, actor, clock, &events).await?;
        if applied.refused.is_empty() {
            attempt.commit().await?;
            return Ok((events, refused));
        }
        attempt.rollback().await?;
        refused.extend(applied.refused);
    }
}

/// An approval among the steps.
fn approval<'a>(taken: &Taken<'a>) -> Option<Approval<'a>> {
    let event = &taken.submitted.event;
    let Step::Decided(Outcome::Approved { decision, from }) = &event.step else {
        return None;
    };
    Some(Approval {
        row: taken.submitted.row,
        step: event.event_id,
        dossier: &event.dossier,
        person: taken.asks.map(|(person, _)| person),
        decision,
        from: *from,
        online: event.online,
    })
}

/// The event of an approval whose dossier names a beneficiary and a benefit.
fn enrolment(taken: &Taken<'_>) -> Option<registry::Submitted> {
    let (person, benefit) = taken.asks?;
    let Step::Decided(Outcome::Approved { decision, from }) = &taken.submitted.event.step else {
        return None;
    };
    let id = Uuid::new_v5(&taken.submitted.event.event_id, b"enrolled");
    let begins = from.unwrap_or_else(|| Month::of(decision.date));
    let event = registry::Event {
        event_id: kernel::EventId(id.as_u128()),
        source: SOURCE.to_owned(),
        person: format!("#{person}"),
        effective: begins.first_day(),
        kind: EventKind::Enrolled {
            benefit,
            from: *from,
            decision: decision.clone(),
        },
    };
    let row = taken.submitted.row;
    Some(registry::Submitted { row, event })
}
