//! Signing in at a provider of identities: OpenID Connect, code flow with PKCE, state and nonce.
//!
//! The browser holds the state in a cookie, the database what belongs to it; each way there leads back
//! once. Who comes back is who an administrator bound, by issuer and subject; nobody else gets in.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Origin};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, TokenResponse,
};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgPool;

use super::fetch::fetch;
use crate::audit::Action;
use crate::sign_in::{self, Entered, FirstStep, SignInError};
use crate::{audit, secret};

/// How long somebody may take at the provider.
const AWAY: SignedDuration = SignedDuration::from_mins(10);
/// Where the provider sends browsers back to, on our address.
pub const BACK: &str = "/dang-nhap/dinh-danh/ve";

/// The provider of identities, as set by who runs the program.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What the button says.
    pub name: String,
    /// Its address, exactly as its tokens name it.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there; none for a public client, which PKCE protects.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// Our own address as browsers see it, without a path: `https://ansinh.example.vn`.
    pub address: String,
    /// Ways of proof (`amr`) or levels (`acr`) of the provider that count as a second factor.
    #[serde(default)]
    pub second_factor: Vec<String>,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Not the answer to a question of this browser, or an answer already used, or too late.
    #[error("lượt đăng nhập qua nhà cung cấp định danh này không còn hiệu lực, hãy làm lại từ đầu")]
    NotAsked,
    /// The provider let nobody in.
    #[error("nhà cung cấp định danh không xác nhận đăng nhập")]
    Declined,
    /// What the provider answered proves nothing. The cause is for the log.
    #[error("câu trả lời của nhà cung cấp định danh không hợp lệ")]
    NotProven(String),
    /// No account is bound to who came back.
    #[error(
        "tài khoản này ở nhà cung cấp định danh chưa gắn với người dùng nào; hãy gửi mã {subject} cho người quản trị"
    )]
    Unbound {
        /// What an administrator binds.
        subject: String,
    },
    /// The provider cannot be reached, or is set wrongly. The cause is for the log.
    #[error("chưa hỏi được nhà cung cấp định danh, hãy thử lại sau hoặc dùng mật khẩu")]
    NotReached(String),
    /// The session could not be opened.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The database failed.
    #[error("lỗi cơ sở dữ liệu: {0}")]
    Database(#[from] sqlx::Error),
}

impl IdentityError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            IdentityError::NotAsked => "identity_not_asked",
            IdentityError::Declined => "identity_declined",
            IdentityError::NotProven(_) => "identity_not_proven",
            IdentityError::Unbound { .. } => "identity_unbound",
            IdentityError::NotReached(_) => "identity_not_reached",
            IdentityError::SignIn(error) => error.code(),
            IdentityError::Database(_) => "internal",
        }
    }
}

/// The way to the provider.
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// The secret for the cookie of this browser.
    pub state: String,
}

/// What came back with the browser.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// Proof that it answers our question.
    pub state: String,
    /// What is exchanged for the proof of who it is; empty when the provider declined.
    pub code: String,
    /// Who answers (RFC 9207), if the provider says so.
    pub iss: Option<String>,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Provider {
    /// Begins the way to the provider; `back` is the page to go on with afterwards.
    ///
    /// # Errors
    /// [`IdentityError::NotReached`].
    pub async fn begin(
        &self,
        pool: &PgPool,
        at: Timestamp,
        back: &str,
    ) -> Result<Begun, IdentityError> {
        let client = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge)
            .url();
        let expires = at.saturating_add(AWAY).unwrap_or(at);
        sqlx::query!(
            "delete from identity_attempt where expires_at < $1",
            at.to_sqlx() as _
        )
        .execute(pool)
        .await?;
        sqlx::query!(
            "insert into identity_attempt (state_hash, nonce, verifier, back, expires_at)
             values ($1, $2, $3, $4, $5)",
            secret::hash(state.secret()),
            nonce.secret(),
            verifier.secret(),
            back,
            expires.to_sqlx() as _
        )
        .execute(pool)
        .await?;
        Ok(Begun {
            address: address.to_string(),
            state: state.secret().clone(),
        })
    }

    /// Ends it: who comes back with the answer is signed in, or owes a code. `state` is what the
    /// browser's cookie holds. Answers where to go on too.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn finish(
        &self,
        pool: &PgPool,
        at: Timestamp,
        origin: &Origin,
        state: &str,
        answer: &Answer,
    ) -> Result<(Entered, String), IdentityError> {
        // Hashes are compared, so that the time tells nothing.
        if secret::hash(state) != secret::hash(&answer.state) {
            return Err(IdentityError::NotAsked);
        }
        let attempt = sqlx::query!(
            "delete from identity_attempt where state_hash = $1 and expires_at > $2
             returning nonce, verifier, back",
            secret::hash(state),
            at.to_sqlx() as _
        )
        .fetch_optional(pool)
        .await?
        .ok_or(IdentityError::NotAsked)?;
        if answer.iss.as_ref().is_some_and(|iss| *iss != self.issuer) {
            return Err(IdentityError::NotAsked);
        }
        if answer.code.is_empty() {
            return Err(IdentityError::Declined);
        }
        let proof = (attempt.verifier, Nonce::new(attempt.nonce));
        let (subject, second_factor) = self.prove(at, &answer.code, proof).await?;
        let entered = self
            .let_in(pool, at, origin, subject, second_factor)
            .await?;
        Ok((entered, attempt.back))
    }

    /// Exchanges the code for the proof of who came back, and checks it: signature, issuer, audience,
    /// time, nonce. Answers the subject, and whether it showed a second factor that counts.
    async fn prove(
        &self,
        at: Timestamp,
        code: &str,
        (verifier, nonce): (String, Nonce),
    ) -> Result<(String, bool), IdentityError> {
        let client = self.client().await?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| IdentityError::NotReached(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&fetch)
            .await
            .map_err(|error| not_proven(&error))?;
        let token = tokens.id_token();
        let token = token.ok_or_else(|| IdentityError::NotProven("no ID token".to_owned()))?;
        let now: SystemTime = at.into();
        let checks = client.id_token_verifier().set_time_fn(move || now.into());
        let claims = token
            .claims(&checks, &nonce)
            .map_err(|error| not_proven(&error))?;
        if let Some(hash) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(|error| not_proven(&error))?;
            let key = token
                .signing_key(&checks)
                .map_err(|error| not_proven(&error))?;
            let ours = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
            if ours.map_err(|error| not_proven(&error))? != *hash {
                return Err(IdentityError::NotProven("another access token".to_owned()));
            }
        }
        let ways = claims.auth_method_refs().into_iter().flatten();
        let level = claims.auth_context_ref().map(|level| level.as_str());
        let shown = ways.map(|way| way.as_str()).chain(level);
        let counts = |way: &str| self.second_factor.iter().any(|counted| counted == way);
        let second_factor = shown.into_iter().any(counts);
        Ok((claims.subject().to_string(), second_factor))
    }

    async fn let_in(
        &self,
        pool: &PgPool,
        at: Timestamp,
        origin: &Origin,
        subject: String,
        second_factor: bool,
    ) -> Result<Entered, IdentityError> {
        let mut tx = pool.begin().await?;
        let name = sqlx::query_scalar!(
            "select user_name from identity_link join app_user on name = user_name
             where issuer = $1 and subject = $2 and disabled_at is null",
            self.issuer,
            subject
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(name) = name else {
            let nobody = Actor::new(sign_in::UNKNOWN, Vec::new()).at(origin.clone());
            let detail = json!({ "issuer": self.issuer, "from": origin.roughly() });
            let (action, who) = (Action::SignInRefused, sign_in::UNKNOWN);
            audit::record(&mut tx, at, &nobody, action, who, None, detail).await?;
            tx.commit().await?;
            return Err(IdentityError::Unbound { subject });
        };
        let first = FirstStep::Provider { second_factor };
        let entered = sign_in::go_on(&mut tx, at, origin, &name, first).await?;
        tx.commit().await?;
        Ok(entered)
    }

    /// Asks the provider each time where its doors are and which keys it signs with: they change.
    async fn client(&self) -> Result<Client, IdentityError> {
        let wrong = |error: openidconnect::url::ParseError| {
            IdentityError::NotReached(format!("setting: {error}"))
        };
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(wrong)?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &fetch)
            .await
            .map_err(|error| IdentityError::NotReached(format!("{error:?}")))?;
        let back = format!("{}{BACK}", self.address.trim_end_matches('/'));
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.client_id.clone()),
            self.client_secret.clone().map(ClientSecret::new),
        );
        Ok(client.set_redirect_uri(RedirectUrl::new(back).map_err(wrong)?))
    }
}

fn not_proven(error: &(dyn std::error::Error + '_)) -> IdentityError {
    let mut cause = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        cause = format!("{cause}: {error}");
        inner = error.source();
    }
    IdentityError::NotProven(cause)
}
