//! What ordering a list costs against copying as many rows into a table of the same shape.

use std::time::{Duration, Instant};

use kernel::{Actor, Month};
use registry::copy::{CopyReader, CopyWriter};
use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{decimal, fill, hundredths, middle, month, peak_memory, settle};
use crate::provider::contract::Handover;
use crate::provider::{self, NewContract, Provider, ProviderKind};
use crate::{Office, Refused, order};

/// What ordering came to; times are the middle of the rounds, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredOrders {
    /// People.
    pub people: i64,
    /// Lines ordered in a round.
    pub lines: u64,
    /// Ordering them, from the first lock to the commit.
    pub order_ms: u128,
    /// Copying as many rows into a table with the same key, index and checks.
    pub copy_ms: u128,
    /// Ordering against copying, two decimals: the middle of the rounds' ratios.
    pub ratio: String,
    /// The same of the best and of the worst round.
    pub ratio_from_to: String,
    /// The most memory this program has held so far, MB, as Linux counts it.
    pub peak_memory_mb: Option<u64>,
}

/// Fills an empty practice database and orders a month of everybody in each round, then copies as
/// many rows plainly.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database; otherwise as
/// [`order::make()`].
pub async fn measure(
    office: &Office<'_>,
    people: i64,
    rounds: usize,
    progress: impl Fn(&str),
) -> Result<MeasuredOrders, Refused> {
    let rounds = rounds.clamp(1, 12);
    let first = month().plus(-(rounds as i32));
    prepare(office, people, first, &progress).await?;
    let actor = Actor::with_every_role("bench");
    let (mut ordered_in, mut copied_in, mut lines) = (Vec::new(), Vec::new(), 0);
    for round in 0..rounds {
        let list = first.plus(round as i32);
        settle(office.pool).await?;
        let begun = Instant::now();
        let made = order::make(office, &actor, list, "", None).await?;
        let ordered = begun.elapsed();
        if !made.open.is_empty() {
            return Err(Refused::Inconsistent(
                "lines that are not ordered".to_owned(),
            ));
        }
        lines = made
            .orders
            .iter()
            .map(|order| u64::from(order.lines.unsigned_abs()))
            .sum();
        let copied = timed_copy(office, list).await?;
        progress(&format!(
            "Lần {}/{rounds}: lập lệnh {lines} dòng {} ms, chỉ chép {} ms",
            round + 1,
            ordered.as_millis(),
            copied.as_millis()
        ));
        ordered_in.push(ordered.as_millis());
        copied_in.push(copied.as_millis());
    }
    let pairs = ordered_in.iter().zip(&copied_in);
    let mut ratios: Vec<u128> = pairs.map(|(one, other)| hundredths(*one, *other)).collect();
    let ratio = decimal(middle(&mut ratios));
    Ok(MeasuredOrders {
        people,
        lines,
        order_ms: middle(&mut ordered_in),
        copy_ms: middle(&mut copied_in),
        ratio,
        ratio_from_to: format!(
            "{} – {}",
            decimal(ratios[0]),
            decimal(ratios[ratios.len() - 1])
        ),
        peak_memory_mb: peak_memory(),
    })
}

/// People, an approved list for every round, and somebody to pay them.
async fn prepare(
    office: &Office<'_>,
    people: i64,
    first: Month,
    progress: &impl Fn(&str),
) -> Result<(), Refused> {
    fill::people(office.pool, people, fill::Identity::Missing, progress).await?;
    fill::listed(office).await?;
    let mut list = first;
    while list < month() {
        progress(&format!("Đang ghi danh sách {list}…"));
        fill::approved_list(office, list).await?;
        list = list.next();
    }
    let payees = "update payee set provider = '970436';
         insert into payee (person_id, channel, holder, since)
         select person_id, 'post_office', 'self', date '2022-05-05' from person
         where person_id % 2 = 1 order by person_id";
    for statement in [payees, "vacuum analyze"] {
        sqlx::raw_sql(statement).execute(office.pool).await?;
    }
    for (code, kind) in [("bank", ProviderKind::Bank), ("post", ProviderKind::Post)] {
        hire(office, code, kind, first).await?;
    }
    Ok(())
}

async fn hire(
    office: &Office<'_>,
    code: &str,
    kind: ProviderKind,
    from: Month,
) -> Result<(), Refused> {
    let actor = Actor::with_every_role("bench");
    let provider = Provider {
        code: code.to_owned(),
        name: code.to_owned(),
        kind,
        bank_code: Some("970405".to_owned()),
        account_number: Some("1000200030".to_owned()),
    };
    provider::add(office, &actor, &provider).await?;
    let terms = NewContract {
        provider: provider.code,
        area: String::new(),
        bank: None,
        channels: kind.channels().to_vec(),
        from,
        to: None,
        fee_basis_points: 50,
        list_before_day: 25,
        report_before_day: 20,
        settlement_months: 1,
        handover: Handover::File,
        signed_number: None,
    };
    provider::record(office, &actor, &terms, false).await?;
    Ok(())
}

/// Copies the order lines of a month, read before, into a table of the same shape.
async fn timed_copy(office: &Office<'_>, list: Month) -> Result<Duration, Refused> {
    let table = format!("order_line_{}", list.yyyymm());
    let create =
        format!("drop table if exists plain; create table plain (like {table} including all)");
    sqlx::raw_sql(AssertSqlSafe(create))
        .execute(office.pool)
        .await?;
    settle(office.pool).await?;
    let columns = "list_month, person_id, line_no, order_no, channel, amount, full_name, birth_date,
         birth_precision, id_number, holder, payee_name, payee_id_number, bank_code, account_number";
    let out = format!(
        "copy (select {columns} from {table} order by person_id, line_no) to stdout (format binary)"
    );
    let mut rows = CopyReader::of_pool(office.pool, &out).await?;
    let mut read = Vec::new();
    while let Some(mut row) = rows.next().await? {
        read.push((
            (
                row.i32()?,
                row.i64()?,
                row.i16()?,
                row.i64()?,
                row.i16()?,
                row.i64()?,
            ),
            (row.text()?, row.date()?, row.text()?, row.opt_text()?),
            (
                row.text()?,
                row.text()?,
                row.opt_text()?,
                row.opt_text()?,
                row.opt_text()?,
            ),
        ));
    }
    let begun = Instant::now();
    let mut tx = office.pool.begin().await?;
    let into = format!("copy plain ({columns}) from stdin (format binary)");
    let mut rows = CopyWriter::begin(&mut tx, &into).await?;
    for ((month, person, line, order, channel, amount), person_is, payee) in &read {
        rows.row().await?;
        rows.put_i32(*month);
        rows.put_i64(*person);
        rows.put_i16(*line);
        rows.put_i64(*order);
        rows.put_i16(*channel);
        rows.put_i64(*amount);
        rows.put_str(&person_is.0);
        rows.put_date(person_is.1);
        rows.put_str(&person_is.2);
        rows.put_opt(person_is.3.as_deref(), |rows, text| rows.put_str(text));
        rows.put_str(&payee.0);
        rows.put_str(&payee.1);
        for text in [&payee.2, &payee.3, &payee.4] {
            rows.put_opt(text.as_deref(), |rows, text| rows.put_str(text));
        }
    }
    rows.finish().await?;
    tx.commit().await?;
    let took = begun.elapsed();
    sqlx::raw_sql("drop table plain")
        .execute(office.pool)
        .await?;
    Ok(took)
}
