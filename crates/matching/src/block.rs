//! Which records are worth comparing: those that have something rare in common. What many have in
//! common (a surname, a commune) is no reason by itself.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use crate::field::Field;
use crate::people::{People, Person};

/// A reason that more records than this share is none.
const MOST_ALIKE: u32 = 400;

/// Which of two records that are compared a reason is of: the one held or the one looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Side {
    Held,
    Sought,
}

/// Reasons to compare a record, as numbers that equal reasons share.
fn reasons(person: Person<'_>, side: Side, mut take: impl FnMut(u64)) {
    let text = |field| person.of(field).as_bytes();
    let (given, surname, area) = (text(Field::Given), text(Field::Surname), text(Field::Area));
    let middle: &[u8] = match text(Field::Middle) {
        [] => b"-",
        middle => middle,
    };
    // A name whose parts stand in another order is the same name.
    let name = [given.min(surname), middle, given.max(surname)];
    let mut reason = |kind: u8, first: &[u8], parts: &[&[u8]]| {
        if !first.is_empty() && parts.iter().all(|part| !part.is_empty()) {
            take(number(kind, first, parts));
        }
    };
    reason(
        1,
        person
            .of(Field::IdNumber)
            .trim_start_matches('0')
            .as_bytes(),
        &[],
    );
    reason(2, text(Field::Phone), &[]);
    reason(3, given, &[surname, area]);
    if person.of(Field::Address).contains(' ') {
        reason(4, text(Field::Address), &[given]);
    }
    for number in 0..person.also() {
        reason(20 + number as u8, text(Field::Also(number)), &[given]);
    }
    let birth = person.birth();
    // Of somebody whose birth is not known, everybody of the name may be the same.
    let unborn = birth.year == 0;
    if unborn || side == Side::Held {
        reason(13, given, &name);
    }
    if unborn || side == Side::Sought {
        reason(14, given, &name);
    }
    if unborn {
        return;
    }
    let year = birth.year.to_be_bytes();
    reason(5, &year, &[given, area]);
    // Day and month may stand in each other's place.
    let (month, day) = (birth.month.min(birth.day), birth.month.max(birth.day));
    if birth.is_whole() {
        let whole = [year[0], year[1], month, day];
        reason(6, &whole, &[given]);
        reason(7, &whole, &[surname, middle]);
        reason(8, &whole, &[area]);
        reason(9, &[month, day], &name);
        reason(10, &[year[0], year[1], birth.month], &name);
    }
    // Of somebody whose year alone is known, everybody of the name and year may be the same.
    let vague = !birth.is_whole() || (birth.month, birth.day) == (1, 1);
    if vague || side == Side::Held {
        reason(11, &year, &name);
    }
    if vague || side == Side::Sought {
        reason(12, &year, &name);
    }
}

fn number(kind: u8, first: &[u8], parts: &[&[u8]]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u8(kind);
    for part in std::iter::once(&first).chain(parts) {
        hasher.write(part);
        hasher.write_u8(0);
    }
    hasher.finish()
}

/// Records by the reasons to compare them.
pub(crate) struct Index {
    /// Where the records of a reason stand in `records`, and how many they are.
    places: FxHashMap<u64, (u32, u32)>,
    records: Vec<u32>,
}

impl Index {
    pub(crate) fn of(people: &People) -> Index {
        let mut pairs: Vec<(u64, u32)> = Vec::with_capacity(people.len() * 9);
        for (at, person) in (0..).zip(people.iter()) {
            reasons(person, Side::Held, |reason| pairs.push((reason, at)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut places = FxHashMap::default();
        let mut records = Vec::with_capacity(pairs.len());
        for group in pairs.chunk_by(|one, other| one.0 == other.0) {
            let count = u32::try_from(group.len()).unwrap_or(u32::MAX);
            if count <= MOST_ALIKE {
                let start = u32::try_from(records.len()).expect("a slice has few records");
                places.insert(group[0].0, (start, count));
                records.extend(group.iter().map(|(_, at)| at));
            }
        }
        Index { places, records }
    }

    /// The records that share a reason with somebody, each once, in order.
    pub(crate) fn alike(&self, person: Person<'_>, into: &mut Vec<u32>) {
        into.clear();
        reasons(person, Side::Sought, |reason| {
            if let Some((start, count)) = self.places.get(&reason) {
                let (start, count) = (*start as usize, *count as usize);
                into.extend_from_slice(&self.records[start..start + count]);
            }
        });
        into.sort_unstable();
        into.dedup();
    }
}
