//! How provinces are connected in a month.

use std::collections::BTreeMap;

use ::exchange::Mode;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Month;
use kernel::area::{Areas, Level};
use payments::{Office, Refused, Scope};
use serde::Serialize;

/// How the provinces of the area are connected on the last day of the month.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Connections {
    /// How many provinces.
    pub provinces: i64,
    /// Of these, whose two systems are connected.
    pub connected: i64,
    /// By mode; every mode has a number.
    pub modes: BTreeMap<&'static str, i64>,
    /// By label of the official case.
    pub official_cases: BTreeMap<String, i64>,
}

/// The connections of a month, by province.
pub(super) struct Connected {
    day: Date,
    by_province: BTreeMap<String, (Mode, Option<String>)>,
}

impl Connected {
    pub(super) async fn of_month(office: &Office<'_>, month: Month) -> Result<Connected, Refused> {
        let day = month.last_day();
        let rows = sqlx::query!(
            "select distinct on (province_code) province_code, mode, official_case
             from connection where from_day <= $1
             order by province_code, from_day desc, connection_no desc",
            day.to_sqlx() as _
        )
        .fetch_all(office.pool)
        .await?;
        let mut by_province = BTreeMap::new();
        for row in rows {
            let mode = Mode::from_code(&row.mode).ok_or_else(|| Refused::Inconsistent(row.mode))?;
            by_province.insert(row.province_code, (mode, row.official_case));
        }
        Ok(Connected { day, by_province })
    }

    /// Of the province the area lies in during the month; not connected when nothing was recorded.
    pub(super) fn of(&self, area: &str, month: Month) -> (Mode, Option<String>) {
        let areas = Areas::embedded();
        let area = areas.on(area, month.first_day());
        let province = area.map(|area| areas.province_of(area).code);
        let known = province.and_then(|code| self.by_province.get(code));
        known.cloned().unwrap_or((Mode::None, None))
    }

    /// The provinces of the scope; of an area inside a province, that one.
    pub(super) fn of_scope(&self, scope: &Scope) -> Connections {
        let areas = Areas::embedded();
        let country = areas.children("", self.day).into_iter();
        let own = areas.on(&scope.area, scope.month.first_day());
        let own = own.map(|area| areas.province_of(area).code);
        let provinces = country.filter(|area| {
            area.level == Level::Province && own.is_none_or(|code| code == area.code)
        });
        let mut connections = Connections::default();
        for mode in Mode::ALL {
            connections.modes.insert(mode.code(), 0);
        }
        for province in provinces {
            let known = self.by_province.get(province.code).cloned();
            let (mode, case) = known.unwrap_or((Mode::None, None));
            connections.provinces += 1;
            connections.connected += i64::from(mode.connects());
            *connections.modes.entry(mode.code()).or_default() += 1;
            if let Some(case) = case {
                *connections.official_cases.entry(case).or_default() += 1;
            }
        }
        connections
    }
}
