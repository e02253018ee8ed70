//! Signing in, in one step or two, and out.

pub(crate) mod identity;

use access::session::{Session, SignedIn};
use access::sign_in::{Entered, SignInError, with_code, with_password};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{Page, page, refused_page};
use crate::Server;
use crate::address::{encode, within_site};
use crate::cookie::Kept;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::origin::CameFrom;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    back: String,
    name: String,
    /// What the button of the provider of identities says, if there is one.
    elsewhere: Option<String>,
    error: Option<String>,
}

/// The page as it opens, or with what went wrong.
fn first_page(server: &Server, back: String, name: String, error: Option<String>) -> SignInPage {
    SignInPage {
        frame: Frame::outside(server).telling(error.as_ref()),
        back,
        name,
        elsewhere: server.identities.as_ref().map(|it| it.name.clone()),
        error,
    }
}

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    frame: Frame,
    back: String,
    error: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    ve: String,
}

/// `GET /dang-nhap`.
pub(crate) async fn form(State(server): State<Server>, Query(back): Query<Back>) -> Page {
    let back = within_site(&back.ve).to_owned();
    page(&first_page(&server, back, String::new(), None))
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    ten: String,
    #[serde(default)]
    mat_khau: String,
    #[serde(default)]
    ve: String,
}

/// `POST /dang-nhap`.
pub(crate) async fn enter(
    State(server): State<Server>,
    headers: HeaderMap,
    cookies: CookieJar,
    CameFrom(origin): CameFrom,
    Form(given): Form<Credentials>,
) -> Page {
    let back = within_site(&given.ve).to_owned();
    let turn = server.sign_ins.acquire().await;
    let _turn = turn.map_err(|error| Failure::internal(&error))?;
    let now = server.clock.now();
    let entered = with_password(&server.pool, now, &origin, &given.ten, &given.mat_khau).await;
    match entered {
        Ok(entered) => go_on(&server, &headers, cookies, entered, &back).await,
        Err(error) if error.is_refusal() => {
            let error = Some(error.to_string());
            refused_page(&first_page(&server, back, given.ten, error))
        }
        Err(error) => Err(Failure::internal(&error)),
    }
}

/// Into the site, or to the page of the code.
pub(crate) async fn go_on(
    server: &Server,
    headers: &HeaderMap,
    cookies: CookieJar,
    entered: Entered,
    back: &str,
) -> Page {
    match entered {
        Entered::In(session) => let_in(server, headers, cookies, session, back).await,
        Entered::OwesCode(step) => {
            let cookies = Kept::Step.give(headers, cookies, step);
            let next = format!("/dang-nhap/ma?ve={}", encode(back));
            Ok((cookies, Redirect::to(&next)).into_response())
        }
    }
}

/// The new session takes the place of the one the browser may still have.
async fn let_in(
    server: &Server,
    headers: &HeaderMap,
    cookies: CookieJar,
    session: Session,
    back: &str,
) -> Page {
    let old = Kept::Session.read(headers, &cookies);
    if !old.is_empty() {
        access::session::replaced(&server.pool, &old).await?;
    }
    let cookies = Kept::Step.take(headers, cookies);
    let cookies = Kept::Session.give(headers, cookies, session.token);
    Ok((cookies, Redirect::to(back)).into_response())
}

/// `GET /dang-nhap/ma`.
pub(crate) async fn code_form(State(server): State<Server>, Query(back): Query<Back>) -> Page {
    page(&CodePage {
        frame: Frame::outside(&server),
        back: within_site(&back.ve).to_owned(),
        error: None,
    })
}

#[derive(Deserialize)]
pub(crate) struct GivenCode {
    #[serde(default)]
    ma: String,
    #[serde(default)]
    ve: String,
}

/// `POST /dang-nhap/ma`.
pub(crate) async fn code(
    State(server): State<Server>,
    headers: HeaderMap,
    cookies: CookieJar,
    CameFrom(origin): CameFrom,
    Form(given): Form<GivenCode>,
) -> Page {
    let back = within_site(&given.ve).to_owned();
    let step = Kept::Step.read(&headers, &cookies);
    let (now, key) = (server.clock.now(), server.secret_key.as_deref());
    match with_code(&server.pool, now, &origin, key, &step, &given.ma).await {
        Ok(session) => let_in(&server, &headers, cookies, session, &back).await,
        Err(error @ SignInError::StepOver) => {
            let error = Some(error.to_string());
            refused_page(&first_page(&server, back, String::new(), error))
        }
        Err(error) if error.is_refusal() => refused_page(&CodePage {
            frame: Frame::outside(&server).failed(),
            back,
            error: Some(error.to_string()),
        }),
        Err(error) => Err(Failure::internal(&error)),
    }
}

/// `POST /dang-xuat`.
pub(crate) async fn leave(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    cookies: CookieJar,
) -> Page {
    let token = Kept::Session.read(&headers, &cookies);
    access::session::close(&server.pool, server.clock.now(), &who.actor, &token).await?;
    let gone = Kept::Session.take(&headers, cookies);
    Ok((gone, Redirect::to("/dang-nhap")).into_response())
}

/// `GET /con-lam-viec`: keeps the session alive, asked by the script before it ends.
pub(crate) async fn keep_alive() -> StatusCode {
    StatusCode::NO_CONTENT
}
