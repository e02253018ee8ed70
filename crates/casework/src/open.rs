//! Dossiers of a person: those that go on already, so that nobody applies twice unawares, and all.

use jiff::civil::Date;
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

/// A dossier about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPerson {
    /// Its code.
    pub dossier: String,
    /// Code of the procedure.
    pub procedure: String,
    /// Day of submission.
    pub submitted_on: Date,
    /// The status as users see it.
    pub status: &'static str,
}

/// The dossiers a person is the beneficiary of: named by them, registered by their approval, or told of in
/// it; as far as the actor may look, the last submitted first, a hundred at most.
///
/// # Errors
/// Those of the database.
pub async fn of_person(
    pool: &PgPool,
    actor: &Actor,
    person: PersonId,
) -> sqlx::Result<Vec<OfPerson>> {
    let found = sqlx::query!(
        r#"select d.code, d.procedure_code, d.area_code,
                  d.area_valid_from as "since: jiff_sqlx::Date",
                  d.submitted_on as "submitted_on: jiff_sqlx::Date", s.status
           from (select dossier_id from dossier where person_id = $1
                 union
                 select dossier_id from person_key k join dossier on dossier.code = k.key
                 where k.person_id = $1 and k.source = 'dossier'
                 union
                 select dossier_id
                 from event e join dossier_event on dossier_event.event_id = e.event_id
                 where e.person_id = $1) about
                join dossier d using (dossier_id) join dossier_state s using (dossier_id)
           order by d.submitted_on desc, d.code desc limit 100"#,
        person.0
    )
    .fetch_all(pool)
    .await?;
    let areas = Areas::embedded();
    let seen = found.into_iter().filter_map(|row| {
        let area = areas.get(&row.area_code, row.since.to_jiff())?;
        access::holds_in(actor, READERS, area).then_some(OfPerson {
            dossier: row.code,
            procedure: row.procedure_code,
            submitted_on: row.submitted_on.to_jiff(),
            status: Status::from_number(row.status)?.vietnamese(),
        })
    });
    Ok(seen.collect())
}
