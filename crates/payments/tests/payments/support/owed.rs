//! What the law owes, worked out apart from any list.

use std::collections::BTreeMap;

use kernel::{Month, MonthSpan};
use registry::roll::{Communes, Known, Roll};

use super::{Town, month};

/// Đồng by person, benefit and month.
pub type Sums = BTreeMap<(i64, i16, i32), i64>;

/// What the law owes, month by month.
pub async fn owed(town: &Town, through: Month) -> Sums {
    let law = town.law.in_force(town.clock.today());
    let mut roll = Roll::open(town.pool(), &Communes::everywhere(), through, Known::Now)
        .await
        .expect("the roll");
    let mut sums = Sums::new();
    let mut spells = Vec::new();
    while let Some(case) = roll.next().await.expect("a case") {
        let span = MonthSpan {
            from: month("2015-01"),
            to: through,
        };
        law.owed(&case.person, span, &mut spells);
        for spell in &spells {
            for month in spell.months().months() {
                let key = (case.id.0, spell.benefit.number(), month.yyyymm());
                *sums.entry(key).or_default() += spell.amount.0;
            }
        }
    }
    sums
}
