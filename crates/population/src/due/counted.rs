//! How many are due, kept for each commune and month. The figures follow from people, enrolments and checks: a change
//! of people notes their communes in its own transaction, and whoever asks next has these counted again before
//! anything is said. So what is said always equals a full count, and mostly reads a few rows.

use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::Month;
use registry::sight::Columns;
use sqlx::{PgConnection, PgPool};

use super::{Due, Wanted};
use crate::Refused;

/// Advisory lock: communes are counted by one at a time, each seeing what the one before wrote.
const COUNTING: i64 = 0x6368_6563_6b73;

/// Counts what changed since somebody asked about the month; everybody the first time.
pub(super) async fn settle(pool: &PgPool, month: Month) -> Result<(), Refused> {
    let state = sqlx::query!(
        r#"select exists(select from check_due) as "due!",
                  exists(select from check_stale where month = $1) as "stale!",
                  exists(select from check_month where month = $1) as "counted!""#,
        month.yyyymm()
    )
    .fetch_one(pool)
    .await?;
    if state.counted && !state.due && !state.stale {
        return Ok(());
    }
    // Few communes and all of them ask for different ways through the tables.
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", COUNTING)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "with due as (delete from check_due returning area_code, area_valid_from)
         insert into check_stale (month, area_code, area_valid_from)
         select distinct month, area_code, area_valid_from from due cross join check_month
         on conflict do nothing"
    )
    .execute(&mut *tx)
    .await?;
    let first = sqlx::query!(
        "insert into check_month (month) values ($1) on conflict do nothing",
        month.yyyymm()
    )
    .execute(&mut *tx)
    .await?;
    if first.rows_affected() == 1 {
        count_everybody(&mut tx, month).await?;
    } else {
        let stale = sqlx::query!(
            r#"delete from check_stale where month = $1
               returning area_code, area_valid_from as "since: SqlDate""#,
            month.yyyymm()
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut communes = Columns::default();
        for commune in stale {
            communes.codes.push(commune.area_code);
            communes.since.push(commune.since);
        }
        if !communes.codes.is_empty() {
            count_again(&mut tx, month, &communes).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Counts every commune of a month that was not counted before.
async fn count_everybody(tx: &mut PgConnection, month: Month) -> Result<(), Refused> {
    sqlx::query!(
        "with enrolled as (
             select distinct coalesce(p.merged_into, p.person_id) as person_id
             from enrolment e join person p using (person_id)
             where e.from_month <= $1 and (e.to_month is null or e.to_month >= $1)),
         corrected as (
             select person_id, max(event_no) as last from event
             where kind = 'person_corrected'
               and body ?| array['full_name', 'birth_date', 'sex', 'id_number']
             group by person_id),
         checked as (
             select e.person_id, max(e.effective) as checked_on
             from event e left join corrected c using (person_id)
             where e.kind = 'identity_checked' and e.event_no > coalesce(c.last, 0)
             group by e.person_id),
         known as (
             select p.area_code, p.area_valid_from, p.identity_check,
                    case when p.identity_check in ('verified', 'mismatch', 'not_found')
                         then c.checked_on end as checked_on,
                    p.id_number is not null and (p.id_state not in ('missing', 'malformed')
                        or p.id_number ~ '^[0-9]{9}$') as askable
             from enrolled join person p using (person_id) left join checked c using (person_id)
             where p.merged_into is null and p.death_date is null)
         insert into check_count (month, area_code, area_valid_from, outcome, checked_on, askable, people)
         select $1, area_code, area_valid_from,
                case when checked_on is null then 'none'
                     when identity_check = 'verified' then 'verified' else 'differing' end as outcome,
                coalesce(checked_on, '-infinity'), askable, count(*)
         from known group by 1, 2, 3, 4, 5, 6",
        month.yyyymm()
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into check_country (month, outcome, checked_on, askable, people)
         select month, outcome, checked_on, askable, sum(people) from check_count
         where month = $1 group by 1, 2, 3, 4",
        month.yyyymm()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts a few communes of a month again.
async fn count_again(
    tx: &mut PgConnection,
    month: Month,
    communes: &Columns,
) -> Result<(), Refused> {
    sqlx::query!(
        "with gone as (
             delete from check_count
             where month = $1
               and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))
             returning outcome, checked_on, askable, people)
         insert into check_country as c (month, outcome, checked_on, askable, people)
         select $1::int, outcome, checked_on, askable, -sum(people) from gone group by 2, 3, 4
         on conflict (month, outcome, checked_on, askable)
             do update set people = c.people + excluded.people",
        month.yyyymm(),
        &communes.codes,
        &communes.since as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "with known as (
             select p.area_code, p.area_valid_from, p.identity_check, c.checked_on,
                    p.id_number is not null and (p.id_state not in ('missing', 'malformed')
                        or p.id_number ~ '^[0-9]{9}$') as askable
             from person p cross join lateral (
                 select max(e.effective) as checked_on from event e
                 where e.person_id = p.person_id and e.kind = 'identity_checked'
                   and p.identity_check in ('verified', 'mismatch', 'not_found')
                   and not exists (
                       select from event k
                       where k.person_id = e.person_id and k.kind = 'person_corrected'
                         and k.event_no > e.event_no
                         and k.body ?| array['full_name', 'birth_date', 'sex', 'id_number'])) c
             where p.merged_into is null and p.death_date is null
               and (p.area_code, p.area_valid_from) in (select * from unnest($2::text[], $3::date[]))
               and (exists (
                        select from enrolment e
                        where e.person_id = p.person_id and e.from_month <= $1
                          and (e.to_month is null or e.to_month >= $1))
                    or exists (
                        select from person m join enrolment e using (person_id)
                        where m.merged_into = p.person_id and e.from_month <= $1
                          and (e.to_month is null or e.to_month >= $1)))),
         made as (
             insert into check_count (month, area_code, area_valid_from, outcome, checked_on, askable, people)
             select $1::int, area_code, area_valid_from,
                    case when checked_on is null then 'none'
                         when identity_check = 'verified' then 'verified' else 'differing' end,
                    coalesce(checked_on, '-infinity'), askable, count(*)
             from known group by 2, 3, 4, 5, 6
             returning outcome, checked_on, askable, people)
         insert into check_country as c (month, outcome, checked_on, askable, people)
         select $1::int, outcome, checked_on, askable, sum(people) from made group by 2, 3, 4
         on conflict (month, outcome, checked_on, askable)
             do update set people = c.people + excluded.people",
        month.yyyymm(),
        &communes.codes,
        &communes.since as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from check_country where month = $1 and people = 0",
        month.yyyymm()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The figures of communes (`None`: the country), by whether the last answer came on `since` or later.
pub(super) async fn sum(
    pool: &PgPool,
    wanted: &Wanted,
    since: Date,
    inside: Option<&Columns>,
) -> Result<Due, Refused> {
    let row = sqlx::query!(
        r#"select coalesce(sum(people), 0)::bigint as "people!",
                  coalesce(sum(people) filter (where lately and outcome = 'verified'), 0)::bigint as "verified!",
                  coalesce(sum(people) filter (where lately and outcome = 'differing'), 0)::bigint as "differing!",
                  coalesce(sum(people) filter (where not lately and askable), 0)::bigint as "to_ask!",
                  coalesce(sum(people) filter (where not lately and not askable), 0)::bigint as "unaskable!"
           from (select outcome, checked_on >= $4 as lately, askable, people from check_country
                 where month = $1 and $2::text[] is null
                 union all
                 select outcome, checked_on >= $4, askable, people from check_count
                 where month = $1
                   and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))) c"#,
        wanted.month.yyyymm(),
        inside.map(|inside| &inside.codes[..]) as _,
        inside.map(|inside| &inside.since[..]) as _,
        since.to_sqlx() as _
    )
    .fetch_one(pool)
    .await?;
    Ok(Due {
        people: row.people,
        verified: row.verified,
        differing: row.differing,
        to_ask: row.to_ask,
        unaskable: row.unaskable,
    })
}

/// Communes (of these, or `None`: of the country) in which somebody is to be asked about; no more than hold as many
/// people as are wanted.
pub(super) async fn to_ask(
    pool: &PgPool,
    wanted: &Wanted,
    since: Date,
    inside: Option<&Columns>,
) -> Result<Columns, Refused> {
    let rows = sqlx::query!(
        r#"select area_code as "area_code!", area_valid_from as "since!: SqlDate"
           from (select area_code, area_valid_from,
                        sum(sum(people)) over (order by area_code, area_valid_from) - sum(people)
                            as before
                 from check_count
                 where month = $1 and askable and checked_on < $4
                   and ($2::text[] is null or (area_code, area_valid_from) in
                        (select * from unnest($2::text[], $3::date[])))
                 group by area_code, area_valid_from) c
           where $5::bigint is null or before < $5
           order by area_code, area_valid_from"#,
        wanted.month.yyyymm(),
        inside.map(|inside| &inside.codes[..]) as _,
        inside.map(|inside| &inside.since[..]) as _,
        since.to_sqlx() as _,
        wanted.limit
    )
    .fetch_all(pool)
    .await?;
    let mut communes = Columns::default();
    for row in rows {
        communes.codes.push(row.area_code);
        communes.since.push(row.since);
    }
    Ok(communes)
}
