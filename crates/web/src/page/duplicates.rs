//! Records that may be one person, side by side; merged or dismissed by a person only.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Form};
use kernel::actor::Role;
use kernel::{EventId, Month, PersonId};
use registry::duplicates::{self, DuplicateError, Pair};
use serde::Deserialize;
use uuid::Uuid;

use super::{Page, page, refused_page};
use crate::Server;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, READERS, Section};
use crate::once::{form_key, form_once};

/// Pairs shown; the rest comes up as these are settled.
const SHOWN: u32 = 20;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    xong: String,
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct DuplicatesPage {
    frame: Frame,
    area: String,
    areas: Vec<Choice>,
    pairs: Vec<(Pair, String)>,
    more: bool,
    done: bool,
    error: Option<String>,
    may_settle: bool,
}

/// `GET /trung`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = wanted.xong == "1";
    page(&duplicates_page(&server, &who, wanted.dia_ban, done, None).await?)
}

async fn duplicates_page(
    server: &Server,
    who: &SignedIn,
    area: String,
    done: bool,
    error: Option<String>,
) -> Result<DuplicatesPage, Failure> {
    if !area.is_empty() {
        access::require(&who.actor, READERS, &area)?;
    }
    let (pool, clock) = (&server.pool, &server.clock);
    let mut pairs = duplicates::candidates(pool, &who.actor, clock, &area, SHOWN + 1).await?;
    let more = pairs.len() > SHOWN as usize;
    pairs.truncate(SHOWN as usize);
    let frame = Frame::inside(server, who, Section::Duplicates);
    Ok(DuplicatesPage {
        frame: if error.is_some() {
            frame.failed()
        } else {
            frame
        },
        areas: area::offered(&who.actor, READERS, Month::of(clock.today())),
        pairs: pairs.into_iter().map(|pair| (pair, form_key())).collect(),
        may_settle: who.actor.areas_of(&[Role::Officer]).next().is_some(),
        area,
        more,
        done,
        error,
    })
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    #[serde(default)]
    dia_ban: String,
    viec: String,
    mot: i64,
    hai: i64,
    #[serde(default)]
    ly_do: String,
}

/// `POST /trung`: two people, or one: then the second record goes into the first.
pub(crate) async fn settle(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let (one, other) = (PersonId(order.mot), PersonId(order.hai));
    let work = async {
        let reason = order.ly_do.trim();
        if reason.is_empty() {
            return Err(Failure::refused(
                "reason_missing",
                "Cần ghi lý do, ví dụ đã xem giấy tờ gì",
            ));
        }
        let (pool, clock) = (&server.pool, &server.clock);
        match order.viec.as_str() {
            "khac" => duplicates::dismiss(pool, &who.actor, clock, (one, other), reason).await?,
            "gop-mot" => merge(&server, &who, &order, (one, other)).await?,
            "gop-hai" => merge(&server, &who, &order, (other, one)).await?,
            _ => return Err(Failure::bad_request("Không rõ việc cần làm")),
        }
        let area = crate::address::encode(&order.dia_ban);
        Ok(format!("/trung?dia-ban={area}&xong=1"))
    };
    let pair = format!("{one} {other}");
    let request = ["duplicates", &order.viec, &pair, &order.ly_do];
    match form_once(&server, &who.actor, &order.khoa, &request, work).await {
        Err(failure) if failure.is_refusal() => {
            let error = Some(failure.message().to_owned());
            let page = duplicates_page(&server, &who, order.dia_ban.clone(), false, error).await?;
            refused_page(&page)
        }
        done => done,
    }
}

async fn merge(
    server: &Server,
    who: &SignedIn,
    order: &Order,
    (kept, dropped): (PersonId, PersonId),
) -> Result<(), Failure> {
    // Named after the form: sent twice, it is the same event.
    let event = Uuid::parse_str(&order.khoa)
        .map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang"))?;
    let event = EventId(event.as_u128());
    let reason = order.ly_do.trim();
    duplicates::merge(
        &server.pool,
        &who.actor,
        &server.clock,
        event,
        (kept, dropped),
        reason,
    )
    .await?;
    Ok(())
}

impl From<DuplicateError> for Failure {
    fn from(error: DuplicateError) -> Failure {
        let code = error.code();
        match error {
            DuplicateError::Denied(denied) => denied.into(),
            DuplicateError::Failed(failed) => failed.into(),
            DuplicateError::Unknown(_) => Failure::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                code,
                sentence(&error.to_string()),
            ),
            DuplicateError::Same | DuplicateError::Refused(_) => {
                Failure::refused(code, sentence(&error.to_string()))
            }
        }
    }
}
