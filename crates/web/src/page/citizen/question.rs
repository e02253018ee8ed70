//! One question of an application to a page.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use casework::form::{Answers, Field, Form as Asked, Kind, Section};
use kernel::area::Areas;
use kernel::ethnic_group::ethnic_groups;
use serde::Deserialize;

use super::super::{Page, page, refused_page};
use super::apply::Applicant;
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;

/// Empty rows offered beside those filled in.
const MORE_ROWS: usize = 2;

/// The questions asked beside the answers so far, in order: first who fills it in.
pub(super) fn questions<'a>(form: &'a Asked, answers: &Answers) -> Vec<(&'a Section, &'a Field)> {
    let (first, rest): (Vec<&Section>, Vec<&Section>) = form
        .sections
        .iter()
        .partition(|section| section.code == "declarant");
    let sections = first.into_iter().chain(rest);
    let all = sections.flat_map(|section| section.fields.iter().map(move |field| (section, field)));
    all.filter(|(_, field)| field.is_shown(answers)).collect()
}

/// An answer to be written.
struct Entry {
    name: String,
    label: String,
    value: String,
    /// What there is to choose from.
    options: Vec<(String, String)>,
    fault: Option<String>,
}

/// How a question is answered.
enum Ask {
    /// In one line.
    Line { mode: &'static str },
    /// By choosing one of few.
    Choose(Vec<(String, String)>),
    /// By choosing one of many.
    Pick(Vec<(String, String)>),
    /// The commune, after its province.
    Commune {
        provinces: Vec<(String, String)>,
        province: String,
        communes: Vec<(String, String)>,
    },
    /// Several rows.
    Rows(Vec<Vec<Entry>>),
}

/// Where questions are asked.
pub(super) struct Place<'a> {
    /// What stands before the code of a question in its address.
    pub(super) base: &'static str,
    /// The page of all answers.
    pub(super) overview: &'static str,
    /// Those that are asked.
    pub(super) questions: Vec<(&'a Section, &'a Field)>,
    /// One after the other, and to be left for later.
    pub(super) in_turn: bool,
}

/// In an application.
fn applying<'a>(form: &'a Asked, answers: &Answers) -> Place<'a> {
    Place {
        base: "/nop-ho-so/cau",
        overview: "/nop-ho-so/kiem-tra",
        questions: questions(form, answers),
        in_turn: true,
    }
}

#[derive(Template)]
#[template(path = "question.html")]
pub(super) struct QuestionPage {
    frame: Frame,
    base: &'static str,
    overview: &'static str,
    in_turn: bool,
    section: String,
    code: String,
    label: String,
    help: Option<String>,
    required: bool,
    ask: Ask,
    value: String,
    faults: Vec<String>,
    number: usize,
    count: usize,
    before: Option<String>,
    /// Back to checking afterwards.
    checking: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    pub(super) sua: String,
    pub(super) tinh: String,
}

/// `GET /nop-ho-so/cau`: the first question.
pub(crate) async fn first(applicant: Applicant) -> Page {
    let form = applicant.form()?;
    let questions = questions(form, &applicant.draft.answers);
    let (_, field) = questions.first().ok_or_else(Failure::not_found)?;
    Ok(Redirect::to(&format!("/nop-ho-so/cau/{}", field.code)).into_response())
}

/// `GET /nop-ho-so/cau/{câu}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
    applicant: Applicant,
) -> Page {
    let answers = &applicant.draft.answers;
    let place = applying(applicant.form()?, answers);
    page(&question(
        &server,
        &place,
        &code,
        answers,
        &wanted,
        Vec::new(),
    )?)
}

pub(super) fn question(
    server: &Server,
    place: &Place<'_>,
    code: &str,
    answers: &Answers,
    wanted: &Wanted,
    faults: Vec<(String, String)>,
) -> Result<QuestionPage, Failure> {
    let questions = &place.questions;
    let at = questions.iter().position(|(_, field)| field.code == code);
    let at = at.ok_or_else(Failure::not_found)?;
    let (section, field) = questions[at];
    let kept = answers.text(code).unwrap_or_default();
    let frame = Frame::outside(server);
    let before = at.checked_sub(1).filter(|_| place.in_turn);
    Ok(QuestionPage {
        base: place.base,
        overview: place.overview,
        in_turn: place.in_turn,
        frame: match faults.is_empty() {
            true => frame,
            false => frame.failed(),
        },
        section: section.title.clone(),
        code: code.to_owned(),
        label: field.label.clone(),
        help: field.help.clone().filter(|_| field.kind != Kind::Area),
        required: field.required,
        ask: ask(server, field, answers, wanted, &faults),
        value: match field.kind {
            Kind::Day | Kind::PartialDay => field.words(kept),
            _ => kept.to_owned(),
        },
        faults: faults.into_iter().map(|(_, why)| why).collect(),
        number: at + 1,
        count: questions.len(),
        before: before.map(|at| questions[at].1.code.clone()),
        checking: wanted.sua == "1",
    })
}

fn ask(
    server: &Server,
    field: &Field,
    answers: &Answers,
    wanted: &Wanted,
    faults: &[(String, String)],
) -> Ask {
    match &field.kind {
        Kind::Group { fields, most } => {
            let filled = answers.rows(&field.code);
            let count = (filled.len() + MORE_ROWS).min(*most);
            let entry = |at: usize, inner: &Field| {
                let name = format!("{}.{at}.{}", field.code, inner.code);
                let kept = filled.get(at).and_then(|row| row.get(&inner.code));
                let fault = faults.iter().find(|(place, _)| *place == name);
                Entry {
                    label: inner.label.clone(),
                    value: kept.map(|kept| written(inner, kept)).unwrap_or_default(),
                    options: options(inner),
                    fault: fault.map(|(_, why)| why.clone()),
                    name,
                }
            };
            let row = |at| fields.iter().map(|inner| entry(at, inner)).collect();
            Ask::Rows((0..count).map(row).collect())
        }
        Kind::Area => commune(server, answers.text(&field.code), &wanted.tinh),
        Kind::Ethnicity => Ask::Pick(options(field)),
        Kind::YesNo | Kind::Choice { .. } => Ask::Choose(options(field)),
        Kind::Number | Kind::Money | Kind::IdNumber => Ask::Line { mode: "numeric" },
        Kind::Text | Kind::Day | Kind::PartialDay => Ask::Line { mode: "text" },
    }
}

/// A kept answer as it is typed.
fn written(field: &Field, kept: &str) -> String {
    match field.kind {
        Kind::Day | Kind::PartialDay => field.words(kept),
        _ => kept.to_owned(),
    }
}

fn options(field: &Field) -> Vec<(String, String)> {
    let pair = |code: &str, label: &str| (code.to_owned(), label.to_owned());
    match &field.kind {
        Kind::YesNo => vec![pair("yes", "Có"), pair("no", "Không")],
        Kind::Choice { choices } => choices.iter().map(|it| pair(&it.code, &it.label)).collect(),
        Kind::Ethnicity => ethnic_groups()
            .iter()
            .map(|it| pair(it.code, it.name))
            .collect(),
        _ => Vec::new(),
    }
}

fn commune(server: &Server, kept: Option<&str>, wanted: &str) -> Ask {
    let (areas, today) = (Areas::embedded(), server.clock.today());
    let pair = |area: &kernel::area::Area| (area.code.to_owned(), area.full_name.clone());
    let kept = kept.and_then(|code| areas.on(code, today));
    let province = match wanted {
        "" => kept.map(|area| areas.province_of(area).code.to_owned()),
        code => Some(code.to_owned()),
    };
    let province = province.unwrap_or_default();
    let inside = areas.all().iter().filter(|area| {
        area.lowest && area.exists_on(today) && areas.province_of(area).code == province
    });
    let mut communes: Vec<(String, String)> = inside.map(pair).collect();
    communes.sort_by(|one, other| one.1.cmp(&other.1));
    let all = areas.all().iter();
    let provinces = all.filter(|area| area.parent.is_none() && area.exists_on(today));
    Ask::Commune {
        provinces: provinces.map(pair).collect(),
        province,
        communes,
    }
}

/// `POST /nop-ho-so/cau/{câu}`: keeps the answer and goes on to the next question.
pub(crate) async fn answer(
    State(server): State<Server>,
    Path(code): Path<String>,
    applicant: Applicant,
    Form(sent): Form<Vec<(String, String)>>,
) -> Page {
    let form = applicant.form()?;
    let before = &applicant.draft.answers;
    let all = questions(form, before);
    let found = all.iter().find(|(_, field)| field.code == code);
    let (section, field) = found.ok_or_else(Failure::not_found)?;
    let checking = sent
        .iter()
        .any(|(name, value)| name == "sua" && value == "1");
    let mut answers = before.clone();
    answers.remove(&code);
    answers.extend(given(&code, &sent));
    let one = alone(section, field);
    let today = server.clock.today();
    match form.check_section(&one, &answers, today) {
        Ok(kept) => {
            applicant.save(&server, &kept).await?;
            let place = match checking {
                true => "/nop-ho-so/kiem-tra".to_owned(),
                false => after(&questions(form, &kept), &code),
            };
            Ok(Redirect::to(&place).into_response())
        }
        Err(faults) => {
            let faults = faults.into_iter();
            let faults = faults.map(|it| (it.field.into_owned(), sentence(&it.message)));
            let wanted = Wanted {
                sua: if checking { "1" } else { "" }.to_owned(),
                tinh: String::new(),
            };
            let faults = faults.collect();
            let place = applying(form, &answers);
            refused_page(&question(
                &server, &place, &code, &answers, &wanted, faults,
            )?)
        }
    }
}

/// What was sent in answer to a question.
pub(super) fn given(code: &str, sent: &[(String, String)]) -> Answers {
    let own = |name: &str| name.split('.').next() == Some(code);
    let given = sent.iter().filter(|(name, _)| own(name));
    Answers::of_fields(given.map(|(name, value)| (name.as_str(), value.as_str())))
}

/// A question as a section of its own, to be checked alone.
pub(super) fn alone(section: &Section, field: &Field) -> Section {
    Section {
        code: section.code.clone(),
        title: section.title.clone(),
        fields: vec![field.clone()],
    }
}

/// The page after a question.
fn after(questions: &[(&Section, &Field)], code: &str) -> String {
    let mut rest = questions.iter().skip_while(|(_, field)| field.code != code);
    match rest.nth(1) {
        Some((_, field)) => format!("/nop-ho-so/cau/{}", field.code),
        None => "/nop-ho-so/giay-to".to_owned(),
    }
}
