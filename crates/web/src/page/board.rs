//! Boards: accounts, identity data, caseload, exchange; by area, down to the people or dossiers behind
//! each number.

pub(crate) mod dead_letters;
mod dossiers;
mod export;
mod form;
mod line;
mod people;
mod place;
mod table;
mod target;

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use kernel::Actor;
use payments::Refused;
use reports::exchange::decided_by_month;
use reports::sheet::{self, Sheet};
use reports::trend::trend;
use reports::{By, Division, Question};
use serde::Deserialize;

use super::{Page, page};
use crate::Server;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::once::form_key;
use line::Line;
use place::Place;
use table::{Order, Table};

pub(crate) use dossiers::show as dossiers;
pub(crate) use export::export;
pub(crate) use form::{look as form, show as form_file};
pub(crate) use people::show as people;
pub(crate) use target::set as set_target;

/// Which board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Who has an account and who is paid into one.
    Cashless,
    /// What is known of identity.
    Quality,
    /// What comes from and goes to one-stop systems.
    Exchange,
    /// People, households and money by area.
    Caseload,
    /// The same by benefit.
    Benefits,
    /// The same by way of receiving.
    Channels,
    /// What became of the money, by area.
    Settlement,
    /// The same by standard amount.
    Standards,
}

impl Which {
    const ALL: [Which; 8] = [
        Which::Cashless,
        Which::Quality,
        Which::Exchange,
        Which::Caseload,
        Which::Benefits,
        Which::Channels,
        Which::Settlement,
        Which::Standards,
    ];

    /// In addresses.
    const fn code(self) -> &'static str {
        match self {
            Which::Cashless => "khong-tien-mat",
            Which::Quality => "chat-luong",
            Which::Exchange => "lien-thong",
            Which::Caseload => "dia-ban",
            Which::Benefits => "chinh-sach",
            Which::Channels => "hinh-thuc",
            Which::Settlement => "ket-qua",
            Which::Standards => "muc-chuan",
        }
    }

    const fn page(self) -> &'static str {
        match self {
            Which::Cashless => "/khong-tien-mat",
            Which::Quality => "/chat-luong",
            Which::Exchange => "/lien-thong",
            _ => "/bao-cao",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Which::Cashless => "Chi trả không dùng tiền mặt",
            Which::Quality => "Chất lượng dữ liệu định danh",
            Which::Settlement => "Báo cáo kết quả chi trả",
            Which::Exchange => "Liên thông với hệ thống một cửa",
            _ => "Báo cáo số đối tượng và kinh phí",
        }
    }

    const fn section(self) -> Section {
        match self {
            Which::Cashless => Section::Cashless,
            Which::Quality => Section::Quality,
            Which::Exchange => Section::Exchange,
            _ => Section::Reports,
        }
    }

    /// Whether a row is an area.
    const fn is_by_area(self) -> bool {
        !matches!(self, Which::Benefits | Which::Channels | Which::Standards)
    }

    /// Whether its rows may be areas of before the mergers too.
    const fn goes_back(self) -> bool {
        self.is_by_area() && !matches!(self, Which::Exchange)
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
    /// Of boards by area: `huyen-cu` or `tinh-cu`.
    chia: String,
    /// A column, `-` in front for the largest first.
    xep: String,
    /// Only rows whose name holds this.
    loc: String,
    xong: String,
    trang: crate::paging::PageNumber,
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
        Which::Settlement => reports::settlement(&office, actor, &of)
            .await
            .map(|found| sheet::of_settlement(&found, now)),
        Which::Exchange => reports::exchange(&office, actor, &of)
            .await
            .map(|found| sheet::of_exchange(&found, now)),
        Which::Caseload | Which::Benefits | Which::Channels | Which::Standards => {
            let by = match which {
                Which::Standards => By::Standard,
                Which::Benefits => By::Benefit,
                Which::Channels => By::Channel,
                _ => of.division.into(),
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
    line: Option<Line>,
    outcome: Option<payments::results::Outcome>,
    targets: Vec<reports::target::Target>,
    may_set: bool,
    /// Provinces that do not take what they are told.
    slow: Vec<exchange::backlog::Slow>,
    /// Whether messages that failed too often are theirs to send again.
    keeps: bool,
    /// Of the ministry: may look at the registries that ask.
    sees_registries: bool,
    /// Whether the reader decides about fields both sides changed.
    decides: bool,
    key: String,
    done: bool,
}

/// What a row of the caseload may be, in addresses and in words.
const BY: [(&str, &str); 5] = [
    ("dia-ban", "địa bàn"),
    ("chinh-sach", "chính sách"),
    ("hinh-thuc", "hình thức nhận"),
    ("ket-qua", "địa bàn với kết quả chi trả"),
    ("muc-chuan", "mức chuẩn"),
];

/// What a row of a board by area may be, in addresses and in words.
const DIVISIONS: [(Division, &str, &str); 3] = [
    (Division::Below, "", "hiện nay"),
    (
        Division::FormerDistrict,
        "&chia=huyen-cu",
        "huyện trước 7/2025",
    ),
    (
        Division::FormerProvince,
        "&chia=tinh-cu",
        "tỉnh trước 7/2025",
    ),
];

impl BoardPage {
    /// Whether the area is among those to choose from.
    fn is_offered(&self) -> bool {
        let code = &self.place.code;
        self.areas.iter().any(|choice| choice.code == *code)
    }

    /// What the rows are, in addresses.
    fn divided_by(&self) -> &'static str {
        let divided = DIVISIONS.iter().find(|it| it.0 == self.place.division);
        divided.map_or("", |(_, query, _)| query.trim_start_matches("&chia="))
    }

    fn address(&self, page: &str) -> String {
        format!("{page}?{}", self.place.query())
    }
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

/// `GET /lien-thong`.
pub(crate) async fn exchange(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    show(&server, &who, Which::Exchange, wanted).await
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
        "ket-qua" => Which::Settlement,
        "muc-chuan" => Which::Standards,
        _ => Which::Caseload,
    };
    show(&server, &who, which, wanted).await
}

/// The board month by month.
async fn line_of(
    server: &Server,
    actor: &Actor,
    which: Which,
    place: &Place,
) -> Result<Option<Line>, Failure> {
    let (office, month, code) = (server.office(), place.month, &place.code);
    Ok(match which {
        Which::Settlement => {
            let months = reports::settlement::line(&office, actor, month, code).await?;
            Line::of_results(&months)
        }
        Which::Exchange => {
            let of = place.by_area();
            Line::of_decided(&decided_by_month(&office, actor, &of).await?)
        }
        _ => Line::of(which, &trend(&office, actor, month, code).await?),
    })
}

async fn show(server: &Server, who: &SignedIn, which: Which, wanted: Wanted) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(server, &who.actor, asked).await?;
    let place = place.divided(if which.goes_back() { &wanted.chia } else { "" });
    let sheet = sheet_of(server, &who.actor, which, &place).await?;
    let office = server.office();
    let (mut line, mut outcome, mut targets) = (None, None, Vec::new());
    if sheet.is_some() {
        line = line_of(server, &who.actor, which, &place).await?;
        if which.section() == Section::Reports && which != Which::Settlement {
            let (month, code) = (place.month, &place.code);
            outcome = Some(match place.former {
                None => payments::results::outcome(&office, &who.actor, month, code).await?,
                Some(_) => {
                    let of = place.by_area();
                    reports::settlement(&office, &who.actor, &of).await?.outcome
                }
            });
        }
        if which == Which::Cashless && place.former.is_none() {
            targets = reports::target::history(&office, &who.actor, &place.code).await?;
        }
    }
    let order = Order::of(&wanted.xep);
    let table = sheet.map(|sheet| Table::of(sheet, which, &place, order, &wanted));
    page(&BoardPage {
        frame: Frame::inside(server, who, which.section()),
        areas: area::offered(&who.actor, READERS, place.month),
        may_set: which == Which::Cashless
            && place.former.is_none()
            && access::holds(&who.actor, reports::target::SETTERS, &place.code),
        sees_registries: which == Which::Exchange
            && access::holds(&who.actor, spdci::caller::READERS, ""),
        decides: who
            .actor
            .areas_of(casework::correct::CORRECTORS)
            .next()
            .is_some(),
        slow: match which {
            Which::Exchange => {
                exchange::backlog::slow(&server.pool, &who.actor, &server.clock).await?
            }
            _ => Vec::new(),
        },
        keeps: which == Which::Exchange
            && who.actor.areas_of(exchange::dead::KEEPERS).next().is_some(),
        filter: wanted.loc,
        done: wanted.xong == "1",
        line,
        key: form_key(),
        which,
        place,
        table,
        outcome,
        targets,
    })
}
