//! Help, and the law as the program applies it.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::State;

use super::{Page, page};
use crate::Server;
use crate::frame::{Frame, Section};

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
}

/// `GET /tro-giup`.
pub(crate) async fn show(State(server): State<Server>, who: Option<Extension<SignedIn>>) -> Page {
    let frame = match who {
        Some(Extension(who)) => Frame::inside(&server, &who, Section::Help),
        None => Frame::outside(&server),
    };
    page(&HelpPage { frame })
}
