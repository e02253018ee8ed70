//! How figures and days are written on pages.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::clock::vietnam_time;
use kernel::{Dong, Month, PartialDate};

/// `06/06/2024`.
pub(crate) fn day(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

/// `06/06/2024`, `06/2024` or `2024`.
pub(crate) fn partial(date: PartialDate) -> String {
    match date {
        PartialDate::Year(year) => format!("{year:04}"),
        PartialDate::Month(month) => month_of(month),
        PartialDate::Day(known) => day(known),
    }
}

/// `05/2024`.
pub(crate) fn month_of(month: Month) -> String {
    format!("{:02}/{:04}", month.number(), month.year())
}

/// `06/06/2024 08:05`, Vietnamese time.
pub(crate) fn time(at: Timestamp) -> String {
    let local = vietnam_time(at);
    format!(
        "{} {:02}:{:02}",
        day(local.date()),
        local.hour(),
        local.minute()
    )
}

/// `1.234.567`.
pub(crate) fn count(number: impl Into<i64>) -> Dong {
    Dong(number.into())
}

/// `+1.234.567`, `−1.234.567` or `0`: changes carry their sign.
pub(crate) fn signed(amount: Dong) -> String {
    match amount.value() {
        0 => "0".to_owned(),
        value if value > 0 => format!("+{amount}"),
        _ => format!("−{}", -amount),
    }
}

/// A number of which only the last digits may be seen: `••••1234`.
pub(crate) fn masked(number: &str, shown: usize) -> String {
    let digits: Vec<char> = number.chars().collect();
    let tail = &digits[digits.len().saturating_sub(shown.min(digits.len() / 2))..];
    format!("••••{}", tail.iter().collect::<String>())
}
