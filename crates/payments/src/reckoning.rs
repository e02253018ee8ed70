//! One person's lines for a month: owed, less listed, with the reason of every difference.

use kernel::{Month, MonthSpan, PersonId};
use law::{InForce, MonthAnswer, Person, Spell};

use crate::carried::Uncollected;
use crate::difference::{Difference, Terms};
use crate::news::News;
use crate::{Line, LineKind, ListedRun, Reason, difference};

/// Works out lines person by person; what it allocates once serves everybody.
pub(crate) struct Reckoner<'a> {
    law: &'a InForce,
    month: Month,
    uncollected: &'a Uncollected,
    spells: Vec<Spell>,
    differences: Vec<Difference>,
    lines: Vec<Line>,
}

impl<'a> Reckoner<'a> {
    /// For the list of a month, with the law in force and what did not reach people.
    pub(crate) const fn new(
        law: &'a InForce,
        month: Month,
        uncollected: &'a Uncollected,
    ) -> Reckoner<'a> {
        Reckoner {
            law,
            month,
            uncollected,
            spells: Vec::new(),
            differences: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// The lines of one person in the order they are numbered: regular, arrears, one-off, carried
    /// over, recoveries; by benefit, then month. `news` is asked only when a month long past is
    /// paid.
    pub(crate) fn lines(
        &mut self,
        id: PersonId,
        person: &Person,
        listed: &[ListedRun],
        news: impl FnOnce() -> News,
    ) -> &[Line] {
        self.lines.clear();
        self.spells.clear();
        self.differences.clear();
        if let Some(from) = person.first_month() {
            let span = MonthSpan {
                from,
                to: self.month,
            };
            self.law.owed(person, span, &mut self.spells);
        }
        difference(&self.spells, listed, self.month, &mut self.differences);
        if let [only] = self.differences[..]
            && only.kind(self.month) == LineKind::Regular
        {
            self.lines.push(line(&only, self.month, None));
        } else if !self.differences.is_empty() {
            self.with_reasons(person, news());
        }
        if !self.uncollected.is_empty() {
            self.lines
                .extend(self.uncollected.of(id, &self.spells, &self.differences));
        }
        if self.lines.len() > 1 {
            self.lines
                .sort_by_key(|line| (place_of(line.kind), line.benefit, line.for_month));
        }
        &self.lines
    }

    fn with_reasons(&mut self, person: &Person, news: News) {
        let mut why = Why {
            law: self.law,
            person,
            news,
            all: &self.differences,
            answer: None,
        };
        for found in &self.differences {
            let reason = match found.kind(self.month) {
                LineKind::Regular | LineKind::CarriedOver => None,
                LineKind::OneOff => Some(Reason::GrantDue),
                LineKind::Arrears => Some(why.of_arrears(found)),
                LineKind::Recovery => Some(why.of_recovery(found)),
            };
            self.lines.push(line(found, self.month, reason));
        }
    }
}

fn place_of(kind: LineKind) -> u8 {
    match kind {
        LineKind::Regular => 0,
        LineKind::Arrears => 1,
        LineKind::OneOff => 2,
        LineKind::CarriedOver => 3,
        LineKind::Recovery => 4,
    }
}

fn line(found: &Difference, month: Month, reason: Option<Reason>) -> Line {
    // A difference has at least one side.
    let terms = found.owed.or(found.held);
    Line {
        benefit: found.benefit,
        kind: found.kind(month),
        for_month: found.for_month,
        amount: found.amount(),
        coefficient: terms.map(|terms| terms.coefficient).unwrap_or_default(),
        standard: terms.map(|terms| terms.standard).unwrap_or_default(),
        reason,
        carries: None,
    }
}

/// Why the months of one person differ.
struct Why<'a> {
    law: &'a InForce,
    person: &'a Person,
    news: News,
    all: &'a [Difference],
    /// The last month asked about.
    answer: Option<(Month, MonthAnswer)>,
}

impl Why<'_> {
    fn of_arrears(&self, found: &Difference) -> Reason {
        if let (Some(owed), Some(held)) = (found.owed, found.held) {
            return changed(owed, held);
        }
        let gives_way = |other: &&Difference| {
            other.benefit != found.benefit
                && other.for_month == found.for_month
                && other.held.is_some()
                && other.owed.is_none()
        };
        if self.all.iter().any(|other| gives_way(&other)) {
            Reason::Superseded
        } else if found.held_before && self.news.resumed {
            Reason::SuspensionLifted
        } else if found.held_before && !self.news.enrolled {
            if self.news == News::default() {
                Reason::MonthNotListed
            } else {
                Reason::Correction
            }
        } else if self.news.corrected && !self.news.enrolled && !self.news.facts {
            Reason::Correction
        } else {
            Reason::LateDecision
        }
    }

    fn of_recovery(&mut self, found: &Difference) -> Reason {
        if let (Some(owed), Some(held)) = (found.owed, found.held) {
            return changed(owed, held);
        }
        let month = found.for_month;
        if self.answer.as_ref().is_none_or(|(of, _)| *of != month) {
            self.answer = Some((month, self.law.explain(self.person, month)));
        }
        let refused = self.answer.iter().flat_map(|(_, answer)| &answer.refused);
        let mut refused = refused.filter(|refused| refused.benefit == found.benefit);
        if let Some(refused) = refused.next() {
            return Reason::of_refusal(refused.reason);
        }
        let of_benefit = |enrolment: &&law::Enrolment| enrolment.benefit == found.benefit;
        let mut enrolments = self.person.enrolments.iter().filter(of_benefit);
        if enrolments.any(|enrolment| enrolment.to.is_some_and(|last| last < month)) {
            Reason::EnrolmentEnded
        } else {
            Reason::NotEnrolled
        }
    }
}

/// Both owed and held, at different amounts.
fn changed(owed: Terms, held: Terms) -> Reason {
    if owed.coefficient == held.coefficient && owed.standard == held.standard {
        // Equal terms at another amount: only several records of one person hold that.
        if owed.amount < held.amount {
            Reason::PaidTwice
        } else {
            Reason::Correction
        }
    } else if owed.coefficient != held.coefficient {
        Reason::RateChanged
    } else if owed.standard > held.standard {
        Reason::StandardRaised
    } else {
        Reason::StandardLowered
    }
}
