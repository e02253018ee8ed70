//! People whose records somebody should look at: ID numbers, communes that were split.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use kernel::Month;
use kernel::personal_id::IdState;
use registry::quality::{self, IdFault, Unconfirmed};
use serde::Deserialize;

use super::{Page, page};
use crate::Server;
use crate::area;
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::paging::{PageNumber, Paging, cut};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(rename = "tinh-trang")]
    tinh_trang: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "id_faults.html")]
struct IdFaultsPage {
    frame: Frame,
    code: String,
    name: String,
    state: IdState,
    rows: Vec<IdFault>,
    paging: Paging,
}

/// `GET /so-dinh-danh`: the people behind a count of ID numbers.
pub(crate) async fn id_numbers(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let state = IdState::from_code(&wanted.tinh_trang).ok_or_else(Failure::not_found)?;
    let code = place(&who, &wanted.dia_ban)?;
    let mut faults = Vec::new();
    let (pool, clock) = (&server.pool, &server.clock);
    quality::id_faults(pool, &who.actor, clock, &code, Some(state), |fault| {
        faults.push(fault)
    })
    .await?;
    let (rows, paging) = cut(faults, wanted.trang.get());
    page(&IdFaultsPage {
        frame: Frame::inside(&server, &who, Section::Home),
        name: area::name(&code, Month::of(server.clock.today())),
        code,
        state,
        rows,
        paging,
    })
}

#[derive(Template)]
#[template(path = "split_areas.html")]
struct SplitAreasPage {
    frame: Frame,
    code: String,
    name: String,
    rows: Vec<Unconfirmed>,
    paging: Paging,
    month: Month,
}

/// `GET /dia-ban-tach`: people whose commune was split.
pub(crate) async fn split_areas(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let code = place(&who, &wanted.dia_ban)?;
    let all = quality::moves_to_confirm(&server.pool, &who.actor, &server.clock, &code).await?;
    let (rows, paging) = cut(all, wanted.trang.get());
    let month = Month::of(server.clock.today());
    page(&SplitAreasPage {
        frame: Frame::inside(&server, &who, Section::SplitAreas),
        name: if code.is_empty() {
            "Mọi địa bàn của tôi".into()
        } else {
            area::name(&code, month)
        },
        code,
        rows,
        paging,
        month,
    })
}

/// The area asked for, when the actor reads there; empty is wherever they do.
fn place(who: &SignedIn, code: &str) -> Result<String, Failure> {
    if code.is_empty() {
        return Ok(String::new());
    }
    access::require(&who.actor, READERS, code)?;
    Ok(code.to_owned())
}
