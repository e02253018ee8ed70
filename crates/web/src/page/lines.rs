//! The lines of a month's list, and the people behind a change.

use std::collections::HashMap;

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use kernel::{Dong, PersonId};
use law::Benefit;
use payments::changes::Change;
use payments::page::{self as lines, Order};
use payments::{Cause, LineKind, ShownLine};
use registry::glance::{self, Glance};
use serde::Deserialize;

use super::month::Place;
use super::{Page, page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    loai: String,
    #[serde(rename = "chinh-sach")]
    chinh_sach: String,
    xep: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "lines.html")]
struct LinesPage {
    frame: Frame,
    place: Place,
    wanted: Wanted,
    rows: Vec<(ShownLine, Option<Glance>)>,
    amount: Dong,
    paging: Paging,
}

impl LinesPage {
    /// Benefits that may be asked for: not those whose lines would reveal an infection.
    fn offered(&self) -> Vec<Benefit> {
        let may = |benefit: &Benefit| self.place.handler || !benefit.reveals_hiv();
        Benefit::ALL.into_iter().filter(may).collect()
    }

    /// Address of this table with another order or page.
    fn with(&self, order: &str, page: &i64) -> String {
        let base = self.place.address("/danh-sach");
        let Wanted {
            loai, chinh_sach, ..
        } = &self.wanted;
        format!("{base}&loai={loai}&chinh-sach={chinh_sach}&xep={order}&trang={page}")
    }

    /// What a heading is sorted by now, for screen readers.
    fn sorted(&self, order: &str) -> &'static str {
        match (self.wanted.xep == order, order) {
            (false, _) => "none",
            (true, "giam") => "descending",
            (true, _) => "ascending",
        }
    }
}

/// `GET /ky-chi/{kỳ}/danh-sach`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(mut wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let kind = LineKind::ALL
        .into_iter()
        .find(|kind| kind.code() == wanted.loai);
    let benefit = Benefit::from_code(&wanted.chinh_sach)
        .filter(|benefit| place.handler || !benefit.reveals_hiv());
    let (order, code) = match wanted.xep.as_str() {
        "ten" => (Order::Name, "ten"),
        "giam" => (Order::LargestFirst, "giam"),
        "tang" => (Order::SmallestFirst, "tang"),
        _ => (Order::Person, ""),
    };
    // Only what is known goes back into addresses.
    wanted.xep = code.to_owned();
    wanted.loai = kind.map_or("", LineKind::code).to_owned();
    wanted.chinh_sach = benefit.map_or("", Benefit::code).to_owned();
    let number = wanted.trang.get();
    let asked = lines::Wanted {
        kind,
        benefit,
        order,
        offset: Paging::offset(number),
        limit: ROWS,
    };
    let office = server.office();
    let found = lines::page(&office, &who.actor, place.month, &place.code, &asked).await?;
    let people: Vec<PersonId> = found.lines.iter().map(|line| line.person_id).collect();
    let mut people = glance::of_people(&server.pool, &people).await?;
    let with_person = |line: ShownLine| {
        let person = people.get(&line.person_id).cloned();
        (line, person)
    };
    let rows = found.lines.into_iter().map(with_person).collect();
    people.shrink_to_fit();
    page(&LinesPage {
        frame: Frame::inside(&server, &who, Section::Months),
        paging: Paging {
            page: number,
            count: found.count,
        },
        amount: found.amount,
        place,
        wanted,
        rows,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Behind {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(rename = "nguyen-nhan")]
    nguyen_nhan: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "behind.html")]
struct BehindPage {
    frame: Frame,
    place: Place,
    label: &'static str,
    code: &'static str,
    rows: Vec<(Change, Option<Glance>)>,
    paging: Paging,
}

/// `GET /ky-chi/{kỳ}/bien-dong`: the people behind one cause.
pub(crate) async fn behind(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(wanted): Query<Behind>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let cause = Cause::ALL
        .iter()
        .copied()
        .find(|cause| cause.code() == wanted.nguyen_nhan);
    let (label, code) = match cause {
        Some(cause) => (cause.vietnamese(), cause.code()),
        None if wanted.nguyen_nhan == "chua-ro" => ("Chưa rõ nguyên nhân", "chua-ro"),
        None => return Err(Failure::not_found()),
    };
    let office = server.office();
    let balance = payments::balance(&office, &who.actor, place.month, &place.code).await?;
    let number = wanted.trang.get();
    let span = (Paging::offset(number), ROWS);
    let (rows, count) = payments::balance::behind(&office, &balance, cause, span).await?;
    let ids: Vec<PersonId> = rows.iter().map(|change| change.person_id).collect();
    let people: HashMap<PersonId, Glance> = glance::of_people(&server.pool, &ids).await?;
    let with_person = |change: Change| {
        let person = people.get(&change.person_id).cloned();
        (change, person)
    };
    page(&BehindPage {
        frame: Frame::inside(&server, &who, Section::Months),
        rows: rows.into_iter().map(with_person).collect(),
        paging: Paging {
            page: number,
            count,
        },
        place,
        label,
        code,
    })
}
