//! Several records of one person: what lists hold for each of them was paid to the same human.

use kernel::{Dong, Month};

use crate::ListedRun;

/// What lists hold for a person under all their records, by benefit, then month, in runs of equal
/// months that do not overlap: the amounts of a month are added up, and its terms are those of the
/// record that was paid most for it. Months that come to nothing are not held.
pub(crate) fn together(runs: &[ListedRun]) -> Vec<ListedRun> {
    let mut whole: Vec<ListedRun> = Vec::new();
    let mut sorted = runs.to_vec();
    sorted.sort_by_key(|run| (run.benefit, run.from, run.to));
    for of_benefit in sorted.chunk_by(|one, other| one.benefit == other.benefit) {
        let mut bounds: Vec<Month> = of_benefit
            .iter()
            .flat_map(|run| [run.from, run.to.next()])
            .collect();
        bounds.sort_unstable();
        bounds.dedup();
        for pair in bounds.windows(2) {
            let (from, to) = (pair[0], pair[1].previous());
            match at(of_benefit, from) {
                None => {}
                Some(run) => push(&mut whole, ListedRun { from, to, ..run }),
            }
        }
    }
    whole
}

/// What all runs of a benefit hold for a month.
fn at(runs: &[ListedRun], month: Month) -> Option<ListedRun> {
    let holding = || {
        runs.iter()
            .filter(|run| run.from <= month && month <= run.to)
    };
    let amount: Dong = holding().map(|run| run.amount).sum();
    let most = holding().max_by_key(|run| (run.amount, run.coefficient, run.standard))?;
    (!amount.is_zero()).then(|| ListedRun {
        amount,
        opening: holding().all(|run| run.opening),
        ..*most
    })
}

fn push(whole: &mut Vec<ListedRun>, run: ListedRun) {
    match whole.last_mut() {
        Some(last) if continues(last, &run) => last.to = run.to,
        _ => whole.push(run),
    }
}

/// Whether a run says the same of the months right after another's.
pub(crate) fn continues(last: &ListedRun, run: &ListedRun) -> bool {
    last.benefit == run.benefit
        && last.to.next() == run.from
        && last.amount == run.amount
        && last.coefficient == run.coefficient
        && last.standard == run.standard
        && last.opening == run.opening
}

#[cfg(test)]
mod tests {
    use kernel::Coefficient;
    use law::Benefit;
    use proptest::prelude::*;

    use super::*;

    fn month(number: i32) -> Month {
        Month::from_yyyymm(202401).expect("a month").plus(number)
    }

    fn run(from: i32, to: i32, amount: i64) -> ListedRun {
        ListedRun {
            benefit: Benefit::Disability,
            from: month(from),
            to: month(to),
            amount: Dong(amount),
            coefficient: Coefficient::from_tenths(15),
            standard: Dong(360_000),
            opening: false,
        }
    }

    #[test]
    fn months_of_two_records_follow_each_other_and_add_up_where_both_were_paid() {
        let runs = [run(0, 3, 540_000), run(2, 5, 540_000)];
        let whole = [run(0, 1, 540_000), run(2, 3, 1_080_000), run(4, 5, 540_000)];
        assert_eq!(together(&runs), whole);
        assert_eq!(together(&[run(0, 1, 7), run(2, 3, 7)]), [run(0, 3, 7)]);
        assert_eq!(
            together(&[run(0, 3, 7), run(1, 2, -7)]),
            [run(0, 0, 7), run(3, 3, 7)]
        );
    }

    proptest! {
        /// However the runs are cut, the whole is the same: what `listed` keeps and what is worked
        /// out from the lines month by month must agree.
        #[test]
        fn does_not_depend_on_how_runs_are_cut(parts in proptest::collection::vec((0..6i32, 0..5i32, 1..3i64, 1..3u16), 1..6)) {
            let runs: Vec<ListedRun> = parts.iter().map(|&(from, more, amount, halves)| ListedRun {
                coefficient: Coefficient::from_tenths(halves * 5),
                ..run(from, from + more, amount)
            }).collect();
            let mut cut: Vec<ListedRun> = runs.iter().flat_map(|run| {
                let months = kernel::MonthSpan { from: run.from, to: run.to };
                months.months().map(|at| ListedRun { from: at, to: at, ..*run }).collect::<Vec<_>>()
            }).collect();
            cut.reverse();
            let whole = together(&runs);
            prop_assert_eq!(&whole, &together(&cut));
            for number in 0..12 {
                let sum = |runs: &[ListedRun]| runs.iter()
                    .filter(|run| run.from <= month(number) && month(number) <= run.to)
                    .map(|run| run.amount).sum::<Dong>();
                prop_assert_eq!(sum(&whole), sum(&runs));
            }
        }
    }
}
