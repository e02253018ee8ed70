//! People as the events up to one of them say.

use std::collections::{BTreeSet, HashMap, VecDeque};

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Month, PersonId};
use law::{CaredPerson, Fact, FactKind, Person};
use sqlx::PgPool;

use super::place::{Communes, Places};
use super::{Case, Cut, Merged, inconsistent};
use crate::apply::{ApplyError, by_number, parse_stored};
use crate::copy::CopyReader;
use crate::event::Event;
use crate::timeline::{self, PersonState, StatedFact};

pub(super) struct Past {
    communes: Communes,
    rows: CopyReader<'static>,
    /// The first event of the next person.
    ahead: Option<(i64, Event)>,
    /// Merged records and those they were merged into, worked out together beforehand.
    together: HashMap<i64, Case>,
    merged: Merged,
    cared: Cared,
    places: Places,
    case: Option<Case>,
}

/// Everybody somebody cares for, by the key and source they are named with.
#[derive(Default)]
pub(super) struct Cared(HashMap<(String, String), CaredPerson>);

pub(super) async fn open(
    pool: &PgPool,
    communes: &Communes,
    month: Month,
    cut: Cut,
) -> Result<Past, ApplyError> {
    let mut places = Places::new(month);
    let groups = groups(pool, cut).await?;
    let cared = cared(pool, communes, cut, &groups).await?;
    let together = merged_cases(&groups, &cared, &mut places)?;
    let merged = together
        .values()
        .filter_map(|case| Some((case.id, case.merged_into?)))
        .collect();
    let statement = format!(
        "copy (select person_id, body from event where {} and {} \
         order by person_id, event_no) to stdout (format binary)",
        cut.condition(),
        communes.condition_in_events()
    );
    let mut past = Past {
        communes: communes.clone(),
        rows: CopyReader::of_pool(pool, &statement).await?,
        ahead: None,
        together,
        merged,
        cared,
        places,
        case: None,
    };
    past.ahead = past.event().await?;
    Ok(past)
}

impl Cut {
    /// For a statement that takes no parameters; neither value is text of a caller.
    fn condition(self) -> String {
        let Cut {
            event_no,
            recorded_at,
        } = self;
        format!("event_no <= {event_no} and recorded_at <= '{recorded_at}'::timestamptz")
    }
}

impl Past {
    pub(super) const fn merged(&self) -> &Merged {
        &self.merged
    }

    async fn event(&mut self) -> Result<Option<(i64, Event)>, ApplyError> {
        let Some(mut row) = self.rows.next().await? else {
            return Ok(None);
        };
        let (person, body) = (row.i64()?, row.json()?);
        Ok(Some((person, parse_stored(person, &body)?)))
    }

    pub(super) async fn next(&mut self) -> Result<Option<&Case>, ApplyError> {
        while let Some((person, first)) = self.ahead.take() {
            let mut events = vec![first];
            self.ahead = loop {
                match self.event().await? {
                    Some((next, event)) if next == person => events.push(event),
                    other => break other,
                }
            };
            let case = match self.together.remove(&person) {
                Some(case) => Some(case),
                None => fold(person, &events)?
                    .map(|state| case_of(person, &state, None, &self.cared, &mut self.places)),
            };
            if let Some(case) = case.filter(|case| self.communes.contains(case.commune)) {
                return Ok(Some(self.case.insert(case)));
            }
        }
        Ok(None)
    }
}

pub(super) fn fold(person: i64, events: &[Event]) -> Result<Option<PersonState<'_>>, ApplyError> {
    let events: Vec<&Event> = events.iter().collect();
    timeline::fold(&events, Areas::embedded())
        .map_err(|contradiction| inconsistent(person, contradiction.fault.message))
}

pub(super) fn case_of(
    id: i64,
    state: &PersonState<'_>,
    merged_into: Option<PersonId>,
    cared: &Cared,
    places: &mut Places,
) -> Case {
    let mut residences = state.residences.clone();
    if let [(since, _)] = &mut residences[..] {
        // As the tables tell it: who never moved lived there always.
        *since = Date::MIN;
    }
    let mut provinces = Vec::new();
    places.provinces(&residences, &mut provinces);
    let (commune, commune_confirmed) = places.commune(&residences);
    Case {
        id: PersonId(id),
        person: Person {
            birth_date: state.identity.birth_date,
            death_date: state.death,
            sex: state.identity.sex,
            provinces,
            difficult_area: false,
            enrolments: state.awards.iter().map(|award| award.to_law()).collect(),
            facts: state
                .facts
                .iter()
                .filter_map(|fact| cared.fill_in(fact))
                .collect(),
        },
        residences,
        commune,
        commune_confirmed,
        channel: state.payee.map(|(_, payee)| payee.channel),
        merged_into,
    }
}

impl Cared {
    /// The fact as the law sees it, with what is known of a cared-for person.
    fn fill_in(&self, stated: &StatedFact<'_>) -> Option<Fact> {
        let mut fact = stated.to_law();
        if let FactKind::CaresFor(cared) = &mut fact.kind {
            let known = self
                .0
                .get(&(stated.source.to_owned(), cared.person.clone()))?;
            let relation = std::mem::take(&mut cared.relation);
            **cared = CaredPerson {
                relation,
                ..known.clone()
            };
        }
        Some(fact)
    }
}

/// Events up to the cut of the people named, by person, in order.
pub(super) async fn events_of(
    pool: &PgPool,
    cut: Cut,
    people: &[i64],
) -> Result<HashMap<i64, Vec<Event>>, ApplyError> {
    let rows = sqlx::query!(
        r#"select person_id, body::text as "body!" from event
           where person_id = any($1) and event_no <= $2 and recorded_at <= $3
           order by person_id, event_no"#,
        people,
        cut.event_no,
        cut.recorded_at.to_sqlx() as _
    )
    .fetch_all(pool)
    .await?;
    let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
    for row in rows {
        let event = parse_stored(row.person_id, row.body.as_bytes())?;
        events.entry(row.person_id).or_default().push(event);
    }
    Ok(events)
}

/// The events of every record that takes part in a merger.
pub(super) async fn groups(
    pool: &PgPool,
    cut: Cut,
) -> Result<HashMap<i64, Vec<Event>>, ApplyError> {
    let rows = sqlx::query!(
        r#"select person_id, body->>'into' as "into!" from event
           where kind = 'merged' and event_no <= $1 and recorded_at <= $2"#,
        cut.event_no,
        cut.recorded_at.to_sqlx() as _
    )
    .fetch_all(pool)
    .await?;
    let both = rows
        .iter()
        .flat_map(|row| [Some(row.person_id), by_number(&row.into)]);
    let people: Vec<i64> = both.flatten().collect();
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    events_of(pool, cut, &people).await
}

/// Folds each record of the mergers and gives what the merged ones say to the kept ones.
fn states(
    groups: &HashMap<i64, Vec<Event>>,
) -> Result<HashMap<i64, (PersonState<'_>, Option<i64>)>, ApplyError> {
    let mut states = HashMap::new();
    for (person, events) in groups {
        if let Some(state) = fold(*person, events)? {
            let into = state.merged_into.and_then(by_number);
            states.insert(*person, (state, into));
        }
    }
    let mut dropped: Vec<i64> = Vec::new();
    dropped.extend(
        states
            .iter()
            .filter(|(_, (_, into))| into.is_some())
            .map(|(id, _)| *id),
    );
    dropped.sort_unstable();
    for person in dropped {
        let mut way = VecDeque::from([person]);
        let mut kept = person;
        while let Some(next) = way.pop_front() {
            kept = next;
            way.extend(states.get(&next).and_then(|(_, into)| *into));
        }
        let bare = states.get_mut(&person).map(|(state, into)| {
            *into = Some(kept);
            state.take_for_merging()
        });
        if let (Some(taken), Some((state, _))) = (bare, states.get_mut(&kept)) {
            state.absorb(taken);
        }
    }
    Ok(states)
}

pub(super) fn merged_cases(
    groups: &HashMap<i64, Vec<Event>>,
    cared: &Cared,
    places: &mut Places,
) -> Result<HashMap<i64, Case>, ApplyError> {
    let states = states(groups)?;
    let cases = states.iter().map(|(id, (state, into))| {
        let case = case_of(*id, state, into.map(PersonId), cared, places);
        (*id, case)
    });
    Ok(cases.collect())
}

/// Reads everybody whom somebody read cares for.
pub(super) async fn cared(
    pool: &PgPool,
    communes: &Communes,
    cut: Cut,
    groups: &HashMap<i64, Vec<Event>>,
) -> Result<Cared, ApplyError> {
    let named = named_carers(pool, communes, cut).await?;
    let (sources, keys): (Vec<String>, Vec<String>) = named.into_iter().unzip();
    let rows = sqlx::query!(
        r#"select n.source as "source!", n.key as "key!",
                  case when n.key like '#%' then substr(n.key, 2)::bigint else k.person_id end
                      as person_id
           from unnest($1::text[], $2::text[]) as n (source, key)
           left join person_key k on k.key = n.key and k.source = n.source"#,
        &sources,
        &keys
    )
    .fetch_all(pool)
    .await?;
    let people: Vec<i64> = rows.iter().filter_map(|row| row.person_id).collect();
    let events = events_of(pool, cut, &people).await?;
    let merged = states(groups)?;
    let mut cared = Cared::default();
    for row in rows {
        let Some(person) = row.person_id else {
            continue;
        };
        let folded;
        let state = match merged.get(&person) {
            Some((own, into)) => into
                .and_then(|kept| merged.get(&kept))
                .map_or(own, |(it, _)| it),
            None => match events
                .get(&person)
                .map(|events| fold(person, events))
                .transpose()?
            {
                Some(Some(state)) => {
                    folded = state;
                    &folded
                }
                _ => continue,
            },
        };
        let facts = state
            .facts
            .iter()
            .filter(|fact| !matches!(fact.kind, FactKind::CaresFor(_)));
        let known = CaredPerson {
            person: state.identity.person_key.to_owned(),
            relation: String::new(),
            birth_date: Some(state.identity.birth_date),
            death_date: state.death,
            facts: facts.map(StatedFact::to_law).collect(),
        };
        cared.0.insert((row.source, row.key), known);
    }
    Ok(cared)
}

/// The sources and keys by which those read name whom they care for.
async fn named_carers(
    pool: &PgPool,
    communes: &Communes,
    cut: Cut,
) -> Result<BTreeSet<(String, String)>, ApplyError> {
    let statement = format!(
        "copy (select distinct source, body->'fact'->>'person' from event \
         where kind = 'fact_started' and body->'fact'->>'kind' = 'cares_for' \
         and {} and {}) to stdout (format binary)",
        cut.condition(),
        communes.condition_in_events()
    );
    let mut rows = CopyReader::of_pool(pool, &statement).await?;
    let mut named = BTreeSet::new();
    while let Some(mut row) = rows.next().await? {
        named.insert((row.text()?.to_string(), row.text()?.to_string()));
    }
    // A merged record's care is the kept record's, who may be among those read.
    let merged = sqlx::query!(
        r#"select distinct e.source, e.body->'fact'->>'person' as "key!"
           from event m join event e using (person_id)
           where m.kind = 'merged' and e.kind = 'fact_started'
             and e.body->'fact'->>'kind' = 'cares_for' and e.event_no <= $1 and e.recorded_at <= $2"#,
        cut.event_no,
        cut.recorded_at.to_sqlx() as _
    )
    .fetch_all(pool)
    .await?;
    named.extend(merged.into_iter().map(|row| (row.source, row.key)));
    Ok(named)
}
