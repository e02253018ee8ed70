//! Which coefficient applies.

use kernel::{Coefficient, Month, PartialDate};

use crate::FactKind;
use crate::circumstances::{Cared, Children, Circumstances, birthday, grade_of, holds};
use crate::files::{Measure, Rate};
use crate::glance::Glance;
use crate::in_force::VersionInForce;
use crate::judge::Reason;
use crate::meets::{Asked, says};
use crate::person::Grade;

/// A coefficient found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) coefficient: Coefficient,
    /// A partial birth date of somebody counted was used.
    pub(crate) assumed: bool,
}

/// What the tests of a rate look at.
struct Subject {
    born: Option<Month>,
    /// `None` when nothing is known; `Some(None)` when there is no certificate.
    grade: Option<Option<Grade>>,
    pregnant: bool,
    children: u16,
    died_in_facility: bool,
    /// A decision stands in for what is not known.
    trusted: bool,
}

/// How a test of a rate came out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
    NotKnown,
}

/// The coefficient of a version for a person, each rate used reported to `used`.
pub(crate) fn count<'v>(
    version: &'v VersionInForce,
    who: &Circumstances<'_>,
    asked: Asked,
    glance: &mut Glance,
    used: &mut impl FnMut(&'v Rate),
) -> Result<Counted, Reason> {
    match version.text.measure {
        Measure::Person => count_person(version, who, glance, used),
        _ => count_cared_for(version, who, asked, glance, used),
    }
}

fn count_person<'v>(
    version: &'v VersionInForce,
    who: &Circumstances<'_>,
    glance: &mut Glance,
    used: &mut impl FnMut(&'v Rate),
) -> Result<Counted, Reason> {
    let children = match &version.text.child {
        Some(rule) => who.children(rule, glance),
        None => Children::default(),
    };
    let is_pregnant = |kind: &FactKind| *kind == FactKind::Pregnant;
    let subject = Subject {
        born: Some(who.born),
        grade: Some(version.asks_grade.then(|| who.grade(glance)).flatten()),
        pregnant: version.asks_pregnant && who.any(glance, is_pregnant),
        children: children.count,
        died_in_facility: who.died_in_facility(),
        trusted: true,
    };
    let rate = first_fitting(&version.text.rate, &subject, glance).ok_or(Reason::NoRate)?;
    used(rate);
    let times = if rate.per_child { children.count } else { 1 };
    Ok(Counted {
        coefficient: Coefficient::from_tenths(rate.coefficient.tenths().saturating_mul(times)),
        assumed: children.assumed,
    })
}

fn count_cared_for<'v>(
    version: &'v VersionInForce,
    who: &Circumstances<'_>,
    asked: Asked,
    glance: &mut Glance,
    used: &mut impl FnMut(&'v Rate),
) -> Result<Counted, Reason> {
    let mut counted = None::<Counted>;
    let mut unknown = false;
    who.cared_for(glance, |glance, cared| {
        if !belongs(version, cared, asked) {
            return;
        }
        let trusted = matches!(asked, Asked::Enrolled { .. });
        let subject = Subject::cared(cared, version.asks_grade, trusted, glance);
        let rate = first_fitting(&version.text.rate, &subject, glance);
        match rate.filter(|_| trusted || qualifies(version, cared, glance)) {
            Some(rate) => {
                used(rate);
                let sum = counted.get_or_insert_default();
                sum.coefficient = sum.coefficient + rate.coefficient;
                sum.assumed |= cared.person.birth_date.is_some_and(PartialDate::is_assumed);
            }
            None => unknown |= cared.born.is_none(),
        }
    });
    match counted {
        Some(counted) => Ok(counted),
        None if unknown && version.text.unknown.is_some() => Err(Reason::Unknown),
        None => Err(Reason::NoRate),
    }
}

/// Whether somebody cared for counts for this benefit rather than for the one it is shared with: a
/// carer enrolled in one alone has everybody counted there, because the decision said so.
fn belongs(version: &VersionInForce, cared: &Cared<'_>, asked: Asked) -> bool {
    let divided = match asked {
        Asked::ByFacts => true,
        Asked::Enrolled { coverage, .. } => {
            let other = version.text.shared_with;
            other.is_some_and(|other| coverage.covered.contains(other))
        }
    };
    match version.text.measure {
        Measure::TakenIn => !divided || cared.taken_in(),
        Measure::OwnFamily => !divided || !cared.taken_in(),
        Measure::Person => true,
    }
}

/// Whether facts show that somebody cared for is of the group the version names.
fn qualifies(version: &VersionInForce, cared: &Cared<'_>, glance: &mut Glance) -> bool {
    version.text.cared_must.as_ref().is_none_or(|requirement| {
        let mut facts = cared.person.facts.iter();
        facts.any(|fact| says(requirement, &fact.kind) && holds(fact, glance))
    })
}

impl Subject {
    fn cared(cared: &Cared<'_>, asks_grade: bool, trusted: bool, glance: &mut Glance) -> Subject {
        let known = !cared.is_unknown();
        let grade = |glance| grade_of(&cared.person.facts, glance);
        Subject {
            born: cared.born,
            grade: known.then(|| asks_grade.then(|| grade(glance)).flatten()),
            pregnant: false,
            children: 0,
            died_in_facility: false,
            trusted,
        }
    }

    fn age(&self, test: impl FnOnce(Month) -> bool) -> Fit {
        match self.born {
            None => Fit::NotKnown,
            Some(born) if test(born) => Fit::Yes,
            Some(_) => Fit::No,
        }
    }

    fn fits(&self, rate: &Rate, glance: &mut Glance) -> bool {
        let or_yes = |fit: Option<Fit>| fit.unwrap_or(Fit::Yes);
        let from = |years| self.age(|born| glance.reached(birthday(born, years)));
        let from = or_yes(rate.age_from.map(from));
        let below = |years| self.age(|born| !glance.reached(birthday(born, years)));
        let below = or_yes(rate.age_below.map(below));
        let through = |years| self.age(|born| glance.within(birthday(born, years)));
        let through = or_yes(rate.age_through.map(through));
        let grade = or_yes(rate.grade.map(|asked| match self.grade {
            None => Fit::NotKnown,
            Some(grade) if grade == Some(asked) => Fit::Yes,
            Some(_) => Fit::No,
        }));
        let fits = |fit: Fit| {
            fit == Fit::Yes || (fit == Fit::NotKnown && self.trusted && rate.unknown_counts)
        };
        [from, below, through, grade].into_iter().all(fits)
            && (self.pregnant || !rate.pregnant)
            && (self.died_in_facility || !rate.in_facility)
            && rate
                .children_from
                .is_none_or(|least| self.children >= least)
    }
}

fn first_fitting<'v>(
    rates: &'v [Rate],
    subject: &Subject,
    glance: &mut Glance,
) -> Option<&'v Rate> {
    rates.iter().find(|rate| subject.fits(rate, glance))
}
