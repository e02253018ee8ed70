//! Handing the log out, which the log itself says.

use jiff::Timestamp;
use kernel::{Actor, Clock};
use serde_json::json;
use sqlx::PgPool;

use super::log::{AUDITORS, Entry, Wanted, read_in};
use super::{Action, record};
use crate::permission::Denied;

/// Entries handed out at once: a sheet of Excel holds not many more.
pub const MOST_EXPORTED: i64 = 500_000;

/// Why the log was not verified or handed out.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The actor holds none of the roles that may anywhere.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed.
    #[error("lỗi cơ sở dữ liệu: {0}")]
    Database(#[from] sqlx::Error),
}

/// The entries wanted that the actor may read, the oldest first, at most [`MOST_EXPORTED`] of the newest
/// whatever the limit says. That they were handed out, and which were asked for, is an entry too.
///
/// # Errors
/// [`Refused`].
pub async fn export(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
    form: &str,
) -> Result<Vec<Entry>, Refused> {
    if actor.areas_of(AUDITORS).next().is_none() {
        let area = wanted.area.as_deref().unwrap_or("");
        crate::require(actor, AUDITORS, area)?;
    }
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let wanted = Wanted {
        limit: wanted.limit.min(MOST_EXPORTED),
        ..wanted.clone()
    };
    let mut entries = read_in(&mut tx, actor, &wanted).await?;
    entries.reverse();
    let detail = json!({
        "entries": entries.len(),
        "file": form,
        "actor": wanted.actor,
        "group": wanted.group.map(super::Group::code),
        "action": wanted.action.map(Action::code),
        "object": wanted.object,
        "origin": wanted.origin,
        "since": wanted.since,
        "until": wanted.until,
    });
    let (now, area): (Timestamp, _) = (clock.now(), wanted.area.as_deref());
    let action = Action::AuditExport;
    record(&mut tx, now, actor, action, "audit", area, detail).await?;
    tx.commit().await?;
    Ok(entries)
}
