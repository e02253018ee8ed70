//! Those who care for somebody and draw a benefit for it.

use kernel::Sex;
use law::{Benefit, CaredPerson, FactKind};

use super::{Draft, Start, born, sex};
use crate::kind::{Age, Kind};
use crate::random::Random;

/// The relation of somebody whose home took the person in.
const TAKEN_IN: &str = "taken_in";

/// The carer of the family, for kinds that have one. The key of the cared-for person is filled in
/// when it is given.
pub(super) fn of(
    kind: Kind,
    cared: &Draft,
    start: &Start<'_>,
    chance: &mut Random,
) -> Option<Draft> {
    let (benefit, own) = match kind {
        Kind::OlderFostered => (Benefit::CarerOlder, None),
        Kind::CaredByOthers(_) => (Benefit::CarerDisability, None),
        Kind::OrphanTakenIn => (Benefit::CarerChild, None),
        Kind::CaredAtHome(age) => (Benefit::HouseholdCarer, Some(age)),
        _ => return None,
    };
    // A carer draws from the month their own decision is signed, after the other's.
    let from = cared.benefits.first().map(|(_, from)| *from)?;
    let from = from.next().min(start.last());
    let month = start.month();
    let (relation, sex, years) = match own {
        None => (TAKEN_IN, sex(700, chance), (34, 62)),
        Some(age) => family_member(age, cared, start, chance),
    };
    let birth = born(
        month.plus(-12 * years.1 - 11),
        month.plus(-12 * years.0),
        chance,
    );
    let person = CaredPerson {
        relation: relation.to_owned(),
        birth_date: Some(cared.birth),
        facts: cared.facts.iter().map(|note| note.fact.clone()).collect(),
        ..CaredPerson::default()
    };
    let since = cared
        .facts
        .first()
        .map_or(from.first_day(), |note| note.fact.from);
    let cares = start.note(
        since.max(cared.birth.assumed_day()),
        FactKind::CaresFor(person.into()),
    );
    let mut draft = Draft::new(sex, birth).with([cares]).drawing(benefit, from);
    draft.relation = relation;
    Some(draft)
}

/// Who of the own family cares: relation, sex, and the youngest and oldest age in years.
fn family_member(
    age: Age,
    cared: &Draft,
    start: &Start<'_>,
    chance: &mut Random,
) -> (&'static str, Sex, (i32, i32)) {
    let years = start.month().since(cared.birth.assumed_month()) / 12;
    let parent = || (years + 20, years + 34);
    match (age, chance.below(10)) {
        (Age::Child, 0..=6) => ("mother", Sex::Female, parent()),
        (Age::Child, 7..=8) => ("father", Sex::Male, parent()),
        (Age::Child, _) => (
            "grandmother",
            Sex::Female,
            (years + 42, (years + 52).min(78)),
        ),
        (Age::Adult, 0..=5) if years <= 45 => ("mother", Sex::Female, parent()),
        (Age::Adult, 6) if years <= 45 => ("father", Sex::Male, parent()),
        (Age::Adult, 7) if years >= 26 => spouse(cared, years),
        (Age::Adult, _) => ("sibling", sex(600, chance), near(years)),
        (Age::Older, 0..=3) if years < 78 => spouse(cared, years),
        (Age::Older, _) => ("child", sex(600, chance), (years - 34, years - 22)),
    }
}

fn spouse(cared: &Draft, years: i32) -> (&'static str, Sex, (i32, i32)) {
    let (relation, sex) = match cared.sex {
        Sex::Male => ("wife", Sex::Female),
        Sex::Female => ("husband", Sex::Male),
    };
    (relation, sex, near(years))
}

/// About as old, but grown up and not yet 79.
fn near(years: i32) -> (i32, i32) {
    ((years - 5).clamp(22, 74), (years + 4).clamp(24, 78))
}
