//! One thing done with many dossiers: looked at first, then done, through the same checks as with one.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Form};
use casework::act::{self, Ask};
use casework::queue::{self, Item};
use casework::{ApplyError, Step};
use registry::Refusal;
use uuid::Uuid;

use super::{Asked, MOST};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::form_key;
use crate::page::{Page, page};

#[derive(Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    frame: Frame,
    name: &'static str,
    order: Order,
    key: String,
    /// Whether it is done; otherwise it is only looked at.
    done: bool,
    count: u64,
    already: u64,
    refused: Vec<(String, String)>,
}

/// What is to be done with which dossiers.
#[derive(Clone, Debug, Default)]
struct Order {
    what: String,
    holder: String,
    /// `code:last step:stage`, with blanks between.
    chosen: String,
    back: String,
}

/// Fields of a form as they come, repeated ones too.
type Fields = Vec<(String, String)>;

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(field, _)| field == name);
    found.map_or("", |(_, value)| value.as_str())
}

impl Order {
    fn of(fields: &Fields, chosen: String) -> Order {
        Order {
            what: field(fields, "viec").to_owned(),
            holder: field(fields, "giao-cho").trim().to_owned(),
            chosen,
            back: field(fields, "loc").to_owned(),
        }
    }

    fn name(&self) -> Option<&'static str> {
        Some(match self.what.as_str() {
            "tiep-nhan" => "Tiếp nhận",
            "nhan" => "Nhận xử lý",
            "xong-buoc" => "Xong bước",
            "giao" => "Giao người xử lý",
            "dong-y" => "Đồng ý với đề xuất",
            _ => return None,
        })
    }

    fn asks(&self, who: &SignedIn) -> Result<Vec<Ask>, Failure> {
        let wrong = || Failure::bad_request("Danh sách hồ sơ đã chọn không đúng, hãy chọn lại");
        let ask = |chosen: &str| {
            let mut parts = chosen.split(':');
            let (dossier, seen) = parts.next().zip(parts.next()).ok_or_else(wrong)?;
            let stage = parts.next().unwrap_or_default();
            Ok(Ask {
                dossier: casework::event::code(dossier).ok_or_else(wrong)?,
                seen: seen.parse().map_err(|_| wrong())?,
                step: self.step(who, stage).ok_or_else(wrong)?,
            })
        };
        self.chosen.split_whitespace().map(ask).collect()
    }

    fn step(&self, who: &SignedIn, stage: &str) -> Option<Step> {
        let me = who.actor.name.clone();
        Some(match self.what.as_str() {
            "tiep-nhan" => Step::Received {},
            "nhan" => Step::TakenUp { holder: me },
            "xong-buoc" => Step::StageDone {
                stage: stage.to_owned(),
            },
            "giao" => Step::Assigned {
                holder: self.holder.clone(),
            },
            "dong-y" => Step::Agreed { by: None },
            _ => return None,
        })
    }
}

/// `POST /viec`: what would be done, and what not and why.
pub(crate) async fn preview(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(fields): Form<Fields>,
) -> Page {
    let order = Order::of(&fields, chosen(&server, &who, &fields).await?);
    answer(&server, &who, order, form_key(), false).await
}

/// The dossiers ticked, those of the page, or all of the part.
async fn chosen(server: &Server, who: &SignedIn, fields: &Fields) -> Result<String, Failure> {
    let range = field(fields, "pham-vi");
    if !matches!(range, "trang" | "tat-ca") {
        let ticked = fields.iter().filter(|(name, _)| name == "chon");
        let ticked: Vec<&str> = ticked.map(|(_, value)| value.as_str()).collect();
        return Ok(ticked.join(" "));
    }
    let wrong = || Failure::bad_request("Bộ lọc không đúng, hãy lọc lại");
    let address: Uri = format!("/viec?{}", field(fields, "loc"))
        .parse()
        .map_err(|_| wrong())?;
    let Query(asked) = Query::<Asked>::try_from_uri(&address).map_err(|_| wrong())?;
    let part = match range {
        "trang" => asked.part(),
        _ => (0, MOST),
    };
    let wanted = asked.wanted(asked.text(server, who));
    let items = queue::items(&server.pool, &who.actor, &server.clock, &wanted, part).await?;
    let one = |item: Item| {
        let stage = item.stage.unwrap_or_default();
        format!("{}:{}:{stage}", item.dossier, item.last_step)
    };
    let chosen: Vec<String> = items.into_iter().map(one).collect();
    Ok(chosen.join(" "))
}

/// `POST /viec/lam`: does it. The key names the steps: sent twice, they are the same.
pub(crate) async fn carry_out(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(fields): Form<Fields>,
) -> Page {
    let key = field(&fields, "khoa").to_owned();
    let order = Order::of(&fields, field(&fields, "chon").to_owned());
    answer(&server, &who, order, key, true).await
}

async fn answer(server: &Server, who: &SignedIn, order: Order, key: String, done: bool) -> Page {
    let name = order.name();
    let name = name.ok_or_else(|| Failure::bad_request("Không rõ cần làm việc gì"))?;
    let asks = order.asks(who)?;
    if asks.is_empty() {
        return Err(Failure::refused(
            "nothing_chosen",
            "Chưa chọn hồ sơ nào: đánh dấu ở đầu dòng, hoặc chọn cả trang",
        ));
    }
    let id = Uuid::parse_str(&key);
    let id = id.map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng"))?;
    let (pool, actor, clock) = (&server.pool, &who.actor, &server.clock);
    let applied = match done {
        true => act::act(pool, actor, clock, id, &asks).await?,
        false => act::preview(pool, actor, clock, id, &asks).await?,
    };
    let told = |refusal: &Refusal| {
        let at = usize::try_from(refusal.row.saturating_sub(1)).unwrap_or(usize::MAX);
        let dossier = asks.get(at).map(|ask| ask.dossier.clone());
        (dossier.unwrap_or_default(), sentence(&refusal.message))
    };
    page(&BulkPage {
        frame: Frame::inside(server, who, Section::Work),
        name,
        key,
        done,
        count: applied.applied,
        already: applied.already,
        refused: applied.refused.iter().map(told).collect(),
        order,
    })
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Failure {
        let busy = StatusCode::SERVICE_UNAVAILABLE;
        match error {
            ApplyError::Busy => Failure::new(busy, "busy", sentence(&error.to_string())),
            error => Failure::internal(&error),
        }
    }
}
