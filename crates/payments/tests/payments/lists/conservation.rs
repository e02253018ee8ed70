//! What holds whatever happens: for every person, benefit and month, the lines of approved lists
//! add up to what the law owes, with everything known by then.

use payments::Refused;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use registry::Event;

use crate::support::owed::{Sums, owed};
use crate::support::*;

/// Months that are listed, some of them: around the mergers of July 2025 and the decree of October
/// 2026 that counts from July.
const MONTHS: [&str; 12] = [
    "2025-03", "2025-05", "2025-06", "2025-07", "2025-08", "2025-12", "2026-06", "2026-07",
    "2026-08", "2026-10", "2026-11", "2026-12",
];
/// Days things happen on.
const DAYS: [&str; 10] = [
    "2024-11-03",
    "2025-01-15",
    "2025-03-20",
    "2025-05-02",
    "2025-06-30",
    "2025-07-10",
    "2025-10-31",
    "2026-03-08",
    "2026-07-15",
    "2026-09-28",
];
const BENEFITS: [&str; 5] = [
    "disability",
    "older_80_without_pension",
    "poor_single_parent",
    "household_carer",
    "funeral",
];
const BIRTHS: [&str; 5] = [
    "1944-09-14",
    "1945-08-02",
    "1966-06-20",
    "2009-07-07",
    "2022-03-03",
];

/// One thing that is told, or one list that is made.
#[derive(Clone, Debug)]
enum Step {
    /// Something about a person: what, when, which variant.
    Told(u8, u8, u8, u8),
    /// Cancels an earlier event of the person.
    Cancelled(u8, u8),
    /// Makes the next month's list, by commune, by province or for the country; and approves it.
    Listed(u8),
    /// Two records are found to be one person: kept, dropped.
    Merged(u8, u8),
    /// The last finding was wrong.
    Parted,
    /// Makes a draft and leaves it.
    Drafted,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let told = (0..3u8, 0..13u8, 0..10u8, 0..12u8);
    let step = prop_oneof![
        6 => told.prop_map(|(who, what, when, how)| Step::Told(who, what, when, how)),
        1 => (0..3u8, 0..8u8).prop_map(|(who, which)| Step::Cancelled(who, which)),
        3 => (0..3u8).prop_map(Step::Listed),
        1 => (0..3u8, 0..3u8).prop_map(|(kept, dropped)| Step::Merged(kept, dropped)),
        1 => Just(Step::Parted),
        1 => Just(Step::Drafted),
    ];
    proptest::collection::vec(step, 8..26)
}

/// Everybody as they begin: registered, with a first benefit.
fn beginnings(births: &[u8]) -> Vec<Vec<Event>> {
    let begin = |(number, birth): (usize, &u8)| {
        let person = format!("p{number}");
        let benefit = BENEFITS[number];
        let area = [WARD, VILLAGE, WARD][number];
        let mut events = vec![
            registered(&person, BIRTHS[usize::from(*birth)], area),
            disabled(
                &person,
                "first",
                ["severe", "extremely_severe"][number % 2],
                "2024-08-05",
            ),
            fact(&person, "poor", "single", "2020-01-01"),
            enrolled(&person, benefit, "2024-09"),
        ];
        for (child, born) in [("c1", "2010-06-10"), ("c2", "2012-01-01")] {
            let fields = serde_json::json!({
                "fact_id": child, "fact": {"kind": "child", "birth_date": born}
            });
            events.push(event(&person, born, "fact_started", fields));
        }
        events
    };
    births.iter().enumerate().map(begin).collect()
}

/// What is told; it may contradict what is known and is then refused.
fn told(who: u8, what: u8, when: u8, how: u8) -> Vec<Event> {
    let person = format!("p{who}");
    let person = person.as_str();
    let day = DAYS[usize::from(when)];
    let month = &day[..7];
    let benefit = BENEFITS[usize::from(how) % BENEFITS.len()];
    let own = BENEFITS[usize::from(who)];
    match what {
        0 => vec![died(person, day)],
        1 => vec![suspended(person, own, month)],
        2 => vec![resumed(
            person,
            own,
            month,
            ["unchanged", "về"][usize::from(how) % 2],
        )],
        3 => vec![ended(person, own, month)],
        4 => vec![enrolled(person, benefit, month)],
        5 => vec![moved(person, day, area_on(day, how))],
        6 => vec![fact(person, &format!("jail{how}"), "in_prison", day)],
        7 => vec![fact_ended(person, &format!("jail{how}"), day)],
        8 => vec![
            fact_ended(person, "first", day),
            disabled(person, &format!("grade{how}"), "extremely_severe", day),
        ],
        9 => {
            let birth = BIRTHS[usize::from(how) % BIRTHS.len()];
            let fields = serde_json::json!({"birth_date": birth});
            vec![event(person, day, "person_corrected", fields)]
        }
        10 => vec![fact(person, &format!("home{how}"), "in_facility", day)],
        11 => vec![fact_ended(
            person,
            ["c1", "c2", "poor", "first"][usize::from(how) % 4],
            day,
        )],
        _ => vec![resumed(person, own, month, "unchanged")],
    }
}

/// A commune of the day: in the province or outside.
fn area_on(day: &str, how: u8) -> &'static str {
    match (day < "2025-07-01", how % 4) {
        (true, 0 | 1) => VILLAGE,
        (true, 2) => WARD,
        (true, _) => FAR,
        (false, 0 | 1) => "21034",
        (false, 2) => "21025",
        (false, _) => "00004",
    }
}

/// The areas a month is listed by.
fn areas(list: &str, how: u8) -> Vec<&'static str> {
    match (how, list < "2025-07") {
        (0, _) => vec![""],
        (1, _) => vec!["51", "01"],
        (_, true) => vec![WARD, "51", ""],
        (_, false) => vec!["21025", "51", "01"],
    }
}

async fn live(births: Vec<u8>, steps: Vec<Step>) {
    let mut town = Town::on("2025-02-20").await;
    let mut known: Vec<Vec<Event>> = beginnings(&births);
    for events in &known {
        town.told(events).await;
    }
    let mut months = MONTHS.iter();
    let mut approved: Vec<(&str, &str)> = Vec::new();
    let mut mergers = Vec::new();
    for step in steps {
        match step {
            Step::Told(who, what, when, how) => {
                for event in told(who, what, when, how) {
                    let applied = town.tell(std::slice::from_ref(&event)).await;
                    if applied.applied == 1 {
                        known[usize::from(who)].push(event);
                    }
                }
            }
            Step::Cancelled(who, which) => {
                let events = &known[usize::from(who)];
                if let Some(event) = events.get(usize::from(which) + 1) {
                    town.tell(&[cancelled(event)]).await;
                }
            }
            Step::Merged(kept, dropped) => {
                let (kept, dropped) = (format!("p{kept}"), format!("p{dropped}"));
                mergers.extend(town.merge(&kept, &dropped).await);
            }
            Step::Parted => {
                if let Some(parted) = mergers.pop() {
                    town.tell(&[parted]).await;
                }
            }
            Step::Drafted => {
                let next = months.as_slice().first().copied().unwrap_or("2026-12");
                town.set(&format!("{next}-05"));
                town.make(next, "51").await.expect("made");
            }
            Step::Listed(how) => {
                let Some(list) = months.next().filter(|list| **list < "2026-12") else {
                    continue;
                };
                town.set(&format!("{list}-20"));
                for area in areas(list, how) {
                    list_and_check(&town, list, area).await;
                    approved.push((list, area));
                }
            }
        }
    }
    town.set("2026-12-20");
    list_and_check(&town, "2026-12", "").await;
    approved.push(("2026-12", ""));
    assert_eq!(listed(&town).await, owed(&town, month("2026-12")).await);
    for (list, area) in approved {
        town.holds(list, area).await;
    }
}

/// Makes and approves a list whose changes balance without a rest.
async fn list_and_check(town: &Town, list: &str, area: &str) {
    match town.make(list, area).await {
        Ok(_) => {}
        // The whole area is on lists of the month that are approved.
        Err(Refused::AlreadyApproved { .. }) => return,
        Err(other) => panic!("{other}"),
    }
    let mut unnamed = Vec::new();
    let take = |change: payments::changes::Change| {
        if change.cause.is_none() {
            unnamed.push(change);
        }
        Ok::<(), Refused>(())
    };
    let changes = payments::changes(&town.office(), &maker(), month(list), area, take)
        .await
        .expect("compared");
    assert!(changes.balances(), "{changes:#?} {unnamed:#?}");
    town.approve(list, area).await.expect("approved");
}

/// What approved lines add up to, for each person under all their records.
async fn listed(town: &Town) -> Sums {
    let rows: Vec<(i64, i16, i32, i64)> = sqlx::query_as(
        "select coalesce(merged_into, person_id), benefit, for_month, sum(list_line.amount)::bigint
         from list_line join payment_list using (list_id) join person using (person_id)
         where approved_at is not null and kind <> 4
         group by 1, 2, 3 having sum(list_line.amount) <> 0",
    )
    .fetch_all(town.pool())
    .await
    .expect("the lines");
    let rows = rows.into_iter();
    rows.map(|(person, benefit, month, amount)| ((person, benefit, month), amount))
        .collect()
}

#[test]
fn lines_add_up_to_what_is_owed() {
    let cases = std::env::var("PROPTEST_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(12);
    let config = Config {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let births = proptest::collection::vec(0..5u8, 3);
    TestRunner::new(config)
        .run(&(births, steps()), |(births, steps)| {
            runtime.block_on(live(births, steps));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
