//! What must be unique over all people: event identities, callers' keys, ID numbers. Each has a
//! small table keyed by the unique thing. A claim that another transaction made in the meantime is
//! a key taken twice, which ends this try; the next one sees it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::PgConnection;
use uuid::Uuid;

use super::Stop;
use super::accept::Accepted;
use super::intake::Intake;
use crate::copy::CopyWriter;
use crate::duplicates::likely;

pub(super) async fn claim_events(
    tx: &mut PgConnection,
    intake: &Intake<'_>,
    accepted: &[Accepted],
) -> Result<(), Stop> {
    let mut claims: Vec<(Uuid, i64)> = accepted
        .iter()
        .map(|it| (intake.events[it.event].event.uuid(), it.person))
        .collect();
    // In one order everywhere, so that two calls wait for each other and do not lock up.
    claims.sort_unstable();
    let statement = "copy event_claim (event_id, person_id) from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, statement).await?;
    for (id, person) in claims {
        writer.row().await?;
        writer.put_uuid(id);
        writer.put_i64(person);
    }
    writer.finish().await?;
    Ok(())
}

pub(super) async fn claim_keys(tx: &mut PgConnection, intake: &Intake<'_>) -> Result<(), Stop> {
    let mut newcomers = intake.newcomers.clone();
    newcomers.sort_unstable_by_key(|(_, source, key)| (*key, *source));
    if newcomers.is_empty() {
        return Ok(());
    }
    let statement = "copy person_key (source, key, person_id) from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, statement).await?;
    for (person, source, key) in newcomers {
        writer.row().await?;
        writer.put_str(source);
        writer.put_str(key);
        writer.put_i64(person);
    }
    writer.finish().await?;
    Ok(())
}

fn all_claimed(claimed: u64, wanted: usize) -> Result<(), Stop> {
    if claimed == wanted as u64 {
        Ok(())
    } else {
        Err(Stop::Again)
    }
}

/// Gives each plausible number to one living record: the one that holds it keeps it, a free one
/// goes to the record with the lowest number. `wanted` are the people rewritten now, each with the
/// plausible number it would hold (`None` for the dead, the merged and the faulty). Returns those
/// of them whose number another record holds.
pub(super) async fn claim_numbers(
    tx: &mut PgConnection,
    wanted: &BTreeMap<i64, Option<&str>>,
) -> Result<BTreeSet<i64>, Stop> {
    let released = release(tx, wanted).await?;
    let mut numbers: Vec<&str> = wanted.values().flatten().copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    let holders = holders(tx, &numbers).await?;
    let mut next: BTreeMap<&str, i64> = BTreeMap::new();
    let mut held_by_another = BTreeSet::new();
    for (person, number) in wanted {
        let Some(number) = number else {
            continue;
        };
        match holders.get(*number) {
            Some(holder) if holder == person => {}
            Some(_) => {
                held_by_another.insert(*person);
            }
            None => {
                // People come in rising order: the first to ask has the lowest number.
                if *next.entry(number).or_insert(*person) != *person {
                    held_by_another.insert(*person);
                }
            }
        }
    }
    let waiting = waiting(tx, wanted, &released).await?;
    let mut heirs = Vec::new();
    for (number, person) in &waiting {
        if holders.contains_key(number) {
            continue;
        }
        match next.get_mut(number.as_str()) {
            Some(first) if *first < *person => {}
            Some(first) => {
                held_by_another.insert(*first);
                *first = *person;
                heirs.push(*person);
            }
            None => {
                next.insert(number, *person);
                heirs.push(*person);
            }
        }
    }
    write_numbers(tx, next).await?;
    promote(tx, &heirs).await?;
    Ok(held_by_another)
}

async fn write_numbers(tx: &mut PgConnection, next: BTreeMap<&str, i64>) -> Result<(), Stop> {
    if next.is_empty() {
        return Ok(());
    }
    let statement = "copy id_number_claim (id_number, person_id) from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, statement).await?;
    for (number, person) in next {
        writer.row().await?;
        writer.put_str(number);
        writer.put_i64(person);
    }
    writer.finish().await?;
    Ok(())
}

/// Takes back the numbers that people rewritten now no longer hold.
async fn release(
    tx: &mut PgConnection,
    wanted: &BTreeMap<i64, Option<&str>>,
) -> Result<Vec<String>, Stop> {
    let people: Vec<i64> = wanted.keys().copied().collect();
    let numbers: Vec<Option<&str>> = wanted.values().copied().collect();
    let released = sqlx::query_scalar!(
        "delete from id_number_claim c
         using unnest($1::bigint[], $2::text[]) as now (person_id, id_number)
         where c.person_id = now.person_id and c.id_number is distinct from now.id_number
         returning c.id_number",
        &people,
        &numbers as &[Option<&str>]
    )
    .fetch_all(tx)
    .await?;
    Ok(released)
}

/// Who holds the numbers; the claims stay as they are until this transaction ends.
async fn holders(tx: &mut PgConnection, numbers: &[&str]) -> Result<HashMap<String, i64>, Stop> {
    let rows = sqlx::query!(
        "select id_number, person_id from id_number_claim
         where id_number = any($1) order by id_number for update",
        numbers as &[&str]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id_number, row.person_id))
        .collect())
}

/// For each released number the lowest of the other living records that carry it.
async fn waiting(
    tx: &mut PgConnection,
    wanted: &BTreeMap<i64, Option<&str>>,
    released: &[String],
) -> Result<BTreeMap<String, i64>, Stop> {
    let mut first = BTreeMap::new();
    if released.is_empty() {
        return Ok(first);
    }
    let rows = sqlx::query!(
        r#"select person_id, id_number as "id_number!" from person
           where id_number = any($1) and id_state = 'held_by_another'
           order by person_id for update"#,
        released
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        if !wanted.contains_key(&row.person_id) {
            first.entry(row.id_number).or_insert(row.person_id);
        }
    }
    Ok(first)
}

/// Records that waited for their number hold it now.
async fn promote(tx: &mut PgConnection, heirs: &[i64]) -> Result<(), Stop> {
    if heirs.is_empty() {
        return Ok(());
    }
    let done = sqlx::query!(
        "update person set id_state = 'plausible' where person_id = any($1)",
        heirs
    )
    .execute(&mut *tx)
    .await?;
    likely::note(tx, heirs).await?;
    all_claimed(done.rows_affected(), heirs.len())
}
