//! The audit log: append-only, each entry chained to the one before by its hash, so that a
//! changed, removed or inserted entry shows.

mod log;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::delegation;

pub use log::{Entry as LogEntry, Wanted, read};

/// Key of the advisory lock that lets one writer at a time append.
const CHAIN_LOCK: i64 = 0x0061_7564_6974;

/// Appends an entry inside the caller's transaction. `action` is a stable code (`list.make`),
/// `object` an internal id, never a name or an ID number; `area` the area it concerns, if one.
///
/// Where the actor stands in for somebody, the detail says so (`on_behalf_of`).
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
    action: &str,
    object: &str,
    area: Option<&str>,
    mut detail: Value,
) -> sqlx::Result<()> {
    let own_affair = action.starts_with("sign_") || action.starts_with("account.");
    if let (false, Value::Object(fields)) = (own_affair, &mut detail) {
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
    let hash = entry_hash(&Entry {
        micros,
        actor: &actor.name,
        action,
        object,
        area,
        detail: &tail.detail,
        previous: &previous,
    });
    sqlx::query!(
        "insert into audit_entry (at, actor, action, object, area_code, detail, previous_hash, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        at.to_sqlx() as _,
        actor.name,
        action,
        object,
        area,
        detail,
        previous,
        hash
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

struct Entry<'a> {
    micros: i64,
    actor: &'a str,
    action: &'a str,
    object: &'a str,
    area: Option<&'a str>,
    detail: &'a str,
    previous: &'a [u8],
}

/// SHA-256 over the fields, each preceded by its length so that no two entries read alike.
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
    sha.finalize().to_vec()
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Every entry follows from the one before.
    Whole {
        /// How many entries.
        entries: u64,
        /// Hash of the last, to be noted elsewhere: it vouches for everything before it.
        last: Vec<u8>,
    },
    /// The first entry that was changed, or that follows one that is gone.
    Broken {
        /// Its number.
        entry_no: i64,
    },
}

/// Recomputes the whole chain.
///
/// # Errors
/// Those of the database.
pub async fn verify(db: &mut PgConnection) -> sqlx::Result<Chain> {
    const PAGE: i64 = 10_000;
    let (mut after, mut entries, mut last) = (i64::MIN, 0, vec![0; 32]);
    loop {
        let page = sqlx::query!(
            r#"select entry_no, at as "at: jiff_sqlx::Timestamp", actor, action, object, area_code,
                      detail::text as "detail!", previous_hash, hash
               from audit_entry where entry_no > $1 order by entry_no limit $2"#,
            after,
            PAGE
        )
        .fetch_all(&mut *db)
        .await?;
        for row in &page {
            let hash = entry_hash(&Entry {
                micros: row.at.to_jiff().as_microsecond(),
                actor: &row.actor,
                action: &row.action,
                object: &row.object,
                area: row.area_code.as_deref(),
                detail: &row.detail,
                previous: &last,
            });
            if row.previous_hash != last || row.hash != hash {
                return Ok(Chain::Broken {
                    entry_no: row.entry_no,
                });
            }
            (after, last) = (row.entry_no, hash);
            entries += 1;
        }
        if page.is_empty() {
            return Ok(Chain::Whole { entries, last });
        }
    }
}
