//! People with disabilities.

use jiff::civil::date;
use kernel::{Month, PartialDate, Sex};
use law::person::Grade;
use law::{Benefit, Fact, FactKind};

use super::{Draft, Start, birthday, born, sex};
use crate::kind::{Age, Turn};
use crate::person::{Note, When};
use crate::random::Random;

/// Certificates are issued since 2013 (28/2012/NĐ-CP and the circular to it).
fn first_certificates() -> Month {
    Month::of(date(2013, 3, 1))
}

/// A disabled person: paid from the month of the certificate.
pub(super) fn person(grade: Grade, age: Age, start: &Start<'_>, chance: &mut Random) -> Draft {
    let birth = birth(age, start, chance);
    let from = start.draw(earliest(birth), chance);
    let notes = certificate(grade, from, birth, start, chance);
    Draft::new(sex(460, chance), birth)
        .with(notes)
        .drawing(Benefit::Disability, from)
}

fn birth(age: Age, start: &Start<'_>, chance: &mut Random) -> PartialDate {
    let month = start.month();
    let years_ago = |years: i32| month.plus(-12 * years);
    match age {
        // The 16th birthday is still ahead; the youngest have lived long enough for every turn.
        Age::Child => born(years_ago(16).plus(1), month.plus(-18), chance),
        Age::Adult => born(years_ago(60).plus(1), years_ago(16), chance),
        Age::Older => {
            let oldest = if chance.per_mille(220) { 96 } else { 80 };
            born(years_ago(oldest), years_ago(60), chance)
        }
    }
}

fn earliest(birth: PartialDate) -> Month {
    birth.assumed_month().plus(3).max(first_certificates())
}

/// The certificate; one from before 2015 counts since January 2015. A disability found graver
/// or lighter has a second one.
fn certificate(
    grade: Grade,
    from: Month,
    birth: PartialDate,
    start: &Start<'_>,
    chance: &mut Random,
) -> Vec<Note> {
    let older = from == super::earliest_decision() && start.turn != Turn::Late;
    let first = if older {
        earliest(birth).min(from)
    } else {
        from
    };
    let first = chance.day(first.first_day(), from.last_day());
    let issued = first.min(start.setting.known);
    let (until_then, months_ago) = match start.turn {
        Turn::Graver => (Grade::Severe, 2),
        Turn::Lighter => (Grade::ExtremelySevere, 3),
        _ => return vec![start.note(issued, FactKind::Disability { grade })],
    };
    let again = start.month().plus(-months_ago);
    let again = date(again.year(), again.number(), 5 + chance.below(20) as i8);
    let mut before = start.note(issued, FactKind::Disability { grade: until_then });
    before.ended = again.yesterday().ok().map(|last| (When::InMonth, last));
    let fact = Fact {
        from: again,
        to: None,
        kind: FactKind::Disability { grade },
    };
    vec![
        before,
        Note {
            when: When::InMonth,
            fact,
            ended: None,
        },
    ]
}

/// A severely disabled mother, or sometimes father, of children under 36 months, or expecting one.
pub(super) fn parent(start: &Start<'_>, chance: &mut Random) -> Draft {
    let month = start.month();
    let sex = sex(850, chance);
    let birth = born(month.plus(-12 * 41), month.plus(-12 * 22), chance);
    let from = start.draw(birthday(birth, 17), chance);
    let notes = certificate(Grade::Severe, from, birth, start, chance);
    let child = born(month.plus(-30), month.plus(-7), chance);
    let since = child.assumed_month().next().max(from);
    let pregnant = sex == Sex::Female && chance.per_mille(80);
    let raises = FactKind::Child {
        birth_date: Some(child),
        studying_until: None,
        until: None,
    };
    let mut draft = Draft::new(sex, birth)
        .with(notes)
        .with([start.note(child.assumed_day(), raises)])
        .drawing(Benefit::Disability, from)
        .drawing(Benefit::DisabledParent, since);
    if pregnant {
        let expecting = start.note(month.plus(-3).first_day(), FactKind::Pregnant);
        draft = draft.with([expecting]);
    }
    draft
}
