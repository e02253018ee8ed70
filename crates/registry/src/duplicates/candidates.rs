//! Pairs of records that look like one person.

use std::collections::HashMap;

use kernel::area::{Area, Areas};
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use sqlx::PgPool;

use super::{Likeness, Pair, Side};
use crate::sight;

/// Pairs of which at least one lives in the area (empty: wherever the actor may look), not
/// dismissed, the surest first. At most `limit`.
///
/// # Errors
/// Those of the database.
pub async fn candidates(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
    limit: u32,
) -> sqlx::Result<Vec<Pair>> {
    let inside = sight::communes(actor, area, Month::of(clock.today()));
    let likely = sqlx::query!(
        r#"with here as (
               select * from person
               where merged_into is null
                 and ($1::text[] is null or (area_code, area_valid_from) in
                      (select * from unnest($1::text[], $2::date[])))
           ), pair as (
               select a.person_id as one, b.person_id as other, 0 as likeness
               from here a
               join person b on b.id_number = a.id_number and b.person_id <> a.person_id
               where b.merged_into is null
                 and (a.id_state = 'held_by_another' and b.id_state = 'plausible'
                      or a.id_state = 'plausible' and b.id_state = 'held_by_another')
             union all
               select a.person_id, b.person_id,
                      case when a.birth_precision = 'd' and b.birth_precision = 'd'
                           then 1 else 2 end
               from here a
               join person b on b.name_key = a.name_key and b.person_id <> a.person_id
                and extract(year from b.birth_date) = extract(year from a.birth_date)
               where b.merged_into is null
                 and coalesce(a.sex = b.sex, true)
                 and (a.birth_date = b.birth_date
                      or a.birth_precision = 'y' or b.birth_precision = 'y'
                      or (a.birth_precision = 'm' or b.birth_precision = 'm')
                         and extract(month from a.birth_date) = extract(month from b.birth_date))
           ), likely as (
               select least(one, other) as one, greatest(one, other) as other,
                      min(likeness) as likeness
               from pair group by 1, 2
           )
           select l.one as "one!", l.other as "other!", l.likeness as "likeness!"
           from likely l join person a on a.person_id = l.one
           where not exists (select from duplicate_dismissal d
                             where d.person_id = l.one and d.other_id = l.other)
           order by l.likeness, a.name_key, l.one, l.other"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
    )
    .fetch_all(pool)
    .await?;
    let people: Vec<i64> = likely
        .iter()
        .flat_map(|pair| [pair.one, pair.other])
        .collect();
    let sides = sides(pool, actor, &people).await?;
    let pairs = likely.iter().filter_map(|pair| {
        Some(Pair {
            likeness: match pair.likeness {
                0 => Likeness::IdNumber,
                1 => Likeness::NameAndBirthDate,
                _ => Likeness::NameAndBirthYear,
            },
            one: sides.get(&pair.one)?.clone(),
            other: sides.get(&pair.other)?.clone(),
        })
    });
    let near = |pair: &Pair| pair.likeness == Likeness::IdNumber || pair.in_one_province();
    Ok(pairs.filter(near).take(limit as usize).collect())
}

async fn sides(pool: &PgPool, actor: &Actor, people: &[i64]) -> sqlx::Result<HashMap<i64, Side>> {
    let rows = sqlx::query!(
        r#"select person_id, person_key, full_name, birth_date as "birth_date: jiff_sqlx::Date",
                  birth_precision, sex, id_number, area_code,
                  area_valid_from as "area_valid_from: jiff_sqlx::Date"
           from person where person_id = any($1)"#,
        people
    )
    .fetch_all(pool)
    .await?;
    let sides = rows.into_iter().map(|row| {
        let home = Areas::embedded().get(&row.area_code, row.area_valid_from.to_jiff());
        let handler = home.is_some_and(|home| sight::handles(actor, home));
        let side = Side {
            id: PersonId(row.person_id),
            person: row.person_key,
            full_name: row.full_name,
            birth_date: PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision),
            sex: row.sex.and_then(Sex::from_code),
            id_number: sight::id_number(row.id_number, handler),
            area: row.area_code,
            area_name: home.map(|home| home.full_name.clone()).unwrap_or_default(),
            home,
        };
        (row.person_id, side)
    });
    Ok(sides.collect())
}

impl Pair {
    /// Names repeat over the country: by name alone only neighbours are shown.
    fn in_one_province(&self) -> bool {
        let areas = Areas::embedded();
        let now = |home: Option<&'static Area>| {
            let home = home?;
            areas
                .path_in(home.code, home.valid_from, Month::MAX)
                .first()
                .map(|area| area.code)
        };
        now(self.one.home) == now(self.other.home)
    }
}
