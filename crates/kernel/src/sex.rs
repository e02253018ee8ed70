//! Sex as declared.

use serde::{Deserialize, Serialize};

/// Sex as declared on the papers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Nữ.
    Female,
    /// Nam.
    Male,
}

impl Sex {
    /// As the database keeps it: 1 male, 2 female.
    pub const fn code(self) -> i16 {
        match self {
            Sex::Male => 1,
            Sex::Female => 2,
        }
    }

    /// Back from the database; `None` for an unknown code.
    pub const fn from_code(code: i16) -> Option<Sex> {
        match code {
            1 => Some(Sex::Male),
            2 => Some(Sex::Female),
            _ => None,
        }
    }

    /// `Nam` or `Nữ`.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Sex::Female => "Nữ",
            Sex::Male => "Nam",
        }
    }
}
