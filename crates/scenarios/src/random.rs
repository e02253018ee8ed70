//! Chance that can be repeated: SplitMix64 (Steele, Lea, Flood 2014), seeded by what is drawn.
//!
//! Every family has a generator of its own, seeded by the scenario's seed and the family's number.
//! So a family stays the same when families before it change, and people can be made one by one,
//! in any order, without keeping them.

use jiff::ToSpan;
use jiff::civil::Date;

/// A stream of numbers that depends on its seed alone, on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The stream for one thing: `seed` of the scenario, then what distinguishes the thing.
    pub fn new(seed: u64, thing: &[u64]) -> Random {
        let mut stream = Random(seed);
        for part in thing {
            let mixed = stream.next_number() ^ part.wrapping_mul(STEP);
            stream = Random(mixed);
        }
        stream
    }

    /// The next 64 bits.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, but not, `limit`; 0 when the limit is 0. The bias is below 2⁻³².
    pub fn below(&mut self, limit: u32) -> u32 {
        (((self.next_number() >> 32) * u64::from(limit)) >> 32) as u32
    }

    /// A number from `first` to `last`, both included; `first` when the span is empty.
    pub fn between(&mut self, first: i32, last: i32) -> i32 {
        let span = u32::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(1);
        first + self.below(span) as i32
    }

    /// True so many times in a thousand.
    pub fn per_mille(&mut self, times: u32) -> bool {
        self.below(1000) < times
    }

    /// One of several; `None` of nothing.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        among.get(self.below(among.len() as u32) as usize)
    }

    /// One of several, as often as its weight says; `None` when all weights are 0.
    pub fn weighted<'a, T>(&mut self, among: &'a [(T, u32)]) -> Option<&'a T> {
        let total = among.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(total);
        among.iter().find_map(|(thing, weight)| {
            if left < *weight {
                return Some(thing);
            }
            left -= weight;
            None
        })
    }

    /// A day from `first` to `last`, both included; `first` when the span is empty.
    pub fn day(&mut self, first: Date, last: Date) -> Date {
        let days = (last - first).get_days();
        let ahead = self.between(0, days);
        first.checked_add(ahead.days()).unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn gives_the_published_numbers() {
        // First outputs of the reference implementation for the seed 1234567.
        let mut stream = Random(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| stream.next_number()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn weights_are_kept() {
        let mut stream = Random::new(1, &[2, 3]);
        let drawn =
            (0..10_000).filter(|_| stream.weighted(&[(true, 380), (false, 620)]) == Some(&true));
        let drawn = drawn.count();
        assert!((3_600..4_000).contains(&drawn), "{drawn}");
        assert_eq!(stream.weighted(&[('a', 0)]), None);
        assert!((0..100).all(|_| (5..=7).contains(&stream.between(5, 7))));
    }
}
