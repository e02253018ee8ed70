//! One order: what it asks for, how it was handed over, and how far each of its messages is.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use kernel::actor::Role;
use payments::interface::{self, Batch, Tally};
use payments::order::{self, Order, OrderNo};
use payments::provider::contract::Handover;
use serde::Deserialize;

use super::month::Place;
use super::{Page, page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::form_key;
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
#[template(path = "order.html")]
struct OrderPage {
    frame: Frame,
    place: Place,
    order: Order,
    done: bool,
    /// Whether it is handed over by interface.
    by_interface: bool,
    may_send: bool,
    batches: Vec<Batch>,
    tally: Tally,
    paging: Paging,
    key: String,
}

impl OrderPage {
    fn with(&self, page: &i64) -> String {
        let here = format!("/lenh/{}", self.order.order_no);
        format!("{}&trang={page}", self.place.address(&here))
    }
}

/// `GET /ky-chi/{kỳ}/lenh/{số}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, number)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let order_no: OrderNo = number.parse().map_err(|_| Failure::not_found())?;
    let office = server.office();
    let order = order::find(&office, &who.actor, order_no).await?;
    if order.list_month != place.month {
        return Err(Failure::not_found());
    }
    let number = wanted.trang.get();
    let tally = interface::tally(&office, &who.actor, order_no).await?;
    let rows = (Paging::offset(number), ROWS);
    page(&OrderPage {
        frame: Frame::inside(&server, &who, Section::Months),
        batches: interface::batches(&office, &who.actor, order_no, rows).await?,
        paging: Paging {
            page: number,
            count: tally.messages,
        },
        tally,
        done: wanted.xong == "gui",
        by_interface: order.handover == Handover::Interface,
        may_send: access::holds(&who.actor, &[Role::ListMaker], &order.area),
        key: form_key(),
        place,
        order,
    })
}
