//! Reading the audit log.

use jiff::Timestamp;
use kernel::actor::{Actor, Role};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::permission::codes_held;

/// One entry as readers see it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place in the chain.
    pub entry_no: i64,
    /// When.
    pub at: Timestamp,
    /// Sign-in name of who did it.
    pub actor: String,
    /// Stable code.
    pub action: String,
    /// What it was done to, by id.
    pub object: String,
    /// Area, if one.
    pub area: Option<String>,
    /// More, as data.
    pub detail: Value,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only of this actor.
    pub actor: Option<String>,
    /// Only this action, or actions that begin with it and a dot.
    pub action: Option<String>,
    /// Only before this number: the next page.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: i64,
}

/// The newest entries the actor may read: those of the areas where they are a reader; readers of
/// the country also see those that concern no area.
///
/// # Errors
/// Those of the database.
pub async fn read(
    db: impl PgExecutor<'_>,
    actor: &Actor,
    wanted: &Wanted,
) -> sqlx::Result<Vec<Entry>> {
    let held = codes_held(actor, &[Role::Reader]);
    let everywhere = held.is_none();
    let rows = sqlx::query!(
        r#"select entry_no, at as "at: jiff_sqlx::Timestamp", actor, action, object, area_code,
                  detail
           from audit_entry
           where ($1 or area_code = any($2))
             and ($3::text is null or actor = $3)
             and ($4::text is null or action = $4 or action like $4 || '.%')
             and ($5::bigint is null or entry_no < $5)
           order by entry_no desc limit $6"#,
        everywhere,
        &held.unwrap_or_default(),
        wanted.actor,
        wanted.action,
        wanted.before,
        wanted.limit
    )
    .fetch_all(db)
    .await?;
    let entries = rows.into_iter().map(|row| Entry {
        entry_no: row.entry_no,
        at: row.at.to_jiff(),
        actor: row.actor,
        action: row.action,
        object: row.object,
        area: row.area_code,
        detail: row.detail,
    });
    Ok(entries.collect())
}
