//! A month's list as a file: Excel, CSV, paper.

use std::fs;
use std::io;

use access::session::SignedIn;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use documents::list_csv::{CsvError, ListCsv};
use documents::list_workbook::{ListWorkbook, WorkbookError};
use documents::payment_list::Row;
use documents::pdf::{PrintError, Printing};
use payments::{Disclosure, Paper, Refused, paper};
use registry::sight::HANDLERS;
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::Page;
use super::import::XLSX;
use super::month::Place;
use crate::Server;
use crate::failure::Failure;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
}

/// `GET /ky-chi/{kỳ}/xuat/{dạng}`: `xlsx`, `csv` or `pdf`. Who only reads gets the masked paper.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, form)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let disclosure = match access::holds(&who.actor, HANDLERS, &place.code) {
        true => Disclosure::Whole,
        false => Disclosure::Masked,
    };
    let office = server.office();
    let of = async || paper(&office, &who.actor, place.month, &place.code, disclosure).await;
    let (media_type, body) = match form.as_str() {
        "xlsx" => (XLSX, workbook(&of().await?).await?),
        "csv" => ("text/csv; charset=utf-8", csv(&of().await?).await?),
        "pdf" => ("application/pdf", pdf(&of().await?).await?),
        _ => return Err(Failure::not_found()),
    };
    let kept_as = format!(
        "attachment; filename=\"chi-tra-{}-{}.{form}\"",
        place.month, place.code
    );
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    Ok((headers, body).into_response())
}

/// What can stop a file on its way.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    #[error(transparent)]
    Csv(#[from] CsvError),
    #[error(transparent)]
    Print(#[from] PrintError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Failure {
        match broken {
            Broken::Refused(refused) => refused.into(),
            Broken::Print(error) => {
                tracing::error!(%error, "printing failed");
                let message = "Phần in PDF chưa sẵn sàng; hãy tải Excel hoặc thử lại sau";
                Failure::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "printing_unavailable",
                    message,
                )
            }
            other => Failure::internal(&other),
        }
    }
}

async fn workbook(paper: &Paper<'_>) -> Result<Vec<u8>, Broken> {
    let mut book = ListWorkbook::new(paper.header.clone())?;
    paper
        .rows(|row: Row| book.row(&row).map_err(Broken::from))
        .await?;
    let mut body = io::Cursor::new(Vec::new());
    book.finish(&mut body)?;
    Ok(body.into_inner())
}

async fn csv(paper: &Paper<'_>) -> Result<Vec<u8>, Broken> {
    let mut body = Vec::new();
    let mut list = ListCsv::new(paper.header.clone(), &mut body, true)?;
    paper
        .rows(|row: Row| list.row(&row).map_err(Broken::from))
        .await?;
    list.finish()?;
    Ok(body)
}

async fn pdf(paper: &Paper<'_>) -> Result<Vec<u8>, Broken> {
    let file = NamedTempFile::new()?;
    let mut printing = Printing::start(&paper.header, file.path(), |_| {})?;
    paper
        .rows(|row: Row| printing.row(&row).map_err(Broken::from))
        .await?;
    printing.finish()?;
    Ok(fs::read(file.path())?)
}
