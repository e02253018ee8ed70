//! Of several benefits only the highest (20/2021/NĐ-CP Điều 6 khoản 2).

use kernel::Dong;

use crate::benefit_set::BenefitSet;
use crate::in_force::{HighestOnlyInForce, RulesInForce};
use crate::judge::{Judgement, Reason, Verdict, amount};

/// Refuses what a higher benefit displaces.
pub(crate) fn keep_only_the_highest(rules: &RulesInForce, judgement: &mut Judgement) {
    for (place, group) in rules.highest_only.iter().enumerate() {
        let rivals = judgement.paid.and(group.among);
        if rivals.len() < 2 {
            continue;
        }
        let kept = kept_of(group, rivals, judgement);
        for benefit in rivals.iter().filter(|benefit| !kept.contains(*benefit)) {
            judgement.paid = judgement.paid.without(benefit);
            judgement.verdicts[benefit as usize] =
                Verdict::Refused(Reason::LowerThanHighest(place as u8));
        }
    }
}

/// The highest alone, or the exception with the highest of what it may stand beside, whichever
/// gives more.
fn kept_of(group: &HighestOnlyInForce, rivals: BenefitSet, judgement: &Judgement) -> BenefitSet {
    let alone = highest_of(rivals, judgement);
    let pair = group
        .exception
        .filter(|exception| rivals.contains(*exception))
        .map(|exception| {
            let mut pair = highest_of(rivals.and(group.besides), judgement);
            pair.insert(exception);
            pair
        })
        .filter(|pair| pair.len() == 2);
    match pair {
        Some(pair) if total(pair, judgement) >= total(alone, judgement) => pair,
        _ => alone,
    }
}

/// The highest of a set; of equal ones the first in the order of the table.
fn highest_of(rivals: BenefitSet, judgement: &Judgement) -> BenefitSet {
    let mut highest = None;
    for benefit in rivals.iter() {
        let amount = amount(judgement.verdicts[benefit as usize]);
        if highest.is_none_or(|(most, _)| amount > most) {
            highest = Some((amount, benefit));
        }
    }
    highest.into_iter().map(|(_, benefit)| benefit).collect()
}

fn total(benefits: BenefitSet, judgement: &Judgement) -> Dong {
    let amounts = benefits.iter();
    amounts
        .map(|benefit| amount(judgement.verdicts[benefit as usize]))
        .sum()
}
