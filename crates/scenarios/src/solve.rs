//! Circumstances that add up to a printed total.

use std::collections::BTreeMap;

use kernel::area::Areas;
use kernel::{Coefficient, Dong, Month, MonthSpan};
use law::person::Grade;
use law::{Benefit, InForce, Law};

use crate::kind::{Age, Kind, Turn};
use crate::person::{Invented, When};
use crate::plan::Plan;

/// What the list of the month pays a person, as the law engine works it out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Due {
    /// For the month itself.
    pub regular: Dong,
    /// For months before, not known when they were paid.
    pub arrears: Dong,
    /// Paid for months before and not owed: zero or negative.
    pub recovery: Dong,
}

impl Due {
    /// What is paid out; money owed back is not set off.
    pub fn payable(&self) -> Dong {
        self.regular + self.arrears
    }
}

/// How many months before the month anything known late can reach.
const REACH: i32 = 12;

/// What one person is due in the list of a month, after an earlier system paid the months before
/// by what it knew.
pub fn due(person: &Invented, law: &InForce, month: Month) -> Due {
    let mut owed: BTreeMap<(Benefit, Month), Dong> = BTreeMap::new();
    let span = MonthSpan {
        from: month.plus(-REACH),
        to: month,
    };
    let mut add = |known, span, sign: i64| {
        let mut spells = Vec::new();
        law.owed(&person.as_the_law_sees(known), span, &mut spells);
        for spell in spells {
            let months = MonthSpan {
                from: spell.from,
                to: spell.to,
            };
            for month in months.months() {
                *owed.entry((spell.benefit, month)).or_default() += Dong(spell.amount.0 * sign);
            }
        }
    };
    add(When::InMonth, span, 1);
    add(
        When::Before,
        MonthSpan {
            to: month.previous(),
            ..span
        },
        -1,
    );
    let mut due = Due::default();
    for ((_, owed_for), amount) in owed {
        match amount {
            _ if owed_for == month => due.regular += amount,
            Dong(0..) => due.arrears += amount,
            _ => due.recovery += amount,
        }
    }
    due
}

impl Plan {
    /// What the list of the month pays all people.
    pub fn payable(&self, law: &InForce) -> Dong {
        self.invent()
            .map(|person| due(&person, law, self.month()).payable())
            .sum()
    }

    /// Half a coefficient of the month's standard where the people live, đồng.
    fn half(&self, law: &InForce) -> Option<Dong> {
        let (place, areas) = (self.places.first()?, Areas::embedded());
        let commune = areas.on(place.code, self.spec.setting.known_before)?;
        let province = areas.province_code_of(commune);
        let standard = law.standard(Some(province), Benefit::Disability, self.month())?;
        Some(Coefficient::from_tenths(5).of(standard))
    }

    /// Makes the list add up: an adult with a severe disability draws half a coefficient less than
    /// somebody of 60 or more, so as many are made older, or younger, as halves are missing, or too
    /// many. Nothing is changed when no sum is prescribed.
    pub(crate) fn solve(&mut self) {
        let Some(halves) = self.spec.halves else {
            return;
        };
        let law = Law::embedded().in_force(self.spec.setting.known);
        let Some(half) = self.half(&law) else {
            return;
        };
        // One round is enough unless a changed family is not counted as foreseen.
        for _ in 0..4 {
            let missing = i64::from(halves) - self.payable(&law).0 / half.0;
            let (from, to) = match missing {
                0 => return,
                1.. => (Age::Adult, Age::Older),
                _ => (Age::Older, Age::Adult),
            };
            let severe = |age| Kind::Disabled(Grade::Severe, age);
            let calm = self.families.iter().enumerate();
            let calm =
                calm.filter(|(_, family)| family.turn == Turn::Calm && family.kind == severe(from));
            let calm: Vec<(usize, u32)> = calm.map(|(index, _)| (index, 1)).collect();
            let count = u32::try_from(missing.unsigned_abs()).unwrap_or(u32::MAX);
            for index in self.choose(&calm, count, 300) {
                self.families[index].kind = severe(to);
            }
        }
    }
}
