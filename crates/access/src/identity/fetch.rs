//! Asking the provider of identities over HTTP.

use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use rustls::crypto::ring::default_provider;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// How long an answer may take: somebody waits to be let in.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer; documents of providers have some tens of thousands.
const MAX_ANSWER: u64 = 1 << 20;

/// Sends a request off the async threads.
///
/// # Errors
/// When the other side is not reached, not trusted, or too slow.
pub(super) async fn fetch(request: HttpRequest) -> io::Result<HttpResponse> {
    let answer = tokio::task::spawn_blocking(move || send(request)).await;
    answer.map_err(io::Error::other)?
}

fn send(request: HttpRequest) -> io::Result<HttpResponse> {
    let answer = agent().run(request).map_err(ureq::Error::into_io)?;
    let (parts, mut body) = answer.into_parts();
    let body = body.with_config().limit(MAX_ANSWER).read_to_vec();
    let body = body.map_err(ureq::Error::into_io)?;
    Ok(HttpResponse::from_parts(parts, body))
}

/// Trusts what the machine trusts; follows nobody elsewhere.
fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(default_provider().into())
            .build();
        Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into()
    })
}
