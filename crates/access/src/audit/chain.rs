//! Whether the chain of entries is whole.

use jiff::Timestamp;
use kernel::actor::Role;
use kernel::{Actor, Clock};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use super::{Action, Entry, Refused, entry_hash, record};

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Every entry follows from the one before.
    Whole {
        /// How many entries were looked at.
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

/// Recomputes the chain, whole or from an entry on; what lies before is then believed.
///
/// # Errors
/// Those of the database.
pub async fn verify(db: &mut PgConnection, from: Option<i64>) -> sqlx::Result<Chain> {
    const PAGE: i64 = 10_000;
    let (mut after, mut entries, mut last) = (i64::MIN, 0, vec![0; 32]);
    if let Some(from) = from {
        let before = sqlx::query!(
            "select entry_no, hash from audit_entry where entry_no < $1
             order by entry_no desc limit 1",
            from
        )
        .fetch_optional(&mut *db)
        .await?;
        if let Some(before) = before {
            (after, last) = (before.entry_no, before.hash);
        }
    }
    loop {
        let page = sqlx::query!(
            r#"select entry_no, at as "at: jiff_sqlx::Timestamp", actor, action, object, area_code,
                      detail::text as "detail!", origin, previous_hash, hash
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
                origin: row.origin.as_deref(),
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

/// Who has the chain verified: it tells nothing of what is in the log.
pub const VERIFIERS: &[Role] = &[Role::Auditor, Role::Administrator];

/// Verifies the chain for somebody and writes down that they did and what came of it.
///
/// # Errors
/// [`Refused`].
pub async fn check(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    from: Option<i64>,
) -> Result<Chain, Refused> {
    if actor.areas_of(VERIFIERS).next().is_none() {
        crate::require(actor, VERIFIERS, "")?;
    }
    let mut tx = pool.begin().await?;
    let chain = verify(&mut tx, from).await?;
    let detail = match &chain {
        Chain::Whole { entries, last } => {
            json!({ "whole": true, "entries": entries, "last": hex::encode(last), "from": from })
        }
        Chain::Broken { entry_no } => {
            json!({ "whole": false, "broken_at": entry_no, "from": from })
        }
    };
    let (at, action) = (clock.now(), Action::AuditVerify);
    record(&mut tx, at, actor, action, "audit", None, detail).await?;
    tx.commit().await?;
    Ok(chain)
}

/// The last time somebody verified the chain.
#[derive(Clone, Debug)]
pub struct LastCheck {
    /// When.
    pub at: Timestamp,
    /// Sign-in name of who did.
    pub actor: String,
    /// How many entries they found in order; none when the chain was broken.
    pub entries: Option<i64>,
    /// The first broken entry they found.
    pub broken_at: Option<i64>,
    /// The entry from which on they looked, where it was not the whole chain.
    pub from: Option<i64>,
}

/// Who verified the chain last; nobody yet is `None`.
///
/// # Errors
/// Those of the database.
pub async fn last_check(db: &mut PgConnection) -> sqlx::Result<Option<LastCheck>> {
    let row = sqlx::query!(
        r#"select at as "at: jiff_sqlx::Timestamp", actor, detail from audit_entry
           where action = $1 order by at desc, entry_no desc limit 1"#,
        Action::AuditVerify.code()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| LastCheck {
        at: row.at.to_jiff(),
        actor: row.actor,
        entries: row.detail["entries"].as_i64(),
        broken_at: row.detail["broken_at"].as_i64(),
        from: row.detail["from"].as_i64(),
    }))
}
