//! What a board is asked.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use jiff::civil::Date;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::{Actor, Month};
use payments::header::{Header, overlapping};
use payments::{Office, Refused, Scope};
use serde::Serialize;

/// Who may read figures of an area.
pub(crate) const READERS: [Role; 4] =
    [Role::Officer, Role::ListMaker, Role::Approver, Role::Reader];

/// Figures of a month's list, in an area, row by row of something.
#[derive(Clone, Debug)]
pub struct Question {
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
    /// What a row is.
    pub by: By,
}

/// What a row of a board is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A benefit.
    Benefit,
    /// An area right below the one asked for.
    Area,
    /// A way of paying.
    Channel,
    /// A standard amount: the national one, and higher ones of provinces.
    Standard,
}

/// The month and area of a board whose rows are the areas right below.
#[derive(Clone, Debug)]
pub struct ByArea {
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
}

impl ByArea {
    pub(crate) fn question(&self) -> Question {
        Question {
            month: self.month,
            area: self.area.clone(),
            by: By::Area,
        }
    }
}

/// A row of a board by area.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct AreaRow<F> {
    /// Code of the area.
    pub area: String,
    /// Its full name.
    pub name: String,
    /// The figures.
    #[serde(flatten)]
    pub figures: F,
}

/// A list the figures come from.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Source {
    /// Code of the list's area; empty is the whole country.
    pub area: String,
    /// Whether it is approved; figures of a draft may still change.
    pub approved: bool,
    /// People with at least one line.
    pub people: i32,
    /// Đồng to pay.
    pub payable: kernel::Dong,
}

impl Question {
    /// Where, and from which lists; refuses whoever may not read the area. The figures kept of the
    /// month are up to date then.
    pub(crate) async fn sources(
        &self,
        office: &Office<'_>,
        actor: &Actor,
    ) -> Result<(Scope, Vec<Source>), Refused> {
        let scope = Scope::of(&self.area, self.month)?;
        access::require(actor, &READERS, &scope.area)?;
        let lists = overlapping(office.pool, &scope).await?;
        if lists.is_empty() {
            let (month, area) = (self.month, scope.area);
            return Err(Refused::NoList { month, area });
        }
        crate::kept::settle(office, self.month).await?;
        Ok((scope, lists.into_iter().map(Source::of).collect()))
    }
}

impl Source {
    fn of(list: Header) -> Source {
        Source {
            approved: list.is_approved(),
            area: list.area,
            people: list.people,
            payable: list.payable,
        }
    }
}

/// A scope as query parameters: everywhere, or codes and first days of its communes.
pub(crate) fn columns(scope: &Scope) -> (bool, Vec<String>, Vec<jiff_sqlx::Date>) {
    match scope.columns() {
        None => (true, Vec::new(), Vec::new()),
        Some((codes, since)) => (false, codes, since),
    }
}

/// The area right below the one asked for in which a commune lies in the month; a commune asked
/// for is its own row.
pub(crate) fn below(
    scope: &Scope,
    commune: &str,
    since: Option<Date>,
) -> Result<&'static Area, Refused> {
    let no_area = || Refused::Inconsistent(format!("no area {commune}"));
    let path = Areas::embedded().path_in(commune, since.ok_or_else(no_area)?, scope.month);
    let below = match path.iter().position(|area| area.code == scope.area) {
        Some(at) => path.get(at + 1).or(path.last()),
        None => path.first(),
    };
    below.copied().ok_or_else(no_area)
}

/// Figures of communes, added up to the areas right below the one asked for.
pub(crate) struct Sums<F> {
    rows: BTreeMap<&'static str, (&'static Area, F)>,
    total: F,
}

impl<F: AddAssign + Copy + Default> Sums<F> {
    pub(crate) fn new() -> Sums<F> {
        Sums {
            rows: BTreeMap::new(),
            total: F::default(),
        }
    }

    /// Counts a commune in: nobody is in two communes of one month.
    pub(crate) fn add(
        &mut self,
        scope: &Scope,
        commune: &str,
        since: Date,
        figures: F,
    ) -> Result<(), Refused> {
        let area = below(scope, commune, Some(since))?;
        let row = self.rows.entry(area.code);
        row.or_insert((area, F::default())).1 += figures;
        self.total += figures;
        Ok(())
    }

    /// The rows in order of code, and the sum of all, which is no one area's.
    pub(crate) fn finish<G>(
        self,
        shown: impl Fn(Option<&'static Area>, F) -> G,
    ) -> (Vec<AreaRow<G>>, G) {
        let rows = self.rows.into_values().map(|(area, figures)| AreaRow {
            area: area.code.to_owned(),
            name: area.full_name.clone(),
            figures: shown(Some(area), figures),
        });
        (rows.collect(), shown(None, self.total))
    }
}

/// A share in percent with two decimals, rounded half up: `50.83`. Of nothing it is `0.00`.
pub(crate) fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "0.00".to_owned();
    }
    let hundredths = (part * 20_000 + whole) / (2 * whole);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn shares_have_two_decimals() {
        assert_eq!(percent(43_973, 86_504), "50.83");
        assert_eq!(percent(43_018, 86_504), "49.73");
        assert_eq!(percent(1, 3), "33.33");
        assert_eq!(percent(2, 3), "66.67");
        assert_eq!(percent(5, 5), "100.00");
        assert_eq!(percent(0, 0), "0.00");
    }
}
