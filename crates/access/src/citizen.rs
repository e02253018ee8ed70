//! Citizens, who have no account: a short session in which somebody proved that a dossier is theirs,
//! and how often an address may ask for what costs work.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{Actor, DossierId, Origin};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use crate::secret::{self, NoRandomness};

/// A session ends after so long without a request.
pub const IDLE: SignedDuration = SignedDuration::from_mins(20);
/// A session ends so long after it began whatever happens.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(2);
/// How stale `seen_at` may grow before a request writes it again.
const SEEN_STEP: SignedDuration = SignedDuration::from_secs(60);
/// How long requests are counted together.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Somebody who proved that a dossier is theirs. Only a session makes one, so whoever is handed it
/// need not ask again.
#[derive(Clone, Debug)]
pub struct Citizen {
    actor: Actor,
    dossier: DossierId,
}

impl Citizen {
    /// Who acts, for the audit log: no role anywhere.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Which dossier is theirs.
    pub const fn dossier(&self) -> DossierId {
        self.dossier
    }

    /// The same citizen, acting from there.
    #[must_use]
    pub fn at(self, origin: Origin) -> Citizen {
        Citizen {
            actor: self.actor.at(origin),
            ..self
        }
    }
}

/// A citizen of whom nothing is known.
pub fn anybody() -> Actor {
    Actor::new("citizen", Vec::new())
}

/// Signs of a code to come back with: none that looks like another.
const SIGNS: &[u8; 26] = b"ACDEFGHJKLMNPQRTUVWXY34679";

/// A secret for the cookie of a browser that fills in an application.
///
/// # Errors
/// When the system gives no random bytes.
pub fn draft_token() -> Result<String, NoRandomness> {
    secret::make()
}

/// By what an application is kept for whoever holds a secret: the secret cannot be read back.
pub fn key_of(token: &str) -> String {
    hex::encode(secret::hash(token))
}

/// A code of twelve signs with which somebody comes back to an application: `ACDE-FGHJ-KLMN`.
///
/// # Errors
/// When the system gives no random bytes.
pub fn return_code() -> Result<String, NoRandomness> {
    let mut signs = Vec::with_capacity(12);
    while signs.len() < 12 {
        let random = hex::decode(secret::make()?).unwrap_or_default();
        // Five bits of each byte; those beyond the signs are passed over, so that each is as likely.
        signs.extend(
            random
                .iter()
                .filter_map(|byte| SIGNS.get(usize::from(byte & 31))),
        );
    }
    let parts = signs[..12].chunks(4).map(String::from_utf8_lossy);
    Ok(parts.collect::<Vec<_>>().join("-"))
}

/// The secret a code and the beneficiary's birth date stand for together; small letters, spaces and
/// dashes do not matter in the code.
pub fn returning_token(code: &str, birth_date: &str) -> String {
    let signs = code.chars().filter(|sign| !matches!(sign, ' ' | '-'));
    let code: String = signs.map(|sign| sign.to_ascii_uppercase()).collect();
    hex::encode(Sha256::digest(
        format!("return {code} {birth_date}").as_bytes(),
    ))
}

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The database failed.
    #[error("lỗi cơ sở dữ liệu: {0}")]
    Database(#[from] sqlx::Error),
}

/// Opens a session for whoever was found to know the dossier's look-up code and second proof, who
/// is in the audit log already. Returns the secret for the cookie, which is not stored.
///
/// # Errors
/// See [`SessionError`].
pub async fn open(
    pool: &PgPool,
    at: Timestamp,
    dossier: DossierId,
) -> Result<String, SessionError> {
    let token = secret::make()?;
    let expires = at.saturating_add(ABSOLUTE).unwrap_or(at);
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "delete from citizen_session where token_hash in
             (select token_hash from citizen_session where expires_at < $1
              order by expires_at limit 100 for update skip locked)",
        at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into citizen_session (token_hash, dossier_id, created_at, seen_at, expires_at)
         values ($1, $2, $3, $3, $4)",
        secret::hash(&token),
        dossier.0,
        at.to_sqlx() as _,
        expires.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// Who is behind the cookie; `None` when it is unknown or has expired.
///
/// # Errors
/// Those of the database.
pub async fn by_session(
    pool: &PgPool,
    at: Timestamp,
    token: &str,
) -> sqlx::Result<Option<Citizen>> {
    let idle_since = at.saturating_sub(IDLE).unwrap_or(at);
    let hash = secret::hash(token);
    let row = sqlx::query!(
        r#"select dossier_id, seen_at as "seen_at: jiff_sqlx::Timestamp" from citizen_session
           where token_hash = $1 and expires_at > $2 and seen_at > $3"#,
        hash,
        at.to_sqlx() as _,
        idle_since.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if at.duration_since(row.seen_at.to_jiff()) > SEEN_STEP {
        sqlx::query!(
            "update citizen_session set seen_at = greatest(seen_at, $2) where token_hash = $1",
            hash,
            at.to_sqlx() as _
        )
        .execute(pool)
        .await?;
    }
    Ok(Some(Citizen {
        actor: anybody(),
        dossier: DossierId(row.dossier_id),
    }))
}

/// Ends the session of the cookie, if there is one.
///
/// # Errors
/// Those of the database.
pub async fn close(pool: &PgPool, token: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from citizen_session where token_hash = $1",
        secret::hash(token)
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Counts a request of an address for something, before it is worked on, and says whether the address
/// may still ask in this hour.
///
/// # Errors
/// Those of the database.
pub async fn may_ask(
    pool: &PgPool,
    at: Timestamp,
    (what, address): (&str, &str),
    most: i32,
) -> sqlx::Result<bool> {
    let second = at.as_second();
    let began = Timestamp::from_second(second - second.rem_euclid(HOUR.as_secs())).unwrap_or(at);
    let old = at.saturating_sub(HOUR + HOUR).unwrap_or(at);
    sqlx::query!(
        "delete from citizen_request where (subject, began) in
             (select subject, began from citizen_request where began < $1
              order by began limit 100 for update skip locked)",
        old.to_sqlx() as _
    )
    .execute(pool)
    .await?;
    // The hour goes in, so that nothing of two hours can be laid beside each other.
    let subject = Sha256::digest(format!("{what} {address} {began}").as_bytes()).to_vec();
    let count = sqlx::query_scalar!(
        "insert into citizen_request (subject, began, count) values ($1, $2, 1)
         on conflict (subject, began) do update set count = citizen_request.count + 1
         returning count",
        subject,
        began.to_sqlx() as _
    )
    .fetch_one(pool)
    .await?;
    Ok(count <= most)
}
