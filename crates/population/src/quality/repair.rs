//! Suggested repairs: from our value, theirs, and the rest of the record. Pure; nothing is ever applied here.
//! A suggestion is made only when the repaired record holds together: its number is plausible, its dates are
//! real and not in the future.

use jiff::civil::Date;
use kernel::name::{same_but_tone_placement, search_key, split, tidy};
use kernel::personal_id::{self, IdState, judge};
use kernel::{PartialDate, Sex};
use serde::Serialize;

/// What of a person's record repairs look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// As received.
    pub id_number: Option<String>,
}

/// A field that is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The name.
    FullName,
    /// The birth date.
    BirthDate,
    /// The sex.
    Sex,
    /// The ID number.
    IdNumber,
}

impl Fault {
    /// Every field.
    pub const ALL: [Fault; 4] = [
        Fault::FullName,
        Fault::BirthDate,
        Fault::Sex,
        Fault::IdNumber,
    ];

    /// Name of the field in `person_registered`.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::FullName => "full_name",
            Fault::BirthDate => "birth_date",
            Fault::Sex => "sex",
            Fault::IdNumber => "id_number",
        }
    }

    /// Back from the name.
    pub fn from_code(code: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|field| field.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Fault::FullName => "Họ tên",
            Fault::BirthDate => "Ngày sinh",
            Fault::Sex => "Giới tính",
            Fault::IdNumber => "Số định danh",
        }
    }
}

/// What seems to have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Eleven digits: a spreadsheet took the number for an amount.
    LostLeadingZero,
    /// Twelve digits with blanks or points between.
    Separators,
    /// Nine digits: an identity card of before 2016, whose owner has a number now.
    OldIdentityCard,
    /// Day and month changed places.
    SwappedDayMonth,
    /// Only the year, or year and month, was known.
    YearOnly,
    /// The same word with the tone written on another letter.
    TonePlacement,
    /// The same letters with other marks.
    Marks,
    /// Family and given name changed places.
    SwappedNames,
    /// The digit of the ID number says the other sex.
    SexOfNumber,
    /// Nothing of the kind: their value as it is.
    TheirValue,
}

impl Repair {
    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Repair::LostLeadingZero => "mất số 0 ở đầu",
            Repair::Separators => "có dấu cách hoặc dấu chấm giữa các chữ số",
            Repair::OldIdentityCard => "là số chứng minh nhân dân cũ",
            Repair::SwappedDayMonth => "đảo ngày và tháng",
            Repair::YearOnly => "mới có năm hoặc tháng sinh",
            Repair::TonePlacement => "vị trí dấu thanh",
            Repair::Marks => "khác dấu",
            Repair::SwappedNames => "đảo họ và tên",
            Repair::SexOfNumber => "không khớp chữ số giới tính của số định danh",
            Repair::TheirValue => "khác hẳn",
        }
    }
}

/// A suggested new value of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// What seems to have happened.
    pub repair: Repair,
    /// The new value, as an event writes it.
    pub value: String,
}

/// What a field might be repaired to: by their value where they have one, else by the record alone.
/// `today` bounds birth dates, `practice` lets numbers of invented people count.
pub fn suggestion(
    record: &Record,
    field: Fault,
    theirs: Option<&str>,
    today: Date,
    practice: bool,
) -> Option<Suggestion> {
    let made = match (field, theirs) {
        (Fault::FullName, Some(theirs)) => name(&record.full_name, theirs),
        (Fault::FullName, None) => None,
        (Fault::BirthDate, Some(theirs)) => birth(record.birth, theirs),
        (Fault::BirthDate, None) => None,
        (Fault::Sex, Some(theirs)) => sex(record, theirs),
        (Fault::Sex, None) => sex_of_number(record),
        (Fault::IdNumber, Some(theirs)) => number(record, theirs),
        (Fault::IdNumber, None) => number_alone(record),
    }?;
    let after = applied(record, field, &made.value)?;
    let state = |it: &Record| judge(it.id_number.as_deref(), it.sex, it.birth, practice);
    let holds = match (state(record), state(&after)) {
        (_, IdState::Plausible) => true,
        // What is wrong with the number was so before, and is not what this repairs.
        (before, after) => field != Fault::IdNumber && before == after,
    };
    let born = after.birth.assumed_day() <= today;
    (holds && born && after != *record).then_some(made)
}

/// The record with a new value of a field; nothing when it is no value of this field.
pub fn applied(record: &Record, field: Fault, value: &str) -> Option<Record> {
    let mut after = record.clone();
    match field {
        Fault::FullName => {
            let name = tidy(value);
            after.full_name = (!name.is_empty()).then_some(name)?;
        }
        Fault::BirthDate => after.birth = value.parse().ok()?,
        Fault::Sex => after.sex = Some(read_sex(value)?),
        Fault::IdNumber => {
            let digits = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
            after.id_number = digits.then(|| value.to_owned());
            after.id_number.as_ref()?;
        }
    }
    Some(after)
}

fn name(ours: &str, theirs: &str) -> Option<Suggestion> {
    let theirs = tidy(theirs);
    let repair = if same_but_tone_placement(ours, &theirs) {
        Repair::TonePlacement
    } else if search_key(ours) == search_key(&theirs) {
        Repair::Marks
    } else if search_key(&swapped(ours)) == search_key(&theirs) {
        Repair::SwappedNames
    } else {
        Repair::TheirValue
    };
    Some(Suggestion {
        repair,
        value: theirs,
    })
}

/// The given name first and the surname last.
fn swapped(name: &str) -> String {
    let parts = split(name);
    tidy(&format!(
        "{} {} {}",
        parts.given, parts.middle, parts.surname
    ))
}

fn birth(ours: PartialDate, theirs: &str) -> Option<Suggestion> {
    let theirs: PartialDate = theirs.parse().ok()?;
    let repair = match (ours, theirs) {
        (PartialDate::Day(ours), PartialDate::Day(theirs))
            if (ours.year(), ours.month(), ours.day())
                == (theirs.year(), theirs.day(), theirs.month()) =>
        {
            Repair::SwappedDayMonth
        }
        (ours, theirs)
            if ours.is_assumed() && !theirs.is_assumed() && ours.year() == theirs.year() =>
        {
            Repair::YearOnly
        }
        _ => Repair::TheirValue,
    };
    Some(Suggestion {
        repair,
        value: theirs.to_string(),
    })
}

fn read_sex(code: &str) -> Option<Sex> {
    match code {
        "male" => Some(Sex::Male),
        "female" => Some(Sex::Female),
        _ => None,
    }
}

const fn written_sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
    }
}

fn sex(record: &Record, theirs: &str) -> Option<Suggestion> {
    let theirs = read_sex(theirs)?;
    let of_number = sex_of_number(record).map(|it| it.value);
    let repair = match of_number.as_deref() {
        Some(value) if value == written_sex(theirs) => Repair::SexOfNumber,
        _ => Repair::TheirValue,
    };
    Some(Suggestion {
        repair,
        value: written_sex(theirs).to_owned(),
    })
}

/// The sex the digit of the number says, where another is declared (137/2015/NĐ-CP Điều 13).
fn sex_of_number(record: &Record) -> Option<Suggestion> {
    let number = record.id_number.as_deref()?;
    if number.len() != 12 {
        return None;
    }
    let digit = char::from(*number.as_bytes().get(3)?).to_digit(10)?;
    let said = if digit % 2 == 0 {
        Sex::Male
    } else {
        Sex::Female
    };
    (record.sex != Some(said)).then(|| Suggestion {
        repair: Repair::SexOfNumber,
        value: written_sex(said).to_owned(),
    })
}

fn number(record: &Record, theirs: &str) -> Option<Suggestion> {
    let ours = record.id_number.as_deref().unwrap_or_default();
    let digits: String = ours.chars().filter(char::is_ascii_digit).collect();
    let repair = if ours.len() == 9 && digits.len() == 9 {
        Repair::OldIdentityCard
    } else if format!("0{ours}") == theirs {
        Repair::LostLeadingZero
    } else if digits == theirs && digits != ours {
        Repair::Separators
    } else {
        Repair::TheirValue
    };
    Some(Suggestion {
        repair,
        value: theirs.to_owned(),
    })
}

fn number_alone(record: &Record) -> Option<Suggestion> {
    let ours = record.id_number.as_deref()?;
    let guess = personal_id::suggestion(ours, record.sex, record.birth)?;
    let (repair, value) = match guess {
        personal_id::Suggestion::LostLeadingZero => (Repair::LostLeadingZero, format!("0{ours}")),
        personal_id::Suggestion::Separators => {
            let digits = ours.chars().filter(char::is_ascii_digit);
            (Repair::Separators, digits.collect())
        }
        // The number of today is not in the card of then.
        personal_id::Suggestion::OldIdentityCard => return None,
    };
    Some(Suggestion { repair, value })
}

#[cfg(test)]
mod tests {
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
        (1900..2030_i16, 1..=12_i8, 1..=28_i8, 0..3).prop_map(|(year, month, day, known)| {
            match known {
                0 => PartialDate::Year(year),
                1 => PartialDate::Month(kernel::Month::of(date(year, month, 1))),
                _ => PartialDate::Day(date(year, month, day)),
            }
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
}
