//! What a month costs against writing its lines alone: an invented country, filled quickly and
//! measured. For empty practice databases only.

pub mod boards;
mod fill;
pub mod orders;
pub mod plain;
pub mod results;

use std::time::{Duration, Instant};

use jiff::civil::date;
use kernel::{Actor, Clock, Month};
use serde::Serialize;
use sqlx::{AssertSqlSafe, PgPool};

use crate::{Made, Office, Refused};

/// The month that is made.
pub const MONTH: (i16, i8) = (2024, 5);
/// So many months before it have an approved list.
pub const MONTHS_LISTED: i32 = 24;
/// When it is made.
pub const NOW: &str = "2024-05-20T08:00:00+07:00";

/// The month that is made.
pub fn month() -> Month {
    Month::of(date(MONTH.0, MONTH.1, 1))
}

/// Makes the list and says how long it took, from the first lock to the commit.
///
/// # Errors
/// As [`crate::make()`].
pub async fn timed_make(office: &Office<'_>, actor: &Actor) -> Result<(Made, Duration), Refused> {
    settle(office.pool).await?;
    let begun = Instant::now();
    let made = crate::make(office, actor, month(), "").await?;
    Ok((made, begun.elapsed()))
}

/// Writes as many lines by `insert … select` into a table of the same shape, keys and checks, and
/// says how long that took with its commit.
///
/// # Errors
/// Those of the database.
pub async fn timed_insert(pool: &PgPool) -> Result<(u64, Duration), Refused> {
    let partition = sqlx::query_scalar!(
        r#"select tableoid::regclass::text as "name!" from list_line where list_month = $1 limit 1"#,
        month().yyyymm()
    )
    .fetch_one(pool)
    .await?;
    let create =
        format!("drop table if exists plain; create table plain (like {partition} including all)");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(pool).await?;
    settle(pool).await?;
    let insert = format!("insert into plain select * from {partition}");
    let begun = Instant::now();
    let done = sqlx::raw_sql(AssertSqlSafe(insert)).execute(pool).await?;
    let took = begun.elapsed();
    sqlx::raw_sql("drop table plain").execute(pool).await?;
    Ok((done.rows_affected(), took))
}

/// What one size came to; times are the middle of the rounds, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// People.
    pub people: i64,
    /// Approved lists before the month that is made.
    pub months_before: i32,
    /// Their lines together.
    pub lines_before: i64,
    /// Lines of the list.
    pub lines: i32,
    /// Making the list.
    pub make_ms: u128,
    /// Writing as many lines by `insert … select`.
    pub insert_select_ms: u128,
    /// Making against plain writing, two decimals: the middle of the rounds' ratios.
    pub ratio: String,
    /// The same of the best and of the worst round.
    pub ratio_from_to: String,
    /// The most memory this program has held so far, MB, as Linux counts it.
    pub peak_memory_mb: Option<u64>,
    /// Working out afterwards what changed against the month before, as the server does for the pages.
    pub balance_ms: u128,
    /// That against plain writing: the middle of the rounds' ratios.
    pub balance_ratio: String,
    /// Approving it, once, after the rounds.
    pub approve_ms: u128,
    /// That against the middle one of the plain writings.
    pub approve_ratio: String,
    /// Making the list against a tenth of the people: times as long, two decimals.
    pub against_a_tenth: Option<String>,
}

/// Fills an empty practice database and measures it, telling `progress` how far it is. Each round
/// makes the list and then writes as many lines plainly, so that a machine that is slow for a while
/// is slow for both.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database; otherwise as
/// [`timed_make`].
pub async fn measure(
    office: &Office<'_>,
    people: i64,
    rounds: usize,
    progress: impl Fn(&str),
) -> Result<Measured, Refused> {
    let lines_before = prepare(office, people, &progress).await?;
    let actor = Actor::with_every_role("bench");
    let (mut made_in, mut inserted_in, mut lines) = (Vec::new(), Vec::new(), 0);
    let mut balanced_in = Vec::new();
    for round in 1..=rounds.max(1) {
        let (made, took) = timed_make(office, &actor).await?;
        let (inserted, plain) = timed_insert(office.pool).await?;
        let begun = Instant::now();
        crate::balance(office, &actor, month(), "").await?;
        let balance = begun.elapsed();
        progress(&format!(
            "Lần {round}/{rounds}: lập {} dòng {} ms, chỉ ghi {inserted} dòng {} ms, đối chiếu tháng \
             trước {} ms",
            made.header.lines,
            took.as_millis(),
            plain.as_millis(),
            balance.as_millis()
        ));
        balanced_in.push(balance.as_millis());
        made_in.push(took.as_millis());
        inserted_in.push(plain.as_millis());
        lines = made.header.lines;
    }
    let approved_in = timed_approve(office).await?.as_millis();
    progress(&format!("Duyệt danh sách: {approved_in} ms"));
    let mut ratios: Vec<u128> = made_in
        .iter()
        .zip(&inserted_in)
        .map(|(made, plain)| hundredths(*made, *plain))
        .collect();
    let middle_ratio = middle(&mut ratios);
    let mut balance_ratios: Vec<u128> = balanced_in
        .iter()
        .zip(&inserted_in)
        .map(|(balance, plain)| hundredths(*balance, *plain))
        .collect();
    let (best, worst) = (ratios[0], ratios[ratios.len() - 1]);
    let insert_select_ms = middle(&mut inserted_in);
    Ok(Measured {
        people,
        months_before: MONTHS_LISTED,
        lines_before,
        lines,
        make_ms: middle(&mut made_in),
        insert_select_ms,
        ratio: decimal(middle_ratio),
        ratio_from_to: format!("{} – {}", decimal(best), decimal(worst)),
        peak_memory_mb: peak_memory(),
        balance_ms: middle(&mut balanced_in),
        balance_ratio: decimal(middle(&mut balance_ratios)),
        approve_ms: approved_in,
        approve_ratio: ratio(approved_in, insert_select_ms),
        against_a_tenth: None,
    })
}

/// Fills an empty practice database with so many people of whom most were checked with the population database in
/// the last forty days, a few of these corrected since.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database.
pub async fn checked_people(
    pool: &PgPool,
    people: i64,
    progress: impl Fn(&str),
) -> Result<(), Refused> {
    fill::people(pool, people, fill::Identity::Varied, &progress).await?;
    progress("Đang ghi kết quả đối chiếu…");
    sqlx::raw_sql(
        "insert into event (person_id, event_id, kind, effective, recorded_at, source, actor, body)
         select person_id, gen_random_uuid(), 'identity_checked', date '2024-05-20' - (person_id % 40)::integer,
                timestamptz '2024-05-20T07:00:00+07:00', 'bench', 'bench', '{}'
         from person where identity_check <> 'not_sent' order by person_id;
         insert into event (person_id, event_id, kind, effective, recorded_at, source, actor, body)
         select person_id, gen_random_uuid(), 'person_corrected', date '2024-05-20',
                timestamptz '2024-05-20T07:30:00+07:00', 'bench', 'bench', '{\"sex\": \"female\"}'
         from person where person_id % 500 = 0 order by person_id",
    )
    .execute(pool)
    .await?;
    progress("Đang sắp xếp lại các bảng…");
    sqlx::raw_sql("vacuum analyze").execute(pool).await?;
    Ok(())
}

/// Approves the list by somebody else than its maker.
async fn timed_approve(office: &Office<'_>) -> Result<Duration, Refused> {
    settle(office.pool).await?;
    let begun = Instant::now();
    crate::approve(office, &Actor::with_every_role("approver"), month(), "").await?;
    Ok(begun.elapsed())
}

/// Fills an empty practice database with people and their 24 approved lists; the lines of those.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database.
pub async fn prepare(
    office: &Office<'_>,
    people: i64,
    progress: impl Fn(&str),
) -> Result<i64, Refused> {
    fill::people(office.pool, people, fill::Identity::Missing, &progress).await?;
    progress("Đang tính những gì đã được hưởng…");
    fill::listed(office).await?;
    for (month, number) in fill::months_listed().months().zip(1..) {
        progress(&format!(
            "Đang ghi danh sách {month} ({number}/{MONTHS_LISTED})…"
        ));
        fill::approved_list(office, month).await?;
    }
    fill::news(office.pool).await?;
    progress("Đang sắp xếp lại các bảng…");
    sqlx::raw_sql("vacuum analyze").execute(office.pool).await?;
    let lines: Option<i64> = sqlx::query_scalar("select sum(lines)::bigint from payment_list")
        .fetch_one(office.pool)
        .await?;
    Ok(lines.unwrap_or_default())
}

/// The middle one, after sorting; of an even number the later.
fn middle(figures: &mut [u128]) -> u128 {
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// A quotient with two decimals.
pub fn ratio(over: u128, under: u128) -> String {
    decimal(hundredths(over, under))
}

const fn hundredths(over: u128, under: u128) -> u128 {
    let under = if under == 0 { 1 } else { under };
    (over * 100 + under / 2) / under
}

fn decimal(hundredths: u128) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// What earlier work left to write is written before the next is timed.
async fn settle(pool: &PgPool) -> Result<(), Refused> {
    sqlx::raw_sql("checkpoint").execute(pool).await?;
    Ok(())
}

/// The clock the month is made by.
///
/// # Panics
/// Never: the instant is written here.
pub fn clock() -> Clock {
    Clock::Fixed(NOW.parse().expect("an instant, tested by every run"))
}
