//! Two records of one person become one: what the dropped record says is added to the kept one.

use kernel::{Month, MonthSpan};

use super::enrolment::joined;
use super::{Award, PersonState, StatedFact};

impl<'e> PersonState<'e> {
    /// Takes out of a merged record what is given to the kept one; identity and home stay.
    pub fn take_for_merging(&mut self) -> PersonState<'e> {
        let bare = PersonState {
            facts: Vec::new(),
            awards: Vec::new(),
            payee: None,
            wants_account: None,
            ..self.clone()
        };
        std::mem::replace(self, bare)
    }

    /// Adds what a record dropped in favour of this one says. Identity, home and payee stay those
    /// of the kept record; facts and awards of both hold, and what both say is said once, so
    /// that nothing is paid twice.
    pub fn absorb(&mut self, dropped: PersonState<'e>) {
        self.death = self.death.or(dropped.death);
        self.payee = self.payee.or(dropped.payee);
        self.wants_account = self.wants_account.or(dropped.wants_account);
        for fact in dropped.facts {
            self.absorb_fact(fact);
        }
        self.facts.sort_by_key(|fact| (fact.from, fact.fact_id));
        for award in dropped.awards {
            self.absorb_award(award);
        }
        self.awards.sort_by_key(|award| (award.benefit, award.from));
    }

    fn absorb_fact(&mut self, fact: StatedFact<'e>) {
        let same = |own: &&mut StatedFact<'e>| {
            own.kind == fact.kind
                && own.to.is_none_or(|to| fact.from <= to)
                && fact.to.is_none_or(|to| own.from <= to)
        };
        match self.facts.iter_mut().find(same) {
            None => self.facts.push(fact),
            Some(own) => {
                own.from = own.from.min(fact.from);
                own.to = own.to.zip(fact.to).map(|(one, other)| one.max(other));
            }
        }
    }

    /// Awards of one benefit that overlap become one that is due in each month in which either was.
    fn absorb_award(&mut self, award: Award<'e>) {
        let mut whole = award;
        let overlaps = |own: &Award<'e>, whole: &Award<'e>| {
            own.benefit == whole.benefit && own.span().overlap(whole.span()).is_some()
        };
        while let Some(at) = self.awards.iter().position(|own| overlaps(own, &whole)) {
            let own = self.awards.swap_remove(at);
            let mut due = due(&own);
            due.extend(self::due(&whole));
            let (first, last) = (own.span(), whole.span());
            let span = MonthSpan {
                from: first.from.min(last.from),
                to: first.to.max(last.to),
            };
            whole = Award {
                from: span.from,
                to: (span.to < Month::MAX).then_some(span.to),
                suspended: outside(&joined(&mut due), span),
                end_reason: if last.to > first.to {
                    whole.end_reason
                } else {
                    own.end_reason
                },
                ..own
            };
        }
        self.awards.push(whole);
    }
}

/// The months of an award that are paid.
fn due(award: &Award<'_>) -> Vec<MonthSpan> {
    outside(&award.suspended, award.span())
}

/// The months of a span that lie in none of the (ordered, disjoint) holes.
fn outside(holes: &[MonthSpan], span: MonthSpan) -> Vec<MonthSpan> {
    let mut rest = Vec::with_capacity(holes.len() + 1);
    let mut from = span.from;
    for hole in holes {
        if from < hole.from {
            rest.push(MonthSpan {
                from,
                to: hole.from.previous(),
            });
        }
        if hole.to >= span.to {
            return rest;
        }
        from = hole.to.next();
    }
    rest.push(MonthSpan { from, to: span.to });
    rest
}
