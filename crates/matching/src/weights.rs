//! What agreement and disagreement weigh, estimated from the lists themselves (Fellegi and Sunter
//! 1969). Two records are of one person, of two people of one household, or of two strangers.
//! How often strangers agree is counted in pairs drawn at random. How often one person's records
//! agree, and what people of one household share, is estimated by expectation and maximisation over
//! the pairs that have something in common; the others are taken for strangers.

use rustc_hash::FxHashMap;

use crate::commonness::Commonness;
use crate::field::{Field, LEVELS, Level, Pattern};

/// Rounds of estimation; after these nothing moves any more.
const ROUNDS: usize = 40;
/// What is taken to be known before anything is counted, in pairs.
const BELIEVED: f64 = 4.0;
/// No level is impossible.
const LEAST: f64 = 1e-5;

/// How often each pattern occurred.
pub(crate) type Patterns = FxHashMap<Pattern, u32>;

/// The chances of each level of one field.
type Chances = [f64; LEVELS];

const SAME: usize = Level::Same as usize;

/// Weights of one kind of pair against another, in powers of two.
struct Scale {
    /// The odds that any two records are of the one kind and not the other.
    prior: f32,
    bits: Vec<[f32; LEVELS]>,
}

/// What each level of each field weighs.
pub(crate) struct Weights {
    /// One person against two strangers; for agreement without how common the value is, which comes
    /// from the record.
    strangers: Scale,
    /// One person against two of a household, likewise for what a household does not share.
    household: Scale,
    /// For each field, how common its values are on average.
    pub(crate) means: Vec<f32>,
}

/// The chances of every level of every field, for each kind of pair.
struct Kinds {
    fields: Vec<Field>,
    one: Vec<Chances>,
    household: Vec<Chances>,
    strangers: Vec<Chances>,
    /// The share of pairs that are one person, and one household.
    shares: [f64; 2],
}

impl Weights {
    /// From patterns of pairs drawn at random, of pairs that have something in common, and of how
    /// many pairs the latter are all.
    pub(crate) fn estimate(
        commonness: &Commonness,
        random: &Patterns,
        candidates: &Patterns,
        pairs: f64,
        also: usize,
    ) -> Weights {
        let fields: Vec<Field> = Field::all(also).collect();
        let of_strangers = |field: &Field| of_strangers(*field, commonness, random);
        let strangers: Vec<Chances> = fields.iter().map(of_strangers).collect();
        let mut kinds = Kinds {
            one: fields.iter().map(|field| believed(*field)).collect(),
            household: fields
                .iter()
                .zip(&strangers)
                .map(|(field, strangers)| in_household(*field).unwrap_or(*strangers))
                .collect(),
            strangers,
            fields,
            shares: [(1.0 / pairs).min(0.3); 2],
        };
        for _ in 0..ROUNDS {
            kinds.learn(candidates, pairs);
        }
        Weights {
            strangers: kinds.scale(
                &kinds.strangers,
                1.0 - kinds.shares[0] - kinds.shares[1],
                |_| false,
            ),
            household: kinds.scale(&kinds.household, kinds.shares[1], is_shared),
            means: kinds
                .strangers
                .iter()
                .map(|it| it[SAME].log2() as f32)
                .collect(),
        }
    }

    /// The odds that a pair is one person, in powers of two. `rarity` is what
    /// [`Commonness::rarity`] says of one of the two records.
    pub(crate) fn score(&self, pattern: Pattern, rarity: &[f32], fields: &[Field]) -> f32 {
        let (mut strangers, mut household) = (self.strangers.prior, self.household.prior);
        for field in fields {
            let [of_strangers, of_household] = self.weigh(*field, pattern, rarity);
            strangers += of_strangers;
            household += of_household;
        }
        if pattern.has_one_name() {
            strangers -= rarity[fields.len()];
        }
        // One over the sum of the odds against.
        let (less, more) = (strangers.min(household), strangers.max(household));
        less - (1.0 + (less - more).exp2()).log2()
    }

    /// What each field adds to the score, against the likelier of the two other explanations: strangers, or
    /// people of one household. That a whole name is more common than its parts belongs to the given name.
    pub(crate) fn parts(&self, pattern: Pattern, rarity: &[f32], fields: &[Field]) -> Vec<f32> {
        let mut parts: Vec<[f32; 2]> = fields
            .iter()
            .map(|field| self.weigh(*field, pattern, rarity))
            .collect();
        if pattern.has_one_name() {
            parts[Field::Given.place()][0] -= rarity[fields.len()];
        }
        let sum = |kind: usize| parts.iter().map(|part| part[kind]).sum::<f32>();
        let strangers = self.strangers.prior + sum(0);
        let household = self.household.prior + sum(1);
        let likelier = usize::from(household < strangers);
        parts.iter().map(|part| part[likelier]).collect()
    }

    /// What a field weighs against strangers, and against people of one household.
    fn weigh(&self, field: Field, pattern: Pattern, rarity: &[f32]) -> [f32; 2] {
        let (at, level) = (field.place(), pattern.telling(field));
        let mut strangers = self.strangers.bits[at][level as usize];
        let mut household = self.household.bits[at][level as usize];
        if level == Level::Same {
            strangers -= rarity[at];
            if !is_shared(field) {
                household -= rarity[at];
            }
        }
        [strangers, household]
    }
}

impl Kinds {
    /// Sorts every pair by how likely it is of each kind, and counts anew.
    fn learn(&mut self, candidates: &Patterns, pairs: f64) {
        let mut found = [0.0; 2];
        let mut counts = [
            vec![[0.0; LEVELS]; self.fields.len()],
            vec![[0.0; LEVELS]; self.fields.len()],
        ];
        let mut marks = [0.0; LEVELS];
        for (pattern, count) in candidates {
            let likely = self.likely(*pattern).map(|share| share * f64::from(*count));
            for (kind, share) in likely.into_iter().enumerate() {
                found[kind] += share;
                for field in &self.fields {
                    counts[kind][field.place()][pattern.get(*field) as usize] += share;
                }
            }
            marks[pattern.get(Field::Marks) as usize] += f64::from(*count) - likely[0];
        }
        for field in &self.fields {
            let at = field.place();
            self.one[at] = smoothed(&counts[0][at], &believed(*field));
            if let Some(believed) = in_household(*field) {
                self.household[at] = smoothed(&counts[1][at], &believed);
            }
        }
        // Diacritics are compared only where the letters agree, which random pairs do not.
        let of_marks = smoothed(&marks, &[0.0, 0.5, LEAST, LEAST, LEAST, 0.5]);
        self.strangers[Field::Marks.place()] = of_marks;
        self.household[Field::Marks.place()] = of_marks;
        self.shares = found.map(|found| (found.max(0.5) / pairs).min(0.3));
    }

    /// How likely a pair is one person, and one household.
    fn likely(&self, pattern: Pattern) -> [f64; 2] {
        let [mut one, mut household] = self.shares;
        let mut strangers = 1.0 - one - household;
        for field in &self.fields {
            let (at, level) = (field.place(), pattern.telling(*field) as usize);
            if level != Level::Missing as usize {
                one *= self.one[at][level];
                household *= self.household[at][level];
                strangers *= self.strangers[at][level];
            }
        }
        let all = one + household + strangers;
        [one / all, household / all]
    }

    /// One person against another kind, of which a share of all pairs is. `keeps` says of which
    /// fields agreement has one chance whatever the value.
    fn scale(&self, other: &[Chances], share: f64, keeps: fn(Field) -> bool) -> Scale {
        let bits = self.fields.iter().map(|field| {
            let (one, other) = (&self.one[field.place()], &other[field.place()]);
            let mut bits = [0.0; LEVELS];
            for level in Level::TELLING {
                let at = level as usize;
                bits[at] = (one[at] / other[at]).log2() as f32;
            }
            if !keeps(*field) {
                bits[SAME] = one[SAME].log2() as f32;
            }
            bits
        });
        Scale {
            prior: (self.shares[0] / share).log2() as f32,
            bits: bits.collect(),
        }
    }
}

/// Whether people of one household share it.
const fn is_shared(field: Field) -> bool {
    in_household(field).is_some()
}

/// What people of one household share, before any were seen.
const fn in_household(field: Field) -> Option<Chances> {
    match field {
        Field::Area | Field::Address => Some([0.0, 0.8, 0.1, 0.05, LEAST, 0.05]),
        Field::Ethnicity => Some([0.0, 0.95, LEAST, LEAST, LEAST, 0.05]),
        Field::Surname => Some([0.0, 0.5, 0.05, 0.05, 0.01, 0.39]),
        Field::Phone => Some([0.0, 0.2, 0.01, 0.01, LEAST, 0.78]),
        // Twins.
        Field::Birth => Some([0.0, 0.005, 0.005, 0.03, 0.001, 0.959]),
        _ => None,
    }
}

/// The levels two records of one person have before any were seen.
const fn believed(field: Field) -> Chances {
    match field {
        Field::Sex | Field::Ethnicity | Field::Marks => [0.0, 0.95, 0.01, 0.01, 0.01, 0.05],
        Field::Area | Field::Address | Field::Phone => [0.0, 0.6, 0.1, 0.1, 0.01, 0.2],
        _ => [0.0, 0.88, 0.05, 0.02, 0.01, 0.04],
    }
}

/// The levels two strangers have: how often they agree is known from all values, the rest from
/// pairs drawn at random.
fn of_strangers(field: Field, commonness: &Commonness, random: &Patterns) -> Chances {
    let mut counts = [0.0; LEVELS];
    for (pattern, count) in random {
        counts[pattern.get(field) as usize] += f64::from(*count);
    }
    let even = [0.0, 0.0, 0.1, 0.1, 0.1, 0.7];
    counts[SAME] = 0.0;
    let mut chances = smoothed(&counts, &even);
    let agreement = commonness.agreement(field);
    for chance in &mut chances {
        *chance *= 1.0 - agreement;
    }
    chances[SAME] = agreement;
    chances
}

/// Counts as chances, with what is believed counting as a few pairs; the missing are left out.
fn smoothed(counts: &Chances, believed: &Chances) -> Chances {
    let total: f64 = counts[1..].iter().sum::<f64>() + BELIEVED;
    let mut chances = [0.0; LEVELS];
    for level in Level::TELLING {
        let at = level as usize;
        chances[at] = ((counts[at] + BELIEVED * believed[at]) / total).max(LEAST);
    }
    chances
}

/// Odds in powers of two as a probability.
pub(crate) fn probability(score: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(score)).exp2())
}
