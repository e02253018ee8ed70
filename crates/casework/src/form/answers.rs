//! Answers to a form.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::PartialDate;
use serde::{Deserialize, Serialize};

/// Most answers, and most rows of a group, that are read from a request at all.
const MOST: usize = 500;
const MOST_ROWS: usize = 50;

/// Answers by the code of their field: as they were given, or, out of [`super::Form::check`], in the
/// writing in which they are kept. Kept as JSON.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, Answer>);

/// One answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// A text; each kind of field says how it is written.
    Text(String),
    /// The rows of a group.
    Rows(Vec<BTreeMap<String, String>>),
}

impl Answers {
    /// Reads the fields of a form as browsers send them: `full_name`, and `children.0.birth_date`
    /// for the first row of a group. What is too much is left out.
    pub fn of_fields<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Answers {
        let mut answers = Answers::default();
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        let fields = fields.into_iter().take(MOST);
        for (name, value) in fields.filter(|(name, _)| name.bytes().all(sign)) {
            match name.split('.').collect::<Vec<_>>()[..] {
                [""] => {}
                [code] => answers.set(code, value),
                ["", ..] => {}
                [group, row, code] => match row.parse::<usize>() {
                    Ok(row) if row < MOST_ROWS => answers.set_in_row(group, row, code, value),
                    _ => {}
                },
                _ => {}
            }
        }
        answers
    }

    /// Sets a text; an empty one takes the answer away.
    pub fn set(&mut self, code: &str, text: &str) {
        match storable(text).trim() {
            "" => drop(self.0.remove(code)),
            text => drop(
                self.0
                    .insert(code.to_owned(), Answer::Text(text.to_owned())),
            ),
        }
    }

    fn set_in_row(&mut self, group: &str, row: usize, code: &str, text: &str) {
        let entry = self.0.entry(group.to_owned());
        let Answer::Rows(rows) = entry.or_insert_with(|| Answer::Rows(Vec::new())) else {
            return;
        };
        if rows.len() <= row {
            rows.resize_with(row + 1, BTreeMap::new);
        }
        match storable(text).trim() {
            "" => drop(rows[row].remove(code)),
            text => drop(rows[row].insert(code.to_owned(), text.to_owned())),
        }
    }

    /// Sets the rows of a group; none takes the answer away.
    pub fn set_rows(&mut self, group: &str, rows: Vec<BTreeMap<String, String>>) {
        match rows.is_empty() {
            true => drop(self.0.remove(group)),
            false => drop(self.0.insert(group.to_owned(), Answer::Rows(rows))),
        }
    }

    /// Takes an answer away.
    pub fn remove(&mut self, code: &str) {
        self.0.remove(code);
    }

    /// Answers a field as the others do, also with nothing.
    pub fn take(&mut self, code: &str, others: &Answers) {
        self.put(code, others.0.get(code).cloned());
    }

    /// Answers a field with an answer, or with nothing.
    pub fn put(&mut self, code: &str, answer: Option<Answer>) {
        match answer {
            Some(Answer::Text(text)) => self.set(code, &text),
            Some(Answer::Rows(rows)) => {
                let clean = rows.into_iter().map(|row| {
                    let texts = row.into_iter();
                    let texts = texts.map(|(code, text)| (code, storable(&text).trim().to_owned()));
                    texts.filter(|(_, text)| !text.is_empty()).collect()
                });
                self.set_rows(code, clean.take(MOST_ROWS).collect());
            }
            None => self.remove(code),
        }
    }

    /// The answer of a field.
    pub fn get(&self, code: &str) -> Option<&Answer> {
        self.0.get(code)
    }

    /// Takes over every answer of the others, also those that are empty groups.
    pub fn extend(&mut self, others: Answers) {
        self.0.extend(others.0);
    }

    /// The text of a field.
    pub fn text(&self, code: &str) -> Option<&str> {
        match self.0.get(code)? {
            Answer::Text(text) => Some(text),
            Answer::Rows(_) => None,
        }
    }

    /// The rows of a group; none when it has no answer.
    pub fn rows(&self, group: &str) -> &[BTreeMap<String, String>] {
        match self.0.get(group) {
            Some(Answer::Rows(rows)) => rows,
            _ => &[],
        }
    }

    /// Whether the answer is `yes`.
    pub fn is_yes(&self, code: &str) -> bool {
        self.text(code) == Some("yes")
    }

    /// The day of a field.
    pub fn day(&self, code: &str) -> Option<Date> {
        self.text(code)?.parse().ok()
    }

    /// The day of a field as far as it is known.
    pub fn partial_day(&self, code: &str) -> Option<PartialDate> {
        self.text(code)?.parse().ok()
    }

    /// Whether nothing is answered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answers by code.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.0.iter().map(|(code, answer)| (code.as_str(), answer))
    }
}

/// Without the one sign PostgreSQL keeps in no text.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

impl super::Form {
    /// The answers as those see them who do not work with papers: without sensitive ones, ID
    /// numbers cut to their last digits.
    pub fn masked(&self, answers: &Answers) -> Answers {
        let mut shown = answers.clone();
        for field in self.fields() {
            match (&field.kind, shown.text(&field.code)) {
                _ if field.sensitive => shown.remove(&field.code),
                (super::Kind::IdNumber, Some(number)) => {
                    let masked = kernel::personal_id::masked(number);
                    shown.set(&field.code, &masked);
                }
                _ => {}
            }
        }
        shown
    }
}
