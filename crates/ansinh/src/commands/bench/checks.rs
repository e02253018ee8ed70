//! How long it takes to say how many people are due for a check with the population database, and who, in a whole country.

use std::time::{Duration, Instant};

use kernel::actor::{Actor, Grant, Role};
use payments::Office;
use population::{Wanted, due};
use serde::Serialize;

use super::percentile;

/// One question; milliseconds with one decimal.
#[derive(Serialize)]
pub(super) struct Timed {
    question: &'static str,
    people: i64,
    p50: String,
    p95: String,
    slowest: String,
}

/// Fills an empty practice database and asks so many times.
///
/// # Errors
/// Those of filling and of asking.
pub(super) async fn measure(
    office: &Office<'_>,
    people: i64,
    rounds: usize,
) -> anyhow::Result<Vec<Timed>> {
    let pool = office.pool;
    payments::bench::checked_people(pool, people, |line| eprintln!("{line}")).await?;
    let month = payments::bench::month();
    let wanted = |area: &str, limit| Wanted {
        area: area.to_owned(),
        month,
        lately_days: population::settings::LATELY_DAYS,
        limit,
    };
    let grant = Grant {
        role: Role::Officer,
        area: None,
    };
    let actor = Actor::new("bench", vec![grant]);
    let commune: String =
        sqlx::query_scalar("select min(area_code) from person where area_code > '2'")
            .fetch_one(pool)
            .await?;
    let mut timed = Vec::new();
    let mut told = |question, people, took: Vec<Duration>| {
        let mut took = took;
        took.sort_unstable();
        let row = Timed {
            question,
            people,
            p50: percentile(&took, 50),
            p95: percentile(&took, 95),
            slowest: percentile(&took, 100),
        };
        eprintln!("{question}: {} / {} / {} ms", row.p50, row.p95, row.slowest);
        timed.push(row);
    };
    let count =
        async |area: &str| due::count(pool, &actor, office.clock, &wanted(area, None)).await;
    let begun = Instant::now();
    let first = count("").await?;
    told(
        "country, the first time a month is asked for",
        first.to_ask,
        vec![begun.elapsed()],
    );
    for (question, area) in [("country", ""), ("province", "51"), ("commune", &commune)] {
        let (mut took, mut people) = (Vec::with_capacity(rounds), 0);
        for _ in 0..rounds {
            let begun = Instant::now();
            people = count(area).await?.to_ask;
            took.push(begun.elapsed());
        }
        told(question, people, took);
    }
    let (mut took, mut people) = (Vec::with_capacity(rounds), 0);
    for round in 0..rounds as i64 {
        // Two hundred people of some communes are recorded anew.
        sqlx::query(
            "update person set identity_check = 'verified'
             where person_id % $2 = $1 and person_id / $2 < 200",
        )
        .bind(round)
        .bind((people_of(pool).await? / 200).max(1))
        .execute(pool)
        .await?;
        let begun = Instant::now();
        people = count("").await?.to_ask;
        took.push(begun.elapsed());
    }
    told(
        "country, after 200 people in 200 communes changed",
        people,
        took,
    );
    let (mut took, mut found) = (Vec::with_capacity(rounds), 0);
    for _ in 0..rounds {
        let begun = Instant::now();
        let hand = due::people(pool, &actor, office.clock, &wanted("", Some(200))).await?;
        found = hand.len() as i64;
        took.push(begun.elapsed());
    }
    told("the next 200 to be asked about in the country", found, took);
    Ok(timed)
}

async fn people_of(pool: &sqlx::PgPool) -> anyhow::Result<i64> {
    let people = sqlx::query_scalar("select max(person_id) from person");
    Ok(people.fetch_one(pool).await?)
}
