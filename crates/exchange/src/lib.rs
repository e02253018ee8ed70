//! The one-stop systems of the provinces: how each is connected, and what is told in both
//! directions.
//!
//! What comes is kept as it came ([`inbox`]) and becomes steps of dossiers; each message counts
//! once, and those about a dossier count in their order. What has to be told is written by the
//! database with the step itself ([`outbox`]) and offered until the other side has taken it.

pub mod admission;
pub mod backlog;
pub mod comparison;
pub mod conflict;
pub mod connection;
mod correction;
pub mod dead;
pub mod dialect;
mod field;
pub mod file;
pub mod gap;
pub mod given;
pub mod inbox;
pub mod key;
pub mod message;
pub mod outbox;
pub mod owner;
pub mod practice;
pub mod pull;
mod refusal;
pub mod repeat;
pub mod signature;
pub mod standing;
mod together;
pub mod x_road;

pub use admission::Admission;
pub use connection::{Connection, Mode, NewConnection};
pub use dialect::Dialect;
pub use inbox::{Answer, Received, receive};
pub use message::Message;
pub use outbox::{Acknowledged, Offered, acknowledge, offered};
pub use refusal::Refused;
pub use signature::BadSignature;
