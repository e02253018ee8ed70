//! What providers report: each line paid, failed, returned or not collected (contracts, section 4).

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Month};
use registry::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;

use crate::{Office, Refused};

/// What became of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The person has the money.
    Paid,
    /// It could not be paid.
    Failed,
    /// It was paid and came back.
    Returned,
    /// Nobody came for it.
    NotCollected,
}

impl Status {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Status::Paid => "paid",
            Status::Failed => "failed",
            Status::Returned => "returned",
            Status::NotCollected => "not_collected",
        }
    }
}

/// One result as a provider sends it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    /// The provider's own number of the result.
    pub result_id: String,
    /// The line by its name: list month, person, number.
    pub line: String,
    /// What became of it.
    pub status: Status,
    /// When.
    pub date: Date,
    /// The provider's code of why.
    #[serde(default)]
    pub reason: Option<String>,
    /// Đồng; must be the line's.
    pub amount: i64,
}

/// What importing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Recorded now.
    pub recorded: u64,
    /// Recorded before with the same content: nothing changed.
    pub already: u64,
    /// Not recorded, by row.
    pub refused: Vec<Refusal>,
}

/// Reads NDJSON; rows that cannot be read are refused, the rest is given with its row.
pub fn read_lines(text: &str) -> (Vec<(u64, Reported)>, Vec<Refusal>) {
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    for (row, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(reported) => rows.push((row, reported)),
            Err(error) => {
                let why = format!(
                    "dòng không đúng mẫu kết quả chi trả (cột {})",
                    error.column()
                );
                refused.push(Refusal::new(row, "", "malformed", why));
            }
        }
    }
    (rows, refused)
}

/// The line a name means: month, person, number.
fn named(line: &str) -> Option<(Month, i64, i16)> {
    let mut parts = line.rsplitn(3, '-');
    let line_no = parts.next()?.parse().ok()?;
    let person = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    Some((month, person, line_no))
}

type Key = (i32, i64, i16);

/// A result whose line is found.
struct Found<'a> {
    row: u64,
    key: Key,
    reported: &'a Reported,
}

/// Records results of a provider in one transaction; rows that cannot be true are refused and the
/// rest goes in. The same result twice changes nothing.
///
/// # Errors
/// [`Refused::Denied`] when the actor works with lists nowhere; those of the database.
pub async fn import(
    office: &Office<'_>,
    actor: &Actor,
    provider: &str,
    rows: &[(u64, Reported)],
) -> Result<Imported, Refused> {
    let roles = [Role::ListMaker, Role::Officer];
    let held = access::codes_held(actor, &roles);
    if held.as_ref().is_some_and(Vec::is_empty) {
        access::require(actor, &roles, "")?;
    }
    let mut tx = office.pool.begin().await?;
    sqlx::query!("lock table payment_result in row exclusive mode")
        .execute(&mut *tx)
        .await?;
    let mut imported = Imported::default();
    let found = with_lines(rows, &mut imported.refused);
    let lines = lines(&mut tx, &found, held.as_deref()).await?;
    let before = recorded(&mut tx, provider, &found).await?;
    let mut seen = HashSet::new();
    let mut fresh = Vec::new();
    for result in found {
        let id = result.reported.result_id.as_str();
        let refuse = |field: &'static str, code: &'static str, why: &str| {
            Refusal::new(result.row, field, code, why)
        };
        match (before.get(id), lines.get(&result.key)) {
            (Some(stored), _) if *stored == content(&result) => imported.already += 1,
            (Some(_), _) => imported.refused.push(refuse(
                "result_id",
                "result_id_reused",
                "mã kết quả này đã dùng cho một kết quả khác",
            )),
            (None, None) => imported.refused.push(refuse(
                "line",
                "unknown_line",
                "không có dòng này trong danh sách đã duyệt",
            )),
            (None, Some(amount)) if *amount != result.reported.amount => {
                imported.refused.push(refuse(
                    "amount",
                    "wrong_amount",
                    "số tiền khác với số tiền của dòng trong danh sách",
                ));
            }
            _ if !seen.insert(id) => imported.refused.push(refuse(
                "result_id",
                "result_id_reused",
                "mã kết quả này có hai lần trong tệp",
            )),
            _ => fresh.push(result),
        }
    }
    imported.recorded = record(office, actor, &mut tx, provider, &fresh).await?;
    imported.refused.sort_by_key(|refusal| refusal.row);
    let detail = json!({ "recorded": imported.recorded, "refused": imported.refused.len() });
    let (now, action) = (office.clock.now(), "results.import");
    access::audit::record(&mut tx, now, actor, action, provider, None, detail).await?;
    tx.commit().await?;
    Ok(imported)
}

fn with_lines<'a>(rows: &'a [(u64, Reported)], refused: &mut Vec<Refusal>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for (row, reported) in rows {
        match named(&reported.line) {
            Some((month, person, line_no)) => found.push(Found {
                row: *row,
                key: (month.yyyymm(), person, line_no),
                reported,
            }),
            None => {
                let why = "mã dòng phải có dạng 2024-05-123-1";
                refused.push(Refusal::new(*row, "line", "malformed", why));
            }
        }
    }
    found
}

/// Amounts of the payable lines of approved lists that are meant and lie where the actor works.
async fn lines(
    tx: &mut PgConnection,
    found: &[Found<'_>],
    areas: Option<&[String]>,
) -> Result<HashMap<Key, i64>, Refused> {
    let (months, people, numbers) = keys(found.iter().map(|result| result.key));
    let rows = sqlx::query!(
        r#"select list_month as "list_month!", person_id as "person_id!", line_no as "line_no!",
                amount
         from unnest($1::int[], $2::bigint[], $3::smallint[])
                  as named(list_month, person_id, line_no)
             join list_line using (list_month, person_id, line_no)
             join payment_list using (list_id)
         where approved_at is not null and kind <> 3
           and ($4 or list_line.area_code = any($5))"#,
        &months,
        &people,
        &numbers,
        areas.is_none(),
        areas.unwrap_or_default()
    )
    .fetch_all(tx)
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| ((row.list_month, row.person_id, row.line_no), row.amount))
        .collect())
}

fn keys(all: impl Iterator<Item = Key>) -> (Vec<i32>, Vec<i64>, Vec<i16>) {
    let (mut months, mut people, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (month, person, number) in all {
        months.push(month);
        people.push(person);
        numbers.push(number);
    }
    (months, people, numbers)
}

/// What a result says, to tell the same one from another.
type Content = (Key, &'static str, Date, Option<String>, i64);

fn content(result: &Found<'_>) -> Content {
    let reported = result.reported;
    (
        result.key,
        reported.status.code(),
        reported.date,
        reported.reason.clone(),
        reported.amount,
    )
}

/// What was recorded before under the same numbers.
async fn recorded(
    tx: &mut PgConnection,
    provider: &str,
    found: &[Found<'_>],
) -> Result<HashMap<String, Content>, Refused> {
    let ids: Vec<String> = found
        .iter()
        .map(|result| result.reported.result_id.clone())
        .collect();
    let rows = sqlx::query!(
        r#"select result_id, list_month, person_id, line_no, status,
                  happened_on as "happened_on: jiff_sqlx::Date", reason, amount
           from result_claim join payment_result using (provider, result_id, person_id)
           where provider = $1 and result_id = any($2)"#,
        provider,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let all = [
        Status::Paid,
        Status::Failed,
        Status::Returned,
        Status::NotCollected,
    ];
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| {
            let code = |status: &Status| status.code() == row.status;
            let status = all.iter().copied().find(code).unwrap_or(Status::Failed);
            let key = (row.list_month, row.person_id, row.line_no);
            let day = row.happened_on.to_jiff();
            (
                row.result_id,
                (key, status.code(), day, row.reason, row.amount),
            )
        })
        .collect())
}

async fn record(
    office: &Office<'_>,
    actor: &Actor,
    tx: &mut PgConnection,
    provider: &str,
    fresh: &[Found<'_>],
) -> Result<u64, Refused> {
    let (months, people, numbers) = keys(fresh.iter().map(|result| result.key));
    let of = |field: fn(&Reported) -> String| -> Vec<String> {
        fresh.iter().map(|result| field(result.reported)).collect()
    };
    let ids = of(|reported| reported.result_id.clone());
    let statuses = of(|reported| reported.status.code().to_owned());
    let reasons: Vec<Option<String>> = fresh.iter().map(|r| r.reported.reason.clone()).collect();
    let days: Vec<jiff_sqlx::Date> = fresh.iter().map(|r| r.reported.date.to_sqlx()).collect();
    let amounts: Vec<i64> = fresh.iter().map(|result| result.reported.amount).collect();
    sqlx::query!(
        "insert into result_claim (provider, result_id, person_id)
         select $1, * from unnest($2::text[], $3::bigint[])",
        provider,
        &ids,
        &people
    )
    .execute(&mut *tx)
    .await?;
    let inserted = sqlx::query!(
        "insert into payment_result (provider, recorded_by, recorded_at, list_month, person_id,
             line_no, result_id, status, happened_on, reason, amount)
         select $1, $2, $3, *
         from unnest($4::int[], $5::bigint[], $6::smallint[], $7::text[], $8::text[], $9::date[],
                     $10::text[], $11::bigint[])",
        provider,
        actor.name,
        office.clock.now().to_sqlx() as _,
        &months,
        &people,
        &numbers,
        &ids,
        &statuses,
        &days as _,
        &reasons as _,
        &amounts
    )
    .execute(&mut *tx)
    .await?;
    Ok(inserted.rows_affected())
}

/// What became of everything a month's approved lists ordered in an area: always
/// `ordered = paid + failed + returned + not_collected + not_reported`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Đồng of payable lines.
    pub ordered: i64,
    /// Đồng whose last result is paid.
    pub paid: i64,
    /// Đồng whose last result is failed.
    pub failed: i64,
    /// Đồng whose last result is returned.
    pub returned: i64,
    /// Đồng whose last result is not collected.
    pub not_collected: i64,
    /// Đồng nobody has reported on.
    pub not_reported: i64,
}

/// Sums up what became of the approved lists of a month in an area.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn outcome(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Outcome, Refused> {
    let scope = crate::Scope::of(area, month)?;
    access::require(actor, &crate::show::READERS, &scope.area)?;
    let (codes, since) = scope.columns().unwrap_or_default();
    let rows = sqlx::query!(
        r#"with last as (
               select distinct on (person_id, line_no) person_id, line_no, status
               from payment_result where list_month = $1
               order by person_id, line_no, result_no desc)
           select status as "status?", sum(l.amount)::bigint as "amount!"
           from list_line l join payment_list using (list_id)
               left join last using (person_id, line_no)
           where list_month = $1 and approved_at is not null and kind <> 3
             and ($2 or (l.area_code, l.area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))
           group by status"#,
        month.yyyymm(),
        scope.is_country(),
        &codes,
        &since as _
    )
    .fetch_all(office.pool)
    .await?;
    let mut outcome = Outcome::default();
    for row in rows {
        outcome.ordered += row.amount;
        *match row.status.as_deref() {
            Some("paid") => &mut outcome.paid,
            Some("failed") => &mut outcome.failed,
            Some("returned") => &mut outcome.returned,
            Some("not_collected") => &mut outcome.not_collected,
            _ => &mut outcome.not_reported,
        } += row.amount;
    }
    Ok(outcome)
}
