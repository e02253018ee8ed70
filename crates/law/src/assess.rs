//! Which benefits a person's facts qualify for, every condition checked.

use kernel::Month;
use serde::Serialize;

use crate::circumstances::{Circumstances, holds, holds_since_earlier};
use crate::files::{StopEvent, Version};
use crate::glance::Glance;
use crate::judge::Reason;
use crate::meets::Asked;
use crate::requirement::Requirement;
use crate::{Benefit, FactKind, InForce, Person, RefusalCode, rate};

/// Which benefits the facts qualify for in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// Those they qualify for, whether or not another one is higher.
    pub eligible: Vec<Eligible>,
    /// The others, each with the first condition that fails.
    pub ineligible: Vec<Ineligible>,
    /// The birth date is known only in part and was counted as its first day (contracts, months,
    /// rule 8).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assumed_birth_date: bool,
}

/// A benefit the facts qualify for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Eligible {
    /// Which.
    pub benefit: Benefit,
    /// The group of the decree, such as `5.6`, with the letter of the case where there is one.
    pub basis: String,
    /// The articles.
    pub law: Vec<String>,
}

/// A benefit the facts do not qualify for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ineligible {
    /// Which.
    pub benefit: Benefit,
    /// Stable code of the first condition that fails.
    pub condition: RefusalCode,
    /// The articles.
    pub law: Vec<String>,
    /// The reason in Vietnamese, for people.
    #[serde(skip)]
    pub text: String,
}

impl InForce {
    /// Says for every benefit whether the person's facts qualify for it in the month. Enrolments
    /// are not looked at.
    pub fn assess(&self, person: &Person, month: Month) -> Assessment {
        let who = Circumstances::of(person);
        let mut assessment = Assessment {
            eligible: Vec::new(),
            ineligible: Vec::new(),
            assumed_birth_date: person.birth_date.is_assumed(),
        };
        for benefit in Benefit::ALL {
            let glance = &mut Glance::at(month);
            match self.entitled(benefit, &who, glance) {
                Ok(version) => assessment.eligible.push(Eligible {
                    benefit,
                    basis: basis(version, &who, glance),
                    law: vec![version.law.clone()],
                }),
                Err(reason) => {
                    let reason = self.reason(benefit, reason, glance);
                    assessment.ineligible.push(Ineligible {
                        benefit,
                        condition: reason.code,
                        law: reason.law,
                        text: reason.text,
                    });
                }
            }
        }
        assessment
    }

    /// The version that entitles the person by facts alone, or the first thing in the way.
    pub(crate) fn entitled(
        &self,
        benefit: Benefit,
        who: &Circumstances<'_>,
        glance: &mut Glance,
    ) -> Result<&Version, Reason> {
        let rules = self.rules.at(glance).ok_or(Reason::NoLaw)?;
        let version = self.version(benefit, glance).ok_or(Reason::NotInLaw)?;
        if version.text.continued_as.is_some() {
            return Err(Reason::NotInLaw);
        }
        for (place, (stop, except)) in rules.stops.iter().enumerate() {
            if !except.contains(benefit) && happened(stop.when, who, glance) {
                return Err(Reason::Stopped(place as u8));
            }
        }
        for (place, condition) in version.text.condition.iter().enumerate() {
            if !self.meets(&condition.must, who, Asked::ByFacts, glance) {
                return Err(Reason::Condition(place as u8));
            }
        }
        rate::count(version, who, Asked::ByFacts, glance, &mut |_| ())?;
        Ok(&version.text)
    }
}

/// Suspension concerns payment, not whether somebody qualifies.
fn happened(event: StopEvent, who: &Circumstances<'_>, glance: &mut Glance) -> bool {
    let since = |kind: FactKind, glance: &mut Glance| {
        let mut facts = who.person.facts.iter().filter(|fact| fact.kind == kind);
        facts.any(|fact| holds_since_earlier(fact, glance))
    };
    match event {
        StopEvent::NotBorn => who.unborn(glance),
        StopEvent::Died => who.dead(glance),
        StopEvent::Suspended => false,
        StopEvent::InPrison => since(FactKind::InPrison, glance),
        StopEvent::InFacility => since(FactKind::InFacility, glance),
    }
}

/// The group, with the letter of the earliest case without support that holds.
fn basis(version: &Version, who: &Circumstances<'_>, glance: &mut Glance) -> String {
    let asks_letter =
        |condition: &crate::requirement::Condition| condition.must == Requirement::WithoutSupport;
    if !version.condition.iter().any(asks_letter) {
        return version.group.clone();
    }
    let letters = who.person.facts.iter().filter_map(|fact| match fact.kind {
        FactKind::WithoutSupport { basis } if holds(fact, glance) => Some((fact.from, basis)),
        _ => None,
    });
    match letters.min() {
        Some((_, letter)) => format!("{}{}", version.group, letter.letter()),
        None => version.group.clone(),
    }
}
