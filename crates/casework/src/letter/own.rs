//! Letters of a dossier for its citizen: as they were signed, or as they would be printed now.
//!
//! A letter goes to the citizen whole. It is put together as whoever handles the dossier would, in its
//! commune only; the audit log has the citizen's name.

use access::citizen::Citizen;
use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode, Clock};
use law::Law;
use sqlx::PgPool;

use super::signed::{self, Signed};
use super::{Draft, Kind, Refused, draft, kinds};

/// A letter to be handed out.
#[derive(Debug)]
pub enum Own {
    /// As it was signed.
    Signed(Signed),
    /// Not signed: as it would be printed now.
    Draft(Box<Draft>),
}

/// Letters that may go to the citizen: not what the office writes to itself, nor lists of others.
const fn is_theirs(kind: Kind) -> bool {
    !matches!(kind, Kind::Proposal | Kind::Collective)
}

/// Letters the system may print without a signature: those that follow from a step alone. An apology and
/// a change of a benefit are what somebody decided to write: they go out once they are signed.
const fn may_be_unsigned(kind: Kind) -> bool {
    is_theirs(kind) && !matches!(kind, Kind::Apology | Kind::Adjust | Kind::Stop)
}

struct Desk {
    dossier: String,
    actor: Actor,
}

async fn desk(pool: &PgPool, citizen: &Citizen) -> Result<Desk, Refused> {
    let found = sqlx::query!(
        "select code, area_code from dossier where dossier_id = $1",
        citizen.dossier().0
    )
    .fetch_one(pool)
    .await?;
    let grant = Grant {
        role: Role::Officer,
        area: Some(AreaCode(found.area_code)),
    };
    Ok(Desk {
        dossier: found.code,
        actor: Actor::new(&citizen.actor().name, vec![grant]).at(citizen.actor().origin.clone()),
    })
}

/// The letters of the dossier the citizen may have, in the order of its life, each with whether it is
/// signed.
///
/// # Errors
/// Those of the database.
pub async fn offered(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
) -> Result<Vec<(Kind, bool)>, Refused> {
    let desk = desk(pool, citizen).await?;
    let dossier = crate::dossier(pool, &desk.actor, clock, &desk.dossier).await?;
    let signed = signed::of_dossier(pool, &desk.actor, &desk.dossier).await?;
    let due = kinds(&dossier, clock);
    let has = |step: &str| dossier.steps.iter().any(|it| it.kind == step);
    let offered = |kind: Kind| {
        let is_signed = signed.iter().any(|it| it.kind == kind.code());
        let happened = match kind {
            Kind::Receipt => has("received"),
            Kind::Grant | Kind::Funeral => has("decided"),
            _ => true,
        };
        let printable = may_be_unsigned(kind) && happened && due.contains(&kind);
        (is_theirs(kind) && (is_signed || printable)).then_some((kind, is_signed))
    };
    Ok(Kind::ALL.into_iter().filter_map(offered).collect())
}

/// A letter of the dossier, to be handed out to its citizen. Recorded in the audit log.
///
/// # Errors
/// [`Refused::NothingToSay`] for one that is not [`offered`].
pub async fn hand_out(
    pool: &PgPool,
    law: &Law,
    clock: &Clock,
    citizen: &Citizen,
    kind: Kind,
) -> Result<Own, Refused> {
    let offered = offered(pool, clock, citizen).await?;
    let (_, is_signed) = *offered
        .iter()
        .find(|(it, _)| *it == kind)
        .ok_or(Refused::NothingToSay)?;
    let desk = desk(pool, citizen).await?;
    if is_signed {
        let all = signed::of_dossier(pool, &desk.actor, &desk.dossier).await?;
        // Of papers asked for twice, the last letter.
        let last = all.into_iter().rfind(|it| it.kind == kind.code());
        let seq = last.ok_or(Refused::NothingToSay)?.seq;
        let which = (kind, seq);
        let (actor, code) = (&desk.actor, desk.dossier.as_str());
        let found = signed::to_hand_out(pool, actor, clock, code, which).await?;
        return Ok(Own::Signed(found.ok_or(Refused::NothingToSay)?));
    }
    let which = (desk.dossier.as_str(), kind);
    let draft = draft(pool, law, &desk.actor, clock, which, None).await?;
    Ok(Own::Draft(Box::new(draft)))
}
