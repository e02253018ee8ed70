//! Messages that come at the same time are received together: each is answered as if it had come alone, those
//! of a dossier keep their order, and a province with a week's messages does not keep the others waiting.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use exchange::inbox::Gathering;
use exchange::inbox::gather::MOST;
use exchange::{Answer, Message, Mode, NewConnection, connection};
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, Clock};
use serde_json::{Value, json};
use testkit::TestDb;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Dossiers of the province that comes back; twice as many messages.
const BACKLOG: usize = 10_000;
/// It, and its commune.
const BACK: (&str, &str) = ("51", "21175");
/// Those that go on meanwhile.
const OTHERS: [(&str, &str); 4] = [
    ("48", "20194"),
    ("49", "20503"),
    ("01", "00001"),
    ("79", "26734"),
];

fn clock() -> Clock {
    testkit::clock("2024-05-30T08:00:00+07:00")
}

fn one_stop(province: &str) -> Actor {
    Actor::new(
        format!("motcua.{province}"),
        vec![Grant {
            role: Role::OneStop,
            area: Some(AreaCode::from(province)),
        }],
    )
}

async fn connected() -> TestDb {
    let db = TestDb::practice().await;
    let all = [BACK].into_iter().chain(OTHERS);
    let all: Vec<NewConnection> = all
        .map(|(province, _)| NewConnection {
            province: province.to_owned(),
            from: "2024-01-01".parse().expect("a day"),
            mode: Mode::TwoWay,
            official_case: None,
            note: None,
        })
        .collect();
    let everybody = Actor::with_every_role("thử");
    let recorded = connection::record(db.pool(), &everybody, &clock(), &all).await;
    recorded.expect("recorded");
    db
}

/// The first or second message about a dossier of a province: submitted, then wanted back.
fn message((province, area): (&str, &str), number: usize, seq: i32) -> Message {
    let code = format!("000.00.00.H{province}-240523-{number:05}");
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{code} {seq}").as_bytes());
    let mut fields = match seq {
        1 => {
            json!({"kind": "submitted", "procedure": "1.001776", "area": area, "channel": "online",
                    "applicant": "Người Thử", "papers": [{"name": "Tờ khai"}]})
        }
        _ => json!({"kind": "withdrawal_asked", "reason": "nộp nhầm"}),
    };
    for (name, value) in [
        ("id", json!(id)),
        ("dossier", json!(code)),
        ("seq", json!(seq)),
        ("at", json!("2024-05-23T08:00:00+07:00")),
    ] {
        fields[name] = value;
    }
    Message::parse(fields.to_string().as_bytes()).expect("a message")
}

#[tokio::test]
async fn each_of_many_that_come_at_once_is_answered_as_if_it_had_come_alone() {
    let db = connected().await;
    let gathering = Arc::new(Gathering::default());
    let sound = message(BACK, 1, 1);
    let mut other = sound.clone();
    other.event = message(BACK, 2, 1).event;
    other.event.event_id = sound.event.event_id;
    let mut tomorrow = message(BACK, 3, 1);
    tomorrow.event.at = "2024-05-31T08:00:00+07:00".parse().expect("a time");
    let early = message(BACK, 4, 2);
    let mut nowhere = message(BACK, 5, 1);
    if let casework::Step::Submitted(submission) = &mut nowhere.event.step {
        submission.area = "99999".to_owned();
    }
    let all = [&sound, &sound, &other, &tomorrow, &early, &nowhere];
    let mut senders = JoinSet::new();
    for (place, message) in all.into_iter().cloned().enumerate() {
        let (gathering, pool) = (Arc::clone(&gathering), db.pool().clone());
        senders.spawn(async move {
            let (actor, clock) = (one_stop("51"), clock());
            let told = gathering.receive(&pool, &actor, &clock, "51", &message);
            (place, told.await.expect("answered").answer)
        });
    }
    let mut answers = senders.join_all().await;
    answers.sort_by_key(|it| it.0);
    let code = |answer: &Answer| match answer {
        Answer::Taken => "taken".to_owned(),
        Answer::Held => "held".to_owned(),
        Answer::Refused { code, .. } => code.clone(),
    };
    let codes: Vec<String> = answers.iter().map(|it| code(&it.1)).collect();
    assert_eq!(
        codes,
        [
            "taken",
            "taken",
            "message_id_reused",
            "in_the_future",
            "held",
            "unknown_area"
        ]
    );
    let kept: i64 = sqlx::query_scalar("select count(*) from exchange_inbox")
        .fetch_one(db.pool())
        .await
        .expect("counts");
    assert_eq!(kept, 3, "what is told twice or of tomorrow is not kept");
    let (actor, clock) = (one_stop("48"), clock());
    let strange = gathering.receive(db.pool(), &actor, &clock, "51", &sound);
    assert!(matches!(strange.await, Err(exchange::Refused::Denied(_))));
}

#[tokio::test]
async fn each_dossier_that_came_with_others_has_an_entry_of_its_own_in_a_whole_chain() {
    let db = connected().await;
    let gathering = Gathering::default();
    let (first, second) = (message(BACK, 1, 1), message(BACK, 2, 1));
    let (pool, clock, actor) = (db.pool(), clock(), one_stop("51"));
    let both = tokio::join!(
        gathering.receive(pool, &actor, &clock, "51", &first),
        gathering.receive(pool, &actor, &clock, "51", &second),
    );
    assert_eq!(both.0.expect("taken").answer, Answer::Taken);
    assert_eq!(both.1.expect("taken").answer, Answer::Taken);
    let entries: Vec<(String, String)> = sqlx::query_as(
        "select object, area_code from audit_entry where action = 'dossier.apply' order by entry_no",
    )
    .fetch_all(pool)
    .await
    .expect("entries");
    let told =
        [&first, &second].map(|it| (format!("dossier {}", it.event.dossier), "21175".to_owned()));
    assert_eq!(entries, told);
    let mut db = pool.acquire().await.expect("a connection");
    let chain = access::audit::verify(&mut db, None).await.expect("reads");
    assert!(
        matches!(chain, access::audit::Chain::Whole { .. }),
        "{chain:?}"
    );
}

/// Everything of the province that comes back, a later message of a dossier now and then before the first.
fn week() -> Vec<Message> {
    let mut all = Vec::new();
    for number in 0..BACKLOG {
        let mut of_dossier = [message(BACK, number, 1), message(BACK, number, 2)];
        if number % 7 == 0 {
            of_dossier.reverse();
        }
        all.extend(of_dossier);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_of_one_province_is_received_in_order_while_the_others_go_on() {
    let db = connected().await;
    let gathering = Arc::new(Gathering::default());
    let caught_up = Arc::new(AtomicUsize::new(0));
    let mut back = JoinSet::new();
    for message in week() {
        let (gathering, pool) = (Arc::clone(&gathering), db.pool().clone());
        let caught_up = Arc::clone(&caught_up);
        back.spawn(async move {
            let (actor, clock) = (one_stop(BACK.0), clock());
            let told = gathering.receive(&pool, &actor, &clock, BACK.0, &message);
            let told = told.await.expect("answered").answer;
            assert!(matches!(told, Answer::Taken | Answer::Held), "{told:?}");
            caught_up.fetch_add(1, Ordering::Relaxed);
        });
    }
    // What came in of the other while a message waited, the most of each province, and how many it sent.
    let mut others = JoinSet::new();
    for other in OTHERS {
        let (gathering, pool) = (Arc::clone(&gathering), db.pool().clone());
        let caught_up = Arc::clone(&caught_up);
        others.spawn(async move {
            let (actor, clock) = (one_stop(other.0), clock());
            let (mut most, mut number) = (0, 0);
            while caught_up.load(Ordering::Relaxed) < 2 * BACKLOG {
                let before = caught_up.load(Ordering::Relaxed);
                let message = message(other, number, 1);
                let told = gathering.receive(&pool, &actor, &clock, other.0, &message);
                assert_eq!(told.await.expect("answered").answer, Answer::Taken);
                most = most.max(caught_up.load(Ordering::Relaxed) - before);
                number += 1;
            }
            (other.0, most, number)
        });
    }
    for (other, most, sent) in others.join_all().await {
        // The messages in hand when it came, and those of the turn that was next.
        assert!(
            most <= 3 * MOST,
            "{other} waited for {most} messages of {}",
            BACK.0
        );
        assert!(sent >= BACKLOG / MOST / 10, "{other} sent only {sent}");
    }
    back.join_all().await;
    let settled: Value = sqlx::query_scalar(
        "select json_build_object(
             'taken', count(*) filter (where o.code is null and o.inbox_no is not null),
             'in order', (select count(*) from dossier d
                          where province_code = '51' and (select array_agg(kind order by seq)
                              from dossier_step s where s.dossier_id = d.dossier_id)
                              = array['submitted', 'withdrawal_asked']))
         from exchange_inbox i left join exchange_inbox_outcome o using (inbox_no)
         where province_code = '51'",
    )
    .fetch_one(db.pool())
    .await
    .expect("counts");
    assert_eq!(settled, json!({"taken": 2 * BACKLOG, "in order": BACKLOG}));
}

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
        let steps: Vec<casework::Submitted> = rows
            .iter()
            .map(|sent| {
                let code = &sent.message.event.dossier;
                let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, code.as_bytes());
                let step = json!({"event_id": id, "dossier": code, "kind": "received",
                                  "at": "2024-05-23T09:00:00+07:00"});
                let event = casework::Event::parse(step.to_string().as_bytes()).expect("a step");
                casework::Submitted {
                    row: sent.row,
                    event,
                }
            })
            .collect();
        let officer = Actor::with_every_role("can.bo");
        let applied = casework::apply(pool, &officer, &clock, &steps).await;
        assert_eq!(applied.expect("recorded").refused, []);
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
async fn server_time(pool: &sqlx::PgPool) -> u64 {
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
async fn received_here(pool: &sqlx::PgPool, clock: &Clock, codes: &[String]) {
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

async fn hear(pool: &sqlx::PgPool, province: &str, (after, limit): (i64, i64)) -> (i64, usize) {
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
