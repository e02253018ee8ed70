//! Deadlines in working days: Monday to Friday, without public holidays and with the Saturdays
//! worked instead. The day of reception does not count, the last day does.

use jiff::ToSpan;
use jiff::civil::Date;
use kernel::holiday::is_working_day;

/// Days on which nothing counts because papers are awaited: from the day after the first up to and
/// with the second.
pub type Rest = (Date, Date);

/// The last day to decide a dossier received on a day; what rests meanwhile does not count.
/// `None` where the calendar ends.
pub fn last_day(received: Date, working_days: u16, rests: &[Rest]) -> Option<Date> {
    let mut day = received;
    let mut left = working_days;
    while left > 0 {
        day = day.checked_add(1.day()).ok()?;
        left -= u16::from(counts(day, rests));
    }
    Some(day)
}

/// Working days after the first day up to and with the last, without those on which nothing counts.
pub fn working_days(after: Date, last: Date, rests: &[Rest]) -> u16 {
    let days = after.series(1.day()).skip(1).take_while(|day| *day <= last);
    let counted = days.filter(|day| counts(*day, rests)).count();
    u16::try_from(counted).unwrap_or(u16::MAX)
}

fn counts(day: Date, rests: &[Rest]) -> bool {
    let rests = rests
        .iter()
        .any(|(asked, came)| *asked < day && day <= *came);
    is_working_day(day) && !rests
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::holiday::is_working_day;
    use proptest::prelude::*;

    use super::last_day;

    #[test]
    fn weekends_holidays_and_swapped_days_are_passed_over() {
        // 30 April and 1 May 2024 were free, and Monday 29 April for Saturday 4 May.
        assert_eq!(
            last_day(date(2024, 4, 26), 3, &[]),
            Some(date(2024, 5, 4)),
            "Thursday, Friday, and the Saturday worked instead"
        );
        // Tết 2024: 8 to 14 February.
        assert_eq!(last_day(date(2024, 2, 7), 1, &[]), Some(date(2024, 2, 15)));
    }

    #[test]
    fn nothing_counts_while_papers_are_awaited() {
        let received = date(2024, 5, 6);
        assert_eq!(last_day(received, 3, &[]), Some(date(2024, 5, 9)));
        let rest = (date(2024, 5, 7), date(2024, 5, 15));
        assert_eq!(last_day(received, 3, &[rest]), Some(date(2024, 5, 17)));
    }

    proptest! {
        #[test]
        fn exactly_so_many_working_days_lie_between(start in 0..3_000_i32, days in 1..40_u16) {
            use jiff::ToSpan;
            let received = date(2018, 1, 1) + start.days();
            let last = last_day(received, days, &[]).expect("within the calendar");
            let mut counted = 0;
            let mut day = received;
            while day < last {
                day += 1.day();
                counted += u16::from(is_working_day(day));
            }
            prop_assert_eq!(counted, days);
            prop_assert!(is_working_day(last));
        }
    }
}
