//! From people to events: what the earlier system would have handed over, and what happened in the
//! month.

use jiff::civil::Date;
use kernel::{EventId, Month};
use law::{CaredPerson, FactKind};
use registry::event::{Decision, Event, EventKind, IdentityCheck, Pause, UNCHANGED};
use uuid::Uuid;

use crate::person::{Award, Invented, Note, When};
use crate::plan::Plan;

impl Plan {
    /// The events of one phase, person by person, in an order in which nobody is named before
    /// they are registered. The same scenario, seed and number of people always give the same
    /// events with the same ids.
    pub fn events(&self, phase: When) -> impl Iterator<Item = Event> + '_ {
        let tellings = (0..self.families.len()).flat_map(move |family| self.tell(family, phase));
        tellings.flatten()
    }

    /// The first of [`Plan::events`]: those of one family.
    pub fn first_events(&self, phase: When) -> Vec<Event> {
        self.of_first_family(0..self.families.len(), phase)
    }

    /// The last of [`Plan::events`]: once they are recorded, all before them are.
    pub fn last_events(&self, phase: When) -> Vec<Event> {
        self.of_first_family((0..self.families.len()).rev(), phase)
    }

    fn of_first_family(
        &self,
        mut families: impl Iterator<Item = usize>,
        phase: When,
    ) -> Vec<Event> {
        let told = families.find_map(|family| {
            let events: Vec<Event> = self.tell(family, phase).flatten().collect();
            (!events.is_empty()).then_some(events)
        });
        told.unwrap_or_default()
    }

    fn tell(&self, family: usize, phase: When) -> impl Iterator<Item = Vec<Event>> + '_ {
        let (month, space) = (self.spec.setting.month, self.id_space());
        self.family(family).into_iter().map(move |person| {
            let told = Teller {
                month,
                told: Vec::with_capacity(10),
            }
            .tell(&person);
            let told = told
                .into_iter()
                .enumerate()
                .filter(|(_, told)| told.when == phase);
            let event = |(number, told): (usize, Told)| Event {
                event_id: event_id(space, &person.key, number),
                source: self.source(),
                person: person.key.clone(),
                effective: told.effective,
                kind: told.kind,
            };
            told.map(event).collect()
        })
    }

    /// The source of every event of the scenario.
    pub fn source(&self) -> String {
        format!("sample/{}", self.spec.name)
    }

    /// Event ids live in a space of their own for each scenario and seed.
    fn id_space(&self) -> Uuid {
        let name = format!("ansinh:{}:{}", self.source(), self.seed);
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
    }
}

/// Of somebody cared for an event names only who it is; the registry knows the rest.
fn as_told(fact: &FactKind) -> FactKind {
    let FactKind::CaresFor(cared) = fact else {
        return fact.clone();
    };
    let named = CaredPerson {
        person: cared.person.clone(),
        relation: cared.relation.clone(),
        ..CaredPerson::default()
    };
    FactKind::CaresFor(Box::new(named))
}

fn event_id(space: Uuid, key: &str, number: usize) -> EventId {
    EventId(Uuid::new_v5(&space, format!("{key}/{number}").as_bytes()).as_u128())
}

/// One event and when it is recorded.
struct Told {
    when: When,
    effective: Date,
    kind: EventKind,
}

struct Teller {
    month: Month,
    told: Vec<Told>,
}

impl Teller {
    fn say(&mut self, when: When, effective: Date, kind: EventKind) {
        self.told.push(Told {
            when,
            effective,
            kind,
        });
    }

    fn tell(mut self, person: &Invented) -> Vec<Told> {
        let registered = EventKind::PersonRegistered(Box::new(person.registration.clone()));
        self.say(person.when, person.since, registered);
        for (number, note) in person.facts.iter().enumerate() {
            self.fact(number, note);
        }
        for award in &person.awards {
            self.award(award);
        }
        self.receiver(person);
        self.identity(person);
        self.changes(person);
        self.told
    }

    fn fact(&mut self, number: usize, note: &Note) {
        let fact_id = format!("f{}", number + 1);
        let started = EventKind::FactStarted {
            fact_id: fact_id.clone(),
            fact: as_told(&note.fact.kind),
            to: note.fact.to,
        };
        self.say(note.when, note.fact.from, started);
        if let Some((when, last)) = note.ended {
            self.say(when, last, EventKind::FactEnded { fact_id });
        }
    }

    fn award(&mut self, award: &Award) {
        let enrolled = EventKind::Enrolled {
            benefit: award.benefit,
            from: Some(award.from),
            decision: award.decision.clone(),
        };
        self.say(award.when, award.from.first_day(), enrolled);
        if let Some(end) = &award.ended {
            let ended = EventKind::EnrolmentEnded {
                benefit: award.benefit,
                last_month: end.last,
                reason: end.reason.to_owned(),
                decision: end.decision.clone(),
            };
            self.say(end.when, end.last.last_day(), ended);
        }
    }

    fn receiver(&mut self, person: &Invented) {
        let payee = EventKind::PayeeSet(Box::new(person.payee.clone()));
        self.say(person.when, person.since, payee);
        if let Some(wants_account) = person.wants_account {
            self.say(
                person.when,
                person.since,
                EventKind::PayeeWish { wants_account },
            );
        }
    }

    fn identity(&mut self, person: &Invented) {
        let Some(identity) = &person.identity else {
            return;
        };
        let batch = format!("DC{}{:02}", identity.day.year(), identity.day.month());
        let checked = IdentityCheck {
            result: identity.result,
            fields: identity
                .fields
                .iter()
                .map(|field| (*field).to_owned())
                .collect(),
            request_code: Some(format!("{batch}-{}", person.key)),
            checked_by: Some("lo-doi-chieu".to_owned()),
        };
        self.say(
            person.when,
            identity.day,
            EventKind::IdentityChecked(Box::new(checked)),
        );
    }

    fn changes(&mut self, person: &Invented) {
        if let Some(rest) = &person.rest {
            let pause = |from, reason: &str, decision: &Option<Decision>| Pause {
                benefit: None,
                from,
                reason: reason.to_owned(),
                decision: decision.clone(),
            };
            let resting = EventKind::Suspended(pause(rest.from, rest.reason, &None));
            self.say(rest.when, rest.from.first_day(), resting);
            if rest.resumed.is_some() {
                let resumed = EventKind::Resumed(pause(self.month, UNCHANGED, &rest.resumed));
                self.say(When::InMonth, self.month.first_day(), resumed);
            }
        }
        if let Some((day, area, _)) = person.moved {
            self.say(When::InMonth, day, EventKind::Moved { area: area.into() });
        }
        if let Some(date) = person.death {
            self.say(When::InMonth, date, EventKind::Died { date });
        }
    }
}
