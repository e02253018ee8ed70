//! How common values are: two people called Nguyễn say little, two called Đèo much.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::field::{FIXED, Field};
use crate::people::{People, Person};

/// How often each value of each field occurs in a sample of both lists.
pub(crate) struct Commonness {
    fields: Vec<Values>,
    names: Values,
}

#[derive(Default)]
struct Values {
    /// Only those that occur more than once.
    counts: FxHashMap<u64, u32>,
    known: u32,
}

impl Values {
    fn of(values: impl Iterator<Item = u64>) -> Values {
        let mut all = Values::default();
        for value in values {
            *all.counts.entry(value).or_default() += 1;
            all.known += 1;
        }
        all.counts.retain(|_, count| *count > 1);
        all.counts.shrink_to_fit();
        all
    }

    /// The chance, in powers of two, that somebody else has the value.
    fn share(&self, value: u64) -> f32 {
        let count = self.counts.get(&value).copied().unwrap_or(1);
        // One of them may be the person's own record in the other list.
        let others = (f64::from(count) - 1.0).max(0.5);
        (others / f64::from(self.known.max(1))).log2() as f32
    }
}

impl Commonness {
    pub(crate) fn of(samples: [&People; 2], also: usize) -> Commonness {
        let people = || samples.iter().flat_map(|people| people.iter());
        let values = |field| Values::of(people().filter_map(|person| person.value(field)));
        Commonness {
            fields: Field::all(also).map(values).collect(),
            names: Values::of(people().map(whole_name)),
        }
    }

    /// The chance that two different people agree in the field.
    pub(crate) fn agreement(&self, field: Field) -> f64 {
        let values = &self.fields[field.place()];
        let known = f64::from(values.known).max(2.0);
        let pairs: f64 = values
            .counts
            .values()
            .map(|count| f64::from(*count) * f64::from(count - 1))
            .sum();
        (pairs / (known * (known - 1.0))).clamp(1.0 / (known * known), 0.999)
    }

    /// For every field of a person the chance, in powers of two, that somebody else has the same
    /// value; missing values have the field's mean. Behind them, by how much the whole name is more
    /// common than its parts let expect: of a people whose names are their own.
    pub(crate) fn rarity(&self, person: Person<'_>, means: &[f32], into: &mut Vec<f32>) {
        let mut parts = 0.0;
        for field in Field::all(self.fields.len() - FIXED) {
            let value = person.value(field);
            let share = value.map(|value| self.fields[field.place()].share(value));
            if matches!(field, Field::Given | Field::Surname | Field::Middle) {
                parts += share.unwrap_or_default();
            }
            into.push(share.unwrap_or(means[field.place()]));
        }
        let whole = self.names.share(whole_name(person));
        into.push((whole - parts).max(0.0));
    }
}

fn whole_name(person: Person<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    for field in [Field::Surname, Field::Middle, Field::Given] {
        person.value(field).hash(&mut hasher);
    }
    hasher.finish()
}
