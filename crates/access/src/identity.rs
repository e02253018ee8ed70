//! Accounts known to a provider of identities (OpenID Connect): bound by administrators, never made
//! by signing in.

mod fetch;
pub mod provider;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{Action, Changed};
use crate::user::UserError;
use crate::{administration, audit};

/// An account of a provider of identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Address of the provider (`iss`).
    pub issuer: String,
    /// Its own name of the person (`sub`), never given to another.
    pub subject: String,
}

/// Longest of the two, in characters.
const LONGEST: usize = 250;

/// Binds an account to one of a provider of identities, in place of what was bound there before. Not
/// by its holder, and only by who administers it.
///
/// # Errors
/// [`UserError::IdentityTaken`], [`UserError::BadIdentity`], and see [`UserError`].
pub async fn bind(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    identity: &Identity,
) -> Result<(), UserError> {
    administration::require_over(&mut *tx, at, actor, name).await?;
    let sound = |text: &str| (1..=LONGEST).contains(&text.trim().chars().count());
    if !sound(&identity.issuer) || !sound(&identity.subject) {
        return Err(UserError::BadIdentity);
    }
    let was = subject_of(&mut *tx, name, identity.issuer.trim()).await?;
    let bound = sqlx::query!(
        "insert into identity_link (issuer, subject, user_name, linked_by, linked_at)
         select $1, $2, $3, $4, $5
         where not exists (select from identity_link where issuer = $1 and subject = $2)
         on conflict (user_name, issuer) do update
           set subject = excluded.subject, linked_by = excluded.linked_by,
               linked_at = excluded.linked_at",
        identity.issuer.trim(),
        identity.subject.trim(),
        name,
        actor.name,
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if bound.rows_affected() != 1 {
        return Err(UserError::IdentityTaken);
    }
    let new = Some(identity.subject.trim());
    let changed = Changed::new().masked("identity", was.as_deref(), new);
    let detail = changed.with(json!({ "issuer": identity.issuer.trim() }));
    audit::record(tx, at, actor, Action::UserIdentity, name, None, detail).await?;
    Ok(())
}

/// Unbinds an account from a provider of identities; its sessions end.
///
/// # Errors
/// See [`UserError`].
pub async fn unbind(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    issuer: &str,
) -> Result<(), UserError> {
    administration::require_over(&mut *tx, at, actor, name).await?;
    let was = subject_of(&mut *tx, name, issuer).await?;
    sqlx::query!(
        "delete from identity_link where user_name = $1 and issuer = $2",
        name,
        issuer
    )
    .execute(&mut *tx)
    .await?;
    crate::session::end_others(&mut *tx, name, "").await?;
    let changed = Changed::new().masked("identity", was.as_deref(), None);
    let detail = changed.with(json!({ "issuer": issuer }));
    audit::record(tx, at, actor, Action::UserIdentityEnd, name, None, detail).await?;
    Ok(())
}

/// Who the account is at the provider.
async fn subject_of(
    tx: &mut PgConnection,
    name: &str,
    issuer: &str,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select subject from identity_link where user_name = $1 and issuer = $2",
        name,
        issuer
    )
    .fetch_optional(tx)
    .await
}

/// What an account is bound to, by issuer; for whoever administers it.
///
/// # Errors
/// See [`UserError`].
pub async fn of(
    db: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<Vec<Identity>, UserError> {
    administration::require_over(&mut *db, at, actor, name).await?;
    let bound = sqlx::query_as!(
        Identity,
        "select issuer, subject from identity_link where user_name = $1 order by issuer",
        name
    )
    .fetch_all(db)
    .await?;
    Ok(bound)
}
