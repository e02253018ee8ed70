//! Suggested repairs: from our value, theirs, and the rest of the record. Pure; nothing is ever applied here.
//! A suggestion is made only when the repaired record holds together: its number is plausible, its dates are
//! real and not in the future.

mod field;
#[cfg(test)]
mod tests;
mod value;

use jiff::civil::Date;
use kernel::name::tidy;
use kernel::personal_id::{IdState, judge};
use kernel::{PartialDate, Sex};
use serde::Serialize;

pub use field::Fault;

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
        (Fault::FullName, Some(theirs)) => value::name(&record.full_name, theirs),
        (Fault::FullName, None) => None,
        (Fault::BirthDate, Some(theirs)) => value::birth(record.birth, theirs),
        (Fault::BirthDate, None) => None,
        (Fault::Sex, Some(theirs)) => value::sex(record, theirs),
        (Fault::Sex, None) => value::sex_of_number(record),
        (Fault::IdNumber, Some(theirs)) => value::number(record, theirs),
        (Fault::IdNumber, None) => value::number_alone(record),
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
        Fault::Sex => after.sex = Some(value::read_sex(value)?),
        Fault::IdNumber => {
            let digits = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
            after.id_number = digits.then(|| value.to_owned());
            after.id_number.as_ref()?;
        }
    }
    Some(after)
}
