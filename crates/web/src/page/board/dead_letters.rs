//! Messages that one-stop systems could not take, and having them sent anew.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use exchange::dead::{self, DeadLetter};
use exchange::outbox;
use kernel::area::Areas;
use kernel::clock::vietnam_time;
use serde::Deserialize;

use crate::Server;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::page::{Page, page};

/// Shown at most; the oldest first.
const MOST: i64 = 200;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    xong: String,
}

struct OfProvince {
    code: String,
    name: String,
    letters: Vec<DeadLetter>,
    key: String,
}

#[derive(Template)]
#[template(path = "dead_letters.html")]
struct DeadLettersPage {
    frame: Frame,
    provinces: Vec<OfProvince>,
    done: &'static str,
}

impl DeadLettersPage {
    fn day(letter: &DeadLetter) -> String {
        crate::page::date(&vietnam_time(letter.failed_at).date())
    }
}

/// `GET /lien-thong/gui-lai`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    let mut provinces: Vec<OfProvince> = Vec::new();
    for letter in dead::all(&server.pool, &who.actor, MOST).await? {
        match provinces.last_mut() {
            Some(last) if last.code == letter.province => last.letters.push(letter),
            _ => {
                let area = Areas::embedded().latest(&letter.province);
                provinces.push(OfProvince {
                    name: area.map_or_else(String::new, |area| area.full_name.clone()),
                    code: letter.province.clone(),
                    letters: vec![letter],
                    key: form_key(),
                });
            }
        }
    }
    page(&DeadLettersPage {
        frame: Frame::inside(&server, &who, Section::Exchange),
        provinces,
        done: match asked.xong.as_str() {
            "" => "",
            _ => "Đã cho gửi lại.",
        },
    })
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    #[serde(default)]
    tinh: String,
}

/// `POST /lien-thong/gui-lai`: all of a province.
pub(crate) async fn send_again(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    access::require(&who.actor, dead::KEEPERS, &order.tinh)?;
    let work = async {
        outbox::send_again(&server.pool, &who.actor, &server.clock, &order.tinh).await?;
        Ok("/lien-thong/gui-lai?xong=1".to_owned())
    };
    let request = ["send_again", &order.tinh];
    form_once(&server, &who.actor, &order.khoa, &request, work).await
}
