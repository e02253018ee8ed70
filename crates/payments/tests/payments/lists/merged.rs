//! Two records of one person: what was listed for either was paid to the same human.

use payments::results::{Reported, Status};
use payments::{Cause, Changes, Refused};

use crate::support::*;

/// The changes of a month, which balance.
async fn changes(town: &Town, list: &str, area: &str) -> Changes {
    let nothing = |_: payments::changes::Change| Ok::<(), Refused>(());
    let changes = payments::changes(&town.office(), &maker(), month(list), area, nothing).await;
    let changes = changes.expect("compared");
    assert!(changes.balances(), "{changes:#?}");
    changes
}

fn part(changes: &Changes, cause: Cause) -> Option<(i64, i64)> {
    let of = changes.causes.iter().find(|total| total.cause == cause)?;
    Some((of.change.people, of.change.amount.0))
}

async fn holds(town: &Town, lists: &[(&str, &str)]) {
    for (list, area) in lists {
        town.holds(list, area).await;
    }
}

/// Registered only, without any decision.
async fn known(town: &Town, person: &str, area: &str) {
    town.told(&[registered(person, "1988-02-01", area)]).await;
}

#[tokio::test]
async fn what_was_listed_for_the_dropped_record_counts_for_the_kept_one() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    known(&town, "p2", VILLAGE).await;
    town.list("2024-03", "51").await;
    town.set("2024-04-20");
    let parted = town.merge("p2", "p1").await.expect("merged");
    town.list("2024-04", "51").await;
    assert_eq!(
        town.lines("2024-04", "51").await,
        ["p2 disability regular 2024-04 540000 -"]
    );
    let told = changes(&town, "2024-04", "51").await;
    assert_eq!(part(&told, Cause::Merged), Some((0, 0)));
    assert_eq!(part(&told, Cause::ArrearsBefore), Some((0, -1_080_000)));

    let kept = town.number("p2").await;
    let why = payments::explain(&town.office(), &maker(), kept, month("2024-03")).await;
    let why = why.expect("explained");
    assert_eq!((why.held.len(), why.open.len()), (1, 0));
    let dropped = town.number("p1").await;
    let why = payments::explain(&town.office(), &maker(), dropped, month("2024-03")).await;
    let why = why.expect("explained");
    assert_eq!((why.held.len(), why.open.len()), (1, 0));
    assert_eq!(why.merged_into.as_deref(), Some("p2"));

    // They were two people after all: what p2 got in between was p1's.
    town.set("2024-05-20");
    town.told(&[parted]).await;
    town.list("2024-05", "51").await;
    assert_eq!(
        town.lines("2024-05", "51").await,
        [
            "p1 disability regular 2024-05 540000 -",
            "p1 disability arrears 2024-04 540000 correction",
            "p2 disability recovery 2024-04 -540000 not_enrolled",
        ]
    );
    let told = changes(&town, "2024-05", "51").await;
    assert_eq!(part(&told, Cause::Correction), Some((0, 0)));
    let lists = [("2024-03", "51"), ("2024-04", "51"), ("2024-05", "51")];
    holds(&town, &lists).await;
}

#[tokio::test]
async fn a_month_paid_under_both_records_is_proposed_for_recovery_once() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-03", "51").await;
    town.set("2024-04-20");
    town.merge("p2", "p1").await.expect("merged");
    town.list("2024-04", "51").await;
    assert_eq!(
        town.lines("2024-04", "51").await,
        [
            "p2 disability regular 2024-04 540000 -",
            "p2 disability recovery 2024-01 -540000 paid_twice",
            "p2 disability recovery 2024-02 -540000 paid_twice",
            "p2 disability recovery 2024-03 -540000 paid_twice",
        ]
    );
    let told = changes(&town, "2024-04", "51").await;
    assert_eq!(part(&told, Cause::Merged), Some((-1, -540_000)));
    town.set("2024-05-20");
    town.list("2024-05", "51").await;
    assert_eq!(
        town.lines("2024-05", "51").await,
        ["p2 disability regular 2024-05 540000 -"]
    );
    holds(
        &town,
        &[("2024-03", "51"), ("2024-04", "51"), ("2024-05", "51")],
    )
    .await;
}

#[tokio::test]
async fn records_in_two_provinces_are_one_person_for_both_lists() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", FAR)).await;
    town.told(&severe("p2", WARD)).await;
    town.make("2024-03", "51").await.expect("made");
    town.merge("p2", "p1").await.expect("merged");
    // A draft that knows of the merging beside an approved list that did not.
    town.make("2024-03", "01").await.expect("made");
    assert_eq!(town.lines("2024-03", "01").await, [""; 0]);
    town.approve("2024-03", "51").await.expect("approved");
    town.list("2024-03", "01").await;
    town.set("2024-04-20");
    town.list("2024-04", "51").await;
    assert_eq!(
        town.lines("2024-04", "51").await,
        ["p2 disability regular 2024-04 540000 -"]
    );
    changes(&town, "2024-04", "51").await;
    holds(
        &town,
        &[("2024-03", "51"), ("2024-03", "01"), ("2024-04", "51")],
    )
    .await;
}

#[tokio::test]
async fn a_draft_is_out_of_date_when_another_record_of_the_person_was_listed_since() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", FAR)).await;
    town.told(&severe("p2", WARD)).await;
    town.make("2024-03", "01").await.expect("made");
    town.merge("p2", "p1").await.expect("merged");
    // Left out while another list of the month has them as p1.
    let made = town.make("2024-03", "51").await.expect("made");
    assert_eq!((made.header.people, made.left_out), (0, 1));
    town.make("2024-03", "01").await.expect("made again");
    town.make("2024-03", "51").await.expect("made again");
    assert_eq!(town.lines("2024-03", "51").await.len(), 3);

    let mut town = Town::on("2024-02-20").await;
    town.told(&severe("p1", FAR)).await;
    town.told(&severe("p2", WARD)).await;
    town.make("2024-02", "01").await.expect("made");
    town.set("2024-03-20");
    town.merge("p2", "p1").await.expect("merged");
    town.make("2024-03", "51").await.expect("made");
    town.approve("2024-02", "01").await.expect("approved");
    let stale = town.approve("2024-03", "51").await.expect_err("refused");
    assert_eq!(stale.code(), "draft_out_of_date");
    town.list("2024-03", "51").await;
    assert_eq!(
        town.lines("2024-03", "51").await,
        ["p2 disability regular 2024-03 540000 -"]
    );
    holds(&town, &[("2024-02", "01"), ("2024-03", "51")]).await;
}

/// A line of the person's that did not reach them.
async fn failed(town: &Town, list: &str, person: &str, line_no: i16) {
    let line = format!("{list}-{}-{line_no}", town.number(person).await);
    let reported = Reported {
        result_id: line.clone(),
        line,
        status: Status::Failed,
        date: town.clock.today(),
        reason: None,
        amount: 540_000,
    };
    let rows = [(1, reported)];
    let imported = payments::results::import(&town.office(), &maker(), "BANK", &rows).await;
    assert_eq!(imported.expect("imported").recorded, 1);
}

#[tokio::test]
async fn money_that_did_not_reach_the_dropped_record_is_offered_to_the_kept_one() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", FAR)).await;
    known(&town, "p2", WARD).await;
    town.list("2024-03", "").await;
    failed(&town, "2024-03", "p1", 1).await;
    town.set("2024-04-20");
    town.merge("p2", "p1").await.expect("merged");
    town.list("2024-04", "51").await;
    assert_eq!(
        town.lines("2024-04", "51").await,
        [
            "p2 disability regular 2024-04 540000 -",
            "p2 disability carried_over 2024-03 540000 payment_failed",
        ]
    );
    town.set("2024-05-20");
    town.list("2024-05", "51").await;
    assert_eq!(town.lines("2024-05", "51").await.len(), 1);
    holds(&town, &[("2024-04", "51"), ("2024-05", "51")]).await;
}

#[tokio::test]
async fn a_second_payment_that_came_back_is_not_offered_again() {
    let mut town = Town::on("2024-01-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", WARD)).await;
    town.list("2024-01", "51").await;
    failed(&town, "2024-01", "p1", 1).await;
    town.set("2024-02-20");
    town.merge("p2", "p1").await.expect("merged");
    town.list("2024-02", "51").await;
    assert_eq!(
        town.lines("2024-02", "51").await,
        [
            "p2 disability regular 2024-02 540000 -",
            "p2 disability recovery 2024-01 -540000 paid_twice",
        ]
    );
    town.set("2024-03-20");
    town.list("2024-03", "51").await;
    assert_eq!(town.lines("2024-03", "51").await.len(), 1);
    // Neither payment reached them: one is offered.
    failed(&town, "2024-01", "p2", 1).await;
    town.set("2024-04-20");
    town.list("2024-04", "51").await;
    assert_eq!(
        town.lines("2024-04", "51").await,
        [
            "p2 disability regular 2024-04 540000 -",
            "p2 disability carried_over 2024-01 540000 payment_failed",
        ]
    );
    holds(
        &town,
        &[("2024-02", "51"), ("2024-03", "51"), ("2024-04", "51")],
    )
    .await;
}
