//! What a month costs against writing its lines alone: an invented country, filled quickly and
//! measured. For empty practice databases only.

use std::time::{Duration, Instant};

use jiff::civil::date;
use kernel::{Actor, Clock, Month};
use serde::Serialize;
use sqlx::{AssertSqlSafe, PgPool};

use crate::{Made, Office, Refused};

/// The month that is made; the 24 before are listed.
pub const MONTH: (i16, i8) = (2024, 5);
/// When it is made.
pub const NOW: &str = "2024-05-20T08:00:00+07:00";

/// The month that is made.
pub fn month() -> Month {
    Month::of(date(MONTH.0, MONTH.1, 1))
}

/// Fills an empty practice database with so many people: a disability certificate or the age of 80,
/// a decision, a payee for every second one, 24 months listed, three events each of which one in a
/// hundred is new since the last list.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database.
pub async fn fill(pool: &PgPool, people: i64) -> Result<(), Refused> {
    let usable = sqlx::query_scalar!(
        r#"select exists(select from practice) and not exists(select from person) as "usable!""#
    )
    .fetch_one(pool)
    .await?;
    if !usable {
        let why = "measuring needs an empty practice database";
        return Err(Refused::Inconsistent(why.to_owned()));
    }
    for statement in FILL {
        let statement = statement.replace("{people}", &people.to_string());
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// Statements in order; `{people}` is a number.
const FILL: [&str; 9] = [
    // Searching is not measured; its indexes would make filling slow.
    "drop index person_by_name_search, person_by_name_key, person_by_id_number",
    "insert into person (person_id, person_key, full_name, name_key, birth_date, birth_precision,
         sex, id_state, area_code, area_valid_from, moves)
     with commune as (
         select code, row_number() over (order by code) - 1 as number, count(*) over () as of
         from area where level = 'commune' and valid_from = date '1900-01-01')
     select person, 'b' || person, 'Nguyễn Thị ' || person, 'nguyen thi ' || person,
            case when person % 5 < 2 then date '1980-01-01' else date '1935-01-01' end
                + (person % 2500)::integer, 'd', 1 + person % 2, 'missing', code,
            date '1900-01-01', 0
     from generate_series(1, {people}) as person
         join commune on number = person * of / ({people} + 1)
     order by person",
    "insert into residence (person_id, from_date, area_code, area_valid_from)
     select person_id, date '2020-01-10', area_code, area_valid_from from person order by person_id",
    "insert into fact (person_id, fact_no, fact_id, kind, from_date, variant)
     select person_id, 1, 'f1', 'disability', date '2020-01-15',
            case when person_id % 3 = 0 then 'extremely_severe' else 'severe' end
     from person where person_id % 5 < 2 order by person_id",
    "insert into enrolment (person_id, benefit, enrolment_no, from_month, decision_number,
         decision_date, event_id)
     select person_id, case when person_id % 5 < 2 then 9 else 7 end, 1, 202205, '1/QĐ',
            date '2022-05-05', gen_random_uuid()
     from person order by person_id",
    "insert into payee (person_id, channel, holder, account_number, since)
     select person_id, 'account', 'self', '0000' || person_id, date '2022-05-05'
     from person where person_id % 2 = 0 order by person_id",
    "insert into event (person_id, kind, effective, recorded_at, source, actor, body)
     select person_id, kind, date '2022-05-05', timestamptz '2022-05-06T08:00:00+07:00', 'bench',
            'bench', jsonb_build_object('kind', kind, 'person', person_key, 'source', 'bench')
     from unnest(array['person_registered', 'enrolled', 'payee_set']) as kind, person;
     insert into event (person_id, kind, effective, recorded_at, source, actor, body)
     select person_id, 'person_corrected', date '2024-05-02',
            timestamptz '2024-05-02T08:00:00+07:00', 'bench', 'bench', '{}'
     from person where person_id % 100 = 0",
    "insert into payment_list (month, area_code, made_by, made_at, known_through, based_on,
         results_through, law_as_of, law_fingerprint, inputs_fingerprint, lines_fingerprint,
         people, lines, payable, recoverable, approved_by, approved_at, approval_no)
     select extract(year from day)::integer * 100 + extract(month from day)::integer, '', 'lap',
            day + interval '19 days', {people} * 3, 0, 0, day::date, '', '', '', {people},
            {people}, 0, 0, 'duyet', day + interval '20 days', nextval('approval_no')
     from generate_series(timestamptz '2022-05-01+07', timestamptz '2024-04-01+07', '1 month')
          as day",
    "analyze",
];

/// Lists what the people are owed for the 24 months before, without making 24 lists.
///
/// # Errors
/// Those of the database.
pub async fn list_history(office: &Office<'_>) -> Result<(), Refused> {
    use registry::copy::CopyWriter;
    use registry::roll::{Communes, Known, Roll};
    let law = office.law.in_force(office.clock.today());
    let span = kernel::MonthSpan {
        from: month().plus(-24),
        to: month().previous(),
    };
    let mut tx = office.pool.begin().await?;
    let mut roll = Roll::open(office.pool, &Communes::everywhere(), month(), Known::Now).await?;
    let mut rows = CopyWriter::begin(
        &mut tx,
        "copy listed (person_id, benefit, from_month, to_month, amount, coefficient, standard,
                      opening) from stdin (format binary)",
    )
    .await?;
    let mut spells = Vec::new();
    while let Some(case) = roll.next().await? {
        law.owed(&case.person, span, &mut spells);
        for spell in &spells {
            rows.row().await?;
            rows.put_i64(case.id.0);
            rows.put_i16(spell.benefit.number());
            rows.put_i32(spell.from.yyyymm());
            rows.put_i32(spell.to.yyyymm());
            rows.put_i64(spell.amount.0);
            rows.put_i16(spell.coefficient.tenths() as i16);
            rows.put_i32(spell.standard.0 as i32);
            rows.put_bool(false);
        }
    }
    rows.finish().await?;
    tx.commit().await?;
    sqlx::query!("analyze listed").execute(office.pool).await?;
    Ok(())
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
    /// Lines of the list.
    pub lines: i32,
    /// Making the list.
    pub make_ms: u128,
    /// Writing as many lines by `insert … select`.
    pub insert_select_ms: u128,
    /// Making against plain writing, two decimals.
    pub ratio: String,
    /// The most memory this program has held so far, MB, as Linux counts it.
    pub peak_memory_mb: Option<u64>,
    /// Against a tenth of the people: times as long, two decimals.
    pub against_a_tenth: Option<String>,
}

/// Fills an empty practice database and measures it, telling `progress` how far it is.
///
/// # Errors
/// As [`fill`] and [`timed_make`].
pub async fn measure(
    office: &Office<'_>,
    people: i64,
    rounds: usize,
    progress: impl Fn(&str),
) -> Result<Measured, Refused> {
    progress(&format!("Đang tạo {people} người…"));
    fill(office.pool, people).await?;
    list_history(office).await?;
    sqlx::raw_sql("vacuum analyze").execute(office.pool).await?;
    let actor = Actor::with_every_role("bench");
    let (mut made_in, mut inserted_in, mut lines) = (Vec::new(), Vec::new(), 0);
    for round in 1..=rounds {
        let (made, took) = timed_make(office, &actor).await?;
        let (inserted, plain) = timed_insert(office.pool).await?;
        progress(&format!(
            "Lần {round}: lập {} dòng {} ms, chỉ ghi {inserted} dòng {} ms",
            made.header.lines,
            took.as_millis(),
            plain.as_millis()
        ));
        made_in.push(took);
        inserted_in.push(plain);
        lines = made.header.lines;
    }
    let (make_ms, insert_select_ms) = (middle(made_in), middle(inserted_in));
    Ok(Measured {
        people,
        lines,
        make_ms,
        insert_select_ms,
        ratio: ratio(make_ms, insert_select_ms),
        peak_memory_mb: peak_memory(),
        against_a_tenth: None,
    })
}

fn middle(mut times: Vec<Duration>) -> u128 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0, Duration::as_millis)
}

/// A quotient with two decimals.
pub fn ratio(over: u128, under: u128) -> String {
    let hundredths = (over * 100 + under / 2) / under.max(1);
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
