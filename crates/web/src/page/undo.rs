//! Something was recorded by mistake: chosen, looked at with what it does to the next list, cancelled.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, State};
use axum::{Extension, Form};
use casework::change::{self, Mistake, Told, can_be_undone};
use kernel::actor::Role;
use kernel::{EventId, PersonId};
use registry::person::{self, Entry, Profile};
use serde::Deserialize;
use uuid::Uuid;

use super::change::{Foresight, may_change};
use super::{Page, page, refused_page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

#[derive(Template)]
#[template(path = "undo.html")]
struct UndoPage {
    frame: Frame,
    who: Profile,
    changes: Vec<Told>,
    chosen: String,
    reason: String,
    fault: Option<String>,
}

impl UndoPage {
    /// Events that can be cancelled and belong to no decision of the list.
    fn events(&self) -> Vec<&Entry> {
        let of_change = |entry: &Entry| {
            let id = entry.event.uuid();
            self.changes.iter().any(|told| told.events.contains(&id))
        };
        let entries = self.who.timeline.iter();
        entries
            .filter(|entry| can_be_undone(entry) && !of_change(entry))
            .collect()
    }

    fn open(&self) -> impl Iterator<Item = &Told> {
        self.changes.iter().filter(|told| told.undone.is_none())
    }
}

#[derive(Template)]
#[template(path = "undo_preview.html")]
struct UndoPreview {
    frame: Frame,
    who: Profile,
    seen: Foresight,
    cancelled: usize,
    filled: Filled,
    key: String,
}

/// The form as filled in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    khoa: String,
    buoc: String,
    chon: String,
    ly_do: String,
}

impl Filled {
    /// `qd-12` is a decision, `sk-…` an event.
    fn mistake(&self) -> Option<Mistake> {
        let (kind, id) = self.chon.split_once('-')?;
        match kind {
            "qd" => id.parse().ok().map(Mistake::Change),
            "sk" => Some(Mistake::Event(EventId(id.parse::<Uuid>().ok()?.as_u128()))),
            _ => None,
        }
    }
}

/// `GET /doi-tuong/{id}/dinh-chinh`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Page {
    page(&undo_page(&server, &who, PersonId(id), &Filled::default(), None).await?)
}

async fn undo_page(
    server: &Server,
    who: &SignedIn,
    id: PersonId,
    filled: &Filled,
    fault: Option<String>,
) -> Result<UndoPage, Failure> {
    let about = person::read(&server.pool, &who.actor, &server.clock, id).await?;
    if !may_change(who, &about) {
        access::require(&who.actor, &[Role::Officer], about.commune.code)?;
    }
    let changes = change::of_person(&server.pool, &about).await;
    Ok(UndoPage {
        frame: Frame::inside(server, who, Section::Search).telling(fault.as_ref()),
        changes: changes.map_err(|error| Failure::internal(&error))?,
        who: about,
        chosen: filled.chon.clone(),
        reason: filled.ly_do.clone(),
        fault,
    })
}

/// `POST /doi-tuong/{id}/dinh-chinh`: to be looked at, or confirmed.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
    Form(filled): Form<Filled>,
) -> Page {
    let person = PersonId(id);
    let again = async |fault: String| {
        refused_page(&undo_page(&server, &who, person, &filled, Some(fault)).await?)
    };
    let Some(mistake) = filled.mistake() else {
        return again("Chưa chọn điều đã ghi nhầm".to_owned()).await;
    };
    if filled.ly_do.trim().is_empty() || filled.ly_do.chars().count() > 2_000 {
        return again("Cần ghi lý do, không quá 2.000 chữ".to_owned()).await;
    }
    let done = match filled.buoc.as_str() {
        "ghi" => cancel(&server, &who, person, mistake, &filled).await,
        _ => preview(&server, &who, person, mistake, &filled).await,
    };
    match done {
        Err(failure) if failure.is_refusal() => again(failure.message().to_owned()).await,
        done => done,
    }
}

async fn preview(
    server: &Server,
    who: &SignedIn,
    person: PersonId,
    mistake: Mistake,
    filled: &Filled,
) -> Page {
    let (pool, clock) = (&server.pool, &server.clock);
    let events = change::undoing(pool, &who.actor, clock, person, mistake).await?;
    let foreseen = payments::foresee(&server.office(), &who.actor, person, &events).await?;
    page(&UndoPreview {
        frame: Frame::inside(server, who, Section::Search),
        who: person::read(pool, &who.actor, clock, person).await?,
        seen: Foresight::of(&foreseen),
        cancelled: events.len(),
        filled: Filled {
            chon: filled.chon.clone(),
            ly_do: filled.ly_do.clone(),
            ..Filled::default()
        },
        key: form_key(),
    })
}

async fn cancel(
    server: &Server,
    who: &SignedIn,
    person: PersonId,
    mistake: Mistake,
    filled: &Filled,
) -> Page {
    let key = Uuid::parse_str(&filled.khoa)
        .map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang"))?;
    let work = async {
        let (pool, clock) = (&server.pool, &server.clock);
        let key = (key, person);
        change::undo(pool, &who.actor, clock, key, mistake, &filled.ly_do).await?;
        Ok(format!("/doi-tuong/{person}?xong=1#quyet-dinh"))
    };
    let request = ["undo", &person.to_string(), &filled.chon, &filled.ly_do];
    form_once(server, &who.actor, &filled.khoa, &request, work).await
}
