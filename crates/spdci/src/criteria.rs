//! What is sought, out of the three ways the standard writes it.

use jiff::civil::Date;
use kernel::area::Areas;
use kernel::name::search_key;
use law::Benefit;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Register;
use crate::caller::Caller;
use crate::record::Field;

/// Values of one attribute at most.
const MOST_VALUES: usize = 100;

/// Everything that must be so of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Criteria {
    /// Never stored: resolved into `people` first.
    #[serde(skip)]
    pub(crate) id_numbers: Option<Vec<String>>,
    pub(crate) people: Option<Vec<i64>>,
    pub(crate) name_key: Option<String>,
    pub(crate) born_from: Option<Date>,
    pub(crate) born_to: Option<Date>,
    pub(crate) areas: Option<Vec<String>>,
    pub(crate) benefits: Option<Vec<i16>>,
    pub(crate) active: Option<bool>,
}

/// Why a query is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// Not of the shape, or more than is understood.
    Query,
    /// By something the caller may not see.
    Field,
}

/// Reads a query, of the type it says or the one its shape tells.
pub(crate) fn read(
    (kind, query): (Option<&str>, &Value),
    caller: &Caller,
    register: Register,
) -> Result<Criteria, Bad> {
    let mut found = Found {
        criteria: Criteria::default(),
        conditions: 0,
        caller,
        register,
    };
    match kind {
        Some("idtype-value") => found.identifier(query)?,
        Some("predicate") => found.predicates(query)?,
        Some("expression") => found.expression(query)?,
        None if query.is_array() => found.predicates(query)?,
        None if query.get("value").is_some_and(|value| !value.is_object()) => {
            found.identifier(query)?;
        }
        None => found.expression(query)?,
        Some(_) => return Err(Bad::Query),
    }
    if found.conditions == 0 {
        return Err(Bad::Query);
    }
    Ok(found.criteria)
}

struct Found<'a> {
    criteria: Criteria,
    conditions: usize,
    caller: &'a Caller,
    register: Register,
}

impl Found<'_> {
    /// `{"type": "UIN", "value": "…"}`.
    fn identifier(&mut self, query: &Value) -> Result<(), Bad> {
        let kind = query.get("type").and_then(Value::as_str);
        let value = query.get("value").ok_or(Bad::Query)?;
        self.condition(kind.ok_or(Bad::Query)?, "eq", value)
    }

    /// `[{"expression1": {…}, "condition": "and", "expression2": {…}}]`.
    fn predicates(&mut self, query: &Value) -> Result<(), Bad> {
        for predicate in query.as_array().ok_or(Bad::Query)? {
            let condition = predicate.get("condition").and_then(Value::as_str);
            if !matches!(condition, None | Some("and")) {
                return Err(Bad::Query);
            }
            let second = predicate.get("expression2");
            let both = [predicate.get("expression1"), second];
            for expression in both.into_iter().flatten() {
                let text = |name: &str| expression.get(name).and_then(Value::as_str);
                let attribute = text("attribute_name").ok_or(Bad::Query)?;
                let operator = text("operator").ok_or(Bad::Query)?;
                let value = expression.get("attribute_value").ok_or(Bad::Query)?;
                self.condition(attribute, operator, value)?;
            }
        }
        Ok(())
    }

    /// `{"value": {"expression": {"query": {"$and": [{"location": {"$eq": "51"}}]}}}}`, or its inside.
    fn expression(&mut self, query: &Value) -> Result<(), Bad> {
        let inside = query.pointer("/value/expression/query");
        let inside = inside.or_else(|| query.pointer("/expression/query"));
        let query = inside.unwrap_or(query);
        for (name, what) in query.as_object().ok_or(Bad::Query)? {
            if name == "$and" {
                for part in what.as_array().ok_or(Bad::Query)? {
                    for (name, what) in part.as_object().ok_or(Bad::Query)? {
                        self.operators(name, what)?;
                    }
                }
            } else {
                self.operators(name, what)?;
            }
        }
        Ok(())
    }

    fn operators(&mut self, attribute: &str, what: &Value) -> Result<(), Bad> {
        for (operator, value) in what.as_object().ok_or(Bad::Query)? {
            let operator = operator.strip_prefix('$').unwrap_or(operator);
            self.condition(attribute, operator, value)?;
        }
        Ok(())
    }

    fn condition(&mut self, attribute: &str, operator: &str, value: &Value) -> Result<(), Bad> {
        self.conditions += 1;
        let name = attribute.rsplit([':', '.']).next().unwrap_or(attribute);
        let name = name.to_ascii_lowercase().replace('-', "_");
        let this = &mut self.criteria;
        match name.as_str() {
            // Whoever has a number may ask about it; it is never told.
            "uin" | "nid" | "identifier_value" | "person_identifier" | "national_id" => {
                once(&mut this.id_numbers, texts(operator, value)?)
            }
            "member_identifier" => {
                let numbers = texts(operator, value)?.into_iter();
                let numbers = numbers.map(|text| text.parse().map_err(|_| Bad::Query));
                once(&mut this.people, numbers.collect::<Result<_, _>>()?)
            }
            "name" | "full_name" => {
                self.caller.must_see(Field::Name)?;
                once(&mut this.name_key, search_key(&one(operator, value)?))
            }
            "birth_date" | "dob" => {
                self.caller.must_see(Field::BirthDate)?;
                this.born(operator, value)
            }
            "area" | "area_code" | "location" | "location_code" => {
                self.caller.must_see(Field::Area)?;
                let areas = texts(operator, value)?;
                if areas
                    .iter()
                    .any(|it| Areas::embedded().latest(it).is_none())
                {
                    return Err(Bad::Query);
                }
                once(&mut this.areas, areas)
            }
            "programme_identifier" | "enrolment_status" if self.register == Register::Social => {
                Err(Bad::Query)
            }
            "programme_identifier" => {
                self.caller.must_see(Field::Programme)?;
                let benefits = texts(operator, value)?.into_iter().map(|code| {
                    // A benefit nobody is told of is one nobody can ask by.
                    let benefit = Benefit::from_code(&code).filter(|it| !it.reveals_hiv());
                    benefit.map(Benefit::number).ok_or(Bad::Query)
                });
                once(&mut this.benefits, benefits.collect::<Result<_, _>>()?)
            }
            "enrolment_status" => {
                self.caller.must_see(Field::Programme)?;
                let active = match one(operator, value)?.to_lowercase().as_str() {
                    "active" => true,
                    "closed" => false,
                    _ => return Err(Bad::Query),
                };
                once(&mut this.active, active)
            }
            _ => Err(Bad::Query),
        }
    }
}

impl Caller {
    fn must_see(&self, field: Field) -> Result<(), Bad> {
        if self.sees(field) {
            Ok(())
        } else {
            Err(Bad::Field)
        }
    }
}

impl Criteria {
    fn born(&mut self, operator: &str, value: &Value) -> Result<(), Bad> {
        let day = value.as_str().ok_or(Bad::Query)?;
        let day: Date = day.parse().map_err(|_| Bad::Query)?;
        // Further away no database keeps days, and nobody is born.
        if !(1800..=2200).contains(&day.year()) {
            return Err(Bad::Query);
        }
        let next = || day.tomorrow().map_err(|_| Bad::Query);
        let before = || day.yesterday().map_err(|_| Bad::Query);
        match operator {
            "eq" => {
                once(&mut self.born_from, day)?;
                once(&mut self.born_to, day)
            }
            "ge" | "gte" => once(&mut self.born_from, day),
            "gt" => once(&mut self.born_from, next()?),
            "le" | "lte" => once(&mut self.born_to, day),
            "lt" => once(&mut self.born_to, before()?),
            _ => Err(Bad::Query),
        }
    }
}

/// An attribute counts once; what would be said of it twice is not guessed at.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Bad> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Bad::Query),
    }
}

/// Whether a text may be looked for: short, and of letters.
pub(crate) fn is_plain(text: &str) -> bool {
    (1..=200).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn one(operator: &str, value: &Value) -> Result<String, Bad> {
    let mut values = texts(operator, value)?;
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err(Bad::Query),
    }
}

fn texts(operator: &str, value: &Value) -> Result<Vec<String>, Bad> {
    let text = |value: &Value| match value {
        Value::String(text) if is_plain(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Bad::Query),
    };
    match (operator, value) {
        ("eq", value) => Ok(vec![text(value)?]),
        ("in", Value::Array(values)) if (1..=MOST_VALUES).contains(&values.len()) => {
            values.iter().map(text).collect()
        }
        _ => Err(Bad::Query),
    }
}
