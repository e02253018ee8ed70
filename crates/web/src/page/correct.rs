//! Answers of a dossier corrected after a supplement was asked for: all questions with what was
//! answered, what would change, saved as a new version.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, State};
use axum::{Extension, Form};
use casework::answered::{self, Answered};
use casework::correct::{self, CorrectError, Correction};
use casework::form::{Answer, Answers, Changed};
use casework::{Teller, act};
use uuid::Uuid;

use super::counter::question::{Asked, of_section};
use super::counter::told;
use super::{Page, page, refused_page};
use crate::Server;
use crate::address::encode;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

/// Fields of the form that are no answers.
const OWN: [&str; 4] = ["khoa", "ban", "viec", "xong_bo_sung"];

/// The questions of one section, under its title.
struct Part {
    title: &'static str,
    questions: Vec<Asked>,
}

#[derive(Template)]
#[template(path = "correct.html")]
struct CorrectPage {
    frame: Frame,
    answered: Answered,
    parts: Vec<Part>,
    faults: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "correct_check.html")]
struct CheckPage {
    frame: Frame,
    dossier: String,
    version: i32,
    changes: Vec<Changed>,
    /// The answers once more, to be sent again.
    fields: Vec<(String, String)>,
    /// Whether the supplement is awaited, so that it may be told as come.
    awaited: bool,
    key: String,
}

/// `GET /ho-so/{dossier}/to-khai/sua`. Looking is recorded in the audit log.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
) -> Page {
    let standing = act::standing(&server.pool, &who.actor, &code).await?;
    if !correct::is_open(&server.pool, &code, &standing.course).await? {
        return Err(CorrectError::NotNow.into());
    }
    page(&correct_page(&server, &who, &code, None, Vec::new()).await?)
}

async fn correct_page(
    server: &Server,
    who: &SignedIn,
    code: &str,
    given: Option<&Answers>,
    faults: Vec<(String, String)>,
) -> Result<CorrectPage, Failure> {
    let found = answered::read(&server.pool, &who.actor, &server.clock, code).await?;
    let answered = found.ok_or_else(Failure::not_found)?;
    let form = answered.form;
    let answers = given.unwrap_or(&answered.answers);
    let part = |section: &'static casework::form::Section| Part {
        title: &section.title,
        questions: of_section(form, section, answers, &faults),
    };
    let frame = Frame::inside(server, who, Section::Work);
    Ok(CorrectPage {
        frame: match faults.is_empty() {
            true => frame,
            false => frame.failed(),
        },
        parts: form.sections.iter().map(part).collect(),
        answered,
        faults,
    })
}

/// `POST /ho-so/{dossier}/to-khai/sua`: what would change, filled in again, or saved.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Page {
    let field = |name: &str| {
        let mut fields = fields.iter();
        let found = fields.find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let answers = fields
        .iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()));
    let answers = Answers::of_fields(answers.map(|(name, value)| (name.as_str(), value.as_str())));
    let again = async |faults: Vec<(String, String)>| {
        let shown = correct_page(&server, &who, &code, Some(&answers), faults).await?;
        match shown.faults.is_empty() {
            true => page(&shown),
            false => refused_page(&shown),
        }
    };
    if field("viec") == "sua" {
        return again(Vec::new()).await;
    }
    let key = Uuid::parse_str(field("khoa")).unwrap_or_else(|_| Uuid::new_v4());
    let correction = Correction {
        dossier: &code,
        seen: field("ban").parse().unwrap_or_default(),
        answers: &answers,
        allows_gaps: false,
        completes: field("xong_bo_sung") == "co",
        key,
    };
    if field("viec") != "ghi" {
        return match check_page(&server, &who, &correction).await {
            Ok(shown) => page(&shown),
            Err(error) => match faults_of(&error) {
                Some(faults) => again(faults).await,
                None => Err(error.into()),
            },
        };
    }
    let mut faults = None;
    let work = async {
        let telling = (Teller::Office, &who.actor, &server.clock);
        match correct::correct(&server.pool, telling, &correction).await {
            Ok(_) => Ok(format!("/ho-so/{}?xong=sua", encode(&code))),
            Err(error) => {
                faults = faults_of(&error);
                Err(error.into())
            }
        }
    };
    let text = format!("{answers:?} {}", correction.completes);
    let request = ["correct", &code, field("ban"), &text];
    let done = form_once(&server, &who.actor, field("khoa"), &request, work).await;
    match (done, faults) {
        (Err(failure), Some(faults)) if failure.is_refusal() => again(faults).await,
        (done, _) => done,
    }
}

async fn check_page(
    server: &Server,
    who: &SignedIn,
    correction: &Correction<'_>,
) -> Result<CheckPage, CorrectError> {
    let telling = (Teller::Office, &who.actor, &server.clock);
    let changes = correct::preview(&server.pool, telling, correction).await?;
    let standing = act::standing(&server.pool, &who.actor, correction.dossier).await?;
    Ok(CheckPage {
        frame: Frame::inside(server, who, Section::Work),
        dossier: correction.dossier.to_owned(),
        version: correction.seen,
        changes,
        fields: sent_again(correction.answers),
        awaited: standing.course.status() == casework::Status::SupplementAsked,
        key: form_key(),
    })
}

/// What is wrong, beside the fields; `None` of what the form cannot mend.
fn faults_of(error: &CorrectError) -> Option<Vec<(String, String)>> {
    match error {
        CorrectError::Answers(faults) => Some(told(faults)),
        CorrectError::NothingChanged
        | CorrectError::ChangedMeanwhile
        | CorrectError::NotNow
        | CorrectError::Step(_) => Some(vec![("to-khai".to_owned(), sentence(&error.to_string()))]),
        _ => None,
    }
}

/// Answers as fields of a form.
fn sent_again(answers: &Answers) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (code, answer) in answers.iter() {
        match answer {
            Answer::Text(text) => fields.push((code.to_owned(), text.clone())),
            Answer::Rows(rows) => {
                for (at, row) in rows.iter().enumerate() {
                    let inner = row.iter();
                    fields.extend(
                        inner.map(|(inner, text)| (format!("{code}.{at}.{inner}"), text.clone())),
                    );
                }
            }
        }
    }
    fields
}

impl From<CorrectError> for Failure {
    fn from(error: CorrectError) -> Failure {
        match error {
            CorrectError::Dossier(refused) => refused.into(),
            CorrectError::Failed(error) => error.into(),
            CorrectError::NoForm => Failure::not_found(),
            CorrectError::Answers(faults) => {
                let errors = faults.iter().map(|fault| {
                    serde_json::json!({"field": fault.field, "code": fault.code,
                                       "message": sentence(&fault.message)})
                });
                let message = "Tờ khai có mục chưa đúng";
                Failure::refused("answers_refused", message).with_errors(errors.collect())
            }
            told => Failure::refused(told.code(), sentence(&told.to_string())),
        }
    }
}
