//! Figures kept for each commune of a month's lists.
//!
//! They follow from lines, people and receivers and are counted again when those change: a change
//! of people notes them in `board_due` in its own transaction, and whoever looks at a board next
//! counts their communes again before anything is shown. A list that came or went since has its
//! communes counted again too. So a board always equals a full recount, and mostly reads a few
//! rows.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Month;
use payments::line::channel_number;
use payments::{Channel, LineKind, Office, Refused, Scope};
use sqlx::PgConnection;

use crate::caseload::CARERS;

/// More people than this changed at once have every commune counted again.
const MANY: usize = 2_000;

/// Advisory lock: figures are counted by one at a time, each seeing what the one before wrote.
const COUNTING: i64 = 0x626f_6172_6473;

/// Lines that make somebody a beneficiary of the month.
pub(crate) const DRAWS: [i16; 2] = [LineKind::Regular.number(), LineKind::OneOff.number()];

/// Counts what changed since the figures of the month were last looked at.
///
/// # Errors
/// Those of the database.
pub(crate) async fn settle(office: &Office<'_>, month: Month) -> Result<(), Refused> {
    let state = sqlx::query!(
        r#"select exists(select from board_due) as "due!",
                  exists(select from board_people where month = $1 and stale) as "stale!",
                  array(select list_id from payment_list where month = $1 order by 1) as "lists!",
                  array(select list_id from board_list where month = $1 order by 1) as "counted!""#,
        month.yyyymm()
    )
    .fetch_one(office.pool)
    .await?;
    if !state.due && !state.stale && state.lists == state.counted {
        return Ok(());
    }
    // Few people and all of them ask for different ways through the tables.
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", COUNTING)
        .execute(&mut *tx)
        .await?;
    mark_due(&mut tx).await?;
    let communes = to_count(&mut tx, month).await?;
    count(&mut tx, month, &communes).await?;
    sum_up(&mut tx, month).await?;
    tx.commit().await?;
    Ok(())
}

/// Counts the figures of lists nobody has looked at yet, the newest thirteen months, and says for
/// how many months. Shows nothing to anybody and so asks for no role.
///
/// # Errors
/// Those of the database.
pub async fn prepare(office: &Office<'_>) -> Result<usize, Refused> {
    let months = sqlx::query_scalar!(
        "select month from (select distinct month from payment_list
                            order by month desc limit 13) as newest
         where exists (select from board_due)
            or exists (select from board_people b where b.month = newest.month and stale)
            or array(select list_id from payment_list p where p.month = newest.month order by 1)
               <> array(select list_id from board_list b where b.month = newest.month order by 1)
         order by month desc"
    )
    .fetch_all(office.pool)
    .await?;
    for month in &months {
        let month =
            Month::from_yyyymm(*month).map_err(|wrong| Refused::Inconsistent(wrong.to_string()))?;
        settle(office, month).await?;
        payments::results::count_outcome(office, month).await?;
    }
    Ok(months.len())
}

/// Marks the communes whose people changed, in every month that is counted.
async fn mark_due(tx: &mut PgConnection) -> Result<(), Refused> {
    let due = sqlx::query_scalar!("delete from board_due returning person_id")
        .fetch_all(&mut *tx)
        .await?;
    let people: Option<Vec<i64>> = due.into_iter().collect();
    match people.filter(|people| people.len() <= MANY) {
        None => {
            sqlx::query!("update board_people set stale = true where not stale")
                .execute(&mut *tx)
                .await?;
            sqlx::query!(
                "insert into outcome_due (list_month, list_id)
                 select month, list_id from board_outcome_list"
            )
            .execute(&mut *tx)
            .await?;
        }
        Some(people) if people.is_empty() => {}
        Some(people) => {
            let months = sqlx::query_scalar!("select distinct month from board_list")
                .fetch_all(&mut *tx)
                .await?;
            sqlx::query!(
                "update board_people b set stale = true
                 from list_line l
                 where l.list_month = any($1) and l.person_id = any($2) and not b.stale
                   and b.month = l.list_month and b.area_code = l.area_code
                   and b.area_valid_from = l.area_valid_from",
                &months,
                &people
            )
            .execute(&mut *tx)
            .await?;
            // Whoever moved may count in another former district.
            sqlx::query!(
                "insert into outcome_due (list_month, area_code, area_valid_from)
                 select distinct list_month, l.area_code, l.area_valid_from
                 from list_line l join person using (person_id)
                 where list_month = any($1) and person_id = any($2) and moves > 0",
                &months,
                &people
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}

/// The communes of a month to be counted: those marked, and those of lists that came or went.
async fn to_count(
    tx: &mut PgConnection,
    month: Month,
) -> Result<BTreeSet<(String, Date)>, Refused> {
    let gone = sqlx::query!(
        "delete from board_list b where month = $1
           and not exists (select from payment_list p where p.list_id = b.list_id)
         returning area_code",
        month.yyyymm()
    )
    .fetch_all(&mut *tx)
    .await?;
    let new = sqlx::query_scalar!(
        "insert into board_list (list_id, month, area_code)
         select list_id, month, area_code from payment_list where month = $1
         on conflict do nothing returning list_id",
        month.yyyymm()
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut communes = BTreeSet::new();
    let rows = sqlx::query!(
        r#"select area_code as "area_code!",
                  area_valid_from as "since!: jiff_sqlx::Date", stale as "stale!"
           from board_people where month = $1
           union all
           select distinct area_code, area_valid_from, true
           from list_line where list_month = $1 and list_id = any($2)"#,
        month.yyyymm(),
        &new
    )
    .fetch_all(&mut *tx)
    .await?;
    let gone = gone.iter().map(|list| Scope::of(&list.area_code, month));
    let gone: Vec<Scope> = gone.collect::<Result<_, _>>()?;
    for row in rows {
        let since = row.since.to_jiff();
        if row.stale || gone.iter().any(|scope| scope.holds(&row.area_code, since)) {
            communes.insert((row.area_code, since));
        }
    }
    Ok(communes)
}

async fn count(
    tx: &mut PgConnection,
    month: Month,
    communes: &BTreeSet<(String, Date)>,
) -> Result<(), Refused> {
    if communes.is_empty() {
        return Ok(());
    }
    let codes: Vec<String> = communes.iter().map(|(code, _)| code.clone()).collect();
    let since: Vec<jiff_sqlx::Date> = communes.iter().map(|(_, day)| day.to_sqlx()).collect();
    sqlx::query!(
        "with c as (delete from board_caseload where month = $1
                    and (area_code, area_valid_from)
                        in (select * from unnest($2::text[], $3::date[])))
         delete from board_people where month = $1
           and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))",
        month.yyyymm(),
        &codes,
        &since as _
    )
    .execute(&mut *tx)
    .await?;
    count_people(tx, month, &codes, &since).await?;
    count_caseload(tx, month, &codes, &since).await
}

/// Adds the communes of a month up to the whole country.
async fn sum_up(tx: &mut PgConnection, month: Month) -> Result<(), Refused> {
    sqlx::query!(
        "insert into board_month (month, beneficiaries, paid_by_account, verified, amount)
         select $1::int, coalesce(sum(beneficiaries), 0), coalesce(sum(paid_by_account), 0),
                coalesce(sum(verified), 0),
                (select coalesce(sum(amount), 0) from board_caseload
                 where month = $1 and kind = 'all')
         from board_people where month = $1
         on conflict (month) do update set beneficiaries = excluded.beneficiaries,
             paid_by_account = excluded.paid_by_account, verified = excluded.verified,
             amount = excluded.amount",
        month.yyyymm()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts beneficiaries by account and identity. A wallet's number is no account.
async fn count_people(
    tx: &mut PgConnection,
    month: Month,
    codes: &[String],
    since: &[jiff_sqlx::Date],
) -> Result<(), Refused> {
    sqlx::query!(
        "insert into board_people
         with beneficiary as (
             select person_id, area_code, area_valid_from, former_code,
                    bool_or(channel = $5) as by_account
             from placed_line
             where list_month = $1 and kind = any($4)
               and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))
             group by person_id, area_code, area_valid_from, former_code),
         known as (
             select b.area_code, b.area_valid_from, b.former_code, by_account, p.id_state, p.identity_fields,
                    p.sex, p.ethnicity, p.phone, p.birth_precision, y.channel, y.wants_account,
                    case when y.channel not in ('e_wallet', 'mobile_money')
                          and y.account_number is not null then y.holder end as account,
                    case when p.id_state in ('missing', 'malformed') then p.id_state
                         when p.identity_check in ('verified', 'mismatch', 'not_found')
                             then p.identity_check
                         else 'pending' end as state
             from beneficiary b join person p using (person_id) left join payee y using (person_id))
         select $1::int, area_code, area_valid_from, false,
                count(*), count(account),
                count(*) filter (where account = 'self'),
                count(*) filter (where account = 'guardian'),
                count(*) filter (where account = 'authorised'),
                count(*) filter (where wants_account),
                count(*) filter (where by_account),
                count(account) filter (where not by_account),
                count(*) filter (where state = 'missing'),
                count(*) filter (where state = 'malformed'),
                count(*) filter (where state = 'not_found'),
                count(*) filter (where state = 'mismatch'),
                count(*) filter (where state = 'pending'),
                count(*) filter (where state = 'verified'),
                count(*) filter (where state = 'mismatch' and 'full_name' = any(identity_fields)),
                count(*) filter (where state = 'mismatch' and 'birth_date' = any(identity_fields)),
                count(*) filter (where state = 'mismatch' and 'sex' = any(identity_fields)),
                count(*) filter (where id_state not in ('plausible', 'missing', 'malformed')),
                count(*) filter (where sex is null),
                count(*) filter (where ethnicity is null),
                count(*) filter (where phone is null),
                count(*) filter (where birth_precision <> 'd'),
                count(*) filter (where channel is null), former_code,
                count(*) filter (where wants_account and account is null)
         from known group by area_code, area_valid_from, former_code",
        month.yyyymm(),
        codes,
        since as _,
        &DRAWS[..],
        channel_number(Some(Channel::Account)),
    )
    .execute(&mut *tx)
    .await?;
    // A commune with nothing but arrears or recoveries has its row too: it says the commune is counted.
    sqlx::query!(
        "insert into board_people
         select distinct $1::int, area_code, area_valid_from, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, former_code, 0
         from placed_line
         where list_month = $1 and kind <> all($4)
           and (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))
         on conflict do nothing",
        month.yyyymm(),
        codes,
        since as _,
        &DRAWS[..],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts people, households and money on all and by benefit, channel and standard.
async fn count_caseload(
    tx: &mut PgConnection,
    month: Month,
    codes: &[String],
    since: &[jiff_sqlx::Date],
) -> Result<(), Refused> {
    sqlx::query!(
        // A household counts where its first member is, so that rows add up to whole communes.
        "insert into board_caseload
         with line as (
             select line.person_id, household_id, line.area_code, line.area_valid_from,
                    line.former_code, amount, benefit, channel, standard,
                    benefit = any($5) as carer, kind = any($4) as draws, kind = $6 as owed_back
             from placed_line line join person using (person_id)
             where list_month = $1
               and (line.area_code, line.area_valid_from)
                   in (select * from unnest($2::text[], $3::date[]))),
         household as (
             select distinct area_code, area_valid_from, benefit, channel, standard, former_code,
                    person_id,
                    coalesce('h' || household_id, 'p' || person_id) as name
             from line where draws and carer),
         first as (
             select distinct on (area_code, area_valid_from, name)
                    area_code, area_valid_from, former_code, 'all' as kind, 0 as key
             from household order by area_code, area_valid_from, name, person_id, former_code),
         first_of_benefit as (
             select distinct on (area_code, area_valid_from, benefit, name)
                    area_code, area_valid_from, former_code, 'benefit' as kind, benefit::int as key
             from household
             order by area_code, area_valid_from, benefit, name, person_id, former_code),
         first_of_channel as (
             select distinct on (area_code, area_valid_from, channel, name)
                    area_code, area_valid_from, former_code, 'channel' as kind, channel::int as key
             from household
             order by area_code, area_valid_from, channel, name, person_id, former_code),
         first_of_standard as (
             select distinct on (area_code, area_valid_from, standard, name)
                    area_code, area_valid_from, former_code, 'standard' as kind, standard::int as key
             from household
             order by area_code, area_valid_from, standard, name, person_id, former_code),
         households as (
             select area_code, area_valid_from, former_code, kind, key, count(*) as households
             from (select * from first union all select * from first_of_benefit
                   union all select * from first_of_channel
                   union all select * from first_of_standard) counted
             group by 1, 2, 3, 4, 5),
         counted as (
             select area_code, area_valid_from, former_code,
                    case when grouping(benefit) = 0 then 'benefit'
                         when grouping(channel) = 0 then 'channel'
                         when grouping(standard) = 0 then 'standard' else 'all' end as kind,
                    case when grouping(benefit) = 0 then benefit
                         when grouping(channel) = 0 then channel
                         when grouping(standard) = 0 then standard::int else 0 end as key,
                    count(distinct person_id) filter (where draws and not carer) as people,
                    count(distinct person_id) filter (where draws) as recipients,
                    coalesce(sum(amount) filter (where not owed_back), 0) as amount,
                    coalesce(sum(amount) filter (where owed_back), 0) as recoverable
             from line
             group by grouping sets ((area_code, area_valid_from, former_code),
                                     (area_code, area_valid_from, former_code, benefit),
                                     (area_code, area_valid_from, former_code, channel),
                                     (area_code, area_valid_from, former_code, standard)))
         select $1::int, area_code, area_valid_from, kind, key, people, coalesce(households, 0),
                recipients, amount, recoverable, former_code
         from counted left join households
             using (area_code, area_valid_from, former_code, kind, key)",
        month.yyyymm(),
        codes,
        since as _,
        &DRAWS[..],
        &CARERS.map(law::Benefit::number)[..],
        LineKind::Recovery.number(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
