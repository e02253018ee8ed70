//! Tokens of programs that use the JSON interface: shown once, kept as their hash.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::audit::{Action, Changed};
use crate::user::{self, UserError, actor_of};
use crate::{administration, audit, secret};

/// Longest life of a token, in days.
pub const LONGEST_DAYS: i64 = 366;

/// Makes a token for an account, valid for so many days (at most [`LONGEST_DAYS`]). The account
/// itself or whoever administers it may.
///
/// # Errors
/// See [`UserError`].
pub async fn make(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    label: &str,
    days: i64,
) -> Result<String, UserError> {
    if actor.name != name {
        administration::require_over(&mut *tx, at, actor, name).await?;
    }
    if !user::exists(&mut *tx, name).await? {
        return Err(UserError::NoSuchUser(name.to_owned()));
    }
    let token = format!("ansinh_{}", secret::make()?);
    let life = SignedDuration::from_hours(24 * days.clamp(1, LONGEST_DAYS));
    let expires = at.saturating_add(life).unwrap_or(at);
    sqlx::query!(
        "insert into api_token (token_hash, user_name, label, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
        secret::hash(&token),
        name,
        label,
        at.to_sqlx() as _,
        expires.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let changed = Changed::new()
        .value("name", None::<&str>, label)
        .value("valid_until", None::<&str>, expires)
        .hidden("token");
    let detail = changed.with(json!({ "days": days }));
    audit::record(tx, at, actor, Action::TokenMake, name, None, detail).await?;
    Ok(token)
}

/// Who is behind the token; `None` when it is unknown, expired or revoked, or the account shut.
///
/// # Errors
/// Those of the database.
pub async fn actor_by_token(
    pool: &PgPool,
    at: Timestamp,
    token: &str,
) -> sqlx::Result<Option<Actor>> {
    let row = sqlx::query!(
        r#"select name, roles_held(name, $2) as "grants!"
           from api_token join app_user on name = user_name
           where token_hash = $1 and expires_at > $2 and revoked_at is null
             and disabled_at is null"#,
        secret::hash(token),
        at.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| actor_of(row.name, &row.grants)))
}

/// A token as its owner and administrators see it: never the token itself.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its number.
    pub token_no: i64,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// The tokens of an account that still work, newest first, for whoever may make them.
///
/// # Errors
/// See [`UserError`].
pub async fn of(
    db: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<Vec<Token>, UserError> {
    if actor.name != name {
        administration::require_over(&mut *db, at, actor, name).await?;
    }
    let rows = sqlx::query!(
        r#"select token_no, label, created_at as "created_at: jiff_sqlx::Timestamp",
                  expires_at as "expires_at: jiff_sqlx::Timestamp"
           from api_token where user_name = $1 and revoked_at is null and expires_at > $2
           order by created_at desc, token_no desc"#,
        name,
        at.to_sqlx() as _
    )
    .fetch_all(db)
    .await?;
    let tokens = rows.into_iter().map(|row| Token {
        token_no: row.token_no,
        label: row.label,
        created_at: row.created_at.to_jiff(),
        expires_at: row.expires_at.to_jiff(),
    });
    Ok(tokens.collect())
}

/// Ends a token of an account, for whoever may make them.
///
/// # Errors
/// [`UserError::NoSuchToken`], and see [`UserError`].
pub async fn revoke(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
    token_no: i64,
) -> Result<(), UserError> {
    if actor.name != name {
        administration::require_over(&mut *tx, at, actor, name).await?;
    }
    let revoked = sqlx::query!(
        "update api_token set revoked_at = $3
         where token_no = $1 and user_name = $2 and revoked_at is null",
        token_no,
        name,
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if revoked.rows_affected() != 1 {
        return Err(UserError::NoSuchToken);
    }
    let changed = Changed::new().value("disabled", false, true);
    let detail = changed.with(json!({ "token": token_no }));
    audit::record(tx, at, actor, Action::TokenRevoke, name, None, detail).await?;
    Ok(())
}
