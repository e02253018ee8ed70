//! A board as an Excel file.

use access::session::SignedIn;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use documents::board_workbook;
use payments::Refused;

use super::{Place, Wanted, Which, sheet_of};
use crate::Server;
use crate::failure::Failure;
use crate::page::Page;
use crate::page::import::XLSX;

/// `GET /bao-cao/xuat/{dạng}`: `xlsx`; which board is in `theo`.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(form): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(&server, &who.actor, asked).await?;
    let which = Which::ALL
        .into_iter()
        .find(|which| which.code() == wanted.theo);
    let which = which.unwrap_or(Which::Caseload);
    let place = place.divided(if which.is_by_area() { &wanted.chia } else { "" });
    if form != "xlsx" {
        return Err(Failure::not_found());
    }
    let sheet = sheet_of(&server, &who.actor, which, &place).await?;
    let sheet = sheet.ok_or_else(|| {
        let (month, area) = (place.month, place.code.clone());
        Failure::from(Refused::NoList { month, area })
    })?;
    let told = (which.code(), Some(place.code.as_str()));
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "month": place.month }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let mut body = std::io::Cursor::new(Vec::new());
    board_workbook::write(&sheet.board, &mut body).map_err(|error| Failure::internal(&error))?;
    let kept_as = format!(
        "attachment; filename=\"{}-{}-{}.xlsx\"",
        which.code(),
        place.month,
        place.code
    );
    let headers = [
        (header::CONTENT_TYPE, XLSX.to_owned()),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    Ok((headers, body.into_inner()).into_response())
}
