//! Public holidays and swapped working days.

use std::sync::OnceLock;

use jiff::civil::{Date, Weekday};

const TABLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/holidays.csv"
));

/// A day on which the calendar of offices differs from the week.
#[derive(Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// No work; false for a Saturday worked instead of another day.
    pub off: bool,
    /// Name.
    pub name: &'static str,
}

/// Every such day of the list, in order.
pub fn holidays() -> &'static [Holiday] {
    static HOLIDAYS: OnceLock<Vec<Holiday>> = OnceLock::new();
    HOLIDAYS.get_or_init(|| TABLE.lines().skip(1).filter_map(read).collect())
}

/// Whether offices work on the day: Monday to Friday, and as the list says otherwise.
pub fn is_working_day(day: Date) -> bool {
    let listed = holidays().binary_search_by_key(&day, |holiday| holiday.date);
    match listed {
        Ok(at) => !holidays()[at].off,
        Err(_) => !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
    }
}

fn read(line: &'static str) -> Option<Holiday> {
    let mut fields = line.split(',');
    Some(Holiday {
        date: fields.next()?.parse().ok()?,
        off: fields.next()? == "off",
        name: fields.next()?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{holidays, is_working_day};

    #[test]
    fn reads_the_whole_list_in_order() {
        assert_eq!(holidays().len(), 192);
        assert!(holidays().is_sorted_by_key(|holiday| holiday.date));
    }

    #[test]
    fn swapped_days_are_swapped() {
        assert!(!is_working_day(date(2026, 8, 31)), "Monday, off");
        assert!(
            is_working_day(date(2026, 8, 22)),
            "Saturday, worked instead"
        );
        assert!(!is_working_day(date(2026, 8, 23)), "Sunday");
        assert!(is_working_day(date(2026, 8, 24)), "Monday");
    }
}
