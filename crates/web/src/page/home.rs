//! The home page: where this month stands.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use casework::queue::{self, Tab, Wanted};
use kernel::actor::Role;
use kernel::{Actor, Month};
use payments::{Header, header};
use registry::quality::{self, StateCount};

use super::{Page, page};
use crate::Server;
use crate::area;
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section, works_for_provider};

/// Areas shown one by one; somebody with more uses the list of months.
const AREAS: usize = 6;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    month: Month,
    areas: Vec<AreaState>,
    more_areas: bool,
    administers: bool,
    exchanges: bool,
    handles: bool,
    work: Vec<Work>,
}

/// A part of the work that waits for the user, and where it is.
struct Work {
    name: &'static str,
    count: i64,
    address: String,
    /// Whether somebody should look soon.
    urgent: bool,
}

/// How one area of the user stands.
struct AreaState {
    code: String,
    name: String,
    /// This month's list of exactly the area.
    list: Option<Header>,
    /// Lists of parts of the area, or around it.
    others: usize,
    /// The last approved list before this month.
    last: Option<Header>,
    states: Vec<StateCount>,
    to_confirm: usize,
}

impl AreaState {
    /// Living people in the registry.
    fn people(&self) -> i64 {
        self.states.iter().map(|state| state.people).sum()
    }
}

/// `GET /`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Page {
    if works_for_provider(&who.actor) {
        return Ok(Redirect::to(Section::Partner.address()).into_response());
    }
    let month = Month::of(server.clock.today());
    let codes = areas_of(&who.actor);
    let more_areas = codes.len() > AREAS;
    let mut areas = Vec::new();
    for code in codes.into_iter().take(AREAS) {
        areas.push(state(&server, &who.actor, code, month).await?);
    }
    let holds = |role: Role| who.actor.areas_of(&[role]).next().is_some();
    page(&HomePage {
        work: work(&server, &who.actor).await?,
        exchanges: holds(Role::OneStop),
        frame: Frame::inside(&server, &who, Section::Home),
        administers: holds(Role::Administrator),
        handles: holds(Role::Officer),
        month,
        areas,
        more_areas,
    })
}

/// What waits on dossiers, by whose step it is; nothing for those who take none.
async fn work(server: &Server, actor: &Actor) -> Result<Vec<Work>, Failure> {
    let takes = |roles: &[Role]| actor.areas_of(roles).next().is_some();
    let parts = [
        (Tab::Agreement, takes(&[Role::Leader])),
        (Tab::Number, takes(&[Role::Records])),
        (Tab::Waiting, takes(&[Role::Clerk])),
        (Tab::Mine, takes(&[Role::Clerk, Role::Officer])),
        (Tab::Returned, takes(&[Role::Officer])),
        (
            Tab::Overdue,
            takes(&[Role::Clerk, Role::Officer, Role::Leader]),
        ),
    ];
    if parts.iter().all(|(_, taken)| !taken) {
        return Ok(Vec::new());
    }
    let wanted = Wanted::default();
    let counts = queue::counts(&server.pool, actor, &server.clock, &wanted).await?;
    let taken = parts.into_iter().filter(|(_, taken)| *taken);
    let part = |(tab, _): (Tab, bool)| Work {
        name: super::work::name(tab),
        count: counts.of(tab),
        address: match tab {
            Tab::Agreement => Section::Sign.address().to_owned(),
            Tab::Number => Section::Register.address().to_owned(),
            tab => format!("{}?phan={}", Section::Work.address(), tab.code()),
        },
        urgent: matches!(tab, Tab::Overdue | Tab::Returned),
    };
    Ok(taken.map(part).collect())
}

/// Where the actor reads, each area once.
fn areas_of(actor: &Actor) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for area in actor.areas_of(READERS) {
        let code = area.map_or("", |code| code.0.as_str());
        if codes.iter().all(|other| other != code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

async fn state(
    server: &Server,
    actor: &Actor,
    code: String,
    month: Month,
) -> Result<AreaState, Failure> {
    let recent = header::of_months(&server.pool, month.plus(-12), month).await?;
    let (now, before): (Vec<_>, Vec<_>) = recent.into_iter().partition(|list| list.month == month);
    let others = payments::lists(&server.office(), actor, month, &code).await;
    let others = others.map_or(0, |lists| {
        lists.iter().filter(|list| list.area != code).count()
    });
    let approved = |list: &Header| list.area == code && list.is_approved();
    let states = quality::id_states(&server.pool, actor, &server.clock, &code).await?;
    let to_confirm = quality::moves_to_confirm(&server.pool, actor, &server.clock, &code).await?;
    Ok(AreaState {
        name: area::name(&code, month),
        list: now.into_iter().find(|list| list.area == code),
        last: before.into_iter().rev().find(approved),
        others,
        states,
        to_confirm: to_confirm.len(),
        code: if code.is_empty() {
            "VN".to_owned()
        } else {
            code
        },
    })
}
