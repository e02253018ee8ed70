//! A message: header and body, signed together.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::disburse::Progress;
use crate::key::SigningKey;
use crate::signature::{self, BadSignature, Signed};

/// `MsgHeader`: of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Of the protocol.
    #[serde(default = "version")]
    pub version: String,
    /// The sender's name of the message; the same message again has the same.
    pub message_id: String,
    /// When it was made.
    pub message_ts: Timestamp,
    /// What it asks for.
    pub action: String,
    /// Who sends it.
    pub sender_id: String,
    /// Where answers that come later are to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_uri: Option<String>,
    /// Who is to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_id: Option<String>,
    /// How many requests are in it.
    pub total_count: u32,
    /// Whether the body is encrypted.
    #[serde(default)]
    pub is_msg_encrypted: bool,
}

/// `MsgCallbackHeader`: of an answer that comes later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackHeader {
    /// Of the protocol.
    #[serde(default = "version")]
    pub version: String,
    /// The sender's name of the message; the same message again has the same.
    pub message_id: String,
    /// When it was made.
    pub message_ts: Timestamp,
    /// What it answers.
    pub action: String,
    /// How far the request as a whole is.
    pub status: Progress,
    /// Why, if not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<String>,
    /// How many requests were in the message answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u32>,
    /// How many of them are settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_count: Option<u32>,
    /// Who sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_id: Option<String>,
    /// Who is to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_id: Option<String>,
    /// Whether the body is encrypted.
    #[serde(default)]
    pub is_msg_encrypted: bool,
}

fn version() -> String {
    crate::VERSION.to_owned()
}

/// A message as it came, its parts still as bytes.
#[derive(Debug, Deserialize)]
pub struct Envelope<'b> {
    signature: Option<String>,
    #[serde(borrow)]
    header: &'b RawValue,
    #[serde(borrow)]
    message: Option<&'b RawValue>,
}

impl<'b> Envelope<'b> {
    /// Takes a message apart.
    ///
    /// # Errors
    /// When it is no JSON of that shape.
    pub fn read(body: &'b [u8]) -> serde_json::Result<Envelope<'b>> {
        serde_json::from_slice(body)
    }

    /// SHA-256 of the bytes that are signed.
    pub fn digest(&self) -> [u8; 32] {
        digest(self.header.get(), self.message.map_or("", RawValue::get))
    }

    /// The signature, not yet checked.
    ///
    /// # Errors
    /// [`BadSignature::Missing`], [`BadSignature::Malformed`].
    pub fn signed(&self) -> Result<Signed, BadSignature> {
        let text = self.signature.as_deref().filter(|text| !text.is_empty());
        let text = text.ok_or(BadSignature::Missing)?;
        Signed::read(text)
    }

    /// The header.
    ///
    /// # Errors
    /// When it is of another shape.
    pub fn header<H: Deserialize<'b>>(&self) -> serde_json::Result<H> {
        serde_json::from_str(self.header.get())
    }

    /// The body.
    ///
    /// # Errors
    /// When it is of another shape, or none.
    pub fn message<M: Deserialize<'b>>(&self) -> serde_json::Result<M> {
        serde_json::from_str(self.message.map_or("null", RawValue::get))
    }
}

/// SHA-256 of header and body as they stand in a message.
pub fn digest(header: &str, message: &str) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(header);
    sha.update(message);
    sha.finalize().into()
}

/// Header and body as a signed message. The same parts again have the same bytes but for the
/// signature, which holds for an hour.
pub fn seal(key: &SigningKey, sender: &str, parts: (&str, &str), now: Timestamp) -> Vec<u8> {
    seal_in(key, ("g2p", sender), parts, now)
}

/// The same in the namespace of another standard, which comes before the sender.
pub fn seal_in(
    key: &SigningKey,
    sender: (&str, &str),
    (header, message): (&str, &str),
    now: Timestamp,
) -> Vec<u8> {
    let signature = signature::sign(key, sender, &digest(header, message), now);
    // The signature holds quotation marks and nothing else that JSON escapes.
    let signature = signature.replace('"', "\\\"");
    format!("{{\"signature\":\"{signature}\",\"header\":{header},\"message\":{message}}}")
        .into_bytes()
}
