//! One month of one area: where its list stands, what changed and why; making and approving it.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use kernel::actor::Role;
use kernel::{Actor, ListId, Month};
use law::Benefit;
use payments::{Balance, Header, Refused, header};
use population::due::Due;
use registry::sight::HANDLERS;
use serde::Deserialize;

use super::{Page, leads_on, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::once::{form_key, form_once};

/// The area and month of a page about a list, with the way there.
pub(crate) struct Place {
    pub month: Month,
    /// `VN` is the whole country.
    pub code: String,
    pub name: String,
    pub crumbs: Vec<Choice>,
    /// Whether the reader works with papers there and sees what reveals an illness.
    pub handler: bool,
}

impl Place {
    /// The month and area of an address, when the actor may read there.
    pub(crate) fn of(actor: &Actor, month: &str, area: &str) -> Result<Place, Failure> {
        let month: Month = month.parse().map_err(|_| Failure::not_found())?;
        let code = if area.is_empty() { "VN" } else { area };
        if code != "VN" && area::of_month(code, month).is_none() {
            return Err(Failure::not_found());
        }
        access::require(actor, READERS, code)?;
        Ok(Place {
            month,
            code: code.to_owned(),
            name: area::name(code, month),
            crumbs: area::crumbs(code, month),
            handler: access::holds(actor, HANDLERS, code),
        })
    }

    /// Address of a page about this list: `""`, `/danh-sach`, `/duyet` …
    pub(crate) fn address(&self, page: &str) -> String {
        format!(
            "/ky-chi/{}{page}?dia-ban={}",
            self.month,
            encode(&self.code)
        )
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    xong: String,
}

#[derive(Template)]
#[template(path = "month.html")]
struct MonthPage {
    frame: Frame,
    /// How those paid stand with the population database, until the list is approved.
    due: Option<Due>,
    place: Place,
    error: Option<String>,
    done: &'static str,
    list: Option<Header>,
    /// Other lists of the month that share people with the area, with their names.
    others: Vec<(String, Header)>,
    changes: Option<Balance>,
    inside: Vec<Choice>,
    may_make: bool,
    may_approve: bool,
    is_maker: bool,
    key: String,
}

impl MonthPage {
    fn benefit(&self, benefit: &Benefit) -> &str {
        self.frame.benefit_for(benefit, &self.place.handler)
    }
}

/// `GET /ky-chi/{kỳ}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let done = match wanted.xong.as_str() {
        "lap" => "Đã lập danh sách. Hãy xem biến động rồi chuyển người duyệt.",
        "duyet" => "Đã duyệt danh sách. Từ nay danh sách này không thay đổi.",
        _ => "",
    };
    page(&month_page(&server, &who, place, done, None).await?)
}

async fn month_page(
    server: &Server,
    who: &SignedIn,
    place: Place,
    done: &'static str,
    error: Option<String>,
) -> Result<MonthPage, Failure> {
    let lists = match payments::lists(&server.office(), &who.actor, place.month, &place.code).await
    {
        Ok(lists) => lists,
        Err(Refused::NoList { .. }) => Vec::new(),
        Err(refused) => return Err(refused.into()),
    };
    let changes = match lists.is_empty() {
        true => None,
        false => {
            Some(payments::balance(&server.office(), &who.actor, place.month, &place.code).await?)
        }
    };
    let own = if place.code == "VN" {
        ""
    } else {
        place.code.as_str()
    };
    let (mut of_area, others): (Vec<_>, Vec<_>) =
        lists.into_iter().partition(|list| list.area == own);
    let list = of_area.pop();
    let frame = Frame::inside(server, who, Section::Months);
    let holds = |role| access::holds(&who.actor, &[role], &place.code);
    let is_draft = list.as_ref().is_some_and(|list| !list.is_approved());
    let named = others
        .into_iter()
        .map(|list| (area::name(&list.area, list.month), list));
    let approved = list.as_ref().is_some_and(Header::is_approved);
    let due = match approved {
        true => None,
        false => Some(due(server, who, &place).await?),
    };
    Ok(MonthPage {
        due,
        may_make: holds(Role::ListMaker) && (list.is_none() || is_draft),
        may_approve: holds(Role::Approver) && is_draft,
        is_maker: list
            .as_ref()
            .is_some_and(|list| list.made_by == who.actor.name),
        inside: area::inside(&place.code, place.month),
        frame: frame.telling(error.as_ref()),
        others: named.collect(),
        key: form_key(),
        place,
        error,
        done,
        list,
        changes,
    })
}

/// How the people of the month stand with the population database, before a list is approved.
async fn due(server: &Server, who: &SignedIn, place: &Place) -> Result<Due, Failure> {
    let wanted = population::Wanted {
        area: place.code.clone(),
        month: place.month,
        lately_days: server.lately_days(),
        limit: None,
    };
    let (pool, clock) = (&server.pool, &server.clock);
    Ok(population::due::count(pool, &who.actor, clock, &wanted).await?)
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    dia_ban: String,
    #[serde(default)]
    danh_sach: i64,
}

/// `POST /ky-chi/{kỳ}`: makes the list, or makes it again.
pub(crate) async fn make(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Form(order): Form<Order>,
) -> Page {
    let place = Place::of(&who.actor, &month, &order.dia_ban)?;
    let work = async {
        let office = server.office();
        payments::make(&office, &who.actor, place.month, &place.code).await?;
        work_out_balance(&server, &who.actor, place.month, &place.code).await;
        Ok(format!("{}&xong=lap", place.address("")))
    };
    let request = ["make", &month, &order.dia_ban];
    let made = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    answer(&server, &who, place, made).await
}

/// Works out the balance of a list just made, so that the first look at its page has it. The list
/// stands also when this fails: the page then works it out.
pub(crate) async fn work_out_balance(server: &Server, actor: &Actor, month: Month, area: &str) {
    if let Err(refused) = payments::balance(&server.office(), actor, month, area).await {
        tracing::warn!(%refused, "balance of a new list");
    }
}

async fn answer(server: &Server, who: &SignedIn, place: Place, done: Page) -> Page {
    let shown = async |error| month_page(server, who, place, "", Some(error)).await;
    leads_on(done, shown).await
}

#[derive(Template)]
#[template(path = "approve.html")]
struct ApprovePage {
    frame: Frame,
    /// How those paid stand with the population database.
    due: Due,
    place: Place,
    list: Header,
    is_maker: bool,
    changes: Balance,
    key: String,
}

/// `GET /ky-chi/{kỳ}/duyet`: what will be approved, to look at once more.
pub(crate) async fn confirm(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    access::require(&who.actor, &[Role::Approver], &place.code)?;
    let list = header::find(&server.pool, place.month, &place.code).await?;
    let list = list
        .filter(|list| !list.is_approved())
        .ok_or_else(Failure::not_found)?;
    let office = server.office();
    let changes = payments::balance(&office, &who.actor, place.month, &place.code).await?;
    page(&ApprovePage {
        due: due(&server, &who, &place).await?,
        frame: Frame::inside(&server, &who, Section::Months),
        is_maker: list.made_by == who.actor.name,
        key: form_key(),
        place,
        list,
        changes,
    })
}

/// `POST /ky-chi/{kỳ}/duyet`: approves the very list that was looked at.
pub(crate) async fn approve(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Form(order): Form<Order>,
) -> Page {
    let place = Place::of(&who.actor, &month, &order.dia_ban)?;
    let work = async {
        let (office, seen) = (server.office(), ListId(order.danh_sach));
        payments::approve_seen(&office, &who.actor, place.month, &place.code, seen).await?;
        Ok(format!("{}&xong=duyet", place.address("")))
    };
    let list = order.danh_sach.to_string();
    let request = ["approve", &month, &order.dia_ban, &list];
    let approved = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    answer(&server, &who, place, approved).await
}
