//! The questions of a form, a section a page. What is given is kept at once, also when it is wrong.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use casework::draft::{self, Draft, Owner};
use casework::form::{Answers, Form as Sheet, Kind, Section as Part};
use uuid::Uuid;

use super::question::{Asked, of_section};
use super::{draft_of, told};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::{Page, page, refused_page};

#[derive(Template)]
#[template(path = "counter_questions.html")]
struct QuestionsPage {
    frame: Frame,
    draft: Draft,
    form: &'static Sheet,
    part: &'static Part,
    number: usize,
    questions: Vec<Asked>,
    faults: Vec<(String, String)>,
}

fn questions_page(
    server: &Server,
    who: &SignedIn,
    (draft, form, part): (Draft, &'static Sheet, &'static Part),
    faults: Vec<(String, String)>,
) -> QuestionsPage {
    let frame = Frame::inside(server, who, Section::Counter);
    let number = form.sections.iter().position(|it| it.code == part.code);
    QuestionsPage {
        frame: match faults.is_empty() {
            true => frame,
            false => frame.failed(),
        },
        questions: of_section(form, part, &draft.answers, &faults),
        number: number.unwrap_or_default() + 1,
        draft,
        form,
        part,
        faults,
    }
}

/// `GET /ho-so/moi/{draft}/{section}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((id, section)): Path<(Uuid, String)>,
) -> Page {
    let (draft, form) = draft_of(&server, &who, id).await?;
    let part = form.section(&section).ok_or_else(Failure::not_found)?;
    page(&questions_page(
        &server,
        &who,
        (draft, form, part),
        Vec::new(),
    ))
}

/// `POST /ho-so/moi/{draft}/{section}`: keeps the answers and leads to the next section.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((id, section)): Path<(Uuid, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Page {
    let (mut draft, form) = draft_of(&server, &who, id).await?;
    let part = form.section(&section).ok_or_else(Failure::not_found)?;
    let given = given(part, &fields);
    for field in &part.fields {
        draft.answers.remove(&field.code);
    }
    draft.answers.extend(given);
    let (pool, clock, owner) = (&server.pool, &server.clock, Owner::Officer(&who.actor));
    let checked = form.check_section(part, &draft.answers, clock.today());
    let kept = checked.as_ref().unwrap_or(&draft.answers);
    draft::save(pool, clock, owner, id, kept).await?;
    if let Err(faults) = &checked {
        let faults = told(faults);
        return refused_page(&questions_page(&server, &who, (draft, form, part), faults));
    }
    let later = form
        .sections
        .iter()
        .skip_while(|it| it.code != part.code)
        .nth(1);
    let back = fields
        .iter()
        .any(|(name, value)| name == "ve" && value == "kiem-tra");
    let next = match later.filter(|_| !back) {
        Some(next) => format!("/ho-so/moi/{id}/{}", next.code),
        None => format!("/ho-so/moi/{id}"),
    };
    Ok(Redirect::to(&next).into_response())
}

/// The answers to the section's own questions among the fields of the request.
fn given(part: &Part, fields: &[(String, String)]) -> Answers {
    let of_part = fields.iter().filter(|(name, _)| {
        let (code, rest) = match name.split_once('.') {
            Some((group, _)) => (group, true),
            None => (name.as_str(), false),
        };
        let group = |kind: &Kind| matches!(kind, Kind::Group { .. });
        let mut fields = part.fields.iter();
        fields.any(|field| field.code == code && group(&field.kind) == rest)
    });
    Answers::of_fields(of_part.map(|(name, value)| (name.as_str(), value.as_str())))
}
