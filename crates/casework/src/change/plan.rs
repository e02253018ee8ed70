//! A change before it is recorded: what it would tell the registry, and on which article.

use kernel::actor::Role;
use kernel::area::Areas;
use kernel::{Actor, Clock};
use law::Benefit;
use registry::person::{self, Profile};
use registry::{Event, Submitted};
use sqlx::PgPool;
use uuid::Uuid;

use super::events::Telling;
use super::{Change, ChangeRefused, Order, ground};
use crate::transfer::regime;

/// A change that could be recorded.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whom it is about.
    pub who: Profile,
    /// The ground in words.
    pub ground: &'static str,
    /// The article of the day of the decision; empty where none was found.
    pub law: String,
    /// What would be recorded, in order; of people by number.
    pub events: Vec<Event>,
    /// The last event recorded about the person: [`super::record()`] refuses when there are more.
    pub seen: i64,
}

/// Works a change out and says whether the registry would take it. Nothing is recorded.
///
/// # Errors
/// [`ChangeRefused`].
pub async fn plan(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    key: Uuid,
    order: &Order,
) -> Result<Plan, ChangeRefused> {
    let (plan, rows) = drawn(pool, actor, clock, key, order).await?;
    let tried = registry::try_out(pool, actor, clock, &rows).await?;
    match tried.refused.first() {
        Some(refusal) => Err(refusal.into()),
        None => Ok(plan),
    }
}

/// The plan with its events as rows, not yet tried.
pub(super) async fn drawn(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    key: Uuid,
    order: &Order,
) -> Result<(Plan, Vec<Submitted>), ChangeRefused> {
    let who = person::read(pool, actor, clock, order.person).await?;
    if !access::holds_in(actor, &[Role::Officer], who.commune) {
        access::require(actor, &[Role::Officer], who.commune.code)?;
    }
    if let Some(kept) = who.merged_into {
        return Err(ChangeRefused::Merged(kept));
    }
    let ground = ground::ground(order.change.code(), &order.ground).ok_or(ChangeRefused::Ground)?;
    let decision = &order.decision;
    let signer = decision.signed_by.as_deref().unwrap_or_default();
    let complete = !decision.number.trim().is_empty() && !signer.trim().is_empty();
    if !complete || decision.date > clock.today() {
        return Err(ChangeRefused::Decision);
    }
    same_payer(&who, &order.change)?;
    let rows = Telling::of(key, &who, order)?;
    let plan = Plan {
        ground: &ground.name,
        law: ground.law(decision.date),
        events: rows.iter().map(|row| row.event.clone()).collect(),
        seen: who
            .timeline
            .iter()
            .map(|entry| entry.event_no)
            .max()
            .unwrap_or_default(),
        who,
    };
    Ok((plan, rows))
}

/// Only moves inside the area that pays are changes of this kind.
fn same_payer(who: &Profile, change: &Change) -> Result<(), ChangeRefused> {
    let Change::MoveInside { area, day } = change else {
        return Ok(());
    };
    let new = Areas::embedded().on(area, *day);
    let same = new.is_some_and(|new| regime::same_payer(who.commune, new, *day));
    match new {
        Some(_) if !same => Err(ChangeRefused::OtherArea),
        // A commune nobody knows is the registry's to refuse.
        _ => Ok(()),
    }
}

impl Plan {
    /// Benefits the person draws.
    pub fn drawn(&self) -> Vec<Benefit> {
        let open = self
            .who
            .enrolments
            .iter()
            .filter(|award| award.to.is_none());
        open.map(|award| award.benefit).collect()
    }
}
