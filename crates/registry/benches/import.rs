//! What importing a province's sheet costs beside reading its cells, measured in one run.
//! `ANSINH_BENCH_PEOPLE` sets how many people (86,504 when not set), `ANSINH_BENCH_ROUNDS` how many
//! rounds (5). Each round reads the cells, then imports into an empty database, so that a machine
//! that is slow for a while is slow for both; the middle round is what counts.
//!
//! Beside it stands the least a database takes: the very rows the import wrote, copied plainly into
//! the same tables of another empty database, and into tables without a key, an index or a check.
//!
//! Time is the clock's; CPU is what this program and its connections in PostgreSQL used.

#![expect(clippy::float_arithmetic, reason = "a bench prints ratios")]

use std::fs;
use std::io::Cursor;
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx};
use documents::sheet;
use futures_util::TryStreamExt;
use jiff::civil::date;
use kernel::Actor;
use law::Law;
use registry::import::{Column, Imported, Read, Setting, Sheet, record};
use rust_xlsxwriter::Workbook;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{AssertSqlSafe, Executor, PgPool};
use testkit::TestDb;

/// The province of the first scenario.
const PEOPLE: u32 = 86_504;
const ROUNDS: usize = 5;
/// Processor time is counted in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// What an import writes, in an order in which each may be filled.
const TABLES: [&str; 9] = [
    "event_claim",
    "person_key",
    "event",
    "id_number_claim",
    "person",
    "residence",
    "fact",
    "enrolment",
    "payee",
];

/// Bytes sent at once.
const CHUNK: usize = 256 * 1024;

type Failure = Box<dyn std::error::Error>;

/// What some work took.
#[derive(Clone, Copy)]
struct Took {
    time: Duration,
    cpu: Duration,
}

fn main() -> Result<(), Failure> {
    let people = number("ANSINH_BENCH_PEOPLE").unwrap_or(PEOPLE);
    let rounds = number("ANSINH_BENCH_ROUNDS").map_or(ROUNDS, |rounds| rounds as usize);
    let file = workbook(people)?;
    let law = Law::embedded();
    let setting = Setting {
        law: &law,
        today: date(2024, 5, 20),
        area: None,
        practice: true,
    };
    println!("{people} people, {} bytes of xlsx", file.len());
    let mut took: [Vec<(Took, Took)>; 6] = Default::default();
    for round in 1..=rounds.max(1) {
        let (cells, plain) = timed(|| count_cells(&file))?;
        let (_, guarded) = timed(|| guarded(&file))?;
        let (events, read) = timed(|| read(&file, &setting))?;
        let events = events.events.len();
        let (imported, recording, whole, written) = import(&file, &setting)?;
        let (keyed, bare) = copy_plainly(&written)?;
        println!(
            "round {round}: {cells} cells {:.2?}, {events} events {:.2?}, imported {:.2?}, {} bytes \
             copied {:.2?}",
            plain.time,
            read.time,
            whole.time,
            written.iter().map(Vec::len).sum::<usize>(),
            keyed.time
        );
        if imported.events != events as u64 || imported.new_people != u64::from(people) {
            return Err("not everything was imported".into());
        }
        let of_round = [guarded, read, recording, whole, keyed, bare];
        for (all, part) in took.iter_mut().zip(of_round) {
            all.push((part, plain));
        }
    }
    println!("against reading the cells, middle of {rounds} rounds (least to most):");
    let names = [
        "cells guarded",
        "into events",
        "recorded",
        "import, whole",
        "rows copied",
        "… without keys",
    ];
    for (name, rounds) in names.into_iter().zip(&took) {
        let time = ratios(rounds, |took| took.time);
        let cpu = ratios(rounds, |took| took.cpu);
        println!("{name:<14} {time} times the time, {cpu} times the CPU");
    }
    Ok(())
}

fn number(variable: &str) -> Option<u32> {
    std::env::var(variable).ok()?.parse().ok()
}

fn ratios(rounds: &[(Took, Took)], of: impl Fn(Took) -> Duration) -> String {
    let ratio = |(part, plain): &(Took, Took)| of(*part).as_secs_f64() / of(*plain).as_secs_f64();
    let mut ratios: Vec<f64> = rounds.iter().map(ratio).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
    format!("{:.2} ({least:.2} to {most:.2})", ratios[ratios.len() / 2])
}

fn timed<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(T, Took), Failure> {
    let (begun, cpu) = (Instant::now(), cpu_of("self")?);
    let result = work()?;
    let took = Took {
        time: begun.elapsed(),
        cpu: cpu_of("self")?.saturating_sub(cpu),
    };
    Ok((result, took))
}

/// Processor time of a process so far, in and for it.
fn cpu_of(process: &str) -> Result<Duration, Failure> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in brackets may hold anything; 11 fields after it come the two times.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let mut ticks = || -> Result<u32, Failure> { Ok(fields.next().ok_or("no time")?.parse()?) };
    Ok(TICK * (ticks()? + ticks()?))
}

/// Processor time of this program and its connections in PostgreSQL.
async fn cpu_of_both(pool: &PgPool) -> Result<Duration, Failure> {
    let connections: Vec<i32> =
        sqlx::query_scalar("select pid from pg_stat_activity where datname = current_database()")
            .fetch_all(pool)
            .await?;
    let mut sum = cpu_of("self")?;
    for connection in connections {
        sum += cpu_of(&connection.to_string()).unwrap_or_default();
    }
    Ok(sum)
}

/// Invented people: numbers that begin with 999, half of them paid to an account.
fn workbook(people: u32) -> Result<Vec<u8>, Failure> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for column in Column::ALL {
        sheet.write_string(0, column as u16, column.heading())?;
    }
    let surnames = ["Nguyễn", "Trần", "Lê", "Phạm", "Đinh", "Hồ", "Võ", "Bùi"];
    let given = [
        "Ân", "Đào", "Hòa", "Thủy", "Minh", "Hạnh", "Lan", "Dũng", "Sơn",
    ];
    for person in 0..people {
        let pick = person as usize;
        let name = format!("{} Thị {} {person}", surnames[pick % 8], given[pick % 9]);
        let year = 40 + person % 30;
        let id_number = format!("9991{year:02}{person:06}");
        let birth = format!("{:02}/{:02}/19{year}", person % 28 + 1, person % 12 + 1);
        let account = format!("00{person:010}");
        let paid_to_account = person % 2 == 0;
        let texts = [
            (Column::Commune, "21211"),
            (Column::FullName, &name),
            (Column::BirthDate, &birth),
            (Column::Sex, "Nữ"),
            (Column::Ethnicity, "Kinh"),
            (Column::IdNumber, &id_number),
            (Column::Benefit, "Người khuyết tật nặng, đặc biệt nặng"),
            (Column::DisabilityGrade, "Nặng"),
            (Column::DisabilityDate, "15/01/2023"),
            (Column::Poverty, "Không"),
            (Column::DecisionNumber, "12/QĐ-UBND"),
            (Column::DecisionDate, "20/02/2023"),
            (Column::From, "02/2023"),
            (
                Column::Channel,
                if paid_to_account {
                    "Tài khoản"
                } else {
                    "Bưu điện"
                },
            ),
            (Column::Holder, "Bản thân"),
            (
                Column::Provider,
                if paid_to_account { "Agribank" } else { "" },
            ),
            (
                Column::AccountNumber,
                if paid_to_account { &account } else { "" },
            ),
        ];
        for (column, text) in texts {
            sheet.write_string(person + 1, column as u16, text)?;
        }
    }
    Ok(workbook.save_to_buffer()?)
}

fn count_cells(file: &[u8]) -> Result<u64, Failure> {
    let mut workbook = Xlsx::new(Cursor::new(file))?;
    let name = workbook.sheet_names().first().cloned().ok_or("no sheet")?;
    let mut cells = workbook.worksheet_cells_reader(&name)?;
    let mut count = 0;
    while cells.next_cell()?.is_some() {
        count += 1;
    }
    Ok(count)
}

fn guarded(file: &[u8]) -> Result<u64, Failure> {
    let mut count = 0;
    sheet::read(Cursor::new(file), |_, cells| {
        count += cells.len() as u64;
        Ok::<(), Failure>(())
    })?;
    Ok(count)
}

fn read(file: &[u8], setting: &Setting<'_>) -> Result<Read, Failure> {
    let hash = sheet::fingerprint(file)?;
    let mut rows = Sheet::new(setting, "bench.xlsx", hash);
    sheet::read(Cursor::new(file), |row, cells| -> Result<(), Failure> {
        Ok(rows.take(row, cells)?)
    })?;
    Ok(rows.finish()?)
}

/// What each of [`TABLES`] holds, as binary COPY writes it.
type Written = Vec<Vec<u8>>;

/// Imports into an empty database: what became of it, the recording alone, the whole, and what was
/// written.
fn import(file: &[u8], setting: &Setting<'_>) -> Result<(Imported, Took, Took, Written), Failure> {
    runtime()?.block_on(async {
        let db = TestDb::practice().await;
        let clock = testkit::clock("2024-05-20T08:00:00+07:00");
        let actor = Actor::with_every_role("can.bo");
        let (begun, cpu) = (Instant::now(), cpu_of_both(db.pool()).await?);
        let rows = read(file, setting)?;
        let (begun_recording, cpu_read) = (Instant::now(), cpu_of_both(db.pool()).await?);
        let imported = record(db.pool(), &actor, &clock, rows, false).await?;
        let (recorded, whole) = (begun_recording.elapsed(), begun.elapsed());
        let cpu_done = cpu_of_both(db.pool()).await?;
        let took = |time, since| Took {
            time,
            cpu: cpu_done.saturating_sub(since),
        };
        let written = copy_out(db.pool()).await?;
        let (recording, whole) = (took(recorded, cpu_read), took(whole, cpu));
        Ok((imported, recording, whole, written))
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.enable_all().build()?)
}

async fn copy_out(pool: &PgPool) -> Result<Written, Failure> {
    let mut written = Vec::new();
    for table in TABLES {
        let statement = format!("copy {table} to stdout (format binary)");
        let mut bytes = Vec::new();
        let mut rows = pool.copy_out_raw(&statement).await?;
        while let Some(chunk) = rows.try_next().await? {
            bytes.extend_from_slice(&chunk);
        }
        written.push(bytes);
    }
    Ok(written)
}

/// Copies rows into the tables they came from, in another database, and into tables that have the
/// same columns and nothing else.
fn copy_plainly(written: &Written) -> Result<(Took, Took), Failure> {
    runtime()?.block_on(async {
        let keyed = TestDb::practice().await;
        let with_keys = copy_in(keyed.pool(), "", written).await?;
        let bare = TestDb::practice().await;
        for table in TABLES {
            let statement = format!("create table bare_{table} (like {table} including generated)");
            bare.pool().execute(AssertSqlSafe(statement)).await?;
        }
        Ok((with_keys, copy_in(bare.pool(), "bare_", written).await?))
    })
}

async fn copy_in(pool: &PgPool, prefix: &str, written: &Written) -> Result<Took, Failure> {
    let (begun, cpu) = (Instant::now(), cpu_of_both(pool).await?);
    let mut tx = pool.begin().await?;
    for (table, bytes) in TABLES.into_iter().zip(written) {
        let statement = format!("copy {prefix}{table} from stdin (format binary)");
        let mut sink = tx.copy_in_raw(&statement).await?;
        for chunk in bytes.chunks(CHUNK) {
            sink.send(chunk).await?;
        }
        sink.finish().await?;
    }
    tx.commit().await?;
    Ok(Took {
        time: begun.elapsed(),
        cpu: cpu_of_both(pool).await?.saturating_sub(cpu),
    })
}
