//! Poor single parents, and poor people with HIV.

use kernel::{Month, PartialDate};
use law::person::{Grade, PovertyStatus};
use law::{Benefit, Fact, FactKind};

use super::{Draft, Start, born, sex};
use crate::kind::Turn;
use crate::person::{Note, When};
use crate::random::Random;

/// A poor single parent of one to four children, of whom at least one is under 16.
pub(super) fn single_parent(start: &Start<'_>, chance: &mut Random) -> Draft {
    let month = start.month();
    let birth = born(month.plus(-12 * 49), month.plus(-12 * 27), chance);
    let youngest = youngest_child(birth, start, chance);
    let from = start.draw(youngest.assumed_month().next(), chance);
    let alone = from.previous().first_day();
    let draft = Draft::new(sex(880, chance), birth)
        .with([
            start.poor_or_near(from, birth, chance),
            start.note(alone, FactKind::Single),
        ])
        .with(children(youngest, birth, start, chance));
    draft.drawing(Benefit::PoorSingleParent, from)
}

/// The child that keeps the benefit going: still under 16, born late enough for the parent.
fn youngest_child(parent: PartialDate, start: &Start<'_>, chance: &mut Random) -> PartialDate {
    let first = start
        .month()
        .plus(-12 * 15)
        .max(parent.assumed_month().plus(12 * 18));
    let last = start.last().plus(-2).max(first);
    born(first, last, chance)
}

fn children(
    youngest: PartialDate,
    parent: PartialDate,
    start: &Start<'_>,
    chance: &mut Random,
) -> Vec<Note> {
    let raises = |birth: PartialDate, studying_until| FactKind::Child {
        birth_date: Some(birth),
        studying_until,
        until: None,
    };
    let note = |birth: PartialDate| {
        let until = at_school(birth, start.month());
        start.note(birth.assumed_day(), raises(birth, until))
    };
    let mut notes = vec![note(youngest)];
    let mut next = youngest.assumed_month();
    let more = chance
        .weighted(&[(0, 56), (1, 31), (2, 10), (3, 3)])
        .copied()
        .unwrap_or(0);
    for _ in 0..more {
        next = next.plus(-chance.between(15, 50));
        if next < parent.assumed_month().plus(12 * 17) {
            break;
        }
        notes.push(note(PartialDate::Day(
            chance.day(next.first_day(), next.last_day()),
        )));
    }
    if start.turn == Turn::Born {
        let born = start.month().plus(-2);
        let day = chance.day(born.first_day(), born.last_day());
        let fact = Fact {
            from: day,
            to: None,
            kind: raises(PartialDate::Day(day), None),
        };
        notes.push(Note {
            when: When::InMonth,
            fact,
            ended: None,
        });
    }
    notes
}

/// Two in three children go on to school after 16, to the end of the school year they turn 18 in.
fn at_school(birth: PartialDate, month: Month) -> Option<jiff::civil::Date> {
    let birth_day = birth.assumed_day();
    let grown = birth.assumed_month().plus(12 * 16) <= month.plus(4);
    let last_year = birth_day.year() + 18;
    (grown && birth_day.day() % 3 != 0).then(|| jiff::civil::date(last_year, 5, 31))
}

/// As before, with a severe disability of their own: both amounts are paid.
pub(super) fn single_parent_disabled(start: &Start<'_>, chance: &mut Random) -> Draft {
    let draft = single_parent(start, chance);
    let from = draft
        .benefits
        .first()
        .map_or(start.last(), |(_, from)| *from);
    let grade = FactKind::Disability {
        grade: Grade::Severe,
    };
    let certificate = start.note(chance.day(from.first_day(), from.last_day()), grade);
    draft.with([certificate]).drawing(Benefit::Disability, from)
}

/// A poor child with HIV.
pub(super) fn child_with_hiv(start: &Start<'_>, chance: &mut Random) -> Draft {
    let birth = born(start.month().plus(-191), start.month().plus(-20), chance);
    let from = start.draw(birth.assumed_month().plus(6), chance);
    let notes = [
        start.note(from.first_day(), FactKind::Hiv),
        start.poverty(PovertyStatus::Poor, from, birth),
    ];
    Draft::new(sex(500, chance), birth)
        .with(notes)
        .drawing(Benefit::ChildWithHiv, from)
}

/// A poor adult with HIV and without stable income.
pub(super) fn adult_with_hiv(start: &Start<'_>, chance: &mut Random) -> Draft {
    let birth = born(
        start.month().plus(-12 * 55),
        start.month().plus(-12 * 25),
        chance,
    );
    let from = start.draw(Month::MIN, chance);
    let notes = [
        start.note(from.previous().first_day(), FactKind::Hiv),
        start.poverty(PovertyStatus::Poor, from, birth),
    ];
    Draft::new(sex(350, chance), birth)
        .with(notes)
        .drawing(Benefit::PoorAdultWithHiv, from)
}
