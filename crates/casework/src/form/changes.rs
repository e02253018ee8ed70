//! What differs between two versions of answers, in words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Answer, Answers, Field, Form, Kind};

/// A field that is answered otherwise.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Changed {
    /// Code of the field.
    pub field: String,
    /// What users see above it.
    pub label: String,
    /// The answer before, in words; empty when there was none.
    pub old: String,
    /// The answer now, in words; empty when there is none.
    pub new: String,
}

impl Form {
    /// The fields two versions answer differently, in the order of the form.
    pub fn changes(&self, old: &Answers, new: &Answers) -> Vec<Changed> {
        let changed = self.fields().filter_map(|field| {
            let (before, now) = (words(field, old), words(field, new));
            (before != now).then(|| Changed {
                field: field.code.clone(),
                label: field.label.clone(),
                old: before,
                new: now,
            })
        });
        changed.collect()
    }
}

impl Form {
    /// One answer in the words users see; empty when there is none.
    pub fn in_words(&self, field: &Field, answer: Option<&Answer>) -> String {
        let mut answers = Answers::default();
        answers.put(&field.code, answer.cloned());
        words(field, &answers)
    }
}

fn words(field: &Field, answers: &Answers) -> String {
    let Kind::Group { fields, .. } = &field.kind else {
        let answer = answers.text(&field.code);
        return answer.map_or_else(String::new, |answer| field.words(answer));
    };
    let row = |row: &BTreeMap<String, String>| {
        let told = fields.iter().filter_map(|inner| {
            let answer = row.get(&inner.code)?;
            Some(format!("{}: {}", inner.label, inner.words(answer)))
        });
        told.collect::<Vec<_>>().join(", ")
    };
    let rows: Vec<String> = answers.rows(&field.code).iter().map(row).collect();
    rows.join("; ")
}
