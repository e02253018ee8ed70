//! Sessions of signed-in browsers. The cookie holds a random secret, the database its hash.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::clock::vietnam_time;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::user::actor_of;
use crate::{audit, secret};

/// A session ends after so long without a request.
pub const IDLE: SignedDuration = SignedDuration::from_mins(60);
/// A session ends so long after sign-in whatever happens.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// How stale `seen_at` may grow before a request writes it again.
const SEEN_STEP: SignedDuration = SignedDuration::from_secs(60);

/// A session just opened.
pub struct Session {
    /// The secret for the cookie; never stored.
    pub token: String,
    /// Sign-in name.
    pub name: String,
}

/// Who is behind a session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// With the roles of today.
    pub actor: Actor,
    /// Name of the person, for the page header.
    pub full_name: String,
}

pub(crate) async fn open(
    tx: &mut PgConnection,
    at: Timestamp,
    name: &str,
) -> Result<String, crate::sign_in::SignInError> {
    let token = secret::make()?;
    let expires = at.saturating_add(ABSOLUTE).unwrap_or(at);
    sqlx::query!(
        "delete from session where expires_at < $1",
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into session (token_hash, user_name, created_at, seen_at, expires_at)
         values ($1, $2, $3, $3, $4)",
        secret::hash(&token),
        name,
        at.to_sqlx() as _,
        expires.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    Ok(token)
}

/// Who is behind the cookie; `None` when it is unknown or has expired, or the account is shut.
///
/// # Errors
/// Those of the database.
pub async fn actor_by_session(
    pool: &PgPool,
    at: Timestamp,
    token: &str,
) -> sqlx::Result<Option<SignedIn>> {
    let idle_since = at.saturating_sub(IDLE).unwrap_or(at);
    let today = vietnam_time(at).date();
    let hash = secret::hash(token);
    let row = sqlx::query!(
        r#"select name, full_name, seen_at as "seen_at: jiff_sqlx::Timestamp",
                  array(select role || '@' || area_code from user_grant
                        where user_grant.user_name = name and from_date <= $4
                          and (to_date is null or to_date >= $4)
                        order by role, area_code) as "grants!"
           from session join app_user on name = user_name
           where token_hash = $1 and expires_at > $2 and seen_at > $3 and disabled_at is null"#,
        hash,
        at.to_sqlx() as _,
        idle_since.to_sqlx() as _,
        today.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if at.duration_since(row.seen_at.to_jiff()) > SEEN_STEP {
        sqlx::query!(
            "update session set seen_at = greatest(seen_at, $2) where token_hash = $1",
            hash,
            at.to_sqlx() as _
        )
        .execute(pool)
        .await?;
    }
    let actor = actor_of(row.name, &row.grants);
    Ok(Some(SignedIn {
        actor,
        full_name: row.full_name,
    }))
}

/// Ends the session of the cookie, if there is one.
///
/// # Errors
/// Those of the database.
pub async fn close(pool: &PgPool, at: Timestamp, actor: &Actor, token: &str) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "delete from session where token_hash = $1",
        secret::hash(token)
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut tx, at, actor, "sign_out", &actor.name, None, json!({})).await?;
    tx.commit().await
}
