//! The signature string of a message.
//!
//! The specification gives its form (`MsgSignature`) and leaves open what exactly is signed. Here
//! it is, and nothing is put into another form first: the digest is SHA-256 over the bytes of the
//! header followed by those of the message, as they stand in the body; signed are the lines
//! `(created): …`, `(expires): …` and `digest: SHA-256=…`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use crate::key::{PublicKey, SigningKey};

/// The only algorithm.
const ALGORITHM: &str = "ed25519";
/// What is signed, in this order.
const HEADERS: &str = "(created) (expires) digest";
/// How long a message may be on its way.
pub const VALID_FOR: SignedDuration = SignedDuration::from_mins(60);
/// How far the sender's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// The longest a sender may let a signature hold.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// Letters of an honest signature string are some 350.
const MAX_TEXT: usize = 1024;

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadSignature {
    /// None at all.
    #[error("thông điệp không có chữ ký")]
    Missing,
    /// Not of the form.
    #[error("chữ ký không đúng mẫu")]
    Malformed,
    /// No such key of this sender holds now.
    #[error("không có khóa còn hiệu lực của bên gửi mang mã này")]
    UnknownKey,
    /// Signed by somebody else than who sends.
    #[error("chữ ký của bên khác với sender_id")]
    OtherSender,
    /// From the future, or for too long.
    #[error("thời điểm ký hoặc hạn của chữ ký không hợp lệ")]
    BadTimes,
    /// Too old, or sent again by somebody who kept it.
    #[error("chữ ký đã hết hạn")]
    Expired,
    /// The message is not the one signed, or the key not the one it was signed with.
    #[error("chữ ký không khớp với nội dung")]
    Wrong,
}

impl BadSignature {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            BadSignature::Missing => "signature_missing",
            BadSignature::Malformed => "signature_malformed",
            BadSignature::UnknownKey => "unknown_key",
            BadSignature::OtherSender => "other_sender",
            BadSignature::BadTimes => "signature_times",
            BadSignature::Expired => "signature_expired",
            BadSignature::Wrong => "signature_wrong",
        }
    }
}

/// A signature as read, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who says to have signed.
    pub sender: String,
    /// With which of its keys.
    pub key_id: String,
    created: i64,
    expires: i64,
    signature: Vec<u8>,
}

/// The signature of a message with this digest.
pub(crate) fn sign(
    key: &SigningKey,
    (namespace, sender): (&str, &str),
    digest: &[u8; 32],
    now: Timestamp,
) -> String {
    let created = now.as_second();
    let expires = created + VALID_FOR.as_secs();
    let signature = key.sign(text(created, expires, digest).as_bytes());
    format!(
        "Signature: namespace=\"{namespace}\", kidId=\"{sender}|{}|{ALGORITHM}\", \
         algorithm=\"{ALGORITHM}\", created=\"{created}\", expires=\"{expires}\", \
         headers=\"{HEADERS}\", signature=\"{signature}\"",
        key.id()
    )
}

fn text(created: i64, expires: i64, digest: &[u8; 32]) -> String {
    let digest = STANDARD.encode(digest);
    format!("(created): {created}\n(expires): {expires}\ndigest: SHA-256={digest}")
}

impl Signed {
    /// Reads the string of a message.
    ///
    /// # Errors
    /// [`BadSignature::Malformed`].
    pub fn read(text: &str) -> Result<Signed, BadSignature> {
        let bad = || BadSignature::Malformed;
        if text.len() > MAX_TEXT {
            return Err(bad());
        }
        let text = text.strip_prefix("Signature:").unwrap_or(text);
        let fields = fields(text).ok_or_else(bad)?;
        let field = |name: &str| {
            let mut all = fields.iter().filter(|(known, _)| *known == name);
            match (all.next(), all.next()) {
                (Some((_, value)), None) => Ok(*value),
                _ => Err(bad()),
            }
        };
        if field("algorithm")? != ALGORITHM || field("headers")? != HEADERS {
            return Err(bad());
        }
        let mut kid = field("kidId")?.split('|');
        let (sender, key_id) = match (kid.next(), kid.next(), kid.next(), kid.next()) {
            (Some(sender), Some(key_id), Some(ALGORITHM), None) => (sender, key_id),
            _ => return Err(bad()),
        };
        Ok(Signed {
            sender: sender.to_owned(),
            key_id: key_id.to_owned(),
            created: field("created")?.parse().map_err(|_| bad())?,
            expires: field("expires")?.parse().map_err(|_| bad())?,
            signature: STANDARD.decode(field("signature")?).map_err(|_| bad())?,
        })
    }

    /// Whether the sender signed the message with this digest with this key, for a time that is now.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(
        &self,
        key: &PublicKey,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<(), BadSignature> {
        let now = now.as_second();
        let holds = self.expires.checked_sub(self.created);
        let holds = holds.ok_or(BadSignature::BadTimes)?;
        if !(1..=LONGEST.as_secs()).contains(&holds) || self.created > now + AHEAD.as_secs() {
            return Err(BadSignature::BadTimes);
        }
        if self.expires <= now {
            return Err(BadSignature::Expired);
        }
        let text = text(self.created, self.expires, digest);
        match key.verifies(text.as_bytes(), &self.signature) {
            true => Ok(()),
            false => Err(BadSignature::Wrong),
        }
    }
}

/// `name="value"`, separated by commas. No value holds a quotation mark.
fn fields(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut fields = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        fields.push((name, value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(fields)
}
