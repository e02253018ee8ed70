//! Signing in and out.

use access::session::SignedIn;
use access::sign_in::{SignInError, sign_in};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::{Page, page, refused_page};
use crate::Server;
use crate::address::within_site;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::route::COOKIE;
use crate::security::came_by_https;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    back: String,
    name: String,
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
    let frame = Frame::outside(&server);
    page(&SignInPage {
        frame,
        back,
        name: String::new(),
        error: None,
    })
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
    Form(given): Form<Credentials>,
) -> Page {
    let back = within_site(&given.ve).to_owned();
    let _turn = server
        .sign_ins
        .acquire()
        .await
        .map_err(|error| Failure::internal(&error))?;
    match sign_in(
        &server.pool,
        server.clock.now(),
        &given.ten,
        &given.mat_khau,
    )
    .await
    {
        Ok(session) => {
            let cookie = Cookie::build((COOKIE, session.token))
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax)
                .secure(came_by_https(&headers));
            Ok((cookies.add(cookie), Redirect::to(&back)).into_response())
        }
        Err(error @ (SignInError::Wrong | SignInError::Locked)) => refused_page(&SignInPage {
            frame: Frame::outside(&server).failed(),
            back,
            name: given.ten,
            error: Some(error.to_string()),
        }),
        Err(error) => Err(Failure::internal(&error)),
    }
}

/// `POST /dang-xuat`.
pub(crate) async fn leave(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    cookies: CookieJar,
) -> Page {
    if let Some(cookie) = cookies.get(COOKIE) {
        let now = server.clock.now();
        access::session::close(&server.pool, now, &who.actor, cookie.value()).await?;
    }
    let gone = cookies.remove(Cookie::build(COOKIE).path("/"));
    Ok((gone, Redirect::to("/dang-nhap")).into_response())
}

/// `GET /con-lam-viec`: keeps the session alive, asked by the script before it ends.
pub(crate) async fn keep_alive() -> StatusCode {
    StatusCode::NO_CONTENT
}
