//! Where a board looks: an area as the month has it, or a district or province as it was before the
//! mergers of July 2025.
//!
//! `524@2025-06` is the district 524 of June 2025, in whatever month. Its people are those who were
//! registered in its communes; whoever was registered under a commune of today counts where the
//! commune lay that it goes on (`placed_line`). So a line of months goes on over the mergers, and
//! the former districts of a month part its people between them.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use jiff::civil::Date;
use kernel::area::{Area, Areas, BEFORE_RECORDS, Level};
use kernel::{Actor, Month};
use payments::{Refused, Scope};
use serde::Serialize;

use crate::question::{AreaRow, READERS};

/// What a row of a board by area is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Division {
    /// An area right below the one asked for.
    #[default]
    Below,
    /// A district of before the mergers.
    FormerDistrict,
    /// A province of before the mergers.
    FormerProvince,
}

/// An area in a month, for a query.
pub(crate) struct Reach {
    /// The communes whose lines may count.
    pub(crate) scope: Scope,
    /// Of them only people of these former districts.
    pub(crate) former: Option<Vec<String>>,
    /// The area, where it is one of before the mergers.
    era: Option<&'static Area>,
}

/// A reach as query parameters: everywhere, or codes and first days of communes; former districts.
pub(crate) struct Columns {
    pub(crate) everywhere: bool,
    pub(crate) codes: Vec<String>,
    pub(crate) since: Vec<jiff_sqlx::Date>,
    pub(crate) former: Option<Vec<String>>,
}

impl Reach {
    /// The area in the month; refuses whoever may not read there.
    pub(crate) fn of(actor: &Actor, area: &str, month: Month) -> Result<Reach, Refused> {
        let Some((code, era)) = area.split_once('@') else {
            let scope = Scope::of(area, month)?;
            access::require(actor, READERS, &scope.area)?;
            return Ok(Reach {
                scope,
                former: None,
                era: None,
            });
        };
        let era = former_area(code, era).ok_or_else(|| Refused::UnknownArea {
            area: area.to_owned(),
            month,
        })?;
        let areas = Areas::embedded();
        let inside = |it: &&Area| {
            it.lowest && it.valid_from == BEFORE_RECORDS && areas.path(it).contains(&era)
        };
        for commune in areas.all().iter().filter(inside) {
            // Who does not hold the commune of that era does not hold every area of its code either.
            if !access::holds_in(actor, READERS, commune) {
                access::require(actor, READERS, commune.code)?;
            }
        }
        let districts = areas.all().iter().filter(|it| {
            it.level == Level::District
                && it.valid_from == BEFORE_RECORDS
                && areas.path(it).contains(&era)
        });
        Ok(Reach {
            scope: Scope::of_former(era, area, month),
            former: Some(districts.map(|it| it.code.to_owned()).collect()),
            era: Some(era),
        })
    }

    /// Code of the area, for the audit log; `None` is the whole country.
    pub(crate) fn code(&self) -> Option<&str> {
        let known = (!self.scope.is_country()).then_some(self.scope.area.as_str());
        self.era.map(|era| era.code).or(known)
    }

    pub(crate) fn columns(&self) -> Columns {
        let (codes, since) = self.scope.columns().unwrap_or_default();
        Columns {
            everywhere: self.scope.is_country(),
            codes,
            since,
            former: self.former.clone(),
        }
    }

    /// The row in which people of a commune and former district stand: its code as asked for, its
    /// name, and the area. A commune or former district asked for is its own row.
    pub(crate) fn row(
        &self,
        division: Division,
        (commune, since): (&str, Date),
        former: &str,
    ) -> Result<(String, String, &'static Area), Refused> {
        let areas = Areas::embedded();
        let no_area = || Refused::Inconsistent(format!("no area {commune} of {former}"));
        let province_wide = self.era.is_some_and(|era| era.level == Level::Province);
        if division == Division::Below && self.era.is_none() {
            let area = self.below(commune, since).ok_or_else(no_area)?;
            return Ok((area.code.to_owned(), area.full_name.clone(), area));
        }
        let district = areas.get(former, BEFORE_RECORDS).ok_or_else(no_area)?;
        let area = match division {
            Division::FormerProvince if !province_wide => areas.province_of(district),
            _ => district,
        };
        let code = former_code(area).ok_or_else(no_area)?;
        Ok((code, areas.written_path(area), area))
    }

    fn below(&self, commune: &str, since: Date) -> Option<&'static Area> {
        let path = Areas::embedded().path_in(commune, since, self.scope.month);
        let below = match path.iter().position(|area| area.code == self.scope.area) {
            Some(at) => path.get(at + 1).or(path.last()),
            None => path.first(),
        };
        below.copied()
    }
}

/// A district or province of before the mergers, by its code and a month in which it was there.
pub fn former_area(code: &str, month: &str) -> Option<&'static Area> {
    let month: Month = month.parse().ok()?;
    let area = Areas::embedded().on(code, month.first_day())?;
    let known = area.valid_from == BEFORE_RECORDS && area.level != Level::Commune;
    (known && area.valid_to.is_some()).then_some(area)
}

/// What an area that has ended is asked for by: its code and its last month.
pub fn former_code(area: &Area) -> Option<String> {
    let last = Month::of(area.valid_to?);
    Some(format!("{}@{last}", area.code))
}

/// Figures of communes, added up to the rows of a board.
pub(crate) struct Sums<F> {
    rows: BTreeMap<String, (String, &'static Area, F)>,
    total: F,
}

impl<F: AddAssign + Copy + Default> Sums<F> {
    pub(crate) fn new() -> Sums<F> {
        Sums {
            rows: BTreeMap::new(),
            total: F::default(),
        }
    }

    /// Counts people of a commune and former district in: nobody is in two of one month.
    pub(crate) fn add(
        &mut self,
        reach: &Reach,
        division: Division,
        commune: (&str, Date),
        former: &str,
        figures: F,
    ) -> Result<(), Refused> {
        let (code, name, area) = reach.row(division, commune, former)?;
        let row = self.rows.entry(code);
        row.or_insert((name, area, F::default())).2 += figures;
        self.total += figures;
        Ok(())
    }

    /// The rows in order of code, and the sum of all, which is no one area's.
    pub(crate) fn finish<G>(
        self,
        shown: impl Fn(Option<&'static Area>, F) -> G,
    ) -> (Vec<AreaRow<G>>, G) {
        let rows = self
            .rows
            .into_iter()
            .map(|(code, (name, area, sum))| AreaRow {
                area: code,
                name,
                figures: shown(Some(area), sum),
            });
        (rows.collect(), shown(None, self.total))
    }
}
