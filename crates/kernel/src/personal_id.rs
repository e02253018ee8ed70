//! Personal ID numbers (số định danh cá nhân, 137/2015/NĐ-CP Điều 13): twelve digits, three for the
//! province of birth registration, one for century and sex, two for the birth year, six at random.
//! What can be said of one without asking the population database. Nothing is ever repaired.

use std::sync::OnceLock;

use crate::area::{Areas, BEFORE_RECORDS, Level};
use crate::{PartialDate, Sex};

/// What a number looks like beside the rest of the record.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum IdState {
    /// Nothing speaks against it.
    Plausible,
    /// None given.
    Missing,
    /// Not twelve digits.
    Malformed,
    /// The digit of century and sex contradicts the declared sex.
    ContradictsSex,
    /// The digits of century and year contradict the birth year.
    ContradictsBirthYear,
    /// The first three digits are none of the 63 provinces.
    UnknownProvince,
    /// Another living record already holds it (only the registry can say).
    HeldByAnother,
}

impl IdState {
    /// Every state.
    pub const ALL: [IdState; 7] = [
        IdState::Plausible,
        IdState::Missing,
        IdState::Malformed,
        IdState::ContradictsSex,
        IdState::ContradictsBirthYear,
        IdState::UnknownProvince,
        IdState::HeldByAnother,
    ];

    /// Stable code, as the database and interfaces keep it.
    pub const fn code(self) -> &'static str {
        match self {
            IdState::Plausible => "plausible",
            IdState::Missing => "missing",
            IdState::Malformed => "malformed",
            IdState::ContradictsSex => "contradicts_sex",
            IdState::ContradictsBirthYear => "contradicts_birth_year",
            IdState::UnknownProvince => "unknown_province",
            IdState::HeldByAnother => "held_by_another",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<IdState> {
        IdState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            IdState::Plausible => "Hợp lệ",
            IdState::Missing => "Chưa có số định danh",
            IdState::Malformed => "Không đủ 12 chữ số",
            IdState::ContradictsSex => "Không khớp giới tính",
            IdState::ContradictsBirthYear => "Không khớp năm sinh",
            IdState::UnknownProvince => "Mã tỉnh không có trong danh mục",
            IdState::HeldByAnother => "Trùng với người khác",
        }
    }
}

/// A guess at what went wrong, offered to a person and never applied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Suggestion {
    /// Eleven digits that are plausible with a zero in front: a spreadsheet took it for a number.
    LostLeadingZero,
    /// Nine digits: an identity card of before 2016.
    OldIdentityCard,
    /// Twelve digits with signs or spaces between.
    Separators,
}

impl Suggestion {
    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Suggestion::LostLeadingZero => "có 11 chữ số: mất số 0 ở đầu?",
            Suggestion::OldIdentityCard => "có 9 chữ số: là số chứng minh nhân dân cũ?",
            Suggestion::Separators => "có dấu cách hoặc dấu chấm giữa các chữ số?",
        }
    }
}

/// Judges a number as received against sex and birth. Of several faults the first in the order of
/// [`IdState`] is told. `practice`: numbers beginning with 999 belong to invented people and are
/// known in a practice database only.
pub fn judge(text: Option<&str>, sex: Option<Sex>, birth: PartialDate, practice: bool) -> IdState {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return IdState::Missing;
    };
    let Some(digits) = twelve_digits(text) else {
        return IdState::Malformed;
    };
    let number_sex = if digits[3] % 2 == 0 {
        Sex::Male
    } else {
        Sex::Female
    };
    if sex.is_some_and(|sex| sex != number_sex) {
        return IdState::ContradictsSex;
    }
    let century = 1900 + i16::from(digits[3] / 2) * 100;
    let year = century + i16::from(digits[4]) * 10 + i16::from(digits[5]);
    if year != birth.year() {
        return IdState::ContradictsBirthYear;
    }
    let province = digits[..3]
        .iter()
        .fold(0, |number, digit| number * 10 + usize::from(*digit));
    let invented = practice && province == 999;
    if invented || known_provinces()[province] {
        IdState::Plausible
    } else {
        IdState::UnknownProvince
    }
}

/// What a malformed number may have been.
pub fn suggestion(text: &str, sex: Option<Sex>, birth: PartialDate) -> Option<Suggestion> {
    let only_digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.len() {
        11 if only_digits => {
            let padded = judge(Some(&format!("0{text}")), sex, birth, false);
            (padded == IdState::Plausible).then_some(Suggestion::LostLeadingZero)
        }
        9 if only_digits => Some(Suggestion::OldIdentityCard),
        _ if only_digits => None,
        _ => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let letters = text.chars().any(char::is_alphabetic);
            (digits == 12 && !letters).then_some(Suggestion::Separators)
        }
    }
}

/// The number as shown to those who may not see it whole: `•••• 1234`.
pub fn masked(text: &str) -> String {
    let count = text.chars().count();
    if count < 8 {
        return "••••".to_owned();
    }
    let last: String = text.chars().skip(count - 4).collect();
    format!("•••• {last}")
}

fn twelve_digits(text: &str) -> Option<[u8; 12]> {
    let bytes: [u8; 12] = text.as_bytes().try_into().ok()?;
    bytes
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| bytes.map(|byte| byte - b'0'))
}

/// The 63 provinces of before July 2025, as zero and code: numbers never change after a merger.
fn known_provinces() -> &'static [bool; 1000] {
    static KNOWN: OnceLock<[bool; 1000]> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known = [false; 1000];
        let all = Areas::embedded().all().iter();
        let old =
            all.filter(|area| area.level == Level::Province && area.valid_from == BEFORE_RECORDS);
        for number in old.filter_map(|area| area.code.parse::<usize>().ok()) {
            known[number] = true;
        }
        known
    })
}

#[cfg(test)]
mod tests {
    use super::{IdState, Suggestion, judge, known_provinces, masked, suggestion};
    use crate::{PartialDate, Sex};

    fn state(text: &str, sex: Sex, birth: &str, practice: bool) -> IdState {
        let birth: PartialDate = birth.parse().expect("a date");
        judge(Some(text), Some(sex), birth, practice)
    }

    #[test]
    fn each_fault_is_a_state_of_its_own() {
        use IdState::*;
        use Sex::*;
        for (text, sex, birth, expected) in [
            ("051148000001", Female, "1948-02-01", Plausible),
            ("051148000001", Female, "1948", Plausible),
            ("051348000001", Female, "2048", Plausible),
            ("", Female, "1948", Missing),
            (" ", Female, "1948", Missing),
            ("51148000001", Female, "1948", Malformed),
            ("05114800000a", Female, "1948", Malformed),
            (" 51148000001", Female, "1948", Malformed),
            ("０51148000001", Female, "1948", Malformed),
            ("051148000001", Male, "1948", ContradictsSex),
            ("051148000001", Female, "1949", ContradictsBirthYear),
            ("051148000001", Female, "2048", ContradictsBirthYear),
            ("003148000001", Female, "1948", UnknownProvince),
            ("999148000001", Female, "1948", UnknownProvince),
        ] {
            assert_eq!(state(text, sex, birth, false), expected);
        }
        assert_eq!(state("999148000001", Female, "1948", true), Plausible);
        assert_eq!(state("999148000001", Male, "1948", true), ContradictsSex);
        let birth = PartialDate::Year(1948);
        assert_eq!(judge(None, None, birth, false), Missing);
        assert_eq!(judge(Some("051148000001"), None, birth, false), Plausible);
    }

    #[test]
    fn knows_the_63_provinces() {
        let known = known_provinces().iter().filter(|known| **known).count();
        assert_eq!(known, 63);
        assert!(known_provinces()[1] && known_provinces()[79] && known_provinces()[96]);
    }

    #[test]
    fn suggests_and_never_repairs() {
        let birth = PartialDate::Year(1948);
        let suggest = |text| suggestion(text, Some(Sex::Female), birth);
        assert_eq!(suggest("51148000001"), Some(Suggestion::LostLeadingZero));
        assert_eq!(suggest("51048000001"), None);
        assert_eq!(suggest("212345678"), Some(Suggestion::OldIdentityCard));
        assert_eq!(suggest("051 148 000 001"), Some(Suggestion::Separators));
        assert_eq!(suggest("không có"), None);
    }

    #[test]
    fn shows_only_the_last_four() {
        assert_eq!(masked("051148001234"), "•••• 1234");
        assert_eq!(masked("12345"), "••••");
    }

    #[test]
    fn codes_lead_back() {
        for state in IdState::ALL {
            assert_eq!(IdState::from_code(state.code()), Some(state));
        }
    }
}
