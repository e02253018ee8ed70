//! Invented provinces, drawn from a seed, in which every published figure comes out of the records.
//!
//! A scenario fixes how many people are in which circumstances ([`names()`], [`build`]). A [`Plan`]
//! lays their families out over real communes; [`Plan::invent`] makes the people one after the
//! other, and [`Plan::events`] tells what the registry hears of them, in two phases: what the
//! earlier system knew, and what happens in the month whose list is made. Nobody invented can be
//! mistaken for a real person: ID numbers begin with 999, telephone and account numbers are of
//! kinds that are not given out.

mod bac_kan;
mod cho_don;
mod circumstance;
mod decision;
mod dossiers;
mod events;
mod id_number;
mod invent;
mod kind;
mod month;
mod names;
mod payee;
mod person;
mod place;
mod plan;
mod quang_ngai;
mod random;
mod sa_dec;
mod sheet;
mod solve;
mod spec;
mod two_lists;
pub mod two_way;

use jiff::Timestamp;
use jiff::civil::{Date, time};
use jiff::tz::{Offset, TimeZone};
use kernel::Month;

pub use circumstance::Setting;
pub use dossiers::Online;
pub use id_number::{Malformed, invented as invented_id_number};
pub use kind::{Age, Kind, Turn};
pub use payee::Account;
pub use person::{Award, Ended, Identity, Invented, Note, Rest, When};
pub use place::District;
pub use plan::Plan;
pub use solve::{Due, due};
pub use spec::{IdentityFigures, Spec, Wishes};
pub use two_lists::{Counts, two_lists};

/// The most people one scenario can have: their serial numbers have six digits.
pub const MOST_PEOPLE: u32 = 960_000;

/// The fewest: every circumstance should occur.
pub const FEWEST_PEOPLE: u32 = 200;

/// Why a scenario is not built.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// No such scenario.
    #[error("không có bộ mẫu {0:?}; các bộ mẫu: {1}")]
    Unknown(String, String),
    /// Too many or too few people.
    #[error("số người {0} không hợp lệ: cần từ 200 đến 960.000")]
    People(u32),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Unknown(..) => "unknown_scenario",
            Refused::People(_) => "people_out_of_range",
        }
    }
}

/// Every scenario: its name, and what users read.
pub fn names() -> Vec<(&'static str, &'static str)> {
    all().iter().map(|spec| (spec.name, spec.title)).collect()
}

fn all() -> [Spec; 4] {
    [
        quang_ngai::spec(),
        sa_dec::spec(),
        bac_kan::spec(),
        cho_don::spec(),
    ]
}

/// Lays a scenario out: the same name, seed and number of people always give the same families.
/// With `people`, every figure is scaled in proportion.
///
/// # Errors
/// An unknown name, or a number of people that cannot be met.
pub fn build(name: &str, seed: u64, people: Option<u32>) -> Result<Plan, Refused> {
    let known = || {
        names()
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let spec = all().into_iter().find(|spec| spec.name == name);
    let spec = spec.ok_or_else(|| Refused::Unknown(name.to_owned(), known()))?;
    match people {
        Some(people) if !(FEWEST_PEOPLE..=MOST_PEOPLE).contains(&people) => {
            Err(Refused::People(people))
        }
        Some(people) => Ok(Plan::new(spec.scaled(people), seed)),
        None => Ok(Plan::new(spec, seed)),
    }
}

impl Plan {
    /// What the scenario fixes.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The month whose list is made.
    pub const fn month(&self) -> Month {
        self.spec.setting.month
    }

    /// [`Spec::recorded_at`].
    pub fn recorded_at(&self, phase: When) -> Timestamp {
        self.spec.recorded_at(phase)
    }
}

impl Spec {
    /// When the events of a phase are recorded: the evening before the earlier system hands over,
    /// and the evening before the list is made.
    pub fn recorded_at(&self, phase: When) -> Timestamp {
        evening(match phase {
            When::Before => self.setting.known_before,
            When::InMonth => self.setting.known,
        })
    }
}

fn evening(day: Date) -> Timestamp {
    let clock = day
        .to_datetime(time(17, 0, 0, 0))
        .to_zoned(TimeZone::fixed(Offset::constant(7)));
    clock.map(|zoned| zoned.timestamp()).unwrap_or_default()
}
