//! What a long list of another programme costs: an xlsx read, held against the people of the registry and kept,
//! beside reading its cells alone. `ANSINH_BENCH_ROWS` sets its length (100,000 when not set); the registry has eight
//! times as many people, nine rows in ten are of somebody of them. Before that the same with a quarter of each.

#![expect(clippy::float_arithmetic, reason = "a bench prints ratios")]

use std::fs;
use std::io::Cursor;
use std::time::Duration;

use documents::sheet::{self, SheetError};
use jiff::civil::date;
use kernel::name::search_key;
use kernel::{Actor, PartialDate};
use links::list::{Bringing, ProgrammeSheet, ReadRows, bring, form};
use links::{LinkRefused, Programme};
use scenarios::{Counts, two_lists};
use testkit::TestDb;

const ROWS: u32 = 100_000;
/// People of the registry for each row.
const PEOPLE: u32 = 8;
/// People written into the registry at once.
const AT_ONCE: usize = 20_000;

type Failure = Box<dyn std::error::Error>;

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(transparent)]
    Rows(#[from] LinkRefused),
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let rows = std::env::var("ANSINH_BENCH_ROWS").ok();
    let rows = rows.map_or(Ok(ROWS), |text| text.parse())?;
    // The smaller first: memory is told as the most the program ever held.
    let small = measured(rows / 4).await?;
    let large = measured(rows).await?;
    let growth = large.as_secs_f64() / small.as_secs_f64();
    println!("four times the rows and people: {growth:.1} times the processor time");
    Ok(())
}

/// Brings a list of so many rows; returns the processor time of it, reading included.
async fn measured(rows: u32) -> Result<Duration, Failure> {
    let counts = Counts {
        left: rows,
        right: rows * PEOPLE,
        both: rows / 10 * 9,
    };
    let (mut list, mut people) = (Vec::new(), Vec::new());
    two_lists(7, counts, &mut list, &mut people)?;
    let db = TestDb::practice().await;
    fill(&db, &people).await?;
    drop(people);
    let file = workbook(&list)?;
    drop(list);
    // Pages of the list's own bytes are no work of the program's.
    let held = memory()?;

    let begun = cpu(&db).await?;
    let mut cells_read = 0_u64;
    sheet::read(Cursor::new(&file), |_, cells| {
        cells_read += cells.len() as u64;
        Ok::<_, SheetError>(())
    })?;
    let reading = cpu(&db).await?.saturating_sub(begun);

    let begun = cpu(&db).await?;
    let read = read(&file)?;
    let rows_read = cpu(&db).await?.saturating_sub(begun);
    assert!(read.refused.is_empty(), "{:?}", read.refused.first());

    let clock = testkit::clock("2024-05-20T08:00:00+07:00");
    let actor = Actor::with_every_role("bench");
    let bringing = Bringing {
        programme: Programme::SocialInsurance,
        area: String::new(),
        source: "bench".to_owned(),
        as_of: date(2024, 5, 1),
        purpose: "bench".to_owned(),
        file_name: "bench.xlsx".to_owned(),
    };
    let begun = cpu(&db).await?;
    let brought = bring(db.pool(), &actor, &clock, &bringing, read).await?;
    let bringing = cpu(&db).await?.saturating_sub(begun);
    let whole = rows_read + bringing;
    let against = |took: Duration| took.as_secs_f64() / reading.as_secs_f64();
    println!(
        "{rows} rows against {} people: {} pairs, {cells_read} cells; reading the cells {:.1} CPU seconds, \
         its rows {:.1} times that, all of it {:.1} times ({:.1} CPU seconds); {} MB at most, {} MB before",
        brought.people,
        brought.pairs,
        reading.as_secs_f64(),
        against(rows_read),
        against(whole),
        whole.as_secs_f64(),
        memory()? >> 10,
        held >> 10,
    );
    Ok(whole)
}

fn read(file: &[u8]) -> Result<ReadRows, Unreadable> {
    let hash = sheet::fingerprint(Cursor::new(file)).map_err(SheetError::from)?;
    let mut rows = ProgrammeSheet::new("", date(2024, 5, 20), hash)?;
    sheet::read(Cursor::new(file), |row, cells| {
        Ok::<_, Unreadable>(rows.take(row, cells)?)
    })?;
    Ok(rows.finish()?)
}

/// The list as its programme would send it.
fn workbook(list: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut rows = Vec::new();
    for (at, record) in csv::Reader::from_reader(list).records().enumerate() {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let sex = match &record[3] {
            "1" => "Nam",
            "2" => "Nữ",
            _ => "",
        };
        let since = "01/03/2003".to_owned();
        rows.push(vec![
            format!("HT-{at}"),
            cell(1),
            cell(2),
            sex.to_owned(),
            cell(5),
            cell(6),
            cell(7),
            since,
        ]);
    }
    Ok(documents::template::filled(&form(), rows)?)
}

/// The people as the registry would hold them, without the events they come from.
async fn fill(db: &TestDb, people: &[u8]) -> Result<(), Failure> {
    let mut reader = csv::Reader::from_reader(people);
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    for (part, records) in records.chunks(AT_ONCE).enumerate() {
        let ids: Vec<i64> = (0..records.len())
            .map(|at| (part * AT_ONCE + at) as i64 + 1)
            .collect();
        let (mut births, mut precisions, mut keys) = (vec![], vec![], vec![]);
        for record in records {
            let birth: PartialDate = record[2].parse().unwrap_or(PartialDate::Year(1940));
            births.push(birth.assumed_day().to_string());
            precisions.push(match birth {
                PartialDate::Day(_) => "d",
                PartialDate::Month(_) => "m",
                PartialDate::Year(_) => "y",
            });
            keys.push(search_key(&record[1]));
        }
        let column = |at: usize| -> Vec<String> {
            records.iter().map(|record| record[at].to_owned()).collect()
        };
        sqlx::query(
            "insert into person (person_id, person_key, full_name, name_key, birth_date, birth_precision,
                 sex, ethnicity, id_number, id_state, identity_check, phone, area_code, area_valid_from, moves)
             select it.id, 'b' || it.id, name, it.key, birth::date, precision, nullif(sex, '')::smallint,
                    nullif(ethnicity, ''), nullif(number, ''),
                    case when number = '' then 'missing' else 'malformed' end, 'not_sent', nullif(phone, ''),
                    a.code, a.valid_from, 0
             from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::text[], $10::text[])
                      as it(id, name, key, birth, precision, sex, ethnicity, number, phone, area)
                  join area a on a.code = coalesce(nullif(it.area, ''), '21031')
                       and a.valid_from = (select max(b.valid_from) from area b where b.code = a.code
                                           and b.valid_from <= date '2024-05-20')",
        )
        .bind(&ids)
        .bind(column(1))
        .bind(&keys)
        .bind(&births)
        .bind(&precisions)
        .bind(column(3))
        .bind(column(4))
        .bind(column(5))
        .bind(column(6))
        .bind(column(7))
        .execute(db.pool())
        .await?;
    }
    sqlx::query("analyze person").execute(db.pool()).await?;
    Ok(())
}

/// Processor time of this program and of PostgreSQL for it so far, in hundredths of a second as Linux counts.
async fn cpu(db: &TestDb) -> Result<Duration, Failure> {
    let connections: Vec<i32> =
        sqlx::query_scalar("select pid from pg_stat_activity where datname = current_database()")
            .fetch_all(db.pool())
            .await?;
    let mut sum = cpu_of("self").ok_or("no time")?;
    for connection in connections {
        sum += cpu_of(&connection.to_string()).unwrap_or_default();
    }
    Ok(sum)
}

fn cpu_of(process: &str) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything; 11 fields after it come the two times.
    let mut fields = stat.rsplit(')').next()?.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

/// The most memory this program held so far, in kB.
fn memory() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most = most.and_then(|line| line.split_whitespace().next());
    Ok(most.ok_or("no VmHWM")?.parse()?)
}
