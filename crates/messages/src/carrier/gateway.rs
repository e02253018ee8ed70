//! A gateway over HTTP, such as the sandbox (`crate::sandbox`): `POST <address>` takes a message,
//! `POST <address>/arrivals` says what became of some.

use std::time::Duration;

use rustls::crypto::ring::default_provider;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use uuid::Uuid;

use super::{Arrival, Carried, Carrier, Outgoing};

/// How long a connection may take to open, and an answer to come: forty messages one after the other
/// are through before they count as lost.
const CONNECT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of an answer.
const MAX_ANSWER: u64 = 1 << 20;

/// What a gateway answers to a message: a reference, or the code of why it does not take it.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Its own name for the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What a gateway says of a message it took.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Which.
    pub id: Uuid,
    /// Whether it arrived.
    pub arrived: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A gateway at an address.
pub struct Gateway {
    address: String,
    token: Option<String>,
    agent: Agent,
}

impl Gateway {
    /// Of an address that [`kernel::peer::is_address`] holds for one; the token goes with every request.
    pub fn new(address: &str, token: Option<String>) -> Gateway {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(default_provider().into())
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Gateway {
            address: address.trim_end_matches('/').to_owned(),
            token,
            agent: agent.into(),
        }
    }

    /// The status and what was answered, if it could be read.
    fn post<T: DeserializeOwned>(
        &self,
        address: &str,
        body: &impl Serialize,
    ) -> Result<(u16, Option<T>), &'static str> {
        let body = serde_json::to_vec(body).map_err(|_| "not_writable")?;
        let mut request = self.agent.post(address).content_type("application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = request
            .send(&body[..])
            .map_err(|error| unanswered(&error))?;
        let status = response.status().as_u16();
        let read = response.body_mut().with_config().limit(MAX_ANSWER);
        let body = read.read_to_vec().map_err(|error| unanswered(&error))?;
        Ok((status, serde_json::from_slice(&body).ok()))
    }
}

impl Carrier for Gateway {
    fn carry(&self, message: &Outgoing) -> Carried {
        let unanswered = |code: &str| Carried::Unanswered {
            code: code.to_owned(),
        };
        match self.post::<Answer>(&self.address, message) {
            Err(code) => unanswered(code),
            Ok((200..=299, Some(answer))) => Carried::Sent {
                reference: answer.reference.map(short),
            },
            Ok((200..=299, None)) => unanswered("answer_unreadable"),
            Ok((408 | 429 | 500.., _)) => unanswered("busy"),
            // Ours to put right; the message itself is sound.
            Ok((401 | 403 | 404, _)) => unanswered("not_admitted"),
            Ok((status, answer)) => Carried::Refused {
                code: short(
                    answer
                        .and_then(|answer| answer.code)
                        .unwrap_or(format!("HTTP {status}")),
                ),
            },
        }
    }

    fn arrivals(&self, messages: &[Uuid]) -> Vec<(Uuid, Arrival)> {
        let address = format!("{}/arrivals", self.address);
        let Ok((200, Some(told))) = self.post::<Vec<Told>>(&address, &messages) else {
            return Vec::new();
        };
        let heard = |told: Told| match told.arrived {
            true => (told.id, Arrival::Arrived),
            false => {
                let code = short(told.code.unwrap_or_else(|| "not_arrived".to_owned()));
                (told.id, Arrival::NotArrived { code })
            }
        };
        told.into_iter().map(heard).collect()
    }
}

/// What others write is kept, but not at any length.
fn short(text: String) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control());
    plain.take(60).collect()
}

fn unanswered(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timed_out",
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => "not_reached",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => "not_trusted",
        _ => "connection_lost",
    }
}
