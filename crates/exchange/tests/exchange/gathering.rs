//! Messages that come at the same time are received together: each is answered as if it had come alone, those
//! of a dossier keep their order, and a province with a week's messages does not keep the others waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
