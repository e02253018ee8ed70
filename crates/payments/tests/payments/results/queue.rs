//! Results are matched with lines; what cannot simply be believed waits for a person.

use std::io::Cursor;

use payments::Refused;
use payments::results::queue::{self, Decision, Entry};
use payments::results::{self, Imported, Outcome};

use crate::support::*;

/// A list of March 2024: three lines of 540,000 for one person, one for another elsewhere.
async fn town() -> Town {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", FAR)).await;
    town.list("2024-03", "51").await;
    town.list("2024-03", "01").await;
    town
}

fn result(id: &str, line: &str, status: &str, day: &str) -> String {
    let amount = 540_000;
    format!(
        r#"{{"result_id":"{id}","line":"{line}","status":"{status}","date":"{day}","amount":{amount}}}"#
    )
}

async fn import(town: &Town, file: &[String]) -> Imported {
    try_import(town, file).await.expect("imported")
}

async fn try_import(town: &Town, file: &[String]) -> Result<Imported, Refused> {
    let file = Cursor::new(file.join("\n").into_bytes());
    results::import_file(&town.office(), &maker(), "BD", file).await
}

async fn waiting(town: &Town) -> Vec<Entry> {
    let month = month("2024-03");
    let entries = queue::entries(&town.office(), &maker(), month, "51", false).await;
    entries.expect("the queue")
}

async fn settle(town: &Town, number: i64, decision: Decision) -> Result<(), Refused> {
    queue::resolve(
        &town.office(),
        &maker(),
        number,
        &decision,
        "đã gọi điện hỏi bưu điện",
    )
    .await
}

async fn outcome(town: &Town) -> Outcome {
    let outcome = results::outcome(&town.office(), &maker(), month("2024-03"), "51").await;
    outcome.expect("summed up")
}

#[tokio::test]
async fn nothing_that_cannot_be_believed_is_dropped() {
    let town = town().await;
    let file = [
        result("r1", "2024-03-1-1", "paid", "2024-03-28"),
        result("r2", "2024-03-1-9", "paid", "2024-03-28"),
        result("r3", "2024-03-1-2", "paid", "2024-03-28").replace("540000", "540001"),
        result("r4", "2024-03-1-1", "paid", "2024-03-29"),
        result("r5", "2024-03-1-1", "failed", "2024-03-29"),
        result("r1", "2024-03-1-2", "paid", "2024-03-28"),
        result("r1", "2024-03-1-1", "paid", "2024-03-28"),
    ];
    for queued in [5, 0] {
        let imported = import(&town, &file).await;
        let codes: Vec<&str> = imported.refused.iter().map(|row| row.code).collect();
        assert_eq!(
            codes,
            [
                "unknown_line",
                "wrong_amount",
                "already_paid",
                "contradicts",
                "result_id_reused"
            ]
        );
        assert_eq!(
            (imported.recorded + imported.already, imported.queued),
            (2, queued)
        );
    }
    let whys: Vec<&str> = waiting(&town).await.iter().map(|entry| entry.why).collect();
    assert_eq!(
        whys,
        [
            "unknown_line",
            "wrong_amount",
            "already_paid",
            "contradicts",
            "result_id_reused"
        ]
    );
    let now = outcome(&town).await;
    assert_eq!(
        (now.ordered, now.paid, now.not_reported),
        (1_620_000, 540_000, 1_080_000)
    );
    let parts = results::outcome_parts(&town.office(), &maker(), month("2024-03"), "51").await;
    let parts = parts.expect("parts");
    assert_eq!(parts.whole, now);
    for parts in [parts.by_provider, parts.by_area] {
        assert!(parts.iter().all(|part| part.outcome.balances()));
        assert_eq!(
            parts.iter().map(|part| part.outcome.ordered).sum::<i64>(),
            now.ordered
        );
        assert_eq!(
            parts.iter().map(|part| part.outcome.paid).sum::<i64>(),
            now.paid
        );
    }
}

#[tokio::test]
async fn a_number_an_earlier_file_used_for_another_line_waits() {
    let town = town().await;
    let first = [result("r1", "2024-03-1-1", "paid", "2024-03-28")];
    assert_eq!(import(&town, &first).await.recorded, 1);
    let second = [
        result("r2", "2024-03-1-3", "paid", "2024-03-28"),
        result("r1", "2024-03-1-2", "paid", "2024-03-28"),
    ];
    for (recorded, already, queued) in [(1, 0, 1), (0, 1, 0)] {
        let imported = import(&town, &second).await;
        let counts = (imported.recorded, imported.already, imported.queued);
        assert_eq!(counts, (recorded, already, queued));
        assert_eq!(imported.refused[0].code, "result_id_reused");
    }
    let now = outcome(&town).await;
    assert_eq!((now.paid, now.not_reported), (1_080_000, 540_000));
}

#[tokio::test]
async fn a_person_decides_once_and_says_why() {
    let town = town().await;
    import(
        &town,
        &[
            result("r1", "2024-03-1-1", "paid", "2024-03-28"),
            result("r2", "2024-03-1-9", "paid", "2024-03-28"),
            result("r3", "2024-03-1-1", "paid", "2024-03-29"),
            result("r4", "2024-03-1-1", "failed", "2024-03-29"),
        ],
    )
    .await;
    let numbers: Vec<i64> = waiting(&town)
        .await
        .iter()
        .map(|entry| entry.queue_no)
        .collect();
    let [unknown, twice, contradicting] = numbers[..] else {
        panic!("{numbers:?}")
    };
    let code = |settled: Result<(), Refused>| settled.expect_err("refused").code();
    let record = |line: Option<&str>| Decision::Record {
        line: line.map(str::to_owned),
    };
    assert_eq!(
        code(settle(&town, 99, Decision::Dismiss).await),
        "unknown_queue_number"
    );
    assert_eq!(
        code(settle(&town, twice, record(None)).await),
        "not_recordable"
    );
    assert_eq!(
        code(settle(&town, unknown, record(None)).await),
        "not_recordable"
    );
    assert_eq!(
        code(settle(&town, unknown, record(Some("x"))).await),
        "malformed"
    );
    // The line of another that is paid already.
    assert_eq!(
        code(settle(&town, unknown, record(Some("2024-03-1-1"))).await),
        "not_recordable"
    );
    assert_eq!(
        code(settle(&town, contradicting, record(Some("2024-03-1-2"))).await),
        "line_is_known"
    );
    let unsaid = queue::resolve(&town.office(), &maker(), twice, &Decision::Dismiss, " ").await;
    assert_eq!(code(unsaid), "reason_missing");
    assert_eq!(waiting(&town).await.len(), 3);
    settle(&town, unknown, record(Some("2024-03-1-2")))
        .await
        .expect("recorded");
    settle(&town, twice, Decision::Dismiss)
        .await
        .expect("dismissed");
    settle(&town, contradicting, record(None))
        .await
        .expect("recorded");
    assert_eq!(
        code(settle(&town, twice, Decision::Dismiss).await),
        "settled_already"
    );
    assert_eq!(waiting(&town).await.len(), 0);
    let now = outcome(&town).await;
    assert_eq!(
        (now.paid, now.failed, now.not_reported),
        (540_000, 540_000, 540_000)
    );
}

#[tokio::test]
async fn lines_of_another_province_wait_there() {
    let town = town().await;
    let actor = testkit_actor("51");
    let file = result("r1", "2024-03-2-1", "paid", "2024-03-28");
    let input = Cursor::new(file.into_bytes());
    let imported = results::import_file(&town.office(), &actor, "BD", input).await;
    let imported = imported.expect("imported");
    assert_eq!((imported.recorded, imported.queued), (0, 1));
    assert_eq!(imported.refused[0].code, "unknown_line");
    assert_eq!(waiting(&town).await.len(), 0);
    let there = queue::entries(&town.office(), &maker(), month("2024-03"), "01", false).await;
    let there = there.expect("the queue");
    assert_eq!(there.len(), 1);
    let number = there[0].queue_no;
    let mine = queue::resolve(&town.office(), &actor, number, &Decision::Dismiss, "lạ").await;
    assert_eq!(mine.expect_err("refused").code(), "denied");
}

fn testkit_actor(area: &str) -> kernel::Actor {
    kernel::Actor::new(
        "ke.toan",
        vec![kernel::actor::Grant {
            role: kernel::actor::Role::ListMaker,
            area: Some(kernel::AreaCode(area.to_owned())),
        }],
    )
}

#[tokio::test]
async fn the_same_file_twice_at_once_is_recorded_once() {
    let town = town().await;
    let file: Vec<String> = (1..=3)
        .map(|no| {
            result(
                &format!("r{no}"),
                &format!("2024-03-1-{no}"),
                "paid",
                "2024-03-28",
            )
        })
        .chain([result("r9", "2024-03-1-9", "paid", "2024-03-28")])
        .collect();
    let (one, other) = tokio::join!(import(&town, &file), import(&town, &file));
    assert_eq!(one.recorded + other.recorded, 3);
    assert_eq!(one.already + other.already, 3);
    assert_eq!(one.queued + other.queued, 1);
    assert_eq!(outcome(&town).await.paid, 1_620_000);
}

#[tokio::test]
async fn a_line_has_one_provider() {
    let town = town().await;
    import(
        &town,
        &[result("r1", "2024-03-1-1", "failed", "2024-03-28")],
    )
    .await;
    let other = Cursor::new(result("r1", "2024-03-1-1", "paid", "2024-03-29").into_bytes());
    let heard = results::import_file(&town.office(), &maker(), "VT", other).await;
    let heard = heard.expect("imported");
    assert_eq!(
        (heard.recorded, heard.refused[0].code),
        (0, "other_provider")
    );
    let number = waiting(&town).await[0].queue_no;
    let believed = settle(&town, number, Decision::Record { line: None }).await;
    assert_eq!(believed.expect_err("refused").code(), "not_recordable");
}

#[tokio::test]
async fn of_a_file_that_breaks_off_nothing_is_recorded() {
    let town = town().await;
    let whole = result("r1", "2024-03-1-1", "paid", "2024-03-28");
    let broken = result("r2", "2024-03-1-2", "paid", "2024-03-28");
    let broken = broken[..broken.len() - 9].to_owned();
    let refused = try_import(&town, &[whole, broken])
        .await
        .expect_err("refused");
    assert_eq!(refused.code(), "file_breaks_off");
    assert_eq!(outcome(&town).await.not_reported, 1_620_000);
    let free = import(&town, &[result("r1", "2024-03-1-1", "paid", "2024-03-28")]).await;
    assert_eq!(free.recorded, 1);
}

#[tokio::test]
async fn money_paid_after_it_was_offered_again_is_not_paid_twice() {
    let mut town = town().await;
    import(
        &town,
        &[result("r1", "2024-03-1-1", "failed", "2024-03-28")],
    )
    .await;
    town.set("2024-04-20");
    town.make("2024-04", "51").await.expect("made");
    // Said to be paid after all: the draft that offers it again no longer holds.
    import(&town, &[result("r2", "2024-03-1-1", "paid", "2024-04-21")]).await;
    let approved = town.approve("2024-04", "51").await;
    assert_eq!(approved.expect_err("refused").code(), "paid_since");
    import(
        &town,
        &[result("r3", "2024-03-1-1", "returned", "2024-04-22")],
    )
    .await;
    town.list("2024-04", "51").await;
    let late = import(&town, &[result("r4", "2024-03-1-1", "paid", "2024-04-23")]).await;
    assert_eq!(late.refused[0].code, "carried_over_already");
    let number = waiting(&town).await[0].queue_no;
    let believed = settle(&town, number, Decision::Record { line: None }).await;
    assert_eq!(believed.expect_err("refused").code(), "not_recordable");
}

#[tokio::test]
async fn the_database_keeps_what_waited() {
    let town = town().await;
    import(&town, &[result("r1", "2024-03-1-9", "paid", "2024-03-28")]).await;
    for statement in [
        "delete from result_queue",
        "update result_queue set amount = 1",
        "truncate result_queue cascade",
        "insert into result_resolution values (1, 'dismiss', ' ', 'x', now())",
        "insert into result_resolution values (77, 'dismiss', 'y', 'x', now())",
    ] {
        sqlx::query(statement)
            .execute(town.pool())
            .await
            .expect_err(statement);
    }
}
