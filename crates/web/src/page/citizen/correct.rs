//! Correcting the answers of a dossier while the office asks for something: all of them, and one question
//! to a page. What is corrected is sent with the answer to what was asked.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use casework::citizen::{Filed, correct, filed};
use casework::form::{Answers, Kind};

use super::super::{Page, page, refused_page};
use super::Verified;
use super::check::in_words;
use super::question::{Place, Wanted, alone, given, question, questions};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;

const BASE: &str = "/tra-cuu/ho-so/to-khai";

/// A question with its answer in words.
struct Line {
    code: String,
    label: String,
    words: Vec<String>,
}

#[derive(Template)]
#[template(path = "citizen_correct.html")]
struct CorrectPage {
    frame: Frame,
    lines: Vec<Line>,
    corrected: Vec<String>,
}

/// The answers while something is asked.
async fn asked(server: &Server, verified: &Verified) -> Result<Filed, Failure> {
    let found = filed(&server.pool, &server.clock, &verified.0).await?;
    found.ok_or_else(|| {
        let message =
            "Lúc này không sửa tờ khai được: xã chưa đề nghị, hoặc hồ sơ không có tờ khai";
        Failure::refused("nothing_asked", message)
    })
}

fn place(filed: &Filed) -> Place<'_> {
    let mut all = questions(filed.form, &filed.shown);
    all.retain(|(_, field)| filed.is_open(field));
    Place {
        base: BASE,
        overview: BASE,
        questions: all,
        in_turn: false,
    }
}

/// `GET /tra-cuu/ho-so/to-khai`.
pub(crate) async fn overview(State(server): State<Server>, verified: Verified) -> Page {
    let filed = asked(&server, &verified).await?;
    let lines = place(&filed).questions.into_iter().map(|(_, field)| Line {
        code: field.code.clone(),
        label: field.label.clone(),
        words: in_words(field, &filed.shown),
    });
    page(&CorrectPage {
        frame: Frame::outside(&server),
        lines: lines.collect(),
        corrected: filed.corrected.clone(),
    })
}

/// The answers as a question shows them: an ID number is typed anew.
fn to_type(filed: &Filed, code: &str) -> Answers {
    let mut answers = filed.shown.clone();
    let is_number = |kind: &Kind| *kind == Kind::IdNumber;
    if filed.form.field(code).is_some_and(|it| is_number(&it.kind)) {
        answers.remove(code);
    }
    answers
}

/// `GET /tra-cuu/ho-so/to-khai/{câu}`.
pub(crate) async fn show(
    State(server): State<Server>,
    verified: Verified,
    Path(code): Path<String>,
) -> Page {
    let filed = asked(&server, &verified).await?;
    let (place, answers) = (place(&filed), to_type(&filed, &code));
    let wanted = Wanted::default();
    page(&question(
        &server,
        &place,
        &code,
        &answers,
        &wanted,
        Vec::new(),
    )?)
}

/// `POST /tra-cuu/ho-so/to-khai/{câu}`: keeps the answer beside the dossier.
pub(crate) async fn answer(
    State(server): State<Server>,
    verified: Verified,
    Path(code): Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Page {
    let filed = asked(&server, &verified).await?;
    let place = place(&filed);
    let found = place.questions.iter().find(|(_, field)| field.code == code);
    let (section, field) = found.ok_or_else(Failure::not_found)?;
    let answers = filed.with(field, given(&code, &sent));
    let today = server.clock.today();
    match filed
        .form
        .check_section(&alone(section, field), &answers, today)
    {
        Ok(kept) => {
            correct(&server.pool, &server.clock, &verified.0, &filed, &kept).await?;
            Ok(Redirect::to(BASE).into_response())
        }
        Err(faults) => {
            let faults = faults.into_iter();
            let faults = faults.map(|it| (it.field.into_owned(), sentence(&it.message)));
            let (faults, wanted) = (faults.collect(), Wanted::default());
            let shown = given(&code, &sent);
            refused_page(&question(&server, &place, &code, &shown, &wanted, faults)?)
        }
    }
}
