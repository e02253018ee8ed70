//! Citizens answer what they were asked: scans of papers, and the answers they corrected.

use askama::Template;
use axum::extract::State;
use axum::extract::multipart::Multipart;
use casework::attachment::NewAttachment;
use casework::citizen::{Act, Asked, Filed, act, filed, standing};

use super::super::{Page, page, refused_page};
use super::Verified;
use super::act::form_id;
use super::apply::may_ask;
use super::scans::Sent;
use crate::Server;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::once::{form_key, form_once};

/// Sendings of one dossier in an hour: each may be large.
const IN_AN_HOUR: i32 = 10;

#[derive(Template)]
#[template(path = "supplement.html")]
struct SupplementPage {
    frame: Frame,
    asked: Asked,
    /// Whether there is a form to be corrected.
    has_form: bool,
    /// Labels of the questions answered anew.
    corrected: Vec<String>,
    /// Place of the paper and sentence; those of no paper lead to the answers.
    faults: Vec<(Option<usize>, String)>,
    key: String,
}

impl SupplementPage {
    fn of(
        server: &Server,
        asked: Asked,
        filed: Option<&Filed>,
        faults: Vec<(Option<usize>, String)>,
    ) -> SupplementPage {
        let frame = Frame::outside(server);
        SupplementPage {
            frame: match faults.is_empty() {
                true => frame,
                false => frame.failed(),
            },
            asked,
            has_form: filed.is_some(),
            corrected: filed.map(|it| it.corrected.clone()).unwrap_or_default(),
            faults,
            key: form_key(),
        }
    }

    fn fault(&self, place: &usize) -> Option<&str> {
        let found = self.faults.iter().find(|(at, _)| *at == Some(*place));
        found.map(|(_, why)| why.as_str())
    }
}

/// `GET /tra-cuu/ho-so/bo-sung`.
pub(crate) async fn form(State(server): State<Server>, Verified(citizen): Verified) -> Page {
    let standing = standing(&server.pool, &server.clock, &citizen).await?;
    let asked = standing.asked.ok_or_else(nothing_asked)?;
    let filed = filed(&server.pool, &server.clock, &citizen).await?;
    page(&SupplementPage::of(
        &server,
        asked,
        filed.as_ref(),
        Vec::new(),
    ))
}

fn nothing_asked() -> Failure {
    Failure::refused(
        "nothing_asked",
        "Hồ sơ này hiện không cần bổ sung giấy tờ nào",
    )
}

/// What a form answers of what was asked.
struct Answer {
    scans: Vec<NewAttachment>,
    without: Vec<String>,
    faults: Vec<(Option<usize>, String)>,
}

fn answer(sent: &Sent, asked: &Asked, is_corrected: bool) -> Answer {
    let (mut scans, mut without, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (at, paper) in asked.papers.iter().enumerate() {
        let fields = [format!("tep-{at}"), format!("tep-chup-{at}")];
        let own = fields.iter().flat_map(|field| sent.scans(field, paper));
        let own: Vec<NewAttachment> = own.collect();
        let wrong = sent.faults.iter().find(|(name, _)| fields.contains(name));
        match (wrong, own.is_empty()) {
            (Some((_, why)), _) => faults.push((Some(at), format!("{paper}: {why}"))),
            (None, true) if is_corrected => without.push(paper.clone()),
            (None, true) => faults.push((Some(at), format!("Chưa chọn tệp cho: {paper}"))),
            (None, false) => scans.extend(own),
        }
    }
    Answer {
        scans,
        without,
        faults,
    }
}

/// `POST /tra-cuu/ho-so/bo-sung`: files for each paper, in the order they were asked for, with what was
/// corrected before. A paper without a file is answered by what was corrected.
pub(crate) async fn send(
    State(server): State<Server>,
    Verified(citizen): Verified,
    form: Multipart,
) -> Page {
    let dossier = citizen.dossier().to_string();
    if !may_ask(&server, ("supplement", &dossier), IN_AN_HOUR).await? {
        let message = "Đã gửi nhiều lần trong một giờ: mời thử lại sau";
        return Err(Failure::refused("too_many_tries", message));
    }
    let standing = standing(&server.pool, &server.clock, &citizen).await?;
    let filed = filed(&server.pool, &server.clock, &citizen).await?;
    // Sent twice, the first time has answered what was asked.
    let open = standing.asked.is_some();
    let asked = standing.asked.unwrap_or_else(|| Asked {
        papers: Vec::new(),
        reason: String::new(),
        day: standing.submitted_on,
    });
    let sent = Sent::of(server.files()?, form).await?;
    let corrected = filed.as_ref().is_some_and(|it| !it.corrected.is_empty());
    let answer = answer(&sent, &asked, corrected);
    if !answer.faults.is_empty() {
        let page = SupplementPage::of(&server, asked, filed.as_ref(), answer.faults);
        return refused_page(&page);
    }
    let key = sent.text("khoa");
    let event_id = form_id(key)?;
    let request = ["citizen.supplement", dossier.as_str(), key];
    let work = async {
        if !open {
            return Err(nothing_asked());
        }
        let step = Act::Supplement {
            scans: answer.scans,
            without: answer.without,
        };
        act(&server.pool, &server.clock, &citizen, event_id, step).await?;
        Ok("/tra-cuu/ho-so?xong=bo-sung".to_owned())
    };
    match form_once(&server, citizen.actor(), key, &request, work).await {
        Err(failure) if open && failure.is_refusal() => {
            let faults = vec![(None, failure.message().to_owned())];
            refused_page(&SupplementPage::of(&server, asked, filed.as_ref(), faults))
        }
        done => done,
    }
}
