//! An area month by month: how many people, how many paid by account, how much money.
//!
//! The communes are those of the area in the last month, in every era: the line of a province or
//! commune of after the mergers of July 2025 goes on backwards through the communes it was made
//! of; that of a former district or province goes on over them. What is shown depends on lists
//! alone, as who has an account now says nothing of last year; but whom the population database
//! agrees on is told as known now.

use kernel::{Actor, Dong, Month};
use payments::{Office, Refused, header};
use serde::Serialize;

use crate::question::percent;
use crate::reach::Reach;

/// How many months there are at most.
pub const MONTHS: i32 = 13;

/// One month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The month of the lists.
    pub month: Month,
    /// Whether every list counted is approved.
    pub approved: bool,
    /// Everybody paid for the month.
    pub beneficiaries: i64,
    /// Of them, paid into an account.
    pub paid_by_account: i64,
    /// Percent of the beneficiaries, two decimals.
    pub paid_by_account_percent: String,
    /// Of them, those the population database agrees on, as known now.
    pub verified: i64,
    /// Đồng to pay, arrears and money carried over included.
    pub amount: Dong,
}

/// The months up to one that have lists, in order.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`], those of the database.
pub async fn trend(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Vec<Point>, Refused> {
    let reach = Reach::of(actor, area, month)?;
    let from = month.plus(1 - MONTHS);
    let lists = header::of_months(office.pool, from, month).await?;
    let mut months: Vec<Month> = lists.iter().map(|list| list.month).collect();
    months.dedup();
    for month in &months {
        crate::kept::settle(office, *month).await?;
    }
    let place = reach.columns();
    let rows = sqlx::query!(
        r#"select month as "month!", beneficiaries as "beneficiaries!", paid_by_account as "paid!",
                  verified as "verified!", amount as "amount!"
           from board_month where $3 and month between $1 and $2
           union all
           select month, sum(beneficiaries)::bigint, sum(paid_by_account)::bigint,
                  sum(verified)::bigint, sum(amount)::bigint
           from board_people join board_caseload
               using (month, area_code, area_valid_from, former_code)
           where not $3 and month between $1 and $2 and kind = 'all'
             and (area_code, area_valid_from) in (select * from unnest($4::text[], $5::date[]))
             and ($6::text[] is null or former_code = any($6))
           group by month order by 1"#,
        from.yyyymm(),
        month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
    )
    .fetch_all(office.pool)
    .await?;
    let mut points = Vec::with_capacity(rows.len());
    for row in rows {
        let month = Month::from_yyyymm(row.month)
            .map_err(|wrong| Refused::Inconsistent(wrong.to_string()))?;
        let mut of_month = lists.iter().filter(|list| list.month == month);
        points.push(Point {
            month,
            approved: of_month.all(header::Header::is_approved),
            beneficiaries: row.beneficiaries,
            paid_by_account: row.paid,
            paid_by_account_percent: percent(row.paid, row.beneficiaries),
            verified: row.verified,
            amount: Dong(row.amount),
        });
    }
    Ok(points)
}
