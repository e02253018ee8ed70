//! What everybody may do with their own account: see and end sessions, change the password.

use jiff::Timestamp;
use kernel::Actor;
use serde_json::json;
use sqlx::PgPool;

use crate::audit;
use crate::audit::{Action, Changed};
use crate::session::{self, Open};
use crate::sign_in::{self, SignInError};
use crate::user::{self, UserError};

/// The open sessions of the actor; `token` is that of the session that asks.
///
/// # Errors
/// Those of the database.
pub async fn sessions(
    pool: &PgPool,
    at: Timestamp,
    actor: &Actor,
    token: &str,
) -> sqlx::Result<Vec<Open>> {
    let mut connection = pool.acquire().await?;
    session::of(&mut connection, at, &actor.name, token).await
}

/// Ends one session of the actor's; none that is somebody else's.
///
/// # Errors
/// Those of the database.
pub async fn end_session(
    pool: &PgPool,
    at: Timestamp,
    actor: &Actor,
    session_no: i64,
) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let ended = sqlx::query!(
        "delete from session where session_no = $1 and user_name = $2",
        session_no,
        actor.name
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({ "sessions": ended.rows_affected() });
    let action = Action::AccountSessionsEnd;
    audit::record(&mut tx, at, actor, action, &actor.name, None, detail).await?;
    tx.commit().await
}

/// Ends every session of the actor's but the one that asks.
///
/// # Errors
/// Those of the database.
pub async fn end_other_sessions(
    pool: &PgPool,
    at: Timestamp,
    actor: &Actor,
    token: &str,
) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let ended = session::end_others(&mut tx, &actor.name, token).await?;
    let detail = json!({ "sessions": ended });
    let action = Action::AccountSessionsEnd;
    audit::record(&mut tx, at, actor, action, &actor.name, None, detail).await?;
    tx.commit().await
}

/// Changes the actor's own password, for the old one. The session that asks stays, others end. Wrong
/// tries count as when signing in.
///
/// # Errors
/// [`UserError::WrongPassword`], [`UserError::SamePassword`], those of [`crate::password::check`].
pub async fn change_password(
    pool: &PgPool,
    at: Timestamp,
    actor: &Actor,
    token: &str,
    (old, new): (&str, &str),
) -> Result<(), UserError> {
    match sign_in::proves(pool, at, actor, old).await {
        Ok(true) => {}
        Ok(false) => return Err(UserError::WrongPassword),
        Err(SignInError::Database(error)) => return Err(error.into()),
        Err(error) => return Err(UserError::Hash(error.to_string())),
    }
    if old == new {
        return Err(UserError::SamePassword);
    }
    let mut tx = pool.begin().await?;
    let full_name =
        sqlx::query_scalar!("select full_name from app_user where name = $1", actor.name)
            .fetch_one(&mut *tx)
            .await?;
    let owner = (actor.name.as_str(), full_name.as_str());
    let hash = user::accept_password(&mut tx, new.to_owned(), owner).await?;
    let changed = sqlx::query!(
        "update app_user set password_hash = $2, failed_tries = 0, password_given_at = null
         where name = $1 and disabled_at is null",
        actor.name,
        hash
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() != 1 {
        return Err(UserError::NoSuchUser(actor.name.clone()));
    }
    session::end_others(&mut tx, &actor.name, token).await?;
    let action = Action::UserPassword;
    let detail = Changed::new().hidden("password").with(json!({}));
    audit::record(&mut tx, at, actor, action, &actor.name, None, detail).await?;
    tx.commit().await?;
    Ok(())
}
