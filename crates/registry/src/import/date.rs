//! Dates and months as officers write them.

use jiff::civil::Date;
use kernel::{Cell, Month, PartialDate};

/// Years that can be meant; others are slips of the keyboard.
const YEARS: std::ops::RangeInclusive<i16> = 1850..=2200;

/// A true date, `29/02/1948`, `9/2/1948`, `1948-02-29`, `02/1948`, `1948-02` or `1948`, in text or
/// (the year) as a number. `None` for anything else; a year of two digits is something else.
pub fn partial_date(cell: &Cell<'_>) -> Option<PartialDate> {
    let date = match cell {
        Cell::Date(day) => Some(PartialDate::Day(*day)),
        Cell::Number(_) => year(cell.whole_number()?),
        Cell::Text(text) => partial_date_of_text(text.trim()),
        _ => None,
    };
    date.filter(|date| YEARS.contains(&date.year()))
}

fn year(number: i64) -> Option<PartialDate> {
    let year = i16::try_from(number).ok();
    year.filter(|year| YEARS.contains(year))
        .map(PartialDate::Year)
}

/// A whole date in one of the forms of [`partial_date`].
pub(super) fn whole_date(cell: &Cell<'_>) -> Option<Date> {
    match partial_date(cell)? {
        PartialDate::Day(day) => Some(day),
        PartialDate::Month(_) | PartialDate::Year(_) => None,
    }
}

/// A month, or a date in it, in one of the forms of [`partial_date`].
pub(super) fn month(cell: &Cell<'_>) -> Option<Month> {
    match partial_date(cell)? {
        PartialDate::Day(day) => Some(Month::of(day)),
        PartialDate::Month(month) => Some(month),
        PartialDate::Year(_) => None,
    }
}

fn partial_date_of_text(text: &str) -> Option<PartialDate> {
    let mut numbers = [0_i16; 3];
    let mut lengths = [0_usize; 3];
    let mut count = 0;
    for part in text.split(['/', '-', '.']) {
        let digits = part.trim();
        let written = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !written || count == 3 {
            return None;
        }
        numbers[count] = digits.parse().ok()?;
        lengths[count] = digits.len();
        count += 1;
    }
    let month = |year, month: i16| Month::new(year, month.try_into().ok()?);
    let day = |year, month: i16, day: i16| {
        Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
    };
    let [a, b, c] = numbers;
    match (count, lengths) {
        (1, [4, ..]) => year(a.into()),
        (2, [1..=2, 4, _]) => month(b, a).map(PartialDate::Month),
        (2, [4, 1..=2, _]) => month(a, b).map(PartialDate::Month),
        (3, [1..=2, 1..=2, 4]) => day(c, b, a).map(PartialDate::Day),
        (3, [4, 1..=2, 1..=2]) => day(a, b, c).map(PartialDate::Day),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::{Cell, PartialDate};

    use super::{month, partial_date};

    fn read(text: &str) -> Option<PartialDate> {
        partial_date(&Cell::Text(text.into()))
    }

    #[test]
    fn reads_every_habit() {
        let day = Some(PartialDate::Day(date(1948, 2, 9)));
        for text in [
            "09/02/1948",
            "9/2/1948",
            "1948-02-09",
            " 9-2-1948 ",
            "9.2.1948",
        ] {
            assert_eq!(read(text), day, "{text}");
        }
        assert_eq!(partial_date(&Cell::Date(date(1948, 2, 9))), day);
        assert_eq!(read("1948"), Some(PartialDate::Year(1948)));
        assert_eq!(
            partial_date(&Cell::Number(1948.0)),
            Some(PartialDate::Year(1948))
        );
        assert_eq!(read("02/1948"), read("1948-02"));
        assert_eq!(
            month(&Cell::Text("5/2024".into()))
                .map(|m| m.to_string())
                .as_deref(),
            Some("2024-05")
        );
    }

    #[test]
    fn refuses_what_could_mean_two_things() {
        for text in [
            "",
            "48",
            "9/2/48",
            "30/02/1948",
            "13/1948",
            "1948-02-09 10:00",
            "ngày 9",
            "1/2/3/4",
            "0948",
            "9/2/9948",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(
            partial_date(&Cell::Number(17_572.0)),
            None,
            "a date that lost its format"
        );
        assert_eq!(partial_date(&Cell::Number(1948.5)), None);
    }
}
