//! Finding people.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use kernel::Month;
use kernel::personal_id::IdState;
use registry::search::{self, Hit};
use registry::sight::Shown;
use serde::Deserialize;

use super::{Page, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    t: String,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    text: String,
    area: String,
    ticket: String,
    areas: Vec<Choice>,
    /// Nothing was asked yet, or what was asked is forgotten.
    asked: bool,
    forgotten: bool,
    hits: Vec<Hit>,
    more: bool,
    number: i64,
}

impl SearchPage {
    fn address(&self, page: &i64) -> String {
        format!(
            "/tim?t={}&dia-ban={}&trang={page}",
            self.ticket,
            encode(&self.area)
        )
    }

    fn benefits(&self, hit: &Hit) -> String {
        let name = |shown: &Shown| match shown {
            Shown::Benefit(benefit) => self.frame.benefit(benefit).to_owned(),
            Shown::Hidden => "Trợ giúp khác".to_owned(),
        };
        let names: Vec<String> = hit.benefits.iter().map(name).collect();
        names.join("; ")
    }

    /// What is wrong with the ID number, in words.
    fn id_state(&self, hit: &Hit) -> Option<&'static str> {
        let state = IdState::from_code(&hit.id_state)?;
        (state != IdState::Plausible).then(|| state.vietnamese())
    }
}

/// `GET /tim`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let kept = server.searches.find(&who.actor.name, &wanted.t);
    let forgotten = kept.is_none() && !wanted.t.is_empty();
    let asked = kept.is_some() || (!wanted.dia_ban.is_empty() && !forgotten);
    let text = kept.unwrap_or_default();
    let number = wanted.trang.get();
    let found = match asked {
        true => {
            let skip = u32::try_from(Paging::offset(number)).unwrap_or(u32::MAX);
            let query = search::Query {
                text: &text,
                area: &wanted.dia_ban,
                skip,
                limit: ROWS as u32,
            };
            search::search(&server.pool, &who.actor, &server.clock, &query).await?
        }
        false => search::Found::default(),
    };
    let today = Month::of(server.clock.today());
    page(&SearchPage {
        frame: Frame::inside(&server, &who, Section::Search),
        areas: area::offered(&who.actor, READERS, today),
        area: wanted.dia_ban,
        ticket: if forgotten { String::new() } else { wanted.t },
        hits: found.people,
        more: found.more,
        text,
        asked,
        forgotten,
        number,
    })
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    tim: String,
    #[serde(default, rename = "dia-ban")]
    dia_ban: String,
}

/// `POST /tim`: remembers what is looked for and leads to the result.
pub(crate) async fn ask(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(asked): Form<Asked>,
) -> Result<impl IntoResponse, Failure> {
    let text: String = asked.tim.trim().chars().take(200).collect();
    let (told, action) = (("search", None), access::audit::Action::PersonSearch);
    let more = serde_json::json!({});
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let ticket = server.searches.keep(&who.actor.name, &text);
    let area = encode(&asked.dia_ban);
    Ok(Redirect::to(&format!("/tim?t={ticket}&dia-ban={area}")))
}
