//! Each night everybody is compared, once for all servers.

use jiff::Timestamp;
use kernel::Clock;
use links::{Twice, last_search, nightly};
use testkit::TestDb;

use crate::people::{FAR, HERE, officer};
use crate::twice::somebody_twice;

fn at(text: &str) -> (Clock, Timestamp) {
    let begun = text.replace("T03", "T02").parse().expect("an instant");
    (testkit::clock(text), begun)
}

async fn look(db: &TestDb, (clock, since): &(Clock, Timestamp)) -> Option<Twice> {
    nightly(db.pool(), clock, *since).await.expect("looked")
}

#[tokio::test]
async fn of_several_servers_one_compares_everybody_once_a_night() {
    let (db, ..) = somebody_twice().await;
    let first = at("2024-05-20T03:00:00+07:00");
    let (one, other) = tokio::join!(look(&db, &first), look(&db, &first));
    let found: Vec<Twice> = one.into_iter().chain(other).collect();
    assert_eq!(found.len(), 1, "one of two");
    assert_eq!((found[0].people, found[0].pairs), (402, 1));
    assert_eq!(look(&db, &first).await, None, "done for this night");
    let second = at("2024-05-21T03:00:00+07:00");
    assert!(look(&db, &second).await.is_some());
    let told: Vec<(String, String)> =
        sqlx::query_as("select actor, action from audit_entry where action = 'pair.find'")
            .fetch_all(db.pool())
            .await
            .expect("the log");
    let itself = ("server".to_owned(), "pair.find".to_owned());
    assert_eq!(told, [itself.clone(), itself]);
}

#[tokio::test]
async fn an_area_asked_for_is_not_the_country() {
    let (db, ..) = somebody_twice().await;
    let (clock, since) = at("2024-05-20T03:00:00+07:00");
    let here = officer("xa", HERE);
    assert_eq!(last(&db, &clock).await, None);
    let found = links::twice(db.pool(), &here, &clock, HERE).await;
    assert_eq!(found.expect("compared").people, 201);
    let own = Some((HERE.to_owned(), "xa".to_owned(), 1));
    assert_eq!(last(&db, &clock).await, own);
    let found = look(&db, &(clock.clone(), since)).await;
    assert_eq!(found.map(|found| found.people), Some(402));
    let whole = Some((String::new(), "server".to_owned(), 1));
    assert_eq!(last(&db, &clock).await, whole);
    let elsewhere = last_search(db.pool(), &here, &clock, FAR).await;
    assert_eq!(elsewhere.expect_err("not ours").code(), "denied");
}

/// What the officer of the commune is told of the last time: which area, by whom, how many pairs.
async fn last(db: &TestDb, clock: &Clock) -> Option<(String, String, i32)> {
    let told = last_search(db.pool(), &officer("xa", HERE), clock, HERE).await;
    let told = told.expect("an answer");
    told.map(|search| (search.area, search.by, search.pairs))
}
