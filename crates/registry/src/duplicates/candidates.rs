//! Pairs of records that look like one person, and where they stand.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::area::Areas;
use kernel::{Actor, Clock, Month, PartialDate, PersonId, Sex};
use sqlx::PgPool;
use sqlx::types::Json;

use super::likely::settle;
use super::{Likeness, Pair, Reason, SaidBefore, Side, State};
use crate::sight;

/// Which pairs.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// At least one side lives in this area; empty or `VN` is wherever the actor may look.
    pub area: String,
    /// How they stand.
    pub state: State,
    /// Pairs to pass over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// Open pairs of which at least one lives in the area (empty: wherever the actor may look), the surest
/// first. At most `limit`.
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
    let wanted = Wanted {
        area: area.to_owned(),
        state: State::Open,
        offset: 0,
        limit: limit.into(),
    };
    Ok(pairs(pool, actor, clock, &wanted).await?.0)
}

/// Pairs in the order of how sure they are, and how many there are in all.
///
/// # Errors
/// Those of the database.
pub async fn pairs(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    wanted: &Wanted,
) -> sqlx::Result<(Vec<Pair>, i64)> {
    settle(pool).await?;
    let inside = sight::communes(actor, &wanted.area, Month::of(clock.today()));
    let found = sqlx::query!(
        r#"select person_id as "one!", other_id as "other!", likeness, likely,
                  why as "why: Json<Vec<Reason>>", turn as "turn!", count(*) over () as "count!"
           from pair_standing
           where state = $1
             and ($2::text[] is null
                  or (area_one, since_one) in (select * from unnest($2::text[], $3::date[]))
                  or (area_other, since_other) in (select * from unnest($2::text[], $3::date[])))
           order by likeness nulls last, likely desc nulls last, name_key, person_id, other_id
           offset $4 limit $5"#,
        wanted.state.code(),
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
        wanted.offset,
        wanted.limit,
    )
    .fetch_all(pool)
    .await?;
    let count = found.first().map_or(0, |pair| pair.count);
    let ones: Vec<i64> = found.iter().map(|pair| pair.one).collect();
    let others: Vec<i64> = found.iter().map(|pair| pair.other).collect();
    let sides = sides(pool, actor, &[&ones[..], &others].concat()).await?;
    let mut said = said(pool, &ones, &others).await?;
    let pairs = found.into_iter().filter_map(|pair| {
        Some(Pair {
            likeness: pair.likeness.map(|likeness| match likeness {
                0 => Likeness::IdNumber,
                1 => Likeness::NameAndBirthDate,
                _ => Likeness::NameAndBirthYear,
            }),
            likely: pair.likely,
            why: pair.why.map(|why| why.0).unwrap_or_default(),
            state: wanted.state,
            turn: pair.turn,
            said: said.remove(&(pair.one, pair.other)).unwrap_or_default(),
            one: sides.get(&pair.one)?.clone(),
            other: sides.get(&pair.other)?.clone(),
        })
    });
    Ok((pairs.collect(), count))
}

async fn said(
    pool: &PgPool,
    ones: &[i64],
    others: &[i64],
) -> sqlx::Result<HashMap<(i64, i64), Vec<SaidBefore>>> {
    let rows = sqlx::query!(
        r#"select person_id, other_id, kept_id, effective, reason, said_by,
                  said_at as "said_at: jiff_sqlx::Timestamp"
           from duplicate_opinion
           where (person_id, other_id) in (select * from unnest($1::bigint[], $2::bigint[]))
           order by turn desc"#,
        ones,
        others
    )
    .fetch_all(pool)
    .await?;
    let mut said: HashMap<_, Vec<SaidBefore>> = HashMap::new();
    for row in rows {
        let of_pair = said.entry((row.person_id, row.other_id)).or_default();
        of_pair.push(SaidBefore {
            kept: row.kept_id.map(PersonId),
            effective: row.effective,
            reason: row.reason,
            said_by: row.said_by,
            said_at: row.said_at.to_jiff(),
        });
    }
    Ok(said)
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
    let areas = Areas::embedded();
    let sides = rows.into_iter().map(|row| {
        let home = areas.get(&row.area_code, row.area_valid_from.to_jiff());
        let id = PersonId(row.person_id);
        if !home.is_some_and(|home| access::holds_in(actor, sight::READERS, home)) {
            let province = home.map(|home| areas.province_of(home));
            let hidden = Side {
                id,
                seen: false,
                person: String::new(),
                full_name: String::new(),
                birth_date: None,
                sex: None,
                id_number: None,
                area: province.map(|it| it.code.to_owned()).unwrap_or_default(),
                area_name: province.map(|it| it.full_name.clone()).unwrap_or_default(),
            };
            return (row.person_id, hidden);
        }
        let handler = home.is_some_and(|home| sight::handles(actor, home));
        let birth = PartialDate::from_parts(row.birth_date.to_jiff(), &row.birth_precision);
        let side = Side {
            id,
            seen: true,
            person: row.person_key,
            full_name: row.full_name,
            birth_date: Some(birth),
            sex: row.sex.and_then(Sex::from_code),
            id_number: sight::id_number(row.id_number, handler),
            area: row.area_code,
            area_name: home.map_or_else(String::new, |home| areas.written_path(home)),
        };
        (row.person_id, side)
    });
    Ok(sides.collect())
}

/// How many pairs of two communes stand how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Communes of both sides: code and first day.
    pub homes: [(String, Date); 2],
    /// How they stand.
    pub state: State,
    /// How many.
    pub pairs: i64,
}

/// Counts the pairs of an area (empty: wherever the actor may look) by the communes of both sides.
///
/// # Errors
/// Those of the database.
pub async fn standings(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> sqlx::Result<Vec<Standing>> {
    settle(pool).await?;
    let inside = sight::communes(actor, area, Month::of(clock.today()));
    let rows = sqlx::query!(
        r#"select area_one as "area_one!", since_one as "since_one!: jiff_sqlx::Date",
                  area_other as "area_other!", since_other as "since_other!: jiff_sqlx::Date",
                  state as "state!", count(*) as "pairs!"
           from pair_standing
           where state is not null
             and ($1::text[] is null
                  or (area_one, since_one) in (select * from unnest($1::text[], $2::date[]))
                  or (area_other, since_other) in (select * from unnest($1::text[], $2::date[])))
           group by 1, 2, 3, 4, 5"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
    )
    .fetch_all(pool)
    .await?;
    let standings = rows.into_iter().filter_map(|row| {
        Some(Standing {
            homes: [
                (row.area_one, row.since_one.to_jiff()),
                (row.area_other, row.since_other.to_jiff()),
            ],
            state: State::from_code(&row.state)?,
            pairs: row.pairs,
        })
    });
    Ok(standings.collect())
}
