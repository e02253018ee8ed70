//! Answers already given: a request sent twice under one key is done once and answered alike.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{PgPool, PgTransaction};

/// How long answers are kept.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 7);

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body; for a redirect the body is the address.
    pub content_type: String,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What is known of a key.
pub enum Claim {
    /// Nobody used it: do the work, then [`Ticket::keep`] the answer.
    Fresh(Ticket),
    /// The same request was answered before.
    Answered(Answer),
    /// The key was used for another request.
    OtherRequest,
    /// The first request under the key is still being worked on.
    InProgress,
}

/// The right to work under a key. Dropped without an answer, the key is free again, also when the
/// program or the machine dies: the claim is a lock of the open transaction.
pub struct Ticket {
    tx: PgTransaction<'static>,
    user: String,
    key: String,
    request_hash: Vec<u8>,
    at: Timestamp,
}

/// Claims a key of a user for a request.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    pool: &PgPool,
    at: Timestamp,
    user: &str,
    key: &str,
    request_hash: &[u8],
) -> sqlx::Result<Claim> {
    let mut tx = pool.begin().await?;
    let free = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0)) as "free!""#,
        user,
        key
    )
    .fetch_one(&mut *tx)
    .await?;
    if !free {
        return Ok(Claim::InProgress);
    }
    let kept = sqlx::query!(
        "select request_hash, status, content_type, response from idempotency_key
         where user_name = $1 and key = $2",
        user,
        key
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(kept) = kept else {
        let (user, key) = (user.to_owned(), key.to_owned());
        let request_hash = request_hash.to_vec();
        return Ok(Claim::Fresh(Ticket {
            tx,
            user,
            key,
            request_hash,
            at,
        }));
    };
    // At once, not when the connection is next used: the lock must not outlive the answer.
    tx.rollback().await?;
    if kept.request_hash != request_hash {
        return Ok(Claim::OtherRequest);
    }
    Ok(Claim::Answered(Answer {
        status: u16::try_from(kept.status).unwrap_or(500),
        content_type: kept.content_type,
        body: kept.response,
    }))
}

impl Ticket {
    /// Keeps the answer for later requests under the key, and drops answers grown old.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keep(mut self, answer: &Answer) -> sqlx::Result<()> {
        let old = self.at.saturating_sub(KEPT_FOR).unwrap_or(self.at);
        sqlx::query!(
            "delete from idempotency_key where user_name = $1 and created_at < $2",
            self.user,
            old.to_sqlx() as _
        )
        .execute(&mut *self.tx)
        .await?;
        sqlx::query!(
            "insert into idempotency_key
               (user_name, key, request_hash, status, content_type, response, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            self.user,
            self.key,
            self.request_hash,
            i16::try_from(answer.status).unwrap_or(500),
            answer.content_type,
            answer.body,
            self.at.to_sqlx() as _
        )
        .execute(&mut *self.tx)
        .await?;
        self.tx.commit().await
    }
}
