//! A row that could be read, and the events it stands for.

use jiff::civil::Date;
use kernel::personal_id::{self, IdState};
use kernel::{Month, PartialDate};
use law::person::{Grade, PovertyStatus};
use law::{Benefit, CaredPerson, FactKind};

use super::column::Column;
use crate::event::{Decision, EventKind, PayeeChoice, Registration};
use crate::refusal::Refusal;

/// A row in the words of the registry.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) registration: Registration,
    pub(super) registered_on: Date,
    pub(super) id_state: IdState,
    pub(super) award: Option<Award>,
    pub(super) disability: Option<(Grade, Option<PartialDate>)>,
    pub(super) poverty: Option<PovertyStatus>,
    pub(super) children: u8,
    pub(super) payee: Option<PayeeChoice>,
    pub(super) cared_id_number: Option<String>,
    /// Codes Excel may have spoiled: heading and sentence.
    pub(super) doubts: Vec<(Column, &'static str, &'static str)>,
}

/// The decision of a row.
#[derive(Debug)]
pub(super) struct Award {
    pub(super) benefit: Benefit,
    pub(super) from: Option<Month>,
    pub(super) decision: Decision,
}

impl Draft {
    pub(super) fn plausible_id_number(&self) -> Option<String> {
        let number = self.registration.id_number.as_ref();
        number
            .filter(|_| self.id_state == IdState::Plausible)
            .cloned()
    }

    /// Since when facts hold of which the sheet does not say it: the decision saw them, and so did
    /// every month it pays.
    fn since(&self) -> Date {
        match &self.award {
            Some(award) => {
                let first = award.from.map(Month::first_day);
                first.map_or(award.decision.date, |first| first.min(award.decision.date))
            }
            None => self.registered_on,
        }
    }

    /// Each event with a name unique in the row and its effective day.
    pub(super) fn events(&self) -> Vec<(String, Date, EventKind)> {
        let registration = EventKind::PersonRegistered(Box::new(self.registration.clone()));
        let mut events = Vec::with_capacity(6);
        events.push((
            "person_registered".to_owned(),
            self.registered_on,
            registration,
        ));
        for (fact_id, effective, fact) in self.facts() {
            let name = format!("fact:{fact_id}");
            let kind = EventKind::FactStarted {
                fact_id,
                fact,
                to: None,
            };
            events.push((name, effective, kind));
        }
        if let Some(award) = &self.award {
            let kind = EventKind::Enrolled {
                benefit: award.benefit,
                from: award.from,
                decision: award.decision.clone(),
            };
            events.push(("enrolled".to_owned(), award.decision.date, kind));
        }
        if let Some(payee) = &self.payee {
            let kind = EventKind::PayeeSet(Box::new(payee.clone()));
            events.push(("payee_set".to_owned(), self.since(), kind));
        }
        events
    }

    fn facts(&self) -> Vec<(String, Date, FactKind)> {
        let since = self.since();
        let mut facts = Vec::new();
        let mut state = |fact_id: &str, since: Date, kind: FactKind| {
            facts.push((fact_id.to_owned(), since, kind));
        };
        if let Some((grade, certified)) = self.disability {
            let since = certified.map_or(since, PartialDate::assumed_day);
            state("disability", since, FactKind::Disability { grade });
        }
        if let Some(status) = self.poverty {
            state("poverty", since, FactKind::Poverty { status });
        }
        for number in 1..=self.children {
            let child = FactKind::Child {
                birth_date: None,
                studying_until: None,
                until: None,
            };
            state(&format!("child-{number}"), since, child);
        }
        if let Some((fact_id, kind)) = self.award.as_ref().and_then(|award| self.decided(award)) {
            state(fact_id, since, kind);
        }
        facts
    }

    /// What a decision on the benefit has itself found to be true.
    fn decided(&self, award: &Award) -> Option<(&'static str, FactKind)> {
        let care = |relation: &str| {
            let cared = CaredPerson {
                relation: relation.to_owned(),
                ..CaredPerson::default()
            };
            Some(("care", FactKind::CaresFor(Box::new(cared))))
        };
        match award.benefit {
            Benefit::StudentWithoutSupport => {
                Some(("studying", FactKind::Studying { until: None }))
            }
            Benefit::ChildWithHiv | Benefit::PoorAdultWithHiv => Some(("hiv", FactKind::Hiv)),
            Benefit::PoorSingleParent => Some(("single", FactKind::Single)),
            Benefit::OlderFostered => Some(("fostered", FactKind::FosteredInCommunity)),
            Benefit::DisabledParent if self.children == 0 => Some(("pregnant", FactKind::Pregnant)),
            Benefit::FacilityCare => Some(("facility", FactKind::InFacility)),
            Benefit::HouseholdCarer => care("family"),
            Benefit::CarerChild | Benefit::CarerOlder | Benefit::CarerDisability => {
                care("taken_in")
            }
            _ => None,
        }
    }

    /// What should be looked at, though the row is taken.
    pub(super) fn warnings(&self, row: u64) -> impl Iterator<Item = Refusal> {
        let doubts = self
            .doubts
            .iter()
            .map(move |(column, code, why)| Refusal::new(row, column.heading(), code, *why));
        doubts.chain(self.id_warning(row))
    }

    fn id_warning(&self, row: u64) -> Option<Refusal> {
        let heading = Column::IdNumber.heading();
        let code = match self.id_state {
            IdState::Plausible | IdState::Missing | IdState::HeldByAnother => return None,
            state => state.code(),
        };
        let who = &self.registration;
        let number = who.id_number.as_deref().unwrap_or_default();
        let guess = personal_id::suggestion(number, who.sex, who.birth_date);
        let guess = guess.filter(|_| self.id_state == IdState::Malformed);
        let why = match guess {
            Some(guess) => format!("số định danh {}", guess.vietnamese()),
            None => format!(
                "số định danh: {}",
                self.id_state.vietnamese().to_lowercase()
            ),
        };
        Some(Refusal::new(row, heading, code, why))
    }
}
