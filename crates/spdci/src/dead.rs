//! Dead letters: answers and notices a caller could not be told in some three days of trying, which wait for a
//! person.

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Clock;
use kernel::actor::Actor;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::caller::{self, READERS, REGISTRARS};
use crate::{Error, task};

/// Who has them sent anew.
pub const SENDERS: &[kernel::actor::Role] = REGISTRARS;

/// What of one caller waits for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dead {
    /// The caller's code.
    pub caller: String,
    /// Whose it is.
    pub full_name: String,
    /// What came of the last try: `not_reached`, `timed_out`, `busy` …, or what the caller answered.
    pub code: String,
    /// How many notices.
    pub notices: i64,
    /// How many answers.
    pub answers: i64,
    /// When the first of them was made.
    pub oldest: Timestamp,
}

/// Dead letters of every caller, by caller and reason. What may no longer be told to anybody is none.
///
/// # Errors
/// [`Error::Denied`].
pub async fn all(pool: &PgPool, actor: &Actor) -> Result<Vec<Dead>, Error> {
    access::require(actor, READERS, "")?;
    let rows = sqlx::query!(
        r#"select t.caller, coalesce(t.code, '') as "code!", count(t.subscription) as "notices!",
                  count(*) - count(t.subscription) as "answers!",
                  min(t.made_at) as "oldest!: jiff_sqlx::Timestamp",
                  (select c.full_name from spdci_caller c where c.caller = t.caller
                   order by c.caller_no desc limit 1) as "full_name!"
           from spdci_task t
           where t.state = 'given_up' and t.code is distinct from $1
             and (t.subscription is not null or t.request is not null)
           group by t.caller, t.code order by t.caller, t.code"#,
        task::NOTHING
    )
    .fetch_all(pool)
    .await?;
    let dead = rows.into_iter().map(|row| Dead {
        caller: row.caller,
        full_name: row.full_name,
        code: row.code,
        notices: row.notices,
        answers: row.answers,
        oldest: row.oldest.to_jiff(),
    });
    Ok(dead.collect())
}

/// Has the dead letters of a caller sent anew, as things are when they are sent. Returns how many.
///
/// # Errors
/// [`Error::UnknownCaller`] where its registration holds no more, [`Error::Denied`].
pub async fn send_again(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    caller: &str,
) -> Result<u64, Error> {
    access::require(actor, SENDERS, "")?;
    let now = clock.now();
    let known = match crate::criteria::is_plain(caller) {
        true => caller::present(pool, caller, now).await?,
        false => None,
    };
    if known.is_none() {
        return Err(Error::UnknownCaller(caller.to_owned()));
    }
    let mut tx = pool.begin().await?;
    let sent = sqlx::query!(
        "update spdci_task set state = 'waiting', attempts = 0, next_at = $2
         where caller = $1 and state = 'given_up' and code is distinct from $3
           and (subscription is not null or request is not null)",
        caller,
        now.to_sqlx() as _,
        task::NOTHING
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let (action, detail) = (Action::SpdciSendAgain, json!({ "messages": sent }));
    access::audit::record(&mut tx, now, actor, action, caller, None, detail).await?;
    tx.commit().await?;
    Ok(sent)
}
