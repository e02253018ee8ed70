//! Statistical forms as files.

use access::session::SignedIn;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use documents::board_workbook;
use tempfile::NamedTempFile;

use super::{Place, Wanted};
use crate::Server;
use crate::failure::Failure;
use crate::page::Page;
use crate::page::export::Broken;
use crate::page::import::XLSX;

/// `GET /bao-cao/mau-10a/{dạng}`: `xlsx` or `pdf`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(kind): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(&server, &who.actor, asked).await?;
    if !matches!(kind.as_str(), "xlsx" | "pdf") {
        return Err(Failure::not_found());
    }
    let office = server.office();
    let form = reports::form_10a(&office, &who.actor, &place.by_area(), None).await?;
    let now = server.clock.now();
    let (media_type, body) = match kind.as_str() {
        "xlsx" => {
            let mut body = std::io::Cursor::new(Vec::new());
            let written = board_workbook::write(&form.board(now), &mut body);
            written.map_err(|error| Failure::internal(&error))?;
            (XLSX, body.into_inner())
        }
        _ => {
            let paper = form.paper(now);
            let printing = tokio::task::spawn_blocking(move || -> Result<Vec<u8>, Broken> {
                let file = NamedTempFile::new()?;
                documents::pdf::print_form(paper, file.path())?;
                Ok(std::fs::read(file.path())?)
            });
            let printed = printing.await.map_err(|error| Failure::internal(&error))?;
            ("application/pdf", printed?)
        }
    };
    let (month, code) = (place.month, &place.code);
    let kept_as = format!("attachment; filename=\"mau-10a-{month}-{code}.{kind}\"");
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    Ok((headers, body).into_response())
}
