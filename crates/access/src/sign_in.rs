//! Signing in: with name and password, then with a second factor where one is set up.
//!
//! Nothing tells an unknown name from a wrong password, a shut or a locked account: not the sentence,
//! and not the time, as a password is checked and the log is written whatever the reason.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Origin};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::audit::Action;
use crate::origin;
use crate::sealed::{SealError, SecretKey};
use crate::second_factor::{self, FactorError};
use crate::session::{self, SecondStep, Session};
use crate::user::{self, UserError};
use crate::{audit, password, secret};

/// Failed tries, of password or code, after which an account is locked.
pub const TRIES: i32 = 5;
/// How long it stays locked.
pub const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// How long the second step may be put off after the first.
pub const STEP: SignedDuration = SignedDuration::from_mins(5);
/// Who the log names for tries on names no account has: what was typed may be a password.
pub(crate) const UNKNOWN: &str = "?";

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown name, wrong password, shut or locked account, a password given too long ago: not told apart, so that names cannot be
    /// tried out.
    #[error(
        "tên đăng nhập hoặc mật khẩu không đúng; sau nhiều lần sai, tài khoản tạm khóa 15 phút"
    )]
    Wrong,
    /// Wrong code, or the account is locked by now.
    #[error("mã không đúng hoặc đã dùng; sau nhiều lần sai, tài khoản tạm khóa 15 phút")]
    WrongCode,
    /// The second step came too late, or without the first.
    #[error("bước đăng nhập này đã hết hạn, hãy đăng nhập lại từ đầu")]
    StepOver,
    /// Too many failed tries from one address.
    #[error("quá nhiều lần đăng nhập sai từ địa chỉ mạng này, hãy thử lại sau 15 phút")]
    AddressWaits,
    /// The secret of the codes cannot be read.
    #[error(transparent)]
    Sealed(#[from] SealError),
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

impl SignInError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            SignInError::Wrong => "sign_in_wrong",
            SignInError::WrongCode => "code_wrong",
            SignInError::StepOver => "sign_in_step_over",
            SignInError::AddressWaits => "address_waits",
            SignInError::Sealed(_)
            | SignInError::NoRandomness(_)
            | SignInError::Check(_)
            | SignInError::Database(_) => "internal",
        }
    }

    /// Whether it is about what was typed, not a failure of ours.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            SignInError::Wrong
                | SignInError::WrongCode
                | SignInError::StepOver
                | SignInError::AddressWaits
        )
    }
}

/// How far a browser came.
pub enum Entered {
    /// It is signed in.
    In(Session),
    /// It owes a code; the secret goes into a cookie of its own and opens nothing else.
    OwesCode(String),
}

/// Which first step was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstStep {
    Password,
    Provider {
        /// It vouches for a second factor of its own.
        second_factor: bool,
    },
}

impl FirstStep {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            FirstStep::Password => "password",
            FirstStep::Provider { .. } => "provider",
        }
    }
}

/// Hash compared against when nobody has the name, so that the answer takes as long.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| password::hash("không ai có mật khẩu này").ok());

/// Checks name and password. Tries on one account wait for each other, so that many at once still
/// count.
///
/// # Errors
/// See [`SignInError`].
pub async fn with_password(
    pool: &PgPool,
    at: Timestamp,
    origin: &Origin,
    name: &str,
    password: &str,
) -> Result<Entered, SignInError> {
    let mut tx = pool.begin().await?;
    if origin::must_wait(&mut tx, at, origin).await? {
        return Err(SignInError::AddressWaits);
    }
    let name = name.trim().to_lowercase();
    let account = sqlx::query!(
        r#"select password_hash, locked_until as "locked_until: jiff_sqlx::Timestamp",
                  password_given_at as "given_at: jiff_sqlx::Timestamp"
           from app_user where name = $1 and disabled_at is null for update"#,
        name
    )
    .fetch_optional(&mut *tx)
    .await?;
    let known = account.is_some();
    let given = account.as_ref().and_then(|account| account.given_at);
    let over = given.is_some_and(|given| at.duration_since(given.to_jiff()) > user::GIVEN_FOR);
    let locked = account.as_ref().and_then(|account| account.locked_until);
    let locked = locked.is_some_and(|until| until.to_jiff() > at);
    let hash = account.map_or_else(|| NOBODY.clone().unwrap_or_default(), |it| it.password_hash);
    let right = check(hash, password.to_owned()).await?;
    if known && right && !locked && !over {
        let entered = go_on(&mut tx, at, origin, &name, FirstStep::Password).await?;
        tx.commit().await?;
        return Ok(entered);
    }
    let name = if known { name.as_str() } else { UNKNOWN };
    refuse(&mut tx, at, origin, name, !locked).await?;
    tx.commit().await?;
    Err(SignInError::Wrong)
}

/// After the first step: a session, or the demand of a code.
pub(crate) async fn go_on(
    tx: &mut PgConnection,
    at: Timestamp,
    origin: &Origin,
    name: &str,
    first: FirstStep,
) -> Result<Entered, SignInError> {
    let vouched = first
        == FirstStep::Provider {
            second_factor: true,
        };
    if vouched || !second_factor::is_set_up(&mut *tx, name).await? {
        let second = vouched.then_some(SecondStep::Provider);
        let session = finish(tx, at, origin, name, (first, second)).await?;
        return Ok(Entered::In(session));
    }
    let token = secret::make()?;
    let expires = at.saturating_add(STEP).unwrap_or(at);
    sqlx::query!(
        "delete from sign_in_step where expires_at < $1",
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into sign_in_step (token_hash, user_name, first_step, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
        secret::hash(&token),
        name,
        first.code(),
        at.to_sqlx() as _,
        expires.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(Entered::OwesCode(token))
}

/// Checks the code of the second step: of the telephone, or one for recovery. Wrong codes count with
/// wrong passwords, so that a known password does not let codes be tried out.
///
/// # Errors
/// See [`SignInError`].
pub async fn with_code(
    pool: &PgPool,
    at: Timestamp,
    origin: &Origin,
    key: Option<&SecretKey>,
    step: &str,
    code: &str,
) -> Result<Session, SignInError> {
    let mut tx = pool.begin().await?;
    if origin::must_wait(&mut tx, at, origin).await? {
        return Err(SignInError::AddressWaits);
    }
    let account = sqlx::query!(
        r#"select name, locked_until as "locked_until: jiff_sqlx::Timestamp",
                  first_step = 'password' as "by_password!"
           from sign_in_step join app_user on name = user_name
           where token_hash = $1 and expires_at > $2 and disabled_at is null
           for update of app_user"#,
        secret::hash(step),
        at.to_sqlx() as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(SignInError::StepOver)?;
    let name = account.name;
    let locked = account.locked_until.map(|until| until.to_jiff());
    let locked = locked.is_some_and(|until| until > at);
    let second = match locked {
        true => None,
        false => second_factor::take(&mut tx, at, key, &name, code).await?,
    };
    let Some(second) = second else {
        refuse(&mut tx, at, origin, &name, !locked).await?;
        tx.commit().await?;
        return Err(SignInError::WrongCode);
    };
    let spent = sqlx::query!(
        "delete from sign_in_step where token_hash = $1",
        secret::hash(step)
    )
    .execute(&mut *tx)
    .await?;
    if spent.rows_affected() != 1 {
        return Err(SignInError::StepOver);
    }
    let first = match account.by_password {
        true => FirstStep::Password,
        false => FirstStep::Provider {
            second_factor: false,
        },
    };
    let session = finish(&mut tx, at, origin, &name, (first, Some(second))).await?;
    tx.commit().await?;
    Ok(session)
}

/// Whether the password is that of the account, asked again of somebody signed in. Wrong ones count
/// as when signing in, and a locked account proves nothing.
pub(crate) async fn proves(
    pool: &PgPool,
    at: Timestamp,
    actor: &Actor,
    password: &str,
) -> Result<bool, SignInError> {
    let (mut tx, name) = (pool.begin().await?, actor.name.as_str());
    let account = sqlx::query!(
        r#"select password_hash, locked_until as "locked_until: jiff_sqlx::Timestamp"
           from app_user where name = $1 and disabled_at is null for update"#,
        name
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(account) = account else {
        return Ok(false);
    };
    let locked = account.locked_until.map(|until| until.to_jiff());
    let locked = locked.is_some_and(|until| until > at);
    let right = check(account.password_hash, password.to_owned()).await?;
    if right && !locked {
        return Ok(true);
    }
    refuse(&mut tx, at, &actor.origin, name, !locked).await?;
    tx.commit().await?;
    Ok(false)
}

/// Opens the session: only now are failed tries forgotten.
async fn finish(
    tx: &mut PgConnection,
    at: Timestamp,
    origin: &Origin,
    name: &str,
    (first, second): (FirstStep, Option<SecondStep>),
) -> Result<Session, SignInError> {
    sqlx::query!(
        "update app_user set failed_tries = 0, locked_until = null where name = $1",
        name
    )
    .execute(&mut *tx)
    .await?;
    let token = session::open(tx, at, name, origin, (first, second)).await?;
    let detail = json!({ "from": origin.roughly(), "second_step": second.is_some() });
    let actor = Actor::new(name, Vec::new()).at(origin.clone());
    audit::record(tx, at, &actor, Action::SignIn, name, None, detail).await?;
    Ok(Session {
        token,
        name: name.to_owned(),
    })
}

/// Counts a failed try and writes it down. A locked account is not locked longer by trying.
async fn refuse(
    tx: &mut PgConnection,
    at: Timestamp,
    origin: &Origin,
    name: &str,
    counts: bool,
) -> sqlx::Result<()> {
    let locked_until = at.saturating_add(LOCKED_FOR).unwrap_or(at);
    let locked = sqlx::query_scalar!(
        r#"update app_user set
             locked_until = case when failed_tries + 1 >= $2 then $3 else locked_until end,
             failed_tries = case when failed_tries + 1 >= $2 then 0 else failed_tries + 1 end
           where name = $1 and $4 returning locked_until is not distinct from $3 as "locked!""#,
        name,
        TRIES,
        locked_until.to_sqlx() as _,
        counts
    )
    .fetch_optional(&mut *tx)
    .await?;
    origin::failed(tx, at, origin).await?;
    let detail = json!({ "locked": locked.unwrap_or(false), "from": origin.roughly() });
    let actor = Actor::new(name, Vec::new()).at(origin.clone());
    audit::record(tx, at, &actor, Action::SignInRefused, name, None, detail).await
}

/// Whether the password belongs to the PHC string; works off the async threads.
pub(crate) async fn check(hash: String, password: String) -> Result<bool, SignInError> {
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

impl From<FactorError> for SignInError {
    fn from(error: FactorError) -> SignInError {
        match error {
            FactorError::Database(error) => SignInError::Database(error),
            FactorError::Sealed(error) => SignInError::Sealed(error),
            error => SignInError::Check(error.to_string()),
        }
    }
}

impl From<UserError> for SignInError {
    fn from(error: UserError) -> SignInError {
        SignInError::Check(error.to_string())
    }
}
