//! Personal ID numbers that cannot be anybody's.

use jiff::civil::Date;
use kernel::Sex;

/// In place of the code of a province or country: no province or country has it.
pub const NO_PROVINCE: &str = "999";

/// A number of the right shape: 999, century and sex, year of birth, six digits. `serial` below a
/// million tells people of the same sex born in the same year apart.
pub fn invented(sex: Sex, birth: Date, serial: u32) -> String {
    let century = u32::try_from((i32::from(birth.year()) - 1900) / 100).unwrap_or(0);
    let century_and_sex = century * 2 + u32::from(sex == Sex::Female);
    let year = birth.year().rem_euclid(100);
    format!(
        "{NO_PROVINCE}{century_and_sex}{year:02}{:06}",
        scattered(serial)
    )
}

/// Serial numbers look random on real cards: a permutation of the numbers below a million.
const fn scattered(serial: u32) -> u32 {
    // 387,421 has no factor 2 or 5, so no two serials below a million meet.
    ((serial as u64 * 387_421 + 205_379) % 1_000_000) as u32
}

/// What a clerk may have typed instead of a number of twelve digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// A spreadsheet took the number for an amount and dropped the zero in front: 11 digits.
    /// With the zero back it would begin with 099, which is no province either.
    LostZero,
    /// The old identity card of nine digits, of a series never issued.
    OldCard,
    /// The last digit is missing.
    Cut,
    /// Typed with blanks as it is printed.
    Blanks,
}

impl Malformed {
    /// The number as it stands in the record.
    pub fn of(self, right: &str) -> String {
        match self {
            Malformed::LostZero => format!("99{}", &right[3..]),
            Malformed::OldCard => format!("{NO_PROVINCE}{}", &right[6..]),
            Malformed::Cut => right[..11].to_owned(),
            Malformed::Blanks => format!("{} {} {}", &right[..4], &right[4..8], &right[8..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use kernel::Sex;

    use super::{Malformed, invented, scattered};

    #[test]
    fn says_sex_and_year_of_birth() {
        assert!(invented(Sex::Male, date(1938, 5, 1), 1).starts_with("999038"));
        assert!(invented(Sex::Female, date(1938, 5, 1), 1).starts_with("999138"));
        assert!(invented(Sex::Female, date(2015, 5, 1), 1).starts_with("999315"));
        assert_eq!(invented(Sex::Male, date(1938, 5, 1), 1).len(), 12);
    }

    #[test]
    fn serials_never_meet() {
        let all: BTreeSet<u32> = (0..1_000_000).map(scattered).collect();
        assert_eq!(all.len(), 1_000_000);
    }

    #[test]
    fn malformed_numbers_are_not_twelve_digits() {
        let right = invented(Sex::Male, date(1938, 5, 1), 1);
        let lengths = [
            Malformed::LostZero,
            Malformed::OldCard,
            Malformed::Cut,
            Malformed::Blanks,
        ]
        .map(|how| how.of(&right).len());
        assert_eq!(lengths, [11, 9, 11, 14]);
    }
}
