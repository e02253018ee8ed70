//! The service over HTTP.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::crypto::ring::default_provider;
use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use crate::question::{LARGEST, Question, Reply};
use crate::settings::Settings;

/// Asks one question at a time; may be shared by threads.
#[derive(Clone)]
pub struct Client {
    settings: Settings,
    agent: Agent,
}

impl Client {
    /// Of settings that [`Settings::checked`] took.
    pub fn new(settings: Settings) -> Client {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(default_provider().into())
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(Duration::from_millis(settings.patience_ms)))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Client {
            agent: agent.into(),
            settings,
        }
    }

    /// How it is reached and whose names are used.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Asks, under a code of its own. Whatever goes wrong is [`Reply::Failed`]. May block.
    pub fn ask(&self, question: &Question, code: &str, officer: &str, now: Timestamp) -> Reply {
        let body = question.to_soap(code, officer, &self.settings);
        match self.post(&body, now) {
            Ok(answer) => question.read(&answer),
            Err(code) => Reply::Failed(code),
        }
    }

    fn post(&self, body: &str, now: Timestamp) -> Result<Vec<u8>, &'static str> {
        let it = &self.settings;
        let at = now.as_millisecond().to_string();
        let mut request = self
            .agent
            .post(&it.address)
            .content_type("text/xml; charset=utf-8")
            .header("SOAPAction", "\"\"")
            .header("Timestamp", &at);
        if !it.user.is_empty() {
            let signed = format!("{}{}{at}{}", it.address, it.user, it.secret);
            let signed = hex::encode(Sha256::digest(signed));
            let whole = STANDARD.encode(format!("{}:{signed}", it.user));
            request = request.header("Authorization", format!("Basic {whole}"));
        }
        for (name, value) in [("X-Road-Client", &it.client), ("ApiKey", &it.api_key)] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let mut response = request.send(body).map_err(|error| unanswered(&error))?;
        match response.status().as_u16() {
            200 => {}
            401 | 403 => return Err("not_admitted"),
            429 => return Err("too_many"),
            _ => return Err("service_status"),
        }
        // One byte more than an answer may have: who sends more is told apart from who sends as much.
        let most = LARGEST as u64 + 1;
        let read = response.body_mut().with_config().limit(most).read_to_vec();
        read.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => "answer_too_large",
            error => unanswered(&error),
        })
    }
}

fn unanswered(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timed_out",
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => "not_reached",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => "not_trusted",
        _ => "connection_lost",
    }
}

/// What users see of the code of an error.
pub fn vietnamese(code: &str) -> &'static str {
    match code {
        "timed_out" => "quá giờ chờ",
        "not_reached" | "connection_lost" => "không kết nối được",
        "not_trusted" | "not_admitted" => "không được cho vào",
        "too_many" => "vượt giới hạn số lượt",
        "service_status" | "service_fault" => "dịch vụ báo lỗi",
        _ => "trả lời không đúng mẫu",
    }
}
