//! What is true of a person in a month, asked through a [`Glance`].

use jiff::civil::Date;
use kernel::{Month, PartialDate, ProvinceCode};

use crate::files::ChildRule;
use crate::glance::Glance;
use crate::person::{Grade, PovertyStatus};
use crate::{CaredPerson, Fact, FactKind, Person};

/// A person and what of them is asked again and again.
pub(crate) struct Circumstances<'a> {
    pub(crate) person: &'a Person,
    pub(crate) born: Month,
    died: Option<Month>,
}

/// The month of a birthday.
pub(crate) fn birthday(born: Month, years: u8) -> Month {
    born.plus(12 * i32::from(years))
}

/// Whether a fact is true on any day of the month.
pub(crate) fn holds(fact: &Fact, glance: &mut Glance) -> bool {
    glance.holds(Month::of(fact.from), fact.to.map(Month::of))
}

/// Whether a fact is true and was already true in an earlier month: the month of the event itself
/// is still paid (contracts, months, rule 4).
pub(crate) fn holds_since_earlier(fact: &Fact, glance: &mut Glance) -> bool {
    glance.holds(Month::of(fact.from).next(), fact.to.map(Month::of))
}

/// The highest grade on the certificates that hold.
pub(crate) fn grade_of(facts: &[Fact], glance: &mut Glance) -> Option<Grade> {
    let mut highest = None;
    for fact in facts {
        if let FactKind::Disability { grade } = fact.kind
            && holds(fact, glance)
        {
            highest = highest.max(Some(grade));
        }
    }
    highest
}

impl<'a> Circumstances<'a> {
    pub(crate) fn of(person: &'a Person) -> Circumstances<'a> {
        Circumstances {
            person,
            born: person.birth_date.assumed_month(),
            died: person.death_date.map(Month::of),
        }
    }

    /// Whether a fact of the kind holds.
    pub(crate) fn any(&self, glance: &mut Glance, is: impl Fn(&FactKind) -> bool) -> bool {
        let mut facts = self.person.facts.iter().filter(|fact| is(&fact.kind));
        facts.any(|fact| holds(fact, glance))
    }

    /// Whether a fact of the kind held in some month until now.
    pub(crate) fn ever(&self, glance: &mut Glance, is: impl Fn(&FactKind) -> bool) -> bool {
        let mut facts = self.person.facts.iter().filter(|fact| is(&fact.kind));
        facts.any(|fact| glance.reached(Month::of(fact.from)))
    }

    pub(crate) fn poor(&self, glance: &mut Glance, near_poor_too: bool) -> bool {
        self.any(glance, |kind| match kind {
            FactKind::Poverty { status } => near_poor_too || *status == PovertyStatus::Poor,
            _ => false,
        })
    }

    /// In school or training, on any day of the month.
    pub(crate) fn studying(&self, glance: &mut Glance) -> bool {
        self.person.facts.iter().any(|fact| match fact.kind {
            FactKind::Studying { until } => {
                holds(fact, glance) && until.is_none_or(|day| glance.within(Month::of(day)))
            }
            _ => false,
        })
    }

    pub(crate) fn grade(&self, glance: &mut Glance) -> Option<Grade> {
        grade_of(&self.person.facts, glance)
    }

    /// Born in a later month: nobody is owed anything before the month of birth.
    pub(crate) fn unborn(&self, glance: &mut Glance) -> bool {
        !glance.reached(self.born)
    }

    /// Dead since an earlier month.
    pub(crate) fn dead(&self, glance: &mut Glance) -> bool {
        self.died.is_some_and(|month| !glance.within(month))
    }

    pub(crate) fn dies_in_month(&self, glance: &mut Glance) -> bool {
        self.died.is_some_and(|month| glance.is(month))
    }

    /// In a facility on the very day of death.
    pub(crate) fn died_in_facility(&self) -> bool {
        let Some(day) = self.person.death_date else {
            return false;
        };
        let on_that_day = |fact: &Fact| fact.from <= day && fact.to.is_none_or(|to| day <= to);
        let mut facts = self.person.facts.iter();
        facts.any(|fact| fact.kind == FactKind::InFacility && on_that_day(fact))
    }

    /// Where the person lives in the month.
    pub(crate) fn province(&self, glance: &mut Glance) -> Option<ProvinceCode> {
        let mut lived = None;
        for (from, province) in &self.person.provinces {
            if lived.is_some() && !glance.reached(*from) {
                break;
            }
            lived = Some(*province);
        }
        lived
    }

    /// How many children count under a rule (contracts, months, rules 3 and 5).
    pub(crate) fn children(&self, rule: &ChildRule, glance: &mut Glance) -> Children {
        let mut children = Children::default();
        for fact in &self.person.facts {
            let FactKind::Child {
                birth_date,
                studying_until,
                until,
            } = fact.kind
            else {
                continue;
            };
            if !in_care(fact, until, glance) {
                continue;
            }
            let counts = birth_date.map_or(rule.unknown_counts, |birth| {
                let born = birth.assumed_month();
                glance.reached(born)
                    && (glance.within(birthday(born, rule.through))
                        || studies_on(born, studying_until, rule, glance))
            });
            children.count = children.count.saturating_add(u16::from(counts));
            children.assumed |= counts && birth_date.is_some_and(PartialDate::is_assumed);
        }
        children
    }

    /// The people cared for in the month who are alive and not in a facility.
    pub(crate) fn cared_for(&self, glance: &mut Glance, mut each: impl FnMut(&mut Glance, &Cared)) {
        for fact in &self.person.facts {
            let FactKind::CaresFor(person) = &fact.kind else {
                continue;
            };
            let born = person.birth_date.map(PartialDate::assumed_month);
            let is_born = |glance: &mut Glance| born.is_none_or(|born| glance.reached(born));
            if holds(fact, glance) && is_born(glance) && at_home(person, glance) {
                each(glance, &Cared { person, born });
            }
        }
    }
}

/// Children counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Children {
    pub(crate) count: u16,
    /// A counted child's birth date is only partly known.
    pub(crate) assumed: bool,
}

/// Somebody cared for.
pub(crate) struct Cared<'a> {
    pub(crate) person: &'a CaredPerson,
    pub(crate) born: Option<Month>,
}

impl Cared<'_> {
    /// Nothing but the decision speaks of them.
    pub(crate) fn is_unknown(&self) -> bool {
        self.born.is_none() && self.person.facts.is_empty()
    }

    /// Somebody else's home took them in.
    pub(crate) fn taken_in(&self) -> bool {
        matches!(self.person.relation.as_str(), "taken_in" | "foster")
    }
}

fn in_care(fact: &Fact, until: Option<Date>, glance: &mut Glance) -> bool {
    holds(fact, glance) && until.is_none_or(|day| glance.within(Month::of(day)))
}

fn studies_on(born: Month, until: Option<Date>, rule: &ChildRule, glance: &mut Glance) -> bool {
    rule.studying
        && until.is_some_and(|day| glance.within(Month::of(day)))
        && rule
            .studying_through
            .is_none_or(|years| glance.within(birthday(born, years)))
}

fn at_home(person: &CaredPerson, glance: &mut Glance) -> bool {
    let alive = person
        .death_date
        .is_none_or(|day| glance.within(Month::of(day)));
    let mut facts = person.facts.iter();
    alive
        && !facts.any(|fact| fact.kind == FactKind::InFacility && holds_since_earlier(fact, glance))
}
