//! How many failed tries are taken from one address.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::Origin;
use sqlx::PgConnection;

/// Failed tries from one address within [`SPAN`] after which it has to wait. A whole office may sit
/// behind one address, so it is far above what one person needs.
pub const TRIES: i32 = 50;
/// How long failed tries of an address count.
pub const SPAN: SignedDuration = SignedDuration::from_mins(15);

/// Whether too many tries from the address failed lately.
pub(crate) async fn must_wait(
    tx: &mut PgConnection,
    at: Timestamp,
    origin: &Origin,
) -> sqlx::Result<bool> {
    let Some(address) = origin.counted() else {
        return Ok(false);
    };
    let since = at.saturating_sub(SPAN).unwrap_or(at);
    sqlx::query_scalar!(
        r#"select exists(select from sign_in_address
                         where address = $1 and since > $2 and failed >= $3) as "must_wait!""#,
        address,
        since.to_sqlx() as _,
        TRIES
    )
    .fetch_one(tx)
    .await
}

/// Counts a failed try of the address, and forgets those of addresses that count no more.
pub(crate) async fn failed(
    tx: &mut PgConnection,
    at: Timestamp,
    origin: &Origin,
) -> sqlx::Result<()> {
    let Some(address) = origin.counted() else {
        return Ok(());
    };
    let since = at.saturating_sub(SPAN).unwrap_or(at);
    sqlx::query!(
        "insert into sign_in_address as held (address, since, failed) values ($1, $2, 1)
         on conflict (address) do update set
           failed = case when held.since > $3 then held.failed + 1 else 1 end,
           since = case when held.since > $3 then held.since else excluded.since end",
        address,
        at.to_sqlx() as _,
        since.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from sign_in_address where address in
           (select address from sign_in_address where since <= $1 limit 100 for update skip locked)",
        since.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
