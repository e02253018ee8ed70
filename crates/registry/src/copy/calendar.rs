//! Days as numbers, both ways: a row has several, and millions of rows pass.

use jiff::civil::Date;

/// 2000-01-01, from which PostgreSQL counts, in days since 0000-03-01.
pub(super) const EPOCH_DAYS: i32 = 730_425;

/// Days since 0000-03-01 in the proleptic Gregorian calendar.
pub(super) fn days_of(day: Date) -> i32 {
    let month = i32::from(day.month());
    let year = i32::from(day.year()) - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(day.day()) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
}

/// Back from the number.
pub(super) fn date_of(days: i32) -> Date {
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let leap_days = year_of_era / 4 - year_of_era / 100;
    let day_of_year = day_of_era - (365 * year_of_era + leap_days);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + i32::from(month <= 2);
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    Date::new(year as i16, month as i8, day as i8).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::{EPOCH_DAYS, date_of, days_of};

    #[test]
    fn counts_days_as_the_calendar_does() {
        assert_eq!(days_of(date(2000, 1, 1)), EPOCH_DAYS);
        let mut day = date(1595, 12, 25);
        let mut number = days_of(day);
        while day < date(2405, 1, 3) {
            assert_eq!(days_of(day), number);
            assert_eq!(date_of(number), day);
            day = day.saturating_add(1.day());
            number += 1;
        }
    }
}
