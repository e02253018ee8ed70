//! How dates, months, coefficients and shares are written on Vietnamese papers.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::clock::vietnam_time;
use kernel::{Coefficient, Month, MonthSpan, PartialDate};

/// `06/06/2024`.
pub fn date(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

/// As much of a birth date as is known: `06/06/1948`, `06/1948` or `1948`.
pub fn birth(born: PartialDate) -> String {
    match born {
        PartialDate::Day(day) => date(day),
        PartialDate::Month(known) => month(known),
        PartialDate::Year(year) => format!("{year:04}"),
    }
}

/// `05/2024`.
pub fn month(month: Month) -> String {
    format!("{:02}/{:04}", month.number(), month.year())
}

/// `05/2024`, or `03/2024–05/2024` for several months.
pub fn span(span: MonthSpan) -> String {
    if span.from == span.to {
        month(span.from)
    } else {
        format!("{}–{}", month(span.from), month(span.to))
    }
}

/// `14:05 06/06/2024`, Vietnamese time.
pub fn moment(at: Timestamp) -> String {
    let local = vietnam_time(at);
    format!(
        "{:02}:{:02} {}",
        local.hour(),
        local.minute(),
        date(local.date())
    )
}

/// `ngày 06 tháng 6 năm 2024`: months below three and days below ten get their zero, as on
/// official papers, so that no digit can be put before them.
pub fn date_in_words(day: Date) -> String {
    let number = if day.month() < 3 {
        format!("{:02}", day.month())
    } else {
        day.month().to_string()
    };
    format!("ngày {:02} tháng {number} năm {}", day.day(), day.year())
}

/// `1,5`: a decimal comma.
pub fn coefficient(coefficient: Coefficient) -> String {
    coefficient.to_string().replace('.', ",")
}

/// A whole number grouped by thousands with dots: `86.504`.
pub fn count(number: u64) -> String {
    kernel::Dong(i64::try_from(number).unwrap_or(i64::MAX)).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date as day;
    use kernel::{Coefficient, Month, MonthSpan, PartialDate};

    use super::*;

    #[test]
    fn dates_are_written_day_first() {
        assert_eq!(date(day(2024, 6, 6)), "06/06/2024");
        assert_eq!(birth(PartialDate::Year(1948)), "1948");
        assert_eq!(
            birth(PartialDate::Month(Month::of(day(1948, 2, 1)))),
            "02/1948"
        );
        assert_eq!(date_in_words(day(2024, 2, 6)), "ngày 06 tháng 02 năm 2024");
        assert_eq!(
            date_in_words(day(2024, 12, 16)),
            "ngày 16 tháng 12 năm 2024"
        );
    }

    #[test]
    fn moments_are_in_vietnamese_time() {
        let evening: Timestamp = "2024-06-05T18:05:00Z".parse().expect("an instant");
        assert_eq!(moment(evening), "01:05 06/06/2024");
    }

    #[test]
    fn spans_and_coefficients() {
        let march = Month::of(day(2024, 3, 1));
        assert_eq!(span(MonthSpan::single(march)), "03/2024");
        let spring = MonthSpan {
            from: march,
            to: march.next(),
        };
        assert_eq!(span(spring), "03/2024–04/2024");
        assert_eq!(coefficient(Coefficient::from_tenths(25)), "2,5");
        assert_eq!(count(86_504), "86.504");
    }
}
