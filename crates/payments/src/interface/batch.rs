//! An order cut into messages: once, in the order of its lines.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::link::{self, Numbered};
use super::message::{Writing, Written, transaction_id};
use super::{InterfaceRefused, Link};
use crate::order::sent;
use crate::order::{Handed, Order, lines_from};
use crate::provider::contract::Handover;
use crate::provider::{self, Provider};
use crate::{Office, Refused};

/// Advisory lock, added to the number of an order: it is cut by one at a time.
const CUTTING: i64 = 0x6375_7400_0000_0000;

/// A message of an order as it was first written.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) batch_no: i32,
    pub(super) message_id: String,
    pub(super) message_ts: Timestamp,
    pub(super) link_no: i64,
    pub(super) first: (i64, i16),
    pub(super) last: (i64, i16),
    pub(super) lines: i32,
    amount: i64,
    pub(super) digest: Vec<u8>,
}

/// Cuts an order into messages, unless it is cut, and records that it is handed over.
pub(super) async fn cut(office: &Office<'_>, actor: &Actor, order: &Order) -> Result<(), Refused> {
    let mut tx = office.pool.begin().await?;
    let lock = CUTTING + order.order_no.0;
    sqlx::query!("select pg_advisory_xact_lock($1)", lock)
        .execute(&mut *tx)
        .await?;
    let there = sqlx::query_scalar!(
        r#"select count(*) as "count!" from order_batch where order_no = $1"#,
        order.order_no.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if there > 0 {
        return Ok(());
    }
    let link = link::present(&mut *tx, &order.provider).await?;
    let provider = provider::find(&mut *tx, &order.provider).await?;
    let cuts = all(office, order, &provider, &link).await?;
    insert(&mut tx, order, &cuts).await?;
    let mut prints = Sha256::new();
    for cut in &cuts {
        prints.update(&cut.digest);
    }
    let handed = Handed {
        name: format!("{} ({} thông điệp)", transaction_id(order), cuts.len()),
        sha256: prints.finalize().to_vec(),
    };
    let what = (Handover::Interface, &handed, None);
    sent::record(office, actor, &mut tx, order, what).await?;
    tx.commit().await?;
    Ok(())
}

/// Every message of the order, a part of the lines at a time.
async fn all(
    office: &Office<'_>,
    order: &Order,
    provider: &Provider,
    Numbered { link_no, link }: &Numbered,
) -> Result<Vec<Cut>, Refused> {
    let writing = Writing {
        order,
        provider,
        link,
    };
    let (mut cuts, mut next) = (Vec::new(), (i64::MIN, i16::MIN));
    for batch_no in 1.. {
        let count = i64::from(link.lines_per_message);
        let lines = lines_from(office.pool, order, next, count).await?;
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            break;
        };
        let message_id = format!("{}-{batch_no}", transaction_id(order));
        // Kept to the microsecond, as the database does: written again it is the same.
        let micros = office.clock.now().as_microsecond();
        let message_ts = Timestamp::from_microsecond(micros).unwrap_or_default();
        let written = writing.request((&message_id, message_ts), &lines)?;
        next = (last.person.0, last.line_no.saturating_add(1));
        cuts.push(Cut {
            batch_no,
            message_id,
            message_ts,
            link_no: *link_no,
            first: (first.person.0, first.line_no),
            last: (last.person.0, last.line_no),
            lines: i32::try_from(lines.len()).unwrap_or(i32::MAX),
            amount: lines.iter().map(|line| line.amount).sum(),
            digest: written.digest().to_vec(),
        });
    }
    Ok(cuts)
}

async fn insert(tx: &mut PgConnection, order: &Order, cuts: &[Cut]) -> Result<(), Refused> {
    let ids: Vec<&str> = cuts.iter().map(|cut| cut.message_id.as_str()).collect();
    let times: Vec<jiff_sqlx::Timestamp> =
        cuts.iter().map(|cut| cut.message_ts.to_sqlx()).collect();
    let numbers = |of: fn(&Cut) -> i32| -> Vec<i32> { cuts.iter().map(of).collect() };
    let large = |of: fn(&Cut) -> i64| -> Vec<i64> { cuts.iter().map(of).collect() };
    let small = |of: fn(&Cut) -> i16| -> Vec<i16> { cuts.iter().map(of).collect() };
    let digests: Vec<Vec<u8>> = cuts.iter().map(|cut| cut.digest.clone()).collect();
    let inserted = sqlx::query!(
        "insert into order_batch (order_no, batch_no, message_id, message_ts, link_no, first_person,
             first_line, last_person, last_line, lines, amount, digest)
         select $1, *
         from unnest($2::int[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[],
             $7::smallint[], $8::bigint[], $9::smallint[], $10::int[], $11::bigint[], $12::bytea[])",
        order.order_no.0,
        &numbers(|cut| cut.batch_no),
        &ids as _,
        &times as _,
        &large(|cut| cut.link_no),
        &large(|cut| cut.first.0),
        &small(|cut| cut.first.1),
        &large(|cut| cut.last.0),
        &small(|cut| cut.last.1),
        &numbers(|cut| cut.lines),
        &large(|cut| cut.amount),
        &digests
    )
    .execute(tx)
    .await?;
    if inserted.rows_affected() != cuts.len() as u64 || cuts.is_empty() {
        let what = format!("order {} was not cut into messages", order.order_no);
        return Err(Refused::Inconsistent(what));
    }
    Ok(())
}

/// The messages of an order, by number.
pub(super) async fn cuts(office: &Office<'_>, order: &Order) -> Result<Vec<Cut>, Refused> {
    let rows = sqlx::query!(
        r#"select batch_no, message_id, message_ts as "message_ts: jiff_sqlx::Timestamp", link_no,
                  first_person, first_line, last_person, last_line, lines, amount, digest
           from order_batch where order_no = $1 order by batch_no"#,
        order.order_no.0
    )
    .fetch_all(office.pool)
    .await?;
    let cuts = rows.into_iter().map(|row| Cut {
        batch_no: row.batch_no,
        message_id: row.message_id,
        message_ts: row.message_ts.to_jiff(),
        link_no: row.link_no,
        first: (row.first_person, row.first_line),
        last: (row.last_person, row.last_line),
        lines: row.lines,
        amount: row.amount,
        digest: row.digest,
    });
    Ok(cuts.collect())
}

/// Writes a message again, word for word.
///
/// # Errors
/// [`InterfaceRefused::WrittenOtherwise`] when this version of the program cannot.
pub(super) async fn write(
    office: &Office<'_>,
    order: &Order,
    (provider, link): (&Provider, &Link),
    cut: &Cut,
) -> Result<Written, Refused> {
    let lines = lines_from(office.pool, order, cut.first, cut.lines.into()).await?;
    let writing = Writing {
        order,
        provider,
        link,
    };
    let written = writing.request((&cut.message_id, cut.message_ts), &lines)?;
    if written.digest()[..] != cut.digest[..] {
        let (order_no, batch_no) = (order.order_no, cut.batch_no);
        return Err(InterfaceRefused::WrittenOtherwise { order_no, batch_no }.into());
    }
    Ok(written)
}
