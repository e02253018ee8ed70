//! One decision for many people: chosen by area and month or from a list, looked at, recorded, read.

mod laid;
mod list;
mod read;

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use casework::collective::{
    self, CollectiveRefused, Laid, Proposed, ReRating, Row, Scheme, Setting, Summary, Told,
};
use jiff::civil::Date;
use kernel::{Month, PersonId};
use law::Benefit;
use registry::event::Decision;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

use super::import::OFFICER;
use super::months::read_month;
use super::{Page, leads_on, page, read_day};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, cut};

pub(crate) use laid::{answer, area_of, number, one as laid, state};
pub(crate) use list::{blank, confirm as confirm_list, preview as preview_list, upload};
pub(crate) use read::{export, one};

#[derive(Template)]
#[template(path = "collective.html")]
struct CollectivePage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    told: Vec<Told>,
    /// Those before the leader, agreed with or sent back.
    laid: Vec<Laid>,
    paging: Paging,
    /// Where the reader may decide; nowhere, if it is empty.
    areas: Vec<Choice>,
    month: Month,
}

impl CollectivePage {
    fn area_of(&self, told: &Told) -> String {
        area::name(&told.area, told.month)
    }
}

/// Benefits that are paid monthly, as a form offers them.
pub(super) fn monthly() -> impl Iterator<Item = Benefit> {
    Benefit::ALL
        .into_iter()
        .filter(|benefit| !benefit.is_one_off())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Listed {
    trang: PageNumber,
}

/// `GET /quyet-dinh-chung`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(listed): Query<Listed>,
) -> Page {
    page(&collective_page(&server, &who, listed.trang.get(), None).await?)
}

async fn collective_page(
    server: &Server,
    who: &SignedIn,
    number: i64,
    error: Option<String>,
) -> Result<CollectivePage, Failure> {
    let month = Month::of(server.clock.today());
    let (told, paging) = cut(collective::all(&server.pool, &who.actor).await?, number);
    Ok(CollectivePage {
        frame: Frame::inside(server, who, Section::Collective).telling(error.as_ref()),
        error,
        done: "",
        told,
        laid: collective::laid(&setting(server), &who.actor, collective::Wanted::Open, "").await?,
        paging,
        areas: area::offered(&who.actor, OFFICER, month),
        month,
    })
}

/// What is looked at, in the address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(rename = "che-do")]
    che_do: String,
    #[serde(rename = "tu-thang")]
    tu_thang: String,
    trang: PageNumber,
}

impl Asked {
    fn scheme(&self) -> Result<Scheme, Failure> {
        let from = read_month(self.tu_thang.trim());
        let from =
            from.ok_or_else(|| Failure::refused("malformed", "Tháng chưa đúng: ghi dạng 07/2024"))?;
        Ok(Scheme {
            area: self.dia_ban.clone(),
            benefit: Benefit::from_code(&self.che_do),
            from,
        })
    }
}

#[derive(Template)]
#[template(path = "collective_preview.html")]
struct PreviewPage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    name: String,
    asked: Asked,
    scheme: Scheme,
    summary: Summary,
    rows: Vec<Looked>,
    paging: Paging,
    filled: Filled,
    key: String,
}

impl PreviewPage {
    fn address(&self, page: &i64) -> String {
        let area = encode(&self.asked.dia_ban);
        let (benefit, month) = (&self.asked.che_do, self.scheme.from);
        format!(
            "/quyet-dinh-chung/xem?dia-ban={area}&che-do={benefit}&tu-thang={month}&trang={page}"
        )
    }
}

/// A row that is not recorded yet, with the name of the person.
pub(crate) struct Looked {
    row: Row,
    full_name: String,
}

/// The rows with names.
pub(super) async fn named(server: &Server, rows: Vec<Row>) -> Result<Vec<Looked>, Failure> {
    let people: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
    let mut names: HashMap<PersonId, String> = collective::names(&server.pool, &people).await?;
    let looked = rows.into_iter().map(|row| Looked {
        full_name: names.get_mut(&row.person).cloned().unwrap_or_default(),
        row,
    });
    Ok(looked.collect())
}

/// The decision as filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    khoa: String,
    da_thay: String,
    dia_ban: String,
    che_do: String,
    tu_thang: String,
    so: String,
    ngay_ky: String,
    nguoi_ky: String,
    /// `trinh` lays it before the leader; otherwise it was signed on paper.
    viec: String,
}

impl Filled {
    pub(super) fn decision(&self) -> Result<Decision, Failure> {
        let day: Option<Date> = read_day(self.ngay_ky.trim());
        let too_long = [&self.so, &self.nguoi_ky]
            .iter()
            .any(|it| it.chars().count() > 200);
        match day {
            Some(date) if !too_long => Ok(Decision {
                number: self.so.trim().to_owned(),
                date,
                signed_by: Some(self.nguoi_ky.trim().to_owned()),
            }),
            _ => {
                let why = "Ngày ký chưa đúng (ghi dạng 20/07/2024), hoặc có ô ghi quá dài";
                Err(Failure::refused("malformed", why))
            }
        }
    }

    fn asked(&self) -> Asked {
        Asked {
            dia_ban: self.dia_ban.clone(),
            che_do: self.che_do.clone(),
            tu_thang: self.tu_thang.clone(),
            ..Asked::default()
        }
    }

    pub(super) fn key(&self) -> Result<Uuid, Failure> {
        let why = "Khóa của biểu mẫu không đúng, hãy tải lại trang";
        Uuid::parse_str(&self.khoa).map_err(|_| Failure::bad_request(why))
    }

    pub(super) fn seen(&self) -> Vec<u8> {
        hex::decode(&self.da_thay).unwrap_or_default()
    }
}

/// What the collective functions work with.
pub(super) fn setting(server: &Server) -> Setting<'_> {
    Setting {
        pool: &server.pool,
        clock: &server.clock,
        law: &server.law,
    }
}

/// `GET /quyet-dinh-chung/xem`: the new amounts of an area before they are decided.
pub(crate) async fn preview(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    let shown = preview_page(&server, &who, asked, Filled::default(), None).await;
    match shown {
        Ok(shown) => page(&shown),
        Err(failure) => {
            let again = async |error| collective_page(&server, &who, 1, Some(error)).await;
            leads_on(Err(failure), again).await
        }
    }
}

async fn preview_page(
    server: &Server,
    who: &SignedIn,
    asked: Asked,
    filled: Filled,
    error: Option<String>,
) -> Result<PreviewPage, Failure> {
    let scheme = asked.scheme()?;
    let number = asked.trang.get();
    let (first, last) = (Paging::offset(number), Paging::offset(number + 1));
    let (mut at, mut rows) = (0, Vec::new());
    let mut rating = ReRating::open(&setting(server), &who.actor, &scheme).await?;
    while let Some(row) = rating.next().await? {
        if (first..last).contains(&at) {
            rows.push(row);
        }
        at += 1;
    }
    let summary = rating.finish();
    Ok(PreviewPage {
        frame: Frame::inside(server, who, Section::Collective).telling(error.as_ref()),
        error,
        done: "",
        name: area::name(&scheme.area, scheme.from),
        paging: Paging {
            page: number,
            count: summary.rows,
        },
        rows: named(server, rows).await?,
        asked,
        scheme,
        summary,
        filled,
        key: form_key(),
    })
}

/// `POST /quyet-dinh-chung/xem`: recorded as it was looked at.
pub(crate) async fn confirm(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(filled): Form<Filled>,
) -> Page {
    let work = async {
        let (all, key, seen) = (setting(&server), filled.key()?, filled.seen());
        let scheme = filled.asked().scheme()?;
        if filled.viec == "trinh" {
            let proposed = Proposed::ReRating(&scheme);
            let number = collective::propose(&all, &who.actor, key, proposed, &seen).await?;
            return Ok(format!("/quyet-dinh-chung/trinh/{number}?xong=1"));
        }
        let decision = filled.decision()?;
        let done =
            collective::record_re_rating(&all, &who.actor, key, &scheme, &decision, &seen).await?;
        Ok(format!("/quyet-dinh-chung/{}?xong=1", done.collective_no))
    };
    let text = format!("{filled:?}");
    let done = form_once(
        &server,
        &who.actor,
        &filled.khoa,
        &["collective", &text],
        work,
    )
    .await;
    let shown = async |error| {
        preview_page(&server, &who, filled.asked(), filled.clone(), Some(error)).await
    };
    leads_on(done, shown).await
}

impl From<CollectiveRefused> for Failure {
    fn from(refused: CollectiveRefused) -> Failure {
        match refused {
            CollectiveRefused::Denied(denied) => denied.into(),
            CollectiveRefused::Failed(error) => Failure::internal(&error),
            CollectiveRefused::Unknown(_) => Failure::not_found(),
            other => Failure::refused(other.code(), sentence(&other.to_string())),
        }
    }
}
