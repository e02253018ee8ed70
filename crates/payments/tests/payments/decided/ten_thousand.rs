//! The standard rises: ten thousand people of an area are decided about at once, and the next list pays them
//! the new amounts. How long the decision takes beside the list is said, not asserted.

use std::time::Instant;

use casework::collective::{self, ReRating, Scheme, Setting};
use kernel::{Actor, Dong};
use registry::Event;
use registry::event::Decision;
use uuid::Uuid;

use crate::support::*;

const PEOPLE: usize = 10_000;
const OLD: i64 = 540_000;
const NEW: i64 = 750_000;

/// Lines of a list by kind, month and amount.
async fn counted(town: &Town, list_month: i32) -> Vec<(i32, i32, i64, i64)> {
    sqlx::query_as(
        "select kind::int, for_month, amount, count(*) from list_line
         where list_month = $1 group by 1, 2, 3 order by 1, 2, 3",
    )
    .bind(list_month)
    .fetch_all(town.pool())
    .await
    .expect("counted")
}

#[tokio::test]
async fn one_decision_gives_ten_thousand_people_their_new_amounts_on_the_next_list() {
    let mut town = Town::on("2024-06-10").await;
    let events: Vec<Event> = (0..PEOPLE)
        .flat_map(|n| severe(&format!("p{n}"), WARD))
        .collect();
    town.told(&events).await;
    town.list("2024-06", "51").await;
    assert!(
        counted(&town, 202_406)
            .await
            .iter()
            .all(|(_, _, amount, count)| (*amount, *count) == (OLD, PEOPLE as i64))
    );

    town.set("2024-07-10");
    let officer = Actor::with_every_role("can.bo");
    let scheme = Scheme {
        area: "51".to_owned(),
        benefit: None,
        from: month("2024-07"),
    };
    let setting = Setting {
        pool: town.pool(),
        clock: &town.clock,
        law: &town.law,
    };
    let began = Instant::now();
    let mut rating = ReRating::open(&setting, &officer, &scheme)
        .await
        .expect("opened");
    while let Some(row) = rating.next().await.expect("looked at") {
        assert_eq!((row.old, row.new), (Dong(OLD), Dong(NEW)));
    }
    let seen = rating.finish();
    let looked = began.elapsed();
    let decision = Decision {
        number: "99/QĐ-UBND".to_owned(),
        date: town.clock.today(),
        signed_by: Some("Trần Văn Ký".to_owned()),
    };
    let key = Uuid::new_v4();
    let began = Instant::now();
    let recorded = collective::record_re_rating(
        &setting,
        &officer,
        key,
        &scheme,
        &decision,
        &seen.fingerprint,
    );
    let recorded = recorded.await.expect("recorded");
    let decided = began.elapsed();
    assert_eq!(recorded.people, PEOPLE as i64);

    let began = Instant::now();
    town.make("2024-07", "51").await.expect("made");
    let made = began.elapsed();
    town.approve("2024-07", "51").await.expect("approved");
    // Kind 1 is the regular line of the month: nobody has any other.
    assert_eq!(
        counted(&town, 202_407).await,
        [(1, 202_407, NEW, PEOPLE as i64)]
    );
    let share = decided.as_secs_f64() / made.as_secs_f64();
    println!(
        "{PEOPLE} people: looked at in {looked:.1?}, decided in {decided:.1?}, {share:.1} times the list's {made:.1?}"
    );
}
