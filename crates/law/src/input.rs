//! Persons as callers write them (contracts, section 1): read strictly, refused by field.

use jiff::civil::Date;
use kernel::{Month, PartialDate, ProvinceCode, Sex};
use serde::Deserialize;

use crate::person::{Basis, Grade, PovertyStatus};
use crate::{Benefit, CaredPerson, Enrolment, Fact, FactKind, Person};

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

/// A fact of any kind; which fields it may have is checked kind by kind.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactInput {
    kind: String,
    from: Option<String>,
    to: Option<String>,
    basis: Option<String>,
    until: Option<String>,
    status: Option<String>,
    birth_date: Option<String>,
    studying_until: Option<String>,
    grade: Option<String>,
    reason: Option<String>,
    person: Option<CaredInput>,
    relation: Option<String>,
    death_date: Option<String>,
    facts: Option<Vec<FactInput>>,
}

/// Somebody cared for: a key, or what is known of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum CaredInput {
    Key(String),
    Known(KnownInput),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownInput {
    id: Option<String>,
    birth_date: Option<String>,
    death_date: Option<String>,
    sex: Option<String>,
    facts: Option<Vec<FactInput>>,
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

impl FactInput {
    /// The fact.
    ///
    /// # Errors
    /// `InputError` naming the field and the reason.
    pub fn read(&self) -> Result<Fact, InputError> {
        let kind = self.kind()?;
        self.refuse_other_fields()?;
        let from = day("from", required("from", self.from.as_deref())?)?;
        let to = optional(day, "to", self.to.as_deref())?;
        Ok(Fact { from, to, kind })
    }

    fn kind(&self) -> Result<FactKind, InputError> {
        let birth_date = optional(partial_date, "birth_date", self.birth_date.as_deref());
        Ok(match self.kind.as_str() {
            "without_support" => {
                let basis = choose("basis", self.basis.as_deref(), &BASES)?;
                FactKind::WithoutSupport { basis }
            }
            "studying" => {
                let until = optional(day, "until", self.until.as_deref())?;
                FactKind::Studying { until }
            }
            "hiv" => FactKind::Hiv,
            "poverty" => {
                let status = choose("status", self.status.as_deref(), &STATUSES)?;
                FactKind::Poverty { status }
            }
            "single" => FactKind::Single,
            "child" => FactKind::Child {
                birth_date: birth_date?,
                studying_until: optional(day, "studying_until", self.studying_until.as_deref())?,
                until: optional(day, "until", self.until.as_deref())?,
            },
            "no_supporter" => FactKind::NoSupporter,
            "supporter_on_allowance" => FactKind::SupporterOnAllowance,
            "fostered_in_community" => FactKind::FosteredInCommunity,
            "disability" => {
                let grade = choose("grade", self.grade.as_deref(), &GRADES)?;
                FactKind::Disability { grade }
            }
            "pension" => FactKind::Pension,
            "stable_income" => FactKind::StableIncome,
            "pregnant" => FactKind::Pregnant,
            "in_facility" => FactKind::InFacility,
            "in_prison" => FactKind::InPrison,
            "suspended" => {
                let reason = self.reason.clone().unwrap_or_default();
                FactKind::Suspended { reason }
            }
            "cares_for" => FactKind::CaresFor(Box::new(self.cared_person()?)),
            other => {
                let message = format!("không có loại thông tin nào mang mã {other:?}");
                return Err(InputError::new("kind", "unknown_fact_kind", message));
            }
        })
    }

    /// Somebody cared for may be written inside `person` or beside it.
    fn cared_person(&self) -> Result<CaredPerson, InputError> {
        let relation = self.relation.clone().unwrap_or_default();
        let beside = KnownInput {
            id: None,
            birth_date: self.birth_date.clone(),
            death_date: self.death_date.clone(),
            sex: None,
            facts: self.facts.clone(),
        };
        match &self.person {
            None => {
                let message = "thiếu người được chăm sóc";
                Err(InputError::new("person", "missing_field", message))
            }
            Some(CaredInput::Key(key)) => beside.read(key.clone(), relation),
            Some(CaredInput::Known(known)) => {
                let merged = KnownInput {
                    birth_date: known.birth_date.clone().or(beside.birth_date),
                    death_date: known.death_date.clone().or(beside.death_date),
                    facts: known.facts.clone().or(beside.facts),
                    ..known.clone()
                };
                let key = known.id.clone().unwrap_or_default();
                let read = merged.read(key, relation);
                read.map_err(|error| error.inside("person"))
            }
        }
    }

    /// Refuses a field that belongs to another kind of fact.
    fn refuse_other_fields(&self) -> Result<(), InputError> {
        let allowed: &[&str] = match self.kind.as_str() {
            "without_support" => &["basis"],
            "studying" => &["until"],
            "poverty" => &["status"],
            "child" => &["birth_date", "studying_until", "until"],
            "disability" => &["grade"],
            "suspended" => &["reason"],
            "cares_for" => &["person", "relation", "birth_date", "death_date", "facts"],
            _ => &[],
        };
        let given = [
            ("basis", self.basis.is_some()),
            ("until", self.until.is_some()),
            ("status", self.status.is_some()),
            ("birth_date", self.birth_date.is_some()),
            ("studying_until", self.studying_until.is_some()),
            ("grade", self.grade.is_some()),
            ("reason", self.reason.is_some()),
            ("person", self.person.is_some()),
            ("relation", self.relation.is_some()),
            ("death_date", self.death_date.is_some()),
            ("facts", self.facts.is_some()),
        ];
        let foreign = given
            .into_iter()
            .find(|(name, is)| *is && !allowed.contains(name));
        match foreign {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("loại thông tin {:?} không có trường này", self.kind);
                Err(InputError::new(name, "unknown_field", message))
            }
        }
    }
}

impl KnownInput {
    fn read(&self, person: String, relation: String) -> Result<CaredPerson, InputError> {
        optional(sex, "sex", self.sex.as_deref())?;
        Ok(CaredPerson {
            person,
            relation,
            birth_date: optional(partial_date, "birth_date", self.birth_date.as_deref())?,
            death_date: optional(day, "death_date", self.death_date.as_deref())?,
            facts: facts(self.facts.as_deref().unwrap_or_default())?,
        })
    }
}

const BASES: [(&str, Basis); 12] = [
    ("a", Basis::A),
    ("b", Basis::B),
    ("c", Basis::C),
    ("d", Basis::D),
    ("đ", Basis::Dd),
    ("dd", Basis::Dd),
    ("e", Basis::E),
    ("g", Basis::G),
    ("h", Basis::H),
    ("i", Basis::I),
    ("k", Basis::K),
    ("l", Basis::L),
];

const STATUSES: [(&str, PovertyStatus); 2] = [
    ("poor", PovertyStatus::Poor),
    ("near_poor", PovertyStatus::NearPoor),
];

const GRADES: [(&str, Grade); 3] = [
    ("mild", Grade::Mild),
    ("severe", Grade::Severe),
    ("extremely_severe", Grade::ExtremelySevere),
];

fn facts(inputs: &[FactInput]) -> Result<Vec<Fact>, InputError> {
    let read = |(i, input): (usize, &FactInput)| {
        input
            .read()
            .map_err(|error| error.inside(&format!("facts[{i}]")))
    };
    inputs.iter().enumerate().map(read).collect()
}

fn required<'a>(field: &str, text: Option<&'a str>) -> Result<&'a str, InputError> {
    text.ok_or_else(|| InputError::new(field, "missing_field", "thiếu trường bắt buộc này"))
}

fn optional<T>(
    read: impl Fn(&str, &str) -> Result<T, InputError>,
    field: &str,
    text: Option<&str>,
) -> Result<Option<T>, InputError> {
    text.map(|text| read(field, text)).transpose()
}

fn choose<T: Copy>(
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

fn month(field: &str, text: &str) -> Result<Month, InputError> {
    let read = text.parse::<Month>();
    read.map_err(|error| InputError::new(field, "not_a_month", error.to_string()))
}

fn partial_date(field: &str, text: &str) -> Result<PartialDate, InputError> {
    let read = text.parse::<PartialDate>();
    read.map_err(|error| InputError::new(field, "not_a_date", error.to_string()))
}

fn day(field: &str, text: &str) -> Result<Date, InputError> {
    match text.parse() {
        Ok(PartialDate::Day(day)) => Ok(day),
        _ => {
            let message = format!("ngày {text:?} không đúng: cần YYYY-MM-DD");
            Err(InputError::new(field, "not_a_date", message))
        }
    }
}

fn sex(field: &str, text: &str) -> Result<Sex, InputError> {
    choose(
        field,
        Some(text),
        &[("female", Sex::Female), ("male", Sex::Male)],
    )
}

fn province(text: &str) -> Result<ProvinceCode, InputError> {
    ProvinceCode::parse(text).ok_or_else(|| {
        let message = format!("mã tỉnh {text:?} không đúng: cần hai chữ số, ví dụ \"51\"");
        InputError::new("province", "not_a_province", message)
    })
}
