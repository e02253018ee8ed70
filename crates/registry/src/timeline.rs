//! What the events of one person add up to: a pure fold. The tables of the registry hold nothing
//! but its result.
//!
//! Events count by their effective day, not by when they arrived; of two of one kind and day the
//! later recorded counts. So the order of arrival makes no difference to the result, only to
//! which of two contradicting events is refused.

mod enrolment;
mod home;
mod merge;
mod order;

use jiff::civil::Date;
use kernel::area::{Area, Areas};
use kernel::{PartialDate, Sex};
use law::{Fact, FactKind};

use crate::event::{CheckResult, Correction, Event, EventKind, PayeeChoice, Registration};
use crate::refusal::Fault;

pub use enrolment::Award;
pub use home::counts_from;

/// A person as all their events say.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonState<'e> {
    /// Who it is.
    pub identity: Identity<'e>,
    /// Day of death.
    pub death: Option<Date>,
    /// Where they lived, in order: each from its day; the first also holds before.
    pub residences: Vec<(Date, &'static Area)>,
    /// What is true of them, by first day, then by the caller's key.
    pub facts: Vec<StatedFact<'e>>,
    /// Benefits awarded, by benefit, then in time; none overlap.
    pub awards: Vec<Award<'e>>,
    /// Who receives the money, and since when.
    pub payee: Option<(Date, &'e PayeeChoice)>,
    /// Whether they wish an account, if asked.
    pub wants_account: Option<bool>,
    /// What the population database said of the identity as it is now.
    pub check: Option<(CheckResult, &'e [String])>,
    /// The record they were merged into, `#` and its number.
    pub merged_into: Option<&'e str>,
}

/// Who somebody is now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identity<'e> {
    /// The key of the caller who registered them.
    pub person_key: &'e str,
    /// As declared.
    pub full_name: &'e str,
    /// As far as known.
    pub birth_date: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// Code of the ethnic group.
    pub ethnicity: Option<&'e str>,
    /// Exactly as received.
    pub id_number: Option<&'e str>,
    /// The caller's key of the household.
    pub household_id: Option<&'e str>,
    /// Telephone number.
    pub phone: Option<&'e str>,
}

/// A fact with the caller's key for it.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedFact<'e> {
    /// The caller's key.
    pub fact_id: &'e str,
    /// From when to when it is true.
    pub from: Date,
    /// Last day; `None` while it is true.
    pub to: Option<Date>,
    /// What.
    pub kind: &'e FactKind,
    /// The source of the event, in which the key of a cared-for person counts.
    pub source: &'e str,
}

impl StatedFact<'_> {
    /// As the law sees it.
    pub fn to_law(&self) -> Fact {
        Fact {
            from: self.from,
            to: self.to,
            kind: self.kind.clone(),
        }
    }
}

/// An event that cannot be true beside the others: its place among them and what is wrong.
#[derive(Debug, PartialEq)]
pub struct Contradiction {
    /// Index into the events given.
    pub at: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

type Folded<T> = Result<T, Contradiction>;

fn refuse<T>(
    at: usize,
    field: &'static str,
    code: &'static str,
    why: impl Into<String>,
) -> Folded<T> {
    Err(Contradiction {
        at,
        fault: Fault::new(field, code, why),
    })
}

/// Folds the events of one person, given in the order they were recorded. `None` for no events.
///
/// # Errors
/// The first contradiction found.
pub fn fold<'e>(events: &[&'e Event], areas: &'static Areas) -> Folded<Option<PersonState<'e>>> {
    let active = order::active(events)?;
    let Some(registered_at) = registration(events, &active)? else {
        return Ok(None);
    };
    nothing_after_merging(events, &active)?;
    let EventKind::PersonRegistered(registered) = &events[registered_at].kind else {
        return Ok(None);
    };
    let identity = identity(events, &active, registered_at, registered);
    let residences = home::residences(events, &active, registered_at, registered, areas)?;
    let death = death(events, &active, identity.birth_date)?;
    let facts = facts(events, &active)?;
    let awards = enrolment::awards(events, &active, identity.birth_date, &facts)?;
    let mut state = PersonState {
        identity,
        death,
        residences,
        facts,
        awards,
        payee: None,
        wants_account: None,
        check: None,
        merged_into: None,
    };
    for at in active {
        let event = events[at];
        match &event.kind {
            EventKind::PayeeSet(choice) => state.payee = Some((event.effective, choice)),
            EventKind::PayeeWish { wants_account } => state.wants_account = Some(*wants_account),
            EventKind::Merged { into, .. } => state.merged_into = Some(into),
            EventKind::IdentityChecked(check) => {
                let answered = check.result != CheckResult::ServiceError;
                if answered || state.check.is_none() {
                    state.check = Some((check.result, &check.fields));
                }
            }
            EventKind::PersonCorrected(correction) if changes_identity(correction) => {
                state.check = None;
            }
            _ => {}
        }
    }
    Ok(Some(state))
}

/// The index of the one registration that counts.
fn registration(events: &[&Event], active: &[usize]) -> Folded<Option<usize>> {
    let is_registration = |at: &&usize| matches!(events[**at].kind, EventKind::PersonRegistered(_));
    let mut registrations = active.iter().filter(is_registration);
    let first = registrations.next().copied();
    match (first, registrations.next(), active.last()) {
        (_, Some(second), _) => {
            let at = first.map_or(*second, |first| first.max(*second));
            refuse(
                at,
                "person",
                "already_registered",
                "người này đã được đăng ký",
            )
        }
        (None, None, Some(at)) => refuse(
            *at,
            "person",
            "unknown_person",
            "chưa có người nào đăng ký với mã này",
        ),
        (first, None, _) => Ok(first),
    }
}

fn nothing_after_merging(events: &[&Event], active: &[usize]) -> Folded<()> {
    let merged = |at: &usize| matches!(events[*at].kind, EventKind::Merged { .. });
    let Some(merging) = active.iter().copied().find(merged) else {
        return Ok(());
    };
    match active.iter().find(|at| **at > merging) {
        None => Ok(()),
        Some(at) => {
            let why = "hồ sơ này đã gộp vào hồ sơ khác: hãy ghi vào hồ sơ được giữ";
            refuse(*at, "person", "merged", why)
        }
    }
}

fn identity<'e>(
    events: &[&'e Event],
    active: &[usize],
    registered_at: usize,
    registered: &'e Registration,
) -> Identity<'e> {
    let mut it = Identity {
        person_key: &events[registered_at].person,
        full_name: &registered.full_name,
        birth_date: registered.birth_date,
        sex: registered.sex,
        ethnicity: registered.ethnicity.as_deref(),
        id_number: registered.id_number.as_deref(),
        household_id: registered.household_id.as_deref(),
        phone: registered.phone.as_deref(),
    };
    for correction in active.iter().filter_map(|at| correction(events[*at])) {
        if let Some(name) = &correction.full_name {
            it.full_name = name;
        }
        it.birth_date = correction.birth_date.unwrap_or(it.birth_date);
        it.sex = correction.sex.unwrap_or(it.sex);
        let set = |field: &mut Option<&'e str>, new: &'e Option<Option<String>>| {
            if let Some(new) = new {
                *field = new.as_deref();
            }
        };
        set(&mut it.ethnicity, &correction.ethnicity);
        set(&mut it.id_number, &correction.id_number);
        set(&mut it.household_id, &correction.household_id);
        set(&mut it.phone, &correction.phone);
    }
    it
}

fn correction(event: &Event) -> Option<&Correction> {
    match &event.kind {
        EventKind::PersonCorrected(correction) => Some(correction),
        _ => None,
    }
}

/// Whether a field changes that the population database was asked about.
const fn changes_identity(correction: &Correction) -> bool {
    correction.full_name.is_some()
        || correction.birth_date.is_some()
        || correction.sex.is_some()
        || correction.id_number.is_some()
}

fn death(events: &[&Event], active: &[usize], birth: PartialDate) -> Folded<Option<Date>> {
    let mut found: Option<(usize, Date)> = None;
    for at in active.iter().copied() {
        let EventKind::Died { date } = events[at].kind else {
            continue;
        };
        if let Some((earlier, _)) = found {
            let why = "đã ghi ngày mất: hãy hủy lần ghi trước";
            return refuse(at.max(earlier), "date", "already_dead", why);
        }
        if date < birth.assumed_day() {
            return refuse(at, "date", "death_before_birth", "ngày mất trước ngày sinh");
        }
        found = Some((at, date));
    }
    Ok(found.map(|(_, date)| date))
}

fn facts<'e>(events: &[&'e Event], active: &[usize]) -> Folded<Vec<StatedFact<'e>>> {
    let mut facts: Vec<(usize, StatedFact<'e>)> = Vec::new();
    for at in active.iter().copied() {
        let event = events[at];
        if let EventKind::FactStarted { fact_id, fact, to } = &event.kind {
            if let Some((other, _)) = facts.iter().find(|(_, fact)| fact.fact_id == fact_id) {
                let why = "mã tình trạng này đã dùng cho người này";
                return refuse(at.max(*other), "fact_id", "fact_id_reused", why);
            }
            let (from, to) = (event.effective, *to);
            let source = event.source.as_str();
            facts.push((
                at,
                StatedFact {
                    fact_id,
                    from,
                    to,
                    kind: fact,
                    source,
                },
            ));
        }
    }
    let mut ended = Vec::new();
    for at in active.iter().copied() {
        let EventKind::FactEnded { fact_id } = &events[at].kind else {
            continue;
        };
        let last = events[at].effective;
        let Some((_, fact)) = facts.iter_mut().find(|(_, fact)| fact.fact_id == fact_id) else {
            let why = "không có tình trạng mang mã này của người này";
            return refuse(at, "fact_id", "unknown_fact", why);
        };
        if let Some((other, _)) = ended.iter().find(|(_, id)| *id == fact_id) {
            let why = "tình trạng này đã kết thúc: hãy hủy lần ghi trước";
            return refuse(at.max(*other), "fact_id", "already_ended", why);
        }
        if last < fact.from {
            let why = "ngày kết thúc trước ngày bắt đầu";
            return refuse(at, "effective", "end_before_begin", why);
        }
        fact.to = Some(last);
        ended.push((at, fact_id));
    }
    let mut facts: Vec<_> = facts.into_iter().map(|(_, fact)| fact).collect();
    facts.sort_by_key(|fact| (fact.from, fact.fact_id));
    Ok(facts)
}

impl PersonState<'_> {
    /// The commune lived in last.
    pub fn home(&self) -> &'static Area {
        let (_, home) = self
            .residences
            .last()
            .expect("registering gives the first residence");
        home
    }
}
