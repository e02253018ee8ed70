//! Dates of which only the year, or only year and month, may be known.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Month;

/// A birth date as far as it is known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PartialDate {
    /// Only the year.
    Year(i16),
    /// Year and month.
    Month(Month),
    /// The whole date.
    Day(Date),
}

/// The text is not a date in one of the three forms.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("ngày {0:?} không đúng: cần YYYY-MM-DD, YYYY-MM hoặc YYYY")]
pub struct NotADate(pub String);

impl PartialDate {
    /// The day counted with: 1 January of a year alone, the 1st of a month alone
    /// (contracts, months, rule 8).
    pub fn assumed_day(self) -> Date {
        match self {
            PartialDate::Year(year) => date(year, 1, 1),
            PartialDate::Month(month) => month.first_day(),
            PartialDate::Day(day) => day,
        }
    }

    /// The month counted with.
    pub fn assumed_month(self) -> Month {
        Month::of(self.assumed_day())
    }

    /// Whether the counted day is an assumption.
    pub fn is_assumed(self) -> bool {
        !matches!(self, PartialDate::Day(_))
    }

    /// Year of birth, always known.
    pub fn year(self) -> i16 {
        self.assumed_day().year()
    }

    /// `d`, `m` or `y`: how much is known, as the database keeps it beside the counted day.
    pub const fn precision(self) -> &'static str {
        match self {
            PartialDate::Year(_) => "y",
            PartialDate::Month(_) => "m",
            PartialDate::Day(_) => "d",
        }
    }

    /// Back from the counted day and the precision; anything but `y` and `m` is a whole date.
    pub fn from_parts(day: Date, precision: &str) -> PartialDate {
        match precision {
            "y" => PartialDate::Year(day.year()),
            "m" => PartialDate::Month(Month::of(day)),
            _ => PartialDate::Day(day),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartialDate::Year(year) => write!(f, "{year:04}"),
            PartialDate::Month(month) => month.fmt(f),
            PartialDate::Day(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for PartialDate {
    type Err = NotADate;
    fn from_str(text: &str) -> Result<PartialDate, NotADate> {
        let refuse = || NotADate(text.to_owned());
        if !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(refuse());
        }
        match text.len() {
            4 => match text.parse() {
                Ok(year @ 1..=9998) => Ok(PartialDate::Year(year)),
                _ => Err(refuse()),
            },
            7 => text.parse().map(PartialDate::Month).map_err(|_| refuse()),
            10 => text.parse().map(PartialDate::Day).map_err(|_| refuse()),
            _ => Err(refuse()),
        }
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PartialDate, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::PartialDate;

    #[test]
    fn reads_three_forms_and_keeps_them() {
        for text in ["1948", "1948-02", "1948-02-29"] {
            let read: PartialDate = text.parse().expect("a date");
            assert_eq!(read.to_string(), text);
            assert_eq!(
                PartialDate::from_parts(read.assumed_day(), read.precision()),
                read
            );
        }
    }

    #[test]
    fn refuses_other_shapes() {
        for text in [
            "",
            "48",
            "1948-13",
            "1949-02-29",
            "02/1948",
            "1948-2-9",
            "----------",
        ] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }
}
