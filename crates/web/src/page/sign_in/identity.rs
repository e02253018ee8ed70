//! To the provider of identities, and back.

use access::identity::provider::{Answer, IdentityError, Provider};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::CookieJar;

use super::{Back, first_page, go_on};
use crate::Server;
use crate::address::within_site;
use crate::cookie::Kept;
use crate::failure::Failure;
use crate::origin::CameFrom;
use crate::page::{Page, refused_page};

/// `GET /dang-nhap/dinh-danh`. A link, not a form: forms lead nowhere outside the site.
pub(crate) async fn leave(
    State(server): State<Server>,
    headers: HeaderMap,
    cookies: CookieJar,
    Query(back): Query<Back>,
) -> Page {
    let back = within_site(&back.ve);
    match provider(&server)?
        .begin(&server.pool, server.clock.now(), back)
        .await
    {
        Ok(begun) => {
            let cookies = Kept::Attempt.give(&headers, cookies, begun.state);
            Ok((cookies, Redirect::to(&begun.address)).into_response())
        }
        Err(error) => told(&server, error),
    }
}

/// `GET /dang-nhap/dinh-danh/ve`.
pub(crate) async fn come_back(
    State(server): State<Server>,
    headers: HeaderMap,
    cookies: CookieJar,
    CameFrom(origin): CameFrom,
    Query(answer): Query<Answer>,
) -> Page {
    let state = Kept::Attempt.read(&headers, &cookies);
    let provider = provider(&server)?;
    let now = server.clock.now();
    match provider
        .finish(&server.pool, now, &origin, &state, &answer)
        .await
    {
        Ok((entered, back)) => {
            let cookies = Kept::Attempt.take(&headers, cookies);
            go_on(&server, &headers, cookies, entered, &back).await
        }
        Err(error) => told(&server, error),
    }
}

fn provider(server: &Server) -> Result<&Provider, Failure> {
    server.identities.as_deref().ok_or_else(Failure::not_found)
}

/// The sentence on the first page; what the provider did wrong goes to the log.
fn told(server: &Server, error: IdentityError) -> Page {
    match &error {
        IdentityError::NotProven(cause) | IdentityError::NotReached(cause) => {
            tracing::warn!(%cause, code = error.code(), "sign-in at the provider of identities");
        }
        _ if error.code() == "internal" => return Err(Failure::internal(&error)),
        _ => {}
    }
    let error = Some(error.to_string());
    refused_page(&first_page(server, "/".to_owned(), String::new(), error))
}
