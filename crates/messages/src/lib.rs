//! What citizens are told: short messages without anything about a person, written once for each
//! thing told of, sent over SMS, Zalo, e-mail or paper until they have arrived or it is given up.
//!
//! A message is written to an outbox ([`outbox`]), in the transaction of what it tells of or, for
//! steps of dossiers, by a run that looks which steps have no message yet ([`gather()`]). Sending
//! ([`send()`]) hands it to a [`Carrier`]. Whoever carries it knows it by its id, so that a message
//! sent again after a crash arrives once.

pub mod carrier;
pub mod channel;
pub mod contact;
pub mod gather;
pub mod outbox;
mod refusal;
pub mod sandbox;
pub mod send;
pub mod show;
pub mod template;

pub use carrier::{Carried, Carrier, Console, Folder, Gateway};
pub use channel::Channel;
pub use contact::Contact;
pub use gather::gather;
pub use refusal::Refused;
pub use send::{Sent, send};
