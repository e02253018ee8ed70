//! Calendar months, and spans of them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar month, `YYYY-MM`. Ordered; `plus` and `minus` count in months.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Month(i32);

/// The text or number is not a month of the years 1 to 9998.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("tháng {0:?} không đúng: cần dạng YYYY-MM, ví dụ 2024-05")]
pub struct NotAMonth(pub String);

impl Month {
    /// Before every month that can occur.
    pub const MIN: Month = Month(12);
    /// After every month that can occur.
    pub const MAX: Month = Month(9998 * 12 + 11);

    /// The month of a year (1–9998) and a number 1–12.
    pub fn new(year: i16, month: i8) -> Option<Month> {
        ((1..=9998).contains(&year) && (1..=12).contains(&month))
            .then(|| Month(i32::from(year) * 12 + i32::from(month) - 1))
    }

    /// The month a day falls in.
    pub fn of(day: Date) -> Month {
        Month(i32::from(day.year()) * 12 + i32::from(day.month()) - 1)
    }

    /// Year, 1–9998.
    pub const fn year(self) -> i16 {
        (self.0 / 12) as i16
    }

    /// Number in the year, 1–12.
    pub const fn number(self) -> i8 {
        (self.0 % 12) as i8 + 1
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        date(self.year(), self.number(), 1)
    }

    /// The last day.
    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    /// So many months later (earlier when negative), kept between `MIN` and `MAX`.
    pub fn plus(self, months: i32) -> Month {
        Month(
            self.0
                .saturating_add(months)
                .clamp(Month::MIN.0, Month::MAX.0),
        )
    }

    /// The month after.
    pub fn next(self) -> Month {
        self.plus(1)
    }

    /// The month before.
    pub fn previous(self) -> Month {
        self.plus(-1)
    }

    /// How many months `self` lies after `earlier`.
    pub const fn since(self, earlier: Month) -> i32 {
        self.0 - earlier.0
    }

    /// As the database keeps it: 202405 for May 2024.
    pub const fn yyyymm(self) -> i32 {
        self.0 / 12 * 100 + self.0 % 12 + 1
    }

    /// From the database's 202405.
    ///
    /// # Errors
    /// `NotAMonth` when the number names no month.
    pub fn from_yyyymm(number: i32) -> Result<Month, NotAMonth> {
        let refuse = || NotAMonth(number.to_string());
        let year = i16::try_from(number / 100).map_err(|_| refuse())?;
        Month::new(year, (number % 100) as i8).ok_or_else(refuse)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl FromStr for Month {
    type Err = NotAMonth;
    fn from_str(text: &str) -> Result<Month, NotAMonth> {
        let refuse = || NotAMonth(text.to_owned());
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 7
            && bytes[4] == b'-'
            && bytes
                .iter()
                .enumerate()
                .all(|(i, b)| i == 4 || b.is_ascii_digit());
        if !shaped {
            return Err(refuse());
        }
        let year = text[..4].parse().map_err(|_| refuse())?;
        let month = text[5..].parse().map_err(|_| refuse())?;
        Month::new(year, month).ok_or_else(refuse)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Month, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A run of months, both ends included; `from` after `to` holds no month.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
pub struct MonthSpan {
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
}

impl MonthSpan {
    /// A single month.
    pub const fn single(month: Month) -> MonthSpan {
        MonthSpan {
            from: month,
            to: month,
        }
    }

    /// Whether the month lies inside.
    pub fn contains(self, month: Month) -> bool {
        self.from <= month && month <= self.to
    }

    /// The months of both.
    pub fn overlap(self, other: MonthSpan) -> Option<MonthSpan> {
        let both = MonthSpan {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        };
        (both.from <= both.to).then_some(both)
    }

    /// Every month in order.
    pub fn months(self) -> impl DoubleEndedIterator<Item = Month> {
        (self.from.0..=self.to.0).map(Month)
    }

    /// How many months.
    pub const fn count(self) -> i32 {
        let count = self.to.0 - self.from.0 + 1;
        if count < 0 { 0 } else { count }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Month, MonthSpan};

    #[test]
    fn reads_what_it_writes() {
        let may: Month = "2024-05".parse().expect("a month");
        assert_eq!(may, Month::of(date(2024, 5, 31)));
        assert_eq!(may.to_string(), "2024-05");
        assert_eq!(Month::from_yyyymm(may.yyyymm()), Ok(may));
        assert_eq!(may.plus(-5).to_string(), "2023-12");
        assert_eq!(may.last_day(), date(2024, 5, 31));
    }

    #[test]
    fn refuses_what_is_no_month() {
        for text in [
            "2024-13",
            "2024-00",
            "24-05",
            "2024-5",
            "2024/05",
            "0000-01",
            "２０２４-05",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn spans_overlap_and_count() {
        let month = |text: &str| text.parse::<Month>().expect("a month");
        let spring = MonthSpan {
            from: month("2024-01"),
            to: month("2024-03"),
        };
        let late = MonthSpan {
            from: month("2024-03"),
            to: Month::MAX,
        };
        assert_eq!(
            spring.overlap(late),
            Some(MonthSpan::single(month("2024-03")))
        );
        assert_eq!(spring.count(), 3);
        assert_eq!(spring.months().count(), 3);
    }
}
