//! Tokens for callers: OAuth 2 client credentials (RFC 6749 section 4.4), by a secret or by an assertion
//! signed with a registered key (RFC 7523). A token is a JWT that we sign and keep nowhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::caller::{self, Caller};
use crate::jwk::Key;
use crate::jws::{self, Jws, TOKEN};
use crate::{Desk, Error, OUR_ID};

/// Seconds a token holds.
pub const HOLDS: i64 = 900;
/// Seconds an assertion may hold at most.
const LONGEST_ASSERTION: i64 = 600;
/// What an assertion is said to be.
pub const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a caller proves itself.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// Its secret.
    Secret(&'a str),
    /// A JWT of its own.
    Assertion(&'a str),
}

/// A token for a caller; `None` when it does not prove itself.
///
/// # Errors
/// Those of the database.
pub async fn give(
    desk: &Desk<'_>,
    client: &str,
    proof: Proof<'_>,
) -> Result<Option<String>, Error> {
    let now = desk.clock.now();
    if !crate::criteria::is_plain(client) {
        return Ok(None);
    }
    let Some(caller) = caller::present(desk.pool, client, now).await? else {
        return Ok(None);
    };
    let proven = match proof {
        Proof::Secret(secret) => caller
            .secret_hash
            .as_ref()
            .is_some_and(|kept| kept[..] == Sha256::digest(secret)[..]),
        Proof::Assertion(text) => asserted(desk, &caller, text, now).await?,
    };
    Ok(proven.then(|| {
        let second = now.as_second();
        let claims = json!({"iss": OUR_ID, "aud": OUR_ID, "sub": caller.name, "reg": caller.caller_no,
            "iat": second, "exp": second + HOLDS});
        let head = json!({"alg": "EdDSA", "typ": TOKEN, "kid": desk.key.id()});
        jws::sign(desk.key, &head, claims.to_string().as_bytes())
    }))
}

async fn asserted(
    desk: &Desk<'_>,
    caller: &Caller,
    text: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let Ok(assertion) = Jws::read(text) else {
        return Ok(false);
    };
    let Some(key) = caller.key(&assertion.key_id) else {
        return Ok(false);
    };
    let Ok(claims) = assertion.claims(key) else {
        return Ok(false);
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or("");
    let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    let second = now.as_second();
    let meant = text("aud") == OUR_ID || text("aud").ends_with("/oauth2/client/token");
    let own = text("iss") == caller.name && text("sub") == caller.name;
    let timely = expires > second && expires <= second + LONGEST_ASSERTION;
    let named = (8..=100).contains(&text("jti").len()) && crate::criteria::is_plain(text("jti"));
    if !(meant && own && timely && named) {
        return Ok(false);
    }
    let Ok(expires_at) = Timestamp::from_second(expires) else {
        return Ok(false);
    };
    let mut tx = desk.pool.begin().await?;
    sqlx::query!(
        "delete from spdci_assertion where expires_at <= $1",
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let first = sqlx::query!(
        "insert into spdci_assertion (caller, jti, expires_at) values ($1, $2, $3)
         on conflict (caller, jti) do nothing",
        caller.name,
        text("jti"),
        expires_at.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(first.rows_affected() == 1)
}

/// Whose registration a token was given for, if it holds now.
pub(crate) fn holder(desk: &Desk<'_>, token: &str) -> Option<(String, i64)> {
    let token = Jws::read(token).ok()?;
    if token.kind.as_deref() != Some(TOKEN) || token.key_id != desk.key.id() {
        return None;
    }
    let claims = token.claims(&Key::Ed25519(desk.key.public())).ok()?;
    let expires = claims.get("exp")?.as_i64()?;
    let ours = claims.get("aud")?.as_str()? == OUR_ID;
    let holder = claims.get("sub")?.as_str()?.to_owned();
    let registration = claims.get("reg")?.as_i64()?;
    (ours && expires > desk.clock.now().as_second()).then_some((holder, registration))
}

/// A secret nobody guesses, and what is kept of it.
pub(crate) fn secret() -> Result<(String, Vec<u8>), Error> {
    let mut bytes = [0; 32];
    let chance = SystemRandom::new().fill(&mut bytes);
    chance.map_err(|_| Error::NoRandomness)?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let hash = Sha256::digest(&secret).to_vec();
    Ok((secret, hash))
}
