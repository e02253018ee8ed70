//! Children without support, those who grew up and study, and small children in difficult areas.

use jiff::civil::{Date, date};
use law::person::Basis;
use law::{Benefit, FactKind};

use super::{Draft, Start, birthday, born, decree_20, sex};
use crate::kind::Turn;
use crate::random::Random;

/// How often each letter of 20/2021/NĐ-CP Điều 5 khoản 1 is the reason.
const BASES: [(Basis, u32); 11] = [
    (Basis::A, 22),
    (Basis::B, 30),
    (Basis::C, 16),
    (Basis::D, 3),
    (Basis::Dd, 14),
    (Basis::E, 4),
    (Basis::G, 1),
    (Basis::H, 4),
    (Basis::I, 1),
    (Basis::K, 3),
    (Basis::L, 2),
];

/// A child under 16 without support.
pub(super) fn without_support(start: &Start<'_>, chance: &mut Random) -> Draft {
    let month = start.month();
    let birth = born(month.plus(-191), month.plus(-7), chance);
    let from = start.draw(birth.assumed_month().plus(2), chance);
    Draft::new(sex(480, chance), birth)
        .with([start.note(
            lost_support(birth.assumed_day(), from, chance),
            basis(chance),
        )])
        .drawing(Benefit::ChildWithoutSupport, from)
}

fn basis(chance: &mut Random) -> FactKind {
    let basis = chance.weighted(&BASES).copied().unwrap_or(Basis::B);
    FactKind::WithoutSupport { basis }
}

/// In the month before the benefit begins, but not before birth.
fn lost_support(birth: Date, from: kernel::Month, chance: &mut Random) -> Date {
    let before = from.previous();
    chance.day(before.first_day(), before.last_day()).max(birth)
}

/// Was without support as a child, is now 16 to 21 and at school.
pub(super) fn student(start: &Start<'_>, chance: &mut Random) -> Draft {
    let month = start.month();
    let birth = born(month.plus(-12 * 21), month.plus(-12 * 16 - 8), chance);
    let sixteenth = birthday(birth, 16);
    let from = super::earliest_decision().max(sixteenth.plus(-12 * chance.between(1, 9)));
    let lost = lost_support(birth.assumed_day(), from, chance);
    let grown = sixteenth.last_day();
    let mut without = start.note(lost, basis(chance));
    without.fact.to = Some(grown);
    let school = date(sixteenth.year() - 1, 9, 5).max(birth.assumed_day());
    let until = date(month.year() + 1 + chance.between(0, 2) as i16, 5, 31);
    let studying = start.note(school, FactKind::Studying { until: Some(until) });
    let mut draft = Draft::new(sex(500, chance), birth)
        .with([without, studying])
        .drawing(Benefit::StudentWithoutSupport, sixteenth.next());
    draft
        .former
        .push((Benefit::ChildWithoutSupport, from, sixteenth));
    draft
}

/// Under three, poor or nearly poor, in a difficult area, since 2021.
pub(super) fn under_3(start: &Start<'_>, chance: &mut Random) -> Draft {
    let month = start.month();
    let youngest = if start.turn == Turn::New {
        // Born before the month's news is told, whatever the day.
        month.previous()
    } else {
        start.last().previous()
    };
    let birth = born(month.plus(-36), youngest, chance);
    let soon = birth
        .assumed_month()
        .plus(chance.between(1, 3))
        .min(start.last());
    let from = if start.turn == Turn::New {
        month
    } else {
        soon.max(decree_20())
    };
    let poverty = start.poor_or_near(from, birth, chance);
    Draft::new(sex(485, chance), birth)
        .with([poverty])
        .drawing(Benefit::PoorChildUnder3, from)
}
