//! What every action on lists needs, and the locks that order them.

use kernel::{Clock, Month};
use law::Law;
use registry::roll::{Cut, Known};
use sqlx::{PgConnection, PgPool};

use crate::Refused;

/// The database, the time, the law.
#[derive(Clone, Copy)]
pub struct Office<'a> {
    /// The database. Making a list uses several connections at once.
    pub pool: &'a PgPool,
    /// What time it is.
    pub clock: &'a Clock,
    /// The law data.
    pub law: &'a Law,
}

impl Office<'_> {
    /// What is known by now, for readers who hold nothing still.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn known_now(&self) -> sqlx::Result<Known> {
        let cut = Cut {
            event_no: i64::MAX,
            recorded_at: self.clock.now(),
        };
        Known::at(self.pool, cut).await
    }
}

/// Advisory lock: approvals and openings take it alone, makers of lists share it, so that what is
/// listed stands still while a list is made.
const APPROVALS: i64 = 0x6c69_7374_6564;
/// Advisory lock, with the month: one list of a month is written at a time.
const LIST_OF_MONTH: i32 = 0x6c69_7374;

/// Holds off approvals and openings, and other makers of the month, until the transaction ends.
pub(crate) async fn lock_for_making(tx: &mut PgConnection, month: Month) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock_shared($1)", APPROVALS)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "select pg_advisory_xact_lock($1, $2)",
        LIST_OF_MONTH,
        month.yyyymm()
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Holds off everybody who makes, approves or opens, until the transaction ends.
pub(crate) async fn lock_for_approval(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", APPROVALS)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Holds off new events until the transaction ends and returns the number of the last one. Writers
/// of events lock the table first, so none is half recorded.
pub(crate) async fn hold_events(tx: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query!("lock table event in share mode")
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar!(
        r#"select case when is_called then last_value else 0 end as "last!" from event_no"#
    )
    .fetch_one(&mut *tx)
    .await
}

/// Holds off new results of providers until the transaction ends and returns the number of the
/// last one.
pub(crate) async fn hold_results(tx: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query!("lock table payment_result in share mode")
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar!(
        r#"select case when is_called then last_value else 0 end as "last!" from result_no"#
    )
    .fetch_one(&mut *tx)
    .await
}

/// The number of the last approval or opening; stands still under either lock.
pub(crate) async fn last_approval(tx: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select case when is_called then last_value else 0 end as "last!" from approval_no"#
    )
    .fetch_one(&mut *tx)
    .await
}

/// Whether the area's list may be made now for the month.
pub(crate) fn not_too_far(month: Month, clock: &Clock) -> Result<(), Refused> {
    let last = Month::of(clock.today()).next();
    if month > last {
        return Err(Refused::TooFarAhead { month, last });
    }
    Ok(())
}
