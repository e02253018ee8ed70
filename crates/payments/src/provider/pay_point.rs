//! Where a provider pays cash.

use std::collections::BTreeMap;

use access::audit::Action;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::area::{Area, Areas};
use kernel::{Actor, Month};
use serde::Serialize;
use serde_json::json;

use super::{ProviderKind, SIGNATORIES, find};
use crate::{Office, Refused, show};

/// A point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PayPoint {
    /// The provider's own code; not used again.
    pub code: String,
    /// What people know it as.
    pub name: String,
    /// Code of the commune it lies in.
    pub area: String,
}

/// Records the points of a provider, and says how many were not known. One that is known under the
/// same code stays as it is.
///
/// # Errors
/// [`Refused::UnknownProvider`], [`Refused::NotAProvider`] when it pays no cash,
/// [`Refused::UnknownArea`] for a point that lies in no commune of the month, [`Refused::Denied`].
pub async fn record(
    office: &Office<'_>,
    actor: &Actor,
    provider: &str,
    month: Month,
    points: &[PayPoint],
) -> Result<u64, Refused> {
    access::require(actor, &SIGNATORIES, "")?;
    let mut tx = office.pool.begin().await?;
    if find(&mut *tx, provider).await?.kind != ProviderKind::Post {
        let why = "chỉ bưu điện có điểm chi trả tiền mặt";
        return Err(Refused::NotAProvider { why });
    }
    let places = points.iter().map(|point| commune_of(point, month));
    let since: Vec<jiff_sqlx::Date> = places
        .map(|place| place.map(|area| area.valid_from.to_sqlx()))
        .collect::<Result<_, _>>()?;
    let text = |of: fn(&PayPoint) -> &String| points.iter().map(of).cloned().collect::<Vec<_>>();
    let now = office.clock.now();
    let added = sqlx::query!(
        "insert into pay_point (provider, code, name, area_code, area_valid_from, recorded_by,
             recorded_at)
         select $1, code, name, area, since, $6, $7
         from unnest($2::text[], $3::text[], $4::text[], $5::date[])
             as point(code, name, area, since)
         on conflict do nothing",
        provider,
        &text(|point| &point.code),
        &text(|point| &point.name),
        &text(|point| &point.area),
        &since as _,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let (action, detail) = (Action::PayPointRecord, json!({ "points": added }));
    access::audit::record(&mut tx, now, actor, action, provider, None, detail).await?;
    tx.commit().await?;
    Ok(added)
}

fn commune_of(point: &PayPoint, month: Month) -> Result<&'static Area, Refused> {
    let area = Areas::embedded().on(&point.area, month.first_day());
    let unknown = || Refused::UnknownArea {
        area: point.area.clone(),
        month,
    };
    area.filter(|area| area.lowest).ok_or_else(unknown)
}

/// How many points a province has, and whether a contract for cash holds there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfProvince {
    /// Code of the province.
    pub area: String,
    /// Its full name.
    pub name: String,
    /// Codes of the providers who pay cash there in the month.
    pub providers: Vec<String>,
    /// Points.
    pub points: i64,
}

/// The provinces of a month in which cash is paid or there is a point, in the order of codes.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read lists of the whole country.
pub async fn by_province(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
) -> Result<Vec<OfProvince>, Refused> {
    access::require(actor, show::READERS, "")?;
    let rows = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", count(*) as "points!"
           from pay_point group by area_code, area_valid_from"#
    )
    .fetch_all(office.pool)
    .await?;
    let areas = Areas::embedded();
    let mut points: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        if let Some(province) = province_in(&row.area_code, row.since.to_jiff(), month) {
            *points.entry(province.code).or_default() += row.points;
        }
    }
    let cash = ProviderKind::Post.channels();
    let mut contracts = super::contract::read(office, month).await?;
    contracts.retain(|contract| contract.holds_for.iter().any(|held| cash.contains(held)));
    let mut provinces = Vec::new();
    for province in areas.children("", month.first_day()) {
        let covers = |area: &str| area.is_empty() || area == province.code;
        let here = contracts
            .iter()
            .filter(|contract| covers(&contract.terms.area));
        let mut providers: Vec<String> = here.map(|held| held.terms.provider.clone()).collect();
        providers.dedup();
        let points = points.get(province.code).copied().unwrap_or_default();
        if points > 0 || !providers.is_empty() {
            provinces.push(OfProvince {
                area: province.code.to_owned(),
                name: province.full_name.clone(),
                providers,
                points,
            });
        }
    }
    Ok(provinces)
}

fn province_in(commune: &str, since: Date, month: Month) -> Option<&'static Area> {
    let path = Areas::embedded().path_in(commune, since, month);
    path.first().copied()
}
