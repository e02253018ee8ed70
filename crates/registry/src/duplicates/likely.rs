//! The likely pairs, kept in a table: a change of people notes whom to look at again, and whoever
//! asks for pairs next looks first.

use std::sync::LazyLock;

use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::Month;
use kernel::area::Areas;
use sqlx::{PgConnection, PgPool};

/// More people than this changed at once are looked at again with everybody else.
const MANY: usize = 2_000;

/// Advisory lock: pairs are settled by one at a time, each seeing what the one before wrote.
const SETTLING: i64 = 0x6c69_6b65_6c79;

/// Notes in the transaction that changes these people that their pairs are to be looked at again,
/// and the figures of boards that count them.
pub(crate) async fn note(tx: &mut PgConnection, people: &[i64]) -> sqlx::Result<()> {
    if people.len() > MANY {
        return note_everybody(tx).await;
    }
    sqlx::query!(
        "with board as (insert into board_due (person_id) select unnest($1::bigint[]))
         insert into likeness_due (person_id) select unnest($1::bigint[])",
        people
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The same for everybody: after a large file, or when areas changed hands.
pub(crate) async fn note_everybody(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "with board as (insert into board_due (person_id) values (null))
         insert into likeness_due (person_id) values (null)"
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Looks for pairs among the people noted since the last time. After a large file this takes a
/// second for a province; mostly there is nothing to do.
///
/// # Errors
/// Those of the database.
pub async fn settle(pool: &PgPool) -> sqlx::Result<()> {
    let due = sqlx::query_scalar!(r#"select exists(select from likeness_due) as "due!""#)
        .fetch_one(pool)
        .await?;
    if !due {
        return Ok(());
    }
    // Few people and all of them ask for different ways through the tables.
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", SETTLING)
        .execute(&mut *tx)
        .await?;
    let due = sqlx::query_scalar!("delete from likeness_due returning person_id")
        .fetch_all(&mut *tx)
        .await?;
    let people: Option<Vec<i64>> = due.into_iter().collect();
    let people = people.filter(|people| people.len() <= MANY);
    if people.as_ref().is_none_or(|people| !people.is_empty()) {
        look_again(&mut tx, people.as_deref()).await?;
    }
    tx.commit().await
}

/// Communes with the province they lie in now, as columns.
struct Provinces {
    codes: Vec<&'static str>,
    since: Vec<SqlDate>,
    provinces: Vec<&'static str>,
}

/// Names repeat over the country: by name alone only people of one province are alike.
static PROVINCES: LazyLock<Provinces> = LazyLock::new(|| {
    let areas = Areas::embedded();
    let mut columns = Provinces {
        codes: Vec::new(),
        since: Vec::new(),
        provinces: Vec::new(),
    };
    for home in areas.all().iter().filter(|area| area.lowest) {
        let path = areas.path_in(home.code, home.valid_from, Month::MAX);
        if let Some(province) = path.first() {
            columns.codes.push(home.code);
            columns.since.push(home.valid_from.to_sqlx());
            columns.provinces.push(province.code);
        }
    }
    columns
});

/// Writes the pairs of these people anew; `None` is everybody.
async fn look_again(tx: &mut PgConnection, people: Option<&[i64]>) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from likely_pair
         where $1::bigint[] is null or person_id = any($1) or other_id = any($1)",
        people
    )
    .execute(&mut *tx)
    .await?;
    let Provinces {
        codes,
        since,
        provinces,
    } = &*PROVINCES;
    sqlx::query!(
        "with home as materialized (
             select * from unnest($2::text[], $3::date[], $4::text[]) as h (code, since, province)
         ), pair as (
             select a.person_id as one, b.person_id as other, 0 as likeness
             from person a
             join person b on b.id_number = a.id_number and b.person_id <> a.person_id
             where a.merged_into is null and b.merged_into is null
               and ($1::bigint[] is null or a.person_id = any($1))
               and (a.id_state = 'held_by_another' and b.id_state = 'plausible'
                    or a.id_state = 'plausible' and b.id_state = 'held_by_another')
             union all
             select a.person_id, b.person_id,
                    case when a.birth_precision = 'd' and b.birth_precision = 'd'
                         then 1 else 2 end
             from person a
             join home on home.code = a.area_code and home.since = a.area_valid_from
             join person b on b.name_key = a.name_key and b.person_id <> a.person_id
              and extract(year from b.birth_date) = extract(year from a.birth_date)
             join home other_home on other_home.code = b.area_code
              and other_home.since = b.area_valid_from and other_home.province = home.province
             where a.merged_into is null and b.merged_into is null
               and ($1::bigint[] is null or a.person_id = any($1))
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
         insert into likely_pair (person_id, other_id, likeness, name_key)
         select one, other, likeness, name_key
         from likely join person on person_id = one",
        people,
        codes as &[&str],
        since as &[SqlDate],
        provinces as &[&str],
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
