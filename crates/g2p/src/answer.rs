//! What is said at once to a message: that it was taken, or why not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a message was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Ack {
    /// Taken; what becomes of it follows.
    Ack,
    /// Understood; nothing follows.
    Nack,
    /// Not taken.
    Err,
}

/// `Response`: the answer at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What is said.
    pub message: Said,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Whether it was taken.
    pub ack_status: Ack,
    /// When.
    pub timestamp: Timestamp,
    /// Why it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// The receiver's name of what follows from the message.
    pub correlation_id: String,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// Of the specification.
    pub code: String,
    /// In words.
    #[serde(default)]
    pub message: String,
}

/// Codes of the specification that are used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// Not a message.
    BadRequest,
    /// No signature.
    SignatureMissing,
    /// A signature that does not hold.
    SignatureInvalid,
    /// Nobody known.
    SenderInvalid,
    /// Not for the receiver.
    ReceiverInvalid,
    /// Another version of the protocol.
    VersionNotSupported,
    /// Encrypted, which is not agreed.
    EncryptionInvalid,
    /// About nothing known.
    NotFound,
    /// The receiver cannot take it now.
    Unavailable,
}

impl ErrorCode {
    /// As the specification writes it.
    pub const fn code(self) -> &'static str {
        match self {
            ErrorCode::BadRequest => "err.request.bad",
            ErrorCode::SignatureMissing => "err.signature.missing",
            ErrorCode::SignatureInvalid => "err.signature.invalid",
            ErrorCode::SenderInvalid => "err.sender_id.invalid",
            ErrorCode::ReceiverInvalid => "err.receiver_id.invalid",
            ErrorCode::VersionNotSupported => "err.version.not_supported",
            ErrorCode::EncryptionInvalid => "err.encryption.invalid",
            ErrorCode::NotFound => "err.request.not_found",
            ErrorCode::Unavailable => "err.service.unavailable",
        }
    }
}

impl Answer {
    /// Taken.
    pub fn taken(now: Timestamp, correlation_id: impl Into<String>) -> Answer {
        Answer {
            message: Said {
                ack_status: Ack::Ack,
                timestamp: now,
                error: None,
                correlation_id: correlation_id.into(),
            },
        }
    }

    /// Not taken.
    pub fn refused(now: Timestamp, code: ErrorCode, why: impl Into<String>) -> Answer {
        Answer {
            message: Said {
                ack_status: Ack::Err,
                timestamp: now,
                error: Some(Error {
                    code: code.code().to_owned(),
                    message: why.into(),
                }),
                correlation_id: String::new(),
            },
        }
    }
}
