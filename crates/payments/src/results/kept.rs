//! What became of a month's lines, kept for each commune.
//!
//! Orders and results note where they came in their own transaction; whoever looks next counts
//! those communes again before anything is shown, and the communes of a list approved since. So
//! the figures always equal a full recount, and mostly are a few rows.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Month;
use sqlx::PgConnection;

use crate::ledger::Place;
use crate::{Office, Refused};

/// Advisory lock: counted by one at a time, each seeing what the one before wrote.
const COUNTING: i64 = 0x6f75_7463_6f6d;

/// Notes that results of these communes and months came.
pub(super) async fn note(
    tx: &mut PgConnection,
    communes: impl Iterator<Item = (i32, Place)>,
) -> sqlx::Result<()> {
    let (mut months, mut codes, mut since) = (Vec::new(), Vec::new(), Vec::new());
    for (month, place) in communes {
        months.push(month);
        codes.push(place.area);
        since.push(place.valid_from.to_sqlx());
    }
    sqlx::query!(
        "insert into outcome_due (list_month, area_code, area_valid_from)
         select * from unnest($1::int[], $2::text[], $3::date[])",
        &months,
        &codes,
        &since as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts what became of a month's lines where that changed since it was last looked at. Shows
/// nothing to anybody and so asks for no role.
///
/// # Errors
/// Those of the database.
pub async fn count_outcome(office: &Office<'_>, month: Month) -> Result<(), Refused> {
    let state = sqlx::query!(
        r#"select exists(select from outcome_due where list_month = $1) as "due!",
                  array(select list_id from payment_list
                        where month = $1 and approved_at is not null order by 1) as "lists!",
                  array(select list_id from board_outcome_list
                        where month = $1 order by 1) as "counted!""#,
        month.yyyymm()
    )
    .fetch_one(office.pool)
    .await?;
    if !state.due && state.lists == state.counted {
        return Ok(());
    }
    // Few communes and all of them ask for different ways through the tables.
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", COUNTING)
        .execute(&mut *tx)
        .await?;
    let communes = to_count(&mut tx, month).await?;
    count(&mut tx, month, &communes).await?;
    tx.commit().await?;
    Ok(())
}

/// The communes noted, and those of lists noted or approved since.
async fn to_count(tx: &mut PgConnection, month: Month) -> sqlx::Result<Vec<(String, Date)>> {
    let due = sqlx::query!(
        r#"delete from outcome_due where list_month = $1
           returning list_id, area_code, area_valid_from as "since: jiff_sqlx::Date""#,
        month.yyyymm()
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut lists = sqlx::query_scalar!(
        "insert into board_outcome_list (list_id, month)
         select list_id, month from payment_list where month = $1 and approved_at is not null
         on conflict do nothing returning list_id",
        month.yyyymm()
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut communes = Vec::new();
    for row in due {
        lists.extend(row.list_id);
        communes.extend(row.area_code.zip(row.since.map(|day| day.to_jiff())));
    }
    if !lists.is_empty() {
        lists.sort_unstable();
        lists.dedup();
        let rows = sqlx::query!(
            r#"select distinct area_code, area_valid_from as "since: jiff_sqlx::Date"
               from list_line where list_month = $1 and list_id = any($2)"#,
            month.yyyymm(),
            &lists
        )
        .fetch_all(&mut *tx)
        .await?;
        communes.extend(
            rows.into_iter()
                .map(|row| (row.area_code, row.since.to_jiff())),
        );
    }
    communes.sort_unstable();
    communes.dedup();
    Ok(communes)
}

async fn count(
    tx: &mut PgConnection,
    month: Month,
    communes: &[(String, Date)],
) -> sqlx::Result<()> {
    let codes: Vec<String> = communes.iter().map(|(code, _)| code.clone()).collect();
    let since: Vec<jiff_sqlx::Date> = communes.iter().map(|(_, day)| day.to_sqlx()).collect();
    sqlx::query!(
        "delete from board_outcome where month = $1
           and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))",
        month.yyyymm(),
        &codes,
        &since as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into board_outcome
         with line as (
             select l.person_id, l.line_no, l.area_code, l.area_valid_from, former_code, l.amount
             from placed_line l join payment_list using (list_id)
             where l.list_month = $1 and approved_at is not null and l.kind <> 3
               and (l.area_code, l.area_valid_from)
                   in (select * from unnest($2::text[], $3::date[]))),
         last as (
             select distinct on (person_id, line_no) person_id, line_no, status, provider
             from payment_result where list_month = $1
               and person_id in (select person_id from line)
             order by person_id, line_no, result_no desc)
         select $1::int, l.area_code, l.area_valid_from, former_code,
                coalesce(o.provider, last.provider, ''),
                coalesce(last.status, 'not_reported'), count(*), sum(l.amount)
         from line l left join last using (person_id, line_no)
             left join order_line ol on ol.list_month = $1
                 and ol.person_id = l.person_id and ol.line_no = l.line_no
             left join payment_order o using (order_no)
         group by 2, 3, 4, 5, 6",
        month.yyyymm(),
        &codes,
        &since as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
