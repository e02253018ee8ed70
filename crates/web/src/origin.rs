//! Where a request came from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use kernel::Origin;

/// The origin of a request, for a handler.
pub(crate) struct CameFrom(pub(crate) Origin);

impl<S: Sync> FromRequestParts<S> for CameFrom {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<CameFrom, Infallible> {
        Ok(CameFrom(of(parts)))
    }
}

/// Where the request of these parts came from.
pub(crate) fn of(parts: &Parts) -> Origin {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(address)| address.ip());
    let agent = parts.headers.get(USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or("");
    Origin::Request {
        address: named_by_proxy(parts, peer).or(peer),
        agent: agent.chars().take(400).collect(),
    }
}

/// The address a proxy names, the last it added; believed only from this machine, where the proxy is.
fn named_by_proxy(parts: &Parts, peer: Option<IpAddr>) -> Option<IpAddr> {
    if peer.is_some_and(|peer| !peer.to_canonical().is_loopback()) {
        return None;
    }
    let named = parts
        .headers
        .get_all("x-forwarded-for")
        .into_iter()
        .next_back()?;
    named.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}
