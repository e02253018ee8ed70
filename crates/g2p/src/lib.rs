//! G2P Connect disburse 1.0.0: what a payer and a provider say to each other over HTTP.
//!
//! Shapes as in `disburse_core_api_v1.0.0.yaml` of G2P-Connect/specs. A message is a header and a
//! message body, signed together by the string in `signature` ([`signature`]); its answer at once
//! only says that it was taken ([`Answer`]), what became of it comes later as a message the other
//! way.

pub mod answer;
pub mod client;
pub mod disburse;
pub mod envelope;
pub mod key;
pub mod own_keys;
pub mod refusals;
pub mod signature;

pub use answer::{Ack, Answer, ErrorCode};
pub use disburse::{
    DisburseRequest, DisburseResponse, Disbursement, DisbursementStatus, Progress,
    TxnStatusRequest, TxnStatusResponse,
};
pub use envelope::{CallbackHeader, Envelope, Header, seal, seal_in};
pub use key::{NotAKey, PublicKey, SigningKey};
pub use own_keys::OwnKeys;
pub use signature::{BadSignature, Signed};

/// The version of the protocol spoken.
pub const VERSION: &str = "1.0.0";
/// Bytes a message may have at most.
pub const LARGEST: usize = 16 << 20;
