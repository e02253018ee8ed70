//! What is still to be put right about people: ID numbers, and communes nobody confirmed.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use jiff::civil::{Date, date};
use kernel::area::Areas;
use kernel::personal_id::{IdState, suggestion};
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use serde::Serialize;
use sqlx::PgPool;

use crate::sight;

/// First day of the communes of today.
const MERGERS: Date = date(2025, 7, 1);

/// How many living people have an ID number in each state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StateCount {
    /// Stable code of the state.
    pub state: &'static str,
    /// What users see.
    pub name: &'static str,
    /// People.
    pub people: i64,
}

/// Counts the states of ID numbers in the area, in the order of [`IdState::ALL`].
///
/// # Errors
/// Those of the database.
pub async fn id_states(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> sqlx::Result<Vec<StateCount>> {
    let inside = sight::communes(actor, area, Month::of(clock.today()));
    // Counted by commune, in the order of an index; which communes count is settled here.
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let rows = sqlx::query!(
        r#"select area_code, area_valid_from as "area_valid_from: jiff_sqlx::Date", id_state,
                  count(*) as "people!"
           from person
           where merged_into is null and death_date is null
             and ($1::text[] is null or area_code = any($1))
           group by area_code, area_valid_from, id_state"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let counted: Option<HashSet<(&str, Date)>> = inside.as_ref().map(|inside| inside.set());
    let counts = |code: &str, since: Date| {
        let counted = counted.as_ref();
        counted.is_none_or(|communes| communes.contains(&(code, since)))
    };
    let here: Vec<_> = rows
        .into_iter()
        .filter(|row| counts(&row.area_code, row.area_valid_from.to_jiff()))
        .collect();
    let count = |state: IdState| {
        let of_state = here.iter().filter(|row| row.id_state == state.code());
        StateCount {
            state: state.code(),
            name: state.vietnamese(),
            people: of_state.map(|row| row.people).sum(),
        }
    };
    Ok(IdState::ALL.map(count).into())
}

/// A living person whose ID number is not plausible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdFault {
    /// The number in the registry.
    pub id: PersonId,
    /// The first caller's key.
    pub person: String,
    /// As declared.
    pub full_name: String,
    /// Code of the commune.
    pub area: String,
    /// Stable code of the state.
    pub state: String,
    /// As received; only the last digits for those who may not see it whole.
    pub id_number: Option<String>,
    /// What it may have been, as a question in Vietnamese.
    pub suggestion: Option<&'static str>,
}

/// Lists the living people of the area whose ID number is not plausible, by commune and name.
/// `state` narrows it to one state.
///
/// # Errors
/// Those of the database.
pub async fn id_faults(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
    state: Option<IdState>,
    mut each: impl FnMut(IdFault),
) -> sqlx::Result<()> {
    let inside = sight::communes(actor, area, Month::of(clock.today()));
    let areas = Areas::embedded();
    let mut rows = sqlx::query!(
        r#"select person_id, person_key, full_name, area_code,
                  area_valid_from as "area_valid_from: jiff_sqlx::Date", id_state, id_number, sex,
                  birth_date as "birth_date: jiff_sqlx::Date", birth_precision
           from person
           where merged_into is null and death_date is null and id_state <> 'plausible'
             and ($3::text is null or id_state = $3)
             and ($1::text[] is null or (area_code, area_valid_from) in
                  (select * from unnest($1::text[], $2::date[])))
           order by area_code, name_key, person_id"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        state.map(IdState::code),
    )
    .fetch(pool);
    while let Some(row) = rows.try_next().await? {
        let home = areas.get(&row.area_code, row.area_valid_from.to_jiff());
        let handler = home.is_some_and(|home| sight::handles(actor, home));
        let birth = PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision);
        let sex = row.sex.and_then(Sex::from_code);
        let guess = row
            .id_number
            .as_deref()
            .filter(|_| row.id_state == "malformed");
        let guess = guess.and_then(|number| suggestion(number, sex, birth));
        each(IdFault {
            id: PersonId(row.person_id),
            person: row.person_key,
            full_name: row.full_name,
            area: row.area_code,
            state: row.id_state,
            suggestion: guess.map(|guess| guess.vietnamese()),
            id_number: sight::id_number(row.id_number, handler),
        });
    }
    Ok(())
}

/// A person of a commune that was split, whose new commune nobody has confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unconfirmed {
    /// The number in the registry.
    pub id: PersonId,
    /// The first caller's key.
    pub person: String,
    /// As declared.
    pub full_name: String,
    /// Code of the commune that was split.
    pub old_area: String,
    /// Its name with kind.
    pub old_area_name: String,
    /// Code of the commune they are paid in meanwhile.
    pub likeliest_area: String,
    /// Its name with kind.
    pub likeliest_area_name: String,
    /// Codes of all the communes it was split into.
    pub parts: Vec<&'static str>,
}

/// Lists the living people of the area whose commune is to be confirmed by a `moved` event, by old
/// commune and name. Nobody before the mergers of July 2025.
///
/// # Errors
/// Those of the database.
pub async fn moves_to_confirm(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> sqlx::Result<Vec<Unconfirmed>> {
    if clock.today() < MERGERS {
        return Ok(Vec::new());
    }
    let inside = sight::communes(actor, area, Month::of(clock.today()));
    let areas = Areas::embedded();
    let rows = sqlx::query!(
        r#"select p.person_id, p.person_key, p.full_name, m.old_area_code, m.likeliest_code,
                  p.area_valid_from as "area_valid_from: jiff_sqlx::Date"
           from move_confirmation m join person p using (person_id)
           where m.confirmed_code is null and p.merged_into is null and p.death_date is null
             and ($1::text[] is null or (p.area_code, p.area_valid_from) in
                  (select * from unnest($1::text[], $2::date[])))
           order by m.old_area_code, p.name_key, p.person_id"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
    )
    .fetch_all(pool)
    .await?;
    let name = |code: &str, day: Date| {
        areas
            .on(code, day)
            .map(|area| area.full_name.clone())
            .unwrap_or_default()
    };
    let people = rows.into_iter().map(|row| {
        let from = row.area_valid_from.to_jiff();
        let parts = areas
            .changes()
            .filter(|(old, ..)| old.code == row.old_area_code && old.valid_from == from);
        Unconfirmed {
            id: PersonId(row.person_id),
            person: row.person_key,
            full_name: row.full_name,
            old_area_name: name(&row.old_area_code, from),
            likeliest_area_name: name(&row.likeliest_code, MERGERS),
            parts: parts.map(|(_, new, _)| new.code).collect(),
            old_area: row.old_area_code,
            likeliest_area: row.likeliest_code,
        }
    });
    Ok(people.collect())
}
