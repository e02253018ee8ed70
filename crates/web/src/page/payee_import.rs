//! The list a provider returns after opening accounts: upload; the rest is as for every import.

use std::fs::File;
use std::io::BufReader;
use std::path::Path as FilePath;

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::extract::multipart::Multipart;
use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use documents::sheet::{self, SheetError};
use kernel::bank::banks;
use registry::payee::{self, PayeeList, ReadList};

use super::import::{OFFICER, Unreadable, XLSX, receive};
use super::{Page, page, refused_page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::uploads::{Content, Upload};

#[derive(Template)]
#[template(path = "payee_import.html")]
struct PayeeImportPage {
    frame: Frame,
    provider: String,
    banks: Vec<&'static str>,
    error: Option<String>,
}

fn import_page(
    server: &Server,
    who: &SignedIn,
    provider: String,
    error: Option<String>,
) -> PayeeImportPage {
    let frame = Frame::inside(server, who, Section::Import);
    let present = banks().iter().filter(|bank| !bank.is_former_name);
    PayeeImportPage {
        frame: if error.is_some() {
            frame.failed()
        } else {
            frame
        },
        provider,
        banks: present.map(|bank| bank.short_name).collect(),
        error,
    }
}

/// `GET /nhap/nguoi-nhan`.
pub(crate) async fn form(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Page {
    page(&import_page(&server, &who, String::new(), None))
}

/// `GET /nhap/nguoi-nhan/mau.xlsx`: the blank form.
pub(crate) async fn blank() -> Page {
    let workbook = documents::template::workbook(&payee::form());
    let workbook = workbook.map_err(|error| Failure::internal(&error))?;
    let kept_as = "attachment; filename=\"mau-tai-khoan.xlsx\"";
    let headers = [
        (header::CONTENT_TYPE, XLSX),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    Ok((headers, workbook).into_response())
}

/// `POST /nhap/nguoi-nhan`: reads the file on trial and leads to what it says.
pub(crate) async fn upload(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    form: Multipart,
) -> Page {
    let received = receive(form).await?;
    let provider = received.provider;
    let refuse = |provider: String, sentence: &str| {
        let error = Some(sentence.to_owned());
        refused_page(&import_page(&server, &who, provider, error))
    };
    if who.actor.areas_of(OFFICER).next().is_none() {
        access::require(&who.actor, OFFICER, "")?;
    }
    if provider.trim().is_empty() {
        return refuse(provider, "Chưa ghi đơn vị gửi danh sách");
    }
    let Some((name, file)) = received.file else {
        return refuse(provider, "Chưa chọn tệp Excel hoặc CSV");
    };
    let read = match read(file.path(), &name, &provider).await? {
        Ok(read) => read,
        Err(sentence) => return refuse(provider, &sentence),
    };
    let (pool, clock) = (&server.pool, &server.clock);
    let trial = payee::record_list(pool, &who.actor, clock, read, true).await?;
    let ticket = Upload::ticket();
    let address = format!("/nhap/{ticket}");
    let upload = Upload {
        ticket,
        name,
        area: String::new(),
        content: Content::Payees { provider },
        file,
        trial,
        applied: Default::default(),
    };
    server.uploads.keep(&who.actor.name, upload);
    Ok(Redirect::to(&address).into_response())
}

/// Reads a list off the async threads; the inner error is a sentence for the officer.
pub(super) async fn read(
    path: &FilePath,
    name: &str,
    provider: &str,
) -> Result<Result<ReadList, String>, Failure> {
    let (path, name, provider) = (path.to_owned(), name.to_owned(), provider.to_owned());
    let reading = tokio::task::spawn_blocking(move || {
        let open = || {
            File::open(&path)
                .map(BufReader::new)
                .map_err(SheetError::from)
        };
        let hash = sheet::fingerprint(open()?).map_err(SheetError::from)?;
        let mut list = PayeeList::new(&provider, &name, hash);
        sheet::read(open()?, |row, cells| {
            Ok::<_, Unreadable>(list.take(row, cells)?)
        })?;
        Ok::<_, Unreadable>(list.finish()?)
    });
    let read = reading.await.map_err(|error| Failure::internal(&error))?;
    Ok(read.map_err(|unreadable| crate::failure::sentence(&unreadable.to_string())))
}
