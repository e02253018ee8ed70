//! What answers state: facts in the words of the registry, a death, where somebody lives.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use kernel::PartialDate;
use law::FactKind;
use registry::event::{Event, EventKind};
use registry::refusal::Fault;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::form::{Answers, Fact, Field, Form, Kind};

/// Kinds of facts of which one holds at a time: a new grade or a new list takes the place of the one
/// before.
pub(crate) const ONE_AT_A_TIME: [&str; 2] = ["disability", "poverty"];

/// Kinds of facts that are over once the answers say otherwise. An illness, a child, somebody cared for
/// are not: those end by a decision of their own.
const ENDING: [&str; 11] = [
    "disability",
    "fostered_in_community",
    "no_supporter",
    "pension",
    "poverty",
    "pregnant",
    "single",
    "stable_income",
    "studying",
    "supporter_on_allowance",
    "without_support",
];

/// Whether of facts of the two kinds only one can hold.
pub(crate) fn excludes(one: &str, other: &str) -> bool {
    one == other && ONE_AT_A_TIME.contains(&one)
}

/// A fact as answers state it.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedFact {
    /// Unique within the form: the code of the field and of the kind, and the row of a group.
    pub key: String,
    /// First day.
    pub from: Date,
    /// Last day, if the answers say one.
    pub to: Option<Date>,
    /// What. Of somebody cared for, `person` is their ID number.
    pub kind: FactKind,
}

/// Everything answers state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stated {
    /// Facts, in the order of the form.
    pub facts: Vec<StatedFact>,
    /// Day of death.
    pub death: Option<Date>,
    /// Kinds of facts the answers say are not true.
    pub denied: Vec<String>,
    /// Lives in a specially difficult area; no fact of the registry, only asked by the assessment.
    pub difficult_area: bool,
}

impl Stated {
    /// ID numbers of the people cared for.
    pub fn cared(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().filter_map(|fact| match &fact.kind {
            FactKind::CaresFor(cared) => Some(cared.person.as_str()),
            _ => None,
        })
    }

    /// The last day of a fact that is known and goes on, when the answers of a dossier submitted on the
    /// day end it: a fact that takes its place begins, or the answers deny it.
    pub fn last_day(&self, known: &FactKind, since: Date, submitted: Date) -> Option<Date> {
        let (code, variant) = (registry::fact::code(known), registry::fact::variant(known));
        let replaces = |stated: &&StatedFact| {
            excludes(registry::fact::code(&stated.kind), code)
                && registry::fact::variant(&stated.kind) != variant
                && since < stated.from
        };
        let begins = self.facts.iter().filter(replaces).map(|it| it.from).min();
        let denied = self.denied.iter().any(|kind| kind == code) && since < submitted;
        let next = begins.or(denied.then_some(submitted))?;
        next.checked_sub(1.day()).ok()
    }
}

/// What checked answers of a dossier submitted on a day state.
///
/// # Errors
/// The field whose answers make no fact.
pub fn stated(form: &Form, answers: &Answers, submitted: Date) -> Result<Stated, Fault> {
    let mut stated = Stated::default();
    for field in form.fields() {
        for fact in &field.facts {
            let rows = rows(field, answers);
            for (at, row) in rows.iter().enumerate() {
                let whole = matches!(field.kind, Kind::Group { .. });
                let key = match whole {
                    true => format!("{}.{at}.{}", field.code, fact.kind),
                    false => format!("{}.{}", field.code, fact.kind),
                };
                if whole || holds(field, fact, row) {
                    state(&mut stated, fact, row, key, submitted)?;
                } else if ENDING.contains(&fact.kind.as_str()) && denies(field, row) {
                    stated.denied.push(fact.kind.clone());
                }
            }
        }
    }
    let told = |kind: &String| {
        let mut facts = stated.facts.iter();
        facts.any(|it| registry::fact::code(&it.kind) == kind)
    };
    let denied = stated.denied.iter().filter(|kind| !told(kind));
    stated.denied = denied.cloned().collect();
    Ok(stated)
}

/// Whether the field is answered otherwise, or not asked because of what another one is answered.
fn denies(field: &Field, row: &BTreeMap<String, String>) -> bool {
    let asked = match &field.shown_if {
        Some(shown) => match row.get(&shown.field) {
            Some(answer) => shown.is.contains(answer),
            None => return false,
        },
        None => true,
    };
    !asked || row.contains_key(&field.code)
}

/// The answers a fact of the field is made of: every row of a group, or all answers as one row.
fn rows(field: &Field, answers: &Answers) -> Vec<BTreeMap<String, String>> {
    if let Kind::Group { .. } = field.kind {
        return answers.rows(&field.code).to_vec();
    }
    let texts = answers.iter().filter_map(|(code, _)| {
        let text = answers.text(code)?;
        Some((code.to_owned(), text.to_owned()))
    });
    vec![texts.collect()]
}

fn holds(field: &Field, fact: &Fact, row: &BTreeMap<String, String>) -> bool {
    row.get(&field.code)
        .is_some_and(|answer| fact.when.is_empty() || fact.when.contains(answer))
}

fn state(
    stated: &mut Stated,
    fact: &Fact,
    row: &BTreeMap<String, String>,
    key: String,
    submitted: Date,
) -> Result<(), Fault> {
    let day = |code: &Option<String>| {
        let text = row.get(code.as_ref()?)?;
        text.parse().ok().map(PartialDate::assumed_day)
    };
    let from = day(&fact.since);
    match fact.kind.as_str() {
        "died" => stated.death = from,
        "difficult_area" => stated.difficult_area = true,
        _ => {
            let kind = kind(fact, row, &key)?;
            stated.facts.push(StatedFact {
                key,
                from: from.unwrap_or(submitted),
                to: day(&fact.until),
                kind,
            });
        }
    }
    Ok(())
}

/// The fact in the registry's own reading of it.
fn kind(fact: &Fact, row: &BTreeMap<String, String>, key: &str) -> Result<FactKind, Fault> {
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!(fact.kind));
    for (name, value) in &fact.set {
        body.insert(name.clone(), json!(value));
    }
    for (name, code) in &fact.fields {
        if let Some(answer) = row.get(code) {
            body.insert(name.clone(), json!(answer));
        }
    }
    let event = json!({
        "event_id": Uuid::nil(), "kind": "fact_started", "person": "x", "source": "form",
        "effective": "2000-01-01", "fact_id": "x", "fact": Value::Object(body),
    });
    let read = Event::parse(event.to_string().as_bytes());
    let refuse = |code, message: String| Fault::new(key.to_owned(), code, message);
    match read
        .map_err(|fault| refuse(fault.code, fault.message))?
        .kind
    {
        EventKind::FactStarted { fact, .. } => Ok(fact),
        _ => Err(refuse("no_fact", "không phải một tình trạng".to_owned())),
    }
}
