//! Other registries that ask ours: who may ask what, and who asked about a person.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use jiff::Timestamp;
use kernel::PersonId;
use kernel::area::Areas;
use serde::Deserialize;
use spdci::caller::{self, Listed};
use spdci::dead::{self, Dead};
use spdci::told::{self, Trail};

use super::{Page, page};
use crate::Server;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};

/// Fields as users know them.
fn field(code: &str) -> &str {
    match code {
        "name" => "họ tên",
        "birth_date" => "ngày sinh",
        "sex" => "giới tính",
        "id_number" => "số định danh",
        "phone" => "điện thoại",
        "area" => "nơi ở",
        "death_date" => "ngày mất",
        "disability" => "khuyết tật",
        "programme" => "chính sách hưởng",
        other => other,
    }
}

#[derive(Template)]
#[template(path = "registries.html")]
struct CallersPage {
    frame: Frame,
    /// The last registration of each name, those that hold first.
    callers: Vec<Listed>,
    /// What could not be told, by caller.
    dead: Vec<DeadOf>,
    /// Whether the reader may have it sent anew.
    sends: bool,
    done: bool,
    now: Timestamp,
}

struct DeadOf {
    name: String,
    full_name: String,
    reasons: Vec<Dead>,
    key: String,
}

impl DeadOf {
    fn each(dead: Vec<Dead>) -> Vec<DeadOf> {
        let mut each: Vec<DeadOf> = Vec::new();
        for one in dead {
            match each.last_mut() {
                Some(last) if last.name == one.caller => last.reasons.push(one),
                _ => each.push(DeadOf {
                    name: one.caller.clone(),
                    full_name: one.full_name.clone(),
                    reasons: vec![one],
                    key: form_key(),
                }),
            }
        }
        each
    }
}

impl CallersPage {
    fn named(codes: &str) -> String {
        let codes = codes.split(',').filter(|code| !code.is_empty());
        codes.map(field).collect::<Vec<_>>().join(", ")
    }

    fn places(codes: &str) -> String {
        let name = |code: &str| match Areas::embedded().latest(code) {
            _ if code == "VN" => "cả nước".to_owned(),
            Some(area) => area.full_name.clone(),
            None => code.to_owned(),
        };
        codes.split(',').map(name).collect::<Vec<_>>().join(", ")
    }

    fn why(code: &str) -> String {
        let known = match code {
            "not_reached" => "không nối được máy bên ấy",
            "timed_out" => "máy bên ấy không trả lời kịp",
            "not_trusted" => "chứng thư của máy bên ấy không tin được",
            "busy" => "máy bên ấy báo bận hoặc lỗi",
            "connection_lost" | "cut_off" => "đứt giữa chừng",
            "answer_not_theirs" => "chữ ký của lời xác nhận không phải của bên ấy",
            "answer_unreadable" => "lời xác nhận không đọc được",
            "no_caller" => "đăng ký không còn hiệu lực",
            "no_address" => "đăng ký không có địa chỉ nhận",
            "failed" => "chưa soạn được tin",
            other => return format!("bên ấy từ chối: {other}"),
        };
        known.to_owned()
    }

    fn state(&self, caller: &Listed) -> &'static str {
        let now = self.now;
        match caller {
            it if it.ended_at.is_some() => "Đã thu quyền",
            it if it.valid_until.is_some_and(|until| until <= now) => "Hết hạn",
            it if it.valid_from > now => "Chưa đến hạn",
            _ => "Đang hiệu lực",
        }
    }
}

/// `GET /lien-thong/so-khac`.
pub(crate) async fn callers(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(told): Query<Told>,
) -> Page {
    let mut callers = caller::present_all(&server.pool, &who.actor, &server.clock).await?;
    callers.sort_by_key(|caller| caller.ended_at.is_some());
    page(&CallersPage {
        frame: Frame::inside(&server, &who, Section::Exchange),
        callers,
        dead: DeadOf::each(dead::all(&server.pool, &who.actor).await?),
        sends: access::require(&who.actor, dead::SENDERS, "").is_ok(),
        done: !told.xong.is_empty(),
        now: server.clock.now(),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    xong: String,
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    #[serde(default)]
    ben: String,
}

/// `POST /lien-thong/so-khac`: everything that could not be told to one of them, once more.
pub(crate) async fn send_again(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    access::require(&who.actor, dead::SENDERS, "")?;
    let work = async {
        dead::send_again(&server.pool, &who.actor, &server.clock, &order.ben).await?;
        Ok("/lien-thong/so-khac?xong=1".to_owned())
    };
    let request = ["spdci_send_again", &order.ben];
    form_once(&server, &who.actor, &order.khoa, &request, work).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "registry_trail.html")]
struct TrailPage {
    frame: Frame,
    id: i64,
    trail: Trail,
    page: i64,
    more: bool,
}

impl TrailPage {
    fn address(&self, page: &i64) -> String {
        format!("/doi-tuong/{}/ai-da-hoi?trang={page}", self.id)
    }

    fn register(code: &str) -> &str {
        match code {
            "ibr" => "người hưởng",
            "social" => "xã hội",
            other => other,
        }
    }

    fn status(code: &str) -> &str {
        match code {
            "active" => "đang hưởng",
            "suspended" => "tạm dừng",
            "closed" => "đã thôi",
            other => other,
        }
    }

    fn what(row: &told::Row) -> &'static str {
        match (row.action.as_str(), row.told) {
            ("notify", _) => "được báo có thay đổi",
            ("report", _) => "báo chương trình của họ",
            ("enrolled", true) => "hỏi có đang hưởng không: có",
            ("enrolled", false) => "hỏi có đang hưởng không: không",
            (_, true) => "tìm, được trả lời",
            (_, false) => "tìm, không được trả lời gì",
        }
    }
}

/// `GET /doi-tuong/{id}/ai-da-hoi`.
pub(crate) async fn trail(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Page {
    let number = asked.trang.get();
    let part = (ROWS + 1, Paging::offset(number));
    let (pool, clock) = (&server.pool, &server.clock);
    let mut trail = told::of_person(pool, &who.actor, clock, PersonId(id), part).await?;
    let more = trail.rows.len() as i64 > ROWS;
    trail
        .rows
        .truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
    page(&TrailPage {
        frame: Frame::inside(&server, &who, Section::Search),
        id,
        trail,
        page: number,
        more,
    })
}
