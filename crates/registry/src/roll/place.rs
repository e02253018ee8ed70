//! Communes as stored rows name them, looked up once each.

use std::collections::{HashMap, HashSet};
use std::fmt::{Display, Write};

use jiff::civil::{Date, date};
use kernel::area::{Area, Areas};
use kernel::{Month, PersonId, ProvinceCode};

use crate::timeline::counts_from;

use super::counting;

/// The one day on which communes changed hands so far.
const MERGERS: Date = date(2025, 7, 1);

/// Whose people are read: those of the communes of an area in a month, or some by number.
#[derive(Clone, Debug)]
pub struct Communes(Whom);

#[derive(Clone, Debug)]
enum Whom {
    Everybody,
    Inside(HashSet<(&'static str, Date)>),
    EverInside(HashSet<(&'static str, Date)>),
    People(Vec<PersonId>),
}

impl Communes {
    /// The whole country.
    pub const fn everywhere() -> Communes {
        Communes(Whom::Everybody)
    }

    /// Of the area in the month; `""` or `VN` is the whole country.
    pub fn of(area: &str, month: Month) -> Communes {
        if area.is_empty() || area == "VN" {
            return Communes::everywhere();
        }
        Communes::exactly(Areas::embedded().communes_under(area, month))
    }

    /// Exactly these, by code and first day.
    pub fn exactly(communes: impl IntoIterator<Item = (&'static str, Date)>) -> Communes {
        Communes(Whom::Inside(communes.into_iter().collect()))
    }

    /// Whoever ever lived in the area as it is in one of the months, wherever they live now.
    pub fn ever_of(area: &str, months: &[Month]) -> Communes {
        if area.is_empty() || area == "VN" {
            return Communes::everywhere();
        }
        let areas = Areas::embedded();
        let communes = months
            .iter()
            .flat_map(|month| areas.communes_under(area, *month));
        Communes(Whom::EverInside(communes.collect()))
    }

    /// Wherever these people live.
    pub fn of_people(people: &[PersonId]) -> Communes {
        Communes(Whom::People(people.to_vec()))
    }

    pub(super) fn contains(&self, area: &Area) -> bool {
        match &self.0 {
            Whom::Inside(communes) => communes.contains(&(area.code, area.valid_from)),
            Whom::Everybody | Whom::EverInside(_) | Whom::People(_) => true,
        }
    }

    /// A condition on `person_id`: whoever ever lived there. Codes and days come from the table of
    /// areas built into the program, so they may be written into the statement.
    pub(super) fn condition(&self, person_id: &str) -> String {
        match &self.0 {
            Whom::Everybody => "true".to_owned(),
            Whom::People(people) => among(person_id, people.iter()),
            Whom::Inside(communes) | Whom::EverInside(communes) => {
                let pairs = communes
                    .iter()
                    .map(|(code, from)| format!("('{code}', date '{from}')"));
                let there = among("(area_code, area_valid_from)", pairs);
                format!("{person_id} in (select person_id from residence where {there})")
            }
        }
    }

    /// A condition on `person_id` by the events: whoever was ever said to live there, even if that
    /// was cancelled. Codes come from the table of areas built into the program.
    pub fn condition_in_events(&self) -> String {
        match &self.0 {
            Whom::Everybody | Whom::People(_) => self.condition("person_id"),
            Whom::Inside(communes) | Whom::EverInside(communes) => {
                let codes = communes.iter().map(|(code, _)| format!("'{code}'"));
                let there = among("body->>'area'", codes);
                format!(
                    "person_id in (select person_id from event \
                     where kind in ('person_registered', 'person_corrected', 'moved') and {there})"
                )
            }
        }
    }
}

/// `what in (…)`, false for nothing.
fn among(what: &str, values: impl Iterator<Item = impl Display>) -> String {
    let mut list = String::new();
    for value in values {
        let comma = if list.is_empty() { "" } else { "," };
        // Writing into a string does not fail.
        let _ = write!(list, "{comma}{value}");
    }
    if list.is_empty() {
        "false".to_owned()
    } else {
        format!("{what} in ({list})")
    }
}

/// A commune with what a month asks of it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub area: &'static Area,
    /// As it is in the month read for.
    now: &'static Area,
    confirmed: bool,
    /// Province before and since the mergers.
    provinces: [ProvinceCode; 2],
}

/// Every commune met so far.
pub(super) struct Places {
    areas: &'static Areas,
    month: Month,
    met: HashMap<(u32, Date), Place>,
}

impl Places {
    pub(super) fn new(month: Month) -> Places {
        Places {
            areas: Areas::embedded(),
            month,
            met: HashMap::new(),
        }
    }

    /// The commune with a stored code and first day.
    pub(super) fn get(&mut self, code: &str, valid_from: Date) -> Option<Place> {
        // Codes are digits; a one in front keeps their leading zeros apart.
        let digits = code.bytes().try_fold(1_u32, |number, digit| {
            number
                .checked_mul(10)?
                .checked_add(u32::from(digit.checked_sub(b'0')?))
        })?;
        if let Some(place) = self.met.get(&(digits, valid_from)) {
            return Some(*place);
        }
        let place = self.look_up(self.areas.get(code, valid_from)?)?;
        self.met.insert((digits, valid_from), place);
        Some(place)
    }

    fn look_up(&self, area: &'static Area) -> Option<Place> {
        let (code, from) = (area.code, area.valid_from);
        let mergers = Month::of(MERGERS);
        let province = |month| {
            let path = self.areas.path_in(code, from, month);
            path.first().and_then(|area| ProvinceCode::parse(area.code))
        };
        let now = self.areas.resolve(code, from, self.month);
        Some(Place {
            area,
            now: now.map_or(area, |now| now.area),
            confirmed: now.is_none_or(|now| now.confirmed),
            provinces: [province(mergers.previous())?, province(mergers)?],
        })
    }

    /// The commune whose list pays in the month read for, and whether that is confirmed.
    pub(super) fn commune(&mut self, lived: &[(Date, &'static Area)]) -> (&'static Area, bool) {
        let area = counting(lived, self.month);
        match self.get(area.code, area.valid_from) {
            Some(place) => (place.now, place.confirmed),
            None => (area, true),
        }
    }

    /// Provinces over time, each from a month; the first also holds before.
    pub(super) fn provinces(
        &mut self,
        lived: &[(Date, &'static Area)],
        into: &mut Vec<(Month, ProvinceCode)>,
    ) {
        into.clear();
        let mergers = Month::of(MERGERS);
        for (at, (since, area)) in lived.iter().enumerate() {
            let Some(place) = self.get(area.code, area.valid_from) else {
                continue;
            };
            let from = if at == 0 {
                Month::MIN
            } else {
                counts_from(*since)
            };
            let next = lived
                .get(at + 1)
                .map_or(Month::MAX, |(next, _)| counts_from(*next));
            let [before, after] = place.provinces;
            let mut push = |from: Month, province| {
                // Two moves in one month: only the last of them counts.
                while into.last().is_some_and(|(earlier, _)| *earlier >= from) {
                    into.pop();
                }
                if into.last().is_none_or(|(_, last)| *last != province) {
                    into.push((from, province));
                }
            };
            if from < mergers {
                push(from, before);
            }
            if next > mergers {
                push(from.max(mergers), after);
            }
        }
    }
}
