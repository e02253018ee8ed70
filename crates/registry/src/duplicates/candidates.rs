//! Pairs of records that look like one person.

use std::collections::HashMap;

use kernel::area::Areas;
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use sqlx::PgPool;

use super::likely::settle;
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
    settle(pool).await?;
    let inside = sight::communes(actor, area, Month::of(clock.today()));
    let likely = sqlx::query!(
        r#"select l.person_id as one, l.other_id as other, l.likeness
           from likely_pair l
           join person a on a.person_id = l.person_id
           join person b on b.person_id = l.other_id
           where ($1::text[] is null
                  or (a.area_code, a.area_valid_from) in
                     (select * from unnest($1::text[], $2::date[]))
                  or (b.area_code, b.area_valid_from) in
                     (select * from unnest($1::text[], $2::date[])))
             and not exists (select from duplicate_dismissal d
                             where d.person_id = l.person_id and d.other_id = l.other_id)
           order by l.likeness, l.name_key, l.person_id, l.other_id
           limit $3"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        i64::from(limit),
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
    Ok(pairs.collect())
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
        };
        (row.person_id, side)
    });
    Ok(sides.collect())
}
