//! Money: whole đồng, never a fraction.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Serialize};

/// An amount in whole đồng. Negative amounts are money owed back.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Dong(pub i64);

impl Dong {
    /// Nothing.
    pub const ZERO: Dong = Dong(0);

    /// The plain number, for the database and for interfaces.
    pub const fn value(self) -> i64 {
        self.0
    }

    /// True for exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Grouped by thousands with dots, as printed on Vietnamese papers: `1.234.567`.
impl fmt::Display for Dong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if self.0 < 0 {
            text.push('-');
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push('.');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

impl Add for Dong {
    type Output = Dong;
    fn add(self, other: Dong) -> Dong {
        Dong(self.0 + other.0)
    }
}

impl AddAssign for Dong {
    fn add_assign(&mut self, other: Dong) {
        self.0 += other.0;
    }
}

impl Sub for Dong {
    type Output = Dong;
    fn sub(self, other: Dong) -> Dong {
        Dong(self.0 - other.0)
    }
}

impl Neg for Dong {
    type Output = Dong;
    fn neg(self) -> Dong {
        Dong(-self.0)
    }
}

impl Sum for Dong {
    fn sum<I: Iterator<Item = Dong>>(amounts: I) -> Dong {
        amounts.fold(Dong::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Dong;

    #[test]
    fn prints_thousands_with_dots() {
        let printed: Vec<String> = [0, 999, 1000, 662_715_000, -40_000]
            .map(|d| Dong(d).to_string())
            .into();
        assert_eq!(printed, ["0", "999", "1.000", "662.715.000", "-40.000"]);
    }
}
