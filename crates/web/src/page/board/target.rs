//! The target of an area, set by whoever answers for its lists.

use access::session::SignedIn;
use axum::extract::State;
use axum::{Extension, Form};
use serde::Deserialize;

use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::once::form_once;
use crate::page::Page;

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    dia_ban: String,
    #[serde(default)]
    thang: String,
    #[serde(default)]
    nam: String,
    #[serde(default)]
    phan_tram: String,
}

/// `POST /khong-tien-mat/muc-tieu`: an empty share takes the target back.
pub(crate) async fn set(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    access::require(&who.actor, reports::target::SETTERS, &order.dia_ban)?;
    let wrong = |why: &str| Failure::refused("target_malformed", why);
    let work = async {
        let year = order.nam.trim().parse().ok();
        let year = year.filter(|year| (2000..=2200).contains(year));
        let year: i16 = year.ok_or_else(|| wrong("Năm chưa đúng: ghi bốn chữ số, ví dụ 2024"))?;
        let share = order.phan_tram.trim().trim_end_matches('%').trim();
        let percent = match share {
            "" => None,
            share => {
                let percent = share.parse().ok().filter(|percent: &u8| *percent <= 100);
                Some(percent.ok_or_else(|| wrong("Mục tiêu là số nguyên từ 0 đến 100"))?)
            }
        };
        let office = server.office();
        reports::target::record(&office, &who.actor, (&order.dia_ban, year), percent).await?;
        Ok(format!(
            "/khong-tien-mat?thang={}&dia-ban={}&xong=1",
            encode(&order.thang),
            encode(&order.dia_ban)
        ))
    };
    let request = ["target", &order.dia_ban, &order.nam, &order.phan_tram];
    form_once(&server, &who.actor, &order.khoa, &request, work).await
}
