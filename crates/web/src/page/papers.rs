//! The papers of a dossier: scans to add and to take, letters to write and to sign.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::body::Body;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use casework::attachment::{self, KEEPERS, NewAttachment, Papers};
use casework::letter::signed::{self, Signed};
use casework::letter::{self, Kind};
use files::{FileHash, Files, MediaType, Stored};
use serde::Deserialize;

use super::import::broken;
use super::{Page, leads_on, page};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::route::Who;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    xong: String,
}

#[derive(Template)]
#[template(path = "papers.html")]
struct PapersPage {
    frame: Frame,
    dossier: String,
    applicant: String,
    papers: Papers,
    letters: Vec<Kind>,
    signed: Vec<Signed>,
    may_add: bool,
    may_issue: bool,
    error: Option<String>,
    done: &'static str,
    key: String,
}

impl PapersPage {
    fn letter_name<'a>(&self, code: &'a str) -> &'a str {
        Kind::from_code(code).map_or(code, |kind| kind.vietnamese())
    }
}

/// `12,5 MB`, `340 KB`.
pub(crate) fn size(bytes: &i32) -> String {
    match *bytes {
        large if large >= 1 << 20 => {
            let tenths = i64::from(large) * 10 / (1 << 20);
            format!("{},{} MB", tenths / 10, tenths % 10)
        }
        small => format!("{} KB", (small + 1023) / 1024),
    }
}

/// What people call a kind of file.
pub(crate) fn kind_of_file(media_type: &MediaType) -> &'static str {
    match media_type {
        MediaType::Pdf => "PDF",
        MediaType::Jpeg => "ảnh JPEG",
        MediaType::Png => "ảnh PNG",
    }
}

/// `GET /ho-so/{mã}/giay-to`. Looking is recorded in the audit log.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(dossier): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "them" => "Đã thêm bản quét.",
        "ky" => "Đã ghi văn bản đã ký.",
        _ => "",
    };
    page(&papers_page(&server, &who, &dossier, done, None).await?)
}

async fn papers_page(
    server: &Server,
    who: &SignedIn,
    code: &str,
    done: &'static str,
    error: Option<String>,
) -> Result<PapersPage, Failure> {
    let (pool, actor) = (&server.pool, &who.actor);
    let papers = attachment::of_dossier(pool, actor, code).await?;
    let dossier = casework::dossier(pool, actor, &server.clock, code).await?;
    let frame = Frame::inside(server, who, Section::Work);
    Ok(PapersPage {
        frame: frame.telling(error.as_ref()),
        letters: letter::kinds(&dossier, &server.clock),
        dossier: dossier.row.dossier,
        applicant: dossier.applicant,
        papers,
        signed: signed::of_dossier(pool, actor, code).await?,
        may_add: Who::Roles(KEEPERS).admits(actor),
        may_issue: Who::Roles(casework::lookup::ISSUERS).admits(actor),
        error,
        done,
        key: form_key(),
    })
}

/// Fields of a form with files.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) key: String,
    pub(crate) paper: String,
    pub(crate) replaces: String,
    pub(crate) way: String,
    pub(crate) signed_by: String,
    pub(crate) signed_on: String,
    pub(crate) files: Vec<Stored>,
}

impl Sent {
    /// The scans a form brings.
    pub(crate) fn attachments(&self) -> Result<Vec<NewAttachment>, Failure> {
        let unknown = |_| Failure::bad_request("Không rõ bản cần thay");
        let replaces = match self.replaces.trim() {
            "" => None,
            number => Some(number.parse().map_err(unknown)?),
        };
        let new = self.files.iter().map(|file| NewAttachment {
            paper: self.paper.trim().to_owned(),
            file: *file,
            replaces,
        });
        Ok(new.collect())
    }

    /// The contents of its files, by which a form sent twice is known.
    pub(crate) fn hashes(&self) -> String {
        let hashes = self.files.iter().map(|file| file.hash.to_string());
        hashes.collect::<Vec<_>>().join(" ")
    }
}

/// Reads a form; its files go to the store piece by piece as they come.
pub(crate) async fn receive(files: &Files, mut form: Multipart) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default() {
            "khoa" => sent.key = field.text().await.map_err(broken)?,
            "giay_to" | "paper" => sent.paper = field.text().await.map_err(broken)?,
            "thay" | "replaces" => sent.replaces = field.text().await.map_err(broken)?,
            "cach" | "way" => sent.way = field.text().await.map_err(broken)?,
            "nguoi" | "signed_by" => sent.signed_by = field.text().await.map_err(broken)?,
            "ngay" | "signed_on" => sent.signed_on = field.text().await.map_err(broken)?,
            "tep" | "file" if sent.files.len() <= attachment::MOST => {
                let name = field.file_name().unwrap_or_default().to_owned();
                // Browsers send a part without name or content where no file was chosen.
                if !name.is_empty() {
                    sent.files.push(files.take_in(&name, field).await?);
                }
            }
            _ => {}
        }
    }
    Ok(sent)
}

/// `POST /ho-so/{mã}/giay-to`: the files are stored first and named in one transaction afterwards.
pub(crate) async fn add(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(dossier): Path<String>,
    form: Multipart,
) -> Page {
    // Nobody fills the store for a dossier they may not see.
    attachment::of_dossier(&server.pool, &who.actor, &dossier).await?;
    let done = add_sent(&server, &who, &dossier, form).await;
    let shown = async |error| papers_page(&server, &who, &dossier, "", Some(error)).await;
    leads_on(done, shown).await
}

async fn add_sent(server: &Server, who: &SignedIn, dossier: &str, form: Multipart) -> Page {
    let sent = receive(server.files()?, form).await?;
    let new = sent.attachments()?;
    let (hashes, replaced) = (sent.hashes(), sent.replaces.trim());
    let request = ["giay-to", dossier, &sent.paper, replaced, &hashes];
    let work = async {
        let (pool, clock) = (&server.pool, &server.clock);
        attachment::attach(pool, &who.actor, clock, dossier, &new).await?;
        Ok(format!("/ho-so/{dossier}/giay-to?xong=them"))
    };
    form_once(server, &who.actor, &sent.key, &request, work).await
}

/// `GET /ho-so/{mã}/giay-to/{số}`: the file, to be kept.
pub(crate) async fn hand_out(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((dossier, scan)): Path<(String, String)>,
) -> Page {
    let number = scan.parse().map_err(|_| Failure::not_found())?;
    let (pool, clock) = (&server.pool, &server.clock);
    let found = attachment::to_hand_out(pool, &who.actor, clock, &dossier, number).await?;
    let ending = found.media_type.endings().first().unwrap_or(&"bin");
    let name = format!("giay-to-{number}.{ending}");
    stored(&server, &found.file, found.media_type, &name).await
}

/// A stored file as an answer: always to be kept, never shown or run by the browser.
pub(crate) async fn stored(
    server: &Server,
    file: &FileHash,
    media_type: MediaType,
    name: &str,
) -> Result<Response, Failure> {
    let content = server.files()?.open(file).await?;
    let content = content.ok_or_else(|| Failure::internal(&"a named file is not in the store"))?;
    let headers: [(HeaderName, String); 4] = [
        (header::CONTENT_TYPE, media_type.name().to_owned()),
        (header::CONTENT_LENGTH, content.size.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
    ];
    Ok((headers, Body::from_stream(content.pieces)).into_response())
}

impl From<files::Refused> for Failure {
    fn from(refused: files::Refused) -> Failure {
        match &refused {
            files::Refused::Interrupted(_) => {
                Failure::bad_request("Tệp gửi lên không trọn vẹn hoặc cả lần gửi lớn quá 60 MB")
            }
            of_file if of_file.is_of_the_file() => {
                Failure::refused(refused.code(), sentence(&refused.to_string()))
            }
            _ => Failure::internal(&refused),
        }
    }
}

impl From<attachment::Refused> for Failure {
    fn from(refused: attachment::Refused) -> Failure {
        match refused {
            attachment::Refused::Dossier(refused) => refused.into(),
            attachment::Refused::Step(_) | attachment::Refused::Database(_) => {
                Failure::internal(&refused)
            }
            told => Failure::refused(told.code(), sentence(&told.to_string())),
        }
    }
}
