//! Whose events they are, and what is stored of those people.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Intake, Sequence, Touched, by_number, cared_for, parse_stored, take_numbers};
use crate::apply::Stop;
use crate::event::EventKind;

/// Looks up every caller's key that the events name, and locks those people.
pub(super) async fn find_keys(
    tx: &mut PgConnection,
    intake: &mut Intake<'_>,
    fresh: &[usize],
) -> Result<(), Stop> {
    let events = intake.events;
    let mut named: Vec<(&str, &str)> = Vec::with_capacity(fresh.len());
    for at in fresh {
        let event = &events[*at].event;
        let cared = cared_for(event).into_iter();
        let named_here = cared.chain([event.person.as_str()]);
        let by_key = named_here.filter(|person| by_number(person).is_none());
        named.extend(by_key.map(|person| (event.source.as_str(), person)));
    }
    // A person's events mostly stand together: what is left is short before it is sorted.
    named.dedup();
    named.sort_unstable();
    named.dedup();
    let (sources, keys): (Vec<&str>, Vec<&str>) = named.iter().copied().unzip();
    let rows = sqlx::query!(
        r#"select given.place as "place!", k.person_id
           from unnest($1::text[], $2::text[]) with ordinality as given (source, key, place)
           join person_key k on k.key = given.key and k.source = given.source"#,
        &sources as &[&str],
        &keys as &[&str]
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        let place = usize::try_from(row.place).expect("places count from 1");
        intake.keys.insert(named[place - 1], row.person_id);
    }
    Ok(())
}

/// Whether a registration that looked new a moment ago is stored by now: its twin in another call
/// ended in between, and the events have to be looked at again.
pub(super) async fn registered_meanwhile(
    tx: &mut PgConnection,
    intake: &Intake<'_>,
    fresh: &[usize],
) -> Result<bool, Stop> {
    let events = fresh.iter().map(|at| &intake.events[*at].event);
    let known = events.filter(|event| {
        let key = (event.source.as_str(), event.person.as_str());
        matches!(event.kind, EventKind::PersonRegistered(_)) && intake.keys.contains_key(&key)
    });
    let ids: Vec<Uuid> = known
        .map(|event| Uuid::from_u128(event.event_id.0))
        .collect();
    if ids.is_empty() {
        return Ok(false);
    }
    let stored = sqlx::query_scalar!(
        r#"select exists (select from event_claim where event_id = any($1)) as "stored!""#,
        &ids
    )
    .fetch_one(tx)
    .await?;
    Ok(stored)
}

/// Gives a number to each person registered here under a key nobody has.
pub(super) async fn number_newcomers<'a>(
    tx: &mut PgConnection,
    intake: &mut Intake<'a>,
    fresh: &[usize],
) -> Result<(), Stop> {
    let events = intake.events;
    let mut new: Vec<(&'a str, &'a str)> = Vec::new();
    for at in fresh {
        let event = &events[*at].event;
        let key = (event.source.as_str(), event.person.as_str());
        let registers = matches!(event.kind, EventKind::PersonRegistered(_));
        if registers && !intake.keys.contains_key(&key) {
            // Filled in below; here it keeps a second registration from counting twice.
            intake.keys.insert(key, 0);
            new.push(key);
        }
    }
    let numbers = take_numbers(tx, Sequence::Person, new.len()).await?;
    for ((source, key), number) in new.into_iter().zip(numbers) {
        intake.keys.insert((source, key), number);
        intake.newcomers.push((number, source, key));
        intake.people.insert(
            number,
            Touched {
                new: true,
                ..Touched::default()
            },
        );
    }
    Ok(())
}

/// Locks the stored people whom the events concern, so that two calls do not rewrite one person.
pub(super) async fn find_numbers(
    tx: &mut PgConnection,
    intake: &mut Intake<'_>,
    fresh: &[usize],
) -> Result<(), Stop> {
    let mut numbers = BTreeSet::new();
    for at in fresh {
        let event = &intake.events[*at].event;
        let number = intake.number_of(&event.source, &event.person);
        let cared = cared_for(event).and_then(by_number);
        let stored = |number: &i64| !intake.people.contains_key(number);
        numbers.extend(number.into_iter().chain(cared).filter(stored));
    }
    lock(tx, intake, numbers.into_iter().collect()).await
}

async fn lock(
    tx: &mut PgConnection,
    intake: &mut Intake<'_>,
    numbers: Vec<i64>,
) -> Result<(), Stop> {
    if numbers.is_empty() {
        return Ok(());
    }
    // A key whose registration was cancelled has no row in person: the key's own row is locked.
    let locked = sqlx::query_scalar!(
        "select person_id from person_key where person_id = any($1)
         order by person_id, key, source for update",
        &numbers
    )
    .fetch_all(tx)
    .await?;
    for number in locked {
        intake.people.entry(number).or_default();
    }
    Ok(())
}

/// Adds the records merged with those touched: they are one person together.
pub(super) async fn add_merged(tx: &mut PgConnection, intake: &mut Intake<'_>) -> Result<(), Stop> {
    loop {
        let stored: Vec<i64> = intake
            .people
            .iter()
            .filter(|(_, person)| !person.new)
            .map(|(number, _)| *number)
            .collect();
        let named = intake.people.values().flat_map(|person| &person.submitted);
        let mut with: Vec<i64> = named
            .filter_map(|at| match &intake.events[*at].event.kind {
                EventKind::Merged { into, .. } => by_number(into),
                _ => None,
            })
            .collect();
        let merged = sqlx::query_scalar!(
            r#"select person_id as "person_id!" from person where merged_into = any($1)
               union
               select merged_into from person
               where person_id = any($1) and merged_into is not null"#,
            &stored
        )
        .fetch_all(&mut *tx)
        .await?;
        with.extend(merged);
        with.retain(|number| !intake.people.contains_key(number));
        if with.is_empty() {
            return Ok(());
        }
        let before = intake.people.len();
        lock(tx, intake, with).await?;
        if intake.people.len() == before {
            return Ok(());
        }
    }
}

/// Reads what was recorded earlier of the people touched.
pub(super) async fn load_stored(
    tx: &mut PgConnection,
    intake: &mut Intake<'_>,
) -> Result<(), Stop> {
    let stored = intake.people.iter().filter(|(_, person)| !person.new);
    let numbers: Vec<i64> = stored.map(|(number, _)| *number).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let mut named = BTreeSet::new();
    {
        let mut rows = sqlx::query!(
            r#"select person_id, body::text as "body!" from event
               where person_id = any($1) order by person_id, event_no"#,
            &numbers
        )
        .fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            let event = parse_stored(row.person_id, row.body.as_bytes())?;
            if let Some(cared) = cared_for(&event).filter(|it| by_number(it).is_none()) {
                named.insert((event.source.clone(), cared.to_owned()));
            }
            let person = intake.people.get_mut(&row.person_id);
            person
                .expect("only their rows are asked for")
                .stored
                .push(event);
        }
    }
    let (sources, keys): (Vec<String>, Vec<String>) = named.into_iter().unzip();
    let rows = sqlx::query!(
        "select source, key, person_id from person_key
         where (key, source) in (select * from unnest($1::text[], $2::text[]))",
        &keys,
        &sources
    )
    .fetch_all(tx)
    .await?;
    let known = rows
        .into_iter()
        .map(|row| ((row.source, row.key), row.person_id));
    intake.stored_keys = known.collect();
    Ok(())
}
