//! Who is to be asked about before a month's list: everybody with a benefit then, unless an answer about
//! them as they are recorded now came lately. What counts is what was recorded after the check: a correction
//! that holds from an earlier day, or from the day of the check, makes its answer old all the same.

mod counted;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use registry::sight;
use serde::Serialize;
use sqlx::PgPool;

use crate::Refused;
use crate::compare::Subject;

/// Who may ask.
pub const ASKERS: [Role; 1] = [Role::Officer];

/// Whom to look for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
    /// The month whose list they are on.
    pub month: Month,
    /// Days an answer counts as lately.
    pub lately_days: u16,
    /// At most so many.
    pub limit: Option<i64>,
}

impl Wanted {
    /// Answers from this day on came lately.
    fn since(&self, today: Date) -> Date {
        let days = i64::from(self.lately_days);
        today.checked_sub(days.days()).unwrap_or(Date::MIN)
    }
}

/// How the people of a month's list stand with the population database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Due {
    /// With a benefit in the month, living.
    pub people: i64,
    /// Of these, answered lately: verified.
    pub verified: i64,
    /// Answered lately: something differs, or nothing was found.
    pub differing: i64,
    /// To be asked about.
    pub to_ask: i64,
    /// No number one could ask by.
    pub unaskable: i64,
}

/// Counts them for somebody who reads there.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn count(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
) -> Result<Due, Refused> {
    access::require(actor, sight::READERS, &wanted.area)?;
    let inside = sight::communes_of(actor, sight::READERS, &wanted.area, wanted.month);
    counted::settle(pool, wanted.month).await?;
    counted::sum(pool, wanted, wanted.since(clock.today()), inside.as_deref()).await
}

/// Counts ahead of whoever asks next: this month and the one after it, whose list is prepared. Shows nothing to
/// anybody and so asks for no role.
///
/// # Errors
/// Those of the database.
pub async fn prepare(pool: &PgPool, clock: &Clock) -> Result<(), Refused> {
    let month = Month::of(clock.today());
    counted::settle(pool, month).await?;
    counted::settle(pool, month.next()).await
}

/// Somebody to be asked about, as they stood when that was found out: whom somebody else checks meanwhile is
/// passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuePerson {
    /// The number in the registry.
    pub id: PersonId,
    /// How many checks were recorded of them.
    pub checks: i64,
}

/// One person, whenever they were asked about last.
///
/// # Errors
/// Those of the database.
pub async fn one(pool: &PgPool, id: PersonId) -> Result<DuePerson, Refused> {
    let checks = sqlx::query_scalar!(
        r#"select count(*) as "checks!" from event
           where person_id = $1 and kind = 'identity_checked'"#,
        id.0
    )
    .fetch_one(pool)
    .await?;
    Ok(DuePerson { id, checks })
}

/// Those to be asked about, in the order of their numbers.
///
/// # Errors
/// [`Refused::Denied`], [`Refused::UnknownArea`].
pub async fn people(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
) -> Result<Vec<DuePerson>, Refused> {
    access::require(actor, &ASKERS, &wanted.area)?;
    let inside = sight::communes_of(actor, &ASKERS, &wanted.area, wanted.month);
    if inside
        .as_ref()
        .is_some_and(|inside| inside.codes.is_empty())
    {
        return Err(Refused::UnknownArea(wanted.area.clone()));
    }
    counted::settle(pool, wanted.month).await?;
    let since = wanted.since(clock.today());
    let communes = counted::to_ask(pool, wanted, since, inside.as_deref()).await?;
    if communes.codes.is_empty() {
        return Ok(Vec::new());
    }
    let found = sqlx::query!(
        r#"select p.person_id, checks as "checks!"
           from person p, lateral (
               select count(*) as checks from event e
               where e.person_id = p.person_id and e.kind = 'identity_checked') n
           where p.merged_into is null and p.death_date is null
             and (p.area_code, p.area_valid_from) in (select * from unnest($1::text[], $2::date[]))
             and (p.id_state not in ('missing', 'malformed') or p.id_number ~ '^[0-9]{9}$')
             and (exists (
                      select from enrolment e
                      where e.person_id = p.person_id and e.from_month <= $3
                        and (e.to_month is null or e.to_month >= $3))
                  or p.person_id in (
                      select m.merged_into from person m join enrolment e using (person_id)
                      where m.merged_into is not null and e.from_month <= $3
                        and (e.to_month is null or e.to_month >= $3)))
             and not (p.identity_check in ('verified', 'mismatch', 'not_found') and exists (
                 select from event e
                 where e.person_id = p.person_id and e.kind = 'identity_checked'
                   and e.effective >= $4 and not exists (
                       select from event c
                       where c.person_id = e.person_id and c.kind = 'person_corrected'
                         and c.event_no > e.event_no and c.body ?|
                             array['full_name', 'birth_date', 'sex', 'id_number'])))
           order by p.person_id limit $5"#,
        &communes.codes,
        &communes.since as _,
        wanted.month.yyyymm(),
        since.to_sqlx() as _,
        wanted.limit
    )
    .fetch_all(pool)
    .await?;
    let people = found.into_iter().map(|row| DuePerson {
        id: PersonId(row.person_id),
        checks: row.checks,
    });
    Ok(people.collect())
}

/// What is recorded of people now; who died, was merged, has no number to ask by or was checked meanwhile is
/// left out.
pub(crate) async fn subjects(pool: &PgPool, people: &[DuePerson]) -> Result<Vec<Subject>, Refused> {
    let numbers: Vec<i64> = people.iter().map(|it| it.id.0).collect();
    let checks: Vec<i64> = people.iter().map(|it| it.checks).collect();
    let rows = sqlx::query!(
        r#"select person_id, full_name, birth_date as "birth_date: jiff_sqlx::Date", birth_precision,
                  sex, id_number as "id_number!", area_code,
                  area_valid_from as "since: jiff_sqlx::Date", checks as "checks!"
           from person p join unnest($1::bigint[], $2::bigint[]) as it(person_id, checks)
                using (person_id)
           where checks = (
                   select count(*) from event e
                   where e.person_id = p.person_id and e.kind = 'identity_checked')
             and merged_into is null and death_date is null
             and id_number is not null
             and (id_state not in ('missing', 'malformed') or id_number ~ '^[0-9]{9}$')
           order by person_id"#,
        &numbers,
        &checks
    )
    .fetch_all(pool)
    .await?;
    let mut subjects = Vec::with_capacity(rows.len());
    for row in rows {
        let home = Areas::embedded().get(&row.area_code, row.since.to_jiff());
        let home = home.ok_or_else(|| Refused::Inconsistent(format!("area {}", row.area_code)))?;
        subjects.push(Subject {
            id: PersonId(row.person_id),
            full_name: row.full_name,
            birth: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
            sex: row.sex.and_then(Sex::from_code),
            number: row.id_number,
            home,
            checks: row.checks,
        });
    }
    Ok(subjects)
}
