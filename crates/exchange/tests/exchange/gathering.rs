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
use sqlx::PgPool;
use testkit::TestDb;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Dossiers of the province that comes back; twice as many messages.
const BACKLOG: usize = 10_000;
/// It, and its commune.
pub(crate) const BACK: (&str, &str) = ("51", "21175");
/// Those that go on meanwhile.
pub(crate) const OTHERS: [(&str, &str); 4] = [
    ("48", "20194"),
    ("49", "20503"),
    ("01", "00001"),
    ("79", "26734"),
];

pub(crate) fn clock() -> Clock {
    testkit::clock("2024-05-30T08:00:00+07:00")
}

pub(crate) fn one_stop(province: &str) -> Actor {
    Actor::new(
        format!("motcua.{province}"),
        vec![Grant {
            role: Role::OneStop,
            area: Some(AreaCode::from(province)),
        }],
    )
}

pub(crate) async fn connected() -> TestDb {
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
pub(crate) fn message((province, area): (&str, &str), number: usize, seq: i32) -> Message {
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

// On one thread: of several the machine may leave one alone while the others go on, which is no turn either.
#[tokio::test]
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
    // Of each message of the others the last number given out when it had begun to wait. Counted is what was kept
    // and not what was answered: whose answer waits to be read is no turn.
    let mut others = JoinSet::new();
    for other in OTHERS {
        let (gathering, pool) = (Arc::clone(&gathering), db.pool().clone());
        let caught_up = Arc::clone(&caught_up);
        others.spawn(async move {
            let (actor, clock) = (one_stop(other.0), clock());
            let mut begun = Vec::new();
            while caught_up.load(Ordering::Relaxed) < 2 * BACKLOG {
                let message = message(other, begun.len(), 1);
                let told = gathering.receive(&pool, &actor, &clock, other.0, &message);
                let (told, last) = tokio::join!(told, last_kept(&pool));
                assert_eq!(told.expect("answered").answer, Answer::Taken);
                begun.push((message.event.dossier, last));
            }
            (other.0, begun)
        });
    }
    for (other, begun) in others.join_all().await {
        let most = most_between(&db, &begun).await;
        // The messages in hand when it came, and those of the turn that was next.
        assert!(
            most <= 3 * MOST as i64,
            "{other} waited for {most} messages of {}",
            BACK.0
        );
        let sent = begun.len();
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

/// The last number of the messages kept so far.
async fn last_kept(pool: &PgPool) -> i64 {
    let last = sqlx::query_scalar("select coalesce(max(inbox_no), 0) from exchange_inbox");
    last.fetch_one(pool).await.expect("a number")
}

/// Of dossiers and numbers, the most messages of the province that is back between a number and the dossier's own.
async fn most_between(db: &TestDb, begun: &[(String, i64)]) -> i64 {
    let (dossiers, last): (Vec<&str>, Vec<i64>) = begun
        .iter()
        .map(|(code, last)| (code.as_str(), *last))
        .unzip();
    sqlx::query_scalar(
        "select max(between_them)
         from unnest($1::text[], $2::bigint[]) as begun (code, last)
         join exchange_inbox own on own.dossier_code = code
         cross join lateral (select count(*) as between_them from exchange_inbox other
                             where province_code = $3 and other.inbox_no > last
                               and other.inbox_no < own.inbox_no) counted",
    )
    .bind(&dossiers)
    .bind(&last)
    .bind(BACK.0)
    .fetch_one(db.pool())
    .await
    .expect("a number")
}
