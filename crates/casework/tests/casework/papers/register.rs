//! Numbers: no doubles, no gaps, whoever asks at once and whatever is rolled back.

use casework::register::{Filter, Kind, Refused, book, number};
use jiff::civil::{Date, date};
use kernel::actor::Role;
use testkit::TestDb;

use super::desk::{clock, everybody, only};

const COMMUNE: &str = "21175";
const DAY: Date = date(2024, 6, 28);

/// Takes a number, and gives it back when `keep` is false.
async fn take(db: &TestDb, kind: Kind, keep: bool) -> String {
    let mut tx = db.pool().begin().await.expect("a transaction");
    let given = number(&mut tx, &everybody(), &clock(), COMMUNE, kind, DAY).await;
    let given = given.expect("a number");
    match keep {
        true => tx.commit().await.expect("committed"),
        false => tx.rollback().await.expect("rolled back"),
    }
    given
}

#[tokio::test]
async fn many_at_once_get_numbers_without_doubles_or_gaps() {
    let db = TestDb::practice().await;
    let mut given = Vec::new();
    for round in 0..8 {
        // Some give theirs back: whoever comes next gets it.
        let four = tokio::join!(
            take(&db, Kind::Decision, true),
            take(&db, Kind::Decision, round % 3 == 0),
            take(&db, Kind::Decision, true),
            take(&db, Kind::Proposal, true),
        );
        given.extend([four.0, four.2]);
    }
    let filter = Filter {
        area: "51".to_owned(),
        year: 2024,
        kind: Some(Kind::Decision),
        limit: 100,
        ..Filter::default()
    };
    let (entries, count) = book(db.pool(), &everybody(), &filter)
        .await
        .expect("the book");
    let numbers: Vec<i32> = entries.iter().rev().map(|entry| entry.number).collect();
    assert_eq!(
        numbers,
        (1..=19).collect::<Vec<i32>>(),
        "all kept and none between"
    );
    assert_eq!(count, 19);
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 16, "no number twice");
    assert_eq!(entries[18].written, "01/QĐ-UBND");
    assert_eq!(take(&db, Kind::Proposal, true).await, "09/TTr-UBND");
}

#[tokio::test]
async fn numbers_are_given_by_the_records_office_for_days_that_have_come() {
    let db = TestDb::practice().await;
    let mut tx = db.pool().begin().await.expect("a transaction");
    for (actor, day, code) in [
        (only(Role::Officer, COMMUNE), DAY, "denied"),
        (only(Role::Records, "48"), DAY, "denied"),
        (
            only(Role::Records, COMMUNE),
            date(2024, 7, 1),
            "day_to_come",
        ),
    ] {
        let refused = number(&mut tx, &actor, &clock(), COMMUNE, Kind::Notice, day).await;
        assert_eq!(refused.expect_err("refused").code(), code);
    }
    let unknown = number(&mut tx, &everybody(), &clock(), "99999", Kind::Notice, DAY).await;
    assert!(matches!(unknown, Err(Refused::UnknownArea { .. })));
    let records = only(Role::Records, COMMUNE);
    let given = number(&mut tx, &records, &clock(), COMMUNE, Kind::Notice, DAY).await;
    assert_eq!(given.expect("a number"), "01/TB-UBND");
}

#[tokio::test]
async fn the_database_takes_no_gap_and_no_change() {
    let db = TestDb::practice().await;
    take(&db, Kind::Decision, true).await;
    for statement in [
        "insert into number_given select area_code, area_valid_from, kind, year, 3, 'x', day,
             given_by, given_at from number_given",
        "update number_given set day = day",
        "delete from number_given",
        "update number_book set last = 5",
        "delete from number_book",
    ] {
        let done = sqlx::query(statement).execute(db.pool()).await;
        let error = done.expect_err(statement);
        let code = error
            .as_database_error()
            .and_then(|error| error.code().map(|it| it.into_owned()));
        assert_eq!(code.as_deref(), Some("23000"), "{statement}: {error}");
    }
}
