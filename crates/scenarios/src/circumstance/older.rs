//! Older people.

use kernel::{Month, PartialDate};
use law::person::PovertyStatus;
use law::{Benefit, FactKind};

use super::{Draft, Start, birthday, born, decree_20, sex};
use crate::kind::Turn;
use crate::random::Random;

/// 80 and over, without pension: from the month of the 80th birthday, even if decided later.
pub(super) fn of_80(start: &Start<'_>, chance: &mut Random) -> Draft {
    let last = start.last();
    let birthdays = match start.turn {
        Turn::New => (last, last),
        Turn::Late => (last.plus(-3), last),
        _ => {
            let years = age_above_80(chance);
            (last.plus(-12 * years - 11), last.plus(-12 * years))
        }
    };
    let birth = born(birthdays.0.plus(-960), birthdays.1.plus(-960), chance);
    let from = birthday(birth, 80).max(super::earliest_decision());
    Draft::new(sex(650, chance), birth).drawing(Benefit::Older80WithoutPension, from)
}

/// Years since the 80th birthday: fewer people at every year.
fn age_above_80(chance: &mut Random) -> i32 {
    let mut years = 0;
    while years < 25 && chance.per_mille(865) {
        years += 1;
    }
    years
}

/// 60 and over, poor, without anybody to support them.
pub(super) fn poor(start: &Start<'_>, chance: &mut Random) -> Draft {
    let oldest = if chance.per_mille(150) { 92 } else { 79 };
    let youngest = if oldest > 80 { 80 } else { 60 };
    let birth = of_age(youngest, oldest, start, chance);
    let from = start.draw(birthday(birth, 60), chance);
    // Most have nobody; of some the children live on an allowance themselves.
    let why = if chance.per_mille(800) {
        FactKind::NoSupporter
    } else {
        FactKind::SupporterOnAllowance
    };
    poor_since(Draft::new(sex(700, chance), birth), from, why, start)
        .drawing(Benefit::OlderPoorWithoutSupport, from)
}

/// 75 to 79 in a difficult area, since 2021.
pub(super) fn of_75(start: &Start<'_>, chance: &mut Random) -> Draft {
    let last = start.last();
    let birth = born(last.plus(-959 + 12), last.plus(-900), chance);
    let from = birthday(birth, 75).max(decree_20());
    let from = if start.turn == Turn::New {
        start.month()
    } else {
        from.min(last)
    };
    let poverty = start.poor_or_near(from, birth, chance);
    Draft::new(sex(600, chance), birth)
        .with([poverty])
        .drawing(Benefit::Older75DifficultArea, from)
}

/// Poor, without supporter, taken in by another household instead of a facility.
pub(super) fn fostered(start: &Start<'_>, chance: &mut Random) -> Draft {
    let birth = of_age(66, 90, start, chance);
    let from = start.draw(birthday(birth, 64), chance);
    let draft = Draft::new(sex(700, chance), birth);
    poor_since(draft, from, FactKind::NoSupporter, start)
        .with([start.note(from.first_day(), FactKind::FosteredInCommunity)])
        .drawing(Benefit::OlderFostered, from)
}

fn poor_since(draft: Draft, from: Month, why: FactKind, start: &Start<'_>) -> Draft {
    let poverty = start.poverty(PovertyStatus::Poor, from, draft.birth);
    let alone = start.note(from.first_day(), why);
    draft.with([poverty, alone])
}

fn of_age(youngest: i32, oldest: i32, start: &Start<'_>, chance: &mut Random) -> PartialDate {
    let last = start.last();
    born(
        last.plus(-12 * (oldest + 1)),
        last.plus(-12 * youngest),
        chance,
    )
}
