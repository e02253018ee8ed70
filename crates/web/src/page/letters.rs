//! Letters of a dossier: to be read, printed, signed.

use access::audit::Action;
use access::session::SignedIn;
use askama::Template;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, State};
use axum::{Extension, Form};
use bytes::Bytes;
use casework::letter::signed::{self, Signature, Signed, Way};
use casework::letter::{self, Draft, Kind};
use casework::lookup::{self, LookupCode};
use documents::letter::{Block, Letter};
use documents::pdf;
use files::{Files, MediaType};
use serde::Deserialize;
use serde_json::json;
use tempfile::NamedTempFile;

use super::export::Broken;
use super::papers::{Sent, receive, stored};
use super::{Page, attachment, leads_on, page, read_day};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

const PDF: &str = "application/pdf";

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage {
    frame: Frame,
    dossier: String,
    kind: Kind,
    letter: Letter,
    signed: Option<Signed>,
    may_sign: bool,
    /// A code was issued just now and stands on the letter.
    issued: bool,
    /// Why no code was issued.
    no_code: Option<String>,
    error: Option<String>,
    key: String,
}

/// `GET /ho-so/{mã}/van-ban/{loại}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((dossier, kind)): Path<(String, String)>,
) -> Page {
    let kind = known(&kind)?;
    page(&letter_page(&server, &who, (&dossier, kind), None, None).await?)
}

pub(crate) fn known(kind: &str) -> Result<Kind, Failure> {
    Kind::from_code(kind).ok_or_else(Failure::not_found)
}

async fn letter_page(
    server: &Server,
    who: &SignedIn,
    (dossier, kind): (&str, Kind),
    code: Option<&LookupCode>,
    error: Option<String>,
) -> Result<LetterPage, Failure> {
    let draft = drafted(server, who, (dossier, kind), code).await?;
    let all = signed::of_dossier(&server.pool, &who.actor, dossier).await?;
    let same = |it: &Signed| it.kind == kind.code() && it.seq == draft.seq;
    let frame = Frame::inside(server, who, Section::Work);
    Ok(LetterPage {
        frame: frame.telling(error.as_ref()),
        dossier: dossier.to_owned(),
        may_sign: signed::may_sign(&who.actor, kind),
        kind,
        letter: draft.letter,
        signed: all.into_iter().find(same),
        issued: code.is_some(),
        no_code: None,
        error,
        key: form_key(),
    })
}

/// A letter, which says when it is none of a real database.
pub(crate) async fn drafted(
    server: &Server,
    who: &SignedIn,
    which: (&str, Kind),
    code: Option<&LookupCode>,
) -> Result<Draft, Failure> {
    let (pool, law) = (&server.pool, &server.law);
    let mut draft = letter::draft(pool, law, &who.actor, &server.clock, which, code).await?;
    draft.letter = as_practice(server, draft.letter);
    Ok(draft)
}

/// The same letter; one of a practice database says so.
pub(crate) fn as_practice(server: &Server, mut letter: Letter) -> Letter {
    if server.practice {
        letter.notice = "Văn bản luyện tập, không có giá trị".to_owned();
    }
    letter
}

/// `GET /ho-so/{mã}/van-ban/{loại}/pdf`: as it was signed, or as it would be printed now.
pub(crate) async fn pdf(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((dossier, kind)): Path<(String, String)>,
) -> Page {
    let kind = known(&kind)?;
    let draft = drafted(&server, &who, (&dossier, kind), None).await?;
    let (which, clock) = ((kind, draft.seq), &server.clock);
    let name = format!("{}.pdf", kind.code());
    match signed::to_hand_out(&server.pool, &who.actor, clock, &dossier, which).await? {
        Some(signed) => stored(&server, &signed.file, MediaType::Pdf, &name).await,
        None => {
            let (object, more) = (format!("dossier {dossier}"), json!({ "kind": kind.code() }));
            let (action, told) = (Action::LetterMake, (object.as_str(), Some(draft.area)));
            access::audit::note(&server.pool, &who.actor, clock, action, told, more).await?;
            Ok(attachment(PDF, &name, printed(draft.letter).await?))
        }
    }
}

/// Prints off the async threads.
pub(crate) async fn printed(letter: Letter) -> Result<Vec<u8>, Failure> {
    let printing = tokio::task::spawn_blocking(move || {
        let file = NamedTempFile::new()?;
        pdf::print_letter(letter, file.path())?;
        Ok::<_, Broken>(std::fs::read(file.path())?)
    });
    let printed = printing.await.map_err(|error| Failure::internal(&error))?;
    Ok(printed?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// `pdf`, or a page to be printed.
    dang: String,
}

/// `POST /ho-so/{mã}/giay-hen`: a receipt with a new look-up code, which is shown this once and
/// replaces any earlier one. Sent twice it issues twice; the last receipt counts.
pub(crate) async fn receipt(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(dossier): Path<String>,
    Form(asked): Form<Asked>,
) -> Page {
    let mut tx = server.pool.begin().await?;
    let (code, no_code) = match lookup::issue(&mut tx, &who.actor, &server.clock, &dossier).await {
        Ok(code) => (Some(code), None),
        Err(refused @ lookup::Refused::NothingToAsk) => {
            (None, Some(sentence(&refused.to_string())))
        }
        Err(refused) => return Err(refused.into()),
    };
    tx.commit().await?;
    let which = (dossier.as_str(), Kind::Receipt);
    if asked.dang == "pdf" {
        let draft = drafted(&server, &who, which, code.as_ref()).await?;
        let paper = printed(draft.letter).await?;
        return Ok(attachment(PDF, "giay-hen.pdf", paper));
    }
    let mut shown = letter_page(&server, &who, which, code.as_ref(), None).await?;
    shown.no_code = no_code;
    page(&shown)
}

/// `POST /ho-so/{mã}/van-ban/{loại}/ky`: signs what would be printed now, or records a file that was
/// signed elsewhere.
pub(crate) async fn sign(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((dossier, kind)): Path<(String, String)>,
    form: Multipart,
) -> Page {
    let kind = known(&kind)?;
    // Nobody fills the store for a letter they may not see.
    let draft = drafted(&server, &who, (&dossier, kind), None).await?;
    let done = signing(&server, &who, (&dossier, kind), draft, form).await;
    let shown = async |error| letter_page(&server, &who, (&dossier, kind), None, Some(error)).await;
    leads_on(done, shown).await
}

async fn signing(
    server: &Server,
    who: &SignedIn,
    (dossier, kind): (&str, Kind),
    draft: Draft,
    form: Multipart,
) -> Page {
    let files = server.files()?;
    let sent = receive(files, form).await?;
    let (uploaded, by, on) = (sent.hashes(), sent.signed_by.trim(), sent.signed_on.trim());
    let request = ["ky", dossier, kind.code(), &sent.way, by, on, &uploaded];
    let work = async {
        let signature = signature(files, kind, draft, &sent).await?;
        signed::sign(&server.pool, &who.actor, &server.clock, dossier, &signature).await?;
        Ok(format!("/ho-so/{dossier}/giay-to?xong=ky"))
    };
    form_once(server, &who.actor, &sent.key, &request, work).await
}

/// What is signed: the file that was sent, or what would be printed now.
pub(crate) async fn signature(
    files: &Files,
    kind: Kind,
    draft: Draft,
    sent: &Sent,
) -> Result<Signature, Failure> {
    let (file, way) = match sent.way.as_str() {
        "tep" | "uploaded" => {
            let file = sent.files.first().copied();
            let file = file.ok_or_else(|| Failure::refused("missing", "Chưa chọn tệp đã ký"))?;
            let malformed = || Failure::refused("malformed", "Ngày ký: nhập dạng 05/06/2024");
            let signed_on = read_day(sent.signed_on.trim()).ok_or_else(malformed)?;
            let signed_by = sent.signed_by.trim().to_owned();
            let way = Way::Uploaded {
                signed_by,
                signed_on,
            };
            (file, way)
        }
        "ghi" | "recorded" => {
            let bytes = Bytes::from(printed(draft.letter).await?);
            let pieces = futures_util::stream::iter([Ok::<_, String>(bytes)]);
            (files.take_in("ban-in.pdf", pieces).await?, Way::Recorded)
        }
        _ => {
            let message = "way: cần recorded (ký bản in hiện nay) hoặc uploaded (tệp đã ký)";
            return Err(Failure::refused("malformed", message));
        }
    };
    Ok(Signature {
        kind,
        seq: draft.seq,
        file,
        way,
    })
}

impl From<letter::Refused> for Failure {
    fn from(refused: letter::Refused) -> Failure {
        match refused {
            letter::Refused::Dossier(refused) => refused.into(),
            letter::Refused::NothingToSay => Failure::not_found(),
            letter::Refused::Person(_) | letter::Refused::Database(_) => {
                Failure::internal(&refused)
            }
            told => Failure::refused(told.code(), sentence(&told.to_string())),
        }
    }
}

impl From<lookup::Refused> for Failure {
    fn from(refused: lookup::Refused) -> Failure {
        match refused {
            lookup::Refused::Dossier(refused) => refused.into(),
            lookup::Refused::Machine(_) | lookup::Refused::Database(_) => {
                Failure::internal(&refused)
            }
            told => Failure::refused(told.code(), sentence(&told.to_string())),
        }
    }
}
