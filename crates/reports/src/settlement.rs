//! What became of the money a month's approved lists ordered.

use kernel::{Actor, Month};
use payments::results::Outcome;
use payments::{Office, Refused};
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
    let place = reach.columns();
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let rows = sqlx::query!(
        r#"with last as (
               select distinct on (person_id, line_no) person_id, line_no, status
               from payment_result where list_month = $1
               order by person_id, line_no, result_no desc)
           select l.area_code as "area_code!",
                  l.area_valid_from as "since!: jiff_sqlx::Date",
                  former_code as "former!", status as "status?", sum(l.amount)::bigint as "amount!"
           from placed_line l join payment_list using (list_id)
               left join last using (person_id, line_no)
           where list_month = $1 and approved_at is not null and kind <> $6
             and ($2 or (l.area_code, l.area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))
             and ($5::text[] is null or former_code = any($5))
           group by 1, 2, 3, 4"#,
        month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
        payments::LineKind::Recovery.number(),
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let outcome = rows.into_iter().map(|row| {
        let mut outcome = Outcome::default();
        outcome.take(row.status.as_deref(), row.amount);
        ((row.area_code, row.since.to_jiff()), row.former, outcome)
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
    let place = reach.columns();
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let rows = sqlx::query!(
        r#"with last as (
               select distinct on (list_month, person_id, line_no)
                      list_month, person_id, line_no, status
               from payment_result where list_month between $1 and $2
               order by list_month, person_id, line_no, result_no desc)
           select list_month as "month!", status as "status?", sum(l.amount)::bigint as "amount!"
           from placed_line l join payment_list using (list_id)
               left join last using (list_month, person_id, line_no)
           where list_month between $1 and $2 and approved_at is not null and kind <> $7
             and ($3 or (l.area_code, l.area_valid_from)
                        in (select * from unnest($4::text[], $5::date[])))
             and ($6::text[] is null or former_code = any($6))
           group by 1, 2 order by 1"#,
        month.plus(1 - crate::trend::MONTHS).yyyymm(),
        month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
        payments::LineKind::Recovery.number(),
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut months: Vec<OfMonth> = Vec::new();
    for row in rows {
        let month = Month::from_yyyymm(row.month)
            .map_err(|wrong| Refused::Inconsistent(wrong.to_string()))?;
        if months.last().is_none_or(|last| last.month != month) {
            let outcome = Outcome::default();
            months.push(OfMonth { month, outcome });
        }
        if let Some(last) = months.last_mut() {
            last.outcome.take(row.status.as_deref(), row.amount);
        }
    }
    Ok(months)
}
