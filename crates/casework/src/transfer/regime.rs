//! How long the two places of a move may take, and which moves stay inside the area that pays: by
//! the law of the day.

use std::sync::OnceLock;

use jiff::civil::Date;
use kernel::area::{Area, Areas};
use serde::Deserialize;

use crate::deadline::last_day;

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/transfers.toml"
));

/// What the law of a period says of moves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    from: Date,
    to: Option<Date>,
    /// The articles.
    pub law: String,
    /// Whose area a move must leave to be a transfer.
    paid_by: Payer,
    /// Whether somebody still has to compare it with the gazette.
    pub verify: bool,
    /// In order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// The level that pays.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Payer {
    District,
    Commune,
}

/// Where something is to be done.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Where the person lived.
    Old,
    /// Where the person lives now.
    New,
}

/// A part of the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Who has it to do.
    pub place: Place,
    /// What users see.
    pub name: String,
    /// Working days.
    pub days: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    regime: Vec<Regime>,
}

fn all() -> &'static [Regime] {
    static ALL: OnceLock<Vec<Regime>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(FILE).expect("the tests of this module read the same file");
        file.regime
    })
}

/// What holds on the day; of days before the first known law, that law.
pub fn on(day: Date) -> &'static Regime {
    let holds = |regime: &&Regime| regime.from <= day && regime.to.is_none_or(|to| day <= to);
    let found = all().iter().find(holds);
    found.unwrap_or_else(|| {
        all()
            .first()
            .expect("the file has regimes, as its test holds")
    })
}

impl Regime {
    /// The last day of a place that began on a day; `None` where the calendar ends.
    pub fn last_day(&self, place: Place, begun: Date) -> Option<Date> {
        let steps = self.steps.iter().filter(|step| step.place == place);
        last_day(begun, steps.map(|step| step.days).sum(), &[])
    }
}

/// Whether one office pays at both places on the day.
pub fn same_payer(from: &Area, to: &Area, day: Date) -> bool {
    let same =
        |one: &Area, other: &Area| (one.code, one.valid_from) == (other.code, other.valid_from);
    if same(from, to) {
        return true;
    }
    let areas = Areas::embedded();
    match on(day).paid_by {
        Payer::Commune => false,
        Payer::District => {
            let district = |area| areas.path(area).get(1).copied();
            let (one, other) = (district(from), district(to));
            one.zip(other).is_some_and(|(one, other)| same(one, other))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::area::Areas;

    use super::{Place, all, on, same_payer};

    #[test]
    fn regimes_follow_each_other_and_name_both_places() {
        for pair in all().windows(2) {
            let next = pair[0].to.and_then(|to| to.tomorrow().ok());
            assert_eq!(next, Some(pair[1].from));
        }
        for regime in all() {
            for place in [Place::Old, Place::New] {
                assert!(regime.steps.iter().any(|step| step.place == place));
            }
        }
        // Friday: the new place has eight working days.
        let answer = on(date(2024, 6, 7)).last_day(Place::New, date(2024, 6, 7));
        assert_eq!(answer, Some(date(2024, 6, 19)));
    }

    #[test]
    fn districts_paid_until_june_2025() {
        let areas = Areas::embedded();
        let of = |code, day| areas.on(code, day).expect("an area");
        let day = date(2024, 5, 6);
        // Two wards of Thành phố Quảng Ngãi; Xã Tịnh Thọ lies in another district.
        let (one, other) = (of("21172", day), of("21010", day));
        assert!(same_payer(one, other, day));
        assert!(!same_payer(one, of("21175", day), day));
        let since = date(2025, 8, 1);
        let (one, other) = (of("21172", since), of("21025", since));
        assert!(same_payer(one, one, since) && !same_payer(one, other, since));
    }
}
