//! People one decision stops or adjusts, from an uploaded list.

use std::fs::File;
use std::io::BufReader;
use std::path::Path as FilePath;

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Multipart, Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use casework::collective::{self, ListSheet, Proposed, ReadList, Summary};
use documents::sheet::{self, SheetError};
use kernel::Month;
use registry::event::Decision;
use registry::import::Imported;

use super::{Filled, Listed, Looked, collective_page, named, setting};
use crate::Server;
use crate::area;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::page::import::{OFFICER, Unreadable, XLSX, receive};
use crate::page::{Page, attachment, leads_on, page};
use crate::paging::{Paging, cut};
use crate::uploads::{Content, Upload};

#[derive(Template)]
#[template(path = "collective_list.html")]
struct ListPage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    ticket: String,
    file: String,
    area: String,
    summary: Summary,
    rows: Vec<Looked>,
    paging: Paging,
    filled: Filled,
    key: String,
}

impl ListPage {
    fn address(&self, page: &i64) -> String {
        format!("/quyet-dinh-chung/danh-sach/{}?trang={page}", self.ticket)
    }
}

/// `GET /quyet-dinh-chung/mau.xlsx`: the blank form.
pub(crate) async fn blank(State(server): State<Server>) -> Page {
    let workbook = documents::template::workbook(&collective::list::form(&server.law));
    let workbook = workbook.map_err(|error| Failure::internal(&error))?;
    Ok(attachment(XLSX, "mau-quyet-dinh-chung.xlsx", workbook))
}

/// `POST /quyet-dinh-chung/danh-sach`: keeps the file and leads to what it says.
pub(crate) async fn upload(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    form: Multipart,
) -> Page {
    let received = receive(form).await?;
    let code = if received.area == "VN" {
        String::new()
    } else {
        received.area
    };
    access::require(&who.actor, OFFICER, &code)?;
    let refuse = async |why: &str| {
        let refused = Err(Failure::refused("unreadable", why));
        let again = async |error| collective_page(&server, &who, 1, Some(error)).await;
        leads_on(refused, again).await
    };
    let Some((name, file)) = received.file else {
        return refuse("Chưa chọn tệp Excel hoặc CSV").await;
    };
    let list = match read(&server, file.path()).await? {
        Ok(list) => list,
        Err(why) => return refuse(&why).await,
    };
    let (summary, _) =
        collective::list::look(&setting(&server), &who.actor, &list, &unsigned(&server)).await?;
    let ticket = Upload::ticket();
    let address = format!("/quyet-dinh-chung/danh-sach/{ticket}");
    let upload = Upload {
        ticket,
        name,
        area: code,
        content: Content::Decision,
        file,
        trial: Imported {
            rows: list.rows,
            refused: summary.refused,
            ..Imported::default()
        },
        applied: Default::default(),
    };
    server.uploads.keep(&who.actor.name, upload);
    Ok(Redirect::to(&address).into_response())
}

/// A decision nobody has signed yet, to look at what a list does.
fn unsigned(server: &Server) -> Decision {
    Decision {
        number: "-".to_owned(),
        date: server.clock.today(),
        signed_by: None,
    }
}

/// Reads a list off the async threads; the inner error is a sentence for the officer.
async fn read(server: &Server, path: &FilePath) -> Result<Result<ReadList, String>, Failure> {
    let (law, path) = (server.law.clone(), path.to_owned());
    let reading = tokio::task::spawn_blocking(move || {
        let file = File::open(&path)
            .map(BufReader::new)
            .map_err(SheetError::from)?;
        let mut list = ListSheet::new(&law);
        sheet::read(file, |row, cells| {
            Ok::<_, Unreadable>(list.take(row, cells)?)
        })?;
        Ok::<_, Unreadable>(list.finish()?)
    });
    let read = reading.await.map_err(|error| Failure::internal(&error))?;
    Ok(read.map_err(|unreadable| sentence(&unreadable.to_string())))
}

async fn kept(
    server: &Server,
    who: &SignedIn,
    ticket: &str,
) -> Result<(std::sync::Arc<Upload>, ReadList), Failure> {
    let upload = server.uploads.find(&who.actor.name, ticket);
    let upload = upload.filter(|upload| upload.content == Content::Decision);
    let upload = upload.ok_or_else(Failure::not_found)?;
    let list = read(server, upload.file.path()).await?;
    Ok((
        upload,
        list.map_err(|why| Failure::refused("unreadable", why))?,
    ))
}

/// `GET /quyet-dinh-chung/danh-sach/{ticket}`: what the list does, row by row.
pub(crate) async fn preview(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(ticket): Path<String>,
    Query(listed): Query<Listed>,
) -> Page {
    let number = listed.trang.get();
    page(&list_page(&server, &who, &ticket, number, Filled::default(), None).await?)
}

async fn list_page(
    server: &Server,
    who: &SignedIn,
    ticket: &str,
    number: i64,
    filled: Filled,
    error: Option<String>,
) -> Result<ListPage, Failure> {
    let (upload, list) = kept(server, who, ticket).await?;
    let (all, nobody) = (setting(server), unsigned(server));
    let (summary, rows) = collective::list::look(&all, &who.actor, &list, &nobody).await?;
    let (rows, paging) = cut(rows, number);
    Ok(ListPage {
        frame: Frame::inside(server, who, Section::Collective).telling(error.as_ref()),
        error,
        done: "",
        ticket: ticket.to_owned(),
        file: upload.name.clone(),
        area: area::name(&upload.area, Month::of(server.clock.today())),
        summary,
        rows: named(server, rows).await?,
        paging,
        filled,
        key: form_key(),
    })
}

/// `POST /quyet-dinh-chung/danh-sach/{ticket}`: recorded as it was looked at.
pub(crate) async fn confirm(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(ticket): Path<String>,
    Form(filled): Form<Filled>,
) -> Page {
    let work = async {
        let (upload, list) = kept(&server, &who, &ticket).await?;
        let (all, key) = (setting(&server), filled.key()?);
        let (actor, seen) = (&who.actor, filled.seen());
        if filled.viec == "trinh" {
            let proposed = Proposed::List(&upload.area, &list);
            let number = collective::propose(&all, actor, key, proposed, &seen).await?;
            return Ok(format!("/quyet-dinh-chung/trinh/{number}?xong=1"));
        }
        let (of, decision) = ((upload.area.as_str(), &list), filled.decision()?);
        let done = collective::record_list(&all, actor, key, of, &decision, &seen).await?;
        Ok(format!("/quyet-dinh-chung/{}?xong=1", done.collective_no))
    };
    let text = format!("{filled:?}");
    let request = ["collective list", &ticket, &text];
    let done = form_once(&server, &who.actor, &filled.khoa, &request, work).await;
    let shown =
        async |error| list_page(&server, &who, &ticket, 1, filled.clone(), Some(error)).await;
    leads_on(done, shown).await
}
