//! Applying online: choosing what for, going on later, checking, submitting. Nothing of the registry
//! is shown or filled in: nobody has proved who they are.

use askama::Template;
use axum::Form;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use casework::draft::{self, Draft, Owner, Subject};
use casework::form::{self, Answers};
use casework::online;
use law::Benefit;
use serde::Deserialize;
use uuid::Uuid;

use super::super::{Page, page, refused_page};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;
use crate::origin::CameFrom;
use crate::security::came_by_https;

/// Name of the cookie; it goes to the pages of applying only.
const COOKIE: &str = "ansinh_nop_ho_so";
const PATH: &str = "/nop-ho-so";

/// Applications begun, and tries to come back to one, from one address in an hour.
const BEGUN: i32 = 20;
const RETURNS: i32 = 30;

/// Whoever holds the secret of an application that has begun.
pub(crate) struct Applicant {
    /// By what it is kept.
    pub(crate) owner: String,
    pub(crate) draft: Draft,
}

impl Applicant {
    pub(crate) fn form(&self) -> Result<&'static form::Form, Failure> {
        form::by_code(&self.draft.subject.form).ok_or_else(Failure::not_found)
    }

    /// Keeps answers in place of those before.
    pub(crate) async fn save(&self, server: &Server, answers: &Answers) -> Result<(), Failure> {
        let owner = Owner::Citizen(&self.owner);
        draft::save(&server.pool, &server.clock, owner, self.draft.id, answers).await?;
        Ok(())
    }
}

impl FromRequestParts<Server> for Applicant {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Applicant, Response> {
        let cookies = CookieJar::from_headers(&parts.headers);
        match begun(server, &cookies).await {
            Ok(Some(applicant)) => Ok(applicant),
            Ok(None) => Err(Redirect::to(PATH).into_response()),
            Err(failure) => Err(failure.into_response()),
        }
    }
}

pub(crate) fn owner(cookies: &CookieJar) -> Option<String> {
    let cookie = cookies.get(COOKIE)?;
    Some(access::citizen::key_of(cookie.value()))
}

async fn begun(server: &Server, cookies: &CookieJar) -> Result<Option<Applicant>, Failure> {
    let Some(owner) = owner(cookies) else {
        return Ok(None);
    };
    let all = draft::all(&server.pool, &server.clock, Owner::Citizen(&owner)).await?;
    let newest = all.into_iter().next();
    Ok(newest.map(|draft| Applicant { owner, draft }))
}

fn with_cookie(cookies: CookieJar, headers: &HeaderMap, token: String) -> CookieJar {
    cookies.add(
        Cookie::build((COOKIE, token))
            .path(PATH)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(came_by_https(headers)),
    )
}

/// Something to apply for.
struct Offer {
    /// `form/procedure/benefit`.
    value: String,
    words: String,
    hint: String,
}

#[derive(Template)]
#[template(path = "apply.html")]
struct ApplyPage {
    frame: Frame,
    offers: Vec<Offer>,
    chosen: String,
    goes_on: bool,
    /// Field and sentence.
    faults: Vec<(&'static str, String)>,
}

impl ApplyPage {
    fn of(server: &Server, chosen: String, faults: Vec<(&'static str, String)>) -> ApplyPage {
        let frame = Frame::outside(server);
        ApplyPage {
            frame: match faults.is_empty() {
                true => frame,
                false => frame.failed(),
            },
            offers: offers(server),
            chosen,
            goes_on: false,
            faults,
        }
    }

    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| *name == field);
        found.map(|(_, why)| why.as_str())
    }
}

/// What can be applied for today: each benefit by the name the law gives it, without those that reveal
/// an illness, which are asked for at the commune; then what is about no benefit.
fn offers(server: &Server) -> Vec<Offer> {
    let today = server.clock.today();
    let mut offers: Vec<Offer> = Vec::new();
    for form in online::forms(today) {
        let procedures = form.procedures.iter();
        let usable = procedures.filter(|code| casework::procedure::on(code, today).is_some());
        let Some(procedure) = usable.clone().next() else {
            continue;
        };
        let mut add = |procedure: &str, benefit: Option<Benefit>, words: String| {
            let code = benefit.map_or("", Benefit::code);
            let known = offers.iter().any(|offer| offer.words == words);
            if !known && !benefit.is_some_and(|benefit| benefit.reveals_hiv()) {
                offers.push(Offer {
                    value: format!("{}/{procedure}/{code}", form.code),
                    words,
                    hint: form.number.clone(),
                });
            }
        };
        for benefit in &form.benefits {
            // The pension has a procedure of its own where the form serves several.
            let own = match benefit {
                Benefit::SocialPension => usable.clone().next_back(),
                _ => Some(procedure),
            };
            let words = sentence(server.law.name(*benefit));
            add(own.unwrap_or(procedure), Some(*benefit), words);
        }
        if form.benefits.is_empty() {
            add(procedure, None, sentence(&form.name));
        }
    }
    offers
}

/// `GET /nop-ho-so`.
pub(crate) async fn start(State(server): State<Server>, cookies: CookieJar) -> Page {
    let goes_on = begun(&server, &cookies).await?.is_some();
    page(&ApplyPage {
        goes_on,
        ..ApplyPage::of(&server, String::new(), Vec::new())
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Begin {
    loai: String,
}

/// `POST /nop-ho-so`: begins an application. What it is for goes into no address.
pub(crate) async fn begin(
    State(server): State<Server>,
    CameFrom(origin): CameFrom,
    headers: HeaderMap,
    cookies: CookieJar,
    Form(given): Form<Begin>,
) -> Page {
    let offered = offers(&server).into_iter().any(|it| it.value == given.loai);
    let parts: Vec<&str> = given.loai.split('/').collect();
    let ([form, procedure, benefit], true) = (&parts[..], offered) else {
        let fault = vec![("loai", "Chọn một mục".to_owned())];
        return refused_page(&ApplyPage::of(&server, given.loai, fault));
    };
    if !may_ask(&server, ("apply", &origin.place()), BEGUN).await? {
        return too_many(&server);
    }
    let subject = Subject {
        form: (*form).to_owned(),
        procedure: (*procedure).to_owned(),
        benefit: Benefit::from_code(benefit),
        person: None,
    };
    let token = access::citizen::draft_token().map_err(|error| Failure::internal(&error))?;
    let owner = access::citizen::key_of(&token);
    let (key, what) = (Owner::Citizen(&owner), (&subject, &Answers::default()));
    draft::begin(&server.pool, &server.clock, key, Uuid::new_v4(), what).await?;
    let cookies = with_cookie(cookies, &headers, token);
    Ok((cookies, Redirect::to("/nop-ho-so/cau")).into_response())
}

pub(super) async fn may_ask(
    server: &Server,
    asking: (&str, &str),
    most: i32,
) -> Result<bool, Failure> {
    let now = server.clock.now();
    Ok(access::citizen::may_ask(&server.pool, now, asking, most).await?)
}

fn too_many(server: &Server) -> Page {
    let message = "Từ nơi này đã có quá nhiều lượt trong một giờ: mời thử lại sau, hoặc đến xã";
    let page = ApplyPage::of(server, String::new(), vec![("loai", message.to_owned())]);
    Ok((StatusCode::TOO_MANY_REQUESTS, Html(page.render()?)).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Back {
    ma: String,
    ngay_sinh: String,
}

/// `POST /nop-ho-so/tiep`: back to an application with its code and the birth date. An unknown code and
/// a wrong date are answered alike.
pub(crate) async fn come_back(
    State(server): State<Server>,
    CameFrom(origin): CameFrom,
    headers: HeaderMap,
    cookies: CookieJar,
    Form(given): Form<Back>,
) -> Page {
    if !may_ask(&server, ("return", &origin.place()), RETURNS).await? {
        return too_many(&server);
    }
    let token = access::citizen::returning_token(&given.ma, &as_written(&given.ngay_sinh));
    let owner = access::citizen::key_of(&token);
    let found = draft::all(&server.pool, &server.clock, Owner::Citizen(&owner)).await?;
    if found.is_empty() {
        let fault = "Không tìm thấy hồ sơ đang làm: mã hoặc ngày sinh chưa đúng, hoặc đã quá hạn";
        let page = ApplyPage::of(&server, String::new(), vec![("ma", fault.to_owned())]);
        return refused_page(&page);
    }
    let cookies = with_cookie(cookies, &headers, token);
    Ok((cookies, Redirect::to("/nop-ho-so/kiem-tra")).into_response())
}

#[derive(Template)]
#[template(path = "apply_kept.html")]
struct KeptPage {
    frame: Frame,
    /// `None` while the birth date is not answered.
    code: Option<String>,
    birth_date: String,
    until: jiff::civil::Date,
}

/// `POST /nop-ho-so/de-sau`: a code to come back with, shown this once; the application is kept under it
/// and the birth date as it was answered.
pub(crate) async fn leave_for_later(
    State(server): State<Server>,
    headers: HeaderMap,
    cookies: CookieJar,
    applicant: Applicant,
) -> Page {
    let form = applicant.form()?;
    let answered = applicant.draft.answers.text("birth_date");
    let written = answered.map(|kept| words(form, "birth_date", kept));
    let mut shown = KeptPage {
        frame: Frame::outside(&server),
        code: None,
        birth_date: written.clone().unwrap_or_default(),
        until: applicant.draft.expires_on,
    };
    let Some(written) = written else {
        return page(&shown);
    };
    let code = access::citizen::return_code().map_err(|error| Failure::internal(&error))?;
    let token = access::citizen::returning_token(&code, &written);
    let owner = access::citizen::key_of(&token);
    let mut tx = server.pool.begin().await?;
    let keys = (Owner::Citizen(&applicant.owner), Owner::Citizen(&owner));
    let (id, answers) = (applicant.draft.id, &applicant.draft.answers);
    draft::hand_over(&mut *tx, keys, id).await?;
    draft::save(&mut *tx, &server.clock, keys.1, id, answers).await?;
    tx.commit().await?;
    shown.code = Some(code);
    let cookies = with_cookie(cookies, &headers, token);
    Ok((cookies, Html(shown.render()?)).into_response())
}

/// `1/2/1970` as `01/02/1970`, the writing a kept day has.
fn as_written(day: &str) -> String {
    let parts = day
        .trim()
        .split('/')
        .map(|part| format!("{:0>2}", part.trim()));
    parts.collect::<Vec<_>>().join("/")
}

/// A kept answer as people write it.
pub(super) fn words(form: &form::Form, code: &str, kept: &str) -> String {
    let field = form.field(code);
    field.map_or_else(|| kept.to_owned(), |field| field.words(kept))
}
