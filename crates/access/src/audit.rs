//! The audit log: append-only, each entry chained to the one before by its hash, so that a
//! changed, removed or inserted entry shows.

mod action;
mod chain;
mod changed;
mod export;
mod log;
mod watch;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

use crate::delegation;

pub use action::{Action, Group};
pub use chain::{Chain, LastCheck, VERIFIERS, check, last_check, verify};
pub use changed::{Changed, Named};
pub use export::{MOST_EXPORTED, Refused, export};
pub use log::{AUDITORS, Entry as LogEntry, Wanted, read};
pub use watch::{answered_before, watch};

/// Key of the advisory lock that lets one writer at a time append.
const CHAIN_LOCK: i64 = 0x0061_7564_6974;

/// Appends an entry inside the caller's transaction. `object` is an internal id, never a name or an
/// ID number; `area` the area it concerns, if one. From where it was done is the actor's origin.
///
/// Where the actor stands in for somebody, the detail says so (`on_behalf_of`). Old and new values of
/// a change are its `changed` ([`Changed`]).
///
/// The lock that orders writers is held until the transaction ends: call this last. The
/// transaction must read committed (the default); in a stricter one two writers at once make the
/// later fail, because no two entries may follow the same one.
///
/// # Errors
/// Those of the database.
pub async fn record(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    action: Action,
    object: &str,
    area: Option<&str>,
    mut detail: Value,
) -> sqlx::Result<()> {
    if let (false, Value::Object(fields)) = (action.is_own_affair(), &mut detail) {
        let others = delegation::acting_for(&mut *tx, at, &actor.name, area).await?;
        if !others.is_empty() {
            fields.insert("on_behalf_of".to_owned(), others.into());
        }
    }
    sqlx::query!("select pg_advisory_xact_lock($1)", CHAIN_LOCK)
        .execute(&mut *tx)
        .await?;
    // PostgreSQL's own text of the detail is what will be read back when the chain is verified.
    let tail = sqlx::query!(
        r#"select $1::jsonb::text as "detail!",
                  (select hash from audit_entry order by entry_no desc limit 1) as previous"#,
        detail
    )
    .fetch_one(&mut *tx)
    .await?;
    let micros = at.as_microsecond();
    let at = Timestamp::from_microsecond(micros).unwrap_or(at);
    let previous = tail.previous.unwrap_or_else(|| vec![0; 32]);
    let origin = actor.origin.to_string();
    let hash = entry_hash(&Entry {
        micros,
        actor: &actor.name,
        action: action.code(),
        object,
        area,
        detail: &tail.detail,
        origin: Some(&origin),
        previous: &previous,
    });
    sqlx::query!(
        "insert into audit_entry (at, actor, action, object, area_code, detail, origin,
             previous_hash, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        at.to_sqlx() as _,
        actor.name,
        action.code(),
        object,
        area,
        detail,
        origin,
        previous,
        hash
    )
    .execute(&mut *tx)
    .await?;
    watch::left();
    Ok(())
}

/// Appends an entry in a transaction of its own: that something was shown or handed out which was put
/// together from looks that leave none themselves.
///
/// # Errors
/// Those of the database.
pub async fn note(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    action: Action,
    (object, area): (&str, Option<&str>),
    detail: Value,
) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    record(&mut tx, clock.now(), actor, action, object, area, detail).await?;
    tx.commit().await
}

struct Entry<'a> {
    micros: i64,
    actor: &'a str,
    action: &'a str,
    object: &'a str,
    area: Option<&'a str>,
    detail: &'a str,
    /// From where; entries made before that was noted have none.
    origin: Option<&'a str>,
    previous: &'a [u8],
}

/// SHA-256 over the fields, each preceded by its length so that no two entries read alike. An entry
/// without an origin is hashed as it was before origins were noted: to blank one breaks the chain.
fn entry_hash(entry: &Entry<'_>) -> Vec<u8> {
    let mut sha = Sha256::new();
    let mut field = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    };
    field(entry.previous);
    field(entry.micros.to_string().as_bytes());
    field(entry.actor.as_bytes());
    field(entry.action.as_bytes());
    field(entry.object.as_bytes());
    match entry.area {
        Some(area) => field(format!("={area}").as_bytes()),
        None => field(b""),
    }
    field(entry.detail.as_bytes());
    if let Some(origin) = entry.origin {
        field(origin.as_bytes());
    }
    sha.finalize().to_vec()
}
