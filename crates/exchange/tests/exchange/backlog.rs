//! A province that was away for a week is caught up both ways, and what the others hear does not wait behind it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use exchange::inbox::Gathering;
use exchange::inbox::gather::MOST;
use exchange::{Answer, Message};
use kernel::Clock;
use kernel::actor::Actor;
use serde_json::json;
use sqlx::PgPool;
use testkit::TestDb;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::gathering::{BACK, OTHERS, clock, connected, message, one_stop};

#[tokio::test]
async fn what_the_others_are_told_does_not_wait_behind_a_weeks_messages() {
    let db = connected().await;
    let (pool, clock) = (db.pool(), clock());
    let weeks = 2_000;
    let sent: Vec<Message> = (0..weeks).map(|number| message(BACK, number, 1)).collect();
    let sent = [(BACK.0, sent), ("48", vec![message(OTHERS[0], 1, 1)])];
    for (province, messages) in sent {
        let rows: Vec<_> = (1..)
            .zip(messages)
            .map(|(row, message)| exchange::message::Sent { row, message })
            .collect();
        let received = exchange::receive(pool, &one_stop(province), &clock, province, &rows).await;
        assert_eq!(received.expect("received").taken, rows.len() as u64);
        let codes: Vec<String> = rows
            .iter()
            .map(|sent| sent.message.event.dossier.clone())
            .collect();
        received_here(pool, &clock, &codes).await;
    }
    // The other's message stands behind all of them and comes at once.
    let other = exchange::offered(pool, &one_stop("48"), &clock, "48", (0, 10)).await;
    assert_eq!(other.expect("offered").len(), 1);
    // The province that was away takes all of it in parts, each once.
    let (mut after, mut heard) = (0, Vec::new());
    loop {
        let part = exchange::offered(pool, &one_stop("51"), &clock, "51", (after, 300)).await;
        let part = part.expect("offered");
        let Some(last) = part.last() else { break };
        after = last.no;
        let taken: Vec<(Uuid, Option<String>)> = part.iter().map(|it| (it.id, None)).collect();
        let told = exchange::acknowledge(pool, &one_stop("51"), &clock, "51", &taken).await;
        assert_eq!(told.expect("recorded").recorded, taken.len() as u64);
        heard.extend(part.into_iter().map(|it| it.dossier));
    }
    heard.sort_unstable();
    heard.dedup();
    assert_eq!(heard.len(), weeks);
    let left: i64 =
        sqlx::query_scalar("select count(*) from exchange_open where province_code = '51'")
            .fetch_one(pool)
            .await
            .expect("counts");
    assert_eq!(left, 0, "nothing that was taken is gone through again");
}

/// Processor time of the server's process behind a connection, in hundredths of a second as Linux counts.
async fn server_time(pool: &PgPool) -> u64 {
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(pool)
        .await
        .expect("a process");
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux tells");
    let after = stat.rsplit(") ").next().expect("fields");
    let fields: Vec<&str> = after.split(' ').collect();
    let ticks = |at: usize| fields[at].parse::<u64>().expect("a number");
    ticks(11) + ticks(12)
}

/// The office receives dossiers of a province, on a day.
async fn received_here(pool: &PgPool, clock: &Clock, codes: &[String]) {
    let steps: Vec<casework::Submitted> = (1..)
        .zip(codes)
        .map(|(row, code)| {
            let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, code.as_bytes());
            let step = json!({"event_id": id, "dossier": code, "kind": "received",
                              "at": "2024-05-23T09:00:00+07:00"});
            let event = casework::Event::parse(step.to_string().as_bytes()).expect("a step");
            casework::Submitted { row, event }
        })
        .collect();
    let officer = Actor::with_every_role("can.bo");
    let applied = casework::apply(pool, &officer, clock, &steps).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn hear(pool: &PgPool, province: &str, (after, limit): (i64, i64)) -> (i64, usize) {
    let (actor, clock) = (one_stop(province), clock());
    let page = exchange::offered(pool, &actor, &clock, province, (after, limit)).await;
    let page = page.expect("offered");
    let taken: Vec<(Uuid, Option<String>)> = page.iter().map(|it| (it.id, None)).collect();
    let told = exchange::acknowledge(pool, &actor, &clock, province, &taken).await;
    assert_eq!(told.expect("recorded").recorded, taken.len() as u64);
    (page.last().map_or(after, |it| it.no), page.len())
}

/// Messages handed out together.
struct Page {
    size: usize,
    begun: Instant,
}

/// A week's messages each way, of the province that comes back.
const WEEK: usize = 3_000;

/// Everything about the province's week up to the day it comes back: what it sent before and what it was not
/// told since.
async fn away_for_a_week(db: &TestDb) {
    let (pool, then) = (db.pool(), testkit::clock("2024-05-23T10:00:00+07:00"));
    let sent: Vec<_> = (1..)
        .zip((0..WEEK).map(|number| message(BACK, number, 1)))
        .map(|(row, message)| exchange::message::Sent { row, message })
        .collect();
    let received = exchange::receive(pool, &one_stop(BACK.0), &then, BACK.0, &sent).await;
    assert_eq!(received.expect("received").taken, WEEK as u64);
    let codes: Vec<String> = sent
        .iter()
        .map(|it| it.message.event.dossier.clone())
        .collect();
    received_here(pool, &then, &codes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_province_back_after_a_week_is_caught_up_both_ways_while_the_others_go_on() {
    let db = connected().await;
    // What the others are handed out costs this before, on a connection of its own.
    let options = (*db.pool().connect_options()).clone();
    let alone = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let alone = alone.connect_with(options).await.expect("a connection");
    let cost = async || {
        let before = server_time(&alone).await;
        for _ in 0..300 {
            let page = exchange::offered(&alone, &one_stop("48"), &clock(), "48", (0, 1_000)).await;
            assert_eq!(page.expect("offered"), []);
        }
        server_time(&alone).await - before
    };
    cost().await;
    let quiet = cost().await;
    away_for_a_week(&db).await;
    let busy = cost().await;
    assert!(
        busy <= 3 * quiet.max(10),
        "others pay {busy} hundredths for the week of {}, {quiet} without it",
        BACK.0
    );

    // The page of the exchange says who is slow, and since when; who is told nothing or is even is not.
    let reader = Actor::with_every_role("xem");
    let slow = exchange::backlog::slow(db.pool(), &reader, &clock()).await;
    let slow = slow.expect("a list");
    let said: Vec<(&str, i64, i64)> = slow
        .iter()
        .map(|it| (it.province.as_str(), it.messages, it.dossiers))
        .collect();
    assert_eq!(said, [(BACK.0, WEEK as i64, WEEK as i64)]);
    assert_eq!(slow[0].since.to_string(), "2024-05-23T03:00:00Z");
    let same_day = testkit::clock("2024-05-23T20:00:00+07:00");
    let early = exchange::backlog::slow(db.pool(), &reader, &same_day).await;
    assert_eq!(early.expect("a list"), []);

    let gathering = Arc::new(Gathering::default());
    let moved = Arc::new(AtomicUsize::new(0));
    let mut back = JoinSet::new();
    // In: what it had to tell.
    for number in 0..WEEK {
        let (gathering, moved) = (Arc::clone(&gathering), Arc::clone(&moved));
        let pool = db.pool().clone();
        back.spawn(async move {
            let message = message(BACK, number, 2);
            let told = gathering
                .receive(&pool, &one_stop(BACK.0), &clock(), BACK.0, &message)
                .await;
            moved.fetch_add(1, Ordering::Relaxed);
            assert_eq!(told.expect("answered").answer, Answer::Taken);
        });
    }
    // Out: what it was not told, a thousand at a time.
    let start = Instant::now();
    let handed_out = Arc::new(Mutex::new(Vec::<Page>::new()));
    let mut pages = JoinSet::new();
    {
        let (pool, handed_out) = (db.pool().clone(), Arc::clone(&handed_out));
        pages.spawn(async move {
            let mut after = 0;
            loop {
                let begun = Instant::now();
                let (last, size) = hear(&pool, BACK.0, (after, 1_000)).await;
                if size == 0 {
                    return;
                }
                after = last;
                let page = Page { size, begun };
                handed_out.lock().expect("not poisoned").push(page);
            }
        });
    }
    // The others meanwhile: each sends a dossier, has it received, and hears of it at once.
    let mut others = JoinSet::new();
    for other in OTHERS {
        let (gathering, moved) = (Arc::clone(&gathering), Arc::clone(&moved));
        let (pool, handed_out) = (db.pool().clone(), Arc::clone(&handed_out));
        others.spawn(async move {
            let out = |since| -> usize {
                let pages = handed_out.lock().expect("not poisoned");
                let begun = pages.iter().filter(|page| page.begun >= since);
                begun.map(|page| page.size).sum()
            };
            let (mut number, mut most) = (0, 0);
            while moved.load(Ordering::Relaxed) + out(start) < 2 * WEEK && number < 1_000 {
                let (before, begun) = (moved.load(Ordering::Relaxed), Instant::now());
                let message = message(other, number, 1);
                let told = gathering
                    .receive(&pool, &one_stop(other.0), &clock(), other.0, &message)
                    .await;
                assert_eq!(told.expect("answered").answer, Answer::Taken);
                received_here(
                    &pool,
                    &clock(),
                    std::slice::from_ref(&message.event.dossier),
                )
                .await;
                let (_, size) = hear(&pool, other.0, (0, 1_000)).await;
                assert_eq!(size, 1, "its own message, and at once");
                most = most.max(moved.load(Ordering::Relaxed) - before + out(begun));
                number += 1;
            }
            (other.0, number, most)
        });
    }
    let mut rounds = 0;
    for (other, number, most) in others.join_all().await {
        // While one goes there and back no more than a page goes out to the other, and a few turns come in. A page
        // that was on its way before is none it waited for.
        assert!(
            most <= 1_000 + 8 * MOST,
            "{other} waited for {most} messages"
        );
        assert!(number >= 3, "{other} went round {number} times");
        rounds += number;
    }
    assert!(rounds >= 3 * OTHERS.len());
    back.join_all().await;
    pages.join_all().await;
    let sizes: Vec<usize> = {
        let pages = handed_out.lock().expect("not poisoned");
        pages.iter().map(|page| page.size).collect()
    };
    assert_eq!(
        sizes,
        [1_000; WEEK / 1_000],
        "each page is full, none comes twice"
    );
    let slow = exchange::backlog::slow(db.pool(), &reader, &clock()).await;
    assert_eq!(slow.expect("a list"), []);
}
