//! `ansinh bench`: how fast this machine makes a month.

use std::time::Duration;

use anyhow::Context as _;
use kernel::Actor;
use law::Law;
use payments::{Office, bench};
use private_postgres::{Durability, PrivatePostgres, schema};
use serde::Serialize;
use sqlx::ConnectOptions;
use sqlx::postgres::PgPoolOptions;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `bench`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Lập danh sách một tháng cho nhiều người, so với chỉ ghi chừng ấy dòng (không đụng tới --data).
    Month {
        /// Số người.
        #[arg(long, default_value_t = 865_040)]
        people: i64,
        /// Số lần đo.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// What one size came to; times are the middle of the rounds.
#[derive(Serialize)]
struct Measured {
    people: i64,
    lines: i32,
    make_ms: u128,
    insert_select_ms: u128,
    /// Making against plain writing, hundredths as a decimal string.
    ratio: String,
    /// Most memory the program held so far, MB.
    peak_memory_mb: Option<u64>,
    /// Against a tenth of the people: times as long.
    against_a_tenth: Option<String>,
}

/// Run it.
///
/// # Errors
/// When no private PostgreSQL can be started.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let What::Month {
        people,
        rounds,
        format,
    } = args.what;
    let tenth = measure(people / 10, rounds, context.law()?).await?;
    let mut whole = measure(people, rounds, context.law()?).await?;
    whole.against_a_tenth = Some(ratio(whole.make_ms, tenth.make_ms));
    print_rows(format, [tenth, whole])?;
    Ok(Exit::Done)
}

async fn measure(people: i64, rounds: usize, law: &Law) -> anyhow::Result<Measured> {
    let folder = tempfile::tempdir().context("Không tạo được thư mục tạm.")?;
    let server = PrivatePostgres::open(folder.path(), Durability::Full)?;
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .connect_with(server.options().disable_statement_logging())
        .await?;
    schema::migrate(&pool).await?;
    registry::areas::load(&pool).await?;
    let clock = bench::clock();
    access::practice::begin(&pool, clock.now()).await?;
    eprintln!("Đang tạo {people} người…");
    bench::fill(&pool, people).await?;
    let office = Office {
        pool: &pool,
        clock: &clock,
        law,
    };
    bench::list_history(&office).await?;
    sqlx::raw_sql("vacuum analyze").execute(&pool).await?;
    let actor = Actor::with_every_role("bench");
    let (mut made_in, mut inserted_in, mut lines) = (Vec::new(), Vec::new(), 0);
    for round in 1..=rounds {
        let (made, took) = bench::timed_make(&office, &actor).await?;
        let (inserted, plain) = bench::timed_insert(&pool).await?;
        eprintln!(
            "Lần {round}: lập {} dòng {} ms, chỉ ghi {inserted} dòng {} ms",
            made.header.lines,
            took.as_millis(),
            plain.as_millis()
        );
        (made_in.push(took), inserted_in.push(plain));
        lines = made.header.lines;
    }
    pool.close().await;
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
fn ratio(over: u128, under: u128) -> String {
    let hundredths = (over * 100 + under / 2) / under.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The most memory this process has held, as Linux counts it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}
