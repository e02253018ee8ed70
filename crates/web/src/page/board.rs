//! Boards: accounts, identity data, caseload; by area, down to the people behind each number.

mod export;
mod form;
mod people;
mod table;
mod target;

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use documents::format;
use kernel::{Actor, Dong, Month};
use payments::{Refused, header};
use reports::sheet::{self, Sheet};
use reports::trend::{Point, trend};
use reports::{By, ByArea, Question};
use serde::Deserialize;

use super::months::read_month;
use super::{Page, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::chart;
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::once::form_key;
use table::{Order, Table};

pub(crate) use export::export;
pub(crate) use form::show as form;
pub(crate) use people::show as people;
pub(crate) use target::set as set_target;

/// Which board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Who has an account and who is paid into one.
    Cashless,
    /// What is known of identity.
    Quality,
    /// People, households and money by area.
    Caseload,
    /// The same by benefit.
    Benefits,
    /// The same by way of receiving.
    Channels,
    /// The same by standard amount.
    Standards,
}

impl Which {
    const ALL: [Which; 6] = [
        Which::Cashless,
        Which::Quality,
        Which::Caseload,
        Which::Benefits,
        Which::Channels,
        Which::Standards,
    ];

    /// In addresses.
    const fn code(self) -> &'static str {
        match self {
            Which::Cashless => "khong-tien-mat",
            Which::Quality => "chat-luong",
            Which::Caseload => "dia-ban",
            Which::Benefits => "chinh-sach",
            Which::Channels => "hinh-thuc",
            Which::Standards => "muc-chuan",
        }
    }

    const fn page(self) -> &'static str {
        match self {
            Which::Cashless => "/khong-tien-mat",
            Which::Quality => "/chat-luong",
            _ => "/bao-cao",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Which::Cashless => "Chi trả không dùng tiền mặt",
            Which::Quality => "Chất lượng dữ liệu định danh",
            _ => "Báo cáo số đối tượng và kinh phí",
        }
    }

    const fn section(self) -> Section {
        match self {
            Which::Cashless => Section::Cashless,
            Which::Quality => Section::Quality,
            _ => Section::Reports,
        }
    }

    /// What a row is.
    const fn row(self) -> &'static str {
        match self {
            Which::Benefits => "Chính sách",
            Which::Channels => "Hình thức nhận",
            Which::Standards => "Mức chuẩn",
            _ => "Địa bàn",
        }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: String,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    /// Of the caseload: what a row is.
    theo: String,
    /// A column, `-` in front for the largest first.
    xep: String,
    /// Only rows whose name holds this.
    loc: String,
    xong: String,
    trang: crate::paging::PageNumber,
}

/// Month and area of a board, when the actor reads there.
pub(crate) struct Place {
    pub month: Month,
    /// `VN` is the whole country.
    pub code: String,
    pub name: String,
    pub handler: bool,
}

impl Place {
    async fn of(
        server: &Server,
        actor: &Actor,
        (month, code): (&str, &str),
    ) -> Result<Place, Failure> {
        let today = Month::of(server.clock.today());
        let month = match read_month(month.trim()) {
            Some(month) => month,
            None => newest(server, actor, today).await?,
        };
        let code = match code {
            "" => area::offered(actor, READERS, month)
                .first()
                .map_or_else(|| "VN".to_owned(), |choice| choice.code.clone()),
            code => code.to_owned(),
        };
        if code != "VN" && area::of_month(&code, month).is_none() {
            return Err(Failure::not_found());
        }
        access::require(actor, READERS, &code)?;
        Ok(Place {
            name: area::name(&code, month),
            handler: access::holds(actor, registry::sight::HANDLERS, &code),
            month,
            code,
        })
    }

    /// Month and area as a query.
    pub(crate) fn query(&self) -> String {
        format!("thang={}&dia-ban={}", self.month, encode(&self.code))
    }

    pub(crate) fn crumbs(&self) -> Vec<Choice> {
        area::crumbs(&self.code, self.month)
    }

    fn by_area(&self) -> ByArea {
        ByArea {
            month: self.month,
            area: self.code.clone(),
        }
    }
}

/// The newest month with a list the actor may read, of the last two years; this month without one.
async fn newest(server: &Server, actor: &Actor, today: Month) -> Result<Month, Failure> {
    let lists = header::of_months(&server.pool, today.plus(-23), today.next()).await?;
    let readable = lists
        .iter()
        .rfind(|list| access::holds(actor, READERS, &list.area));
    let below = lists.last().filter(|_| readable.is_none());
    Ok(readable.or(below).map_or(today, |list| list.month))
}

/// What a board says; `None` where the area has no list of the month.
async fn sheet_of(
    server: &Server,
    actor: &Actor,
    which: Which,
    place: &Place,
) -> Result<Option<Sheet>, Failure> {
    let (office, now) = (server.office(), server.clock.now());
    let of = place.by_area();
    let question = |by| Question {
        month: of.month,
        area: of.area.clone(),
        by,
    };
    let found = match which {
        Which::Cashless => reports::cashless(&office, actor, &of, None)
            .await
            .map(|found| sheet::of_cashless(&found, now)),
        Which::Quality => reports::data_quality(&office, actor, &of)
            .await
            .map(|found| sheet::of_data_quality(&found, now)),
        Which::Caseload | Which::Benefits | Which::Channels | Which::Standards => {
            let by = match which {
                Which::Standards => By::Standard,
                Which::Benefits => By::Benefit,
                Which::Channels => By::Channel,
                _ => By::Area,
            };
            let found = reports::caseload(&office, actor, &question(by)).await;
            found.map(|found| sheet::of_caseload(&found, now))
        }
    };
    match found {
        Ok(sheet) => Ok(Some(sheet)),
        Err(Refused::NoList { .. }) => Ok(None),
        Err(refused) => Err(refused.into()),
    }
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    frame: Frame,
    which: Which,
    place: Place,
    areas: Vec<Choice>,
    filter: String,
    table: Option<Table>,
    trend: Vec<Point>,
    outcome: Option<payments::results::Outcome>,
    targets: Vec<reports::target::Target>,
    may_set: bool,
    key: String,
    done: bool,
}

/// What a row of the caseload may be, in addresses and in words.
const BY: [(&str, &str); 4] = [
    ("dia-ban", "địa bàn"),
    ("chinh-sach", "chính sách"),
    ("hinh-thuc", "hình thức nhận"),
    ("muc-chuan", "mức chuẩn"),
];

impl BoardPage {
    /// Whether the area is among those to choose from.
    fn is_offered(&self) -> bool {
        let code = &self.place.code;
        self.areas.iter().any(|choice| choice.code == *code)
    }

    /// Share paid by account month by month.
    fn share_line(&self) -> String {
        let point = |point: &Point| chart::Point {
            label: format::month(point.month),
            value: hundredths(&point.paid_by_account_percent),
            shown: format!("{}%", point.paid_by_account_percent.replace('.', ",")),
        };
        let points: Vec<_> = self.trend.iter().map(point).collect();
        chart::line("Tỷ lệ chi qua tài khoản", &points)
    }

    /// Money month by month.
    fn money_line(&self) -> String {
        let point = |point: &Point| chart::Point {
            label: format::month(point.month),
            value: point.amount.value(),
            shown: format!("{} triệu", Dong(point.amount.value() / 1_000_000)),
        };
        let points: Vec<_> = self.trend.iter().map(point).collect();
        chart::line("Số tiền chi trả (triệu đồng)", &points)
    }

    fn address(&self, page: &str) -> String {
        format!("{page}?{}", self.place.query())
    }
}

/// A share `50.83` as 5,083.
fn hundredths(percent: &str) -> i64 {
    percent.replace('.', "").parse().unwrap_or(0)
}

/// `GET /khong-tien-mat`.
pub(crate) async fn cashless(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    show(&server, &who, Which::Cashless, wanted).await
}

/// `GET /chat-luong`.
pub(crate) async fn quality(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    show(&server, &who, Which::Quality, wanted).await
}

/// `GET /bao-cao`.
pub(crate) async fn caseload(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let which = match wanted.theo.as_str() {
        "chinh-sach" => Which::Benefits,
        "hinh-thuc" => Which::Channels,
        "muc-chuan" => Which::Standards,
        _ => Which::Caseload,
    };
    show(&server, &who, which, wanted).await
}

async fn show(server: &Server, who: &SignedIn, which: Which, wanted: Wanted) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(server, &who.actor, asked).await?;
    let sheet = sheet_of(server, &who.actor, which, &place).await?;
    let office = server.office();
    let mut trend_points = Vec::new();
    let (mut outcome, mut targets) = (None, Vec::new());
    if sheet.is_some() {
        if which != Which::Quality {
            trend_points = trend(&office, &who.actor, place.month, &place.code).await?;
        }
        if which.section() == Section::Reports {
            let found = reports::settlement(&office, &who.actor, place.month, &place.code).await?;
            outcome = Some(found.outcome);
        }
        if which == Which::Cashless {
            targets = reports::target::history(&office, &who.actor, &place.code).await?;
        }
    }
    let order = Order::of(&wanted.xep);
    let table = sheet.map(|sheet| Table::of(sheet, which, &place, order, &wanted));
    page(&BoardPage {
        frame: Frame::inside(server, who, which.section()),
        areas: area::offered(&who.actor, READERS, place.month),
        may_set: which == Which::Cashless
            && access::holds(&who.actor, reports::target::SETTERS, &place.code),
        filter: wanted.loc,
        done: wanted.xong == "1",
        trend: trend_points,
        key: form_key(),
        which,
        place,
        table,
        outcome,
        targets,
    })
}
