//! The form of a dossier as answered, to be read and printed.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use casework::answered::{self, Answered};
use casework::form::{Answers, Form, Kind};

use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::{Page, page};

/// An answer in words.
pub(crate) struct Told {
    pub label: String,
    pub words: String,
}

#[derive(Template)]
#[template(path = "counter_form.html")]
struct FormPage {
    frame: Frame,
    answered: Answered,
    parts: Vec<(String, String, Vec<Told>)>,
}

/// `GET /ho-so/{dossier}/to-khai`. Looking is recorded in the audit log.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
) -> Page {
    let found = answered::read(&server.pool, &who.actor, &server.clock, &code).await?;
    let answered = found.ok_or_else(Failure::not_found)?;
    page(&FormPage {
        frame: Frame::inside(&server, &who, Section::Counter),
        parts: told_answers(answered.form, &answered.answers),
        answered,
    })
}

/// The answers section by section: code, title, what was answered.
pub(crate) fn told_answers(form: &Form, answers: &Answers) -> Vec<(String, String, Vec<Told>)> {
    let of_part = |part: &casework::form::Section| {
        let mut told = Vec::new();
        for field in part.fields.iter().filter(|field| field.is_shown(answers)) {
            if let Kind::Group { fields, .. } = &field.kind {
                for (at, row) in answers.rows(&field.code).iter().enumerate() {
                    let words = fields.iter().filter_map(|inner| {
                        let answer = row.get(&inner.code)?;
                        Some(format!("{}: {}", inner.label, inner.words(answer)))
                    });
                    told.push(Told {
                        label: format!("{} {}", field.label, at + 1),
                        words: words.collect::<Vec<_>>().join("; "),
                    });
                }
            } else if let Some(answer) = answers.text(&field.code) {
                told.push(Told {
                    label: field.label.clone(),
                    words: field.words(answer),
                });
            }
        }
        (part.code.clone(), part.title.clone(), told)
    };
    form.sections.iter().map(of_part).collect()
}
