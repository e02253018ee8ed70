//! What officers say of a pair: one person or two. It takes effect once both sides are spoken for, by one
//! officer responsible for both or by one for each.

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::area::Areas;
use kernel::{Clock, EventId, PersonId};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use super::{DuplicateError, OWN_SOURCE};
use crate::apply::{self, ApplyError};
use crate::event::{Event, EventKind, Submitted};

/// How often it is tried again when the same people are being changed by others.
const TRIES: u32 = 8;

/// One person or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// One: the other record goes into this one, by an event of this identity.
    Merge {
        /// The record that stays.
        kept: PersonId,
        /// The merging.
        event: EventId,
    },
    /// Two people.
    Dismiss,
}

/// What somebody says of a pair.
#[derive(Clone, Copy, Debug)]
pub struct Opinion<'a> {
    /// The pair.
    pub pair: (PersonId, PersonId),
    /// One or two.
    pub decision: Decision,
    /// Why.
    pub reason: &'a str,
    /// How often something had been said when the pair was looked at; `None` does not mind.
    pub turn: Option<i16>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It took effect.
    Done,
    /// The other side has not said the same yet.
    Waits,
}

/// Merges `dropped` into `kept`: an event of the dropped record, which keeps its identity and
/// passes its facts and enrolments on. Cancelling the event parts them again.
///
/// # Errors
/// [`DuplicateError`].
pub async fn merge(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    event: EventId,
    (kept, dropped): (PersonId, PersonId),
    reason: &str,
) -> Result<Said, DuplicateError> {
    let opinion = Opinion {
        pair: (kept, dropped),
        decision: Decision::Merge { kept, event },
        reason,
        turn: None,
    };
    say(pool, actor, clock, opinion).await
}

/// Notes that two records were looked at and are two people.
///
/// # Errors
/// [`DuplicateError`].
pub async fn dismiss(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    pair: (PersonId, PersonId),
    reason: &str,
) -> Result<Said, DuplicateError> {
    let opinion = Opinion {
        pair,
        decision: Decision::Dismiss,
        reason,
        turn: None,
    };
    say(pool, actor, clock, opinion).await
}

/// Notes what an officer says of a pair. Of two who speak at once the second is told.
///
/// # Errors
/// [`DuplicateError`].
pub async fn say(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    opinion: Opinion<'_>,
) -> Result<Said, DuplicateError> {
    if opinion.pair.0 == opinion.pair.1 {
        return Err(DuplicateError::Same);
    }
    if opinion.reason.trim().is_empty() {
        return Err(DuplicateError::NoReason);
    }
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        match within(&mut tx, actor, clock, opinion).await {
            Ok(said) => {
                tx.commit().await?;
                return Ok(said);
            }
            Err(DuplicateError::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Err(ApplyError::Busy.into())
}

/// The two sides as they are now.
struct Sides {
    ids: [PersonId; 2],
    prints: [String; 2],
    /// For which the actor speaks.
    spoken: [bool; 2],
}

async fn within(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    opinion: Opinion<'_>,
) -> Result<Said, DuplicateError> {
    let (one, other) = opinion.pair;
    let sides = sides(tx, actor, [one.min(other), one.max(other)]).await?;
    let [one, other] = sides.ids;
    let before = sqlx::query!(
        "select turn, decision, kept_id, for_one, for_other, effective, print_one, print_other
         from duplicate_opinion where person_id = $1 and other_id = $2 order by turn desc",
        one.0,
        other.0
    )
    .fetch_all(&mut *tx)
    .await?;
    let turn = before.first().map_or(0, |last| last.turn);
    if opinion.turn.is_some_and(|seen| seen != turn) {
        return Err(DuplicateError::Meanwhile);
    }
    let (code, kept, event) = match opinion.decision {
        Decision::Merge { kept, event } => ("merge", Some(kept.0), Some(event)),
        Decision::Dismiss => ("dismiss", None, None),
    };
    // What was said of other people than these now, or before something took effect, is past.
    let standing = before.iter().take_while(|it| {
        !it.effective && it.print_one == sides.prints[0] && it.print_other == sides.prints[1]
    });
    let mut last = [None, None];
    for it in standing {
        for (side, said) in [it.for_one, it.for_other].into_iter().enumerate() {
            if said && last[side].is_none() {
                last[side] = Some(it.decision == code && it.kept_id == kept);
            }
        }
    }
    let agreed = |side: usize| sides.spoken[side] || last[side] == Some(true);
    let effective = agreed(0) && agreed(1);
    let merging = event.filter(|_| effective);
    let now = clock.now();
    let reason = opinion.reason.trim();
    let written = sqlx::query!(
        "insert into duplicate_opinion (person_id, other_id, turn, decision, kept_id, for_one,
             for_other, effective, event_id, print_one, print_other, reason, said_by, said_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict do nothing",
        one.0,
        other.0,
        turn + 1,
        code,
        kept,
        sides.spoken[0],
        sides.spoken[1],
        effective,
        merging.map(|event| uuid::Uuid::from_u128(event.0)),
        sides.prints[0],
        sides.prints[1],
        reason,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() != 1 {
        return Err(DuplicateError::Meanwhile);
    }
    if let (Some(event), Some(kept)) = (merging, kept) {
        let dropped = if kept == one.0 { other } else { one };
        record(tx, actor, clock, event, (PersonId(kept), dropped), reason).await?;
    }
    let action = match (code, effective) {
        ("dismiss", true) => Action::DuplicateDismiss,
        _ => Action::DuplicateOpinion,
    };
    let object = format!("person {one} {other}");
    let detail =
        json!({ "decision": code, "kept": kept, "reason": reason, "effective": effective });
    access::audit::record(tx, now, actor, action, &object, None, detail).await?;
    Ok(if effective { Said::Done } else { Said::Waits })
}

async fn record(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    event_id: EventId,
    (kept, dropped): (PersonId, PersonId),
    reason: &str,
) -> Result<(), DuplicateError> {
    let event = Event {
        event_id,
        source: OWN_SOURCE.to_owned(),
        person: format!("#{dropped}"),
        effective: clock.today(),
        kind: EventKind::Merged {
            into: format!("#{kept}"),
            reason: reason.to_owned(),
        },
    };
    // Through its text: what is stored is what the reader of events takes.
    let event = Event::parse(event.to_json().as_bytes())
        .map_err(|fault| DuplicateError::Refused(format!("{}: {}", fault.field, fault.message)))?;
    let applied = apply::merge_within(tx, actor, clock, &[Submitted { row: 1, event }]).await?;
    match applied.refused.first() {
        None => Ok(()),
        Some(refusal) => Err(DuplicateError::Refused(refusal.message.clone())),
    }
}

/// Refuses unless both records are there, not merged, and at least one is in the actor's hands.
async fn sides(
    tx: &mut PgConnection,
    actor: &Actor,
    ids: [PersonId; 2],
) -> Result<Sides, DuplicateError> {
    let mut sides = Sides {
        ids,
        prints: [String::new(), String::new()],
        spoken: [false, false],
    };
    let mut first_home = None;
    for (side, id) in ids.into_iter().enumerate() {
        let home = sqlx::query!(
            r#"select area_code, area_valid_from as "from: jiff_sqlx::Date",
                      identity_print(full_name, birth_date, birth_precision, sex, id_number) as "print!"
               from person where person_id = $1 and merged_into is null"#,
            id.0
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(DuplicateError::Unknown(id))?;
        let area = Areas::embedded().get(&home.area_code, home.from.to_jiff());
        sides.spoken[side] =
            area.is_some_and(|area| access::holds_in(actor, &[Role::Officer], area));
        sides.prints[side] = home.print;
        first_home.get_or_insert(home.area_code);
    }
    if sides.spoken == [false, false] {
        access::require(actor, &[Role::Officer], &first_home.unwrap_or_default())?;
    }
    Ok(sides)
}
