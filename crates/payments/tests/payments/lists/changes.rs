//! A month against the one before, and what the next will change.

use payments::{Cause, Refused};

use crate::support::*;

#[tokio::test]
async fn last_month_and_the_causes_make_this_month() {
    let mut town = Town::on("2024-03-20").await;
    for person in ["p1", "p2", "p3", "p4", "p5"] {
        town.told(&severe(person, WARD)).await;
    }
    town.list("2024-03", "51").await;
    town.set("2024-04-20");
    town.told(&[
        died("p1", "2024-03-05"),
        moved("p2", "2024-03-05", FAR),
        suspended("p3", "disability", "2024-04"),
        fact("p4", "jail", "in_prison", "2024-03-02"),
    ])
    .await;
    town.told(&severe("p6", VILLAGE)).await;
    town.make("2024-04", "51").await.expect("made");
    let mut rows = Vec::new();
    let take = |change: payments::changes::Change| {
        let cause = change.cause.map_or("?", |cause| cause.code());
        rows.push(format!(
            "{} {cause} {} {}",
            change.person, change.people, change.amount.0
        ));
        Ok::<(), Refused>(())
    };
    let changes = payments::changes(&town.office(), &maker(), month("2024-04"), "51", take)
        .await
        .expect("compared");
    assert!(changes.balances(), "{changes:?}");
    assert_eq!(changes.against, Some(month("2024-03")));
    assert_eq!((changes.before.people, changes.now.people), (5, 2));
    rows.retain(|row| !row.contains("arrears_last_month"));
    assert_eq!(
        rows,
        [
            "p1 died -1 -540000",
            "p2 moved_out -1 -540000",
            "p3 suspended -1 -540000",
            "p4 prison -1 -540000",
            "p6 new 1 540000",
            "p6 arrears 0 1620000",
        ]
    );
}

#[tokio::test]
async fn a_draft_of_another_area_that_does_not_know_the_newest_is_named_as_the_cause() {
    let mut town = Town::on("2024-03-05").await;
    town.told(&severe("p1", WARD)).await;
    town.make("2024-03", "51").await.expect("made");
    town.set("2024-03-20");
    town.told(&[moved("p1", "2024-01-10", FAR)]).await;
    town.make("2024-03", WARD).await.expect("made");
    let skip = |_| Ok::<(), Refused>(());
    let changes = payments::changes(&town.office(), &maker(), month("2024-03"), WARD, skip)
        .await
        .expect("compared");
    assert!(changes.balances(), "{changes:#?}");
    let causes: Vec<Cause> = changes.causes.iter().map(|total| total.cause).collect();
    assert!(causes.contains(&Cause::OutdatedList), "{causes:?}");
}

#[tokio::test]
async fn balances_are_worked_out_before_somebody_looks() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.make("2024-03", WARD).await.expect("made");
    let ahead = async || {
        payments::balance::prepare(&town.office())
            .await
            .expect("done")
    };
    assert_eq!((ahead().await, ahead().await), (1, 0));
    town.make("2024-03", WARD).await.expect("made again");
    assert_eq!(ahead().await, 1);
    let balance = payments::balance(&town.office(), &maker(), month("2024-03"), WARD).await;
    assert_eq!(balance.expect("kept").changes.now.people, 1);
}

#[tokio::test]
async fn shows_birthdays_a_month_ahead() {
    let town = Town::on("2024-03-20").await;
    let mut child = vec![registered("kid", "2008-04-10", WARD)];
    child.push(disabled("kid", "f1", "severe", "2023-12-15"));
    child.push(enrolled("kid", "disability", "2024-01"));
    town.told(&child).await;
    town.told(&severe("p1", WARD)).await;
    let mut rows = Vec::new();
    let take = |row: payments::Upcoming| {
        let cause = row.cause.map_or("?", |cause| cause.code());
        rows.push(format!(
            "{} {} {} {cause}",
            row.person, row.amount.0, row.next_amount.0
        ));
        Ok::<(), Refused>(())
    };
    payments::upcoming(&town.office(), &maker(), month("2024-03"), "51", take)
        .await
        .expect("looked ahead");
    assert_eq!(rows, ["kid 720000 540000 rate_changed_age"]);
}

#[tokio::test]
async fn who_moves_out_or_in_next_month_is_shown_as_that_and_not_by_age() {
    let town = Town::on("2024-03-20").await;
    for (person, area) in [
        ("leaves", WARD),
        ("comes", FAR),
        ("stays", WARD),
        ("far", FAR),
    ] {
        let mut child = vec![registered(person, "2008-04-10", area)];
        child.push(disabled(person, "f1", "severe", "2023-12-15"));
        child.push(enrolled(person, "disability", "2024-01"));
        town.told(&child).await;
    }
    town.told(&[
        moved("leaves", "2024-03-18", FAR),
        moved("comes", "2024-03-18", WARD),
        moved("stays", "2024-03-18", VILLAGE),
    ])
    .await;
    let rows = async |area| {
        let mut rows = Vec::new();
        let take = |row: payments::Upcoming| {
            let cause = row.cause.map_or("?", |cause| cause.code());
            rows.push(format!(
                "{} {} {} {cause}",
                row.person, row.amount.0, row.next_amount.0
            ));
            Ok::<(), Refused>(())
        };
        payments::upcoming(&town.office(), &maker(), month("2024-03"), area, take)
            .await
            .expect("looked ahead");
        rows
    };
    assert_eq!(
        rows("51").await,
        [
            "leaves 720000 0 moved_out",
            "comes 0 540000 moved_in",
            "stays 720000 540000 rate_changed_age",
        ]
    );
    let by_age = |who: &str| format!("{who} 720000 540000 rate_changed_age");
    assert_eq!(
        rows("").await,
        ["leaves", "comes", "stays", "far"].map(by_age)
    );
}
