//! Persons as callers write them (contracts, section 1): read strictly, refused by field.

mod fact;
mod text;

use kernel::Month;
use serde::Deserialize;

use crate::{Benefit, Enrolment, Person};
use fact::facts;
use text::{day, month, optional, partial_date, province, sex};

pub use fact::FactInput;

/// Why a person cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct InputError {
    /// The field, such as `facts[2].from`; empty when the whole text is unreadable.
    pub field: String,
    /// Stable reason code.
    pub code: &'static str,
    /// A Vietnamese sentence.
    pub message: String,
}

impl InputError {
    fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> InputError {
        InputError {
            field: field.into(),
            code,
            message: message.into(),
        }
    }

    fn inside(mut self, outer: &str) -> InputError {
        self.field = format!("{outer}.{}", self.field);
        self
    }

    /// Reads what the JSON reader says into a field and a code.
    fn from_json(error: &serde_json::Error) -> InputError {
        let text = error.to_string();
        let named = text.split('`').nth(1).unwrap_or_default().to_owned();
        if !error.is_data() {
            return InputError::new("", "not_json", "dòng này không phải JSON hợp lệ");
        }
        if text.starts_with("unknown field") {
            return InputError::new(named, "unknown_field", "trường này không có trong quy ước");
        }
        if text.starts_with("missing field") {
            return InputError::new(named, "missing_field", "thiếu trường bắt buộc này");
        }
        if text.starts_with("duplicate field") {
            return InputError::new(named, "duplicate_field", "trường này được ghi hai lần");
        }
        InputError::new("", "wrong_type", format!("giá trị sai kiểu ({text})"))
    }
}

/// A person with the months asked about.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonInput {
    id: Option<String>,
    birth_date: String,
    death_date: Option<String>,
    sex: Option<String>,
    province: Option<String>,
    difficult_area: Option<bool>,
    months: Vec<String>,
    enrolments: Option<Vec<EnrolmentInput>>,
    facts: Option<Vec<FactInput>>,
}

/// An enrolment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolmentInput {
    benefit: String,
    from: String,
    to: Option<String>,
}

/// A person read, with the months asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The caller's key.
    pub id: String,
    /// The person.
    pub person: Person,
    /// The months asked about, in the caller's order.
    pub months: Vec<Month>,
}

impl Question {
    /// Reads one NDJSON line.
    ///
    /// # Errors
    /// `InputError` naming the field and the reason.
    pub fn from_json(line: &[u8]) -> Result<Question, InputError> {
        if std::str::from_utf8(line).is_err() {
            return Err(InputError::new(
                "",
                "not_utf8",
                "dòng này không phải văn bản UTF-8",
            ));
        }
        let input: PersonInput =
            serde_json::from_slice(line).map_err(|error| InputError::from_json(&error))?;
        let missing = || InputError::new("id", "missing_field", "thiếu trường bắt buộc này");
        let id = input.id.clone().ok_or_else(missing)?;
        let (person, months) = input.read()?;
        Ok(Question { id, person, months })
    }
}

impl PersonInput {
    /// The person and the months asked about.
    ///
    /// # Errors
    /// `InputError` naming the field and the reason.
    pub fn read(&self) -> Result<(Person, Vec<Month>), InputError> {
        let months = self.months.iter().enumerate();
        let months = months
            .map(|(i, text)| month(&format!("months[{i}]"), text))
            .collect::<Result<Vec<Month>, InputError>>()?;
        let enrolments = self.enrolments.iter().flatten().enumerate();
        let enrolments = enrolments
            .map(|(i, input)| {
                let name = format!("enrolments[{i}]");
                input.read().map_err(|error| error.inside(&name))
            })
            .collect::<Result<Vec<Enrolment>, InputError>>()?;
        let province = self.province.as_deref().map(province).transpose()?;
        let person = Person {
            birth_date: partial_date("birth_date", &self.birth_date)?,
            death_date: optional(day, "death_date", self.death_date.as_deref())?,
            sex: optional(sex, "sex", self.sex.as_deref())?,
            provinces: province
                .map(|code| (Month::MIN, code))
                .into_iter()
                .collect(),
            difficult_area: self.difficult_area.unwrap_or_default(),
            enrolments,
            facts: facts(self.facts.as_deref().unwrap_or_default())?,
        };
        Ok((person, months))
    }
}

impl EnrolmentInput {
    fn read(&self) -> Result<Enrolment, InputError> {
        let refuse = || {
            let message = format!("không có chế độ nào mang mã {:?}", self.benefit);
            InputError::new("benefit", "unknown_benefit", message)
        };
        let from = month("from", &self.from)?;
        let to = optional(month, "to", self.to.as_deref())?;
        Ok(Enrolment {
            benefit: Benefit::from_code(&self.benefit).ok_or_else(refuse)?,
            from,
            to,
            suspended: Vec::new(),
        })
    }
}
