//! Importing a sheet: upload, look at what is wrong, apply the good rows.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path as FilePath;
use std::sync::Arc;

use access::session::SignedIn;
use askama::Template;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use documents::problems::{self, Problem};
use documents::sheet::{self, SheetError};
use kernel::actor::Role;
use kernel::{AreaCode, Month};
use registry::Refusal;
use registry::import::{FormError, Imported, Read, Setting, Sheet, record};
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::{Page, page, payee_import, programme_import, refused_page};
use crate::Server;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};
use crate::uploads::{Content, Upload};

/// Media type of Excel files.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Who imports.
pub(crate) const OFFICER: &[Role] = &[Role::Officer];

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    areas: Vec<Choice>,
    area: String,
    error: Option<String>,
}

fn import_page(server: &Server, who: &SignedIn, area: String, error: Option<String>) -> ImportPage {
    let frame = Frame::inside(server, who, Section::Import);
    ImportPage {
        frame: if error.is_some() {
            frame.failed()
        } else {
            frame
        },
        areas: area::offered(&who.actor, OFFICER, Month::of(server.clock.today())),
        area,
        error,
    }
}

/// `GET /nhap`.
pub(crate) async fn form(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Page {
    page(&import_page(&server, &who, String::new(), None))
}

/// `POST /nhap`: reads the file on trial and leads to what it says.
pub(crate) async fn upload(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    form: Multipart,
) -> Page {
    let received = receive(form).await?;
    let refuse = |area: String, sentence: &str| {
        let error = Some(sentence.to_owned());
        refused_page(&import_page(&server, &who, area, error))
    };
    let Some((name, file)) = received.file else {
        return refuse(received.area, "Chưa chọn tệp Excel hoặc CSV");
    };
    let area = if received.area == "VN" {
        String::new()
    } else {
        received.area
    };
    access::require(&who.actor, OFFICER, &area)?;
    let read = match read(&server, file.path(), &name, &area).await? {
        Ok(read) => read,
        Err(sentence) => return refuse(area, &sentence),
    };
    let trial = record(&server.pool, &who.actor, &server.clock, read, true).await?;
    let ticket = Upload::ticket();
    let address = format!("/nhap/{ticket}");
    let applied = Default::default();
    server.uploads.keep(
        &who.actor.name,
        Upload {
            ticket,
            name,
            area,
            content: Content::People,
            file,
            trial,
            applied,
        },
    );
    Ok(Redirect::to(&address).into_response())
}

/// The fields of an upload.
#[derive(Default)]
pub(super) struct Received {
    pub(super) area: String,
    pub(super) provider: String,
    /// Fields one form alone has, by name.
    pub(super) others: HashMap<String, String>,
    pub(super) file: Option<(String, NamedTempFile)>,
}

pub(super) async fn receive(mut form: Multipart) -> Result<Received, Failure> {
    let mut received = Received::default();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("dia_ban") => received.area = field.text().await.map_err(broken)?,
            Some("don_vi") => received.provider = field.text().await.map_err(broken)?,
            Some("tep") => received.file = save(field).await?,
            Some(name @ ("chuong_trinh" | "nguon" | "ngay" | "muc_dich")) => {
                let name = name.to_owned();
                let text = field.text().await.map_err(broken)?;
                received.others.insert(name, text);
            }
            _ => {}
        }
    }
    Ok(received)
}

pub(super) fn broken(error: axum::extract::multipart::MultipartError) -> Failure {
    let message = "Tệp gửi lên không trọn vẹn hoặc quá lớn (tối đa 60 MB)";
    Failure::new(error.status(), "upload_broken", message)
}

/// Streams the file to disk; `None` when none was chosen.
async fn save(mut field: Field<'_>) -> Result<Option<(String, NamedTempFile)>, Failure> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let name = FilePath::new(&name)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut file = NamedTempFile::new().map_err(|error| Failure::internal(&error))?;
    let mut size = 0;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        size += chunk.len();
        file.write_all(&chunk)
            .map_err(|error| Failure::internal(&error))?;
    }
    Ok((size > 0).then_some((name, file)))
}

/// Reads a sheet off the async threads; the inner error is a sentence for the officer.
async fn read(
    server: &Server,
    path: &FilePath,
    name: &str,
    area: &str,
) -> Result<Result<Read, String>, Failure> {
    let (law, practice, today) = (server.law.clone(), server.practice, server.clock.today());
    let (path, name) = (path.to_owned(), name.to_owned());
    let area = (!area.is_empty()).then(|| AreaCode(area.to_owned()));
    let reading = tokio::task::spawn_blocking(move || {
        let setting = Setting {
            law: &law,
            today,
            area,
            practice,
        };
        let open = || {
            File::open(&path)
                .map(BufReader::new)
                .map_err(SheetError::from)
        };
        let hash = sheet::fingerprint(open()?).map_err(SheetError::from)?;
        let mut form = Sheet::new(&setting, &name, hash);
        sheet::read(open()?, |row, cells| {
            Ok::<_, Unreadable>(form.take(row, cells)?)
        })?;
        Ok::<_, Unreadable>(form.finish()?)
    });
    let read = reading.await.map_err(|error| Failure::internal(&error))?;
    Ok(read.map_err(|unreadable| crate::failure::sentence(&unreadable.to_string())))
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(transparent)]
    Form(#[from] FormError),
}

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    frame: Frame,
    ticket: String,
    name: String,
    area: String,
    /// Whether rows register people.
    people: bool,
    /// Whether rows are held against the registry.
    programme: bool,
    applied: bool,
    outcome: Arc<Outcome>,
    rows: Vec<(bool, Refusal)>,
    paging: Paging,
    key: String,
}

/// The figures of a trial or of the real thing.
struct Outcome {
    rows: u64,
    good_rows: u64,
    refused_rows: u64,
    new_people: u64,
    events: u64,
    already: u64,
    warnings: usize,
    unknown_headings: Vec<String>,
}

impl Outcome {
    fn of(imported: &Imported) -> Outcome {
        Outcome {
            rows: imported.rows,
            good_rows: imported.rows.saturating_sub(imported.refused_rows()),
            refused_rows: imported.refused_rows(),
            new_people: imported.new_people,
            events: imported.events,
            already: imported.already,
            warnings: imported.warnings.len(),
            unknown_headings: imported.unknown_headings.clone(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    trang: PageNumber,
}

/// `GET /nhap/mau.xlsx`: the blank form.
pub(crate) async fn blank(State(server): State<Server>) -> Page {
    let form = registry::import::form(&server.law);
    let workbook =
        documents::template::workbook(&form).map_err(|error| Failure::internal(&error))?;
    let kept_as = "attachment; filename=\"mau-doi-tuong.xlsx\"";
    let headers = [
        (header::CONTENT_TYPE, XLSX),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    Ok((headers, workbook).into_response())
}

/// `GET /nhap/{ticket}`: what the file says, before and after it is applied.
pub(crate) async fn preview(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(ticket): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let Some(upload) = server.uploads.find(&who.actor.name, &ticket) else {
        return Ok(Redirect::to("/nhap").into_response());
    };
    let applied = upload.applied();
    let imported = applied.as_deref().unwrap_or(&upload.trial);
    let refused = imported.refused.iter().map(|row| (true, row));
    let all = refused.chain(imported.warnings.iter().map(|row| (false, row)));
    let number = wanted.trang.get();
    let skip = usize::try_from(Paging::offset(number)).unwrap_or(usize::MAX);
    let count = imported.refused.len() + imported.warnings.len();
    let rows = all
        .skip(skip)
        .take(ROWS as usize)
        .map(|(refused, row)| (refused, row.clone()));
    let today = Month::of(server.clock.today());
    page(&PreviewPage {
        frame: Frame::inside(&server, &who, Section::Import),
        name: upload.name.clone(),
        area: match &upload.content {
            Content::People => area::name(&upload.area, today),
            Content::Payees { provider } => format!("tài khoản đã mở, {provider}"),
            Content::Programme(it) => {
                let place = area::name(&it.area, today);
                format!("{}, {place}", it.programme.vietnamese().to_lowercase())
            }
            Content::Decision => {
                let there = format!("/quyet-dinh-chung/danh-sach/{ticket}");
                return Ok(Redirect::to(&there).into_response());
            }
        },
        people: upload.content == Content::People,
        programme: matches!(upload.content, Content::Programme(_)),
        applied: applied.is_some(),
        outcome: Arc::new(Outcome::of(imported)),
        rows: rows.collect(),
        paging: Paging {
            page: number,
            count: i64::try_from(count).unwrap_or(i64::MAX),
        },
        key: form_key(),
        ticket,
    })
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
}

/// `POST /nhap/{ticket}`: records the good rows.
pub(crate) async fn apply(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(ticket): Path<String>,
    Form(order): Form<Order>,
) -> Page {
    let work = async {
        let upload = server.uploads.find(&who.actor.name, &ticket);
        let upload = upload.ok_or_else(Failure::not_found)?;
        let imported = record_upload(&server, &who, &upload).await?;
        upload.note_applied(imported);
        Ok(format!("/nhap/{ticket}"))
    };
    form_once(&server, &who.actor, &order.khoa, &["import", &ticket], work).await
}

async fn record_upload(
    server: &Server,
    who: &SignedIn,
    upload: &Upload,
) -> Result<Imported, Failure> {
    let unreadable = |sentence| Failure::refused("unreadable", sentence);
    let (path, name) = (upload.file.path(), &upload.name);
    let (pool, clock) = (&server.pool, &server.clock);
    Ok(match &upload.content {
        Content::People => {
            access::require(&who.actor, OFFICER, &upload.area)?;
            let read = read(server, path, name, &upload.area).await?;
            record(pool, &who.actor, clock, read.map_err(unreadable)?, false).await?
        }
        Content::Payees { provider } => {
            let read = payee_import::read(path, name, provider).await?;
            let read = read.map_err(unreadable)?;
            registry::payee::record_list(pool, &who.actor, clock, read, false).await?
        }
        Content::Programme(bringing) => {
            programme_import::record(server, who, path, bringing).await?
        }
        Content::Decision => return Err(Failure::not_found()),
    })
}

/// `GET /nhap/{ticket}/{tệp}`: the rows to mend, as `loi.xlsx` or `loi.csv`.
pub(crate) async fn refused_rows(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((ticket, file)): Path<(String, String)>,
) -> Page {
    let upload = server
        .uploads
        .find(&who.actor.name, &ticket)
        .ok_or_else(Failure::not_found)?;
    let applied = upload.applied();
    let imported = applied.as_deref().unwrap_or(&upload.trial);
    let refused = imported.refused.iter().map(|row| problem(row, true));
    let all = refused.chain(imported.warnings.iter().map(|row| problem(row, false)));
    let mut body = Vec::new();
    let media_type = match file.as_str() {
        "loi.xlsx" => {
            problems::write_xlsx(all, &mut body).map_err(|error| Failure::internal(&error))?;
            XLSX
        }
        "loi.csv" => {
            problems::write_csv(all, &mut body).map_err(|error| Failure::internal(&error))?;
            "text/csv; charset=utf-8"
        }
        _ => return Err(Failure::not_found()),
    };
    let kept_as = format!("attachment; filename=\"{file}\"");
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    Ok((headers, body).into_response())
}

fn problem(refusal: &Refusal, refused: bool) -> Problem<'_> {
    Problem {
        row: refusal.row,
        heading: &refusal.field,
        refused,
        code: refusal.code,
        message: &refusal.message,
    }
}
