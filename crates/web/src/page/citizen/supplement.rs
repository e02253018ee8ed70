//! Citizens send scans of the papers they were asked for.

use askama::Template;
use axum::extract::State;
use axum::extract::multipart::Multipart;
use casework::attachment::NewAttachment;
use casework::citizen::{Act, Asked, act, standing};
use files::Files;

use super::super::{Page, page, refused_page};
use super::Verified;
use super::act::form_id;
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;
use crate::once::{form_key, form_once};

/// Sendings of one dossier in an hour: each may be large.
const IN_AN_HOUR: i32 = 10;

#[derive(Template)]
#[template(path = "supplement.html")]
struct SupplementPage {
    frame: Frame,
    asked: Asked,
    /// Place of the paper and sentence.
    faults: Vec<(usize, String)>,
    key: String,
}

impl SupplementPage {
    fn of(server: &Server, asked: Asked, faults: Vec<(usize, String)>) -> SupplementPage {
        let frame = Frame::outside(server);
        SupplementPage {
            frame: match faults.is_empty() {
                true => frame,
                false => frame.failed(),
            },
            asked,
            faults,
            key: form_key(),
        }
    }

    fn fault(&self, place: &usize) -> Option<&str> {
        let found = self.faults.iter().find(|(at, _)| at == place);
        found.map(|(_, why)| why.as_str())
    }
}

/// `GET /tra-cuu/ho-so/bo-sung`.
pub(crate) async fn form(State(server): State<Server>, Verified(citizen): Verified) -> Page {
    let standing = standing(&server.pool, &server.clock, &citizen).await?;
    let asked = standing.asked.ok_or_else(nothing_asked)?;
    page(&SupplementPage::of(&server, asked, Vec::new()))
}

fn nothing_asked() -> Failure {
    Failure::refused(
        "nothing_asked",
        "Hồ sơ này hiện không cần bổ sung giấy tờ nào",
    )
}

/// `POST /tra-cuu/ho-so/bo-sung`: a file for each paper, in the order they were asked for.
pub(crate) async fn send(
    State(server): State<Server>,
    Verified(citizen): Verified,
    form: Multipart,
) -> Page {
    let files = server.files()?;
    let dossier = citizen.dossier().to_string();
    let asking = ("supplement", dossier.as_str());
    let now = server.clock.now();
    if !access::citizen::may_ask(&server.pool, now, asking, IN_AN_HOUR).await? {
        let message = "Đã gửi nhiều lần trong một giờ: mời thử lại sau";
        return Err(Failure::refused("too_many_tries", message));
    }
    let standing = standing(&server.pool, &server.clock, &citizen).await?;
    // Sent twice, the first time has answered what was asked.
    let asked = standing.asked.unwrap_or_else(|| Asked {
        papers: Vec::new(),
        reason: String::new(),
        day: standing.submitted_on,
    });
    let received = Received::of(files, form, &asked).await?;
    if !received.faults.is_empty() {
        return refused_page(&SupplementPage::of(&server, asked, received.faults));
    }
    let event_id = form_id(&received.key)?;
    let request = ["citizen.supplement", dossier.as_str(), &received.key];
    let work = async {
        if received.scans.is_empty() {
            return Err(nothing_asked());
        }
        let step = Act::Supplement(received.scans);
        act(&server.pool, &server.clock, &citizen, event_id, step).await?;
        Ok("/tra-cuu/ho-so?xong=bo-sung".to_owned())
    };
    form_once(&server, citizen.actor(), &received.key, &request, work).await
}

/// What the form brought. Files are stored already; what no dossier comes to name goes by itself.
#[derive(Default)]
struct Received {
    key: String,
    scans: Vec<NewAttachment>,
    faults: Vec<(usize, String)>,
}

impl Received {
    async fn of(files: &Files, mut form: Multipart, asked: &Asked) -> Result<Received, Failure> {
        let broken = |_| Failure::bad_request("Biểu mẫu gửi lên không trọn vẹn");
        let mut received = Received::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "khoa" {
                received.key = field.text().await.map_err(broken)?;
                continue;
            }
            let place = name.strip_prefix("tep-").and_then(|at| at.parse().ok());
            let Some((place, paper)) =
                place.and_then(|at: usize| Some((at, asked.papers.get(at)?)))
            else {
                continue;
            };
            let file_name = field.file_name().unwrap_or_default().to_owned();
            if file_name.is_empty() {
                received
                    .faults
                    .push((place, format!("Chưa chọn tệp cho: {paper}")));
                continue;
            }
            match files.take_in(&file_name, field).await {
                Ok(file) => received.scans.push(NewAttachment {
                    paper: paper.chars().take(200).collect(),
                    file,
                    replaces: None,
                }),
                Err(refused) if refused.is_of_the_file() => {
                    let why = format!("{paper}: {}", sentence(&refused.to_string()));
                    received.faults.push((place, why));
                }
                Err(refused) => return Err(Failure::internal(&refused)),
            }
        }
        for (place, paper) in asked.papers.iter().enumerate() {
            let came = received.scans.iter().any(|scan| scan.paper == *paper);
            let told = received.faults.iter().any(|(at, _)| *at == place);
            if !came && !told {
                received
                    .faults
                    .push((place, format!("Chưa chọn tệp cho: {paper}")));
            }
        }
        received.faults.sort_by_key(|(place, _)| *place);
        Ok(received)
    }
}
