//! What a value of one field might be repaired to: by theirs, or by the record alone.

use kernel::name::{same_but_tone_placement, search_key, split, tidy};
use kernel::{PartialDate, Sex, personal_id};

use super::{Record, Repair, Suggestion};

pub(super) fn name(ours: &str, theirs: &str) -> Option<Suggestion> {
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

pub(super) fn birth(ours: PartialDate, theirs: &str) -> Option<Suggestion> {
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

pub(super) fn read_sex(code: &str) -> Option<Sex> {
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

pub(super) fn sex(record: &Record, theirs: &str) -> Option<Suggestion> {
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
pub(super) fn sex_of_number(record: &Record) -> Option<Suggestion> {
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

pub(super) fn number(record: &Record, theirs: &str) -> Option<Suggestion> {
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

pub(super) fn number_alone(record: &Record) -> Option<Suggestion> {
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
