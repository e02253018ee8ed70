//! Asking the other side, with a token and, if there is a key, a signature.

use exchange::signature::{Request, content_digest, sign};
use g2p::SigningKey;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::words::Words;

/// Bytes of an answer: a letter may be that large.
const MAX_ANSWER: u64 = 32 << 20;

/// What requests are signed with.
pub struct Key {
    /// The secret.
    pub secret: SigningKey,
    /// What the other side knows it by.
    pub id: String,
}

/// How a request is signed.
pub struct Signing<'a> {
    /// When it says to be.
    pub now: Timestamp,
    /// What makes it one of its own.
    pub nonce: &'a str,
    /// Another content than is sent.
    pub over: Option<&'a [u8]>,
    /// Another key than it names.
    pub by: Option<&'a SigningKey>,
}

/// Where the other side is, and how we show who we are.
pub struct Client {
    /// `http` or `https`.
    scheme: String,
    /// Host and port.
    authority: String,
    token: String,
    key: Option<Key>,
    words: Words,
}

/// What came back.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The content.
    pub body: Vec<u8>,
}

impl Answer {
    /// As JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the same may be answered otherwise later: busy, or a signature of the wrong time.
    pub fn is_for_now(&self) -> bool {
        self.status >= 500 || matches!(self.status, 401 | 408 | 409 | 429)
    }
}

impl Client {
    /// Of an address without path.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(url: &str, token: String, key: Option<Key>) -> anyhow::Result<Client> {
        let wrong = || anyhow::anyhow!("Địa chỉ không đúng dạng: cần http://máy:cổng.");
        if !kernel::peer::is_address(url) {
            return Err(wrong());
        }
        let (scheme, authority) = url.split_once("://").ok_or_else(wrong)?;
        Ok(Client {
            scheme: scheme.to_owned(),
            authority: authority.trim_end_matches('/').to_owned(),
            token,
            key,
            words: Words::Messages,
        })
    }

    /// The same, in a dialect.
    pub fn speaking(self, words: Words) -> Client {
        Client { words, ..self }
    }

    /// Whether it signs.
    pub const fn signs(&self) -> bool {
        self.key.is_some()
    }

    /// Whether it speaks SOAP, in which most refusals have one status.
    pub const fn is_soap(&self) -> bool {
        matches!(self.words, Words::Soap(_))
    }

    /// Asks for a path below `/api/v1/exchange`, at a time as the province has it. `None` when there was
    /// no answer. Blocks.
    pub fn ask(
        &self,
        (method, path): (&str, &str),
        (media_type, content): (&str, &[u8]),
        now: Timestamp,
    ) -> Option<Answer> {
        let nonce = Uuid::new_v4().to_string();
        let signing = Signing {
            now,
            nonce: &nonce,
            over: None,
            by: None,
        };
        self.ask_signed((method, path), (media_type, content), &signing)
    }

    /// The same, with a signature made in a certain way, if it signs at all.
    pub fn ask_signed(
        &self,
        (method, path): (&str, &str),
        (media_type, content): (&str, &[u8]),
        signing: &Signing<'_>,
    ) -> Option<Answer> {
        let asked = self.words.asked((method, path), (media_type, content));
        let url = format!("{}://{}{}", self.scheme, self.authority, asked.target);
        let mut request = ureq::http::Request::builder()
            .method(asked.method)
            .uri(url)
            .header("authorization", format!("Bearer {}", self.token));
        let digest = content_digest(signing.over.unwrap_or(&asked.content));
        if asked.method != "GET" {
            request = request
                .header("content-type", &asked.media_type)
                .header("content-digest", &digest);
        }
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        if let Some((input, signature)) = self.signed(asked.method, &asked.target, &digest, signing)
        {
            request = request
                .header("signature-input", input)
                .header("signature", signature);
        }
        let request = request.body(asked.content).ok()?;
        let mut response = g2p::client::agent().run(request).ok()?;
        let status = response.status().as_u16();
        let named = response.headers().get("x-road-id");
        let named = named.and_then(|it| it.to_str().ok()).map(str::to_owned);
        let limited = response.body_mut().with_config().limit(MAX_ANSWER);
        let answer = Answer {
            status,
            body: limited.read_to_vec().ok()?,
        };
        let (id, named) = (asked.id.as_deref(), named.as_deref());
        Some(self.words.answered((method, path), id, named, answer))
    }

    fn signed(
        &self,
        method: &str,
        target: &str,
        digest: &str,
        signing: &Signing<'_>,
    ) -> Option<(String, String)> {
        let key = self.key.as_ref()?;
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let header = |name: &str| (name == "content-digest").then(|| digest.to_owned());
        let request = Request {
            method,
            authority: &self.authority,
            path,
            query,
            header: &header,
        };
        let components: &[&str] = match method {
            "GET" => &["@method", "@target-uri"],
            _ => &["@method", "@target-uri", "content-digest"],
        };
        let with = (signing.by.unwrap_or(&key.secret), key.id.as_str());
        let when = (signing.now, signing.nonce);
        sign(with, &request, &self.scheme, components, when).ok()
    }
}
