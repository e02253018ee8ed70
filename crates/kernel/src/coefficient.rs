//! Coefficients: what multiplies the standard amount, kept in tenths.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Dong;

/// A coefficient in tenths: 1.5 is 15. Written and read as a decimal string, `"1.5"`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Coefficient(u16);

/// The text is not a coefficient with at most one decimal.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("hệ số {0:?} không đúng: cần một số thập phân có tối đa một chữ số lẻ, ví dụ \"1.5\"")]
pub struct NotACoefficient(pub String);

impl Coefficient {
    /// From tenths: `15` is 1.5.
    pub const fn from_tenths(tenths: u16) -> Coefficient {
        Coefficient(tenths)
    }

    /// In tenths, for the database.
    pub const fn tenths(self) -> u16 {
        self.0
    }

    /// The amount in đồng: standard × coefficient. Exact while the standard is a multiple of ten
    /// đồng, which the law check demands of every standard.
    pub const fn of(self, standard: Dong) -> Dong {
        Dong(standard.0 * self.0 as i64 / 10)
    }
}

impl Add for Coefficient {
    type Output = Coefficient;
    fn add(self, other: Coefficient) -> Coefficient {
        Coefficient(self.0 + other.0)
    }
}

impl Sum for Coefficient {
    fn sum<I: Iterator<Item = Coefficient>>(all: I) -> Coefficient {
        all.fold(Coefficient(0), Add::add)
    }
}

impl fmt::Display for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl FromStr for Coefficient {
    type Err = NotACoefficient;
    fn from_str(text: &str) -> Result<Coefficient, NotACoefficient> {
        let refuse = || NotACoefficient(text.to_owned());
        let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(tenth) || tenth.len() != 1 || whole.len() > 4 {
            return Err(refuse());
        }
        let whole: u32 = whole.parse().map_err(|_| refuse())?;
        let tenth: u32 = tenth.parse().map_err(|_| refuse())?;
        u16::try_from(whole * 10 + tenth)
            .map(Coefficient)
            .map_err(|_| refuse())
    }
}

impl Serialize for Coefficient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Coefficient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Coefficient, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Coefficient;
    use crate::Dong;

    #[test]
    fn multiplies_exactly() {
        let one_and_a_half: Coefficient = "1.5".parse().expect("a coefficient");
        assert_eq!(one_and_a_half.of(Dong(270_000)), Dong(405_000));
        assert_eq!(one_and_a_half.to_string(), "1.5");
    }

    #[test]
    fn refuses_what_is_not_a_decimal_with_one_place() {
        for text in ["", "1,5", "1.55", "-1.0", "x", "1.", ".5", "99999.0"] {
            assert!(text.parse::<Coefficient>().is_err(), "{text}");
        }
    }
}
