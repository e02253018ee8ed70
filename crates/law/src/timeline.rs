//! Things that are true from a month on, until the next entry takes over.

use kernel::Month;

use crate::glance::Glance;

/// Entries by first month, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<T>(Vec<(Month, T)>);

impl<T> Default for Timeline<T> {
    fn default() -> Timeline<T> {
        Timeline(Vec::new())
    }
}

impl<T> Timeline<T> {
    /// From entries in any order; of two with the same first month the later one replaces the
    /// earlier.
    pub(crate) fn new(entries: impl IntoIterator<Item = (Month, T)>) -> Timeline<T> {
        let mut all: Vec<(Month, T)> = Vec::new();
        for (from, entry) in entries {
            match all.binary_search_by_key(&from, |(month, _)| *month) {
                Ok(place) => all[place].1 = entry,
                Err(place) => all.insert(place, (from, entry)),
            }
        }
        Timeline(all)
    }

    /// The entry that governs the month.
    pub(crate) fn at(&self, glance: &mut Glance) -> Option<&T> {
        let mut governing = None;
        for (from, entry) in &self.0 {
            if !glance.reached(*from) {
                break;
            }
            governing = Some(entry);
        }
        governing
    }

    /// The months in which an entry takes over.
    pub(crate) fn months(&self) -> impl Iterator<Item = Month> {
        self.0.iter().map(|(from, _)| *from)
    }

    /// The first month of all and its entry.
    pub(crate) fn first(&self) -> Option<&(Month, T)> {
        self.0.first()
    }
}
