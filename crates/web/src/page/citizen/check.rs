//! Checking the answers of an application, submitting it, and the code to look it up with.

use access::citizen::SessionError;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use casework::form::{Answers, Field, Kind};
use casework::{lookup, online};
use messages::{Channel, Contact, contact};
use serde::Deserialize;

use super::super::{Page, page, refused_page};
use super::add::added;
use super::apply::{Applicant, owner};
use super::question::questions;
use super::{COOKIE, PATH, Verified};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;
use crate::origin::CameFrom;
use crate::security::came_by_https;

/// Applications submitted from one address, and codes given out for one dossier, in an hour.
const SUBMITTED: i32 = 10;
const CODES: i32 = 5;

/// A question with its answer in words.
struct Line {
    code: String,
    label: String,
    words: Vec<String>,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "apply_check.html")]
struct CheckPage {
    frame: Frame,
    what: String,
    lines: Vec<Line>,
    /// Names of papers sent along.
    sent: Vec<String>,
    /// Papers the form asks for that are not.
    missing: Vec<String>,
    /// Field and sentence; those of no line lead to the top.
    faults: Vec<(String, String)>,
}

async fn check_page(
    server: &Server,
    applicant: &Applicant,
    faults: Vec<(String, String)>,
) -> Result<CheckPage, Failure> {
    let form = applicant.form()?;
    let answers = &applicant.draft.answers;
    let line = |field: &Field| {
        let own = |(place, _): &&(String, String)| place.split('.').next() == Some(&*field.code);
        Line {
            code: field.code.clone(),
            label: field.label.clone(),
            words: in_words(field, answers),
            fault: faults.iter().find(own).map(|(_, why)| why.clone()),
        }
    };
    let asked = questions(form, answers);
    let mut sent = Vec::new();
    for paper in added(server, applicant).await? {
        if !sent.contains(&paper.paper) {
            sent.push(paper.paper);
        }
    }
    let missing = form.papers.iter().filter(|paper| !sent.contains(paper));
    let missing = missing.cloned().collect();
    let frame = Frame::outside(server);
    let benefit = applicant.draft.subject.benefit;
    Ok(CheckPage {
        frame: match faults.is_empty() {
            true => frame,
            false => frame.failed(),
        },
        what: benefit.map_or_else(|| form.name.clone(), |it| sentence(server.law.name(it))),
        lines: asked.into_iter().map(|(_, field)| line(field)).collect(),
        sent,
        missing,
        faults,
    })
}

pub(super) fn in_words(field: &Field, answers: &Answers) -> Vec<String> {
    let Kind::Group { fields, .. } = &field.kind else {
        let kept = answers.text(&field.code);
        return kept.map(|kept| field.words(kept)).into_iter().collect();
    };
    let row = |row: &std::collections::BTreeMap<String, String>| {
        let parts = fields
            .iter()
            .filter_map(|inner| Some(inner.words(row.get(&inner.code)?)));
        parts.collect::<Vec<_>>().join(", ")
    };
    answers.rows(&field.code).iter().map(row).collect()
}

/// `GET /nop-ho-so/kiem-tra`.
pub(crate) async fn show(State(server): State<Server>, applicant: Applicant) -> Page {
    page(&check_page(&server, &applicant, Vec::new()).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Oath {
    cam_doan: String,
}

/// `POST /nop-ho-so/kiem-tra`: submits. Sent twice, the second finds the draft gone and is led to the
/// same dossier.
pub(crate) async fn submit(
    State(server): State<Server>,
    CameFrom(origin): CameFrom,
    applicant: Applicant,
    Form(given): Form<Oath>,
) -> Page {
    if given.cam_doan != "1" {
        let why = "Đánh dấu vào ô cam đoan trước khi nộp".to_owned();
        let faults = vec![("cam-doan".to_owned(), why)];
        return refused_page(&check_page(&server, &applicant, faults).await?);
    }
    let address = origin.place();
    let asking = ("submit", address.as_str());
    let now = server.clock.now();
    if !access::citizen::may_ask(&server.pool, now, asking, SUBMITTED).await? {
        let why = "Từ nơi này đã nộp nhiều hồ sơ trong một giờ: mời thử lại sau".to_owned();
        let faults = vec![("cam-doan".to_owned(), why)];
        return refused_page(&check_page(&server, &applicant, faults).await?);
    }
    let (owner, id) = (&applicant.owner, applicant.draft.id);
    let phone = applicant.draft.answers.text("phone").map(str::to_owned);
    match online::submit(&server.pool, &server.clock, &origin, owner, id).await {
        Ok(dossier) => {
            tell_by_phone(&server, &dossier, phone).await?;
            Ok(Redirect::to("/nop-ho-so/da-nop").into_response())
        }
        Err(online::Refused::Draft(casework::draft::DraftError::Unknown)) => {
            Ok(Redirect::to("/nop-ho-so/da-nop").into_response())
        }
        Err(online::Refused::Answers(faults)) => {
            let faults = faults.into_iter();
            let faults = faults.map(|it| (it.field.into_owned(), sentence(&it.message)));
            refused_page(&check_page(&server, &applicant, faults.collect()).await?)
        }
        Err(refused @ online::Refused::Step { .. }) => {
            let faults = vec![("cam-doan".to_owned(), sentence(&refused.to_string()))];
            refused_page(&check_page(&server, &applicant, faults).await?)
        }
        Err(refused) => Err(Failure::internal(&refused)),
    }
}

/// News come to the number that was given, if it is one; the citizen may choose otherwise later.
async fn tell_by_phone(
    server: &Server,
    dossier: &str,
    phone: Option<String>,
) -> Result<(), Failure> {
    let Some(contact) = phone.and_then(|phone| Contact::of(Channel::Sms, &phone, "").ok()) else {
        return Ok(());
    };
    let by = access::citizen::anybody();
    let mut tx = server.pool.begin().await?;
    contact::record(&mut tx, server.clock.now(), dossier, &contact, &by.name).await?;
    tx.commit().await?;
    Ok(())
}

/// `GET /nop-ho-so/da-nop`: leads the browser that submitted to its dossier.
pub(crate) async fn submitted(
    State(server): State<Server>,
    headers: HeaderMap,
    cookies: CookieJar,
) -> Page {
    let (pool, clock) = (&server.pool, &server.clock);
    let dossier = match owner(&cookies) {
        Some(owner) => online::just_submitted(pool, clock, &owner).await?,
        None => None,
    };
    let Some(dossier) = dossier else {
        return Ok(Redirect::to("/nop-ho-so").into_response());
    };
    let token = access::citizen::open(pool, clock.now(), dossier).await;
    let token = token.map_err(|error: SessionError| Failure::internal(&error))?;
    let cookie = Cookie::build((COOKIE, token))
        .path(PATH)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(came_by_https(&headers));
    Ok((cookies.add(cookie), Redirect::to("/tra-cuu/ho-so?xong=nop")).into_response())
}

#[derive(Template)]
#[template(path = "look_up_code.html")]
struct CodePage {
    frame: Frame,
    dossier: String,
    /// `None` where nothing could be asked besides it.
    code: Option<String>,
}

/// `POST /tra-cuu/ho-so/ma`: a new code to look the dossier up with, in place of the one before, shown
/// this once.
pub(crate) async fn give_code(State(server): State<Server>, Verified(citizen): Verified) -> Page {
    let asked = citizen.dossier().to_string();
    let now = server.clock.now();
    if !access::citizen::may_ask(&server.pool, now, ("code", &asked), CODES).await? {
        let message = "Đã lấy mã nhiều lần trong một giờ: mời thử lại sau";
        return Err(Failure::refused("too_many_tries", message));
    }
    let standing = casework::citizen::standing(&server.pool, &server.clock, &citizen).await?;
    let mut tx = server.pool.begin().await?;
    let code = match lookup::issue_own(&mut tx, &citizen, &server.clock).await {
        Ok(code) => {
            tx.commit().await?;
            Some(code.printed())
        }
        Err(lookup::Refused::NothingToAsk) => None,
        Err(refused) => return Err(Failure::internal(&refused)),
    };
    page(&CodePage {
        frame: Frame::outside(&server),
        dossier: standing.dossier,
        code,
    })
}
