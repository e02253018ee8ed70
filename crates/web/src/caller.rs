//! The address a request came from, for those who are known by nothing else.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

/// The address of whoever asks; that of the proxy on this machine is replaced by the last one it names.
pub(crate) struct Caller(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
        let address = match peer {
            Some(peer) if !peer.is_loopback() => Some(peer),
            peer => named_by_proxy(parts).or(peer),
        };
        Ok(Caller(
            address.map_or_else(String::new, |it| it.to_string()),
        ))
    }
}

fn named_by_proxy(parts: &Parts) -> Option<IpAddr> {
    let named = parts
        .headers
        .get_all("x-forwarded-for")
        .into_iter()
        .next_back()?;
    named.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}
