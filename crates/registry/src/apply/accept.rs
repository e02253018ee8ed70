//! Which of the submitted events can be true together with what is recorded.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::permission;
use kernel::actor::Role;
use kernel::area::{Area, Areas};

use super::Setting;
use super::intake::{Intake, Touched, by_number, cared_for};
use crate::event::{Event, EventKind};
use crate::refusal::Fault;
use crate::timeline::{self, Contradiction};

/// An event that will be recorded.
pub(super) struct Accepted {
    /// Index into the submitted events.
    pub event: usize,
    /// The person it belongs to.
    pub person: i64,
}

/// Leaves in each person only the submitted events that can be true, refuses the others, and
/// returns those left in the order of submission.
pub(super) fn accept(setting: &Setting<'_>, intake: &mut Intake<'_>) -> Vec<Accepted> {
    let mut people = std::mem::take(&mut intake.people);
    let mut refused = Vec::new();
    // Who is registered must be known before it is asked whether a cared-for person is.
    let mut carers = BTreeSet::new();
    for (number, person) in &mut people {
        let cares = |at: &usize| cared_for(&intake.events[*at].event).is_some();
        if person.submitted.iter().any(cares) {
            carers.insert(*number);
            let (care, rest): (Vec<_>, Vec<_>) = person.submitted.iter().partition(|at| cares(at));
            person.registered = agreeing(intake, &person.stored, &rest, setting.areas).registered;
            person.submitted = rest.into_iter().chain(care).collect();
            person.submitted.sort_unstable();
        } else {
            settle(setting, intake, person, &mut refused);
        }
    }
    for number in carers {
        let unknown = strangers(intake, &people, number);
        let person = people.get_mut(&number).expect("taken from the same people");
        person.submitted.retain(|at| !unknown.contains(at));
        let why = "chưa có người được chăm sóc nào đăng ký với mã này";
        let fault = Fault::new("fact.person", "unknown_cared_person", why);
        refused.extend(unknown.into_iter().map(|at| (at, fault.clone())));
        settle(setting, intake, person, &mut refused);
    }
    unmergeable(intake, &mut people, &mut refused);
    permitted(setting, intake, &mut people, &mut refused);
    intake.people = people;
    for (at, fault) in refused {
        intake.refuse(at, fault);
    }
    let people = &mut intake.people;
    people.retain(|_, person| !person.new || !person.submitted.is_empty());
    let registered: BTreeSet<i64> = people.keys().copied().collect();
    intake
        .newcomers
        .retain(|(number, ..)| registered.contains(number));
    let mut accepted: Vec<Accepted> = people
        .iter()
        .flat_map(|(person, it)| it.submitted.iter().map(|event| (*person, *event)))
        .map(|(person, event)| Accepted { event, person })
        .collect();
    accepted.sort_unstable_by_key(|accepted| accepted.event);
    accepted
}

fn settle(
    setting: &Setting<'_>,
    intake: &Intake<'_>,
    person: &mut Touched,
    refused: &mut Vec<(usize, Fault)>,
) {
    let agreed = agreeing(intake, &person.stored, &person.submitted, setting.areas);
    refused.extend(agreed.faults);
    person.registered = agreed.registered;
    person.submitted = agreed.kept;
}

/// What of a person's submitted events can be true.
struct Agreed {
    kept: Vec<usize>,
    /// What is wrong with the rest.
    faults: Vec<(usize, Fault)>,
    /// Whether what is stored and kept registers the person.
    registered: bool,
}

/// The submitted events that agree with the stored ones and each other, in order, and what is
/// wrong with the rest. When all agree, that is the answer; otherwise they are added one by one,
/// again and again while that helps.
fn agreeing(
    intake: &Intake<'_>,
    stored: &[Event],
    submitted: &[usize],
    areas: &'static Areas,
) -> Agreed {
    let event = |at: &usize| &intake.events[*at].event;
    let all: Vec<&Event> = stored.iter().chain(submitted.iter().map(event)).collect();
    if let Ok(state) = timeline::fold(&all, areas) {
        return Agreed {
            kept: submitted.to_vec(),
            faults: Vec::new(),
            registered: state.is_some(),
        };
    }
    let mut kept: Vec<usize> = Vec::with_capacity(submitted.len());
    let mut waiting: Vec<usize> = submitted.to_vec();
    loop {
        let mut faults = Vec::new();
        let before = kept.len();
        for at in waiting {
            let place = kept.partition_point(|earlier| *earlier < at);
            kept.insert(place, at);
            let trial: Vec<&Event> = stored.iter().chain(kept.iter().map(event)).collect();
            if let Err(contradiction) = timeline::fold(&trial, areas) {
                kept.remove(place);
                faults.push((at, blame(contradiction, stored.len() + place)));
            }
        }
        if kept.len() == before || faults.is_empty() {
            let registered = is_registered(intake, stored, &kept, areas);
            return Agreed {
                kept,
                faults,
                registered,
            };
        }
        waiting = faults.into_iter().map(|(at, _)| at).collect();
    }
}

/// The fault as seen from the event that was to be added.
fn blame(contradiction: Contradiction, added: usize) -> Fault {
    if contradiction.at == added {
        return contradiction.fault;
    }
    let why = contradiction.fault.message;
    let why = format!("mâu thuẫn với sự kiện khác của người này ({why})");
    Fault::new("", "contradicts_recorded", why)
}

fn is_registered(
    intake: &Intake<'_>,
    stored: &[Event],
    submitted: &[usize],
    areas: &'static Areas,
) -> bool {
    let submitted = submitted.iter().map(|at| &intake.events[*at].event);
    let all: Vec<&Event> = stored.iter().chain(submitted).collect();
    matches!(timeline::fold(&all, areas), Ok(Some(_)))
}

/// The `cares_for` events of a person that name nobody registered, or the person itself.
fn strangers(intake: &Intake<'_>, people: &BTreeMap<i64, Touched>, number: i64) -> Vec<usize> {
    let unknown = |at: &&usize| {
        let event = &intake.events[**at].event;
        let Some(cared) = cared_for(event) else {
            return false;
        };
        match intake.number_of(&event.source, cared) {
            None => true,
            Some(other) if other == number => true,
            // Not touched here: the key was found among the stored ones.
            Some(other) => people
                .get(&other)
                .map_or(by_number(cared).is_some(), |it| !it.registered),
        }
    };
    people[&number]
        .submitted
        .iter()
        .filter(unknown)
        .copied()
        .collect()
}

/// Refuses merging into nobody, into oneself, or into a record that is merged itself.
fn unmergeable(
    intake: &Intake<'_>,
    people: &mut BTreeMap<i64, Touched>,
    refused: &mut Vec<(usize, Fault)>,
) {
    let mut wrong = Vec::new();
    for (number, person) in people.iter() {
        for at in &person.submitted {
            let EventKind::Merged { into, .. } = &intake.events[*at].event.kind else {
                continue;
            };
            let kept = by_number(into).filter(|kept| kept != number);
            let kept = kept.and_then(|kept| people.get(&kept));
            if !kept.is_some_and(|kept| kept.registered) {
                let why = "không có hồ sơ được giữ với số này";
                wrong.push((*number, *at, Fault::new("into", "unknown_person", why)));
            }
        }
    }
    for (number, at, fault) in wrong {
        let person = people.get_mut(&number).expect("taken from the same people");
        person.submitted.retain(|event| *event != at);
        refused.push((at, fault));
    }
}

/// Refuses the events of people in communes where the actor is no officer.
fn permitted(
    setting: &Setting<'_>,
    intake: &Intake<'_>,
    people: &mut BTreeMap<i64, Touched>,
    refused: &mut Vec<(usize, Fault)>,
) {
    const OFFICERS: &[Role] = &[Role::Officer];
    if setting.settled || permission::holds(setting.actor, OFFICERS, "") {
        return;
    }
    let mut asked: HashMap<*const Area, bool> = HashMap::new();
    let mut may = |home: &'static Area| {
        let inside = || {
            let mut areas = setting.actor.areas_of(OFFICERS);
            areas.any(|held| held.is_none_or(|held| setting.areas.contains(&held.0, home)))
        };
        *asked.entry(std::ptr::from_ref(home)).or_insert_with(inside)
    };
    for person in people.values_mut() {
        // Who may write of a person is decided by where they lived before these events.
        let stored: Vec<&Event> = person.stored.iter().collect();
        let all = intake.events_of(person);
        let state = match timeline::fold(&stored, setting.areas) {
            Ok(Some(state)) => Ok(Some(state)),
            _ => timeline::fold(&all, setting.areas),
        };
        if let Ok(Some(state)) = state
            && !may(state.home())
        {
            let why = "bạn không có quyền cập nhật người ở xã này";
            let fault = Fault::new("area", "denied", why);
            refused.extend(person.submitted.drain(..).map(|at| (at, fault.clone())));
        }
    }
}
