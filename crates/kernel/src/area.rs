//! Codes of administrative areas.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The official code of an area, leading zeros kept: two digits a province (`51`), three a former
/// district, five a commune (`00004`). Codes were issued anew in July 2025, so a code names an
/// area only together with a day.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AreaCode(pub String);

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for AreaCode {
    fn from(code: &str) -> AreaCode {
        AreaCode(code.to_owned())
    }
}

/// A province by its two-digit code, small enough to compare by the million.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProvinceCode(u8);

impl ProvinceCode {
    /// From two digits; `None` for anything else.
    pub fn parse(code: &str) -> Option<ProvinceCode> {
        let two_digits = code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit());
        if two_digits {
            code.parse().ok().map(ProvinceCode)
        } else {
            None
        }
    }

    /// The number, 0–99.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for ProvinceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}
