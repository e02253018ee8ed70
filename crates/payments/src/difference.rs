//! The heart: what the law owes for every month up to the list's, less what earlier lists hold.

use kernel::{Coefficient, Dong, Month, MonthSpan};
use law::{Benefit, Spell};

use crate::LineKind;

/// What approved lists and openings already hold for one benefit, in a run of equal months.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListedRun {
    /// Which benefit.
    pub benefit: Benefit,
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
    /// Đồng a month, all lines of the month together.
    pub amount: Dong,
    /// Coefficient of the line listed last.
    pub coefficient: Coefficient,
    /// Standard of the line listed last.
    pub standard: Dong,
    /// Paid by the earlier system and taken over.
    pub opening: bool,
}

/// An amount and what it is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
    /// Đồng a month.
    pub amount: Dong,
    /// Coefficient.
    pub coefficient: Coefficient,
    /// Standard, đồng.
    pub standard: Dong,
}

/// One month in which what is owed and what is listed are not the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Difference {
    /// Which benefit.
    pub benefit: Benefit,
    /// Which month.
    pub for_month: Month,
    /// What the month is owed at now.
    pub owed: Option<Terms>,
    /// What lists hold for it.
    pub held: Option<Terms>,
    /// Lists hold an earlier month of the benefit: the month is a gap, not a late beginning.
    pub held_before: bool,
}

impl Difference {
    /// Owed less listed, in đồng; never zero.
    pub fn amount(&self) -> Dong {
        amount_of(self.owed) - amount_of(self.held)
    }

    /// What kind of line pays it on the list of a month (contracts, section 3).
    pub fn kind(&self, list_month: Month) -> LineKind {
        if self.amount() < Dong::ZERO {
            LineKind::Recovery
        } else if self.benefit.is_one_off() {
            LineKind::OneOff
        } else if self.for_month == list_month {
            LineKind::Regular
        } else {
            LineKind::Arrears
        }
    }
}

fn amount_of(terms: Option<Terms>) -> Dong {
    terms.map_or(Dong::ZERO, |terms| terms.amount)
}

/// Appends every month up to `through` in which what is owed and what is listed differ, by benefit,
/// then month. Both inputs are sorted by (benefit, from); listed runs of one benefit do not
/// overlap. Months after `through` are another list's business.
pub fn difference(
    owed: &[Spell],
    listed: &[ListedRun],
    through: Month,
    found: &mut Vec<Difference>,
) {
    let (mut owed, mut listed) = (owed, listed);
    loop {
        let next = match (owed.first(), listed.first()) {
            (Some(spell), Some(run)) => spell.benefit.min(run.benefit),
            (Some(spell), None) => spell.benefit,
            (None, Some(run)) => run.benefit,
            (None, None) => return,
        };
        let spells = owed.partition_point(|spell| spell.benefit <= next);
        let runs = listed.partition_point(|run| run.benefit <= next);
        of_one_benefit(next, &owed[..spells], &listed[..runs], through, found);
        owed = &owed[spells..];
        listed = &listed[runs..];
    }
}

fn of_one_benefit(
    benefit: Benefit,
    owed: &[Spell],
    listed: &[ListedRun],
    through: Month,
    found: &mut Vec<Difference>,
) {
    let starts = owed
        .iter()
        .map(|s| s.from)
        .chain(listed.iter().map(|r| r.from));
    let Some(mut month) = starts.min() else {
        return;
    };
    let first_held = listed.first().map(|run| run.from);
    while month <= through {
        let (owes, owed_until) = owed_at(owed, month);
        let (held, held_until) = held_at(listed, month);
        let until = owed_until.min(held_until).min(through);
        if amount_of(owes) != amount_of(held) {
            let months = MonthSpan {
                from: month,
                to: until,
            }
            .months();
            found.extend(months.map(|for_month| Difference {
                benefit,
                for_month,
                owed: owes,
                held,
                held_before: first_held.is_some_and(|first| first < for_month),
            }));
        }
        if until == Month::MAX {
            return;
        }
        month = until.next();
    }
}

/// What is owed in a month, and the last month for which that stays so.
fn owed_at(owed: &[Spell], month: Month) -> (Option<Terms>, Month) {
    let mut terms: Option<Terms> = None;
    let mut until = Month::MAX;
    for spell in owed {
        if spell.from > month {
            until = until.min(spell.from.previous());
        } else if spell.to >= month {
            until = until.min(spell.to);
            terms = Some(match terms {
                None => Terms {
                    amount: spell.amount,
                    coefficient: spell.coefficient,
                    standard: spell.standard,
                },
                Some(also) => Terms {
                    amount: also.amount + spell.amount,
                    coefficient: also.coefficient + spell.coefficient,
                    standard: also.standard,
                },
            });
        }
    }
    (terms, until)
}

/// What is listed for a month, and the last month for which that stays so.
fn held_at(listed: &[ListedRun], month: Month) -> (Option<Terms>, Month) {
    let mut until = Month::MAX;
    for run in listed {
        if run.from > month {
            return (None, until.min(run.from.previous()));
        }
        if run.to >= month {
            until = run.to;
            let terms = Terms {
                amount: run.amount,
                coefficient: run.coefficient,
                standard: run.standard,
            };
            return (Some(terms), until);
        }
    }
    (None, until)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(number: i32) -> Month {
        Month::from_yyyymm(202401).expect("a month").plus(number)
    }

    fn spell(from: i32, to: i32, tenths: u16, standard: i64) -> Spell {
        let coefficient = Coefficient::from_tenths(tenths);
        Spell {
            benefit: Benefit::Disability,
            from: month(from),
            to: month(to),
            coefficient,
            standard: Dong(standard),
            amount: coefficient.of(Dong(standard)),
        }
    }

    fn run(from: i32, to: i32, tenths: u16, standard: i64) -> ListedRun {
        let spell = spell(from, to, tenths, standard);
        ListedRun {
            benefit: spell.benefit,
            from: spell.from,
            to: spell.to,
            amount: spell.amount,
            coefficient: spell.coefficient,
            standard: spell.standard,
            opening: false,
        }
    }

    fn found(owed: &[Spell], listed: &[ListedRun], through: i32) -> Vec<(Month, LineKind, i64)> {
        let mut differences = Vec::new();
        difference(owed, listed, month(through), &mut differences);
        let line = |d: &Difference| (d.for_month, d.kind(month(through)), d.amount().0);
        differences.iter().map(line).collect()
    }

    #[test]
    fn pays_only_the_new_month_when_nothing_changed() {
        assert_eq!(
            found(&[spell(0, 4, 15, 360_000)], &[run(0, 3, 15, 360_000)], 4),
            [(month(4), LineKind::Regular, 540_000)]
        );
    }

    #[test]
    fn pays_the_months_of_a_late_decision() {
        assert_eq!(
            found(&[spell(0, 2, 10, 360_000)], &[], 2),
            [
                (month(0), LineKind::Arrears, 360_000),
                (month(1), LineKind::Arrears, 360_000),
                (month(2), LineKind::Regular, 360_000),
            ]
        );
    }

    #[test]
    fn pays_the_rise_of_a_standard_month_by_month() {
        let owed = [spell(0, 1, 15, 500_000), spell(2, 4, 15, 540_000)];
        assert_eq!(
            found(&owed, &[run(0, 3, 15, 500_000)], 4),
            [
                (month(2), LineKind::Arrears, 60_000),
                (month(3), LineKind::Arrears, 60_000),
                (month(4), LineKind::Regular, 810_000),
            ]
        );
    }

    #[test]
    fn takes_back_what_was_listed_after_a_death() {
        assert_eq!(
            found(&[spell(0, 1, 10, 360_000)], &[run(0, 3, 10, 360_000)], 4),
            [
                (month(2), LineKind::Recovery, -360_000),
                (month(3), LineKind::Recovery, -360_000),
            ]
        );
    }

    #[test]
    fn leaves_later_months_alone() {
        assert_eq!(found(&[], &[run(5, 9, 10, 360_000)], 4), []);
        assert_eq!(
            found(&[spell(3, 9, 10, 360_000)], &[run(3, 9, 10, 360_000)], 5),
            []
        );
    }

    #[test]
    fn a_month_inside_a_gap_is_known_as_one() {
        let mut differences = Vec::new();
        let held = [run(0, 1, 10, 360_000), run(4, 4, 10, 360_000)];
        difference(
            &[spell(0, 4, 10, 360_000)],
            &held,
            month(4),
            &mut differences,
        );
        assert_eq!(differences.len(), 2);
        assert!(
            differences
                .iter()
                .all(|d| d.held_before && d.held.is_none())
        );
    }

    fn runs() -> impl Strategy<Value = Vec<(u8, i32, i32, u16)>> {
        proptest::collection::vec((0..3u8, 0..4i32, 1..6i32, 1..4u16), 0..8)
    }

    /// Runs laid one after the other for each benefit, with gaps.
    fn laid_out(parts: &[(u8, i32, i32, u16)]) -> Vec<ListedRun> {
        let mut ends = [0; 3];
        let mut all: Vec<ListedRun> = parts
            .iter()
            .map(|&(benefit, gap, length, halves)| {
                let from = ends[usize::from(benefit)] + gap;
                ends[usize::from(benefit)] = from + length;
                let mut run = run(from, from + length - 1, halves * 5, 360_000);
                run.benefit = Benefit::ALL[usize::from(benefit)];
                run
            })
            .collect();
        all.sort_by_key(|run| (run.benefit, run.from));
        all
    }

    proptest! {
        #[test]
        fn listed_and_difference_make_what_is_owed(owed in runs(), listed in runs(), last in 0..30i32) {
            let (owed, listed) = (laid_out(&owed), laid_out(&listed));
            let spells: Vec<Spell> = owed.iter().map(|run| Spell {
                benefit: run.benefit, from: run.from, to: run.to,
                coefficient: run.coefficient, standard: run.standard, amount: run.amount,
            }).collect();
            let mut differences = Vec::new();
            difference(&spells, &listed, month(last), &mut differences);
            let at = |runs: &[ListedRun], benefit: Benefit, month: Month| runs.iter()
                .filter(|run| run.benefit == benefit && run.from <= month && month <= run.to)
                .map(|run| run.amount).sum::<Dong>();
            prop_assert!(differences.iter().all(|d| !d.amount().is_zero() && d.for_month <= month(last)));
            for benefit in &Benefit::ALL[..3] {
                for number in 0..=last {
                    let month = month(number);
                    let lines: Dong = differences.iter()
                        .filter(|d| d.benefit == *benefit && d.for_month == month)
                        .map(Difference::amount).sum();
                    prop_assert_eq!(at(&listed, *benefit, month) + lines, at(&owed, *benefit, month));
                }
            }
        }
    }
}
