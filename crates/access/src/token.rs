//! Tokens of programs that use the JSON interface: shown once, kept as their hash.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::clock::vietnam_time;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::permission::require;
use crate::user::{self, UserError, actor_of};
use crate::{audit, secret};

/// Longest life of a token, in days.
pub const LONGEST_DAYS: i64 = 366;

/// Makes a token for an account, valid for so many days (at most [`LONGEST_DAYS`]). The account
/// itself or an administrator of the country may.
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
        require(actor, &[Role::Administrator], "")?;
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
    let detail = json!({ "label": label, "days": days });
    audit::record(tx, at, actor, "token.make", name, None, detail).await?;
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
    let today = vietnam_time(at).date();
    let row = sqlx::query!(
        r#"select name,
                  array(select role || '@' || area_code from user_grant
                        where user_grant.user_name = name and from_date <= $3
                          and (to_date is null or to_date >= $3)
                        order by role, area_code) as "grants!"
           from api_token join app_user on name = user_name
           where token_hash = $1 and expires_at > $2 and revoked_at is null
             and disabled_at is null"#,
        secret::hash(token),
        at.to_sqlx() as _,
        today.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| actor_of(row.name, &row.grants)))
}
