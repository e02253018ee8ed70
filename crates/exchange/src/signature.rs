//! HTTP message signatures (RFC 9421) with Ed25519, over a digest of the content (RFC 9530).
//!
//! What is read is the strict form of RFC 8941 as the specification writes it: one signature, components
//! without parameters of their own. Whatever is written in another way is refused rather than guessed.

mod base;
mod read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use g2p::{PublicKey, SigningKey};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256, Sha512};

pub use base::Request;

/// How far the clock of the other side may be off, either way.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// Letters of an honest header are some 200.
const MAX_TEXT: usize = 2_048;

/// Why a request is not taken for the one that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// None, though the connection asks for it.
    #[error("kết nối của tỉnh này yêu cầu ký từng yêu cầu: thiếu Signature-Input và Signature")]
    Missing,
    /// Not of the form.
    #[error("Signature-Input hoặc Signature không đúng mẫu RFC 9421")]
    Malformed,
    /// Something that has to be signed is not.
    #[error(
        "chữ ký phải gồm @method, @target-uri hoặc @path và @query, content-digest, created và keyid"
    )]
    NotCovered,
    /// No such key of the province holds on the day.
    #[error("tỉnh này không có khóa còn hiệu lực mang mã keyid đã nêu")]
    UnknownKey,
    /// Too old or from the future: one of the two clocks is wrong.
    #[error("thời điểm ký lệch giờ máy chủ quá 5 phút: kiểm tra đồng hồ bên gửi")]
    Clock,
    /// The request is not the one signed, or the key not the one it was signed with.
    #[error("chữ ký không khớp với yêu cầu")]
    Wrong,
    /// The content is not the one signed.
    #[error("Content-Digest không khớp với nội dung")]
    OtherContent,
    /// Seen before.
    #[error("yêu cầu đã ký này đã được gửi rồi: ký lại mỗi lần gửi")]
    Replayed,
}

impl BadSignature {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            BadSignature::Missing => "signature_missing",
            BadSignature::Malformed => "signature_malformed",
            BadSignature::NotCovered => "signature_incomplete",
            BadSignature::UnknownKey => "signature_unknown_key",
            BadSignature::Clock => "signature_clock",
            BadSignature::Wrong => "signature_wrong",
            BadSignature::OtherContent => "content_digest_wrong",
            BadSignature::Replayed => "signature_replayed",
        }
    }
}

/// A signature as read, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What is signed, in this order.
    components: Vec<String>,
    /// `@signature-params` as written.
    params: String,
    created: Option<i64>,
    expires: Option<i64>,
    nonce: Option<String>,
    key_id: Option<String>,
    signature: Vec<u8>,
}

impl Signed {
    /// Reads the two headers of a request.
    ///
    /// # Errors
    /// [`BadSignature::Malformed`].
    pub fn read(input: &str, signature: &str) -> Result<Signed, BadSignature> {
        if input.len() > MAX_TEXT || signature.len() > MAX_TEXT {
            return Err(BadSignature::Malformed);
        }
        read::signed(input, signature).ok_or(BadSignature::Malformed)
    }

    /// With which key it says to be signed.
    ///
    /// # Errors
    /// [`BadSignature::NotCovered`] when it does not say.
    pub fn key_id(&self) -> Result<&str, BadSignature> {
        self.key_id.as_deref().ok_or(BadSignature::NotCovered)
    }

    /// Whether it covers what it has to, and is of now.
    ///
    /// # Errors
    /// [`BadSignature::NotCovered`], [`BadSignature::Clock`].
    pub fn check(&self, request: &Request<'_>, now: Timestamp) -> Result<(), BadSignature> {
        let covers = |name: &str| self.components.iter().any(|it| it == name);
        let target = covers("@target-uri")
            || (covers("@path") && (covers("@query") || request.query.is_none()));
        let content = covers("content-digest") || request.method == "GET";
        let created = self.created.ok_or(BadSignature::NotCovered)?;
        if !covers("@method") || !target || !content || self.key_id.is_none() {
            return Err(BadSignature::NotCovered);
        }
        let now = now.as_second();
        let off = now.checked_sub(created).map(i64::unsigned_abs);
        let near = off.is_some_and(|off| off <= WINDOW.as_secs().unsigned_abs());
        match near && self.expires.is_none_or(|until| now <= until) {
            true => Ok(()),
            false => Err(BadSignature::Clock),
        }
    }

    /// Whether the request was signed with this key.
    ///
    /// # Errors
    /// [`BadSignature::Wrong`].
    pub fn verify(&self, key: &PublicKey, request: &Request<'_>) -> Result<(), BadSignature> {
        // A proxy may have ended TLS before us: which of the two was signed shows.
        let signed = ["https", "http"].into_iter().any(|scheme| {
            base::text(request, scheme, &self.components, &self.params)
                .is_some_and(|text| key.verifies(text.as_bytes(), &self.signature))
        });
        match signed {
            true => Ok(()),
            false => Err(BadSignature::Wrong),
        }
    }

    /// What shows that a request is the same again: its nonce, or its signature.
    pub fn once(&self) -> [u8; 32] {
        let key = self.key_id.as_deref().unwrap_or_default();
        let mut sha = Sha256::new_with_prefix(key.as_bytes());
        sha.update([0]);
        match &self.nonce {
            Some(nonce) => sha.update(nonce.as_bytes()),
            None => sha.update(&self.signature),
        }
        sha.finalize().into()
    }
}

/// Signs a request: the values of `Signature-Input` and `Signature`.
///
/// # Errors
/// [`BadSignature::NotCovered`] when the request lacks a component.
pub fn sign(
    (key, key_id): (&SigningKey, &str),
    request: &Request<'_>,
    scheme: &str,
    components: &[&str],
    (now, nonce): (Timestamp, &str),
) -> Result<(String, String), BadSignature> {
    let components: Vec<String> = components.iter().map(|&name| name.to_owned()).collect();
    let list: Vec<String> = components
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    let params = format!(
        "({});created={};keyid=\"{key_id}\";nonce=\"{nonce}\";alg=\"ed25519\"",
        list.join(" "),
        now.as_second()
    );
    let text = base::text(request, scheme, &components, &params);
    let text = text.ok_or(BadSignature::NotCovered)?;
    let signature = key.sign(text.as_bytes());
    Ok((format!("sig1={params}"), format!("sig1=:{signature}:")))
}

/// The value of `Content-Digest` for a content.
pub fn content_digest(content: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(content)))
}

/// A `Content-Digest` as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentDigest {
    sha256: Option<Vec<u8>>,
    sha512: Option<Vec<u8>>,
}

impl ContentDigest {
    /// Reads the header.
    ///
    /// # Errors
    /// [`BadSignature::OtherContent`] when it names neither SHA-256 nor SHA-512, or cannot be read.
    pub fn read(header: &str) -> Result<ContentDigest, BadSignature> {
        let bad = BadSignature::OtherContent;
        let mut found = ContentDigest {
            sha256: None,
            sha512: None,
        };
        for member in header.split(',') {
            let (name, value) = member.trim().split_once('=').ok_or(bad)?;
            let value = value.strip_prefix(':').and_then(|it| it.strip_suffix(':'));
            let value = STANDARD.decode(value.ok_or(bad)?).map_err(|_| bad)?;
            match name {
                "sha-256" => found.sha256 = Some(value),
                "sha-512" => found.sha512 = Some(value),
                _ => {}
            }
        }
        match (&found.sha256, &found.sha512) {
            (None, None) => Err(bad),
            _ => Ok(found),
        }
    }

    /// Whether it is the digest of the content: of each kind it names.
    ///
    /// # Errors
    /// [`BadSignature::OtherContent`].
    pub fn check(&self, content: &[u8]) -> Result<(), BadSignature> {
        let short =
            (self.sha256.as_deref()).is_none_or(|it| it == Sha256::digest(content).as_slice());
        let long =
            (self.sha512.as_deref()).is_none_or(|it| it == Sha512::digest(content).as_slice());
        match short && long {
            true => Ok(()),
            false => Err(BadSignature::OtherContent),
        }
    }

    /// Whether it is the digest of a file with a SHA-256, which is held against the content elsewhere.
    ///
    /// # Errors
    /// [`BadSignature::OtherContent`], also when only SHA-512 is named.
    pub fn check_sha256(&self, hash: &[u8; 32]) -> Result<(), BadSignature> {
        match self.sha256.as_deref() == Some(hash) {
            true => Ok(()),
            false => Err(BadSignature::OtherContent),
        }
    }
}
