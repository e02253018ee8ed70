//! Targets: what share of the beneficiaries an area is to pay by account in a year, as somebody
//! recorded it.

use std::collections::HashMap;

use access::audit::{Action, Changed};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::{Actor, Month};
use payments::{Office, Refused, Scope};
use serde::Serialize;
use serde_json::json;

use crate::question::READERS;

/// Who sets targets: whoever answers for the area's lists.
pub const SETTERS: &[Role] = &[Role::Approver];

/// The only thing there are targets for.
const PAID_BY_ACCOUNT: &str = "paid_by_account";

/// A target as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// The year.
    pub year: i16,
    /// Percent of the beneficiaries to be paid by account; `None` takes the target back.
    pub percent: Option<u8>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// Records a target of an area and year; it takes the place of the one before.
///
/// # Errors
/// [`Refused::UnknownArea`] when there is no such area in the year's January or, for a year of
/// mergers, December; [`Refused::Denied`].
pub async fn record(
    office: &Office<'_>,
    actor: &Actor,
    (area, year): (&str, i16),
    percent: Option<u8>,
) -> Result<(), Refused> {
    let month = |number| Month::new(year, number);
    let unknown = || Refused::UnknownArea {
        area: area.to_owned(),
        month: Month::of(office.clock.today()),
    };
    let (first, last) = month(1).zip(month(12)).ok_or_else(unknown)?;
    let scope = Scope::of(area, last).or_else(|_| Scope::of(area, first))?;
    access::require(actor, SETTERS, &scope.area)?;
    let now = office.clock.now();
    let mut tx = office.pool.begin().await?;
    let was = sqlx::query_scalar!(
        "select percent from target where area_code = $1 and year = $2 and indicator = $3
         order by target_no desc limit 1",
        scope.area,
        year,
        PAID_BY_ACCOUNT
    )
    .fetch_optional(&mut *tx)
    .await?
    .flatten();
    sqlx::query!(
        "insert into target (area_code, year, indicator, percent, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6)",
        scope.area,
        year,
        PAID_BY_ACCOUNT,
        percent.map(i16::from),
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let changed = Changed::new().value("percent", was, percent);
    let detail = changed.with(json!({ "indicator": PAID_BY_ACCOUNT }));
    let place = (!scope.is_country()).then_some(scope.area.as_str());
    let object = format!("target {year}");
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::TargetRecord,
        &object,
        place,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Everything recorded for an area, newest first.
///
/// # Errors
/// [`Refused::Denied`], those of the database.
pub async fn history(
    office: &Office<'_>,
    actor: &Actor,
    area: &str,
) -> Result<Vec<Target>, Refused> {
    let area = if area == "VN" { "" } else { area };
    access::require(actor, READERS, area)?;
    let rows = sqlx::query!(
        r#"select area_code, year, percent, recorded_by,
                  recorded_at as "recorded_at: jiff_sqlx::Timestamp"
           from target where area_code = $1 and indicator = $2 order by target_no desc"#,
        area,
        PAID_BY_ACCOUNT
    )
    .fetch_all(office.pool)
    .await?;
    let target = rows.into_iter().map(|row| Target {
        area: row.area_code,
        year: row.year,
        percent: row.percent.and_then(|percent| u8::try_from(percent).ok()),
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at.to_jiff(),
    });
    Ok(target.collect())
}

/// The targets of a year, by area.
pub(crate) struct Targets(HashMap<String, u8>);

impl Targets {
    pub(crate) async fn of_year(office: &Office<'_>, month: Month) -> Result<Targets, Refused> {
        let rows = sqlx::query!(
            "select distinct on (area_code) area_code, percent from target
             where year = $1 and indicator = $2 order by area_code, target_no desc",
            month.year(),
            PAID_BY_ACCOUNT
        )
        .fetch_all(office.pool)
        .await?;
        let percent = |percent: i16| u8::try_from(percent).ok();
        let known = rows
            .into_iter()
            .filter_map(|row| Some((row.area_code, row.percent.and_then(percent)?)));
        Ok(Targets(known.collect()))
    }

    /// Of the area, or of the nearest around it; `None` for the whole country's own.
    pub(crate) fn of(&self, area: Option<&Area>) -> Option<u8> {
        let around = area.map(|area| Areas::embedded().path(area));
        let around = around.unwrap_or_default();
        let mut outwards = around.iter().rev();
        outwards
            .find_map(|area| self.0.get(area.code))
            .or_else(|| self.0.get(""))
            .copied()
    }
}
