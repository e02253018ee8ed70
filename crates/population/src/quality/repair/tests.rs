//! Each slip is recognised, and a repaired record holds together.

use jiff::civil::{Date, date};
use kernel::personal_id::{IdState, judge};
use kernel::{PartialDate, Sex};
use proptest::prelude::*;

use super::{Fault, Record, Repair, applied, suggestion};

const TODAY: Date = date(2024, 5, 2);

fn record(name: &str, birth: &str, sex: Sex, number: &str) -> Record {
    Record {
        full_name: name.to_owned(),
        birth: birth.parse().expect("a date"),
        sex: Some(sex),
        id_number: Some(number.to_owned()).filter(|number| !number.is_empty()),
    }
}

#[test]
fn each_slip_is_recognised() {
    use Fault::*;
    use Repair::*;
    let right = "999150000001";
    let her = |name, birth, number| record(name, birth, kernel::Sex::Female, number);
    let whole = her("Trần Thị Hoà", "1950-02-03", right);
    let him = record("Trần Thị Hoà", "1950-02-03", kernel::Sex::Male, right);
    for (ours, field, theirs, expected) in [
        (
            &whole,
            FullName,
            Some("Trần Thị Hòa"),
            Some((TonePlacement, "Trần Thị Hòa")),
        ),
        (
            &whole,
            FullName,
            Some("Trần Thị Hoa"),
            Some((Marks, "Trần Thị Hoa")),
        ),
        (
            &whole,
            FullName,
            Some("Hoà Thị Trần"),
            Some((SwappedNames, "Hoà Thị Trần")),
        ),
        (
            &whole,
            FullName,
            Some("Lê Thị Mai"),
            Some((TheirValue, "Lê Thị Mai")),
        ),
        (&whole, FullName, Some("Trần Thị Hoà"), None),
        (&whole, FullName, None, None),
        (
            &whole,
            BirthDate,
            Some("1950-03-02"),
            Some((SwappedDayMonth, "1950-03-02")),
        ),
        (
            &her("A", "1950", right),
            BirthDate,
            Some("1950-03-02"),
            Some((YearOnly, "1950-03-02")),
        ),
        (
            &whole,
            BirthDate,
            Some("1950-02-04"),
            Some((TheirValue, "1950-02-04")),
        ),
        // The number says 1950.
        (&whole, BirthDate, Some("1951-02-03"), None),
        (&whole, BirthDate, Some("1950-02-30"), None),
        (&him, Sex, None, Some((SexOfNumber, "female"))),
        (&him, Sex, Some("female"), Some((SexOfNumber, "female"))),
        (&whole, Sex, None, None),
        (
            &her("A", "1950", "51150000001"),
            IdNumber,
            None,
            Some((LostLeadingZero, "051150000001")),
        ),
        (
            &her("A", "1950", "051 150 000 001"),
            IdNumber,
            None,
            Some((Separators, "051150000001")),
        ),
        (&her("A", "1950", "051.151.000.001"), IdNumber, None, None),
        (&her("A", "1950", "212345678"), IdNumber, None, None),
        (
            &her("A", "1950", "212345678"),
            IdNumber,
            Some(right),
            Some((OldIdentityCard, right)),
        ),
        (
            &her("A", "1950", ""),
            IdNumber,
            Some(right),
            Some((TheirValue, right)),
        ),
        (&her("A", "1951", ""), IdNumber, Some(right), None),
    ] {
        let made = suggestion(ours, field, theirs, TODAY, true);
        let made = made.as_ref().map(|it| (it.repair, it.value.as_str()));
        assert_eq!(made, expected, "{field:?} {theirs:?}");
    }
}

fn births() -> impl Strategy<Value = PartialDate> {
    (1900..2030_i16, 1..=12_i8, 1..=28_i8, 0..3).prop_map(|(year, month, day, known)| match known {
        0 => PartialDate::Year(year),
        1 => PartialDate::Month(kernel::Month::of(date(year, month, 1))),
        _ => PartialDate::Day(date(year, month, day)),
    })
}

fn numbers() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        "[0-9]{9}".prop_map(Some),
        "51[0-3][0-9]{8}".prop_map(Some),
        "(051|999)[0-3][0-9]{8}".prop_map(Some),
        "051 [0-3][0-9]{2} [0-9]{3} [0-9]{3}".prop_map(Some),
        ".{0,14}".prop_map(Some),
    ]
}

fn theirs() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        births().prop_map(|birth| Some(birth.to_string())),
        "(male|female|)".prop_map(Some),
        numbers(),
        ".{0,20}".prop_map(Some),
    ]
}

proptest! {
    #[test]
    fn a_repaired_record_holds_together(
        full_name in "\\p{Lu}\\p{Ll}{1,5} \\p{Lu}\\p{Ll}{1,5}",
        birth in births(),
        sex in prop_oneof![Just(None), Just(Some(Sex::Male)), Just(Some(Sex::Female))],
        id_number in numbers(),
        theirs in theirs(),
        field in prop::sample::select(&Fault::ALL[..]),
    ) {
        let record = Record { full_name, birth, sex, id_number };
        let state = |it: &Record| judge(it.id_number.as_deref(), it.sex, it.birth, true);
        if let Some(made) = suggestion(&record, field, theirs.as_deref(), TODAY, true) {
            let after = applied(&record, field, &made.value).expect("a value of the field");
            prop_assert!(after.birth.assumed_day() <= TODAY);
            prop_assert!(after.birth.to_string().parse::<PartialDate>().is_ok());
            prop_assert!(!after.full_name.trim().is_empty());
            let (before, now) = (state(&record), state(&after));
            prop_assert!(now == IdState::Plausible || now == before, "{before:?} {now:?}");
            if field == Fault::IdNumber {
                prop_assert_eq!(now, IdState::Plausible);
            }
            // Once repaired there is nothing left to repair by the same value.
            let again = suggestion(&after, field, Some(&made.value), TODAY, true);
            prop_assert_eq!(again, None);
        }
    }
}
