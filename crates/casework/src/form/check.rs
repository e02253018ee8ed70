//! What is wrong with answers, field by field.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::PartialDate;
use kernel::area::Areas;
use kernel::ethnic_group::EthnicGroup;
use registry::refusal::Fault;
use unicode_normalization::UnicodeNormalization;

use super::{Answers, Field, Form, Kind, Section};

/// Longest text of one answer.
const LONGEST: usize = 500;
/// Most digits of a number or an amount.
const DIGITS: usize = 15;

impl Form {
    /// Answers in the writing in which they are kept: days as `2024-12-31`, numbers without dots,
    /// texts in normal form C; answers to what is not asked are left out.
    ///
    /// # Errors
    /// Every field at fault, by its code (`children.0.birth_date` inside a group).
    pub fn check(&self, given: &Answers, day: Date) -> Result<Answers, Vec<Fault>> {
        match self.sound(given, day) {
            (kept, faults) if faults.is_empty() => Ok(kept),
            (_, faults) => Err(faults),
        }
    }

    /// As [`Form::check`], of answers of which some may be missing or wrong: those that are sound, and
    /// every field at fault.
    pub fn sound(&self, given: &Answers, day: Date) -> (Answers, Vec<Fault>) {
        let mut kept = Answers::default();
        let mut faults = Vec::new();
        for section in &self.sections {
            check_into(section, given, day, &mut kept, &mut faults);
        }
        self.refuse_unknown(given, &mut faults);
        (kept, faults)
    }

    /// The questions that must be answered and are not, in the order of the form; those inside a group by
    /// the group.
    pub fn lacking(&self, answers: &Answers, day: Date) -> Vec<&Field> {
        let (_, faults) = self.sound(answers, day);
        let missing = |field: &&Field| {
            let mut faults = faults.iter().filter(|fault| fault.code == "missing");
            faults.any(|fault| fault.field.split('.').next() == Some(field.code.as_str()))
        };
        self.fields().filter(missing).collect()
    }

    /// As [`Form::check`], of one section, beside the answers of the sections before it. The answers
    /// of other sections stay as they are.
    ///
    /// # Errors
    /// Every field of the section at fault.
    pub fn check_section(
        &self,
        section: &Section,
        given: &Answers,
        day: Date,
    ) -> Result<Answers, Vec<Fault>> {
        let mut kept = given.clone();
        for field in &section.fields {
            kept.remove(&field.code);
        }
        let mut faults = Vec::new();
        check_into(section, given, day, &mut kept, &mut faults);
        match faults.is_empty() {
            true => Ok(kept),
            false => Err(faults),
        }
    }

    fn refuse_unknown(&self, given: &Answers, faults: &mut Vec<Fault>) {
        for (code, _) in given.iter() {
            if self.field(code).is_none() {
                let message = "mẫu tờ khai không có mục này";
                faults.push(Fault::new(code.to_owned(), "unknown_field", message));
            }
        }
    }
}

fn check_into(
    section: &Section,
    given: &Answers,
    day: Date,
    kept: &mut Answers,
    faults: &mut Vec<Fault>,
) {
    for field in &section.fields {
        if !field.is_shown(kept) {
            continue;
        }
        match &field.kind {
            Kind::Group { fields, most } => {
                let rows = rows(field, fields, *most, given, day, faults);
                kept.set_rows(&field.code, rows);
            }
            _ => match answer(field, given.text(&field.code), day) {
                Ok(Some(text)) => kept.set(&field.code, &text),
                Ok(None) => {}
                Err((code, message)) => faults.push(Fault::new(field.code.clone(), code, message)),
            },
        }
    }
}

fn rows(
    group: &Field,
    fields: &[Field],
    most: usize,
    given: &Answers,
    day: Date,
    faults: &mut Vec<Fault>,
) -> Vec<BTreeMap<String, String>> {
    let given = given.rows(&group.code);
    // Rows left empty were offered and not needed.
    let filled = given.iter().enumerate().filter(|(_, row)| !row.is_empty());
    let mut kept = Vec::new();
    for (at, row) in filled {
        let mut read = BTreeMap::new();
        for field in fields {
            match answer(field, row.get(&field.code).map(String::as_str), day) {
                Ok(Some(text)) => drop(read.insert(field.code.clone(), text)),
                Ok(None) => {}
                Err((code, message)) => {
                    let place = format!("{}.{at}.{}", group.code, field.code);
                    faults.push(Fault::new(place, code, message));
                }
            }
        }
        kept.push(read);
    }
    let mut refuse =
        |code, message: String| faults.push(Fault::new(group.code.clone(), code, message));
    if kept.len() > most {
        refuse(
            "too_many",
            format!("{}: nhiều nhất {most} dòng", group.label),
        );
    }
    if kept.is_empty() && group.required {
        refuse("missing", format!("{}: cần ít nhất một dòng", group.label));
    }
    kept
}

type Wrong = (&'static str, String);

/// One answer as it is kept.
fn answer(field: &Field, given: Option<&str>, day: Date) -> Result<Option<String>, Wrong> {
    let label = &field.label;
    let text: String = given.unwrap_or_default().trim().nfc().collect();
    if text.is_empty() {
        return match field.required {
            true => Err(("missing", format!("{label}: chưa trả lời"))),
            false => Ok(None),
        };
    }
    if text.chars().count() > LONGEST {
        return Err(("too_long", format!("{label}: dài quá {LONGEST} chữ")));
    }
    if text.chars().any(char::is_control) {
        return Err(("malformed", format!("{label}: có ký tự không dùng được")));
    }
    let wrong = |how: &str| ("malformed", format!("{label}: {how}"));
    let kept = match &field.kind {
        Kind::Text => text,
        Kind::Day => {
            let read = read_day(&text).ok_or_else(|| wrong("ghi ngày dạng 31/12/2024"))?;
            read.to_string()
        }
        Kind::PartialDay => {
            let how = "ghi ngày dạng 31/12/1950, hoặc 12/1950, hoặc 1950";
            let read = read_partial(&text).ok_or_else(|| wrong(how))?;
            if read.assumed_day() > day {
                return Err(("in_the_future", format!("{label}: ngày chưa đến")));
            }
            read.to_string()
        }
        Kind::Number | Kind::Money => number(&text).ok_or_else(|| wrong("ghi một số nguyên"))?,
        Kind::YesNo if matches!(text.as_str(), "yes" | "no") => text,
        Kind::YesNo => return Err(wrong("chọn Có hoặc Không")),
        Kind::Choice { .. } if field.may_be(&text) => text,
        Kind::Choice { .. } => return Err(wrong("chọn một mục trong danh sách")),
        Kind::IdNumber => {
            let digits: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
            let whole = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
            whole
                .then_some(digits)
                .ok_or_else(|| wrong("số định danh có 12 chữ số"))?
        }
        Kind::Ethnicity => {
            let group = EthnicGroup::find(&text);
            let group = group.ok_or_else(|| wrong("không có dân tộc này trong danh mục"))?;
            group.code.to_owned()
        }
        Kind::Area => {
            let area = Areas::embedded().on(&text, day).filter(|area| area.lowest);
            area.ok_or_else(|| wrong("không có xã với mã này"))?;
            text
        }
        Kind::Group { .. } => return Err(wrong("mục này có nhiều dòng")),
    };
    Ok(Some(kept))
}

/// `2024-12-31`, or `31/12/2024` as people write it.
fn read_day(text: &str) -> Option<Date> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] if year.len() == 4 => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
        }
        _ => text.parse().ok(),
    }
    .filter(|day: &Date| (1850..=2200).contains(&day.year()))
}

/// As [`read_day`], or `12/2024`, `2024-12`, `2024`.
fn read_partial(text: &str) -> Option<PartialDate> {
    let read = match text.split('/').collect::<Vec<_>>()[..] {
        [month, year] if year.len() == 4 => format!("{year}-{month:0>2}").parse().ok(),
        [_, _, _] => read_day(text).map(PartialDate::Day),
        _ => text.parse().ok(),
    };
    read.filter(|read: &PartialDate| (1850..=2200).contains(&read.year()))
}

/// Digits without the dots between thousands.
fn number(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|sign| !matches!(sign, '.' | ' '))
        .collect();
    let sound = (1..=DIGITS).contains(&digits.len());
    let number: u64 = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())??;
    sound.then(|| number.to_string())
}
