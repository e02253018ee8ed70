//! Which dossier a code means, and whether the actor may work on it.

use access::Denied;
use kernel::DossierId;
use kernel::actor::{Actor, Role};
use kernel::area::{Area, Areas};
use registry::sight::READERS;
use sqlx::PgConnection;

use crate::show::Refused;

/// A dossier somebody may do something with.
pub(crate) struct Whose {
    pub(crate) id: DossierId,
    /// Commune of the applicant, of the era of submission.
    pub(crate) area: &'static Area,
}

/// The dossier with the code, for whoever holds one of the roles where it lies.
///
/// # Errors
/// [`Refused::Unknown`] for whoever may not look at dossiers there at all; [`Refused::Denied`] for
/// whoever may look but not do this.
pub(crate) async fn find(
    tx: &mut PgConnection,
    actor: &Actor,
    roles: &[Role],
    code: &str,
) -> Result<Whose, Refused> {
    let unknown = || Refused::Unknown(code.to_owned());
    let found = sqlx::query!(
        r#"select dossier_id, area_code, area_valid_from as "since: jiff_sqlx::Date"
           from dossier where code = $1"#,
        code
    )
    .fetch_optional(tx)
    .await?
    .ok_or_else(unknown)?;
    let area = Areas::embedded().get(&found.area_code, found.since.to_jiff());
    let area = area.ok_or_else(|| Refused::Inconsistent(code.to_owned()))?;
    if !access::holds_in(actor, READERS, area) {
        return Err(unknown());
    }
    if !access::holds_in(actor, roles, area) {
        let needed: Vec<&str> = roles.iter().map(|role| role.vietnamese()).collect();
        return Err(Refused::Denied(Denied {
            who: actor.name.clone(),
            needed: needed.join(", "),
            area: found.area_code,
        }));
    }
    Ok(Whose {
        id: DossierId(found.dossier_id),
        area,
    })
}
