//! Where results are kept, and what is known of their lines.

use std::collections::HashMap;

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
use crate::results::state::LineState;
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
    let (mut months, mut people, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (month, person, number) in keys {
        months.push(month);
        people.push(person);
        numbers.push(number);
    }
    let rows = sqlx::query!(
        r#"select l.list_month, l.person_id, l.line_no, l.amount, l.area_code,
                l.area_valid_from as "area_valid_from: jiff_sqlx::Date",
                last.status as "status?", last.form as "form?",
                last.happened_on as "last_on?: jiff_sqlx::Date",
                last.provider as "heard_from?",
                exists (
                    select from list_line again join payment_list sealed using (list_id)
                    where again.person_id = l.person_id and again.kind = 4
                      and again.carries_person_id is null and again.carries_month = l.list_month
                      and again.carries_line_no = l.line_no and sealed.approved_at is not null)
                or exists (
                    select from list_line again join payment_list sealed using (list_id)
                    where again.carries_person_id = l.person_id
                      and again.carries_month = l.list_month
                      and again.carries_line_no = l.line_no and sealed.approved_at is not null)
                    as "is_carried!",
                exists (
                    select from commune_closed c
                    where c.list_month = l.list_month and c.area_code = l.area_code
                      and c.area_valid_from = l.area_valid_from) as "is_closed!",
                o.provider as "ordered_from?"
         from unnest($1::int[], $2::bigint[], $3::smallint[])
                  as named(list_month, person_id, line_no)
             join list_line l using (list_month, person_id, line_no)
             join payment_list using (list_id)
             left join order_line ol on ol.list_month = l.list_month
                 and ol.person_id = l.person_id and ol.line_no = l.line_no
             left join payment_order o using (order_no)
             left join lateral (
                 select status, form, happened_on, provider from payment_result r
                 where r.person_id = l.person_id and r.list_month = l.list_month
                   and r.line_no = l.line_no
                 order by result_no desc limit 1) last on true
         where approved_at is not null and kind <> 3"#,
        &months,
        &people,
        &numbers,
    )
    .fetch_all(tx)
    .await?;
    let mut lines = HashMap::with_capacity(rows.len());
    for row in rows {
        let last = match (row.status, row.form) {
            (Some(status), Some(form)) => Some((read_status(&status)?, read_form(&form)?)),
            _ => None,
        };
        let line = LineState {
            amount: row.amount,
            place: Place {
                area: row.area_code,
                valid_from: row.area_valid_from.to_jiff(),
            },
            last,
            last_on: row.last_on.map(|day| day.to_jiff()),
            is_carried: row.is_carried,
            is_closed: row.is_closed,
            ordered_from: row.ordered_from,
            heard_from: row.heard_from,
        };
        lines.insert((row.list_month, row.person_id, row.line_no), line);
    }
    Ok(lines)
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
    results: &[Named],
) -> Result<HashMap<String, Content>, Refused> {
    let ids: Vec<&str> = results
        .iter()
        .map(|it| it.reported.result_id.as_str())
        .collect();
    let rows = sqlx::query!(
        r#"select result_id, list_month, person_id, line_no, status,
                  happened_on as "happened_on: jiff_sqlx::Date", reason, amount
           from result_claim join payment_result using (provider, result_id, person_id)
           where provider = $1 and result_id = any($2)"#,
        provider,
        &ids as _
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
    let statement = "copy result_claim (provider, result_id, person_id) from stdin (format binary)";
    let mut claims = CopyWriter::begin(&mut *tx, statement).await?;
    for result in fresh {
        claims.row().await?;
        claims.put_str(provider);
        claims.put_str(&result.reported.result_id);
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
        "insert into result_claim (provider, result_id, person_id) values ($1, $2, $3)
         on conflict do nothing",
        provider,
        reported.result_id,
        person
    )
    .execute(&mut *tx)
    .await?;
    let mut result_id = reported.result_id.clone();
    if claim.rows_affected() == 0 {
        result_id = format!("{result_id}#{queue_no}");
        sqlx::query!(
            "insert into result_claim (provider, result_id, person_id) values ($1, $2, $3)",
            provider,
            result_id,
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
