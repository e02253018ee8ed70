//! What became of a month's money: ordered against paid, what waits for a person, closing the month.

mod act;
mod export;
mod lines;
mod upload;

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use kernel::actor::Role;
use kernel::{Dong, MonthSpan};
use payments::closing::{self, Closure, Obstacle};
use payments::proposal::{self, Proposal, ProposalKind};
use payments::results::queue::{self, Entry};
use payments::results::{self, Imported, Part, Parts, reason};
use payments::settlement::{self, Statement};
use serde::Deserialize;

pub(crate) use act::act;
pub(crate) use export::export;
pub(crate) use lines::{export as export_lines, show as lines};
pub(crate) use upload::{blank, upload};

use super::month::Place;
use super::{Page, page, refused_page};
use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::form_key;
use crate::paging::{PageNumber, Paging, cut};

/// Who brings results and settles what waits.
pub(crate) const SETTLERS: &[Role] = &[Role::ListMaker, Role::Officer];
/// Who closes a month, and asks for it to be opened.
pub(crate) const CLOSERS: &[Role] = &[Role::ListMaker, Role::Approver];
/// Proposals and refused rows shown at once; the rest is counted, and is there by command.
const SHOWN: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    xong: String,
    /// Page of what waits.
    trang: PageNumber,
    /// Page of the areas inside.
    #[serde(rename = "trang-dia-ban")]
    trang_dia_ban: PageNumber,
}

/// Which fifty of what waits, and of the areas inside.
#[derive(Clone, Copy)]
struct Pages {
    waiting: i64,
    areas: i64,
}

/// The first of both.
const FIRST: Pages = Pages {
    waiting: 1,
    areas: 1,
};

#[derive(Template)]
#[template(path = "results.html")]
struct ResultsPage {
    frame: Frame,
    place: Place,
    error: Option<String>,
    done: &'static str,
    imported: Option<Imported>,
    parts: Parts,
    statements: Vec<Statement>,
    waiting: Vec<Entry>,
    paging: Paging,
    areas: Paging,
    proposals: Vec<Proposal>,
    obstacles: Vec<Obstacle>,
    /// The closing of this very area that holds.
    closed: Option<Closure>,
    may_settle: bool,
    may_close: bool,
    may_open: bool,
    /// Keeps the registry here: decides about proposals.
    is_officer: bool,
    is_asker: bool,
    keys: Keys,
}

/// The same money seen one way.
struct Table<'a> {
    title: &'static str,
    by_area: bool,
    rows: &'a [Part],
}

impl ResultsPage {
    /// The same money seen two ways.
    fn tables(&self) -> [Table<'_>; 2] {
        let table = |title, by_area, rows| Table {
            title,
            by_area,
            rows,
        };
        [
            table("Theo đơn vị chi trả", false, &self.parts.by_provider),
            table("Theo địa bàn", true, &self.parts.by_area),
        ]
    }

    /// Each figure of a row with the address of the lines behind it.
    fn cells(&self, table: &Table<'_>, part: &Part) -> Vec<(Dong, String)> {
        let behind = |group: &str| {
            let (area, provider) = match table.by_area {
                true => (part.code.as_str(), String::new()),
                false => {
                    let code = in_address(&part.code);
                    (
                        self.place.code.as_str(),
                        format!("&don-vi={}", encode(code)),
                    )
                }
            };
            let (month, area) = (self.place.month, encode(area));
            format!("/ky-chi/{month}/doi-soat/dong?dia-ban={area}{provider}&ket-qua={group}")
        };
        let cell = |(amount, group): (i64, &str)| (Dong(amount), behind(group));
        figures(part).into_iter().map(cell).collect()
    }

    /// Address of the lines of the whole area behind a figure.
    fn behind(&self, group: &str) -> String {
        let base = self.place.address("/doi-soat/dong");
        format!("{base}&ket-qua={group}")
    }

    fn with(&self, page: &i64) -> String {
        let base = self.place.address("/doi-soat");
        format!("{base}&trang={page}#cho-xu-ly")
    }

    /// Address of another page of the areas inside.
    fn with_areas(&self, page: &i64) -> String {
        let base = self.place.address("/doi-soat");
        format!("{base}&trang-dia-ban={page}")
    }

    fn vietnamese<'a>(&self, reason: &'a str) -> &'a str {
        reason::vietnamese(reason)
    }
}

/// Figures of a row with the group of lines behind each, in the order of their columns.
fn figures(part: &Part) -> [(i64, &'static str); 7] {
    let it = &part.outcome;
    [
        (it.ordered, ""),
        (it.paid, "paid"),
        (it.failed, "failed"),
        (it.returned, "returned"),
        (it.not_collected, "not_collected"),
        (it.not_reported, "not_reported"),
        (part.open_lines, "open"),
    ]
}

/// What is not ordered yet has no provider; in addresses that has a name too.
const UNORDERED: &str = "chua-giao";

fn in_address(provider: &str) -> &str {
    if provider.is_empty() {
        UNORDERED
    } else {
        provider
    }
}

/// A key for each form of the page.
struct Keys {
    month: String,
    waiting: Vec<String>,
    proposals: Vec<String>,
}

/// `GET /ky-chi/{kỳ}/doi-soat`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let at = Pages {
        waiting: wanted.trang.get(),
        areas: wanted.trang_dia_ban.get(),
    };
    let done = match wanted.xong.as_str() {
        "ghi" => "Đã ghi nhận kết quả.",
        "bo" => "Đã bỏ qua kết quả, lý do được lưu lại.",
        "khoa" => "Đã khóa tháng. Từ nay kết quả đến muộn chỉ vào danh sách chờ xử lý.",
        "xin-mo" => "Đã ghi đề nghị mở khóa. Cần người thứ hai xác nhận.",
        "mo" => "Đã mở khóa tháng.",
        "de-xuat" => "Đã chấp nhận đề xuất và ghi sự kiện vào sổ đối tượng.",
        "bac" => "Đã bác đề xuất, lý do được lưu lại.",
        _ => "",
    };
    page(&results_page(&server, &who, place, at, done, None).await?)
}

async fn results_page(
    server: &Server,
    who: &SignedIn,
    place: Place,
    at: Pages,
    done: &'static str,
    error: Option<String>,
) -> Result<ResultsPage, Failure> {
    let (office, actor) = (server.office(), &who.actor);
    let (month, code) = (place.month, place.code.as_str());
    let months = MonthSpan::single(month);
    let waiting = queue::entries(&office, actor, month, code, false).await?;
    let (waiting, paging) = cut(waiting, at.waiting);
    let mut proposals = proposal::proposals(&office, actor, month, code, false).await?;
    proposals.truncate(SHOWN);
    let own = if code == "VN" { "" } else { code };
    let closures = closing::closures(&office, actor, month, code).await?;
    let mut closures = closures.into_iter();
    let closed = closures.find(|closure| closure.area == own && !closure.is_unlocked);
    let obstacles = match closed {
        Some(_) => Vec::new(),
        None => closing::obstacles(&office, actor, month, code).await?,
    };
    let asked = closed.iter().flat_map(|closure| &closure.unlock_asked_by);
    let frame = Frame::inside(server, who, Section::Months);
    let holds = |roles: &[Role]| access::holds(actor, roles, code);
    let mut parts = results::outcome_parts(&office, actor, month, code).await?;
    let (by_area, areas) = cut(parts.by_area, at.areas);
    parts.by_area = by_area;
    Ok(ResultsPage {
        areas,
        parts,
        statements: settlement::statements(&office, actor, months, code).await?,
        may_settle: holds(SETTLERS),
        may_close: holds(CLOSERS),
        may_open: holds(&[Role::Approver]),
        is_officer: holds(&[Role::Officer]),
        is_asker: asked.into_iter().any(|name| *name == actor.name),
        keys: Keys {
            month: form_key(),
            waiting: waiting.iter().map(|_| form_key()).collect(),
            proposals: proposals.iter().map(|_| form_key()).collect(),
        },
        frame: frame.telling(error.as_ref()),
        imported: None,
        proposals,
        place,
        error,
        done,
        waiting,
        paging,
        obstacles,
        closed,
    })
}

/// The page with what was refused.
async fn refused(server: &Server, who: &SignedIn, place: Place, error: String) -> Page {
    refused_page(&results_page(server, who, place, FIRST, "", Some(error)).await?)
}
