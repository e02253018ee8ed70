//! Deciding about a field: the suggestion accepted, which becomes a correction of the person, or our value kept.

use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock, EventId, PersonId, Sex};
use registry::event::{Correction, EventKind};
use registry::{Event, Submitted, apply_within};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::WorkRefused;
use super::repair::Fault;
use super::work::{People, Task, WORKERS, tasks};
use crate::store::SOURCE;

/// Accepts what is suggested for a field of a person: a `person_corrected` event, with its proof beside it. The
/// person counts as not checked from then on, so that the next check asks about them again. `shown` is
/// the value whoever decides has seen.
///
/// # Errors
/// [`WorkRefused`].
pub async fn accept(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (person, field): (PersonId, Fault),
    shown: Option<&str>,
    reason: &str,
) -> Result<(), WorkRefused> {
    let reason = checked(reason)?;
    // Before the list is read: a decision made meanwhile takes this turn, or is seen on the list.
    let turn = next_turn(pool, person, field).await?;
    let task = task(pool, actor, clock, person, field).await?;
    let made = task.suggestion.clone().ok_or(WorkRefused::NoSuggestion)?;
    if shown.is_some_and(|shown| shown != made.value) {
        return Err(WorkRefused::Changed);
    }
    let mut correction = Correction::default();
    match field {
        Fault::FullName => correction.full_name = Some(made.value.clone()),
        Fault::BirthDate => {
            let birth = made.value.parse();
            correction.birth_date = Some(birth.map_err(|_| WorkRefused::NoSuggestion)?);
        }
        Fault::Sex => {
            let sex = match made.value.as_str() {
                "male" => Sex::Male,
                _ => Sex::Female,
            };
            correction.sex = Some(Some(sex));
        }
        Fault::IdNumber => correction.id_number = Some(Some(made.value.clone())),
    }
    let mut tx = pool.begin().await?;
    let id = event_id(person, field, turn);
    let event = Event {
        event_id: EventId(id.as_u128()),
        source: SOURCE.to_owned(),
        person: format!("#{person}"),
        effective: clock.today(),
        kind: EventKind::PersonCorrected(Box::new(correction)),
    };
    let applied = apply_within(&mut tx, actor, clock, &[Submitted { row: 1, event }]).await?;
    if let Some(refusal) = applied.refused.first() {
        return Err(WorkRefused::Event(refusal.message.clone()));
    }
    if applied.applied != 1 {
        return Err(WorkRefused::Changed);
    }
    let decided = Decided {
        code: "accepted",
        value: Some(&made.value),
        event: Some(id),
        turn,
    };
    write(&mut tx, actor, clock, &task, decided, reason).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps our value with a reason. It is asked about again only once our value changes.
///
/// # Errors
/// [`WorkRefused`].
pub async fn keep(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (person, field): (PersonId, Fault),
    reason: &str,
) -> Result<(), WorkRefused> {
    let reason = checked(reason)?;
    let turn = next_turn(pool, person, field).await?;
    let task = task(pool, actor, clock, person, field).await?;
    let mut tx = pool.begin().await?;
    let decided = Decided {
        code: "kept",
        value: None,
        event: None,
        turn,
    };
    write(&mut tx, actor, clock, &task, decided, reason).await?;
    tx.commit().await?;
    Ok(())
}

fn checked(reason: &str) -> Result<&str, WorkRefused> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(WorkRefused::Reason);
    }
    Ok(reason)
}

/// The field on the work list, for somebody who may decide where the person lives.
async fn task(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    person: PersonId,
    field: Fault,
) -> Result<Task, WorkRefused> {
    let home = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date" from person
           where person_id = $1 and merged_into is null"#,
        person.0
    )
    .fetch_optional(pool)
    .await?
    .ok_or(WorkRefused::NotOnList)?;
    let area = kernel::area::Areas::embedded().get(&home.area_code, home.since.to_jiff());
    if !area.is_some_and(|area| access::holds_in(actor, &WORKERS, area)) {
        access::require(actor, &WORKERS, &home.area_code)?;
    }
    let wanted = People {
        area: home.area_code,
        only: vec![person],
        offset: 0,
        limit: 1,
    };
    let found = tasks(pool, actor, clock, &wanted).await?.tasks;
    let task = found.into_iter().find(|task| task.field == field);
    task.ok_or(WorkRefused::NotOnList)
}

async fn next_turn(pool: &PgPool, person: PersonId, field: Fault) -> Result<i16, WorkRefused> {
    let turn = sqlx::query_scalar!(
        r#"select coalesce(max(turn), 0::smallint) + 1 as "turn!" from quality_decision
           where person_id = $1 and field = $2"#,
        person.0,
        field.code()
    )
    .fetch_one(pool)
    .await?;
    i16::try_from(turn).map_err(|_| WorkRefused::Inconsistent("turn".to_owned()))
}

/// The same decision has one id, so that two officers at once correct once.
fn event_id(person: PersonId, field: Fault, turn: i16) -> Uuid {
    let name = format!("repair {turn} of {} of person {person}", field.code());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

struct Decided<'a> {
    code: &'static str,
    value: Option<&'a str>,
    event: Option<Uuid>,
    turn: i16,
}

async fn write(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    task: &Task,
    decided: Decided<'_>,
    reason: &str,
) -> Result<(), WorkRefused> {
    let now = clock.now();
    let repair = task.suggestion.as_ref().map(|it| it.repair.vietnamese());
    let written = sqlx::query!(
        "insert into quality_decision (person_id, field, turn, decision, ours, value, repair, source,
             reason, event_id, decided_by, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing",
        task.person.0,
        task.field.code(),
        decided.turn,
        decided.code,
        task.ours,
        decided.value,
        repair,
        task.source,
        reason,
        decided.event,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() != 1 {
        return Err(WorkRefused::Changed);
    }
    let detail = json!({ "field": task.field.code(), "decision": decided.code });
    let object = format!("person {}", task.person);
    access::audit::record(
        tx,
        now,
        actor,
        access::audit::Action::QualityDecide,
        &object,
        None,
        detail,
    )
    .await?;
    Ok(())
}
