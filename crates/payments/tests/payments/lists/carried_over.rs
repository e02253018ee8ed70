//! Money that did not reach people.

use crate::support::*;

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
    town.holds("2024-04", "51").await;
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
