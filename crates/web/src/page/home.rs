//! The home page: where this month stands.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::State;

use super::{Page, page};
use crate::Server;
use crate::frame::{Frame, Section};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
}

/// `GET /`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Page {
    page(&HomePage {
        frame: Frame::inside(&server, &who, Section::Home),
    })
}
