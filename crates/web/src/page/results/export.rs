//! The tables of the reconciliation as an Excel file.

use access::session::SignedIn;
use axum::Extension;
use axum::extract::{Path, Query, State};
use documents::board_workbook;
use payments::results;
use reports::sheet;
use serde::Deserialize;

use crate::Server;
use crate::failure::Failure;
use crate::page::import::XLSX;
use crate::page::month::Place;
use crate::page::{Page, attachment};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    /// `dia-ban`: a row is an area; otherwise a provider.
    theo: String,
}

/// `GET /ky-chi/{kỳ}/doi-soat/xuat/{dạng}`: `xlsx`.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, form)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    if form != "xlsx" {
        return Err(Failure::not_found());
    }
    let (office, now) = (server.office(), server.clock.now());
    let parts = results::outcome_parts(&office, &who.actor, place.month, &place.code).await?;
    let (rows, by) = match wanted.theo.as_str() {
        "dia-ban" => (&parts.by_area, "dia-ban"),
        _ => (&parts.by_provider, "don-vi"),
    };
    let sheet = sheet::of_parts((&place.code, place.month), rows, &parts.whole, now);
    let told = ("reconciliation", Some(place.code.as_str()));
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "month": place.month }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let mut body = std::io::Cursor::new(Vec::new());
    board_workbook::write(&sheet.board, &mut body).map_err(|error| Failure::internal(&error))?;
    let name = format!("doi-soat-{}-{}-{by}.xlsx", place.month, place.code);
    Ok(attachment(XLSX, &name, body.into_inner()))
}
