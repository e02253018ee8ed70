//! Posting a message to the other side.

use std::io::ErrorKind;
use std::sync::OnceLock;
use std::time::Duration;

use rustls::crypto::ring::default_provider;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use crate::answer::{Ack, Answer};
use crate::refusals::cut;

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer at once may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer at once; an honest one has some 200.
const MAX_ANSWER: u64 = 1 << 16;

/// What came of posting a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// Taken, under the receiver's own name.
    Taken {
        /// The receiver's name of what follows.
        correlation_id: String,
    },
    /// Refused: the same message again would be refused again.
    Refused {
        /// The receiver's code, or the HTTP status.
        code: String,
    },
    /// Not known: it may have been taken or not.
    Unanswered {
        /// Stable code of what went wrong.
        code: &'static str,
    },
}

/// Posts a message and waits for the answer at once. Blocks.
pub fn post(url: &str, body: &[u8]) -> Posted {
    post_signed(url, body, None)
}

/// The same with a `Signature` header of its own.
pub fn post_signed(url: &str, body: &[u8], signature: Option<&str>) -> Posted {
    post_checked(url, body, signature, |_, _| true)
}

/// The same where an answer may be signed too: `genuine` is asked with its `Signature` header and its bytes,
/// and what is not genuine is no answer.
pub fn post_checked(
    url: &str,
    body: &[u8],
    signature: Option<&str>,
    genuine: impl FnOnce(Option<&str>, &[u8]) -> bool,
) -> Posted {
    let mut request = agent().post(url).content_type("application/json");
    if let Some(signature) = signature {
        request = request.header("Signature", signature);
    }
    let mut response = match request.send(body) {
        Ok(response) => response,
        Err(error) => return unanswered(&error),
    };
    let status = response.status().as_u16();
    if status >= 500 || status == 408 || status == 429 {
        return Posted::Unanswered { code: "busy" };
    }
    let signed = response.headers().get("signature").cloned();
    let read = response
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER)
        .read_to_vec();
    let body = match read {
        Ok(body) => body,
        Err(error) => return unanswered(&error),
    };
    // A header that cannot be read is not left out: it is there, and wrong.
    let signed = signed.as_ref().map(|it| it.to_str().unwrap_or(""));
    if !genuine(signed, &body) {
        return Posted::Unanswered {
            code: "answer_not_theirs",
        };
    }
    match serde_json::from_slice::<Answer>(&body) {
        Ok(answer) if answer.message.ack_status == Ack::Ack => Posted::Taken {
            correlation_id: answer.message.correlation_id,
        },
        Ok(answer) => Posted::Refused {
            code: answer
                .message
                .error
                .map_or("NACK".to_owned(), |it| cut(&it.code, 60)),
        },
        Err(_) if status >= 300 => Posted::Refused {
            code: format!("HTTP {status}"),
        },
        Err(_) => Posted::Unanswered {
            code: "answer_unreadable",
        },
    }
}

fn unanswered(error: &ureq::Error) -> Posted {
    Posted::Unanswered {
        code: match error {
            ureq::Error::Timeout(_) => "timed_out",
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => "not_reached",
            ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => "not_reached",
            ureq::Error::Rustls(_) | ureq::Error::Tls(_) => "not_trusted",
            _ => "connection_lost",
        },
    }
}

/// Trusts what the machine trusts; follows nobody elsewhere.
pub fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(default_provider().into())
            .build();
        Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into()
    })
}
