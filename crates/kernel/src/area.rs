//! Administrative areas: codes, the areas of every era, and what became of them in the mergers of
//! July 2025.

mod areas;
mod succession;

use std::fmt;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

pub use areas::{Areas, Change};
pub use succession::Resolved;

/// `valid_from` of areas that existed before July 2025: their beginning is not recorded.
pub const BEFORE_RECORDS: Date = date(1900, 1, 1);

/// A province, district or commune during the days it exists. `code` and `valid_from` together
/// name it: codes were issued anew in July 2025.
#[derive(Debug, PartialEq, Eq)]
pub struct Area {
    /// Official code, leading zeros kept.
    pub code: &'static str,
    /// First day; [`BEFORE_RECORDS`] for the areas of before July 2025.
    pub valid_from: Date,
    /// Last day; `None` while it exists.
    pub valid_to: Option<Date>,
    /// Province, district or commune.
    pub level: Level,
    /// tỉnh, thành phố, quận, huyện, thị xã, phường, xã, thị trấn, đặc khu.
    pub kind: &'static str,
    /// Name without kind: `Tịnh Khê`.
    pub name: &'static str,
    /// Name with kind, as printed: `Xã Tịnh Khê`.
    pub full_name: String,
    /// Code of the area around it, of the same era; `None` for a province.
    pub parent: Option<&'static str>,
    /// Whether people are registered in it directly: communes, and the island districts that have
    /// none.
    pub lowest: bool,
}

impl Area {
    /// Whether it exists on the day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// How high an area stands.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// Tỉnh, thành phố trực thuộc trung ương.
    Province,
    /// Cấp huyện, until June 2025.
    District,
    /// Cấp xã.
    Commune,
}

impl Level {
    /// As the database keeps it.
    pub const fn code(self) -> &'static str {
        match self {
            Level::Province => "province",
            Level::District => "district",
            Level::Commune => "commune",
        }
    }
}

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
