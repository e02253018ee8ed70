//! Records that may be one person, side by side and why; merged or dismissed by a person only.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Form};
use kernel::actor::Role;
use kernel::clock::vietnam_time;
use kernel::{EventId, Month, PersonId};
use registry::duplicates::{self, Decision, DuplicateError, Opinion, Pair, Said, Side};
use serde::Deserialize;
use uuid::Uuid;

use super::pair_pages::{PairPages, SHOWN};
use super::{Page, leads_on, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, READERS, Section};
use crate::once::{form_key, form_once};
use crate::paging::PageNumber;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(rename = "tinh-trang")]
    tinh_trang: String,
    trang: PageNumber,
    xong: String,
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct DuplicatesPage {
    frame: Frame,
    area: String,
    areas: Vec<Choice>,
    state: duplicates::State,
    pairs: Vec<(Pair, String)>,
    pages: PairPages,
    /// When everybody of the area was last compared with the country.
    searched: Option<links::Search>,
    key: String,
    done: &'static str,
    error: Option<String>,
    may_settle: bool,
}

impl DuplicatesPage {
    /// What was compared last, and by whom.
    fn searched(&self) -> Option<String> {
        let search = self.searched.as_ref()?;
        let what = match search.area.is_empty() {
            true => "trong cả nước với nhau".to_owned(),
            false => {
                let month = Month::of(vietnam_time(search.at).date());
                format!("của {} với cả nước", area::name(&search.area, month))
            }
        };
        let by = match search.by.as_str() {
            "server" => "máy chủ tự so".to_owned(),
            by => by.to_owned(),
        };
        let at = super::moment(&search.at);
        Some(format!("Đã so mọi hồ sơ {what} lúc {at} ({by})."))
    }
}

/// Millionths as users read them: `99,98 %`.
pub(crate) fn likely(millionths: &i32) -> String {
    let hundredths = millionths / 100;
    format!("{},{:02} %", hundredths / 100, hundredths % 100)
}

/// A side by its name, or by the province alone.
fn called(side: &Side) -> String {
    match side.seen {
        true => format!("hồ sơ số {}", side.id),
        false => format!("hồ sơ số {} ({})", side.id, side.area_name),
    }
}

/// `GET /trung`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "1" => "Đã ghi quyết định.",
        "cho" => "Đã ghi ý kiến. Cặp này còn chờ cán bộ phụ trách bên kia có cùng ý kiến.",
        "tim" => "Đã so mọi hồ sơ của địa bàn với cả nước; các cặp tìm được ở dưới.",
        _ => "",
    };
    let shown = duplicates_page(&server, &who, wanted, None).await?;
    page(&DuplicatesPage { done, ..shown })
}

async fn duplicates_page(
    server: &Server,
    who: &SignedIn,
    wanted: Wanted,
    error: Option<String>,
) -> Result<DuplicatesPage, Failure> {
    let area = wanted.dia_ban;
    if !area.is_empty() {
        access::require(&who.actor, READERS, &area)?;
    }
    let (pool, clock) = (&server.pool, &server.clock);
    let state = duplicates::State::from_code(&wanted.tinh_trang);
    let number = wanted.trang.get();
    let asked = duplicates::Wanted {
        area: area.clone(),
        state: state.unwrap_or(duplicates::State::Open),
        offset: PairPages::offset(number),
        limit: SHOWN,
    };
    let (pairs, count) = duplicates::pairs(pool, &who.actor, clock, &asked).await?;
    let searched = match area.as_str() {
        "" => None,
        area => links::last_search(pool, &who.actor, clock, area).await?,
    };
    let (coded, code) = (encode(&area), asked.state.code());
    Ok(DuplicatesPage {
        frame: Frame::inside(server, who, Section::Duplicates).telling(error.as_ref()),
        areas: area::offered(&who.actor, READERS, Month::of(clock.today())),
        pairs: pairs.into_iter().map(|pair| (pair, form_key())).collect(),
        may_settle: who.actor.areas_of(&[Role::Officer]).next().is_some(),
        state: asked.state,
        key: form_key(),
        area,
        pages: PairPages {
            number,
            count,
            address: format!("/trung?dia-ban={coded}&tinh-trang={code}"),
        },
        searched,
        done: "",
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
    /// How often something had been said of the pair when it was shown.
    luot: Option<i16>,
    #[serde(default)]
    ly_do: String,
}

/// `POST /trung`: two people, or one: then the second record goes into the first.
pub(crate) async fn settle(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let work = async {
        let said = say(&server, &who, &order).await?;
        let done = if said == Said::Done { "1" } else { "cho" };
        Ok(format!(
            "/trung?dia-ban={}&xong={done}",
            encode(&order.dia_ban)
        ))
    };
    let pair = format!("{} {}", order.mot, order.hai);
    let request = ["duplicates", &order.viec, &pair, &order.ly_do];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    let again = async |error| {
        let wanted = Wanted {
            dia_ban: order.dia_ban.clone(),
            ..Wanted::default()
        };
        duplicates_page(&server, &who, wanted, Some(error)).await
    };
    leads_on(done, again).await
}

async fn say(server: &Server, who: &SignedIn, order: &Order) -> Result<Said, Failure> {
    let reason = order.ly_do.trim();
    if reason.is_empty() {
        return Err(Failure::refused(
            "reason_missing",
            "Cần ghi lý do, ví dụ đã xem giấy tờ gì",
        ));
    }
    let kept = match order.viec.as_str() {
        "khac" => None,
        "gop-mot" => Some(PersonId(order.mot)),
        "gop-hai" => Some(PersonId(order.hai)),
        _ => return Err(Failure::bad_request("Không rõ việc cần làm")),
    };
    let decision = match kept {
        None => Decision::Dismiss,
        Some(kept) => {
            // Named after the form: sent twice, it is the same event.
            let event = Uuid::parse_str(&order.khoa).map_err(|_| {
                Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang")
            })?;
            let event = EventId(event.as_u128());
            Decision::Merge { kept, event }
        }
    };
    let opinion = Opinion {
        pair: (PersonId(order.mot), PersonId(order.hai)),
        decision,
        reason,
        turn: order.luot,
    };
    Ok(duplicates::say(&server.pool, &who.actor, &server.clock, opinion).await?)
}

#[derive(Deserialize)]
pub(crate) struct Search {
    khoa: String,
    #[serde(default)]
    dia_ban: String,
}

/// `POST /trung/tim`: everybody of the area is compared with everybody of the country.
pub(crate) async fn find(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Search>,
) -> Page {
    let work = async {
        links::twice(&server.pool, &who.actor, &server.clock, &order.dia_ban).await?;
        Ok(format!(
            "/trung?dia-ban={}&xong=tim",
            encode(&order.dia_ban)
        ))
    };
    let request = ["find-duplicates", &order.dia_ban];
    form_once(&server, &who.actor, &order.khoa, &request, work).await
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
            DuplicateError::Same
            | DuplicateError::NoReason
            | DuplicateError::Meanwhile
            | DuplicateError::Refused(_) => Failure::refused(code, sentence(&error.to_string())),
        }
    }
}
