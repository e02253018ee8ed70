//! What a board is asked.

use kernel::{Actor, Month};
use payments::header::{Header, overlapping};
use payments::{Office, Refused};
use serde::Serialize;

use crate::reach::{Division, Reach};

pub(crate) use registry::sight::READERS;

/// Figures of a month's list, in an area, row by row of something.
#[derive(Clone, Debug)]
pub struct Question {
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty or `VN` is the whole country, `524@2025-06` a district or province of
    /// before the mergers.
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
    /// A district of before the mergers of July 2025.
    FormerDistrict,
    /// A province of before the mergers of July 2025.
    FormerProvince,
    /// A standard amount: the national one, and higher ones of provinces.
    Standard,
}

impl By {
    /// Every kind of row.
    pub const ALL: [By; 6] = [
        By::Benefit,
        By::Area,
        By::Channel,
        By::FormerDistrict,
        By::FormerProvince,
        By::Standard,
    ];

    /// What it is asked for by.
    pub const fn code(self) -> &'static str {
        match self {
            By::Benefit => "benefit",
            By::Area => "area",
            By::Channel => "channel",
            By::FormerDistrict => "former-district",
            By::FormerProvince => "former-province",
            By::Standard => "standard",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<By> {
        By::ALL.into_iter().find(|by| by.code() == code)
    }

    /// What a row by area is; `None` for rows of something else.
    pub const fn division(self) -> Option<Division> {
        match self {
            By::Area => Some(Division::Below),
            By::FormerDistrict => Some(Division::FormerDistrict),
            By::FormerProvince => Some(Division::FormerProvince),
            By::Benefit | By::Channel | By::Standard => None,
        }
    }
}

impl From<Division> for By {
    fn from(division: Division) -> By {
        match division {
            Division::Below => By::Area,
            Division::FormerDistrict => By::FormerDistrict,
            Division::FormerProvince => By::FormerProvince,
        }
    }
}

/// The month and area of a board whose rows are areas.
#[derive(Clone, Debug)]
pub struct ByArea {
    /// The month of the list.
    pub month: Month,
    /// Code of the area, as in [`Question`].
    pub area: String,
    /// What a row is.
    pub division: Division,
}

impl ByArea {
    pub(crate) fn question(&self) -> Question {
        Question {
            month: self.month,
            area: self.area.clone(),
            by: self.division.into(),
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
    ) -> Result<(Reach, Vec<Source>), Refused> {
        let reach = Reach::of(actor, &self.area, self.month)?;
        let lists = overlapping(office.pool, &reach.scope).await?;
        if lists.is_empty() {
            let (month, area) = (self.month, reach.scope.area);
            return Err(Refused::NoList { month, area });
        }
        crate::kept::settle(office, self.month).await?;
        Ok((reach, lists.into_iter().map(Source::of).collect()))
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

/// A share in percent with two decimals, rounded half up: `50.83`. Of nothing it is `0.00`.
pub fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "0.00".to_owned();
    }
    let (exact_part, exact_whole) = (i128::from(part), i128::from(whole));
    let hundredths = (exact_part * 20_000 + exact_whole) / (2 * exact_whole);
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
