//! Where an area of one era lies in a month of another.
//!
//! A month looks at areas as they are on its first day, as moves count from the month after. An
//! area that has ended by then is followed to its successors; one that has not yet begun (a person
//! entered under a new code, asked about an earlier month) stays itself and is counted where the
//! former area lay that it continues. So in every month every commune of every era lies in exactly
//! one province, and the lists of the provinces of a month part the people between them.

use jiff::civil::Date;

use super::areas::is_country;
use super::{Area, Areas, BEFORE_RECORDS, Level};
use crate::Month;

/// An area as a month sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// The area itself, or its successor.
    pub area: &'a Area,
    /// False when the old area was split and somebody has to say which part it is.
    pub confirmed: bool,
}

impl Areas {
    /// The area a stored commune is in the month: itself while it exists, and in months before it
    /// began; else its whole successor; else the likeliest of its parts, to be confirmed. `None`
    /// for a pair that names no area, and for a district that was dissolved into its communes.
    pub fn resolve(&self, code: &str, valid_from: Date, month: Month) -> Option<Resolved<'_>> {
        let index = self.index_of(self.get(code, valid_from)?)?;
        let (index, confirmed) = self.follow(index, Some(month.first_day()))?;
        Some(Resolved {
            area: self.area(index),
            confirmed,
        })
    }

    /// Whether the area lies in `outer` (or is it), in its own era or as things are after the last
    /// merger: what a role in an area may see. `""` and `VN` contain everything.
    pub fn contains(&self, outer: &str, area: &Area) -> bool {
        if is_country(outer) {
            return true;
        }
        let Some(index) = self.index_of(area) else {
            return false;
        };
        let now = self.follow(index, None).map(|(now, _)| now);
        self.is_inside(outer, index) || now.is_some_and(|now| self.is_inside(outer, now))
    }

    /// Whether the commune lies in `outer` (or is it) in the month. Other than
    /// [`Areas::contains`], exactly one province contains a commune in a month.
    pub fn contains_in(&self, outer: &str, code: &str, valid_from: Date, month: Month) -> bool {
        if is_country(outer) {
            return true;
        }
        let index = self
            .get(code, valid_from)
            .and_then(|area| self.index_of(area));
        index.is_some_and(|index| self.lies_in(outer, index, month.first_day()))
    }

    /// Every commune of every era (and every island district without communes) that lies in
    /// `code` in the month, as (code, valid_from): whose people a list of that area and month
    /// holds. Of `""` or `VN`, all.
    pub fn communes_under(&self, code: &str, month: Month) -> Vec<(&'static str, Date)> {
        let day = month.first_day();
        let inside = |index: usize| is_country(code) || self.lies_in(code, index as u32, day);
        let lowest = self.all.iter().enumerate().filter(|(_, area)| area.lowest);
        lowest
            .filter(|(index, _)| inside(*index))
            .map(|(_, area)| (area.code, area.valid_from))
            .collect()
    }

    /// The path of a commune in the month, province first: with districts before July 2025.
    pub fn path_in(&self, code: &str, valid_from: Date, month: Month) -> Vec<&Area> {
        let index = self
            .get(code, valid_from)
            .and_then(|area| self.index_of(area));
        let Some(index) = index else {
            return Vec::new();
        };
        let day = month.first_day();
        let mut path: Vec<&Area> = self
            .indices_around(index, day)
            .map(|index| self.area(index))
            .collect();
        path.reverse();
        path
    }

    /// The district of before the mergers of July 2025 in which the area lies or, when it began then,
    /// in which the area lay that it goes on. A district is its own; a province has none.
    pub fn former_district(&self, area: &Area) -> Option<&Area> {
        let index = self.index_of(area)?;
        let index = match area.valid_from {
            BEFORE_RECORDS => index,
            _ => self.former(index)?,
        };
        std::iter::successors(Some(index), |index| self.parents[*index as usize])
            .map(|index| self.area(index))
            .find(|area| area.level == Level::District)
    }

    /// The areas that were made of this one or of parts of it.
    pub fn successors(&self, area: &Area) -> impl Iterator<Item = &Area> {
        let index = self.index_of(area);
        let parts = self.changes.iter();
        let parts = parts.filter(move |change| Some(change.old) == index);
        parts.map(|change| self.area(change.new))
    }

    fn lies_in(&self, outer: &str, index: u32, day: Date) -> bool {
        self.indices_around(index, day)
            .any(|index| self.area(index).code == outer)
    }

    /// The area as the day sees it, and those around it, outwards.
    fn indices_around(&self, index: u32, day: Date) -> impl Iterator<Item = u32> {
        let (itself, around) = if self.area(index).valid_from > day {
            let former = self.former(index);
            let around = former.unwrap_or(index);
            (index, self.parents[around as usize])
        } else {
            let now = self.follow(index, Some(day)).map_or(index, |(now, _)| now);
            (now, self.parents[now as usize])
        };
        let outwards = std::iter::successors(around, |index| self.parents[*index as usize]);
        std::iter::once(itself).chain(outwards)
    }

    fn is_inside(&self, outer: &str, index: u32) -> bool {
        std::iter::successors(Some(index), |index| self.parents[*index as usize])
            .any(|index| self.area(index).code == outer)
    }

    fn former(&self, index: u32) -> Option<u32> {
        let found = self.formers.binary_search_by_key(&index, |(new, _)| *new);
        found.ok().map(|at| self.formers[at].1)
    }

    /// Successor after successor until one has not ended by the day (`None`: the last of all).
    fn follow(&self, index: u32, day: Option<Date>) -> Option<(u32, bool)> {
        let (mut index, mut confirmed) = (index, true);
        while let Some(last) = self.area(index).valid_to {
            if day.is_some_and(|day| day <= last) {
                break;
            }
            let first = self.changes.partition_point(|change| change.old < index);
            let mut parts = self.changes[first..]
                .iter()
                .take_while(|change| change.old == index);
            let likeliest = parts.find(|change| change.likeliest)?;
            confirmed &= likeliest.whole;
            index = likeliest.new;
        }
        Some((index, confirmed))
    }
}
