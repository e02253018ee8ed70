//! Plain copying, the other side of the ratios: the rows something wrote, read before and copied
//! byte for byte into tables of the same columns, keys, indexes and checks.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{AssertSqlSafe, PgPool};

use super::{decimal, hundredths, middle, settle};
use crate::Refused;

/// Bytes sent at once, as many as [`registry::copy::CopyWriter`] sends.
const CHUNK: usize = 256 * 1024;

/// A table and rows for it.
pub(super) struct Rows {
    table: String,
    columns: &'static str,
    bytes: Vec<u8>,
}

impl Rows {
    /// The rows a condition and an order choose from a table, for the plain table beside it, which is
    /// made if it is not there. Names and figures are those of this module.
    pub(super) async fn of(
        pool: &PgPool,
        table: &str,
        columns: &'static str,
        which: &str,
    ) -> Result<Rows, Refused> {
        let plain = format!("plain_{table}");
        let create = format!("create table if not exists {plain} (like {table} including all)");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(pool).await?;
        let out = format!("copy (select {columns} from {table} {which}) to stdout (format binary)");
        let mut read = pool.copy_out_raw(&out).await?;
        let mut bytes = Vec::new();
        while let Some(some) = read.try_next().await? {
            bytes.extend_from_slice(&some);
        }
        Ok(Rows {
            table: plain,
            columns,
            bytes,
        })
    }
}

/// Copies rows into their plain tables in one transaction and says how long that took with its
/// commit.
pub(super) async fn copy(pool: &PgPool, tables: &[Rows]) -> Result<Duration, Refused> {
    settle(pool).await?;
    let begun = Instant::now();
    let mut tx = pool.begin().await?;
    for rows in tables {
        let Rows { table, columns, .. } = rows;
        let into = format!("copy {table} ({columns}) from stdin (format binary)");
        let mut sink = tx.copy_in_raw(&into).await?;
        for chunk in rows.bytes.chunks(CHUNK) {
            sink.send(chunk).await?;
        }
        sink.finish().await?;
    }
    tx.commit().await?;
    Ok(begun.elapsed())
}

/// What something came to against plain copying; times are the middle of the rounds, in
/// milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Against {
    /// What was measured.
    pub what: &'static str,
    /// People.
    pub people: i64,
    /// Lines of a round.
    pub lines: u64,
    /// Doing it, from the first lock to the commit.
    pub took_ms: u128,
    /// Copying the rows it wrote plainly.
    pub copy_ms: u128,
    /// The one against the other, two decimals: the middle of the rounds' ratios.
    pub ratio: String,
    /// The same of the best and of the worst round.
    pub ratio_from_to: String,
    /// The most memory this program had held when it was done the first time, MB, as Linux counts
    /// it; unknown where rows to be copied plainly were held before.
    pub peak_memory_mb: Option<u64>,
}

/// The rounds of one thing measured.
pub(super) struct Rounds {
    what: &'static str,
    took: Vec<u128>,
    copied: Vec<u128>,
    peak_memory_mb: Option<u64>,
}

impl Rounds {
    pub(super) const fn of(what: &'static str) -> Rounds {
        Rounds {
            what,
            took: Vec::new(),
            copied: Vec::new(),
            peak_memory_mb: None,
        }
    }

    /// Adds a round and says what it came to. `peak` is the memory held before it was copied.
    pub(super) fn add(&mut self, took: Duration, copied: Duration, peak: Option<u64>) -> String {
        let (took, copied) = (took.as_millis(), copied.as_millis());
        if self.took.is_empty() {
            self.peak_memory_mb = peak;
        }
        self.took.push(took);
        self.copied.push(copied);
        format!("{}: {took} ms, chỉ chép {copied} ms", self.what)
    }

    pub(super) fn sum_up(mut self, people: i64, lines: u64) -> Against {
        let pairs = self.took.iter().zip(&self.copied);
        let mut ratios: Vec<u128> = pairs.map(|(one, other)| hundredths(*one, *other)).collect();
        let ratio = decimal(middle(&mut ratios));
        let (least, most) = (ratios.first(), ratios.last());
        Against {
            what: self.what,
            people,
            lines,
            took_ms: middle(&mut self.took),
            copy_ms: middle(&mut self.copied),
            ratio,
            ratio_from_to: format!(
                "{} – {}",
                decimal(least.copied().unwrap_or_default()),
                decimal(most.copied().unwrap_or_default())
            ),
            peak_memory_mb: self.peak_memory_mb,
        }
    }
}
