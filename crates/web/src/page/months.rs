//! The months: which lists there are, and the way to one.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use kernel::Month;
use payments::{Header, header};
use serde::Deserialize;

use super::{Page, page, refused_page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::frame::{Frame, READERS, Section};

/// Months shown before the present one.
const SHOWN: i32 = 23;

#[derive(Template)]
#[template(path = "months.html")]
struct MonthsPage {
    frame: Frame,
    month: String,
    area: String,
    areas: Vec<Choice>,
    error: Option<&'static str>,
    lists: Vec<(String, Header)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: Option<String>,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
}

/// `GET /ky-chi`; with a month chosen, on to it.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let typed = wanted.thang.as_deref().map(str::trim);
    if let Some(month) = typed.and_then(read_month) {
        let area = encode(&wanted.dia_ban);
        return Ok(Redirect::to(&format!("/ky-chi/{month}?dia-ban={area}")).into_response());
    }
    let now = Month::of(server.clock.today());
    let mut lists = header::of_months(&server.pool, now.plus(-SHOWN), now.next()).await?;
    lists.retain(|list| access::holds(&who.actor, READERS, &list.area));
    lists.reverse();
    let named = lists
        .into_iter()
        .map(|list| (area::name(&list.area, list.month), list));
    let error = typed.map(|_| "Tháng chưa đúng: nhập dạng 05/2024 hoặc 2024-05");
    let frame = Frame::inside(&server, &who, Section::Months);
    let filled = MonthsPage {
        frame: if error.is_some() {
            frame.failed()
        } else {
            frame
        },
        month: typed.map_or_else(|| now.to_string(), str::to_owned),
        area: wanted.dia_ban,
        areas: area::offered(&who.actor, READERS, now),
        error,
        lists: named.collect(),
    };
    if error.is_some() {
        refused_page(&filled)
    } else {
        page(&filled)
    }
}

/// `2024-05`, as browsers with a month field send it, or `05/2024`, as people type it.
pub(crate) fn read_month(text: &str) -> Option<Month> {
    if let Some((number, year)) = text.split_once('/') {
        return format!("{year}-{number:0>2}").parse().ok();
    }
    text.parse().ok()
}
