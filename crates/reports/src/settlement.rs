//! What became of the money a month's approved lists ordered.

use kernel::{Actor, Month};
use payments::results::{Outcome, count_outcome};
use payments::{Office, Refused, header};
use serde::Serialize;

use crate::question::{AreaRow, ByArea, Source};
use crate::reach::{Reach, Sums};

/// The board of a month and area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settlement {
    /// Always `settlement`.
    pub report: &'static str,
    /// The month of the lists.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// The lists of the month; only the approved ones order anything.
    pub lists: Vec<Source>,
    /// In order of code.
    pub rows: Vec<AreaRow<Outcome>>,
    /// `ordered = paid + failed + returned + not_collected + not_reported`.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The board: what providers have reported of the lines of approved lists.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn settlement(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
) -> Result<Settlement, Refused> {
    let (reach, lists) = of.question().sources(office, actor).await?;
    let mut sums = Sums::new();
    for (place, former, outcome) in outcomes(office, &reach, of.month).await? {
        sums.add(&reach, of.division, (&place.0, place.1), &former, outcome)?;
    }
    let (rows, outcome) = sums.finish(|_, outcome| outcome);
    Ok(Settlement {
        report: "settlement",
        month: of.month,
        area: reach.scope.area,
        lists,
        rows,
        outcome,
    })
}

/// Of each commune and former district.
async fn outcomes(
    office: &Office<'_>,
    reach: &Reach,
    month: Month,
) -> Result<Vec<((String, jiff::civil::Date), String, Outcome)>, Refused> {
    count_outcome(office, month).await?;
    let place = reach.columns();
    let rows = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", former_code, status,
                  sum(amount)::bigint as "amount!"
           from board_outcome
           where month = $1 and ($2 or (area_code, area_valid_from)
                                       in (select * from unnest($3::text[], $4::date[])))
             and ($5::text[] is null or former_code = any($5))
           group by area_code, area_valid_from, former_code, status"#,
        month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
    )
    .fetch_all(office.pool)
    .await?;
    let outcome = rows.into_iter().map(|row| {
        let mut outcome = Outcome::default();
        outcome.take(Some(&row.status), row.amount);
        let commune = (row.area_code, row.since.to_jiff());
        (commune, row.former_code, outcome)
    });
    Ok(outcome.collect())
}

/// What became of a month's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OfMonth {
    /// The month of the lists.
    pub month: Month,
    /// Of approved lists.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The thirteen months up to one that have approved lists, in order. The area is that of the last
/// month, as for [`crate::trend`].
///
/// # Errors
/// As [`crate::trend::trend`].
pub async fn line(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Vec<OfMonth>, Refused> {
    let reach = Reach::of(actor, area, month)?;
    let from = month.plus(1 - crate::trend::MONTHS);
    let mut listed: Vec<Month> = header::of_months(office.pool, from, month)
        .await?
        .iter()
        .map(|list| list.month)
        .collect();
    listed.dedup();
    for month in listed {
        crate::kept::settle(office, month).await?;
        count_outcome(office, month).await?;
    }
    let place = reach.columns();
    let rows = sqlx::query!(
        r#"select month, status, sum(amount)::bigint as "amount!"
           from board_outcome
           where month between $1 and $2
             and ($3 or (area_code, area_valid_from)
                        in (select * from unnest($4::text[], $5::date[])))
             and ($6::text[] is null or former_code = any($6))
           group by month, status order by month"#,
        from.yyyymm(),
        month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
    )
    .fetch_all(office.pool)
    .await?;
    let mut months: Vec<OfMonth> = Vec::new();
    for row in rows {
        let month = Month::from_yyyymm(row.month)
            .map_err(|wrong| Refused::Inconsistent(wrong.to_string()))?;
        if months.last().is_none_or(|last| last.month != month) {
            let outcome = Outcome::default();
            months.push(OfMonth { month, outcome });
        }
        if let Some(last) = months.last_mut() {
            last.outcome.take(Some(&row.status), row.amount);
        }
    }
    Ok(months)
}
