//! Whoever carries messages to people: a folder others read, the screen, or a gateway over HTTP.

mod folder;
mod gateway;

use std::io::Write;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use folder::Folder;
pub use gateway::{Answer, Gateway, Told};

use crate::Channel;

/// A message as it leaves.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// The same id again is the same message.
    pub id: Uuid,
    /// How it travels.
    pub channel: Channel,
    /// Telephone number or e-mail address; none for a letter.
    pub to: Option<String>,
    /// Heading.
    pub subject: String,
    /// The words.
    pub text: String,
    /// Code of the dossier, by which the commune finds where a letter goes.
    pub dossier: String,
}

/// What came of handing a message over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// Taken.
    Sent {
        /// The carrier's own name for it.
        reference: Option<String>,
    },
    /// Refused: the same again would be refused again.
    Refused {
        /// Stable code.
        code: String,
    },
    /// Not known: it may have been taken or not.
    Unanswered {
        /// Stable code.
        code: String,
    },
}

/// What became of a message that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It reached the person's device.
    Arrived,
    /// It did not, and will not.
    NotArrived {
        /// Stable code.
        code: String,
    },
}

/// A carrier. A message handed over again under the same id arrives once.
pub trait Carrier: Send + Sync {
    /// Hands a message over. May block.
    fn carry(&self, message: &Outgoing) -> Carried;

    /// What became of messages, as far as the carrier can say. May block.
    fn arrivals(&self, messages: &[Uuid]) -> Vec<(Uuid, Arrival)>;
}

/// Writes messages to a stream, a line of JSON each: to look at while practising.
pub struct Console<W>(std::sync::Mutex<W>);

impl<W: Write + Send> Console<W> {
    /// To a stream such as standard output.
    pub fn new(stream: W) -> Console<W> {
        Console(std::sync::Mutex::new(stream))
    }
}

impl<W: Write + Send> Carrier for Console<W> {
    fn carry(&self, message: &Outgoing) -> Carried {
        let mut stream = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let written = serde_json::to_string(message)
            .map_err(std::io::Error::from)
            .and_then(|line| writeln!(stream, "{line}"));
        match written {
            Ok(()) => Carried::Sent { reference: None },
            Err(_) => Carried::Unanswered {
                code: "not_written".to_owned(),
            },
        }
    }

    fn arrivals(&self, _: &[Uuid]) -> Vec<(Uuid, Arrival)> {
        Vec::new()
    }
}
