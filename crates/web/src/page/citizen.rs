//! Pages of citizens, who have no account: looking a dossier up, and what can be done from there.

pub(crate) mod act;
pub(crate) mod add;
pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod correct;
pub(crate) mod letters;
pub(crate) mod look_up;
pub(crate) mod question;
mod scans;
pub(crate) mod standing;
pub(crate) mod supplement;

use access::citizen::Citizen;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use casework::citizen::Refused;

use crate::failure::{Failure, sentence};
use crate::{Server, origin};

/// Name of the cookie; it goes to the pages under its path only.
pub(crate) const COOKIE: &str = "ansinh_tra_cuu";
pub(crate) const PATH: &str = "/tra-cuu";

/// Somebody who proved that a dossier is theirs; others are led to the form that asks for the proof.
pub(crate) struct Verified(pub(crate) Citizen);

impl FromRequestParts<Server> for Verified {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Verified, Response> {
        let cookies = CookieJar::from_headers(&parts.headers);
        match known(server, &cookies).await {
            Ok(Some(citizen)) => Ok(Verified(citizen.at(origin::of(parts)))),
            Ok(None) => Err(Redirect::to("/tra-cuu?het=1").into_response()),
            Err(failure) => Err(failure.into_response()),
        }
    }
}

/// Who is behind the cookie, if it still counts.
pub(crate) async fn known(
    server: &Server,
    cookies: &CookieJar,
) -> Result<Option<Citizen>, Failure> {
    let Some(cookie) = cookies.get(COOKIE) else {
        return Ok(None);
    };
    let now = server.clock.now();
    Ok(access::citizen::by_session(&server.pool, now, cookie.value()).await?)
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let code = refused.code();
        match refused {
            Refused::Step { message, .. } => Failure::refused(code, sentence(&message)),
            Refused::Busy => Failure::refused(code, sentence(&refused.to_string())),
            Refused::Inconsistent(_) | Refused::Database(_) => Failure::internal(&refused),
        }
    }
}
