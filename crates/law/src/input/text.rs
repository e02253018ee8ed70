//! Fields of text: read strictly or refused.

use jiff::civil::Date;
use kernel::{Month, PartialDate, ProvinceCode, Sex};

use super::InputError;

pub(super) fn required<'a>(field: &str, text: Option<&'a str>) -> Result<&'a str, InputError> {
    text.ok_or_else(|| InputError::new(field, "missing_field", "thiếu trường bắt buộc này"))
}

pub(super) fn optional<T>(
    read: impl Fn(&str, &str) -> Result<T, InputError>,
    field: &str,
    text: Option<&str>,
) -> Result<Option<T>, InputError> {
    text.map(|text| read(field, text)).transpose()
}

pub(super) fn choose<T: Copy>(
    field: &str,
    text: Option<&str>,
    choices: &[(&str, T)],
) -> Result<T, InputError> {
    let text = required(field, text)?;
    let found = choices.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("{text:?} không phải là một trong {}", names.join(", "));
        InputError::new(field, "unknown_value", message)
    })
}

pub(super) fn month(field: &str, text: &str) -> Result<Month, InputError> {
    let read = text.parse::<Month>();
    read.map_err(|error| InputError::new(field, "not_a_month", error.to_string()))
}

pub(super) fn partial_date(field: &str, text: &str) -> Result<PartialDate, InputError> {
    let read = text.parse::<PartialDate>();
    read.map_err(|error| InputError::new(field, "not_a_date", error.to_string()))
}

pub(super) fn day(field: &str, text: &str) -> Result<Date, InputError> {
    match text.parse() {
        Ok(PartialDate::Day(day)) => Ok(day),
        _ => {
            let message = format!("ngày {text:?} không đúng: cần YYYY-MM-DD");
            Err(InputError::new(field, "not_a_date", message))
        }
    }
}

pub(super) fn sex(field: &str, text: &str) -> Result<Sex, InputError> {
    choose(
        field,
        Some(text),
        &[("female", Sex::Female), ("male", Sex::Male)],
    )
}

pub(super) fn province(text: &str) -> Result<ProvinceCode, InputError> {
    ProvinceCode::parse(text).ok_or_else(|| {
        let message = format!("mã tỉnh {text:?} không đúng: cần hai chữ số, ví dụ \"51\"");
        InputError::new("province", "not_a_province", message)
    })
}
