//! Orders of a month: what providers are asked to pay, what waits and why, where the money is.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use jiff::civil::Date;
use kernel::MonthSpan;
use kernel::actor::Role;
use payments::interface;
use payments::ledger::{self, Balance};
use payments::order::file::{self, Form as FileForm};
use payments::order::{self, OpenLine, Order, OrderNo, Waiting};
use payments::provider::contract::Handover;
use payments::{Refused, header as headers};
use registry::glance::{self, Glance};
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::month::Place;
use super::order_file::files_of;
use super::{Page, leads_on, page, read_day};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    xong: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "orders.html")]
struct OrdersPage {
    frame: Frame,
    place: Place,
    error: Option<String>,
    done: &'static str,
    /// Whether a list here is approved, so that there is something to order.
    approved: bool,
    orders: Vec<Order>,
    balances: Vec<Balance>,
    may_make: bool,
    pay_on: Date,
    key: String,
}

impl OrdersPage {
    /// The files an order is handed over as: what they are called in addresses, and in words.
    fn files(&self, order: &Order) -> Vec<(&'static str, &'static str)> {
        files_of(order.kind)
    }

    /// What the order is handed over as when somebody records that it was.
    fn main_file(&self, order: &Order) -> &'static str {
        self.files(order).first().map_or("xlsx", |(code, _)| code)
    }

    /// Of one of its files, or of its own page.
    fn address(&self, order: &Order, file: &str) -> String {
        let slash = if file.is_empty() { "" } else { "/" };
        let number = order.order_no;
        self.place.address(&format!("/lenh/{number}{slash}{file}"))
    }
}

/// `GET /ky-chi/{kỳ}/lenh`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let done = match wanted.xong.as_str() {
        "lap" => "Đã lập lệnh chi.",
        "khong" => "Không có dòng nào lập lệnh thêm được. Xem các dòng chưa có lệnh.",
        "gui" => "Đã ghi nhận giao lệnh.",
        _ => "",
    };
    page(&orders_page(&server, &who, place, done, None).await?)
}

async fn orders_page(
    server: &Server,
    who: &SignedIn,
    place: Place,
    done: &'static str,
    error: Option<String>,
) -> Result<OrdersPage, Failure> {
    let (office, month) = (server.office(), place.month);
    let scope = payments::Scope::of(&place.code, month)?;
    let lists = headers::overlapping(&server.pool, &scope).await?;
    let span = MonthSpan::single(month);
    let frame = Frame::inside(server, who, Section::Months);
    Ok(OrdersPage {
        orders: order::of_month(&office, &who.actor, month, &place.code).await?,
        balances: ledger::balances(&office, &who.actor, span, &place.code, None).await?,
        approved: lists.iter().any(payments::Header::is_approved),
        may_make: access::holds(&who.actor, &[Role::ListMaker], &place.code),
        pay_on: month.first_day().max(server.clock.today()),
        frame: frame.telling(error.as_ref()),
        key: form_key(),
        place,
        error,
        done,
    })
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    khoa: String,
    dia_ban: String,
    #[serde(default)]
    ngay_chi: String,
    #[serde(default)]
    ghi_chu: String,
}

/// `POST /ky-chi/{kỳ}/lenh`: orders everything that can be ordered.
pub(crate) async fn make(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Form(asked): Form<Asked>,
) -> Page {
    let place = Place::of(&who.actor, &month, &asked.dia_ban)?;
    let work = async {
        let typed = asked.ngay_chi.trim();
        let pay_on = match typed.is_empty() {
            true => None,
            false => Some(read_day(typed).ok_or_else(|| {
                Failure::refused("bad_day", "Ngày chi chưa đúng: nhập dạng 05/06/2024")
            })?),
        };
        let office = server.office();
        let made = order::make(&office, &who.actor, place.month, &place.code, pay_on).await?;
        let what = if made.orders.is_empty() {
            "khong"
        } else {
            "lap"
        };
        Ok(format!("{}&xong={what}", place.address("/lenh")))
    };
    let request = ["order", &month, &asked.dia_ban, &asked.ngay_chi];
    let made = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
    answer(&server, &who, place, made).await
}

/// `POST /ky-chi/{kỳ}/lenh/{số}`: records that an order was handed over, or has it handed over by
/// interface.
pub(crate) async fn send(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, number)): Path<(String, String)>,
    Form(asked): Form<Asked>,
) -> Page {
    let place = Place::of(&who.actor, &month, &asked.dia_ban)?;
    let order_no: OrderNo = number.parse().map_err(|_| Failure::not_found())?;
    let work = async {
        let office = server.office();
        let found = order::find(&office, &who.actor, order_no).await?;
        access::require(&who.actor, &[Role::ListMaker], &found.area)?;
        if found.handover == Handover::Interface {
            server.require_key()?;
            interface::begin(&office, &who.actor, order_no).await?;
            let order = place.address(&format!("/lenh/{order_no}"));
            return Ok(format!("{order}&xong=gui"));
        }
        let form = match FileForm::Transfers.suits(found.kind) {
            true => FileForm::Transfers,
            false => FileForm::Workbook,
        };
        let kept = NamedTempFile::new().map_err(|error| Failure::internal(&error))?;
        let handed = file::write(&office, &who.actor, order_no, form, kept.path()).await?;
        let note = Some(asked.ghi_chu.as_str());
        order::send(&office, &who.actor, order_no, Handover::File, &handed, note).await?;
        Ok(format!("{}&xong=gui", place.address("/lenh")))
    };
    let request = ["send", &month, &number, &asked.ghi_chu];
    let sent = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
    answer(&server, &who, place, sent).await
}

async fn answer(server: &Server, who: &SignedIn, place: Place, done: Page) -> Page {
    let shown = async |error| orders_page(server, who, place, "", Some(error)).await;
    leads_on(done, shown).await
}

#[derive(Template)]
#[template(path = "open_lines.html")]
struct OpenPage {
    frame: Frame,
    place: Place,
    waiting: Waiting,
    rows: Vec<(OpenLine, Option<Glance>)>,
    paging: Paging,
}

impl OpenPage {
    fn with(&self, page: &i64) -> String {
        format!("{}&trang={page}", self.place.address("/lenh/chua-lap"))
    }
}

/// `GET /ky-chi/{kỳ}/lenh/chua-lap`: lines that are in no order, each with the reason.
pub(crate) async fn open(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let (office, number) = (server.office(), wanted.trang.get());
    let first = Paging::offset(number);
    let (mut count, mut shown) = (0_i64, Vec::new());
    let waiting = order::open(&office, &who.actor, place.month, &place.code, |line| {
        if line.reason.is_some() {
            if (first..first + ROWS).contains(&count) {
                shown.push(line);
            }
            count += 1;
        }
        Ok::<(), Refused>(())
    })
    .await?;
    let people: Vec<_> = shown.iter().map(|line| line.person_id).collect();
    let people = glance::of_people(&server.pool, &people).await?;
    let rows = shown.into_iter().map(|line| {
        let person = people.get(&line.person_id).cloned();
        (line, person)
    });
    page(&OpenPage {
        frame: Frame::inside(&server, &who, Section::Months),
        rows: rows.collect(),
        paging: Paging {
            page: number,
            count,
        },
        place,
        waiting,
    })
}
