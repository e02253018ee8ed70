//! Communes as stored rows name them, looked up once each.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use jiff::civil::{Date, date};
use kernel::area::{Area, Areas};
use kernel::{Month, ProvinceCode};

use crate::timeline::counts_from;

use super::counting;

/// The one day on which communes changed hands so far.
const MERGERS: Date = date(2025, 7, 1);

/// The communes of an area in a month, of every era.
#[derive(Clone, Debug)]
pub struct Communes(Option<HashSet<(&'static str, Date)>>);

impl Communes {
    /// The whole country.
    pub const fn everywhere() -> Communes {
        Communes(None)
    }

    /// Of the area in the month; `""` or `VN` is the whole country.
    pub fn of(area: &str, month: Month) -> Communes {
        if area.is_empty() || area == "VN" {
            return Communes::everywhere();
        }
        let inside = Areas::embedded().communes_under(area, month);
        Communes(Some(inside.into_iter().collect()))
    }

    /// Exactly these, by code and first day.
    pub fn exactly(communes: impl IntoIterator<Item = (&'static str, Date)>) -> Communes {
        Communes(Some(communes.into_iter().collect()))
    }

    pub(super) fn contains(&self, area: &Area) -> bool {
        self.0
            .as_ref()
            .is_none_or(|inside| inside.contains(&(area.code, area.valid_from)))
    }

    /// A condition on `person_id`: whoever ever lived there. Codes and days come from the table of
    /// areas built into the program, so they may be written into the statement.
    pub(super) fn condition(&self, person_id: &str) -> String {
        let Some(inside) = &self.0 else {
            return "true".to_owned();
        };
        let mut pairs = String::new();
        for (code, from) in inside {
            let comma = if pairs.is_empty() { "" } else { "," };
            // Writing into a string does not fail.
            let _ = write!(pairs, "{comma}('{code}', date '{from}')");
        }
        if pairs.is_empty() {
            return "false".to_owned();
        }
        format!(
            "{person_id} in (select person_id from residence \
             where (area_code, area_valid_from) in ({pairs}))"
        )
    }

    /// The same by the events: whoever was ever said to live there, even if that was cancelled.
    pub(super) fn condition_in_events(&self) -> String {
        let Some(inside) = &self.0 else {
            return "true".to_owned();
        };
        let codes: Vec<String> = inside.iter().map(|(code, _)| format!("'{code}'")).collect();
        if codes.is_empty() {
            return "false".to_owned();
        }
        format!(
            "person_id in (select person_id from event \
             where kind in ('person_registered', 'person_corrected', 'moved') \
             and body->>'area' in ({}))",
            codes.join(",")
        )
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
