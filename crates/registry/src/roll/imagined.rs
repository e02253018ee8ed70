//! People as they would be if something more were recorded about them: what a decision does is shown
//! before anybody takes it.

use std::collections::HashMap;

use kernel::{Clock, Month};
use sqlx::PgPool;

use super::past::{Cared, cared, case_of, events_of, fold, groups, merged_cases};
use super::place::{Communes, Places};
use super::{Case, Cut};
use crate::apply::{ApplyError, by_number};
use crate::event::Event;

/// One person, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imagined {
    /// As everything recorded says.
    pub now: Case,
    /// As it would be with the further events.
    pub then: Case,
}

/// The people whom the events name by number (`#17`), in the order of their numbers, as lists of the
/// month see them. Nothing is recorded, and nobody's right to look is asked: callers settle that.
///
/// # Errors
/// Those of the database; [`ApplyError::Inconsistent`] when the events contradict what is recorded,
/// which [`crate::try_out`] says in better words.
pub async fn imagine(
    pool: &PgPool,
    clock: &Clock,
    month: Month,
    events: &[Event],
) -> Result<Vec<Imagined>, ApplyError> {
    let mut further: HashMap<i64, Vec<Event>> = HashMap::new();
    for event in events {
        if let Some(person) = by_number(&event.person) {
            further.entry(person).or_default().push(event.clone());
        }
    }
    let mut people: Vec<i64> = further.keys().copied().collect();
    people.sort_unstable();
    let cut = Cut {
        event_no: i64::MAX,
        recorded_at: clock.now(),
    };
    let numbers: Vec<kernel::PersonId> = people.iter().copied().map(kernel::PersonId).collect();
    let mut merged = groups(pool, cut).await?;
    let cared = cared(pool, &Communes::of_people(&numbers), cut, &merged).await?;
    let mut own = events_of(pool, cut, &people).await?;
    let mut places = Places::new(month);
    let mut now = cases(&merged, &own, &people, &cared, &mut places)?;
    for (person, more) in further {
        let known = merged.get_mut(&person).or_else(|| own.get_mut(&person));
        if let Some(known) = known {
            known.extend(more);
        }
    }
    let mut then = cases(&merged, &own, &people, &cared, &mut places)?;
    let both = people.into_iter().filter_map(|person| {
        Some(Imagined {
            now: now.remove(&person)?,
            then: then.remove(&person)?,
        })
    });
    Ok(both.collect())
}

fn cases(
    merged: &HashMap<i64, Vec<Event>>,
    own: &HashMap<i64, Vec<Event>>,
    people: &[i64],
    cared: &Cared,
    places: &mut Places,
) -> Result<HashMap<i64, Case>, ApplyError> {
    let mut cases = HashMap::with_capacity(people.len());
    let mut together = match people.iter().any(|person| merged.contains_key(person)) {
        true => merged_cases(merged, cared, places)?,
        false => HashMap::new(),
    };
    for person in people {
        let case = match together.remove(person) {
            Some(case) => Some(case),
            None => match own.get(person) {
                Some(events) => fold(*person, events)?
                    .map(|state| case_of(*person, &state, None, cared, places)),
                None => None,
            },
        };
        cases.extend(case.map(|case| (*person, case)));
    }
    Ok(cases)
}
