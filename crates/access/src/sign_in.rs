//! Signing in with name and password.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use serde_json::json;
use sqlx::{Acquire, PgPool};

use crate::session::{self, Session};
use crate::user::{self, UserError};
use crate::{audit, secret};

/// Failed tries after which an account is locked.
pub const TRIES: i32 = 5;
/// How long it stays locked.
pub const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown name, wrong password or shut account: not told apart, so names cannot be tried out.
    #[error("tên đăng nhập hoặc mật khẩu không đúng")]
    Wrong,
    /// Too many failed tries.
    #[error("tài khoản tạm khóa vì nhập sai nhiều lần, hãy thử lại sau 15 phút")]
    Locked,
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] secret::NoRandomness),
    /// The password could not be checked.
    #[error("không kiểm tra được mật khẩu: {0}")]
    Check(String),
    /// The database failed.
    #[error("lỗi cơ sở dữ liệu: {0}")]
    Database(#[from] sqlx::Error),
}

/// Hash compared against when nobody has the name, so that the answer takes as long.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| user::hash_password("không ai có mật khẩu này").ok());

/// Checks name and password and opens a session. Tries on one account wait for each other, so
/// that many at once still count.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(
    pool: &PgPool,
    at: Timestamp,
    name: &str,
    password: &str,
) -> Result<Session, SignInError> {
    let mut connection = pool.acquire().await?;
    let mut tx = connection.begin().await?;
    let name = name.trim().to_lowercase();
    let account = sqlx::query!(
        r#"select password_hash, locked_until as "locked_until: jiff_sqlx::Timestamp"
           from app_user where name = $1 and disabled_at is null for update"#,
        name
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(account) = account else {
        check(NOBODY.clone().unwrap_or_default(), password.to_owned()).await?;
        return Err(SignInError::Wrong);
    };
    if account
        .locked_until
        .is_some_and(|until| until.to_jiff() > at)
    {
        return Err(SignInError::Locked);
    }
    let actor = Actor {
        name: name.clone(),
        grants: Vec::new(),
    };
    if !check(account.password_hash, password.to_owned()).await? {
        let locked_until = at.saturating_add(LOCKED_FOR).unwrap_or(at);
        let failed = sqlx::query_scalar!(
            r#"update app_user set
                 locked_until = case when failed_tries + 1 >= $2 then $3 else locked_until end,
                 failed_tries = case when failed_tries + 1 >= $2 then 0 else failed_tries + 1 end
               where name = $1 returning locked_until is not distinct from $3 as "locked!""#,
            name,
            TRIES,
            locked_until.to_sqlx() as _
        )
        .fetch_one(&mut *tx)
        .await?;
        let detail = json!({ "locked": failed });
        audit::record(&mut tx, at, &actor, "sign_in.refused", &name, None, detail).await?;
        tx.commit().await?;
        return Err(if failed {
            SignInError::Locked
        } else {
            SignInError::Wrong
        });
    }
    sqlx::query!(
        "update app_user set failed_tries = 0, locked_until = null where name = $1",
        name
    )
    .execute(&mut *tx)
    .await?;
    let token = session::open(&mut tx, at, &name).await?;
    audit::record(&mut tx, at, &actor, "sign_in", &name, None, json!({})).await?;
    tx.commit().await?;
    Ok(Session { token, name })
}

/// Whether the password belongs to the PHC string; works off the async threads.
async fn check(hash: String, password: String) -> Result<bool, SignInError> {
    let checked = tokio::task::spawn_blocking(move || {
        let parsed = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
        Ok(Argon2::default()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok())
    });
    match checked.await {
        Ok(answer) => answer.map_err(SignInError::Check),
        Err(error) => Err(SignInError::Check(error.to_string())),
    }
}

impl From<UserError> for SignInError {
    fn from(error: UserError) -> SignInError {
        SignInError::Check(error.to_string())
    }
}
