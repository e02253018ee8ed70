//! Undoing a mistake: the wrong events are cancelled by others, never deleted.

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Clock, EventId, PersonId};
use law::Benefit;
use registry::Submitted;
use registry::event::EventKind;
use registry::person::{self, Entry, Profile};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::events::SOURCE;
use super::record::hold_person;
use super::{ChangeRefused, Told, of_person};
use crate::apply::{ApplyError, TRIES};
use crate::step::Step;
use crate::{Event, Status, Teller, apply_within};

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// A whole change, by its number.
    Change(i64),
    /// One event of another origin.
    Event(EventId),
}

/// What was undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// How many events were cancelled.
    pub events: usize,
    /// The funeral dossier that was stopped with a wrong death.
    pub stopped: Option<String>,
}

/// Whether an event can be cancelled here: not the registration and what only an answer or a
/// merging says, nor a cancellation, nor what is cancelled already.
pub const fn can_be_undone(entry: &Entry) -> bool {
    entry.cancelled_by.is_none()
        && !matches!(
            entry.event.kind,
            EventKind::PersonRegistered(_)
                | EventKind::IdentityChecked(_)
                | EventKind::EventCancelled { .. }
                | EventKind::Merged { .. }
        )
}

/// Cancels what was recorded by mistake, in one transaction. With a wrong death the funeral dossier it
/// opened is stopped, and a grant decided already is cancelled: the next list takes the money back
/// and pays what stopped. The events are named after the key.
///
/// # Errors
/// [`ChangeRefused`]: nothing was recorded.
pub async fn undo(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (key, person): (Uuid, PersonId),
    mistake: Mistake,
    reason: &str,
) -> Result<Undone, ChangeRefused> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ChangeRefused::NoReason);
    }
    for _ in 0..TRIES {
        let who = officers(pool, actor, clock, person).await?;
        let changes = of_person(pool, &who).await?;
        let undoing = Undoing::of(&who, &changes, mistake)?;
        let mut tx = pool.begin().await?;
        match undoing.record(&mut tx, (actor, clock), key, reason).await {
            Ok(undone) => {
                tx.commit().await?;
                return Ok(undone);
            }
            Err(ChangeRefused::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(refused) => return Err(refused),
        }
    }
    Err(ApplyError::Busy.into())
}

/// What [`undo`] would record, to be shown before: nothing is recorded.
///
/// # Errors
/// [`ChangeRefused`].
pub async fn undoing(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    person: PersonId,
    mistake: Mistake,
) -> Result<Vec<registry::Event>, ChangeRefused> {
    let who = officers(pool, actor, clock, person).await?;
    let changes = of_person(pool, &who).await?;
    let rows = Undoing::of(&who, &changes, mistake)?.cancelling(Uuid::nil(), clock);
    let tried = registry::try_out(pool, actor, clock, &rows).await?;
    match tried.refused.first() {
        Some(refusal) => Err(refusal.into()),
        None => Ok(rows.into_iter().map(|row| row.event).collect()),
    }
}

/// The person, for an officer of their commune.
async fn officers(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    person: PersonId,
) -> Result<Profile, ChangeRefused> {
    let who = person::read(pool, actor, clock, person).await?;
    if !access::holds_in(actor, &[Role::Officer], who.commune) {
        access::require(actor, &[Role::Officer], who.commune.code)?;
    }
    Ok(who)
}

/// What has to be cancelled.
struct Undoing<'a> {
    who: &'a Profile,
    change: Option<&'a Told>,
    wrong: Vec<&'a Entry>,
    funeral: Option<&'a str>,
}

impl<'a> Undoing<'a> {
    fn of(
        who: &'a Profile,
        changes: &'a [Told],
        mistake: Mistake,
    ) -> Result<Undoing<'a>, ChangeRefused> {
        let change = match mistake {
            Mistake::Change(number) => changes.iter().find(|told| told.change_no == number),
            // An event of a change stands or falls with it.
            Mistake::Event(id) => {
                let id = Uuid::from_u128(id.0);
                changes.iter().find(|told| told.events.contains(&id))
            }
        };
        let named = |entry: &&Entry| match (change, mistake) {
            (Some(change), _) => change.events.contains(&entry.event.uuid()),
            (None, Mistake::Event(id)) => entry.event.event_id == id,
            (None, Mistake::Change(_)) => false,
        };
        let undone = change.is_some_and(|change| change.undone.is_some());
        let entries = who.timeline.iter().filter(|entry| can_be_undone(entry));
        let mut wrong: Vec<&Entry> = entries.filter(named).collect();
        if wrong.is_empty() || undone {
            return Err(ChangeRefused::NothingToUndo);
        }
        let is_death = |entry: &&Entry| matches!(entry.event.kind, EventKind::Died { .. });
        let of_death = wrong.iter().any(is_death);
        if of_death {
            let grant = |entry: &&Entry| {
                let funeral = Benefit::Funeral;
                matches!(entry.event.kind, EventKind::Enrolled { benefit, .. } if benefit == funeral)
                    && can_be_undone(entry)
            };
            wrong.extend(who.timeline.iter().filter(grant));
        }
        Ok(Undoing {
            who,
            change,
            wrong,
            funeral: change.and_then(|change| change.funeral.as_deref()),
        })
    }

    async fn record(
        &self,
        tx: &mut PgConnection,
        (actor, clock): (&Actor, &Clock),
        key: Uuid,
        reason: &str,
    ) -> Result<Undone, ChangeRefused> {
        hold_person(tx, self.who.id.0).await?;
        let rows = self.cancelling(key, clock);
        let applied = registry::apply_within(tx, actor, clock, &rows).await?;
        if let Some(refusal) = applied.refused.first() {
            return Err(refusal.into());
        }
        let stopped = match self.funeral {
            Some(dossier) => stop_funeral(tx, (actor, clock), key, dossier).await?,
            None => None,
        };
        let events: Vec<Uuid> = rows.iter().map(|row| row.event.uuid()).collect();
        if let Some(change) = self.change {
            self.insert(tx, (actor, clock), change, reason, &events)
                .await?;
        }
        let detail = json!({ "change": self.change.map(|it| it.change_no), "events": events });
        let object = format!("person {}", self.who.id);
        let (now, area) = (clock.now(), Some(self.who.commune.code));
        access::audit::record(tx, now, actor, Action::PersonUndo, &object, area, detail).await?;
        Ok(Undone {
            events: events.len(),
            stopped,
        })
    }

    fn cancelling(&self, key: Uuid, clock: &Clock) -> Vec<Submitted> {
        let cancel = |(row, entry): (u64, &&Entry)| {
            let id = Uuid::new_v5(&key, entry.event.uuid().as_bytes());
            Submitted {
                row,
                event: registry::Event {
                    event_id: EventId(id.as_u128()),
                    source: SOURCE.to_owned(),
                    // The record it was written to, which may be a merged one.
                    person: format!("#{}", entry.person),
                    effective: clock.today(),
                    kind: EventKind::EventCancelled {
                        cancels: entry.event.event_id,
                    },
                },
            }
        };
        (1..).zip(&self.wrong).map(cancel).collect()
    }

    async fn insert(
        &self,
        tx: &mut PgConnection,
        (actor, clock): (&Actor, &Clock),
        change: &Told,
        reason: &str,
        events: &[Uuid],
    ) -> Result<(), ChangeRefused> {
        let done = sqlx::query!(
            "insert into person_change_undone (change_no, reason, events, undone_by, undone_at)
             values ($1, $2, $3, $4, $5) on conflict do nothing",
            change.change_no,
            reason,
            events,
            actor.name,
            clock.now().to_sqlx() as _
        )
        .execute(tx)
        .await?;
        match done.rows_affected() {
            1 => Ok(()),
            _ => Err(ChangeRefused::NothingToUndo),
        }
    }
}

/// Stops the funeral dossier while nothing is decided in it; a decided one stays as the paper it is.
async fn stop_funeral(
    tx: &mut PgConnection,
    (actor, clock): (&Actor, &Clock),
    key: Uuid,
    dossier: &str,
) -> Result<Option<String>, ChangeRefused> {
    let status = sqlx::query_scalar!(
        "select status from dossier join dossier_step using (dossier_id)
         where code = $1 order by seq desc limit 1",
        dossier
    )
    .fetch_optional(&mut *tx)
    .await?;
    let open = status
        .and_then(Status::from_number)
        .is_some_and(Status::is_open);
    if !open {
        return Ok(None);
    }
    let step = crate::Submitted {
        row: 1,
        event: Event {
            event_id: Uuid::new_v5(&key, b"funeral stopped"),
            dossier: dossier.to_owned(),
            at: clock.now(),
            online: false,
            step: Step::Stopped {
                reason: "Ghi nhầm người hưởng đã mất".to_owned(),
            },
        },
    };
    let applied = apply_within(tx, Teller::Office, actor, clock, &[step]).await?;
    match applied.refused.first() {
        Some(refusal) => Err(refusal.into()),
        None => Ok(Some(dossier.to_owned())),
    }
}
