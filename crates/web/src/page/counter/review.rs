//! Everything once more before it is submitted: the answers, the papers to be shown, what the law
//! says.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use casework::Channel;
use casework::draft::{self, Draft, Owner};
use casework::eligibility::{self, Eligibility};
use casework::form::Form as Sheet;
use casework::open::{OpenDossier, open_of};
use casework::procedure;
use casework::submit::{Application, SubmitError, submit};
use exchange::repeat::{Sent, Whom, sent_already};
use law::Benefit;
use serde::Deserialize;
use uuid::Uuid;

use super::form::{Told, told_answers};
use super::{draft_of, told};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::page::{Page, page, refused_page};

#[derive(Template)]
#[template(path = "counter_review.html")]
struct ReviewPage {
    frame: Frame,
    draft: Draft,
    form: &'static Sheet,
    parts: Vec<(String, String, Vec<Told>)>,
    law: Eligibility,
    open: Vec<OpenDossier>,
    sent: Vec<Sent>,
    key: String,
    faults: Vec<String>,
}

impl ReviewPage {
    /// Whether it is the benefit asked for.
    fn is_asked(&self, benefit: &Benefit) -> bool {
        self.draft.subject.benefit == Some(*benefit)
    }

    fn procedure(&self) -> &str {
        procedure::name(&self.draft.subject.procedure)
    }
}

async fn review_page(
    server: &Server,
    who: &SignedIn,
    (draft, form): (Draft, &'static Sheet),
    faults: Vec<String>,
) -> Result<ReviewPage, Failure> {
    let (pool, clock) = (&server.pool, &server.clock);
    let frame = Frame::inside(server, who, Section::Counter);
    let in_force = server.law.in_force(clock.today());
    let person = draft.subject.person;
    // What is asked of the law are answers as they are kept.
    let answers = form.check(&draft.answers, clock.today());
    let answers = answers.as_ref().unwrap_or(&draft.answers);
    let asked = (form, answers, person);
    let people: Vec<_> = person.into_iter().collect();
    let number = draft.answers.text("id_number").unwrap_or_default();
    let said = |field: &str| answers.text(field).map(str::to_owned);
    let whom = Whom {
        person,
        id_number: said("id_number"),
        full_name: said("full_name"),
        birth_date: said("birth_date"),
    };
    let procedure = &draft.subject.procedure;
    let sent = sent_already(pool, &who.actor, clock, procedure, &[whom]).await?;
    let mut open = open_of(pool, &who.actor, &people, number).await?;
    open.retain(|open| {
        sent.iter()
            .all(|it| it.dossier.as_ref() != Some(&open.dossier))
    });
    Ok(ReviewPage {
        frame: match faults.is_empty() {
            true => frame,
            false => frame.failed(),
        },
        parts: told_answers(form, &draft.answers),
        law: eligibility::ask(pool, &who.actor, clock, &in_force, asked).await?,
        open,
        sent,
        key: form_key(),
        draft,
        form,
        faults,
    })
}

/// `GET /ho-so/moi/{draft}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<Uuid>,
) -> Page {
    let found = draft_of(&server, &who, id).await?;
    page(&review_page(&server, &who, found, Vec::new()).await?)
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    /// `nop` or `bo`.
    viec: String,
}

/// `POST /ho-so/moi/{draft}`: submits and receives the dossier, or gives the draft up.
pub(crate) async fn act(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<Uuid>,
    Form(order): Form<Order>,
) -> Page {
    let owner = Owner::Officer(&who.actor);
    if order.viec == "bo" {
        draft::discard(&server.pool, owner, id).await?;
        return Ok(Redirect::to("/ho-so/moi").into_response());
    }
    let mut wrong = Vec::new();
    let work = async {
        let (draft, _) = draft_of(&server, &who, id).await?;
        let application = Application {
            id,
            subject: &draft.subject,
            answers: &draft.answers,
            channel: Channel::Direct,
            papers: Vec::new(),
            received: true,
            draft: Some((owner, id)),
        };
        let done = submit(&server.pool, &who.actor, &server.clock, &application).await;
        match done {
            Ok(code) => Ok(format!("/ho-so/{code}")),
            Err(error) => {
                wrong = match &error {
                    SubmitError::Answers(faults) => {
                        told(faults).into_iter().map(|it| it.1).collect()
                    }
                    other => vec![sentence(&other.to_string())],
                };
                Err(error.into())
            }
        }
    };
    let draft = id.to_string();
    let request = ["counter", draft.as_str()];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    match done {
        Err(failure) if failure.is_refusal() && !wrong.is_empty() => {
            let found = draft_of(&server, &who, id).await?;
            refused_page(&review_page(&server, &who, found, wrong).await?)
        }
        done => done,
    }
}
