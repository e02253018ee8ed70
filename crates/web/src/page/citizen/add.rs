//! Papers citizens add of themselves: to an application before it is submitted, and to a dossier that is
//! being worked on. What they do not send they bring to the commune.

use askama::Template;
use axum::Form;
use axum::extract::multipart::Multipart;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use casework::attachment::NewAttachment;
use casework::citizen::{add_papers, standing};
use casework::draft::Owner;
use casework::draft::papers::{self, DraftPaper};
use serde::Deserialize;

use super::super::{Page, page, refused_page};
use super::Verified;
use super::apply::{Applicant, may_ask};
use super::scans::Sent;
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;
use crate::once::{form_key, form_once};
use crate::origin::CameFrom;

/// Sendings of one address, and of one dossier, in an hour: each may be large.
const OF_ADDRESS: i32 = 60;
const OF_DOSSIER: i32 = 10;

/// What a paper of no list is called.
const OTHER: &str = "khac";

/// A paper that is there already.
struct Added {
    /// By which it is taken out again.
    no: Option<i64>,
    paper: String,
    words: String,
}

#[derive(Template)]
#[template(path = "add_papers.html")]
struct AddPage {
    frame: Frame,
    /// Before it is submitted.
    applying: bool,
    action: &'static str,
    /// Papers to choose from.
    offered: Vec<String>,
    added: Vec<Added>,
    chosen: String,
    name: String,
    /// Field and sentence.
    faults: Vec<(String, String)>,
    key: String,
    done: bool,
}

impl AddPage {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| name == field);
        found.map(|(_, why)| why.as_str())
    }

    fn is_chosen(&self, place: &str) -> bool {
        self.chosen == place
    }

    /// With what went wrong, as it was given.
    fn failing(mut self, sent: &Sent, faults: Vec<(String, String)>) -> AddPage {
        self.frame = self.frame.failed();
        self.chosen = sent.text("giay_to").to_owned();
        self.name = sent.text("ten").to_owned();
        self.faults = faults;
        self
    }
}

/// The scans of an application not submitted yet.
pub(super) async fn added(
    server: &Server,
    applicant: &Applicant,
) -> Result<Vec<DraftPaper>, Failure> {
    let mut connection = server.pool.acquire().await?;
    Ok(papers::of_draft(&mut connection, applicant.draft.id).await?)
}

/// The scans a form brought, as the paper it named.
fn named(sent: &Sent, offered: &[String]) -> Result<Vec<NewAttachment>, Vec<(String, String)>> {
    let (chosen, own) = (sent.text("giay_to"), sent.text("ten"));
    let place: Option<usize> = chosen.parse().ok();
    let mut faults = Vec::new();
    let paper = match place.and_then(|at| offered.get(at)) {
        Some(paper) => paper.as_str(),
        None if chosen == OTHER && !own.is_empty() => own,
        None if chosen == OTHER => {
            faults.push(("ten".to_owned(), "Ghi tên giấy tờ".to_owned()));
            ""
        }
        None => {
            faults.push(("giay_to".to_owned(), "Chọn loại giấy tờ".to_owned()));
            ""
        }
    };
    faults.extend(sent.faults.iter().cloned());
    let mut scans = sent.scans("tep", paper);
    scans.extend(sent.scans("tep_chup", paper));
    if scans.is_empty() && sent.faults.is_empty() {
        let why = "Chụp ảnh hoặc chọn tệp của giấy tờ".to_owned();
        faults.push(("tep".to_owned(), why));
    }
    match faults.is_empty() {
        true => Ok(scans),
        false => Err(faults),
    }
}

fn too_many() -> Failure {
    let message = "Đã gửi nhiều lần trong một giờ: mời thử lại sau, hoặc mang đến xã";
    Failure::refused("too_many_tries", message)
}

async fn apply_page(server: &Server, applicant: &Applicant) -> Result<AddPage, Failure> {
    let added = added(server, applicant).await?.into_iter();
    let shown = |it: DraftPaper| Added {
        no: Some(it.no),
        words: format!(
            "{}, {}",
            crate::page::papers::kind_of_file(&it.media_type),
            crate::page::papers::size(&it.size)
        ),
        paper: it.paper,
    };
    Ok(AddPage {
        frame: Frame::outside(server),
        applying: true,
        action: "/nop-ho-so/giay-to",
        offered: applicant.form()?.papers.clone(),
        added: added.map(shown).collect(),
        chosen: String::new(),
        name: String::new(),
        faults: Vec::new(),
        key: form_key(),
        done: false,
    })
}

/// `GET /nop-ho-so/giay-to`.
pub(crate) async fn form(State(server): State<Server>, applicant: Applicant) -> Page {
    page(&apply_page(&server, &applicant).await?)
}

/// `POST /nop-ho-so/giay-to`: scans of one paper.
pub(crate) async fn send(
    State(server): State<Server>,
    CameFrom(origin): CameFrom,
    applicant: Applicant,
    form: Multipart,
) -> Page {
    if !may_ask(&server, ("paper", &origin.place()), OF_ADDRESS).await? {
        return Err(too_many());
    }
    let sent = Sent::of(server.files()?, form).await?;
    let offered = &applicant.form()?.papers;
    let faults = match named(&sent, offered) {
        Err(faults) => faults,
        Ok(scans) => {
            let (owner, id) = (Owner::Citizen(&applicant.owner), applicant.draft.id);
            match papers::add(&server.pool, &server.clock, owner, id, &scans).await {
                Ok(()) => return Ok(Redirect::to("/nop-ho-so/giay-to").into_response()),
                Err(refused) => {
                    let failure = Failure::from(refused);
                    if !failure.is_refusal() {
                        return Err(failure);
                    }
                    vec![("tep".to_owned(), failure.message().to_owned())]
                }
            }
        }
    };
    let shown = apply_page(&server, &applicant).await?;
    refused_page(&shown.failing(&sent, faults))
}

#[derive(Deserialize)]
pub(crate) struct Removal {
    so: i64,
}

/// `POST /nop-ho-so/giay-to/bo`: takes a scan out again.
pub(crate) async fn remove(
    State(server): State<Server>,
    applicant: Applicant,
    Form(given): Form<Removal>,
) -> Page {
    let owner = Owner::Citizen(&applicant.owner);
    papers::remove(&server.pool, owner, applicant.draft.id, given.so).await?;
    Ok(Redirect::to("/nop-ho-so/giay-to").into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Came {
    xong: String,
}

async fn later_page(server: &Server, verified: &Verified) -> Result<AddPage, Failure> {
    let standing = standing(&server.pool, &server.clock, &verified.0).await?;
    if !standing.may_add_papers() {
        let message = "Lúc này không thêm giấy tờ vào hồ sơ được";
        return Err(Failure::refused("not_now", message));
    }
    let added = standing.papers.into_iter().map(|(paper, day)| Added {
        no: None,
        words: format!("gửi {}", crate::page::date(&day)),
        paper,
    });
    Ok(AddPage {
        frame: Frame::outside(server),
        applying: false,
        action: "/tra-cuu/ho-so/giay-to",
        offered: Vec::new(),
        added: added.collect(),
        chosen: OTHER.to_owned(),
        name: String::new(),
        faults: Vec::new(),
        key: form_key(),
        done: false,
    })
}

/// `GET /tra-cuu/ho-so/giay-to`.
pub(crate) async fn later_form(
    State(server): State<Server>,
    verified: Verified,
    Query(came): Query<Came>,
) -> Page {
    let shown = later_page(&server, &verified).await?;
    page(&AddPage {
        done: came.xong == "1",
        ..shown
    })
}

/// `POST /tra-cuu/ho-so/giay-to`.
pub(crate) async fn send_later(
    State(server): State<Server>,
    verified: Verified,
    form: Multipart,
) -> Page {
    let citizen = &verified.0;
    let dossier = citizen.dossier().to_string();
    if !may_ask(&server, ("add", &dossier), OF_DOSSIER).await? {
        return Err(too_many());
    }
    // Nobody fills the store for a dossier that takes nothing.
    let shown = later_page(&server, &verified).await?;
    let sent = Sent::of(server.files()?, form).await?;
    let faults = match named(&sent, &[]) {
        Err(faults) => faults,
        Ok(scans) => {
            let (key, hashes) = (sent.text("khoa"), sent.hashes());
            let request = ["citizen.add", &dossier, sent.text("ten"), &hashes];
            let work = async {
                add_papers(&server.pool, &server.clock, citizen, &scans).await?;
                Ok("/tra-cuu/ho-so/giay-to?xong=1".to_owned())
            };
            match form_once(&server, citizen.actor(), key, &request, work).await {
                Err(failure) if failure.is_refusal() => {
                    vec![("tep".to_owned(), failure.message().to_owned())]
                }
                done => return done,
            }
        }
    };
    refused_page(&shown.failing(&sent, faults))
}

impl From<papers::Refused> for Failure {
    fn from(refused: papers::Refused) -> Failure {
        match refused {
            papers::Refused::Draft(error) => error.into(),
            papers::Refused::Paper(refused) => refused.into(),
            told @ papers::Refused::TooMany => {
                Failure::refused(told.code(), sentence(&told.to_string()))
            }
        }
    }
}
