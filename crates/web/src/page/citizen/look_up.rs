//! Looking a dossier up: the code of the receipt and a second proof, both kept out of addresses.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use casework::lookup::{self, LookupCode, Proof};
use serde::Deserialize;

use super::super::{Page, page, refused_page};
use super::{COOKIE, PATH, known};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;
use crate::origin::CameFrom;
use crate::security::came_by_https;

#[derive(Template)]
#[template(path = "look_up.html")]
struct LookUpPage {
    frame: Frame,
    code: String,
    proof: String,
    /// Field and sentence.
    faults: Vec<(&'static str, String)>,
    /// The session has ended.
    ended: bool,
    minutes: i64,
}

impl LookUpPage {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| *name == field);
        found.map(|(_, why)| why.as_str())
    }

    fn of(server: &Server, given: Given, faults: Vec<(&'static str, String)>) -> LookUpPage {
        let frame = Frame::outside(server);
        LookUpPage {
            frame: match faults.is_empty() {
                true => frame,
                false => frame.failed(),
            },
            code: given.ma,
            proof: given.xac_nhan,
            faults,
            ended: false,
            minutes: access::citizen::IDLE.as_mins(),
        }
    }
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Came {
    het: String,
}

/// `GET /tra-cuu`.
pub(crate) async fn form(
    State(server): State<Server>,
    Query(came): Query<Came>,
    cookies: CookieJar,
) -> Page {
    if known(&server, &cookies).await?.is_some() {
        return Ok(Redirect::to("/tra-cuu/ho-so").into_response());
    }
    let ended = came.het == "1" && cookies.get(COOKIE).is_some();
    page(&LookUpPage {
        ended,
        ..LookUpPage::of(&server, Given::default(), Vec::new())
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    ma: String,
    xac_nhan: String,
}

/// `POST /tra-cuu`. An unknown code and a wrong proof are answered alike.
pub(crate) async fn open(
    State(server): State<Server>,
    CameFrom(origin): CameFrom,
    headers: HeaderMap,
    cookies: CookieJar,
    Form(given): Form<Given>,
) -> Page {
    let (code, proof) = (LookupCode::parse(&given.ma), Proof::parse(&given.xac_nhan));
    let mut faults = Vec::new();
    if code.is_none() {
        faults.push((
            "ma",
            "Mã tra cứu gồm 8 chữ và số, như in trên giấy hẹn".to_owned(),
        ));
    }
    if proof.is_none() {
        let message = "Ghi ngày sinh dạng 31/12/1948, hoặc 4 số cuối của số định danh";
        faults.push(("xac-nhan", message.to_owned()));
    }
    let (Some(code), Some(proof)) = (code, proof) else {
        return refused_page(&LookUpPage::of(&server, given, faults));
    };
    // Each look costs a slow hash, as a password does.
    let _turn = server
        .sign_ins
        .acquire()
        .await
        .map_err(|error| Failure::internal(&error))?;
    match lookup::find(&server.pool, &server.clock, &code, &proof, &origin).await {
        Ok(Some(found)) => {
            let token = access::citizen::open(&server.pool, server.clock.now(), found.id).await;
            let token = token.map_err(|error| Failure::internal(&error))?;
            let cookie = Cookie::build((COOKIE, token))
                .path(PATH)
                .http_only(true)
                .same_site(SameSite::Lax)
                .secure(came_by_https(&headers));
            Ok((cookies.add(cookie), Redirect::to("/tra-cuu/ho-so")).into_response())
        }
        Ok(None) => {
            let message = "Không tìm thấy hồ sơ: mã tra cứu hoặc thông tin xác nhận chưa đúng";
            let faults = vec![("ma", message.to_owned())];
            refused_page(&LookUpPage::of(&server, given, faults))
        }
        Err(refused @ lookup::Refused::TooManyTries) => {
            let faults = vec![("ma", sentence(&refused.to_string()))];
            let page = LookUpPage::of(&server, given, faults).render()?;
            Ok((StatusCode::TOO_MANY_REQUESTS, Html(page)).into_response())
        }
        Err(refused) => Err(Failure::internal(&refused)),
    }
}

/// `POST /tra-cuu/thoat`.
pub(crate) async fn leave(State(server): State<Server>, cookies: CookieJar) -> Page {
    if let Some(cookie) = cookies.get(COOKIE) {
        access::citizen::close(&server.pool, cookie.value()).await?;
    }
    let gone = cookies.remove(Cookie::build(COOKIE).path(PATH));
    Ok((gone, Redirect::to("/tra-cuu")).into_response())
}
