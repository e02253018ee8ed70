//! The letter of a decision for the one-stop system that told of the dossier: as it was signed, or as it
//! would be printed now.

use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode, Clock};
use law::Law;
use sqlx::PgPool;

use super::own::Own;
use super::{Kind, Refused, draft, kinds, show, signed};

/// Letters that tell of a decision about one person.
const OF_DECISIONS: [Kind; 5] = [
    Kind::Grant,
    Kind::Adjust,
    Kind::Stop,
    Kind::Funeral,
    Kind::Refusal,
];

/// Letters that follow from the decision alone; a change of a benefit goes out once it is signed.
const fn may_be_unsigned(kind: Kind) -> bool {
    matches!(kind, Kind::Grant | Kind::Funeral | Kind::Refusal)
}

/// The letter of a dossier's decision. It is put together as whoever handles the dossier would, in its
/// commune only; the audit log has the actor's name. Whether the actor is to be told is for the caller
/// to know.
///
/// # Errors
/// [`Refused::NothingToSay`] while there is no decision, or only a signature makes it a letter.
pub async fn of_decision(
    pool: &PgPool,
    law: &Law,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
) -> Result<Own, Refused> {
    let area = sqlx::query_scalar!("select area_code from dossier where code = $1", dossier)
        .fetch_optional(pool)
        .await?;
    let area = area.ok_or_else(|| show::Refused::Unknown(dossier.to_owned()))?;
    let grant = Grant {
        role: Role::Officer,
        area: Some(AreaCode(area)),
    };
    let desk = Actor::new(&actor.name, vec![grant]).at(actor.origin.clone());
    let tells = |it: &signed::Signed| OF_DECISIONS.iter().any(|kind| kind.code() == it.kind);
    let all = signed::of_dossier(pool, &desk, dossier).await?;
    if let Some(found) = all.into_iter().rfind(tells) {
        return Ok(Own::Signed(found));
    }
    let shown = crate::dossier(pool, &desk, clock, dossier).await?;
    if shown.steps.iter().all(|step| step.kind != "decided") {
        return Err(Refused::NothingToSay);
    }
    let due = kinds(&shown, clock);
    let printable = |kind: &Kind| may_be_unsigned(*kind);
    let kind = due.into_iter().find(printable);
    let which = (dossier, kind.ok_or(Refused::NothingToSay)?);
    let draft = draft(pool, law, &desk, clock, which, None).await?;
    Ok(Own::Draft(Box::new(draft)))
}
