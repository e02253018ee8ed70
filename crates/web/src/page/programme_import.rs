//! A list of another programme: upload; the rest is as for every import, and then it is held against the registry.

use std::fs::File;
use std::io::BufReader;
use std::path::Path as FilePath;

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::extract::multipart::Multipart;
use axum::response::{IntoResponse, Redirect};
use documents::sheet::{self, SheetError};
use kernel::Month;
use links::list::{Bringing, ProgrammeSheet, ReadRows, may_bring};
use links::{LinkRefused, Programme};
use registry::import::Imported;

use super::import::{OFFICER, XLSX, receive};
use super::{Page, attachment, page, read_day, refused_page};
use crate::Server;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::uploads::{Content, Upload};

/// What was filled in beside the file.
#[derive(Default)]
struct Filled {
    area: String,
    programme: String,
    source: String,
    as_of: String,
    purpose: String,
}

#[derive(Template)]
#[template(path = "programme_import.html")]
struct ProgrammeImportPage {
    frame: Frame,
    areas: Vec<Choice>,
    filled: Filled,
    error: Option<String>,
}

fn import_page(
    server: &Server,
    who: &SignedIn,
    filled: Filled,
    error: Option<String>,
) -> ProgrammeImportPage {
    ProgrammeImportPage {
        frame: Frame::inside(server, who, Section::Import).telling(error.as_ref()),
        areas: area::offered(&who.actor, OFFICER, Month::of(server.clock.today())),
        filled,
        error,
    }
}

/// `GET /nhap/chuong-trinh`.
pub(crate) async fn form(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Page {
    page(&import_page(&server, &who, Filled::default(), None))
}

/// `GET /nhap/chuong-trinh/mau.xlsx`: the blank form.
pub(crate) async fn blank() -> Page {
    let workbook = documents::template::workbook(&links::list::form());
    let workbook = workbook.map_err(|error| Failure::internal(&error))?;
    Ok(attachment(XLSX, "mau-chuong-trinh-khac.xlsx", workbook))
}

/// `POST /nhap/chuong-trinh`: reads the file on trial and leads to what it says.
pub(crate) async fn upload(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    form: Multipart,
) -> Page {
    let mut received = receive(form).await?;
    let mut other = |name: &str| received.others.remove(name).unwrap_or_default();
    let filled = Filled {
        programme: other("chuong_trinh"),
        source: other("nguon"),
        as_of: other("ngay"),
        purpose: other("muc_dich"),
        area: received.area,
    };
    let refuse = |filled: Filled, sentence: &str| {
        let error = Some(sentence.to_owned());
        refused_page(&import_page(&server, &who, filled, error))
    };
    if who.actor.areas_of(OFFICER).next().is_none() {
        access::require(&who.actor, OFFICER, "")?;
    }
    let Some((name, file)) = received.file else {
        return refuse(filled, "Chưa chọn tệp Excel hoặc CSV");
    };
    let Some(programme) = Programme::from_code(&filled.programme) else {
        return refuse(filled, "Chưa chọn chương trình");
    };
    let Some(as_of) = read_day(&filled.as_of) else {
        return refuse(filled, "Ngày của danh sách không đúng, cần dd/mm/yyyy");
    };
    let bringing = Bringing {
        programme,
        area: Some(filled.area.clone())
            .filter(|area| area != "VN")
            .unwrap_or_default(),
        source: filled.source.clone(),
        as_of,
        purpose: filled.purpose.clone(),
        file_name: name.clone(),
    };
    match may_bring(&who.actor, &server.clock, &bringing).map_err(Failure::from) {
        Err(failure) if failure.is_refusal() => return refuse(filled, failure.message()),
        done => done?,
    }
    let read = match read(&server, file.path(), &bringing).await? {
        Ok(read) => read,
        Err(sentence) => return refuse(filled, &sentence),
    };
    let trial = Imported {
        rows: read.rows,
        refused: read.refused,
        unknown_headings: read.unknown_headings,
        ..Imported::default()
    };
    let ticket = Upload::ticket();
    let address = format!("/nhap/{ticket}");
    let upload = Upload {
        ticket,
        name,
        area: bringing.area.clone(),
        content: Content::Programme(bringing),
        file,
        trial,
        applied: Default::default(),
    };
    server.uploads.keep(&who.actor.name, upload);
    Ok(Redirect::to(&address).into_response())
}

/// Reads a list off the async threads; the inner error is a sentence for the officer.
pub(super) async fn read(
    server: &Server,
    path: &FilePath,
    bringing: &Bringing,
) -> Result<Result<ReadRows, String>, Failure> {
    let (path, area) = (path.to_owned(), bringing.area.clone());
    let today = server.clock.today();
    let reading = tokio::task::spawn_blocking(move || {
        let open = || {
            File::open(&path)
                .map(BufReader::new)
                .map_err(SheetError::from)
        };
        let hash = sheet::fingerprint(open()?).map_err(SheetError::from)?;
        let mut rows = ProgrammeSheet::new(&area, today, hash)?;
        sheet::read(open()?, |row, cells| {
            Ok::<_, Unreadable>(rows.take(row, cells)?)
        })?;
        Ok::<_, Unreadable>(rows.finish()?)
    });
    match reading.await.map_err(|error| Failure::internal(&error))? {
        Ok(read) => Ok(Ok(read)),
        Err(Unreadable::Sheet(error)) => Ok(Err(crate::failure::sentence(&error.to_string()))),
        Err(Unreadable::Rows(error)) => {
            let failure = Failure::from(error);
            match failure.is_refusal() {
                true => Ok(Err(failure.message().to_owned())),
                false => Err(failure),
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(transparent)]
    Rows(#[from] LinkRefused),
}

/// Holds the list against the registry: pairs stand where events stand in other imports.
pub(super) async fn record(
    server: &Server,
    who: &SignedIn,
    path: &FilePath,
    bringing: &Bringing,
) -> Result<Imported, Failure> {
    let read = read(server, path, bringing).await?;
    let mut read = read.map_err(|sentence| Failure::refused("unreadable", sentence))?;
    let imported = Imported {
        rows: read.rows,
        refused: std::mem::take(&mut read.refused),
        unknown_headings: std::mem::take(&mut read.unknown_headings),
        ..Imported::default()
    };
    let (pool, clock) = (&server.pool, &server.clock);
    let brought = links::list::bring(pool, &who.actor, clock, bringing, read).await?;
    Ok(Imported {
        events: brought.new_pairs,
        already: brought.pairs - brought.new_pairs,
        ..imported
    })
}
