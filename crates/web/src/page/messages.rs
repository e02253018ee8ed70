//! Messages to citizens: what waits and what could not be sent, by area.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Form};
use kernel::Month;
use messages::show::{self, Filter, READERS, Row, STATES, WORKERS};
use messages::{Channel, Refused};
use serde::Deserialize;

use super::{Page, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(rename = "trang-thai")]
    trang_thai: String,
    trang: PageNumber,
    xong: String,
}

#[derive(Template)]
#[template(path = "messages.html")]
struct MessagesPage {
    frame: Frame,
    areas: Vec<Choice>,
    code: String,
    name: String,
    state: &'static str,
    counts: Vec<(String, i64)>,
    rows: Vec<Row>,
    paging: Paging,
    may_send: bool,
    key: String,
    done: bool,
}

impl MessagesPage {
    fn is_offered(&self) -> bool {
        self.areas.iter().any(|choice| choice.code == self.code)
    }

    fn count(&self, state: &str) -> i64 {
        let counted = self.counts.iter().find(|(counted, _)| counted == state);
        counted.map_or(0, |(_, count)| *count)
    }

    fn address(&self, state: &str, page: &i64) -> String {
        let area = encode(&self.code);
        format!("/tin-nhan?dia-ban={area}&trang-thai={state}&trang={page}")
    }

    fn is_state(&self, state: &str) -> bool {
        self.state == state
    }

    /// Whether each row has a button that sends it anew.
    fn has_buttons(&self) -> bool {
        self.may_send && self.is_state("failed")
    }

    fn state_name(&self) -> &'static str {
        let known = STATES.iter().find(|(code, _)| *code == self.state);
        known.map_or("", |(_, name)| name)
    }

    /// The channel as users know it.
    fn channel(&self, code: &str) -> &'static str {
        Channel::from_code(code).map_or("", Channel::vietnamese)
    }
}

/// Why a try did not succeed, as users see it; codes of gateways are told as they are.
fn why(code: &str) -> &str {
    match code {
        "timed_out" | "busy" | "connection_lost" | "not_reached" => "cổng nhắn tin không trả lời",
        "not_admitted" | "not_trusted" => "cổng nhắn tin không cho vào",
        "no_recipient" => "không có số điện thoại hoặc địa chỉ",
        "unknown_number" => "số điện thoại không tồn tại",
        "switched_off" | "not_arrived" => "không đến được máy của người dân",
        "folder_not_writable" => "không ghi được vào thư mục",
        other => other,
    }
}

/// `GET /tin-nhan`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let month = Month::of(server.clock.today());
    let areas = area::offered(&who.actor, &READERS, month);
    let first = areas.first().map(|choice| choice.code.clone());
    let code = match wanted.dia_ban.as_str() {
        "" => first.unwrap_or_else(|| "VN".to_owned()),
        code => code.to_owned(),
    };
    access::require(&who.actor, &READERS, &code)?;
    let asked = STATES.iter().find(|(code, _)| *code == wanted.trang_thai);
    let state = asked.map_or("failed", |(code, _)| code);
    let number = wanted.trang.get();
    let filter = Filter {
        area: code.clone(),
        state: Some(state.to_owned()),
        dossier: None,
        offset: Paging::offset(number),
        limit: ROWS,
    };
    let (pool, clock) = (&server.pool, &server.clock);
    let counts = show::counts(pool, &who.actor, clock, &code).await?;
    let rows = show::list(pool, &who.actor, clock, &filter).await?;
    let counted = counts.iter().find(|(counted, _)| counted == state);
    page(&MessagesPage {
        frame: Frame::inside(&server, &who, Section::Messages),
        name: area::name(&code, month),
        may_send: who.actor.areas_of(&WORKERS).next().is_some(),
        paging: Paging {
            page: number,
            count: counted.map_or(0, |(_, count)| *count),
        },
        areas,
        code,
        state,
        counts,
        rows,
        key: form_key(),
        done: wanted.xong == "1",
    })
}

#[derive(Deserialize)]
pub(crate) struct Again {
    khoa: String,
    so: i64,
    #[serde(default, rename = "dia-ban")]
    dia_ban: String,
}

/// `POST /tin-nhan`: a message that failed is sent anew.
pub(crate) async fn again(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Again>,
) -> Page {
    let back = format!(
        "/tin-nhan?dia-ban={}&trang-thai=failed&xong=1",
        encode(&order.dia_ban)
    );
    let work = async {
        show::again(&server.pool, &who.actor, &server.clock, order.so).await?;
        Ok(back)
    };
    // Several messages of one page share its key: each is a request of its own.
    let key = format!("{}-{}", order.khoa, order.so);
    let request = ["message", &order.so.to_string()];
    form_once(&server, &who.actor, &key, &request, work).await
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let code = refused.code();
        match refused {
            Refused::Denied(denied) => denied.into(),
            Refused::NotFailed | Refused::UnknownDossier => {
                Failure::new(StatusCode::NOT_FOUND, code, sentence(&refused.to_string()))
            }
            Refused::Inconsistent(_) | Refused::Database(_) => Failure::internal(&refused),
            refused => Failure::refused(code, sentence(&refused.to_string())),
        }
    }
}
