//! The law as the program applies it: what `ansinh law show` says.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use kernel::Month;
use law::Benefit;
use law::show::Sheet;
use serde::Deserialize;

use super::months::read_month;
use super::{Page, page};
use crate::Server;
use crate::frame::{Frame, Section};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: String,
    #[serde(rename = "chinh-sach")]
    chinh_sach: String,
}

#[derive(Template)]
#[template(path = "law.html")]
struct LawPage {
    frame: Frame,
    month: Month,
    chosen: Benefit,
    sheet: Option<Sheet>,
}

/// `GET /tro-giup/luat`.
pub(crate) async fn show(
    State(server): State<Server>,
    who: Option<Extension<SignedIn>>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let today = server.clock.today();
    let month = read_month(&wanted.thang).unwrap_or_else(|| Month::of(today));
    let chosen = Benefit::from_code(&wanted.chinh_sach).unwrap_or(Benefit::Disability);
    page(&LawPage {
        frame: match who {
            Some(Extension(who)) => Frame::inside(&server, &who, Section::Help),
            None => Frame::outside(&server),
        },
        sheet: server.law.sheet(chosen, month, today),
        month,
        chosen,
    })
}
