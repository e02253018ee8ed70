//! Decisions of the district: number, day, who signed.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use kernel::holiday::is_working_day;
use kernel::{Month, Sex};
use law::Benefit;
use registry::event::Decision;

use crate::circumstance::Setting;
use crate::names::{Custom, Group, full_name, surname};
use crate::person::When;
use crate::random::Random;

/// Decides benefits of one district.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Office<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) seed: u64,
    pub(crate) district: usize,
}

impl Office<'_> {
    /// The decision that awards a benefit from a month. It is signed in that month; disability
    /// and old age may be signed later and still count from it (contracts/benefits, months,
    /// rule 6). `not_before` is the day the last condition became true.
    pub(crate) fn award(
        &self,
        benefit: Benefit,
        from: Month,
        when: When,
        not_before: Date,
        chance: &mut Random,
    ) -> Decision {
        let may_be_later = matches!(
            benefit,
            Benefit::Disability | Benefit::Older75DifficultArea | Benefit::Older80WithoutPension
        );
        let (first, last) = match when {
            When::InMonth => (self.setting.month.first_day(), self.setting.known),
            When::Before if may_be_later && !decided_anew(from) => {
                (from.first_day(), from.next().last_day())
            }
            When::Before => (from.first_day(), from.last_day()),
        };
        let last = last.min(self.latest(when));
        let day = chance.day(first.max(not_before).min(last), last);
        self.signed(working_day(day, first.max(not_before)), chance)
    }

    /// A decision about a change, signed in the scenario's month.
    pub(crate) fn change(&self, chance: &mut Random) -> Decision {
        let first = self.setting.month.first_day();
        let day = chance.day(first, self.setting.known);
        self.signed(working_day(day, first), chance)
    }

    fn latest(&self, when: When) -> Date {
        match when {
            When::Before => self.setting.known_before,
            When::InMonth => self.setting.known,
        }
    }

    fn signed(&self, day: Date, chance: &mut Random) -> Decision {
        // Numbers run through the year; when all were decided anew, one decision named many.
        let number = if decided_anew(Month::of(day)) {
            40 + self.district as u32
        } else {
            (day.day_of_year() as u32) * 11 + chance.below(11)
        };
        Decision {
            number: format!("{number}/QĐ-UBND"),
            date: day,
            signed_by: Some(self.chair(day)),
        }
    }

    /// Who chairs the district's committee: somebody else each term.
    fn chair(&self, day: Date) -> String {
        let term = match day.year() {
            ..=2016 => 1,
            2017..=2020 => 2,
            _ => 3,
        };
        let mut chance = Random::new(self.seed, &[u64::from(b'c'), self.district as u64, term]);
        let sex = if chance.per_mille(200) {
            Sex::Female
        } else {
            Sex::Male
        };
        let family = surname(Group::Kinh, Custom::Centre, &mut chance);
        full_name(Group::Kinh, family, sex, 1968, &mut chance)
    }
}

/// In January 2015 all benefits were decided anew.
fn decided_anew(from: Month) -> bool {
    from == Month::of(date(2015, 1, 1))
}

/// The day itself or the last working day before it, not before `first`; else the next one.
fn working_day(day: Date, first: Date) -> Date {
    let mut before = day;
    while before >= first {
        if is_working_day(before) {
            return before;
        }
        before = before.saturating_sub(1.day());
    }
    let mut after = day;
    while !is_working_day(after) {
        after = after.saturating_add(1.day());
    }
    after
}
