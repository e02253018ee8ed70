//! Dossiers of a person that go on already, so that nobody applies twice unawares.

use kernel::area::Areas;
use kernel::{Actor, PersonId};
use registry::sight::READERS;
use sqlx::PgPool;

use crate::Status;

/// A dossier that waits for its decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDossier {
    /// Its code.
    pub dossier: String,
    /// Code of the procedure.
    pub procedure: String,
    /// The status as users see it.
    pub status: &'static str,
}

/// Dossiers not decided yet of any of the people, or handed in under the ID number, as far as the
/// actor may look; the last submitted first.
///
/// # Errors
/// Those of the database.
pub async fn open_of(
    pool: &PgPool,
    actor: &Actor,
    people: &[PersonId],
    id_number: &str,
) -> sqlx::Result<Vec<OpenDossier>> {
    let people: Vec<i64> = people.iter().map(|person| person.0).collect();
    let found = sqlx::query!(
        r#"select code, procedure_code, area_code, area_valid_from as "since: jiff_sqlx::Date",
                  status
           from dossier d cross join lateral
                (select status from dossier_step s
                 where s.dossier_id = d.dossier_id order by seq desc limit 1) last
           where (person_id = any($1) or applicant_id_number = nullif($2, ''))
             and status in (1, 2, 4, 5, 6, 7)
           order by submitted_on desc, code limit 20"#,
        &people,
        id_number
    )
    .fetch_all(pool)
    .await?;
    let areas = Areas::embedded();
    let seen = found.into_iter().filter_map(|row| {
        let area = areas.get(&row.area_code, row.since.to_jiff())?;
        access::holds_in(actor, READERS, area).then_some(OpenDossier {
            dossier: row.code,
            procedure: row.procedure_code,
            status: Status::from_number(row.status)?.vietnamese(),
        })
    });
    Ok(seen.collect())
}
