//! Cookies of signing in. Over HTTPS their names begin with `__Host-`, so that no neighbour under the
//! same domain and nobody on the way without HTTPS can set them.

use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::security::came_by_https;

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The session.
    Session,
    /// The first step of signing in is passed.
    Step,
    /// Sent to the provider of identities, to come back.
    Attempt,
}

impl Kept {
    const fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Kept::Session, false) => "ansinh_phien",
            (Kept::Session, true) => "__Host-ansinh_phien",
            (Kept::Step, false) => "ansinh_buoc_hai",
            (Kept::Step, true) => "__Host-ansinh_buoc_hai",
            (Kept::Attempt, false) => "ansinh_dinh_danh",
            (Kept::Attempt, true) => "__Host-ansinh_dinh_danh",
        }
    }

    /// What the browser sent; empty when it sent none.
    pub(crate) fn read(self, headers: &HeaderMap, cookies: &CookieJar) -> String {
        let cookie = cookies.get(self.name(came_by_https(headers)));
        cookie.map_or_else(String::new, |cookie| cookie.value().to_owned())
    }

    /// Gives the browser a secret until it is closed.
    pub(crate) fn give(self, headers: &HeaderMap, cookies: CookieJar, secret: String) -> CookieJar {
        let https = came_by_https(headers);
        let cookie = Cookie::build((self.name(https), secret))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(https);
        cookies.add(cookie)
    }

    /// Takes it away again.
    pub(crate) fn take(self, headers: &HeaderMap, cookies: CookieJar) -> CookieJar {
        let https = came_by_https(headers);
        let gone = Cookie::build(self.name(https)).path("/").secure(https);
        cookies.remove(gone)
    }
}
