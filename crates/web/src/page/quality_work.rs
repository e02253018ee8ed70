//! The work list of records: each field to be looked at with our value, theirs and a suggested repair.

mod police;

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Form};
use kernel::{Month, PersonId};
use population::quality::police::{Answered, Head, lists};
use population::quality::{Fault, People, Task, WORKERS, WorkRefused, accept, keep, tasks};
use serde::Deserialize;

pub(crate) use police::{bring, export, send};

use super::{Page, leads_on, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, READERS, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    trang: PageNumber,
    xong: String,
}

#[derive(Template)]
#[template(path = "quality_work.html")]
pub(crate) struct WorkPage {
    frame: Frame,
    areas: Vec<Choice>,
    code: String,
    name: String,
    /// Each field with the key of its form.
    rows: Vec<(Task, String)>,
    paging: Paging,
    lists: Vec<Head>,
    may_work: bool,
    /// The area is a commune: a list for its police can be made.
    is_commune: bool,
    key: String,
    error: Option<String>,
    done: &'static str,
    answered: Option<Answered>,
}

impl WorkPage {
    fn is_offered(&self) -> bool {
        self.areas.iter().any(|choice| choice.code == self.code)
    }

    fn address(&self, page: &i64) -> String {
        format!(
            "/chat-luong/viec?dia-ban={}&trang={page}",
            encode(&self.code)
        )
    }

    fn done(&self) -> &'static str {
        self.done
    }
}

/// A value as users read it.
fn value(field: &Fault, value: &str) -> String {
    match (field, value) {
        (Fault::Sex, "male") => "Nam".to_owned(),
        (Fault::Sex, "female") => "Nữ".to_owned(),
        (Fault::BirthDate, text) => {
            let read = text.parse();
            read.map_or_else(
                |_| text.to_owned(),
                |birth| super::birth(&birth).to_string(),
            )
        }
        (_, text) => text.to_owned(),
    }
}

async fn work_page(
    server: &Server,
    who: &SignedIn,
    (asked, number): (&str, i64),
    error: Option<String>,
) -> Result<WorkPage, Failure> {
    let month = Month::of(server.clock.today());
    let areas = area::offered(&who.actor, READERS, month);
    let code = match asked {
        "" => areas
            .first()
            .map_or_else(|| "VN".to_owned(), |choice| choice.code.clone()),
        code => code.to_owned(),
    };
    let (pool, clock) = (&server.pool, &server.clock);
    let wanted = People {
        area: code.clone(),
        only: Vec::new(),
        offset: Paging::offset(number),
        limit: ROWS,
    };
    let found = tasks(pool, &who.actor, clock, &wanted).await?;
    let known = kernel::area::Areas::embedded().on(&code, clock.today());
    Ok(WorkPage {
        frame: Frame::inside(server, who, Section::Quality).telling(error.as_ref()),
        lists: lists(pool, &who.actor, clock, &code).await?,
        rows: found
            .tasks
            .into_iter()
            .map(|task| (task, form_key()))
            .collect(),
        paging: Paging {
            page: number,
            count: found.people,
        },
        may_work: access::holds(&who.actor, &WORKERS, &code),
        is_commune: known.is_some_and(|area| area.lowest),
        name: area::name(&code, month),
        key: form_key(),
        areas,
        code,
        error,
        done: "",
        answered: None,
    })
}

/// `GET /chat-luong/viec`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    let at = (asked.dia_ban.as_str(), asked.trang.get());
    let shown = work_page(&server, &who, at, None).await?;
    page(&WorkPage {
        done: match asked.xong.as_str() {
            "nhan" => "Đã sửa theo gợi ý. Người này sẽ được đối chiếu lại.",
            "giu" => "Đã giữ giá trị của ta, lý do được lưu lại.",
            "gui" => "Đã lập danh sách gửi công an xã.",
            _ => "",
        },
        ..shown
    })
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    viec: String,
    nguoi: i64,
    truong: String,
    /// The suggested value as it was shown.
    #[serde(default, rename = "gia-tri")]
    gia_tri: String,
    #[serde(default, rename = "ly-do")]
    ly_do: String,
    #[serde(default, rename = "dia-ban")]
    dia_ban: String,
}

/// `POST /chat-luong/viec`: a suggestion is accepted, or our value kept.
pub(crate) async fn decide(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let field = Fault::from_code(&order.truong);
    let field = field.ok_or_else(|| Failure::bad_request("Không rõ trường cần sửa"))?;
    let of = (PersonId(order.nguoi), field);
    let work = async {
        let (pool, clock) = (&server.pool, &server.clock);
        let (shown, reason) = (Some(order.gia_tri.as_str()), order.ly_do.as_str());
        match order.viec.as_str() {
            "nhan" => accept(pool, &who.actor, clock, of, shown, reason).await?,
            "giu" => keep(pool, &who.actor, clock, of, reason).await?,
            _ => return Err(Failure::bad_request("Không rõ việc cần làm")),
        }
        let area = encode(&order.dia_ban);
        Ok(format!(
            "/chat-luong/viec?dia-ban={area}&xong={}",
            order.viec
        ))
    };
    let about = format!("{} {}", order.nguoi, order.truong);
    let request = ["quality", &order.viec, &about, &order.gia_tri, &order.ly_do];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    let again = async |error| work_page(&server, &who, (&order.dia_ban, 1), Some(error)).await;
    leads_on(done, again).await
}

impl From<WorkRefused> for Failure {
    fn from(refused: WorkRefused) -> Failure {
        let code = refused.code();
        match refused {
            WorkRefused::Denied(denied) => denied.into(),
            WorkRefused::UnknownList(_) => {
                Failure::new(StatusCode::NOT_FOUND, code, sentence(&refused.to_string()))
            }
            WorkRefused::Inconsistent(_)
            | WorkRefused::Database(_)
            | WorkRefused::Apply(_)
            | WorkRefused::Payments(_) => Failure::internal(&refused),
            refused => Failure::refused(code, sentence(&refused.to_string())),
        }
    }
}
