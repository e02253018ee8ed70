//! What providers report: each line paid, failed, returned or not collected (contracts, section 4).
//!
//! A provider's file is read a piece at a time ([`read`]), each result is matched with its line and
//! recorded ([`import`], [`import_file`]), and what cannot simply be believed waits for a person
//! ([`queue`]).

mod booking;
mod iso20022;
mod kept;
pub mod lines;
mod ndjson;
pub(crate) mod outcome;
pub mod queue;
pub mod read;
pub mod reason;
pub(crate) mod record;
mod sheet;
mod state;
pub(crate) mod waited;
pub(crate) mod xml;

use jiff::civil::Date;
use kernel::Month;
use registry::Refusal;
use serde::{Deserialize, Serialize};

pub use kept::count_outcome;
pub use outcome::{Outcome, Part, Parts, outcome, outcome_parts};
pub use read::{Arrival, Form, Unreadable};
pub(crate) use record::import_own_file;
pub use record::{import, import_file, import_in_parts};
pub use sheet::form;
pub use waited::Waited;

/// What became of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The person has the money.
    Paid,
    /// It could not be paid.
    Failed,
    /// It was paid and came back.
    Returned,
    /// Nobody came for it.
    NotCollected,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 4] = [
        Status::Paid,
        Status::Failed,
        Status::Returned,
        Status::NotCollected,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Status::Paid => "paid",
            Status::Failed => "failed",
            Status::Returned => "returned",
            Status::NotCollected => "not_collected",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Status::Paid => "Đã trả",
            Status::Failed => "Không thành",
            Status::Returned => "Hoàn trả",
            Status::NotCollected => "Chưa nhận",
        }
    }
}

/// One result as a provider sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    /// The provider's own number of the result.
    pub result_id: String,
    /// The line by its name: list month, person, number.
    pub line: String,
    /// What became of it.
    pub status: Status,
    /// When.
    pub date: Date,
    /// The provider's code of why.
    #[serde(default)]
    pub reason: Option<String>,
    /// Đồng; must be the line's.
    pub amount: i64,
}

/// What importing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Recorded now.
    pub recorded: u64,
    /// Recorded before with the same content, or said again: nothing changed.
    pub already: u64,
    /// Put into the queue now, for a person to decide; also listed as refused.
    pub queued: u64,
    /// Payments the bank is still at.
    pub not_final: u64,
    /// Entries of the account that are about no line.
    pub unrelated: u64,
    /// Not recorded, by row.
    pub refused: Vec<Refusal>,
}

/// Reads NDJSON; rows that cannot be read are refused, the rest is given with its row.
pub fn read_lines(text: &str) -> (Vec<(u64, Reported)>, Vec<Refusal>) {
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    let read = ndjson::read(text.as_bytes(), &mut |arrival| {
        match arrival {
            Arrival::Result { row, reported, .. } => rows.push((row, reported)),
            Arrival::Refused(refusal) => refused.push(refusal),
            Arrival::NotFinal | Arrival::Unrelated => {}
        }
        Ok(())
    });
    if let Err(unreadable) = read {
        let row = unreadable.row().unwrap_or_default();
        refused.push(Refusal::new(
            row,
            "",
            unreadable.code(),
            unreadable.to_string(),
        ));
    }
    (rows, refused)
}

/// List month, person, number among the person's lines.
pub(crate) type Key = (i32, i64, i16);

/// The line a name such as `2024-05-123-1` means.
pub(crate) fn line_name(line: &str) -> Option<Key> {
    let mut parts = line.rsplitn(3, '-');
    let line_no = parts.next()?.parse().ok()?;
    let person = parts.next()?.parse().ok()?;
    let month: Month = parts.next()?.parse().ok()?;
    Some((month.yyyymm(), person, line_no))
}
