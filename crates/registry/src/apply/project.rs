//! The tables that hold what events add up to, rewritten whole for the people touched.

mod write;

use std::collections::BTreeMap;

use kernel::personal_id::{IdState, judge};
use sqlx::PgConnection;

use super::intake::{Intake, Touched, by_number};
use super::trail::{self, Told};
use super::{ApplyError, Setting, Stop, claim};
use crate::duplicates::likely;
use crate::timeline::{self, PersonState};

/// A person as written.
struct Row<'a> {
    person: i64,
    state: PersonState<'a>,
    merged_into: Option<i64>,
    id_state: IdState,
}

pub(super) async fn rewrite(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    intake: &Intake<'_>,
) -> Result<Told, Stop> {
    let mut rows = states(setting, intake)?;
    let wanted: BTreeMap<i64, Option<&str>> = intake
        .people
        .keys()
        .map(|person| (*person, rows.get(person).and_then(number_to_hold)))
        .collect();
    let held_by_another = claim::claim_numbers(tx, &wanted).await?;
    for person in held_by_another {
        if let Some(row) = rows.get_mut(&person) {
            row.id_state = IdState::HeldByAnother;
        }
    }
    let told = trail::told(setting, intake, rows.values().map(|row| &row.state))?;
    clear(tx, intake).await?;
    let rows: Vec<Row<'_>> = rows.into_values().collect();
    write::write_people(tx, &rows).await?;
    write::write_residences(tx, &rows).await?;
    write::write_facts(tx, intake, &rows).await?;
    write::write_enrolments(tx, &rows).await?;
    write::write_payees(tx, &rows).await?;
    write::write_confirmations(tx, setting.areas, &rows).await?;
    let touched: Vec<i64> = intake.people.keys().copied().collect();
    likely::note(tx, &touched).await?;
    Ok(told)
}

/// Everybody touched as all their events say; the merged ones' facts and awards are with the
/// record that was kept.
fn states<'a>(
    setting: &Setting<'_>,
    intake: &'a Intake<'_>,
) -> Result<BTreeMap<i64, Row<'a>>, Stop> {
    let mut rows = BTreeMap::new();
    let mut merged = Vec::new();
    for (number, person) in &intake.people {
        let Some(state) = folded(setting, intake, *number, person)? else {
            continue;
        };
        let merged_into = state.merged_into.and_then(by_number);
        merged.extend(merged_into.map(|into| (*number, into)));
        let who = &state.identity;
        let id_state = judge(who.id_number, who.sex, who.birth_date, setting.practice);
        rows.insert(
            *number,
            Row {
                person: *number,
                state,
                merged_into,
                id_state,
            },
        );
    }
    for (dropped, into) in &merged {
        let kept = last_kept(&merged, *into);
        let taken = rows.get_mut(dropped).map(|row| {
            row.merged_into = Some(kept);
            row.state.take_for_merging()
        });
        if let (Some(state), Some(kept)) = (taken, rows.get_mut(&kept)) {
            kept.state.absorb(state);
        }
    }
    Ok(rows)
}

fn last_kept(merged: &[(i64, i64)], into: i64) -> i64 {
    let mut kept = into;
    // A record merges only into one that is kept, so the way is shorter than the list.
    for _ in 0..merged.len() {
        match merged.iter().find(|(dropped, _)| *dropped == kept) {
            Some((_, further)) => kept = *further,
            None => break,
        }
    }
    kept
}

fn folded<'a>(
    setting: &Setting<'_>,
    intake: &'a Intake<'_>,
    number: i64,
    person: &'a Touched,
) -> Result<Option<PersonState<'a>>, ApplyError> {
    timeline::fold(&intake.events_of(person), setting.areas).map_err(|contradiction| {
        ApplyError::Inconsistent {
            person: number,
            what: contradiction.fault.message,
        }
    })
}

/// The number a living, unmerged record holds unless another one does.
fn number_to_hold<'a>(row: &Row<'a>) -> Option<&'a str> {
    let holds = row.id_state == IdState::Plausible
        && row.state.death.is_none()
        && row.merged_into.is_none();
    row.state.identity.id_number.filter(|_| holds)
}

/// Takes away the rows of the people stored before.
async fn clear(tx: &mut PgConnection, intake: &Intake<'_>) -> Result<(), Stop> {
    let stored = intake.people.iter().filter(|(_, person)| !person.new);
    let people: Vec<i64> = stored.map(|(number, _)| *number).collect();
    if people.is_empty() {
        return Ok(());
    }
    // One statement: its parts see the same people and run in any order.
    sqlx::query!(
        "with r as (delete from residence where person_id = any($1)),
              f as (delete from fact where person_id = any($1)),
              e as (delete from enrolment where person_id = any($1)),
              y as (delete from payee where person_id = any($1)),
              m as (delete from move_confirmation where person_id = any($1))
         delete from person where person_id = any($1)",
        &people
    )
    .execute(tx)
    .await?;
    Ok(())
}
