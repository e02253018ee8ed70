//! What is recorded of a file does not depend on how much of it is looked at together.

use std::num::NonZero;

use payments::results::{self, Imported, Reported, Status};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::ordered::POST;
use crate::support::*;

/// Lines the month has, and one it has not.
const LINES: [(u8, u8); 10] = [
    (1, 1),
    (1, 2),
    (1, 3),
    (2, 1),
    (2, 2),
    (2, 3),
    (3, 1),
    (3, 2),
    (3, 3),
    (4, 1),
];

/// A file: lines, statuses, days, numbers of results, and whether the amount is wrong. Said in the
/// order of lines, as files mostly are, or in none.
fn file() -> impl Strategy<Value = Vec<Reported>> {
    let told = (0..LINES.len(), 0..4_usize, 0..4_i8, 0..20_u8, any::<u8>());
    let told = proptest::collection::vec(told, 1..25);
    (told, any::<bool>()).prop_map(|(mut told, sorted)| {
        if sorted {
            told.sort_unstable();
        }
        told.into_iter().map(reported).collect()
    })
}

fn reported((line, status, day, id, wrong): (usize, usize, i8, u8, u8)) -> Reported {
    let (person, number) = LINES[line];
    Reported {
        result_id: format!("r{id}"),
        line: format!("2024-03-{person}-{number}"),
        status: Status::ALL[status],
        date: jiff::civil::date(2024, 3, 15 + day),
        reason: None,
        amount: 540_000 + i64::from(wrong < 25),
    }
}

/// What was recorded, in its order, what waits, and what the import said.
type Recorded = (Imported, Vec<(i64, i16, String, String)>, Vec<String>);

async fn recorded(file: &[Reported], part: Option<NonZero<usize>>) -> Recorded {
    let town = Town::on("2024-03-20").await;
    for person in ["p1", "p2", "p3"] {
        town.told(&severe(person, WARD)).await;
    }
    town.list("2024-03", "51").await;
    town.order("2024-03").await;
    let rows: Vec<(u64, Reported)> = (1..).zip(file.iter().cloned()).collect();
    let office = town.office();
    let imported = results::import_in_parts(&office, &maker(), POST, (&rows, part)).await;
    let results = sqlx::query_as(
        "select person_id, line_no, status, result_id from payment_result order by result_no",
    )
    .fetch_all(town.pool())
    .await;
    let waiting = sqlx::query_scalar("select result_id from result_queue order by queue_no")
        .fetch_all(town.pool())
        .await;
    (
        imported.expect("imported"),
        results.expect("the results"),
        waiting.expect("the queue"),
    )
}

#[test]
fn parts_of_any_size_give_the_same() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 12,
        ..Config::default()
    });
    let parts = 1..6_usize;
    let run = runner.run(&(file(), parts), |(file, part)| {
        let (whole, in_parts) = runtime.block_on(async {
            let whole = recorded(&file, None).await;
            (whole, recorded(&file, NonZero::new(part)).await)
        });
        prop_assert_eq!(whole, in_parts);
        Ok(())
    });
    run.expect("the same");
}
