//! Registrations as people look at them.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::Clock;
use kernel::actor::{Actor, Role};
use serde::Serialize;
use sqlx::PgPool;

use crate::Error;

/// Who may look at them, for the whole country: the ministry and who watches over it.
pub const READERS: &[Role] = &[Role::Administrator, Role::Auditor, Role::Reader];
/// What is counted as lately.
const LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A registration as the command line and the ministry's page show it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// What it calls itself.
    pub name: String,
    /// Whose it is.
    pub full_name: String,
    /// What it sees.
    pub fields: String,
    /// Where.
    pub areas: String,
    /// For what.
    pub purposes: String,
    /// Whether it tells what its own programmes pay.
    pub reports: bool,
    /// Names of its keys.
    pub keys: String,
    /// Where it is told.
    pub callback_url: Option<String>,
    /// From when on.
    pub valid_from: Timestamp,
    /// Until when.
    pub valid_until: Option<Timestamp>,
    /// When it was ended before its time.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
    /// Messages of that name in the last thirty days.
    pub asked: i64,
    /// Its open subscriptions.
    pub subscriptions: i64,
    /// Answers and notices it has not taken yet.
    pub waiting: i64,
    /// Those given up that may be sent anew.
    pub given_up: i64,
}

/// Every registration, the last first.
///
/// # Errors
/// [`Error::Denied`].
pub async fn all(pool: &PgPool, actor: &Actor, clock: &Clock) -> Result<Vec<Listed>, Error> {
    list(pool, actor, clock, false).await
}

/// The last registration of each name.
///
/// # Errors
/// [`Error::Denied`].
pub async fn present_all(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
) -> Result<Vec<Listed>, Error> {
    list(pool, actor, clock, true).await
}

async fn list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    last_only: bool,
) -> Result<Vec<Listed>, Error> {
    access::require(actor, READERS, "")?;
    let since = clock.now().saturating_sub(LATELY);
    let since = since.unwrap_or(Timestamp::MIN);
    let rows = sqlx::query!(
        r#"select caller, full_name, callback_url, fields, areas, purposes, reports,
                  array(select key_id from spdci_key k where k.caller_no = c.caller_no
                        order by key_id) as "keys!",
                  valid_from as "valid_from: jiff_sqlx::Timestamp",
                  valid_until as "valid_until: jiff_sqlx::Timestamp",
                  ended_at as "ended_at?: jiff_sqlx::Timestamp", reason as "reason?",
                  (select count(*) from spdci_message m
                   where m.caller = c.caller and m.received_at > $2) as "asked!",
                  (select count(*) from spdci_subscription s
                   where s.caller = c.caller and s.ended_at is null) as "subscriptions!",
                  (select count(*) from spdci_task t
                   where t.caller = c.caller and t.next_at is not null) as "waiting!",
                  (select count(*) from spdci_task t
                   where t.caller = c.caller and t.state = 'given_up' and t.code is distinct from $3
                     and (t.subscription is not null or t.request is not null)) as "given_up!"
           from spdci_caller c left join spdci_caller_ended using (caller_no)
           where not $1 or not exists (select from spdci_caller later
                                       where later.caller = c.caller and later.caller_no > c.caller_no)
           order by caller_no desc"#,
        last_only,
        since.to_sqlx() as _,
        crate::task::NOTHING
    )
    .fetch_all(pool)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        name: row.caller,
        full_name: row.full_name,
        fields: row.fields.join(","),
        areas: row.areas.join(","),
        purposes: row.purposes.join(","),
        reports: row.reports,
        keys: row.keys.join(","),
        callback_url: row.callback_url,
        valid_from: row.valid_from.to_jiff(),
        valid_until: row.valid_until.map(|at| at.to_jiff()),
        ended_at: row.ended_at.map(|at| at.to_jiff()),
        reason: row.reason,
        asked: row.asked,
        subscriptions: row.subscriptions,
        waiting: row.waiting,
        given_up: row.given_up,
    });
    Ok(listed.collect())
}
