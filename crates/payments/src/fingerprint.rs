//! The fingerprint of a list's inputs: every person as the law saw them, and what was listed.
//!
//! Everything the engine looks at is written out in a fixed form and hashed; equal inputs give
//! equal fingerprints whatever their way into the program.

use jiff::civil::Date;
use kernel::{Month, PartialDate, PersonId, Sex};
use law::{Enrolment, Fact, FactKind, Person};
use sha2::{Digest, Sha256};

use crate::ListedRun;

/// Hashes inputs person by person, in order.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    hash: Sha256,
    bytes: Vec<u8>,
}

impl Inputs {
    pub(crate) fn add(&mut self, id: PersonId, person: &Person, listed: &[ListedRun]) {
        let mut form = Form(std::mem::take(&mut self.bytes));
        form.0.clear();
        form.big(id.0);
        form.partial(Some(person.birth_date));
        form.day(person.death_date);
        form.small(match person.sex {
            None => 0,
            Some(Sex::Male) => 1,
            Some(Sex::Female) => 2,
        });
        form.small(u16::from(person.difficult_area));
        form.count(person.provinces.len());
        for (from, province) in &person.provinces {
            form.month(Some(*from));
            form.small(u16::from(province.number()));
        }
        form.count(person.enrolments.len());
        for enrolment in &person.enrolments {
            form.enrolment(enrolment);
        }
        form.facts(&person.facts);
        form.count(listed.len());
        for run in listed {
            form.listed(run);
        }
        self.hash.update(&form.0);
        self.bytes = form.0;
    }

    /// Somebody whom another list of the month had.
    pub(crate) fn leave_out(&mut self, id: PersonId) {
        self.hash.update(b"left out");
        self.hash.update(id.0.to_be_bytes());
    }

    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        self.hash.clone().finalize().to_vec()
    }
}

/// The fixed form: numbers big-endian, each list and text preceded by its length.
struct Form(Vec<u8>);

impl Form {
    fn small(&mut self, number: u16) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn int(&mut self, number: i32) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn big(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn count(&mut self, items: usize) {
        self.int(items as i32);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn month(&mut self, month: Option<Month>) {
        self.int(month.map_or(0, Month::yyyymm));
    }

    fn day(&mut self, day: Option<Date>) {
        let number = |day: Date| {
            i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day())
        };
        self.int(day.map_or(0, number));
    }

    fn partial(&mut self, date: Option<PartialDate>) {
        self.day(date.map(PartialDate::assumed_day));
        self.text(date.map_or("", PartialDate::precision));
    }

    fn enrolment(&mut self, enrolment: &Enrolment) {
        self.small(enrolment.benefit.number() as u16);
        self.month(Some(enrolment.from));
        self.month(enrolment.to);
        self.count(enrolment.suspended.len());
        for span in &enrolment.suspended {
            self.month(Some(span.from));
            self.month(Some(span.to));
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        self.count(facts.len());
        for fact in facts {
            self.day(Some(fact.from));
            self.day(fact.to);
            self.kind(&fact.kind);
        }
    }

    fn kind(&mut self, kind: &FactKind) {
        self.text(registry::fact::code(kind));
        self.text(registry::fact::variant(kind).unwrap_or_default());
        match kind {
            FactKind::Studying { until } => self.day(*until),
            FactKind::Child {
                birth_date,
                studying_until,
                until,
            } => {
                self.partial(*birth_date);
                self.day(*studying_until);
                self.day(*until);
            }
            FactKind::CaresFor(cared) => {
                self.text(&cared.person);
                self.text(&cared.relation);
                self.partial(cared.birth_date);
                self.day(cared.death_date);
                self.facts(&cared.facts);
            }
            _ => {}
        }
    }

    fn listed(&mut self, run: &ListedRun) {
        self.small(run.benefit.number() as u16);
        self.month(Some(run.from));
        self.month(Some(run.to));
        self.big(run.amount.0);
        self.small(run.coefficient.tenths());
        self.big(run.standard.0);
        self.small(u16::from(run.opening));
    }
}
