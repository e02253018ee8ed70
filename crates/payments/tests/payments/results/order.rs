//! Answers arrive in any order, some twice: what they come to is what happened.

use std::io::Cursor;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use payments::results::{self, Outcome};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

const AMOUNT: i64 = 540_000;
const FIRST_DAY: Date = date(2024, 3, 21);

/// What happens to the money of a line.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Paid,
    Failed,
    NotCollected,
    /// Paid, and back after so many days.
    CameBack(i64),
    /// Nobody says anything.
    Lost,
}

impl Fate {
    /// What the provider says, in the order it happens.
    fn told(self) -> Vec<(&'static str, Date)> {
        let on = |days: i64| FIRST_DAY + days.days();
        match self {
            Fate::Paid => vec![("paid", on(0))],
            Fate::Failed => vec![("failed", on(0))],
            Fate::NotCollected => vec![("not_collected", on(9))],
            Fate::CameBack(days) => vec![("paid", on(0)), ("returned", on(days))],
            Fate::Lost => vec![],
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Paid),
        Just(Fate::Failed),
        Just(Fate::NotCollected),
        (0..5_i64).prop_map(Fate::CameBack),
        Just(Fate::Lost),
    ]
}

fn row(line: usize, (status, day): (&str, Date)) -> String {
    let (person, number) = (line / 3 + 1, line % 3 + 1);
    let name = format!("2024-03-{person}-{number}");
    format!(
        r#"{{"result_id":"{name} {status} {day}","line":"{name}","status":"{status}","date":"{day}","amount":{AMOUNT}}}"#
    )
}

/// Six lines of two people.
async fn town() -> Town {
    let town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-03", "51").await;
    town.order("2024-03").await;
    town
}

/// How many results of the file wait.
async fn bring(town: &Town, file: &[String]) -> u64 {
    let file = Cursor::new(file.join("\n").into_bytes());
    let heard = results::import_file(&town.office(), &maker(), ordered::POST, file).await;
    heard.expect("imported").queued
}

async fn outcome(town: &Town) -> Outcome {
    let found = results::outcome(&town.office(), &maker(), month("2024-03"), "51").await;
    found.expect("summed up")
}

fn expected(fates: &[Fate]) -> Outcome {
    let mut outcome = Outcome::default();
    for fate in fates {
        outcome.ordered += AMOUNT;
        *match fate {
            Fate::Paid => &mut outcome.paid,
            Fate::Failed => &mut outcome.failed,
            Fate::NotCollected => &mut outcome.not_collected,
            Fate::CameBack(_) => &mut outcome.returned,
            Fate::Lost => &mut outcome.not_reported,
        } += AMOUNT;
    }
    outcome
}

/// Told in files, in the order of `order`, which also says what is told twice.
async fn told(fates: &[Fate], order: &[(u8, bool)]) {
    let rows: Vec<String> = (0..)
        .zip(fates)
        .flat_map(|(line, fate)| fate.told().into_iter().map(move |told| row(line, told)))
        .collect();
    let keys = order.iter().cycle();
    let mut shuffled: Vec<(u8, String)> = Vec::new();
    for (row, (key, twice)) in rows.into_iter().zip(keys) {
        if *twice {
            shuffled.push((key.wrapping_mul(7), row.clone()));
        }
        shuffled.push((*key, row));
    }
    shuffled.sort();
    let rows: Vec<String> = shuffled.into_iter().map(|(_, row)| row).collect();
    let town = town().await;
    for file in rows.chunks(4) {
        assert_eq!(bring(&town, file).await, 0, "nothing is to be decided");
    }
    assert_eq!(outcome(&town).await, expected(fates), "{rows:#?}");
}

#[test]
fn the_order_of_answers_changes_nothing() {
    let config = Config {
        cases: 16,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let order = proptest::collection::vec((any::<u8>(), prop::bool::weighted(0.2)), 24);
    TestRunner::new(config)
        .run(
            &(proptest::collection::vec(fate(), 6), order),
            |(fates, order)| {
                runtime.block_on(told(&fates, &order));
                Ok(())
            },
        )
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// Where the order of what happened cannot be told from the days, a person looks.
#[tokio::test]
async fn an_answer_that_may_be_about_another_payment_waits() {
    let town = town().await;
    let on = |status, days: i64| (status, FIRST_DAY + days.days());
    let (paid, back, anew) = (on("paid", 0), on("returned", 1), on("paid", 2));
    assert_eq!(bring(&town, &[row(0, paid), row(0, anew)]).await, 1);
    assert_eq!(outcome(&town).await.paid, AMOUNT);
    assert_eq!(bring(&town, &[row(0, back), row(1, anew)]).await, 0);
    assert_eq!(outcome(&town).await.returned, AMOUNT);
    // Back before it was paid: that was an earlier payment.
    assert_eq!(bring(&town, &[row(1, back)]).await, 1);
    assert_eq!(outcome(&town).await.paid, AMOUNT);
}
