//! Linking, from two files to the pairs.

use std::io::Write;
use std::path::Path;

use crate::block::Index;
use crate::commonness::Commonness;
use crate::compare::compare;
use crate::field::Field;
use crate::input::List;
use crate::pair::{Answer, Found, Pair};
use crate::people::{People, Person, Written};
use crate::weights::{Patterns, Weights};
use crate::{Failure, Refused, assign};

/// Records of each list that weights are estimated from.
const SAMPLE: u32 = 200_000;
/// Pairs drawn at random.
const RANDOM_PAIRS: usize = 400_000;
/// What is needed whatever the lists hold: the sample, what is common, buffers.
const ALWAYS: u64 = 200 << 20;
/// What a record needs beside its texts: its place, its rarities, its reasons to be compared.
const BESIDE_TEXTS: u64 = 620;

/// How to link.
#[derive(Clone, Debug)]
pub struct Options {
    /// Pairs below this probability are not told.
    pub threshold: f64,
    /// Further columns compared as plain text.
    pub also: Vec<String>,
    /// Keep the best assignment: every record in at most one pair.
    pub one_to_one: bool,
    /// Bytes that may be used.
    pub memory: u64,
    /// One `id` in both lists is one record, not a pair: the left list is a part of the right one.
    pub one_register: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// Records of the left list.
    pub left: u32,
    /// Records of the right list; of the left again when there is one list.
    pub right: u32,
    /// Pairs told.
    pub pairs: u64,
    /// Rows left out.
    pub refused: Vec<Refused>,
}

/// Links the records of two lists, or finds those of one that are there twice, and writes the pairs
/// as CSV: `left_id,right_id,probability,why`, by left record in the order of its list, the
/// likeliest first. `progress` is told how many records of how many were gone through.
///
/// # Errors
/// [`Failure`]: a list cannot be read, or the answer not be written.
pub fn link(
    left: &Path,
    right: Option<&Path>,
    options: &Options,
    out: impl Write,
    progress: impl FnMut(u64, u64),
) -> Result<Linked, Failure> {
    let mut out = Some(out);
    let mut answer = None;
    let mut linked = run(left, right, options, false, progress, |pairs| {
        let answer: &mut Answer<_> = match (&mut answer, out.take()) {
            (Some(answer), _) => answer,
            (none, Some(out)) => none.insert(Answer::begin(out, &options.also)?),
            (None, None) => return Ok(()),
        };
        answer.write(pairs)
    })?;
    if let Some(answer) = answer {
        linked.pairs = answer.finish()?;
    }
    Ok(linked)
}

/// The same, told pair by pair with what each field weighs.
///
/// # Errors
/// [`Failure`]: a list cannot be read.
pub fn pairs(
    left: &Path,
    right: Option<&Path>,
    options: &Options,
    mut take: impl FnMut(Found),
) -> Result<Linked, Failure> {
    let mut count = 0;
    let mut linked = run(
        left,
        right,
        options,
        true,
        |_, _| {},
        |pairs| {
            count += pairs.len() as u64;
            pairs.into_iter().for_each(|pair| take(pair.found()));
            Ok(())
        },
    )?;
    linked.pairs = count;
    Ok(linked)
}

/// Hands the pairs over, slice by slice, at least once.
fn run(
    left: &Path,
    right: Option<&Path>,
    options: &Options,
    reasons: bool,
    mut progress: impl FnMut(u64, u64),
    mut answer: impl FnMut(Vec<Pair>) -> Result<(), Failure>,
) -> Result<Linked, Failure> {
    let also = &options.also;
    let lists = [
        List::open(left, also)?,
        List::open(right.unwrap_or(left), also)?,
    ];
    let mut linked = Linked::default();
    linked.left = lists[0].read(|_, _| true, |refused| linked.refused.push(refused))?;
    linked.right = match right {
        None => linked.left,
        Some(_) => lists[1].read(|_, _| true, |refused| linked.refused.push(refused))?,
    };
    let lists = Lists {
        left: &lists[0],
        right: &lists[1],
        counts: [linked.left, linked.right],
        same: right.is_none(),
        reasons,
        options,
    };
    let pairs = lists.pairs(&mut answer, &mut progress)?;
    let kept = match (options.one_to_one, lists.same) {
        (false, _) => pairs,
        (true, false) => assign::between_lists(pairs),
        (true, true) => assign::likeliest_first(pairs, true),
    };
    answer(kept)?;
    Ok(linked)
}

struct Lists<'a> {
    left: &'a List,
    right: &'a List,
    counts: [u32; 2],
    /// The two are one list.
    same: bool,
    /// Pairs are told with what each field weighs.
    reasons: bool,
    options: &'a Options,
}

impl Lists<'_> {
    /// Writes the pairs slice by slice, or returns them when they have to be seen together.
    fn pairs(
        &self,
        answer: &mut impl FnMut(Vec<Pair>) -> Result<(), Failure>,
        progress: &mut impl FnMut(u64, u64),
    ) -> Result<Vec<Pair>, Failure> {
        let samples = [self.sample(self.left, 0)?, self.sample(self.right, 1)?];
        let also = self.options.also.len();
        let commonness = if self.same {
            Commonness::of([&samples[0], &People::new(also)], also)
        } else {
            Commonness::of([&samples[0], &samples[1]], also)
        };
        let random = random_pairs(&samples, also);
        let size = self.slice_size(&samples[0])?;
        let [_, sample] = samples;
        let mut weights: Option<Weights> = None;
        let mut together = Vec::new();
        let slices = self.counts[0].div_ceil(size).max(1);
        for number in 0..slices {
            let people = self.slice(number * size, size)?;
            let index = Index::of(&people);
            let weights = weights.get_or_insert_with(|| {
                let candidates = self.candidates(&people, &index, &sample);
                let pairs = self.possible(people.len(), sample.len());
                Weights::estimate(&commonness, &random, &candidates, pairs, also)
            });
            let slice = Slice::of(people, index, weights, &commonness, also);
            let done = u64::from(number) * u64::from(self.counts[1]);
            let all = u64::from(slices) * u64::from(self.counts[1]);
            let pairs = self.of_slice(&slice, weights, |row| progress(done + row, all))?;
            if self.options.one_to_one {
                together.extend(pairs);
            } else {
                answer(pairs)?;
            }
        }
        Ok(together)
    }

    /// Records spread evenly over a list.
    fn sample(&self, list: &List, side: usize) -> Result<People, Failure> {
        let step = self.counts[side].div_ceil(SAMPLE).max(1);
        let mut people = People::new(self.options.also.len());
        let take = |row: u32, written: &Written<'_>| {
            if row.is_multiple_of(step) {
                people.push(row, written);
            }
            true
        };
        list.read(take, |_| {})?;
        Ok(people)
    }

    /// How many records of the left list may be held at once.
    fn slice_size(&self, sample: &People) -> Result<u32, Failure> {
        let room = self.options.memory.saturating_sub(ALWAYS);
        let each = sample.bytes() / (sample.len() as u64).max(1) + BESIDE_TEXTS;
        match u32::try_from(room / each).unwrap_or(u32::MAX) {
            0 => Err(Failure::TooLittleMemory(ALWAYS + each)),
            size => Ok(size.min(self.counts[0].max(1))),
        }
    }

    fn slice(&self, first: u32, size: u32) -> Result<People, Failure> {
        let mut people = People::new(self.options.also.len());
        let take = |row: u32, written: &Written<'_>| {
            if row >= first {
                people.push(row, written);
            }
            row + 1 < first.saturating_add(size)
        };
        self.left.read(take, |_| {})?;
        Ok(people)
    }

    /// Whether two records are a pair at all: each two of one list once, nobody with themselves.
    fn compares(&self, left: Person<'_>, right: Person<'_>) -> bool {
        (!self.same || left.row() < right.row())
            && !(self.options.one_register && left.id() == right.id())
    }

    /// Patterns of pairs that have something in common.
    fn candidates(&self, people: &People, index: &Index, sample: &People) -> Patterns {
        let mut patterns = Patterns::default();
        let mut alike = Vec::new();
        for person in sample.iter() {
            index.alike(person, &mut alike);
            for at in &alike {
                let other = people.get(*at as usize);
                if self.compares(other, person) {
                    let pattern = compare(other, person, self.options.also.len());
                    *patterns.entry(pattern).or_default() += 1;
                }
            }
        }
        patterns
    }

    /// How many pairs so many left and right records make.
    fn possible(&self, left: usize, right: usize) -> f64 {
        let all = left as f64 * right as f64;
        if self.same { all / 2.0 } else { all }.max(1.0)
    }

    fn of_slice(
        &self,
        slice: &Slice,
        weights: &Weights,
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<Pair>, Failure> {
        let threshold = self.options.threshold.clamp(1e-9, 1.0 - 1e-9);
        let least = (threshold / (1.0 - threshold)).log2() as f32;
        let mut pairs = Vec::new();
        let mut one = People::new(self.options.also.len());
        let mut alike = Vec::new();
        let each = |row: u32, written: &Written<'_>| {
            one.clear();
            one.push(row, written);
            let person = one.get(0);
            slice.index.alike(person, &mut alike);
            for at in alike.iter().map(|at| *at as usize) {
                let other = slice.people.get(at);
                if !self.compares(other, person) {
                    continue;
                }
                let pattern = compare(other, person, self.options.also.len());
                let score = weights.score(pattern, slice.rarity(at), &slice.fields);
                if score >= least {
                    let parts = match self.reasons {
                        true => weights.parts(pattern, slice.rarity(at), &slice.fields),
                        false => Vec::new(),
                    };
                    pairs.push(Pair {
                        left: other.row(),
                        right: row,
                        score,
                        pattern,
                        left_id: other.id().into(),
                        right_id: person.id().into(),
                        parts: parts.into(),
                    });
                }
            }
            if row.is_multiple_of(65_536) {
                progress(u64::from(row));
            }
            true
        };
        self.right.read(each, |_| {})?;
        Ok(pairs)
    }
}

/// Records of the left list with what is known of them beforehand.
struct Slice {
    people: People,
    index: Index,
    fields: Vec<Field>,
    rarities: Vec<f32>,
}

impl Slice {
    fn of(
        people: People,
        index: Index,
        weights: &Weights,
        commonness: &Commonness,
        also: usize,
    ) -> Slice {
        let fields: Vec<Field> = Field::all(also).collect();
        let mut rarities = Vec::with_capacity(people.len() * (fields.len() + 1));
        for person in people.iter() {
            commonness.rarity(person, &weights.means, &mut rarities);
        }
        Slice {
            people,
            index,
            fields,
            rarities,
        }
    }

    fn rarity(&self, at: usize) -> &[f32] {
        let count = self.fields.len() + 1;
        &self.rarities[at * count..(at + 1) * count]
    }
}

/// Patterns of pairs drawn at random, always the same of the same lists.
fn random_pairs(samples: &[People; 2], also: usize) -> Patterns {
    let [left, right] = samples;
    let mut patterns = Patterns::default();
    if left.len() == 0 || right.len() == 0 {
        return patterns;
    }
    // Steps of the golden ratio go through all remainders, far from each other.
    let mut state = 0_u64;
    let mut next = |below: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    };
    let count = RANDOM_PAIRS.min(left.len().saturating_mul(right.len()));
    for _ in 0..count {
        let (one, other) = (left.get(next(left.len())), right.get(next(right.len())));
        if one.id() != other.id() {
            *patterns.entry(compare(one, other, also)).or_default() += 1;
        }
    }
    patterns
}
