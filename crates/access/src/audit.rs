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

use crate::delegation::Lent;

pub use action::{Action, Group};
pub use chain::{Chain, LastCheck, VERIFIERS, check, last_check, verify};
pub use changed::{Changed, Named};
pub use export::{MOST_EXPORTED, Refused, export};
pub use log::{AUDITORS, Entry as LogEntry, Wanted, read};
pub use watch::{answered_before, watch};

/// Key of the advisory lock that lets one writer at a time append.
const CHAIN_LOCK: i64 = 0x0061_7564_6974;

/// An entry to append.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    /// What was done.
    pub action: Action,
    /// An internal id, never a name or an ID number.
    pub object: String,
    /// The area it concerns, if one.
    pub area: Option<&'a str>,
    /// What else is to be known of it.
    pub detail: Value,
}

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
    detail: Value,
) -> sqlx::Result<()> {
    let note = Note {
        action,
        object: object.to_owned(),
        area,
        detail,
    };
    record_all(tx, at, actor, vec![note]).await
}

/// The same of several entries, in their order: as many queries as for one.
///
/// # Errors
/// Those of the database.
pub async fn record_all(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    mut notes: Vec<Note<'_>>,
) -> sqlx::Result<()> {
    if notes.iter().any(|note| !note.action.is_own_affair()) {
        let lent = Lent::to(&mut *tx, at, &actor.name).await?;
        for note in &mut notes {
            let others = lent.by_whom(note.area);
            if let (false, false, Value::Object(fields)) = (
                note.action.is_own_affair(),
                others.is_empty(),
                &mut note.detail,
            ) {
                fields.insert("on_behalf_of".to_owned(), others.into());
            }
        }
    }
    sqlx::query!("select pg_advisory_xact_lock($1)", CHAIN_LOCK)
        .execute(&mut *tx)
        .await?;
    let micros = at.as_microsecond();
    let at = Timestamp::from_microsecond(micros).unwrap_or(at);
    let origin = actor.origin.to_string();
    let details: Vec<Value> = notes.iter().map(|note| note.detail.clone()).collect();
    // PostgreSQL's own text of a detail is what will be read back when the chain is verified.
    let tail = sqlx::query!(
        r#"select detail::text as "detail!",
                  (select hash from audit_entry order by entry_no desc limit 1) as previous
           from unnest($1::jsonb[]) with ordinality as given (detail, place) order by place"#,
        &details
    )
    .fetch_all(&mut *tx)
    .await?;
    let before = tail.first().and_then(|row| row.previous.clone());
    let mut last = before.unwrap_or_else(|| vec![0; 32]);
    let (mut previous, mut hashes) = (Vec::new(), Vec::new());
    for (note, row) in notes.iter().zip(&tail) {
        let hash = entry_hash(&Entry {
            micros,
            actor: &actor.name,
            action: note.action.code(),
            object: &note.object,
            area: note.area,
            detail: &row.detail,
            origin: Some(&origin),
            previous: &last,
        });
        previous.push(std::mem::replace(&mut last, hash.clone()));
        hashes.push(hash);
    }
    let of = |part: fn(&Note<'_>) -> Option<String>| -> Vec<Option<String>> {
        notes.iter().map(part).collect()
    };
    sqlx::query!(
        "insert into audit_entry (at, actor, action, object, area_code, detail, origin,
             previous_hash, hash)
         select $1, $2, action, object, area_code, detail, $3, previous_hash, hash
         from unnest($4::text[], $5::text[], $6::text[], $7::jsonb[], $8::bytea[], $9::bytea[])
              with ordinality as given (action, object, area_code, detail, previous_hash, hash, place)
         order by place",
        at.to_sqlx() as _,
        actor.name,
        origin,
        &of(|note| Some(note.action.code().to_owned())) as _,
        &of(|note| Some(note.object.clone())) as _,
        &of(|note| note.area.map(str::to_owned)) as _,
        &details,
        &previous,
        &hashes
    )
    .execute(&mut *tx)
    .await?;
    notes.iter().for_each(|_| watch::left());
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
