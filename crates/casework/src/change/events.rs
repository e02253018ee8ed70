//! What a change tells the registry.

use jiff::ToSpan;
use jiff::civil::Date;
use kernel::{AreaCode, EventId, Month};
use law::{Benefit, FactKind};
use registry::event::{EventKind, Pause, UNCHANGED};
use registry::person::{Enrolment, Profile};
use registry::{Event, Submitted};
use uuid::Uuid;

use super::{Change, ChangeRefused, Facts, Found, Order};

/// Source of the events of decisions.
pub(crate) const SOURCE: &str = "quyet-dinh";

/// A change as events of one person, each named after the form it came with.
pub(super) struct Telling<'a> {
    pub(super) key: Uuid,
    pub(super) who: &'a Profile,
    pub(super) order: &'a Order,
    pub(super) events: Vec<Event>,
}

impl<'a> Telling<'a> {
    pub(super) fn of(
        key: Uuid,
        who: &'a Profile,
        order: &'a Order,
    ) -> Result<Vec<Submitted>, ChangeRefused> {
        let mut telling = Telling {
            key,
            who,
            order,
            events: Vec::new(),
        };
        telling.change()?;
        let rows = (1..).zip(telling.events);
        Ok(rows.map(|(row, event)| Submitted { row, event }).collect())
    }

    fn change(&mut self) -> Result<(), ChangeRefused> {
        match &self.order.change {
            Change::Adjust(facts) => self.adjust(facts),
            Change::Suspend { benefit, from } => self.suspend(*benefit, *from),
            Change::Resume { benefit, found } => self.resume(*benefit, found),
            Change::Stop {
                benefit,
                last_month,
            } => self.stop(*benefit, *last_month),
            Change::Death { day, organiser } => {
                if organiser.trim().is_empty() {
                    return Err(ChangeRefused::NoOrganiser);
                }
                self.tell(*day, EventKind::Died { date: *day });
                Ok(())
            }
            Change::MoveInside { area, day } => {
                let area = AreaCode(area.clone());
                self.tell(*day, EventKind::Moved { area });
                Ok(())
            }
        }
    }

    fn tell(&mut self, effective: Date, kind: EventKind) {
        let name = format!("event {}", self.events.len());
        let id = Uuid::new_v5(&self.key, name.as_bytes());
        self.events.push(Event {
            event_id: EventId(id.as_u128()),
            source: SOURCE.to_owned(),
            person: format!("#{}", self.order.person),
            effective,
            kind,
        });
    }

    /// Why, in the words events carry: the ground of the list.
    fn reason(&self) -> String {
        let ground = super::ground::ground(self.order.change.code(), &self.order.ground);
        ground.map_or_else(|| self.order.ground.clone(), |it| it.name.clone())
    }

    fn adjust(&mut self, facts: &Facts) -> Result<(), ChangeRefused> {
        if facts.begin.is_empty() && facts.end.is_empty() {
            return Err(ChangeRefused::Nothing);
        }
        for (fact_id, last) in &facts.end {
            let fact_id = fact_id.clone();
            self.tell(*last, EventKind::FactEnded { fact_id });
        }
        for new in &facts.begin {
            let ended: Vec<String> = self.replaced_by(&new.fact, new.from, facts);
            let before = new.from.checked_sub(1.day()).unwrap_or(new.from);
            for fact_id in ended {
                self.tell(before, EventKind::FactEnded { fact_id });
            }
            let fact_id = Uuid::new_v5(&self.key, format!("fact {}", self.events.len()).as_bytes());
            self.tell(
                new.from,
                EventKind::FactStarted {
                    fact_id: fact_id.to_string(),
                    fact: new.fact.clone(),
                    to: new.to,
                },
            );
        }
        Ok(())
    }

    /// Open facts whose place a new one takes: of grades and lists one holds at a time.
    fn replaced_by(&self, new: &FactKind, from: Date, facts: &Facts) -> Vec<String> {
        let one_at_a_time = |kind: &FactKind| {
            matches!(kind, FactKind::Disability { .. } | FactKind::Poverty { .. })
        };
        if !one_at_a_time(new) {
            return Vec::new();
        }
        let same = std::mem::discriminant(new);
        let open = self.who.facts.iter().filter(|(id, fact)| {
            std::mem::discriminant(&fact.kind) == same
                && fact.to.is_none()
                && fact.from < from
                && !facts.end.iter().any(|(ended, _)| ended == id)
        });
        open.map(|(id, _)| id.clone()).collect()
    }

    fn suspend(&mut self, benefit: Option<Benefit>, from: Month) -> Result<(), ChangeRefused> {
        let running = self.running(from);
        let named = |award: &&Enrolment| benefit.is_none_or(|named| named == award.benefit);
        let rested: Vec<Benefit> = running.filter(named).map(|award| award.benefit).collect();
        if rested.is_empty() {
            return Err(ChangeRefused::NoBenefit("đang hưởng"));
        }
        let reason = self.reason();
        for benefit in rested {
            let pause = self.pause(benefit, from, &reason);
            self.tell(from.first_day(), EventKind::Suspended(pause));
        }
        Ok(())
    }

    fn pause(&self, benefit: Benefit, from: Month, reason: &str) -> Pause {
        Pause {
            benefit: Some(benefit),
            from,
            reason: reason.to_owned(),
            decision: Some(self.order.decision.clone()),
        }
    }

    fn resume(&mut self, benefit: Option<Benefit>, found: &Found) -> Result<(), ChangeRefused> {
        let resting = resting(self.who);
        let named = |(rests, _): &(Benefit, Month)| benefit.is_none_or(|named| named == *rests);
        let resting: Vec<_> = resting.into_iter().filter(named).collect();
        if resting.is_empty() {
            return Err(ChangeRefused::NoBenefit("đang tạm dừng"));
        }
        for (benefit, since) in resting {
            if *found == Found::NotEligible {
                self.end(benefit, since.previous(), Some(since));
            } else {
                let pause = self.pause(benefit, since, UNCHANGED);
                self.tell(since.first_day(), EventKind::Resumed(pause));
            }
        }
        match found {
            Found::Changed(facts) => self.adjust(facts),
            Found::Unchanged | Found::NotEligible => Ok(()),
        }
    }

    fn stop(&mut self, benefit: Option<Benefit>, last: Month) -> Result<(), ChangeRefused> {
        let resting = resting(self.who);
        let open = self.who.enrolments.iter().filter(|award| {
            award.from <= last
                && award.to.is_none_or(|to| last < to)
                && !award.benefit.is_one_off()
                && benefit.is_none_or(|named| named == award.benefit)
        });
        let open: Vec<Benefit> = open.map(|award| award.benefit).collect();
        if open.is_empty() {
            return Err(ChangeRefused::NoBenefit("đang hưởng"));
        }
        for benefit in open {
            let rests = resting.iter().find(|(rests, _)| *rests == benefit);
            self.end(benefit, last, rests.map(|(_, since)| *since));
        }
        Ok(())
    }

    /// Ends a benefit. One that rests is also freed, so that another award of it would be paid: from
    /// the month after the last, the months before stay at rest.
    fn end(&mut self, benefit: Benefit, last_month: Month, rests_since: Option<Month>) {
        let reason = self.reason();
        if let Some(since) = rests_since {
            let from = last_month.next().max(since);
            let pause = self.pause(benefit, from, &reason);
            self.tell(from.first_day(), EventKind::Resumed(pause));
        }
        let ended = EventKind::EnrolmentEnded {
            benefit,
            last_month,
            reason,
            decision: Some(self.order.decision.clone()),
        };
        self.tell(last_month.first_day(), ended);
    }

    /// Awards paid in a month that do not rest from it on.
    fn running(&self, month: Month) -> impl Iterator<Item = &'a Enrolment> + use<'a> {
        running(self.who, month)
    }
}

/// Awards that may be paid in a month or after it and do not rest then already.
pub(crate) fn running(who: &Profile, month: Month) -> impl Iterator<Item = &Enrolment> {
    who.enrolments.iter().filter(move |award| {
        award.to.is_none_or(|to| month <= to)
            && !award.benefit.is_one_off()
            && !award.suspended.iter().any(|rest| rest.to >= month)
    })
}

/// Benefits that rest without an end, each with the first month of the rest.
pub(crate) fn resting(who: &Profile) -> Vec<(Benefit, Month)> {
    let open = who.enrolments.iter().filter(|award| award.to.is_none());
    let resting = open.filter_map(|award| {
        let rest = award.suspended.last()?;
        (rest.to == Month::MAX).then_some((award.benefit, rest.from))
    });
    resting.collect()
}
