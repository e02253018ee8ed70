//! What is said about a row that could not be taken.

use std::borrow::Cow;
use std::fmt;

use kernel::EventId;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// One row, event or cell that was refused; everything else still goes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The line of the file or the row of the sheet, counted from 1.
    pub row: u64,
    /// The field (of the contract) or the column heading; empty when the whole row is meant.
    pub field: Cow<'static, str>,
    /// Stable code for programs: lower-case words joined by underscores.
    pub code: &'static str,
    /// The reason as a Vietnamese sentence. Holds no name and no ID number.
    pub message: String,
    /// The refused event, when it could be read that far.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "event_id_as_text"
    )]
    pub event_id: Option<EventId>,
}

impl Refusal {
    /// A refusal of a row for a field, without the event.
    pub fn new(
        row: u64,
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Refusal {
        Refusal {
            row,
            field: field.into(),
            code,
            message: message.into(),
            event_id: None,
        }
    }
}

/// `Dòng 5, trường birth_date: …`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dòng {}", self.row)?;
        if !self.field.is_empty() {
            write!(f, ", trường {}", self.field)?;
        }
        write!(f, ": {} ({})", self.message, self.code)
    }
}

impl std::error::Error for Refusal {}

fn event_id_as_text<S: Serializer>(id: &Option<EventId>, s: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => s.collect_str(&Uuid::from_u128(id.0)),
        None => s.serialize_none(),
    }
}

/// What is wrong with one field, before the row is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field of the contract.
    pub field: Cow<'static, str>,
    /// Stable code.
    pub code: &'static str,
    /// The reason as a Vietnamese sentence.
    pub message: String,
}

impl Fault {
    /// A fault of a field.
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Fault {
        Fault {
            field: field.into(),
            code,
            message: message.into(),
        }
    }

    /// The refusal of the row it was found in.
    pub fn in_row(self, row: u64, event_id: Option<EventId>) -> Refusal {
        Refusal {
            row,
            field: self.field,
            code: self.code,
            message: self.message,
            event_id,
        }
    }
}
