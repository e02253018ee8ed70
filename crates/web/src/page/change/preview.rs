//! A change before it is recorded: the decision, its article, and the next list line by line.

use access::session::SignedIn;
use askama::Template;
use casework::change::{self, Change, Order, Plan};
use kernel::{Dong, EventId, Month};
use law::Benefit;
use payments::{Foreseen, Line, LineKind, Reason};
use registry::event::{Decision, EventKind};
use uuid::Uuid;

use super::Filled;
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::{Page, page};

#[derive(Template)]
#[template(path = "change_preview.html")]
struct PreviewPage {
    frame: Frame,
    plan: Plan,
    kind: &'static str,
    decision: Decision,
    seen: Foresight,
    /// What the funeral grant will be, once its dossier is approved.
    grant: Option<Dong>,
    filled: Filled,
    key: String,
}

/// The next list, as things are and as they would be; `foreseen.html` shows it.
pub(crate) struct Foresight {
    pub(crate) month: Month,
    /// The place that pays changes to this commune.
    pub(crate) new_place: Option<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) now: Dong,
    pub(crate) then: Dong,
}

impl Foresight {
    pub(crate) fn of(foreseen: &Foreseen) -> Foresight {
        let rows = rows(foreseen);
        Foresight {
            month: foreseen.month,
            new_place: (foreseen.commune != foreseen.new_commune)
                .then(|| crate::area::name(&foreseen.new_commune, foreseen.month)),
            now: rows.iter().map(|row| row.now).sum(),
            then: rows.iter().map(|row| row.then).sum(),
            rows,
        }
    }
}

/// A line of the next list, as things are and as they would be.
pub(crate) struct Row {
    pub(crate) benefit: Benefit,
    pub(crate) kind: LineKind,
    pub(crate) for_month: Month,
    pub(crate) now: Dong,
    pub(crate) then: Dong,
    pub(crate) reason: Option<Reason>,
}

pub(super) async fn show(
    server: &Server,
    who: &SignedIn,
    key: Uuid,
    order: &Order,
    filled: &Filled,
) -> Page {
    let (office, actor) = (server.office(), &who.actor);
    let plan = change::plan(&server.pool, actor, &server.clock, key, order).await?;
    let foreseen = payments::foresee(&office, actor, order.person, &plan.events).await?;
    let grant = match order.change {
        Change::Death { .. } => grant(server, who, order, &plan).await?,
        _ => None,
    };
    let mut filled = filled.clone();
    filled.da_thay = plan.seen;
    page(&PreviewPage {
        frame: Frame::inside(server, who, Section::Search),
        kind: change::vietnamese(order.change.code()),
        decision: order.decision.clone(),
        seen: Foresight::of(&foreseen),
        grant,
        filled,
        plan,
        key: key.to_string(),
    })
}

/// The funeral grant as the law owes it when the dossier is approved.
async fn grant(
    server: &Server,
    who: &SignedIn,
    order: &Order,
    plan: &Plan,
) -> Result<Option<Dong>, Failure> {
    let mut events = plan.events.clone();
    let Some(mut award) = events.first().cloned() else {
        return Ok(None);
    };
    award.event_id = EventId(Uuid::new_v4().as_u128());
    award.kind = EventKind::Enrolled {
        benefit: Benefit::Funeral,
        from: None,
        decision: order.decision.clone(),
    };
    events.push(award);
    let foreseen = payments::foresee(&server.office(), &who.actor, order.person, &events).await?;
    let lines = foreseen
        .then
        .iter()
        .filter(|line| line.benefit == Benefit::Funeral);
    let amount: Dong = lines.map(|line| line.amount).sum();
    Ok((!amount.is_zero()).then_some(amount))
}

/// Both lists beside each other.
fn rows(foreseen: &Foreseen) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut put = |line: &Line, then: bool| {
        let place = (line.kind, line.benefit, line.for_month);
        let at = rows
            .iter()
            .position(|row| (row.kind, row.benefit, row.for_month) == place);
        let at = at.unwrap_or_else(|| {
            rows.push(Row {
                benefit: line.benefit,
                kind: line.kind,
                for_month: line.for_month,
                now: Dong::ZERO,
                then: Dong::ZERO,
                reason: None,
            });
            rows.len() - 1
        });
        let row = &mut rows[at];
        row.reason = line.reason.or(row.reason);
        match then {
            true => row.then = line.amount,
            false => row.now = line.amount,
        }
    };
    foreseen.now.iter().for_each(|line| put(line, false));
    foreseen.then.iter().for_each(|line| put(line, true));
    rows
}
