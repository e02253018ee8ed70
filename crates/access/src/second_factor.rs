//! The second factor: codes of a telephone that change each half minute (TOTP, RFC 6238), and codes
//! for recovery. Which roles need one is dated data.

mod rule;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use totp_rs::{Builder, Secret, Totp};

use crate::audit::{Action, Changed};
use crate::sealed::{SealError, SecretKey};
use crate::secret::NoRandomness;
use crate::session::{self, SecondStep};
use crate::user::UserError;
use crate::{administration, audit, secret};

pub use rule::{Rule, require, rules};

/// Name of the system in the telephone's list of codes.
pub const ISSUER: &str = "An Sinh";
/// Seconds a code is shown for; the one before and the one after are taken too.
const SECONDS: u64 = 30;
/// Codes for recovery handed out at once.
pub const RECOVERY_CODES: usize = 10;
/// Bytes of a secret: as long as the hash it goes into.
const LENGTH: usize = 20;
/// Letters of codes for recovery: none that are taken for another. 32, so that each is five bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Why a second factor was not set up or changed.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// One is set up already.
    #[error("tài khoản đã có mã đăng nhập bước hai; hãy gỡ mã cũ trước")]
    AlreadySetUp,
    /// None was begun.
    #[error("chưa bắt đầu thiết lập mã đăng nhập bước hai; hãy mở lại trang tài khoản")]
    NotBegun,
    /// The code is not the one of this moment, or was used.
    #[error("mã không đúng: hãy nhập 6 chữ số đang hiện trên điện thoại, và kiểm tra giờ của máy")]
    WrongCode,
    /// A role of the account needs one.
    #[error("vai trò của bạn phải đăng nhập hai bước nên không gỡ được mã")]
    Required,
    /// The program has no key to keep secrets with.
    #[error(
        "máy chủ chưa có khóa mã hóa (--secret-key) nên chưa thiết lập được đăng nhập hai bước"
    )]
    NoKey,
    /// The secret cannot be read or kept.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Not allowed, or no such account.
    #[error(transparent)]
    User(#[from] UserError),
    /// The database failed.
    #[error("lỗi cơ sở dữ liệu: {0}")]
    Database(#[from] sqlx::Error),
}

impl FactorError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            FactorError::AlreadySetUp => "second_factor_there",
            FactorError::NotBegun => "second_factor_not_begun",
            FactorError::WrongCode => "code_wrong",
            FactorError::Required => "second_factor_required",
            FactorError::NoKey => "no_secret_key",
            FactorError::User(error) => error.code(),
            FactorError::Sealed(_) | FactorError::NoRandomness(_) | FactorError::Database(_) => {
                "internal"
            }
        }
    }
}

/// What goes into the telephone.
#[derive(Clone)]
pub struct SetUp {
    /// The secret in Base32, to be typed.
    pub text: String,
    /// The same as an address (`otpauth://`), to be shown as a QR code.
    pub address: String,
}

/// Whether an account has a second factor that is asked for.
///
/// # Errors
/// Those of the database.
pub async fn is_set_up(db: &mut PgConnection, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from second_factor
                         where user_name = $1 and confirmed_at is not null) as "there!""#,
        name
    )
    .fetch_one(db)
    .await
}

/// Begins setting up, or shows again what was begun: the actor puts the secret into their telephone
/// and then [`confirm`]s. Until then it is not asked for.
///
/// # Errors
/// [`FactorError::AlreadySetUp`], [`FactorError::NoKey`].
pub async fn begin(
    pool: &PgPool,
    at: Timestamp,
    key: Option<&SecretKey>,
    actor: &Actor,
) -> Result<SetUp, FactorError> {
    let key = key.ok_or(FactorError::NoKey)?;
    let name = &actor.name;
    let mut bytes = [0_u8; LENGTH];
    OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(NoRandomness::from)?;
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into second_factor (user_name, sealed, key_id, made_at) values ($1, $2, $3, $4)
         on conflict do nothing",
        name,
        key.seal(name, &bytes)?,
        key.id(),
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let held = sqlx::query!(
        r#"select sealed, confirmed_at is not null as "confirmed!" from second_factor
           where user_name = $1"#,
        name
    )
    .fetch_one(&mut *tx)
    .await?;
    if held.confirmed {
        return Err(FactorError::AlreadySetUp);
    }
    let bytes = key.open(name, &held.sealed)?;
    tx.commit().await?;
    let text = Secret::new(bytes.into()).to_base32();
    // Both parts are ASCII without anything to be escaped but the space.
    let issuer = ISSUER.replace(' ', "%20");
    let address = format!(
        "otpauth://totp/{issuer}:{name}?secret={text}&issuer={issuer}&algorithm=SHA1&digits=6&period={SECONDS}"
    );
    Ok(SetUp { text, address })
}

/// Ends setting up with the code the telephone shows; answers the codes for recovery, which are not
/// shown again. Other sessions of the account end; the one of `token` has passed the second step.
///
/// # Errors
/// [`FactorError::NotBegun`], [`FactorError::WrongCode`].
pub async fn confirm(
    pool: &PgPool,
    at: Timestamp,
    key: Option<&SecretKey>,
    actor: &Actor,
    token: &str,
    code: &str,
) -> Result<Vec<String>, FactorError> {
    let key = key.ok_or(FactorError::NoKey)?;
    let name = &actor.name;
    let mut tx = pool.begin().await?;
    let held = sqlx::query!(
        "select sealed, last_step from second_factor
         where user_name = $1 and confirmed_at is null for update",
        name
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(FactorError::NotBegun)?;
    let step = matching_step(key, name, &held.sealed, at, code)?.ok_or(FactorError::WrongCode)?;
    sqlx::query!(
        "update second_factor set confirmed_at = $2, last_step = $3 where user_name = $1",
        name,
        at.to_sqlx() as _,
        step
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update session set second_step = 'code' where token_hash = $1 and user_name = $2",
        secret::hash(token),
        name
    )
    .execute(&mut *tx)
    .await?;
    session::end_others(&mut tx, name, token).await?;
    let codes = hand_out(&mut tx, name).await?;
    let action = Action::UserSecondFactor;
    let detail = Changed::new().hidden("second_factor").with(json!({}));
    audit::record(&mut tx, at, actor, action, name, None, detail).await?;
    tx.commit().await?;
    Ok(codes)
}

/// New codes for recovery in place of the old ones, for a code of the telephone.
///
/// # Errors
/// [`FactorError::WrongCode`].
pub async fn renew_recovery(
    pool: &PgPool,
    at: Timestamp,
    key: Option<&SecretKey>,
    actor: &Actor,
    code: &str,
) -> Result<Vec<String>, FactorError> {
    let name = &actor.name;
    let mut tx = pool.begin().await?;
    if !take_code(&mut tx, at, key, name, code).await? {
        return Err(FactorError::WrongCode);
    }
    sqlx::query!("delete from recovery_code where user_name = $1", name)
        .execute(&mut *tx)
        .await?;
    let codes = hand_out(&mut tx, name).await?;
    let action = Action::UserRecoveryCodes;
    let detail = Changed::new().hidden("recovery_codes").with(json!({}));
    audit::record(&mut tx, at, actor, action, name, None, detail).await?;
    tx.commit().await?;
    Ok(codes)
}

/// How many codes for recovery are left.
///
/// # Errors
/// Those of the database.
pub async fn recovery_left(db: &mut PgConnection, name: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "left!" from recovery_code where user_name = $1 and used_at is null"#,
        name
    )
    .fetch_one(db)
    .await
}

/// Takes the second factor off an account whose holder lost it; its sessions end. For whoever
/// administers the account, and for nobody's own: who holds a session alone must not be enough.
///
/// # Errors
/// See [`UserError`].
pub async fn reset(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &Actor,
    name: &str,
) -> Result<(), UserError> {
    administration::require_over(&mut *tx, at, actor, name).await?;
    if actor.name == name {
        return Err(UserError::NotOneself);
    }
    sqlx::query!("delete from second_factor where user_name = $1", name)
        .execute(&mut *tx)
        .await?;
    session::end_others(tx, name, "").await?;
    let action = Action::UserSecondFactorReset;
    let detail = Changed::new().hidden("second_factor").with(json!({}));
    audit::record(tx, at, actor, action, name, None, detail).await?;
    Ok(())
}

/// Takes a code for the second step of signing in, once.
pub(crate) async fn take(
    tx: &mut PgConnection,
    at: Timestamp,
    key: Option<&SecretKey>,
    name: &str,
    code: &str,
) -> Result<Option<SecondStep>, FactorError> {
    let digits: String = code
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let taken = take_code(tx, at, key, name, &digits).await?;
        return Ok(taken.then_some(SecondStep::Code));
    }
    let used = sqlx::query!(
        "update recovery_code set used_at = $3
         where user_name = $1 and code_hash = $2 and used_at is null",
        name,
        secret::hash(&plain(code)),
        at.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok((used.rows_affected() == 1).then_some(SecondStep::Recovery))
}

/// Whether the telephone shows the code now; a code counts once, and none before it afterwards.
async fn take_code(
    tx: &mut PgConnection,
    at: Timestamp,
    key: Option<&SecretKey>,
    name: &str,
    code: &str,
) -> Result<bool, FactorError> {
    let held = sqlx::query!(
        "select sealed from second_factor
         where user_name = $1 and confirmed_at is not null for update",
        name
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(held) = held else { return Ok(false) };
    let key = key.ok_or(FactorError::NoKey)?;
    let Some(step) = matching_step(key, name, &held.sealed, at, code)? else {
        return Ok(false);
    };
    let newer = sqlx::query!(
        "update second_factor set last_step = $2 where user_name = $1 and last_step < $2",
        name,
        step
    )
    .execute(tx)
    .await?;
    Ok(newer.rows_affected() == 1)
}

/// The interval the code belongs to, if it is one of about now.
fn matching_step(
    key: &SecretKey,
    name: &str,
    sealed: &[u8],
    at: Timestamp,
    code: &str,
) -> Result<Option<i64>, FactorError> {
    let totp = totp(key.open(name, sealed)?)?;
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let code: String = code
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let step = totp.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Six digits, half a minute, SHA-1: what every telephone's program of codes knows.
fn totp(secret: Vec<u8>) -> Result<Totp, SealError> {
    let builder = Builder::new()
        .with_secret(Secret::new(secret.into()))
        .with_step_duration(SECONDS)
        .with_skew(1);
    builder.build().map_err(|_| SealError::Malformed)
}

/// Makes codes for recovery and keeps their hashes.
async fn hand_out(tx: &mut PgConnection, name: &str) -> Result<Vec<String>, FactorError> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        codes.push(recovery_code()?);
    }
    let hashes: Vec<Vec<u8>> = codes
        .iter()
        .map(|code| secret::hash(&plain(code)))
        .collect();
    sqlx::query!(
        "insert into recovery_code (user_name, code_hash) select $1, unnest($2::bytea[])",
        name,
        &hashes
    )
    .execute(tx)
    .await?;
    Ok(codes)
}

/// 80 random bits as 16 letters in fours: a plain hash of it is enough.
fn recovery_code() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; 16];
    OsRng.try_fill_bytes(&mut bytes)?;
    let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    Ok(groups.join("-"))
}

/// As it is hashed: without the strokes, in small letters.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
