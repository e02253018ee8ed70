//! The same person registered twice: found, shown, and merged or dismissed by a person only.

mod candidates;
pub(crate) mod likely;
mod opinion;
mod why;

use kernel::{PartialDate, PersonId, Sex};
use serde::Serialize;

use crate::apply::ApplyError;

pub use candidates::{Standing, Wanted, candidates, pairs, standings};
pub use likely::settle;
pub use opinion::{Decision, Opinion, Said, dismiss, merge, say};
pub use why::{Agreement, Reason};

/// Millionths that make one.
pub const CERTAIN: i32 = 1_000_000;

/// The source of events that officers write in the registry itself.
pub const OWN_SOURCE: &str = "an-sinh";

/// Why two records look like one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// One plausible ID number.
    IdNumber,
    /// Same name without marks, birth date and sex, in one province.
    NameAndBirthDate,
    /// The same, where of one only the year (or year and month) of birth is known.
    NameAndBirthYear,
}

impl Likeness {
    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Likeness::IdNumber => "Cùng số định danh",
            Likeness::NameAndBirthDate => "Cùng họ tên, ngày sinh",
            Likeness::NameAndBirthYear => "Cùng họ tên, năm sinh",
        }
    }
}

/// Where a pair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody decided, or a side changed since.
    Open,
    /// One record went into the other; cancelling that event opens the pair again.
    Merged,
    /// Found to be two people.
    Dismissed,
}

impl State {
    /// Every one of them.
    pub const ALL: [State; 3] = [State::Open, State::Merged, State::Dismissed];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Merged => "merged",
            State::Dismissed => "dismissed",
        }
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            State::Open => "Chờ quyết định",
            State::Merged => "Đã gộp",
            State::Dismissed => "Là hai người",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Two records that may be one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// What they plainly share, if it is that.
    pub likeness: Option<Likeness>,
    /// How likely they are one person, in millionths, where all fields were compared.
    pub likely: Option<i32>,
    /// What each field says.
    pub why: Vec<Reason>,
    /// Where the pair stands.
    pub state: State,
    /// How often something was said of it: whoever speaks next names it.
    pub turn: i16,
    /// What was said, the last first.
    pub said: Vec<SaidBefore>,
    /// The record with the lower number.
    pub one: Side,
    /// The other.
    pub other: Side,
}

impl Pair {
    /// Both records.
    pub const fn sides(&self) -> [&Side; 2] {
        [&self.one, &self.other]
    }
}

/// Something an officer said of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SaidBefore {
    /// The record to keep; none says they are two people.
    pub kept: Option<PersonId>,
    /// Said for both sides, or with what the other side had said.
    pub effective: bool,
    /// Why.
    pub reason: String,
    /// Who.
    pub said_by: String,
    /// When.
    pub said_at: jiff::Timestamp,
}

/// A record of a pair. Of somebody whom the reader may not look at nothing is shown but the province.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The number in the registry.
    pub id: PersonId,
    /// Whether the reader may look at the person.
    pub seen: bool,
    /// The first caller's key.
    pub person: String,
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth_date: Option<PartialDate>,
    /// If declared.
    pub sex: Option<Sex>,
    /// As received; only the last digits for those who may not see it whole.
    pub id_number: Option<String>,
    /// Code of the commune lived in; of the province for a side that is not shown.
    pub area: String,
    /// Its name, with what it lies in.
    pub area_name: String,
}

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DuplicateError {
    /// The two are one record.
    #[error("hai hồ sơ phải khác nhau")]
    Same,
    /// No record has the number, or it is merged already.
    #[error("không có hồ sơ mang số {0}, hoặc hồ sơ này đã gộp")]
    Unknown(PersonId),
    /// Nothing said why.
    #[error("cần ghi lý do")]
    NoReason,
    /// Somebody spoke of the pair since it was shown.
    #[error("người khác vừa ghi ý kiến về cặp này; hãy xem lại")]
    Meanwhile,
    /// The merging was refused.
    #[error("{0}")]
    Refused(String),
    /// The actor is an officer for neither side.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// The database failed or does not add up.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl From<sqlx::Error> for DuplicateError {
    fn from(error: sqlx::Error) -> DuplicateError {
        DuplicateError::Failed(error.into())
    }
}

impl DuplicateError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            DuplicateError::Same => "same_record",
            DuplicateError::Unknown(_) => "unknown_person",
            DuplicateError::NoReason => "reason_missing",
            DuplicateError::Meanwhile => "decided_meanwhile",
            DuplicateError::Refused(_) => "refused",
            DuplicateError::Denied(denied) => denied.code(),
            DuplicateError::Failed(failed) => failed.code(),
        }
    }
}
