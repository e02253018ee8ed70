//! What a one-stop system has sent already, for whoever is about to key it at a counter.

use casework::Status;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Clock, PartialDate, PersonId};
use registry::sight::READERS;
use sqlx::PgPool;

use crate::practice;

/// Dossiers named at most.
const MOST: i64 = 20;

/// Whom somebody is about to key a dossier about: what is known of them so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whom {
    /// In the registry.
    pub person: Option<PersonId>,
    /// As typed.
    pub id_number: Option<String>,
    /// As typed.
    pub full_name: Option<String>,
    /// `YYYY-MM-DD`, or less.
    pub birth_date: Option<String>,
}

/// A dossier that came from a one-stop system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its code; `None` where the actor may not look at it.
    pub dossier: Option<String>,
    /// Day of submission.
    pub submitted_on: Date,
    /// The status as users see it.
    pub status: &'static str,
    /// The commune, with what it lies in.
    pub commune: String,
}

/// Dossiers of one-stop systems by a procedure about one of these people, open or ended not long ago: the last
/// submitted first. What they ask for is not looked at, so that asking tells nobody which benefit it is.
///
/// # Errors
/// Those of the database.
pub async fn sent_already(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    procedure: &str,
    people: &[Whom],
) -> sqlx::Result<Vec<Sent>> {
    let today = clock.today();
    let part = |of: fn(&Whom) -> Option<&String>| -> Vec<Option<String>> {
        let texts = people.iter().map(|whom| of(whom).map(|it| it.trim()));
        texts
            .map(|it| it.filter(|it| !it.is_empty()).map(str::to_owned))
            .collect()
    };
    let ids: Vec<Option<i64>> = people.iter().map(|it| it.person.map(|it| it.0)).collect();
    let numbers = part(|it| it.id_number.as_ref());
    let names = part(|it| it.full_name.as_ref());
    let mut births = part(|it| it.birth_date.as_ref());
    // What is typed may be no date yet.
    let is_date = |text: &mut String| text.parse::<PartialDate>().is_ok();
    births.iter_mut().for_each(|it| *it = it.take_if(is_date));
    let found = sqlx::query!(
        r#"select d.code, d.area_code, d.area_valid_from as "since: jiff_sqlx::Date",
                  d.submitted_on as "submitted_on: jiff_sqlx::Date", s.status
           from (select distinct t.one_stop_id as dossier_id
                 from unnest($2::bigint[], $3::text[], $4::text[], $5::text[])
                          as asked (person_id, number, name, born)
                      left join person p on p.person_id = asked.person_id
                      cross join lateral one_stop_dossiers_about(
                          $1, coalesce(number, p.id_number), coalesce(name, p.full_name),
                          coalesce(born, case p.birth_precision
                              when 'y' then to_char(p.birth_date, 'YYYY')
                              when 'm' then to_char(p.birth_date, 'YYYY-MM')
                              else to_char(p.birth_date, 'YYYY-MM-DD') end)) t) theirs
                join dossier d using (dossier_id) join dossier_state s using (dossier_id)
                left join lateral (select min(e.day) as day from dossier_step e
                                   where e.dossier_id = d.dossier_id and e.status in (3, 8, 9, 10)) ended on true
           where d.submitted_on <= $6 and (ended.day is null or $6 <= ended.day + $7::integer)
           order by d.submitted_on desc, d.code limit $8"#,
        procedure,
        &ids as _,
        &numbers as _,
        &names as _,
        &births as _,
        today.to_sqlx() as _,
        practice::on(today).repeat_days,
        MOST
    )
    .fetch_all(pool)
    .await?;
    let areas = Areas::embedded();
    let sent = found.into_iter().filter_map(|row| {
        let area = areas.get(&row.area_code, row.since.to_jiff())?;
        Some(Sent {
            dossier: access::holds_in(actor, READERS, area).then_some(row.code),
            submitted_on: row.submitted_on.to_jiff(),
            status: Status::from_number(row.status)?.vietnamese(),
            commune: areas.written_path(area),
        })
    });
    Ok(sent.collect())
}
