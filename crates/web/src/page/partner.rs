//! A provider's own pages: the orders handed over to it, what became of them, bringing results. No
//! person is named here: names are in the files of the orders.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, Query, State};
use payments::order::{Order, OrderNo};
use payments::partner;
use payments::provider::Provider;
use payments::results::lines::{self, Group, Lines};
use payments::results::{Imported, Outcome, Waited, reason};
use serde::Deserialize;

use super::import::receive;
use super::months::read_month;
use super::{Page, leads_on, page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::paging::{PageNumber, Paging, ROWS};

/// Refused rows of a file told on the page; the others are counted.
const REFUSED_SHOWN: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: String,
    #[serde(rename = "ket-qua")]
    ket_qua: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "partner.html")]
struct PartnerPage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    imported: Option<Imported>,
    provider: Provider,
    month: String,
    orders: Vec<Order>,
    paging: Paging,
}

impl PartnerPage {
    fn with(&self, page: &i64) -> String {
        format!("/doi-tac?thang={}&trang={page}", self.month)
    }
}

/// `GET /doi-tac`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    page(&partner_page(&server, &who, &wanted, None).await?)
}

async fn partner_page(
    server: &Server,
    who: &SignedIn,
    wanted: &Wanted,
    error: Option<String>,
) -> Result<PartnerPage, Failure> {
    let office = server.office();
    let (month, number) = (read_month(wanted.thang.trim()), wanted.trang.get());
    let span = (Paging::offset(number), ROWS);
    let (orders, count) = partner::orders(&office, &who.actor, month, span).await?;
    let frame = Frame::inside(server, who, Section::Partner);
    Ok(PartnerPage {
        frame: frame.telling(error.as_ref()),
        provider: partner::whose(&office, &who.actor).await?,
        month: month.map(|month| month.to_string()).unwrap_or_default(),
        paging: Paging {
            page: number,
            count,
        },
        imported: None,
        done: "",
        error,
        orders,
    })
}

/// `POST /doi-tac/ket-qua`: records a file of results. Sent twice it changes nothing the second
/// time, so it needs no key.
pub(crate) async fn upload(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    form: Multipart,
) -> Page {
    let received = receive(form).await?;
    let taken = async {
        let none = || Failure::refused("file_missing", "Chưa chọn tệp kết quả");
        let (_, file) = received.file.ok_or_else(none)?;
        let office = server.office();
        let mut imported = partner::import(&office, &who.actor, file.into_file()).await?;
        imported.refused.truncate(REFUSED_SHOWN);
        let mut shown = partner_page(&server, &who, &Wanted::default(), None).await?;
        shown.imported = Some(imported);
        page(&shown)
    };
    let wanted = Wanted::default();
    let shown = async |error| partner_page(&server, &who, &wanted, Some(error)).await;
    leads_on(taken.await, shown).await
}

#[derive(Template)]
#[template(path = "partner_order.html")]
struct OrderPage {
    frame: Frame,
    order: Order,
    outcome: Outcome,
    lines: Lines,
    /// Code of the group asked for.
    wanted: &'static str,
    paging: Paging,
}

impl OrderPage {
    /// Address of the lines behind a figure.
    fn behind(&self, group: &str) -> String {
        format!("/doi-tac/lenh/{}?ket-qua={group}", self.order.order_no)
    }

    fn with(&self, page: &i64) -> String {
        format!("{}&trang={page}", self.behind(self.wanted))
    }
}

/// `GET /doi-tac/lenh/{số}`.
pub(crate) async fn order(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let order_no: OrderNo = number.parse().map_err(|_| Failure::not_found())?;
    let (group, number) = (Group::from_code(&wanted.ket_qua), wanted.trang.get());
    let asked = lines::Wanted {
        group,
        offset: Paging::offset(number),
        limit: ROWS,
        ..lines::Wanted::default()
    };
    let office = server.office();
    let (order, outcome, lines) = partner::told(&office, &who.actor, order_no, &asked).await?;
    page(&OrderPage {
        frame: Frame::inside(&server, &who, Section::Partner),
        paging: Paging {
            page: number,
            count: lines.count,
        },
        wanted: group.map_or("", Group::code),
        order,
        outcome,
        lines,
    })
}

#[derive(Template)]
#[template(path = "partner_waiting.html")]
struct WaitingPage {
    frame: Frame,
    rows: Vec<Waited>,
    paging: Paging,
}

impl WaitingPage {
    fn with(&self, page: &i64) -> String {
        format!("/doi-tac/cho-xu-ly?trang={page}")
    }
}

/// `GET /doi-tac/cho-xu-ly`: what the provider reported and an office must look at.
pub(crate) async fn waiting(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let number = wanted.trang.get();
    let span = (Paging::offset(number), ROWS);
    let (rows, count) = partner::waiting(&server.office(), &who.actor, span).await?;
    page(&WaitingPage {
        frame: Frame::inside(&server, &who, Section::Partner),
        paging: Paging {
            page: number,
            count,
        },
        rows,
    })
}
