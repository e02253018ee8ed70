//! Citizens, who have no account: a short session in which somebody proved that a dossier is theirs,
//! and how often an address may ask for what costs work.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{Actor, DossierId};
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
}

/// A citizen of whom nothing is known.
pub fn anybody() -> Actor {
    Actor {
        name: "citizen".to_owned(),
        grants: Vec::new(),
    }
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
