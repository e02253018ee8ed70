//! Where invented people live: real communes, how many live in each, and who they are.

use jiff::civil::Date;
use kernel::area::{Area, Areas};

use crate::names::{Custom, Group};
use crate::random::Random;

/// A former district as a scenario describes it. The shares are rough, good enough for invented
/// people: no statistics are claimed.
#[derive(Clone, Copy, Debug)]
pub struct District {
    /// Official code, `535`.
    pub code: &'static str,
    /// How many beneficiaries it has beside the others.
    pub weight: u32,
    /// Whether its communes (but not its town) count as specially difficult.
    pub difficult: bool,
    /// Who lives in its communes.
    pub groups: &'static [(Group, u32)],
    /// Which surnames are usual.
    pub custom: Custom,
    /// How many of 1,000 without special reason have an account, before the exact figure is met.
    pub banked: u32,
    /// Whether every record of the district has been compared with the population database and
    /// put right.
    pub finished: bool,
}

/// One commune, or an island district that has none.
#[derive(Clone, Debug)]
pub struct Place {
    /// Official code on the scenario's day.
    pub code: &'static str,
    /// Index of its district in the scenario.
    pub district: usize,
    /// How many live here beside the others of the district.
    pub weight: u32,
    /// Xã, phường or thị trấn in which the difficult-area benefits apply.
    pub difficult: bool,
    groups: Vec<(Group, u32)>,
    custom: Custom,
}

impl Place {
    /// Who a family living here are.
    pub fn group(&self, chance: &mut Random) -> Group {
        chance
            .weighted(&self.groups)
            .copied()
            .unwrap_or(Group::Kinh)
    }

    /// Which surnames are usual here.
    pub const fn custom(&self) -> Custom {
        self.custom
    }
}

/// The places of districts on a day, ordered by district, then code.
pub fn places(districts: &[District], day: Date, seed: u64) -> Vec<Place> {
    let mut places = Vec::new();
    for (index, district) in districts.iter().enumerate() {
        let mut lowest = Areas::embedded().children(district.code, day);
        if lowest.is_empty() {
            lowest.extend(Areas::embedded().on(district.code, day));
        }
        for area in lowest {
            places.push(place(index, district, area, seed));
        }
    }
    places
}

fn place(index: usize, district: &District, area: &Area, seed: u64) -> Place {
    let town = matches!(area.kind, "thị trấn" | "phường");
    let code = area.code.parse().unwrap_or(0);
    let mut chance = Random::new(seed, &[u64::from(b'p'), code]);
    let mut groups = district.groups.to_vec();
    if town {
        // More Kinh live in the town of a mountain district than in its villages.
        for (group, weight) in &mut groups {
            *weight *= if *group == Group::Kinh { 4 } else { 1 };
        }
    }
    Place {
        code: area.code,
        district: index,
        weight: chance.between(70, 130) as u32 * if town { 13 } else { 10 },
        difficult: district.difficult && !town,
        groups,
        custom: district.custom,
    }
}

/// Shares `total` out by weight, exactly: each gets its part rounded down, and what is left goes
/// to the largest remainders, the earlier first.
pub fn share_out(total: u32, weights: &[u32]) -> Vec<u32> {
    let sum: u64 = weights
        .iter()
        .map(|weight| u64::from(*weight))
        .sum::<u64>()
        .max(1);
    let part = |weight: u32| u64::from(total) * u64::from(weight);
    let mut shares: Vec<u32> = weights.iter().map(|w| (part(*w) / sum) as u32).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(part(weights[*i]) % sum));
    let left = total - shares.iter().sum::<u32>();
    for index in order.into_iter().take(left as usize) {
        shares[index] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::share_out;

    #[test]
    fn shares_add_up() {
        assert_eq!(share_out(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(share_out(7, &[0, 5, 2]), [0, 5, 2]);
        assert_eq!(share_out(0, &[3, 4]), [0, 0]);
    }
}
