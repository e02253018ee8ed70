//! Booking an entry.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Dong};
use sqlx::PgConnection;

use super::{Entry, EntryNo, Posting};
use crate::Refused;

/// Books an entry in the caller's transaction; permission and the audit entry are the caller's.
/// Postings of zero are left out; an entry without any other is not booked.
///
/// # Errors
/// [`Refused::Inconsistent`] when the postings do not sum to zero (the database refuses that too),
/// and those of the database.
pub(crate) async fn post(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    entry: &Entry<'_>,
) -> Result<Option<EntryNo>, Refused> {
    let postings: Vec<&Posting> = entry
        .postings
        .iter()
        .filter(|posting| !posting.amount.is_zero())
        .collect();
    let sum: Dong = postings.iter().map(|posting| posting.amount).sum();
    if !sum.is_zero() {
        let kind = entry.kind.code();
        return Err(Refused::Inconsistent(format!(
            "an entry {kind} is off by {sum}"
        )));
    }
    if postings.is_empty() {
        return Ok(None);
    }
    let entry_no = sqlx::query_scalar!(
        "insert into ledger_entry (at, by, kind, memo, area_code, list_month, list_id, order_no,
             day, reverses, postings)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning entry_no",
        at.to_sqlx() as _,
        actor.name,
        entry.kind.code(),
        entry.memo,
        entry.area,
        entry.list_month.yyyymm(),
        entry.list.map(|list| list.0),
        entry.order.map(|order| order.0),
        entry.day.to_sqlx() as _,
        entry.reverses.map(|entry| entry.0),
        postings.len() as i32
    )
    .fetch_one(&mut *tx)
    .await?;
    insert(tx, entry_no, &postings).await?;
    Ok(Some(EntryNo(entry_no)))
}

async fn insert(tx: &mut PgConnection, entry_no: i64, postings: &[&Posting]) -> sqlx::Result<()> {
    let accounts: Vec<String> = postings
        .iter()
        .map(|posting| posting.account.code().to_owned())
        .collect();
    let providers: Vec<Option<String>> = postings
        .iter()
        .map(|posting| posting.provider.clone())
        .collect();
    let areas: Vec<String> = postings
        .iter()
        .map(|posting| posting.place.area.clone())
        .collect();
    let since: Vec<jiff_sqlx::Date> = postings
        .iter()
        .map(|posting| posting.place.valid_from.to_sqlx())
        .collect();
    let amounts: Vec<i64> = postings.iter().map(|posting| posting.amount.0).collect();
    sqlx::query!(
        "insert into ledger_posting (entry_no, posting_no, account, provider, area_code,
             area_valid_from, amount)
         select $1, posting_no, account, provider, area_code, area_valid_from, amount
         from unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::bigint[])
              with ordinality
              as part (account, provider, area_code, area_valid_from, amount, posting_no)",
        entry_no,
        &accounts,
        &providers as _,
        &areas,
        &since as _,
        &amounts
    )
    .execute(tx)
    .await?;
    Ok(())
}
