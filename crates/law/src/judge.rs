//! What a person is owed in a month and why not more: the one place where the law is applied.

use kernel::{Coefficient, Dong};

use crate::benefit_set::BenefitSet;
use crate::circumstances::{Circumstances, holds, holds_since_earlier};
use crate::files::{Due, StopEvent};
use crate::glance::Glance;
use crate::in_force::{RulesInForce, VersionInForce};
use crate::meets::Asked;
use crate::rate::Counted;
use crate::requirement::CheckedBy;
use crate::{Benefit, Enrolment, FactKind, InForce, highest, rate};

/// The answer for a month, one verdict for each benefit covered by an enrolment.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    /// What the enrolments say of the month.
    pub(crate) coverage: Coverage,
    /// Those that are paid.
    pub(crate) paid: BenefitSet,
    /// By `Benefit::number`.
    pub(crate) verdicts: [Verdict; SLOTS],
    /// A partial birth date of a counted child or cared-for person was used.
    pub(crate) assumed: bool,
}

pub(crate) const SLOTS: usize = Benefit::ALL.len() + 1;

/// What happens to one benefit in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Paid.
    Paid {
        coefficient: Coefficient,
        standard: Dong,
    },
    /// Not paid.
    Refused(Reason),
}

/// Why a benefit is not paid: the place of the reason in the law's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The month lies before every law.
    NoLaw,
    /// The law of the month has no such benefit.
    NotInLaw,
    /// Stopped by an event: place in the rules.
    Stopped(u8),
    /// A condition fails: place in the version.
    Condition(u8),
    /// No rate fits.
    NoRate,
    /// No rate fits, because nothing is known of the person cared for.
    Unknown,
    /// Another benefit is higher: place of the group in the rules.
    LowerThanHighest(u8),
}

/// What enrolments say of a month.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Coverage {
    /// Covered by an enrolment, by the name it is paid under.
    pub(crate) covered: BenefitSet,
    /// Covered and not suspended by decision.
    active: BenefitSet,
    /// Covered under its own name.
    pub(crate) direct: BenefitSet,
    /// In the first month of an enrolment.
    pub(crate) beginning: BenefitSet,
}

/// Events of the month that stop payment.
#[derive(Clone, Copy, Default)]
pub(crate) struct Events {
    unborn: bool,
    dead: bool,
    suspended: bool,
    in_prison: bool,
    in_facility: bool,
}

impl InForce {
    /// Judges one month; the glance knows afterwards how long the judgement lasts.
    pub(crate) fn judge(&self, who: &Circumstances<'_>, glance: &mut Glance) -> Judgement {
        let coverage = self.coverage(who, glance);
        let mut judgement = Judgement {
            coverage,
            paid: BenefitSet::EMPTY,
            verdicts: [Verdict::Refused(Reason::NoLaw); SLOTS],
            assumed: false,
        };
        if coverage.covered == BenefitSet::EMPTY {
            return judgement;
        }
        let Some(rules) = self.rules.at(glance) else {
            return judgement;
        };
        let events = events(who, glance);
        for benefit in coverage.covered.iter() {
            let verdict = match self.version(benefit, glance) {
                None => Err(Reason::NotInLaw),
                Some(version) => stopped(rules, benefit, events, coverage)
                    .and_then(|()| self.rate(benefit, version, who, coverage, glance)),
            };
            judgement.verdicts[benefit as usize] = match verdict {
                Err(reason) => Verdict::Refused(reason),
                Ok(counted) => {
                    judgement.assumed |= counted.assumed;
                    self.verdict(benefit, counted.coefficient, who, glance)
                }
            };
            if matches!(judgement.verdicts[benefit as usize], Verdict::Paid { .. }) {
                judgement.paid.insert(benefit);
            }
        }
        highest::keep_only_the_highest(rules, &mut judgement);
        judgement
    }

    /// Which benefits the enrolments cover.
    fn coverage(&self, who: &Circumstances<'_>, glance: &mut Glance) -> Coverage {
        let mut coverage = Coverage::default();
        for enrolment in &who.person.enrolments {
            let version = self.version(enrolment.benefit, glance);
            let due = version.map_or(Due::Monthly, |version| version.text.due);
            let covers = match due {
                Due::MonthOfDeath if who.dies_in_month(glance) => true,
                _ => glance.holds(enrolment.from, enrolment.to),
            };
            if !covers {
                continue;
            }
            let continued = version.and_then(|version| version.text.continued_as);
            let benefit = continued.unwrap_or(enrolment.benefit);
            coverage.covered.insert(benefit);
            if continued.is_none() {
                coverage.direct.insert(benefit);
            }
            if !suspended(enrolment, glance) {
                coverage.active.insert(benefit);
            }
            if due == Due::FirstMonth && glance.is(enrolment.from) {
                coverage.beginning.insert(benefit);
            }
        }
        coverage
    }

    /// The amount's two factors; without a standard there is no law for the month.
    fn verdict(
        &self,
        benefit: Benefit,
        coefficient: Coefficient,
        who: &Circumstances<'_>,
        glance: &mut Glance,
    ) -> Verdict {
        let province = who.province(glance);
        match self.standards.at(province, benefit, glance) {
            Some(standard) => Verdict::Paid {
                coefficient,
                standard: standard.amount,
            },
            None => Verdict::Refused(Reason::NoLaw),
        }
    }

    /// Conditions the calendar and the registry check, then the rate.
    fn rate(
        &self,
        benefit: Benefit,
        version: &VersionInForce,
        who: &Circumstances<'_>,
        coverage: Coverage,
        glance: &mut Glance,
    ) -> Result<Counted, Reason> {
        let asked = Asked::Enrolled { benefit, coverage };
        for (place, condition) in version.text.condition.iter().enumerate() {
            if condition.checked_by == CheckedBy::Calendar
                && !self.meets(&condition.must, who, asked, glance)
            {
                return Err(Reason::Condition(place as u8));
            }
        }
        rate::count(version, who, asked, glance, &mut |_| ())
    }
}

fn suspended(enrolment: &Enrolment, glance: &mut Glance) -> bool {
    let mut spans = enrolment.suspended.iter();
    spans.any(|span| glance.holds(span.from, Some(span.to)))
}

/// What happened to the person, in one pass over the facts.
fn events(who: &Circumstances<'_>, glance: &mut Glance) -> Events {
    let mut events = Events {
        unborn: who.unborn(glance),
        dead: who.dead(glance),
        ..Events::default()
    };
    for fact in &who.person.facts {
        match fact.kind {
            FactKind::Suspended { .. } => events.suspended |= holds(fact, glance),
            FactKind::InPrison => events.in_prison |= holds_since_earlier(fact, glance),
            FactKind::InFacility => events.in_facility |= holds_since_earlier(fact, glance),
            _ => {}
        }
    }
    events
}

fn stopped(
    rules: &RulesInForce,
    benefit: Benefit,
    events: Events,
    coverage: Coverage,
) -> Result<(), Reason> {
    for (place, (stop, except)) in rules.stops.iter().enumerate() {
        let happened = match stop.when {
            StopEvent::NotBorn => events.unborn,
            StopEvent::Died => events.dead,
            StopEvent::Suspended => events.suspended || !coverage.active.contains(benefit),
            StopEvent::InPrison => events.in_prison,
            StopEvent::InFacility => events.in_facility,
        };
        if happened && !except.contains(benefit) {
            return Err(Reason::Stopped(place as u8));
        }
    }
    Ok(())
}

/// What a verdict pays.
pub(crate) fn amount(verdict: Verdict) -> Dong {
    match verdict {
        Verdict::Paid {
            coefficient,
            standard,
        } => coefficient.of(standard),
        Verdict::Refused(_) => Dong::ZERO,
    }
}
