//! What a person is owed over a run of months, as few runs of equal months as possible.

use kernel::{Coefficient, Dong, Month, MonthSpan};

use crate::circumstances::Circumstances;
use crate::glance::Glance;
use crate::judge::Verdict;
use crate::{Benefit, InForce, Person};

/// A run of months in which the same amount of one benefit is owed every month. A one-off benefit
/// is a run of the single month it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The benefit, by the name it is paid under.
    pub benefit: Benefit,
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
    /// Coefficient.
    pub coefficient: Coefficient,
    /// Standard amount of the province and month, đồng.
    pub standard: Dong,
    /// Đồng a month.
    pub amount: Dong,
}

impl Spell {
    /// The months.
    pub const fn months(&self) -> MonthSpan {
        MonthSpan {
            from: self.from,
            to: self.to,
        }
    }

    /// Đồng over all its months.
    pub fn total(&self) -> Dong {
        Dong(self.amount.0 * i64::from(self.months().count()))
    }
}

impl InForce {
    /// What the person is owed in the months of `span`, sorted by benefit and month. `spells` is
    /// emptied first; keeping it between people spares the allocation.
    pub fn owed(&self, person: &Person, span: MonthSpan, spells: &mut Vec<Spell>) {
        spells.clear();
        if person.enrolments.is_empty() {
            return;
        }
        let who = Circumstances::of(person);
        let mut month = span.from;
        while month <= span.to {
            let mut glance = Glance::at(month);
            let judgement = self.judge(&who, &mut glance);
            let last = glance.last().min(span.to);
            for benefit in judgement.paid.iter() {
                if let Verdict::Paid {
                    coefficient,
                    standard,
                } = judgement.verdicts[benefit as usize]
                {
                    let amount = coefficient.of(standard);
                    extend(
                        spells,
                        Spell {
                            benefit,
                            from: month,
                            to: last,
                            coefficient,
                            standard,
                            amount,
                        },
                    );
                }
            }
            if last == Month::MAX {
                break;
            }
            month = last.next();
        }
        sort(spells);
    }
}

/// Lengthens the spell that ends right before, if nothing else differs.
fn extend(spells: &mut Vec<Spell>, next: Spell) {
    let before = spells
        .iter_mut()
        .rev()
        .find(|spell| spell.benefit == next.benefit);
    match before {
        Some(spell) if continues(spell, &next) => spell.to = next.to,
        _ => spells.push(next),
    }
}

fn continues(spell: &Spell, next: &Spell) -> bool {
    spell.to.next() == next.from
        && spell.coefficient == next.coefficient
        && spell.standard == next.standard
        && !next.benefit.is_one_off()
}

fn sort(spells: &mut [Spell]) {
    if !spells.is_sorted_by_key(|spell| (spell.benefit, spell.from)) {
        spells.sort_unstable_by_key(|spell| (spell.benefit, spell.from));
    }
}
