//! One thing done with many dossiers: looked at first, then done, through the same checks as with one.

use std::collections::HashMap;

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

use crate::page::dossier::act::day;

use super::{Asked, MOST};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::form_key;
use crate::page::{Page, count, page};

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

impl BulkPage {
    /// How many there are, where only the first were taken.
    fn of_all(&self) -> Option<String> {
        Some(count(&self.order.more?).to_string())
    }

    fn most(&self) -> String {
        count(&MOST).to_string()
    }
}

/// What is to be done with which dossiers.
#[derive(Clone, Debug, Default)]
struct Order {
    what: String,
    holder: String,
    /// Day of decisions.
    day: String,
    /// How many the filter has, where only the first of them were taken.
    more: Option<i64>,
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
            day: field(fields, "ngay").trim().to_owned(),
            more: None,
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
            "vao-so" => "Vào sổ",
            _ => return None,
        })
    }

    /// The steps, and the dossiers that do not wait for what they would need.
    async fn asks(
        &self,
        server: &Server,
        who: &SignedIn,
    ) -> Result<(Vec<Ask>, Vec<String>), Failure> {
        let wrong = || Failure::bad_request("Danh sách hồ sơ đã chọn không đúng, hãy chọn lại");
        let read = |chosen: &str| {
            let mut parts = chosen.split(':');
            let (dossier, seen) = parts.next().zip(parts.next()).ok_or_else(wrong)?;
            let dossier = casework::event::code(dossier).ok_or_else(wrong)?;
            let seen: i32 = seen.parse().map_err(|_| wrong())?;
            Ok((dossier, seen, parts.next().unwrap_or_default().to_owned()))
        };
        let chosen = self.chosen.split_whitespace().map(read);
        let chosen: Vec<(String, i32, String)> = chosen.collect::<Result<_, Failure>>()?;
        let mut decisions = HashMap::new();
        if self.what == "vao-so" {
            let codes: Vec<String> = chosen.iter().map(|it| it.0.clone()).collect();
            let day = day("Ngày ký", &self.day)?;
            decisions = act::decisions(&server.pool, &codes, day).await?;
        }
        let (mut asks, mut not_waiting) = (Vec::with_capacity(chosen.len()), Vec::new());
        for (dossier, seen, stage) in chosen {
            let step = match self.what.as_str() {
                "vao-so" => match decisions.remove(&dossier) {
                    Some(outcome) => Step::Decided(outcome),
                    None => {
                        not_waiting.push(dossier);
                        continue;
                    }
                },
                _ => self.step(who, &stage).ok_or_else(wrong)?,
            };
            asks.push(Ask {
                dossier,
                seen,
                step,
            });
        }
        Ok((asks, not_waiting))
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
    let (chosen, more) = chosen(&server, &who, &fields).await?;
    let order = Order {
        more,
        ..Order::of(&fields, chosen)
    };
    answer(&server, &who, order, form_key(), false).await
}

/// The dossiers ticked, those of the page, or all of the part; of too many the first, with how many
/// there are.
async fn chosen(
    server: &Server,
    who: &SignedIn,
    fields: &Fields,
) -> Result<(String, Option<i64>), Failure> {
    let range = field(fields, "pham-vi");
    if !matches!(range, "trang" | "tat-ca") {
        let ticked = fields.iter().filter(|(name, _)| name == "chon");
        let ticked: Vec<&str> = ticked.map(|(_, value)| value.as_str()).collect();
        return Ok((ticked.join(" "), None));
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
    let (pool, clock) = (&server.pool, &server.clock);
    let items = queue::items(pool, &who.actor, clock, &wanted, part).await?;
    let mut more = None;
    if range == "tat-ca" && items.len() as i64 >= MOST {
        let counts = queue::counts(pool, &who.actor, clock, &wanted).await?;
        more = Some(counts.of(wanted.tab)).filter(|count| *count > MOST);
    }
    let one = |item: Item| {
        let stage = item.stage.unwrap_or_default();
        format!("{}:{}:{stage}", item.dossier, item.last_step)
    };
    let chosen: Vec<String> = items.into_iter().map(one).collect();
    Ok((chosen.join(" "), more))
}

/// `POST /viec/lam`: does it. The key names the steps: sent twice, they are the same.
pub(crate) async fn carry_out(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(fields): Form<Fields>,
) -> Page {
    let key = field(&fields, "khoa").to_owned();
    let order = Order {
        more: field(&fields, "tong")
            .parse()
            .ok()
            .filter(|count| *count > MOST),
        ..Order::of(&fields, field(&fields, "chon").to_owned())
    };
    answer(&server, &who, order, key, true).await
}

async fn answer(server: &Server, who: &SignedIn, order: Order, key: String, done: bool) -> Page {
    let name = order.name();
    let name = name.ok_or_else(|| Failure::bad_request("Không rõ cần làm việc gì"))?;
    let (asks, not_waiting) = order.asks(server, who).await?;
    if asks.is_empty() && not_waiting.is_empty() {
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
        refused: {
            let gone = "Hồ sơ không còn chờ vào sổ".to_owned();
            let gone = not_waiting.into_iter().map(|code| (code, gone.clone()));
            gone.chain(applied.refused.iter().map(told)).collect()
        },
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
