//! Questions of a form as a page asks them, without any script.

use casework::form::{Answers, Field, Form, Kind, Section};

/// How many empty rows a group offers.
const EMPTY_ROWS: usize = 2;

/// One question on a page.
pub(crate) struct Question {
    /// Name of the field in the request: `children.0.birth_date`.
    pub name: String,
    /// Its place on the page, for labels and links.
    pub place: String,
    pub label: String,
    pub hints: Vec<String>,
    pub value: String,
    /// What may be chosen: code, words, whether it is chosen. Empty where anything may be written.
    pub options: Vec<(String, String, bool)>,
    /// Digits are written.
    pub numeric: bool,
    pub error: Option<String>,
}

/// A question, or a group of rows of questions.
pub(crate) enum Asked {
    One(Question),
    Rows {
        place: String,
        label: String,
        hints: Vec<String>,
        error: Option<String>,
        rows: Vec<Vec<Question>>,
    },
}

/// The place of a field on the page.
pub(crate) fn place(name: &str) -> String {
    format!("m-{}", name.replace('.', "-"))
}

/// The questions of a section with the answers so far. What stands on an answer of the same section
/// is asked with a hint; what stands on an earlier answer that was not given is left out.
pub(crate) fn of_section(
    form: &Form,
    section: &Section,
    answers: &Answers,
    faults: &[(String, String)],
) -> Vec<Asked> {
    let inside = |code: &str| section.fields.iter().any(|field| field.code == *code);
    let asked = section.fields.iter().filter(|field| {
        let here = field
            .shown_if
            .as_ref()
            .is_some_and(|shown| inside(&shown.field));
        here || field.is_shown(answers)
    });
    asked
        .map(|field| of_field(form, field, answers, faults))
        .collect()
}

fn of_field(form: &Form, field: &Field, answers: &Answers, faults: &[(String, String)]) -> Asked {
    let mut hints: Vec<String> = field.help.iter().cloned().collect();
    if let Some(shown) = &field.shown_if
        && let Some(other) = form.field(&shown.field)
    {
        let said: Vec<String> = shown.is.iter().map(|code| other.words(code)).collect();
        let said = match said.len() {
            0..=3 => said.join(" / "),
            _ => format!("{} …", said[..3].join(" / ")),
        };
        hints.push(format!("Chỉ trả lời khi “{}” là: {said}.", other.label));
    }
    let Kind::Group { fields, most } = &field.kind else {
        let value = answers.text(&field.code).unwrap_or_default();
        return Asked::One(question(field, field.code.clone(), value, hints, faults));
    };
    let given = answers.rows(&field.code);
    let count = (given.len() + EMPTY_ROWS).min(*most);
    let row = |at: usize| {
        let one = |inner: &Field| {
            let name = format!("{}.{at}.{}", field.code, inner.code);
            let value = given.get(at).and_then(|row| row.get(&inner.code));
            let hints = inner.help.iter().cloned().collect();
            question(inner, name, value.map_or("", String::as_str), hints, faults)
        };
        fields.iter().map(one).collect()
    };
    let place = place(&field.code);
    Asked::Rows {
        label: field.label.clone(),
        error: fault(faults, &place),
        rows: (0..count).map(row).collect(),
        place,
        hints,
    }
}

fn question(
    field: &Field,
    name: String,
    value: &str,
    hints: Vec<String>,
    faults: &[(String, String)],
) -> Question {
    let codes: Vec<&str> = match &field.kind {
        Kind::YesNo => vec!["yes", "no"],
        Kind::Choice { choices } => choices.iter().map(|choice| choice.code.as_str()).collect(),
        _ => Vec::new(),
    };
    let option = |code: &str| (code.to_owned(), field.words(code), code == value);
    // Days are shown as people write them; a value that is none stays as it was given.
    let value = match &field.kind {
        Kind::Day | Kind::PartialDay if value.contains('-') => field.words(value),
        _ => value.to_owned(),
    };
    let place = place(&name);
    Question {
        label: match field.required {
            true => field.label.clone(),
            false => format!("{} (không bắt buộc)", field.label),
        },
        options: codes.into_iter().map(option).collect(),
        numeric: matches!(
            field.kind,
            Kind::Number | Kind::Money | Kind::IdNumber | Kind::Area
        ),
        error: fault(faults, &place),
        name,
        place,
        hints,
        value,
    }
}

fn fault(faults: &[(String, String)], place: &str) -> Option<String> {
    let found = faults.iter().find(|(at, _)| at == place);
    found.map(|(_, why)| why.clone())
}
