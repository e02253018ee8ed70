//! Facts as callers write them.

use serde::Deserialize;

use super::InputError;
use super::text::{choose, day, optional, partial_date, required, sex};
use crate::person::{Basis, Grade, PovertyStatus};
use crate::{CaredPerson, Fact, FactKind};

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

/// Reads every fact of a list.
pub(super) fn facts(inputs: &[FactInput]) -> Result<Vec<Fact>, InputError> {
    let read = |(i, input): (usize, &FactInput)| {
        input
            .read()
            .map_err(|error| error.inside(&format!("facts[{i}]")))
    };
    inputs.iter().enumerate().map(read).collect()
}
