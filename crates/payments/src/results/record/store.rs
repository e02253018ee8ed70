//! Where results are kept, and what is known of their lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use registry::copy::CopyWriter;
use sqlx::PgConnection;

use super::Named;
use crate::Refused;
use crate::ledger::Place;
use crate::results::queue::Waiting;
use crate::results::state::{Last, LineState};
use crate::results::{Form, Key, Reported, Status, line_name};

/// What a result says, to tell the same one from another.
pub(super) type Content = (Key, Status, Date, Option<String>, i64);

pub(super) fn content(key: Key, reported: &Reported) -> Content {
    (
        key,
        reported.status,
        reported.date,
        reported.reason.clone(),
        reported.amount,
    )
}

/// The payable lines of approved lists that are meant, as they stand.
pub(in crate::results) async fn lines(
    tx: &mut PgConnection,
    keys: impl Iterator<Item = Key>,
) -> Result<HashMap<Key, LineState>, Refused> {
    let mut named: BTreeMap<i32, BTreeSet<i64>> = BTreeMap::new();
    for (month, person, _) in keys {
        named.entry(month).or_default().insert(person);
    }
    let months: Vec<i32> = named.keys().copied().collect();
    let listed = sqlx::query_scalar!(
        "select distinct month from payment_list
         where month = any($1) and approved_at is not null",
        &months
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut lines = HashMap::new();
    for month in listed {
        let people: Vec<i64> = named.remove(&month).into_iter().flatten().collect();
        lines.reserve(people.len());
        lines_of_month(tx, month, &people, &mut lines).await?;
    }
    Ok(lines)
}

/// The lines of people in a month. Files mostly follow the order, so that the people of a part of one
/// lie close together: what is read is between the first and the last of them.
async fn lines_of_month(
    tx: &mut PgConnection,
    month: i32,
    people: &[i64],
    lines: &mut HashMap<Key, LineState>,
) -> Result<(), Refused> {
    let rows = sqlx::query!(
        r#"with last as (
               select distinct on (person_id, line_no) person_id, line_no, status, form,
                    happened_on, provider
               from payment_result
               where list_month = $1 and person_id between $3 and $4
               order by person_id, line_no, result_no desc),
           carried as (
               select again.person_id, again.carries_line_no as line_no
               from list_line again join payment_list sealed using (list_id)
               where again.kind = 4 and again.carries_person_id is null
                 and again.carries_month = $1 and again.person_id between $3 and $4
                 and sealed.approved_at is not null
               union
               select again.carries_person_id, again.carries_line_no
               from list_line again join payment_list sealed using (list_id)
               where again.carries_person_id between $3 and $4 and again.carries_month = $1
                 and sealed.approved_at is not null)
           select l.person_id, l.line_no, l.amount, l.area_code,
                  l.area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  last.status as "status?", last.form as "form?",
                  last.happened_on as "day?: jiff_sqlx::Date", last.provider as "heard_from?",
                  carried.person_id is not null as "is_carried!",
                  (l.area_code, l.area_valid_from) in (
                      select c.area_code, c.area_valid_from from commune_closed c
                      where c.list_month = $1) as "is_closed!",
                  o.provider as "ordered_from?"
           from unnest($2::bigint[]) as named (person_id)
               join list_line l on l.list_month = $1 and l.person_id between $3 and $4
                   and l.person_id = named.person_id
               join payment_list sealed on sealed.list_id = l.list_id
               left join order_line ol on ol.list_month = $1 and ol.person_id between $3 and $4
                   and ol.person_id = l.person_id and ol.line_no = l.line_no
               left join payment_order o on o.order_no = ol.order_no and o.list_month = $1
               left join last on last.person_id = l.person_id and last.line_no = l.line_no
               left join carried on carried.person_id = l.person_id
                   and carried.line_no = l.line_no
           where sealed.approved_at is not null and l.kind <> 3"#,
        month,
        people,
        people.first().copied().unwrap_or_default(),
        people.last().copied().unwrap_or_default()
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        let last = match (row.status, row.form, row.day) {
            (Some(status), Some(form), Some(day)) => Some(Last {
                status: read_status(&status)?,
                day: day.to_jiff(),
                form: read_form(&form)?,
            }),
            _ => None,
        };
        let line = LineState {
            amount: row.amount,
            place: Place {
                area: row.area_code,
                valid_from: row.area_valid_from.to_jiff(),
            },
            last,
            is_carried: row.is_carried,
            is_closed: row.is_closed,
            ordered_from: row.ordered_from,
            heard_from: row.heard_from,
        };
        lines.insert((month, row.person_id, row.line_no), line);
    }
    Ok(())
}

/// Where results of unknown lines wait: where the person lives whom the line speaks of, or else
/// where they were brought.
pub(super) async fn place(
    tx: &mut PgConnection,
    waiting: &mut [Waiting],
    home: &str,
) -> Result<(), Refused> {
    let person = |waiting: &Waiting| line_name(&waiting.reported.line).map(|(_, person, _)| person);
    let unplaced = waiting.iter().filter(|it| it.area.is_none());
    let people: Vec<i64> = unplaced.filter_map(person).collect();
    let rows = sqlx::query!(
        "select person_id, area_code from person where person_id = any($1)",
        &people
    )
    .fetch_all(tx)
    .await?;
    let homes: HashMap<i64, String> = rows
        .into_iter()
        .map(|row| (row.person_id, row.area_code))
        .collect();
    for waiting in waiting.iter_mut().filter(|it| it.area.is_none()) {
        let found = person(waiting).and_then(|person| homes.get(&person));
        waiting.area = Some(found.map_or(home, String::as_str).to_owned());
    }
    Ok(())
}

pub(in crate::results) fn read_status(code: &str) -> Result<Status, Refused> {
    Status::from_code(code).ok_or_else(|| Refused::Inconsistent(format!("status {code}")))
}

pub(in crate::results) fn read_form(code: &str) -> Result<Form, Refused> {
    Form::from_code(code).ok_or_else(|| Refused::Inconsistent(format!("form {code}")))
}

/// What was recorded before under the same numbers.
pub(super) async fn claims(
    tx: &mut PgConnection,
    provider: &str,
    ids: &[&str],
) -> Result<HashMap<String, Content>, Refused> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    // Each is looked up by itself: how many a provider has grows while its file is read.
    let rows = sqlx::query!(
        r#"select named.result_id as "result_id!", list_month, person_id, line_no, status,
                  happened_on as "happened_on: jiff_sqlx::Date", reason, amount
           from unnest($2::text[]) as named (result_id) cross join lateral (
               select r.* from result_claim c join payment_result r
                   on r.list_month = c.list_month and r.person_id = c.person_id
                  and r.provider = c.provider and r.result_id = c.result_id
               where c.provider = $1 and c.result_id = named.result_id
               limit 1) recorded"#,
        provider,
        ids as _
    )
    .fetch_all(tx)
    .await?;
    let mut claims = HashMap::with_capacity(rows.len());
    for row in rows {
        let key = (row.list_month, row.person_id, row.line_no);
        let status = read_status(&row.status)?;
        let day = row.happened_on.to_jiff();
        claims.insert(row.result_id, (key, status, day, row.reason, row.amount));
    }
    Ok(claims)
}

/// Whether the database refused a result for a number that was used before.
pub(super) fn is_number_reused(refused: &Refused) -> bool {
    let Refused::Database(error) = refused else {
        return false;
    };
    let error = error.as_database_error();
    error.and_then(|error| error.constraint()) == Some("result_claim_pkey")
}

/// Writes results that are true.
pub(super) async fn record(
    tx: &mut PgConnection,
    (actor, now): (&Actor, Timestamp),
    provider: &str,
    fresh: &[Named],
) -> Result<u64, Refused> {
    if fresh.is_empty() {
        return Ok(0);
    }
    let statement = "copy result_claim (provider, result_id, list_month, person_id)
        from stdin (format binary)";
    let mut claims = CopyWriter::begin(&mut *tx, statement).await?;
    for result in fresh {
        claims.row().await?;
        claims.put_str(provider);
        claims.put_str(&result.reported.result_id);
        claims.put_i32(result.key.0);
        claims.put_i64(result.key.1);
    }
    claims.finish().await?;
    let statement = "copy payment_result (provider, recorded_by, recorded_at, list_month,
        person_id, line_no, result_id, status, happened_on, reason, amount, form)
        from stdin (format binary)";
    let mut results = CopyWriter::begin(tx, statement).await?;
    for result in fresh {
        let (month, person, number) = result.key;
        let reported = &result.reported;
        results.row().await?;
        results.put_str(provider);
        results.put_str(&actor.name);
        results.put_timestamp(now);
        results.put_i32(month);
        results.put_i64(person);
        results.put_i16(number);
        results.put_str(&reported.result_id);
        results.put_str(reported.status.code());
        results.put_date(reported.date);
        results.put_opt(reported.reason.as_deref(), CopyWriter::put_str);
        results.put_i64(reported.amount);
        results.put_str(result.form.code());
    }
    Ok(results.finish().await?)
}

/// Writes a result a person took out of the queue. Its number is the provider's own, unless that
/// was used for another result.
pub(in crate::results) async fn record_one(
    tx: &mut PgConnection,
    (actor, now): (&Actor, Timestamp),
    provider: &str,
    (queue_no, form): (i64, Form),
    (month, person, line_no): Key,
    reported: &Reported,
) -> Result<(), Refused> {
    let claim = sqlx::query!(
        "insert into result_claim (provider, result_id, list_month, person_id)
         values ($1, $2, $3, $4) on conflict do nothing",
        provider,
        reported.result_id,
        month,
        person
    )
    .execute(&mut *tx)
    .await?;
    let mut result_id = reported.result_id.clone();
    if claim.rows_affected() == 0 {
        result_id = format!("{result_id}#{queue_no}");
        sqlx::query!(
            "insert into result_claim (provider, result_id, list_month, person_id)
             values ($1, $2, $3, $4)",
            provider,
            result_id,
            month,
            person
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query!(
        "insert into payment_result (provider, recorded_by, recorded_at, list_month, person_id,
             line_no, result_id, status, happened_on, reason, amount, form, queue_no)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        provider,
        actor.name,
        now.to_sqlx() as _,
        month,
        person,
        line_no,
        result_id,
        reported.status.code(),
        reported.date.to_sqlx() as _,
        reported.reason,
        reported.amount,
        form.code(),
        queue_no
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
