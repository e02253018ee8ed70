//! The records office numbers what the leader agreed with: the number, the decision, its rows and what
//! the registry is told are one transaction.

use access::audit::Action;
use jiff::civil::Date;
use kernel::Actor;
use kernel::area::Areas;
use registry::event::Decision;
use serde_json::json;
use sqlx::PgConnection;

use super::answer::put;
use super::find::Whose;
use super::laid::{Of, Proposal, State, proposal};
use super::list::work;
use super::record::{Order, Recorded, put_list, re_rate};
use super::{CollectiveRefused, Setting};
use crate::apply::{ApplyError, TRIES};
use crate::register::{self, Book, GIVERS, Kind};

/// Numbers an agreed proposal from the book of its area and records the decision, signed on a day by the
/// leader who agreed. Where it no longer is what was agreed with, nothing is recorded and the proposal
/// ends: the officer looks anew. Numbered before by the same actor, it is the same decision.
///
/// # Errors
/// [`CollectiveRefused`]: nothing was recorded.
pub async fn number(
    setting: &Setting<'_>,
    actor: &Actor,
    number: i64,
    day: Date,
) -> Result<Recorded, CollectiveRefused> {
    let found = proposal(setting.pool, number).await?;
    let laid = &found.laid;
    access::require(actor, GIVERS, &laid.area)?;
    let leader = match &laid.state {
        State::Agreed { by } => by,
        State::Waiting => return Err(CollectiveRefused::NotAgreed),
        State::Numbered { collective_no, by } if *by == actor.name => {
            return Ok(Recorded {
                collective_no: *collective_no,
                people: laid.people,
            });
        }
        _ => return Err(CollectiveRefused::Answered),
    };
    let signer = access::user::written(setting.pool, leader).await?;
    let signer = signer.unwrap_or_else(|| leader.clone());
    for _ in 0..TRIES {
        let mut tx = setting.pool.begin().await?;
        match once(&mut tx, setting, actor, &found, day, &signer).await {
            Ok(recorded) => {
                tx.commit().await?;
                return Ok(recorded);
            }
            Err(CollectiveRefused::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(refused) => {
                tx.rollback().await?;
                return Err(ended(setting, actor, &found, refused).await?);
            }
        }
    }
    Err(ApplyError::Busy.into())
}

async fn once(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    actor: &Actor,
    found: &Proposal,
    day: Date,
    signer: &str,
) -> Result<Recorded, CollectiveRefused> {
    let area = Areas::embedded().on(&found.laid.area, day);
    let book = Book {
        area: area.ok_or(CollectiveRefused::NoBook)?,
        kind: Kind::Decision,
        day,
        dossier: None,
    };
    let given = register::draw(&mut *tx, actor, setting.clock, &book).await?;
    let decision = Decision {
        number: given.written.clone(),
        date: day,
        signed_by: Some(signer.to_owned()),
    };
    let order = Order {
        key: found.key,
        area: &found.laid.area,
        decision: &decision,
        seen: &found.fingerprint,
    };
    let recorded = match &found.of {
        Of::ReRating(scheme) => re_rate(tx, setting, actor, scheme, &order).await?,
        Of::List(list) => {
            let whose = Whose::Area(order.area);
            let worked = work(setting, actor, whose, list, &decision, order.key).await?;
            if !worked.summary.refused.is_empty() {
                return Err(CollectiveRefused::ChangedSince);
            }
            // Who decides was asked for the area, and that everybody of the list lives there.
            let events = &worked.events;
            let told = registry::apply_settled_within(tx, actor, setting.clock, events).await?;
            if !told.refused.is_empty() {
                return Err(CollectiveRefused::ChangedSince);
            }
            put_list(tx, setting, actor, &order, &worked).await?
        }
    };
    let turn = (found.laid.proposal_no, 2, "numbered");
    put(tx, setting, actor, turn, None, Some(recorded.collective_no)).await?;
    given.tell(tx, actor, setting.clock.now()).await?;
    Ok(recorded)
}

/// What changed since it was agreed with ends there, in a transaction of its own.
async fn ended(
    setting: &Setting<'_>,
    actor: &Actor,
    found: &Proposal,
    refused: CollectiveRefused,
) -> Result<CollectiveRefused, CollectiveRefused> {
    let changed = matches!(
        refused,
        CollectiveRefused::ChangedSince | CollectiveRefused::Nobody
    );
    if !changed {
        return Ok(refused);
    }
    let number = found.laid.proposal_no;
    let mut tx = setting.pool.begin().await?;
    put(&mut tx, setting, actor, (number, 2, "changed"), None, None).await?;
    let object = format!("collective proposal {number}");
    let (now, area) = (setting.clock.now(), Some(found.laid.area.as_str()));
    let (action, detail) = (Action::CollectiveAnswer, json!({ "answer": "changed" }));
    access::audit::record(&mut tx, now, actor, action, &object, area, detail).await?;
    tx.commit().await?;
    Ok(CollectiveRefused::ChangedSince)
}

impl From<register::Refused> for CollectiveRefused {
    fn from(refused: register::Refused) -> CollectiveRefused {
        match refused {
            register::Refused::Denied(denied) => denied.into(),
            register::Refused::UnknownArea { .. } => CollectiveRefused::NoBook,
            register::Refused::DayToCome(_) => CollectiveRefused::Decision,
            register::Refused::Database(error) => error.into(),
        }
    }
}
