//! Deciding about what waits; closing a month and opening it again.

use access::session::SignedIn;
use axum::extract::{Path, State};
use axum::{Extension, Form};
use jiff::civil::Date;
use kernel::Month;
use payments::closing;
use payments::proposal;
use payments::results::queue::{self, Decision};
use serde::Deserialize;

use super::{FIRST, results_page};
use crate::Server;
use crate::failure::Failure;
use crate::once::form_once;
use crate::page::month::Place;
use crate::page::{Page, leads_on};

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    dia_ban: String,
    /// `ghi`, `bo`, `khoa`, `xin-mo`, `mo`, `de-xuat` or `bac`.
    viec: String,
    #[serde(default)]
    so: i64,
    #[serde(default)]
    dong: String,
    #[serde(default)]
    ly_do: String,
    /// First month of a suspension, day of a death, or day from which a pension is drawn.
    #[serde(default)]
    tu: String,
}

/// `POST /ky-chi/{kỳ}/doi-soat`.
pub(crate) async fn act(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Form(order): Form<Order>,
) -> Page {
    let place = Place::of(&who.actor, &month, &order.dia_ban)?;
    let work = async {
        carry_out(&server, &who, &place, &order).await?;
        let address = place.address("/doi-soat");
        Ok(format!("{address}&xong={}", order.viec))
    };
    let number = order.so.to_string();
    let request = [
        "results",
        &month,
        &order.dia_ban,
        &order.viec,
        &number,
        &order.dong,
        &order.ly_do,
        &order.tu,
    ];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    let shown = async |error| results_page(&server, &who, place, FIRST, "", Some(error)).await;
    leads_on(done, shown).await
}

async fn carry_out(
    server: &Server,
    who: &SignedIn,
    place: &Place,
    order: &Order,
) -> Result<(), Failure> {
    let (office, actor) = (server.office(), &who.actor);
    let (month, area) = (place.month, place.code.as_str());
    match order.viec.as_str() {
        "ghi" => {
            let line = order.dong.trim();
            let line = (!line.is_empty()).then(|| line.to_owned());
            let decision = Decision::Record { line };
            queue::resolve(&office, actor, order.so, &decision, &order.ly_do).await?;
        }
        "bo" => {
            queue::resolve(&office, actor, order.so, &Decision::Dismiss, &order.ly_do).await?;
        }
        "khoa" => {
            closing::close(&office, actor, month, area).await?;
        }
        "xin-mo" => closing::ask_unlock(&office, actor, month, area, &order.ly_do).await?,
        "de-xuat" | "bac" => {
            let decision = decision(order)?;
            proposal::decide(&office, actor, order.so, decision, &order.ly_do).await?;
        }
        "mo" => {
            closing::confirm_unlock(&office, actor, month, area).await?;
        }
        _ => return Err(Failure::bad_request("Không rõ cần làm việc gì")),
    }
    Ok(())
}

/// What is decided about a proposal: a month suspends, a day is that of a death or of the first pension.
fn decision(order: &Order) -> Result<proposal::Decision, Failure> {
    let since = order.tu.trim();
    if order.viec == "bac" {
        return Ok(proposal::Decision::Reject);
    }
    if let Ok(from) = since.parse::<Month>() {
        return Ok(proposal::Decision::Suspend { from });
    }
    match since.parse::<Date>() {
        Ok(date) => Ok(proposal::Decision::On { date }),
        Err(_) => Err(Failure::refused(
            "malformed",
            "Cần tháng bắt đầu tạm dừng (2024-06) hoặc ngày mất, ngày bắt đầu hưởng (2024-05-30)",
        )),
    }
}
