//! The fields of a form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Answers;

/// Where known values come from: of the registry's person.
#[cfg(test)]
pub(super) const SOURCES: [&str; 8] = [
    "person.full_name",
    "person.birth_date",
    "person.sex",
    "person.ethnicity",
    "person.id_number",
    "person.area",
    "person.phone",
    "person.death_date",
];

/// What an answer may become: kinds of facts of the registry, a death, and what only the law's
/// assessment asks.
#[cfg(test)]
pub(super) const FACTS: [&str; 17] = [
    "without_support",
    "studying",
    "hiv",
    "poverty",
    "single",
    "child",
    "no_supporter",
    "supporter_on_allowance",
    "fostered_in_community",
    "disability",
    "pension",
    "stable_income",
    "pregnant",
    "in_facility",
    "cares_for",
    "died",
    "difficult_area",
];

/// One question.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "Written")]
pub struct Field {
    /// Stable code within the form, or within its group.
    pub code: String,
    /// The question.
    pub label: String,
    /// How to answer, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What kind of answer.
    #[serde(flatten)]
    pub kind: Kind,
    /// Whether it must be answered when it is shown.
    pub required: bool,
    /// Only asked after another answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<ShownIf>,
    /// Reveals an illness: shown only to those who work with papers.
    pub sensitive: bool,
    /// Where a known value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Facts of the registry the answer becomes.
    #[serde(rename = "fact", skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

/// A field as the files write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: String,
    label: String,
    help: Option<String>,
    r#type: String,
    choices: Option<Vec<Choice>>,
    fields: Option<Vec<Field>>,
    most: Option<usize>,
    #[serde(default)]
    required: bool,
    shown_if: Option<ShownIf>,
    #[serde(default)]
    sensitive: bool,
    from: Option<String>,
    #[serde(default)]
    fact: Vec<Fact>,
}

impl TryFrom<Written> for Field {
    type Error = String;

    fn try_from(written: Written) -> Result<Field, String> {
        let parts = (written.choices, written.fields, written.most);
        let kind = match (written.r#type.as_str(), parts) {
            ("choice", (Some(choices), None, None)) => Kind::Choice { choices },
            ("group", (None, Some(fields), Some(most))) => Kind::Group { fields, most },
            ("text", (None, None, None)) => Kind::Text,
            ("day", (None, None, None)) => Kind::Day,
            ("partial_day", (None, None, None)) => Kind::PartialDay,
            ("number", (None, None, None)) => Kind::Number,
            ("money", (None, None, None)) => Kind::Money,
            ("yes_no", (None, None, None)) => Kind::YesNo,
            ("id_number", (None, None, None)) => Kind::IdNumber,
            ("ethnicity", (None, None, None)) => Kind::Ethnicity,
            ("area", (None, None, None)) => Kind::Area,
            _ => {
                return Err(format!(
                    "{}: type sai, hoặc thừa thiếu choices, fields, most",
                    written.code
                ));
            }
        };
        Ok(Field {
            code: written.code,
            label: written.label,
            help: written.help,
            kind,
            required: written.required,
            shown_if: written.shown_if,
            sensitive: written.sensitive,
            from: written.from,
            facts: written.fact,
        })
    }
}

/// What kind of answer a field takes, and how it is kept as text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Kind {
    /// A line of text.
    Text,
    /// A whole day, kept as `YYYY-MM-DD`.
    Day,
    /// A day of which only the year or the month may be known, kept as far as known.
    PartialDay,
    /// A whole number from 0.
    Number,
    /// Whole đồng from 0.
    Money,
    /// `yes` or `no`.
    YesNo,
    /// One of several.
    Choice {
        /// In order.
        choices: Vec<Choice>,
    },
    /// A personal ID number: twelve digits.
    IdNumber,
    /// Code of an ethnic group.
    Ethnicity,
    /// Code of a commune.
    Area,
    /// The same fields several times.
    Group {
        /// The fields; no group is inside another.
        fields: Vec<Field>,
        /// How often at most.
        most: usize,
    },
}

/// One of several answers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stable code.
    pub code: String,
    /// What users see.
    pub label: String,
}

/// On which other answer a field stands.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ShownIf {
    /// Code of an earlier field.
    pub field: String,
    /// Answers with which it is asked.
    pub is: Vec<String>,
}

/// A fact an answer becomes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its kind, in the words of events.
    pub kind: String,
    /// Answers with which it is true; empty: whenever there is an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// Fields of the fact with the codes of the fields that answer them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Fields of the fact that are always the same.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// The field with its first day; without one it is true since the day of submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The field with its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Field {
    /// Whether it is asked beside the other answers.
    pub fn is_shown(&self, answers: &Answers) -> bool {
        self.shown_if.as_ref().is_none_or(|shown| {
            let answer = answers.text(&shown.field);
            answer.is_some_and(|answer| shown.is.iter().any(|code| code == answer))
        })
    }

    /// Whether the text may be its answer, as far as the kind has a list of answers.
    pub fn may_be(&self, code: &str) -> bool {
        match &self.kind {
            Kind::YesNo => matches!(code, "yes" | "no"),
            Kind::Choice { choices } => choices.iter().any(|choice| choice.code == code),
            _ => false,
        }
    }

    /// The answer in the words users see.
    pub fn words(&self, answer: &str) -> String {
        match &self.kind {
            Kind::YesNo if answer == "yes" => "Có".to_owned(),
            Kind::YesNo => "Không".to_owned(),
            Kind::Choice { choices } => {
                let chosen = choices.iter().find(|choice| choice.code == answer);
                chosen.map_or(answer, |choice| &choice.label).to_owned()
            }
            Kind::Ethnicity => {
                let group = kernel::ethnic_group::EthnicGroup::by_code(answer);
                group.map_or(answer, |group| group.name).to_owned()
            }
            Kind::Area => {
                let areas = kernel::area::Areas::embedded();
                let area = areas.latest(answer);
                area.map_or_else(|| answer.to_owned(), |area| areas.written_path(area))
            }
            Kind::Day | Kind::PartialDay => day_in_words(answer),
            Kind::Money => match answer.parse() {
                Ok(amount) => format!("{} đồng", kernel::Dong(amount)),
                Err(_) => answer.to_owned(),
            },
            Kind::Text | Kind::Number | Kind::IdNumber | Kind::Group { .. } => answer.to_owned(),
        }
    }
}

/// `31/12/2024`, `12/2024` or `2024` of what is kept.
fn day_in_words(kept: &str) -> String {
    let mut parts: Vec<&str> = kept.split('-').collect();
    parts.reverse();
    parts.join("/")
}
