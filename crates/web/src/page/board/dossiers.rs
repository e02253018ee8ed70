//! The dossiers behind a number of the board of exchange.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use reports::exchange::{DossierBehind, Group, dossiers};
use serde::Deserialize;

use super::Place;
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::{Page, page};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: String,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    nhom: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "board_dossiers.html")]
struct DossiersPage {
    frame: Frame,
    place: Place,
    title: &'static str,
    /// What a row counts, where that is more than itself.
    counts: Option<&'static str>,
    /// Whether rows name the dossier they repeat.
    repeats: bool,
    rows: Vec<DossierBehind>,
    number: i64,
    more: Option<String>,
    before: Option<String>,
}

/// `GET /lien-thong/ho-so`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(&server, &who.actor, asked).await?;
    let group = match wanted.nhom.as_str() {
        "" => Group::Dossiers,
        code => Group::from_code(code).ok_or_else(Failure::not_found)?,
    };
    let (office, number) = (server.office(), wanted.trang.get());
    let part = (Paging::offset(number), ROWS + 1);
    let mut rows = dossiers(&office, &who.actor, &place.by_area(), group, part).await?;
    let more = rows.len() as i64 > ROWS;
    rows.truncate(ROWS as usize);
    let turn = |page: i64| {
        let (query, group) = (place.query(), group.code());
        format!("/lien-thong/ho-so?{query}&nhom={group}&trang={page}")
    };
    page(&DossiersPage {
        frame: Frame::inside(&server, &who, Section::Exchange),
        title: group.vietnamese(),
        counts: match group {
            Group::AskedAgain => Some("Mục hỏi lại"),
            Group::KeyedTwice => Some("Mục gõ lại"),
            _ => None,
        },
        repeats: group == Group::Repeated,
        rows,
        more: more.then(|| turn(number + 1)),
        before: (number > 1).then(|| turn(number - 1)),
        number,
        place,
    })
}
