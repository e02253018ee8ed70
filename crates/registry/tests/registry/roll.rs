//! Reading everybody: the tables and the events tell the same, and the order of arrival makes no
//! difference.

use kernel::{Actor, Month};
use law::FactKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use registry::roll::{Case, Communes, Cut, Known, Roll};
use registry::{Event, EventKind, Submitted};
use serde_json::json;
use sqlx::PgPool;
use testkit::TestDb;
use uuid::Uuid;

use crate::support::{
    VILLAGE, WARD, apply, cancelled, clock, event, numbered, projections_of, registered,
};

/// A cut after everything.
const EVERYTHING: Cut = Cut {
    event_no: i64::MAX,
    recorded_at: jiff::Timestamp::MAX,
};

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

async fn read(pool: &PgPool, area: &str, at: &str, known: Known) -> Vec<Case> {
    let communes = Communes::of(area, month(at));
    let mut roll = Roll::open(pool, &communes, month(at), known)
        .await
        .expect("opened");
    let mut cases = Vec::new();
    while let Some(case) = roll.next().await.expect("read") {
        cases.push(case.clone());
    }
    cases
}

#[tokio::test]
async fn a_person_is_paid_where_they_live_in_the_month() {
    let db = TestDb::practice().await;
    let moved = event("m", "p1", "2023-06-05", "moved", json!({"area": "00004"}));
    apply(db.pool(), &[registered("p1", None), moved]).await;
    for known in [Known::Now, Known::Through(EVERYTHING)] {
        let there = read(db.pool(), "51", "2023-06", known).await;
        assert_eq!(there.len(), 1, "the old place pays the month of the move");
        assert_eq!(there[0].commune.code, WARD);
        assert!(read(db.pool(), "51", "2023-07", known).await.is_empty());
        let here = read(db.pool(), "01", "2023-07", known).await;
        assert_eq!(here[0].commune.code, "00004");
        let provinces: Vec<String> = here[0]
            .person
            .provinces
            .iter()
            .map(|(from, province)| format!("{from} {province}"))
            .collect();
        assert_eq!(provinces, ["0001-01 51", "2023-07 01"]);
    }
}

/// Small lives that may contradict themselves: what is refused is part of the game.
fn any_event(person: usize, number: usize) -> impl Strategy<Value = Event> {
    let who = format!("p{person}");
    let month = (1..=12u8).prop_map(|month| format!("2023-{month:02}"));
    let benefit = prop::sample::select(vec!["disability", "social_pension"]);
    let shape = (0..14u8, month, benefit, 0..3usize, 1..=28u8);
    shape.prop_map(move |(kind, month, benefit, other, day)| {
        let decision = json!({"number": "1", "date": format!("{month}-{day:02}")});
        let (kind, fields) = match kind {
            0 => ("enrolled", json!({"benefit": benefit, "from": month, "decision": decision})),
            1 => ("enrolled", json!({"benefit": benefit, "decision": decision})),
            2 => ("enrolment_ended", json!({"benefit": benefit, "last_month": month, "reason": "r"})),
            3 => ("suspended", json!({"benefit": benefit, "from": month, "reason": "r"})),
            4 => ("suspended", json!({"from": month, "reason": "r"})),
            5 => ("resumed", json!({"benefit": benefit, "from": month, "reason": "unchanged"})),
            6 => ("resumed", json!({"from": month, "reason": "r"})),
            7 => ("moved", json!({"area": if other == 0 { WARD } else { VILLAGE }})),
            8 => ("died", json!({"date": format!("{month}-{day:02}")})),
            9 => ("fact_started", json!({"fact_id": format!("f{number}"),
                    "fact": {"kind": "disability", "grade": "severe"}})),
            10 => ("fact_started", json!({"fact_id": format!("f{number}"),
                    "fact": {"kind": "cares_for", "person": format!("p{other}"), "relation": "con"}})),
            11 => ("fact_ended", json!({"fact_id": format!("f{other}")})),
            12 => ("payee_set", json!({"channel": "home", "holder": "self"})),
            _ => ("person_corrected", json!({"phone": format!("{number}")})),
        };
        // Each on a day of its own: two of one kind and day count by recording.
        let effective = format!("2023-{:02}-{:02}", 1 + number % 12, 1 + (number / 12) % 28);
        event(&format!("{who} {number}"), &who, &effective, kind, fields)
    })
}

fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let numbers: Vec<_> = (0..30usize)
        .map(|number| any_event(number % 3, number))
        .collect();
    (numbers, 0..4usize).prop_map(|(mut events, cancels)| {
        let targets: Vec<Event> = events.iter().step_by(7).take(cancels).cloned().collect();
        events.extend(targets.iter().map(cancelled));
        events.extend((0..3).map(|person| registered(&format!("p{person}"), None)));
        events
    })
}

/// Records the events in so many files, then what was refused again until nothing more goes in.
async fn record(pool: &PgPool, events: &[Submitted], files: usize) -> Vec<u64> {
    let actor = Actor::with_every_role("can.bo");
    let mut waiting: Vec<Submitted> = Vec::new();
    for file in events.chunks(events.len().div_ceil(files)) {
        let applied = registry::apply(pool, &actor, &clock(), file)
            .await
            .expect("recorded");
        let refused: Vec<u64> = applied.refused.iter().map(|it| it.row).collect();
        waiting.extend(file.iter().filter(|it| refused.contains(&it.row)).cloned());
    }
    loop {
        let applied = registry::apply(pool, &actor, &clock(), &waiting)
            .await
            .expect("recorded");
        let refused: Vec<u64> = applied.refused.iter().map(|it| it.row).collect();
        if applied.applied == 0 {
            return refused;
        }
        waiting.retain(|it| refused.contains(&it.row));
    }
}

/// The same events of other people: keys begin with `who`, identities differ.
fn told_of(who: &str, events: &[Event]) -> Vec<Submitted> {
    let mark = u128::from_be_bytes(*Uuid::new_v5(&Uuid::NAMESPACE_OID, who.as_bytes()).as_bytes());
    let mut events = numbered(events);
    for Submitted { event, .. } in &mut events {
        event.event_id.0 ^= mark;
        event.person = format!("{who}{}", event.person);
        match &mut event.kind {
            EventKind::EventCancelled { cancels } => cancels.0 ^= mark,
            EventKind::FactStarted {
                fact: FactKind::CaresFor(cared),
                ..
            } => {
                cared.person = format!("{who}{}", cared.person);
            }
            _ => {}
        }
    }
    events
}

/// A database for all draws of a property, and a beginning of keys for each.
fn draws(cases: u32, property: impl AsyncFn(&PgPool, String, (Vec<Event>, u64, usize)) -> Verdict) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let db = runtime.block_on(TestDb::practice());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let number = std::cell::Cell::new(0);
    let result = TestRunner::new(config).run(&(any_events(), any::<u64>(), 1..5usize), |draw| {
        number.set(number.get() + 1);
        runtime.block_on(property(db.pool(), format!("draw{}-", number.get()), draw))
    });
    drop(runtime);
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

type Verdict = Result<(), TestCaseError>;

#[test]
fn any_order_in_any_files_comes_to_the_same_and_twice_changes_nothing() {
    draws(24, async |pool, draw, (events, seed, files)| {
        let all = told_of(&format!("{draw}0-"), &events);
        let refused = record(pool, &all, 1).await;
        let kept: Vec<Event> = (1..)
            .zip(events)
            .filter(|(row, _)| !refused.contains(row))
            .map(|(_, event)| event)
            .collect();
        let (one, other) = (format!("{draw}1-"), format!("{draw}2-"));
        let in_order = told_of(&one, &kept);
        prop_assert_eq!(record(pool, &in_order, 1).await, Vec::<u64>::new());
        let mut shuffled = told_of(&other, &kept);
        shuffle(&mut shuffled, seed);
        prop_assert_eq!(record(pool, &shuffled, files).await, Vec::<u64>::new());
        let told = projections_of(pool, &one).await;
        prop_assert_eq!(&told, &projections_of(pool, &other).await);
        record(pool, &in_order, files).await;
        prop_assert_eq!(&told, &projections_of(pool, &one).await);
        Ok(())
    });
}

fn shuffle(events: &mut [Submitted], seed: u64) {
    let mut state = seed | 1;
    for at in (1..events.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        events.swap(at, (state >> 33) as usize % (at + 1));
    }
}

#[test]
fn the_tables_and_the_events_tell_the_same() {
    draws(16, async |pool, draw, (events, _, files)| {
        record(pool, &told_of(&draw, &events), files).await;
        for at in ["2023-05", "2024-05", "2025-08"] {
            let tables = read(pool, "51", at, Known::Now).await;
            let past = read(pool, "51", at, Known::Through(EVERYTHING)).await;
            prop_assert!(tables.len() >= 3);
            prop_assert_eq!(tables, past);
        }
        Ok(())
    });
}

#[tokio::test]
async fn what_was_known_then_is_what_is_read_then() {
    let db = TestDb::practice().await;
    apply(db.pool(), &[registered("p1", None), registered("p2", None)]).await;
    let known: i64 = sqlx::query_scalar("select max(event_no) from event")
        .fetch_one(db.pool())
        .await
        .expect("a number");
    let before = read(db.pool(), "51", "2024-05", Known::Now).await;
    apply(
        db.pool(),
        &[
            event(
                "d",
                "p1",
                "2024-03-02",
                "died",
                json!({"date": "2024-03-01"}),
            ),
            event("m", "p2", "2024-03-02", "moved", json!({"area": "00004"})),
        ],
    )
    .await;
    let then = Cut {
        event_no: known,
        ..EVERYTHING
    };
    assert_eq!(
        read(db.pool(), "51", "2024-05", Known::Through(then)).await,
        before
    );
    assert_ne!(read(db.pool(), "51", "2024-05", Known::Now).await, before);
}
