//! A month's list from draft to approval, explained and on paper, through the public interface.

use payments::Refused;

use crate::support::*;

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
