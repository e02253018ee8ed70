//! A month's list from draft to approval, through the public interface.

mod support;

use payments::{Cause, Refused};
use support::*;

#[tokio::test]
async fn pays_what_is_owed_then_only_what_is_new() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    let made = town.list("2024-03", "51").await;
    assert_eq!((made.header.people, made.header.lines), (1, 3));
    assert_eq!(
        town.lines("2024-03", "51").await,
        [
            "p1 disability regular 2024-03 540000 -",
            "p1 disability arrears 2024-01 540000 late_decision",
            "p1 disability arrears 2024-02 540000 late_decision",
        ]
    );
    town.set("2024-04-20");
    town.list("2024-04", "51").await;
    assert_eq!(
        town.lines("2024-04", "51").await,
        ["p1 disability regular 2024-04 540000 -"]
    );
}

#[tokio::test]
async fn takes_back_after_a_late_death_and_pays_again_when_it_was_a_mistake() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    for month in ["2024-03", "2024-04", "2024-05"] {
        town.set(&format!("{month}-20"));
        town.list(month, "51").await;
    }
    let death = died("p1", "2024-03-05");
    town.set("2024-06-20");
    town.told(std::slice::from_ref(&death)).await;
    town.list("2024-06", "51").await;
    assert_eq!(
        town.lines("2024-06", "51").await,
        [
            "p1 disability recovery 2024-04 -540000 died",
            "p1 disability recovery 2024-05 -540000 died",
        ]
    );
    town.set("2024-07-20");
    town.told(&[cancelled(&death)]).await;
    town.list("2024-07", "51").await;
    assert_eq!(
        town.lines("2024-07", "51").await,
        [
            "p1 disability regular 2024-07 750000 -",
            "p1 disability arrears 2024-04 540000 correction",
            "p1 disability arrears 2024-05 540000 correction",
            "p1 disability arrears 2024-06 540000 correction",
        ]
    );
}

#[tokio::test]
async fn lifts_a_suspension_and_raises_a_standard_backwards() {
    let mut town = Town::on("2026-06-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", WARD)).await;
    payments::open(&town.office(), &approver(), month("2026-05"), "51")
        .await
        .expect("opened");
    town.list("2026-06", "51").await;
    assert_eq!(town.lines("2026-06", "51").await.len(), 2);
    town.set("2026-07-20");
    town.told(&[suspended("p1", "disability", "2026-07")]).await;
    town.list("2026-07", "51").await;
    assert_eq!(
        town.lines("2026-07", "51").await,
        ["p2 disability regular 2026-07 750000 -"]
    );
    town.set("2026-10-20");
    town.told(&[resumed("p1", "disability", "2026-10", "unchanged")])
        .await;
    town.list("2026-10", "51").await;
    let lines = town.lines("2026-10", "51").await;
    assert_eq!(
        lines,
        [
            "p1 disability regular 2026-10 810000 -",
            "p1 disability arrears 2026-07 810000 suspension_lifted",
            "p1 disability arrears 2026-08 810000 suspension_lifted",
            "p1 disability arrears 2026-09 810000 suspension_lifted",
            "p2 disability regular 2026-10 810000 -",
            "p2 disability arrears 2026-07 60000 standard_raised",
            "p2 disability arrears 2026-08 810000 month_not_listed",
            "p2 disability arrears 2026-09 810000 month_not_listed",
        ]
    );
}

#[tokio::test]
async fn a_draft_is_made_again_and_an_approved_list_is_not() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    let first = town.make("2024-03", "51").await.expect("made");
    town.told(&severe("p2", VILLAGE)).await;
    let second = town.make("2024-03", "51").await.expect("made again");
    assert_eq!((first.header.people, second.header.people), (1, 2));
    let own = payments::approve(&town.office(), &maker(), month("2024-03"), "51").await;
    assert_eq!(own.expect_err("refused").code(), "approver_is_maker");
    town.approve("2024-03", "51").await.expect("approved");
    let again = town.make("2024-03", "51").await.expect_err("refused");
    assert_eq!(again.code(), "already_approved");
    let part = town.make("2024-03", WARD).await.expect_err("refused");
    assert_eq!(part.code(), "already_approved");
    let earlier = town.make("2024-02", "51").await.expect_err("refused");
    assert_eq!(earlier.code(), "later_month_approved");
    let nowhere = town.make("2024-03", "99999").await.expect_err("refused");
    assert_eq!(nowhere.code(), "unknown_area");
    let far = town.make("2024-05", "51").await.expect_err("refused");
    assert_eq!(far.code(), "too_far_ahead");
}

#[tokio::test]
async fn nobody_is_on_two_lists_of_a_month() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-03", WARD).await;
    let province = town.make("2024-03", "51").await.expect("made");
    assert_eq!((province.header.people, province.left_out), (1, 1));
    town.make("2024-03", "51").await.expect("made again");
    assert_eq!(town.lines("2024-03", "51").await.len(), 6);
    assert_eq!(town.lines("2024-03", VILLAGE).await.len(), 3);
    town.approve("2024-03", "51").await.expect("approved");
}

#[tokio::test]
async fn a_draft_that_does_not_know_an_approval_is_made_again_first() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.make("2024-03", "51").await.expect("made");
    town.set("2024-04-20");
    town.told(&[moved("p1", "2024-03-15", FAR)]).await;
    town.list("2024-04", "01").await;
    let stale = town.approve("2024-03", "51").await.expect_err("refused");
    assert!(
        matches!(stale, Refused::DraftOutOfDate { people: 1 }),
        "{stale}"
    );
    assert_eq!(stale.code(), "draft_out_of_date");
    let made = town.make("2024-03", "51").await.expect("made again");
    assert_eq!(made.header.lines, 0);
}

#[tokio::test]
async fn an_approved_list_refuses_every_change_by_sql() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-03", WARD).await;
    town.list("2024-03", "51").await;
    let partition: String =
        sqlx::query_scalar("select tableoid::regclass::text from list_line limit 1")
            .fetch_one(town.pool())
            .await
            .expect("a line");
    let statements = [
        "update payment_list set payable = 0".to_owned(),
        "update payment_list set approved_by = 'x'".to_owned(),
        "delete from payment_list".to_owned(),
        "truncate payment_list".to_owned(),
        "update list_line set amount = amount + 1".to_owned(),
        "delete from list_line".to_owned(),
        "truncate list_line".to_owned(),
        format!("update {partition} set amount = amount + 1"),
        format!("delete from {partition}"),
        format!("truncate {partition}"),
        "insert into list_line select list_month, person_id, 9, list_id, benefit, 2, for_month, 1,
         coefficient, standard, channel, reason, area_code, area_valid_from from list_line limit 1"
            .to_owned(),
        format!(
            "insert into {partition} select list_month, person_id, 9, list_id, benefit, 2, for_month,
             1, coefficient, standard, channel, reason, area_code, area_valid_from
             from list_line limit 1"
        ),
        format!("insert into list_left_out select list_id, 7 from {partition} limit 1"),
        "update list_left_out set person_id = 7".to_owned(),
        "delete from list_left_out".to_owned(),
        "truncate list_left_out".to_owned(),
        "update event set actor = 'x'".to_owned(),
        "delete from event".to_owned(),
    ];
    for statement in statements {
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .execute(town.pool())
            .await;
        let error = done.expect_err(&statement).to_string();
        assert!(
            ["never changed", "no line", "cannot truncate"]
                .iter()
                .any(|refusal| error.contains(refusal)),
            "{statement}: {error}"
        );
    }
}

#[tokio::test]
async fn a_list_made_again_from_its_sources_is_the_same() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    town.set("2024-04-20");
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-04", "51").await;
    town.told(&[died("p1", "2024-02-01")]).await;
    town.set("2024-05-20");
    town.list("2024-05", "51").await;
    for list in ["2024-03", "2024-04", "2024-05"] {
        let verdict = payments::verify(&town.office(), &maker(), month(list), "51")
            .await
            .expect("verified");
        assert!(verdict.holds(), "{verdict:?}");
    }
}

#[tokio::test]
async fn a_list_remembers_whom_a_draft_of_another_area_had() {
    let mut town = Town::on("2024-03-05").await;
    town.told(&severe("p1", WARD)).await;
    town.make("2024-03", WARD).await.expect("made");
    town.set("2024-03-20");
    town.told(&[died("p1", "2024-01-10")]).await;
    let province = town.list("2024-03", "51").await;
    assert_eq!((province.header.people, province.left_out), (0, 1));
    let verdict = payments::verify(&town.office(), &maker(), month("2024-03"), "51")
        .await
        .expect("verified");
    assert!(verdict.holds(), "{verdict:?}");
}

#[tokio::test]
async fn a_list_is_worked_out_again_after_the_move_it_knew_was_cancelled() {
    let mut town = Town::on("2024-02-20").await;
    town.told(&severe("p1", WARD)).await;
    let away = moved("p1", "2024-01-10", FAR);
    town.told(std::slice::from_ref(&away)).await;
    town.list("2024-02", "").await;
    town.set("2024-03-20");
    town.list("2024-03", "01").await;
    town.told(&[cancelled(&away)]).await;
    let verdict = payments::verify(&town.office(), &maker(), month("2024-03"), "01")
        .await
        .expect("verified");
    assert!(verdict.holds(), "{verdict:?}");
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
async fn money_that_came_back_is_offered_again_until_it_is_collected() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    let line = |no: i16| format!("2024-03-1-{no}");
    let reported = |id: &str, line: String, status: &str, amount: i64| {
        format!(
            r#"{{"result_id":"{id}","line":"{line}","status":"{status}","date":"2024-03-28","amount":{amount}}}"#
        )
    };
    let file = [
        reported("r1", line(1), "paid", 540_000),
        reported("r2", line(2), "not_collected", 540_000),
        reported("r3", line(3), "failed", 1),
        reported("r4", line(9), "paid", 540_000),
        "{}".to_owned(),
    ]
    .join("\n");
    let (rows, unread) = payments::results::read_lines(&file);
    assert_eq!((rows.len(), unread.len()), (4, 1));
    for (recorded, already) in [(2, 0), (0, 2)] {
        let imported = payments::results::import(&town.office(), &maker(), "BD", &rows)
            .await
            .expect("imported");
        assert_eq!((imported.recorded, imported.already), (recorded, already));
        let codes: Vec<&str> = imported.refused.iter().map(|row| row.code).collect();
        assert_eq!(codes, ["wrong_amount", "unknown_line"]);
    }
    let outcome = payments::results::outcome(&town.office(), &maker(), month("2024-03"), "51")
        .await
        .expect("summed up");
    assert_eq!(
        (
            outcome.ordered,
            outcome.paid,
            outcome.not_collected,
            outcome.not_reported
        ),
        (1_620_000, 540_000, 540_000, 540_000)
    );
    town.set("2024-04-20");
    town.list("2024-04", "51").await;
    assert_eq!(
        town.lines("2024-04", "51").await,
        [
            "p1 disability regular 2024-04 540000 -",
            "p1 disability carried_over 2024-01 540000 not_collected",
        ]
    );
    let verdict = payments::verify(&town.office(), &maker(), month("2024-04"), "51")
        .await
        .expect("verified");
    assert!(verdict.holds(), "{verdict:?}");
    let file = reported("r9", "2024-04-1-2".to_owned(), "paid", 540_000);
    let (rows, _) = payments::results::read_lines(&file);
    payments::results::import(&town.office(), &maker(), "BD", &rows)
        .await
        .expect("imported");
    town.set("2024-05-20");
    town.list("2024-05", "51").await;
    assert_eq!(
        town.lines("2024-05", "51").await,
        ["p1 disability regular 2024-05 540000 -"]
    );
}

#[tokio::test]
async fn explains_an_amount_from_fact_to_line() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    let person = kernel::PersonId(1);
    let told = payments::explain(&town.office(), &maker(), person, month("2024-03"))
        .await
        .expect("explained");
    assert_eq!(told.person, "p1");
    assert_eq!(told.owed.total.0, 540_000);
    assert_eq!(told.lines.len(), 3);
    assert_eq!(told.held.len(), 1);
    assert_eq!(told.open, []);
    assert_eq!(told.decisions[0].number.as_deref(), Some("1/QĐ"));
    assert!(
        told.lines
            .iter()
            .all(|line| line.law.len() == 2 && line.approved)
    );
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

#[tokio::test]
async fn a_paper_adds_up_and_hides_what_others_must_not_see() {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&[
        registered("p2", "1988-02-01", VILLAGE),
        fact("p2", "f1", "hiv", "2020-01-01"),
        enrolled("p2", "poor_adult_with_hiv", "2024-03"),
    ])
    .await;
    town.list("2024-03", "51").await;
    for disclosure in [payments::Disclosure::Whole, payments::Disclosure::Masked] {
        let paper = payments::paper(&town.office(), &maker(), month("2024-03"), "51", disclosure)
            .await
            .expect("a paper");
        let mut rows = Vec::new();
        let take = |row: documents::payment_list::Row| {
            rows.push(row);
            Ok::<(), Refused>(())
        };
        paper.rows(take).await.expect("rows");
        let total: i64 = rows.iter().map(|row| row.total.0).sum();
        assert_eq!((rows.len(), total), (2, paper.header.payable.0));
        let names = rows.iter().any(|row| row.benefit_code.contains("hiv"));
        assert_eq!(names, disclosure == payments::Disclosure::Whole);
        assert_eq!((rows[0].seq, rows[1].seq), (1, 1));
    }
}
