//! A provider to practise with: it takes an order and answers as a real one might on a bad day.
//! Some payments fail, nobody comes for others, money comes back, answers come twice, late, out of
//! order or not at all. The same seed answers the same.

mod order;
mod write;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::results::{Reported, Status};

pub use order::{Instruction, read_order};
pub use write::{write_ndjson, write_pain_002};

/// How many of a hundred answers go wrong, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Payments that fail.
    pub fail: u8,
    /// Payments nobody comes for.
    pub not_collected: u8,
    /// Payments that are made and come back.
    pub come_back: u8,
    /// Answers that are given twice.
    pub twice: u8,
    /// Answers that come late.
    pub late: u8,
    /// Answers that never come.
    pub lost: u8,
    /// Answers with another amount.
    pub wrong_amount: u8,
    /// Whether answers come in any order.
    pub shuffled: bool,
}

impl Behaviour {
    /// Everything is paid and answered once, in order.
    pub const GOOD: Behaviour = Behaviour {
        fail: 0,
        not_collected: 0,
        come_back: 0,
        twice: 0,
        late: 0,
        lost: 0,
        wrong_amount: 0,
        shuffled: false,
    };
}

/// What the provider answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// At once.
    pub now: Vec<Reported>,
    /// Later, in another file.
    pub late: Vec<Reported>,
}

/// Reasons a payment fails or comes back for.
const FAILED: [&str; 5] = [
    "account_closed",
    "account_unknown",
    "account_blocked",
    "name_mismatch",
    "deceased",
];

/// Answers an order. `from` is the first day of paying, `seed` what makes it repeatable.
pub fn answer(order: &[Instruction], behaviour: &Behaviour, from: Date, seed: u64) -> Answers {
    let mut chance = Chance(seed);
    let mut answers = Answers::default();
    for instruction in order {
        let day = from.saturating_add(i64::from(chance.below(10)).days());
        for reported in results(instruction, behaviour, day, &mut chance) {
            if chance.hits(behaviour.lost) {
                continue;
            }
            let to = if chance.hits(behaviour.late) {
                &mut answers.late
            } else {
                &mut answers.now
            };
            to.push(reported.clone());
            if chance.hits(behaviour.twice) {
                let to = if chance.hits(50) {
                    &mut answers.late
                } else {
                    &mut answers.now
                };
                to.push(reported);
            }
        }
    }
    if behaviour.shuffled {
        chance.shuffle(&mut answers.now);
        chance.shuffle(&mut answers.late);
    }
    answers
}

/// What is told of one line, in the order it happens.
fn results(
    instruction: &Instruction,
    behaviour: &Behaviour,
    day: Date,
    chance: &mut Chance,
) -> Vec<Reported> {
    let mut results = fate(instruction, behaviour, day, chance);
    if chance.hits(behaviour.wrong_amount) {
        results[0].amount += 1_000;
    }
    results
}

/// What truly becomes of one line, in the order it happens: at least one result.
pub fn fate(
    instruction: &Instruction,
    behaviour: &Behaviour,
    day: Date,
    chance: &mut Chance,
) -> Vec<Reported> {
    let reported = |status: Status, day: Date, reason: Option<&str>| Reported {
        result_id: format!("{}:{}", instruction.line, status.code()),
        line: instruction.line.clone(),
        status,
        date: day,
        reason: reason.map(str::to_owned),
        amount: instruction.amount,
    };
    let why = FAILED[chance.below(FAILED.len() as u32) as usize];
    let mut results = match chance.below(100) {
        it if it < u32::from(behaviour.fail) => vec![reported(Status::Failed, day, Some(why))],
        it if it < u32::from(behaviour.fail) + u32::from(behaviour.not_collected) => {
            vec![reported(Status::NotCollected, day, Some("absent"))]
        }
        _ => vec![reported(Status::Paid, day, None)],
    };
    if results[0].status == Status::Paid && chance.hits(behaviour.come_back) {
        let later = day.saturating_add(3.days());
        results.push(reported(Status::Returned, later, Some(why)));
    }
    results
}

/// Numbers that look like chance and are the same for the same seed (SplitMix64).
#[derive(Debug)]
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below a number.
    pub fn below(&mut self, end: u32) -> u32 {
        (self.next() % u64::from(end.max(1))) as u32
    }

    /// So many times of a hundred.
    pub fn hits(&mut self, percent: u8) -> bool {
        self.below(100) < u32::from(percent)
    }

    /// Into any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn order() -> Vec<Instruction> {
        (1..=500)
            .map(|person| Instruction {
                line: format!("2024-05-{person}-1"),
                amount: 360_000,
            })
            .collect()
    }

    #[test]
    fn a_good_provider_pays_everything_once() {
        let answers = answer(&order(), &Behaviour::GOOD, date(2024, 5, 2), 1);
        assert_eq!((answers.now.len(), answers.late.len()), (500, 0));
        assert!(
            answers
                .now
                .iter()
                .all(|it| it.status == Status::Paid && it.amount == 360_000)
        );
    }

    #[test]
    fn the_same_seed_misbehaves_the_same() {
        let bad = Behaviour {
            fail: 10,
            not_collected: 10,
            come_back: 5,
            twice: 10,
            late: 10,
            lost: 5,
            wrong_amount: 2,
            shuffled: true,
        };
        let day = date(2024, 5, 2);
        let answers = answer(&order(), &bad, day, 7);
        assert_eq!(answers, answer(&order(), &bad, day, 7));
        assert_ne!(answers, answer(&order(), &bad, day, 8));
        let all = || answers.now.iter().chain(&answers.late);
        for status in Status::ALL {
            assert!(all().any(|it| it.status == status), "{status:?}");
        }
        assert!(!answers.late.is_empty());
        assert!(all().any(|it| it.amount != 360_000));
        let mut lines: Vec<&str> = answers.now.iter().map(|it| it.line.as_str()).collect();
        assert!(!lines.is_sorted());
        lines.sort_unstable();
        lines.dedup();
        assert!(lines.len() < 500);
    }
}
