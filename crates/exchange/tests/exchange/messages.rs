//! Messages in both directions: each counts once, those of a dossier in order, none is lost when a
//! connection changes.

use exchange::message::Sent;
use exchange::{
    Answer, Message, Mode, NewConnection, Received, Refused, acknowledge, connection, offered,
    outbox, receive,
};
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, Clock};
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

const PROVINCE: &str = "51";
const CODE: &str = "000.00.00.H51-240506-0001";

fn clock() -> Clock {
    testkit::clock("2024-05-30T08:00:00+07:00")
}

fn officer() -> Actor {
    Actor::with_every_role("an.nguyen")
}

fn one_stop() -> Actor {
    Actor::new(
        "motcua.51",
        vec![Grant {
            role: Role::OneStop,
            area: Some(AreaCode::from(PROVINCE)),
        }],
    )
}

async fn connect(db: &TestDb, mode: Mode, from: &str) {
    let connection = NewConnection {
        province: PROVINCE.to_owned(),
        from: from.parse().expect("a day"),
        mode,
        official_case: None,
        note: None,
    };
    let recorded = connection::record(db.pool(), &officer(), &clock(), &[connection]).await;
    recorded.expect("recorded");
}

fn message(seq: i32, kind: &str, day: &str, mut fields: Value) -> Message {
    let whole = fields.as_object_mut().expect("fields");
    let name = format!("{seq} {kind} {day}");
    whole.insert(
        "id".into(),
        json!(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())),
    );
    whole.insert("dossier".into(), json!(CODE));
    whole.insert("seq".into(), json!(seq));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{day}T08:00:00+07:00")));
    Message::parse(fields.to_string().as_bytes()).expect("a well-formed message")
}

fn submission() -> Message {
    let fields = json!({"procedure": "1.001776", "area": "21175", "channel": "online",
                        "applicant": "Người Thử", "papers": [{"name": "Tờ khai"}]});
    message(1, "submitted", "2024-05-06", fields)
}

fn withdrawal(seq: i32, day: &str) -> Message {
    message(seq, "withdrawal_asked", day, json!({"reason": "nộp nhầm"}))
}

fn supplement() -> Message {
    message(
        2,
        "supplemented",
        "2024-05-10",
        json!({"papers": [{"name": "Giấy xác nhận"}]}),
    )
}

async fn tell(db: &TestDb, messages: &[Message]) -> Received {
    try_to_tell(db, messages).await.expect("received")
}

async fn try_to_tell(db: &TestDb, messages: &[Message]) -> Result<Received, Refused> {
    let sent: Vec<Sent> = (1..)
        .zip(messages.iter().cloned())
        .map(|(row, message)| Sent { row, message })
        .collect();
    receive(db.pool(), &one_stop(), &clock(), PROVINCE, &sent).await
}

async fn act(db: &TestDb, kind: &str, day: &str, fields: Value) {
    let mut whole = json!({"event_id": Uuid::new_v5(&Uuid::NAMESPACE_URL, kind.as_bytes()),
                           "dossier": CODE, "kind": kind, "at": format!("{day}T15:00:00+07:00")});
    let fields = fields.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(fields);
    let event = casework::Event::parse(whole.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let applied = casework::apply(db.pool(), &officer(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn ask_for_papers(db: &TestDb) {
    act(db, "received", "2024-05-06", json!({})).await;
    let asks = json!({"papers": ["Giấy xác nhận"], "reason": "thiếu"});
    act(db, "supplement_asked", "2024-05-07", asks).await;
}

async fn to_tell(db: &TestDb) -> Vec<(i32, i16)> {
    let found = offered(db.pool(), &one_stop(), &clock(), PROVINCE, (0, 100)).await;
    let found = found.expect("messages").into_iter();
    found
        .map(|message| (message.seq, message.status.number()))
        .collect()
}

async fn status(db: &TestDb) -> i16 {
    let found = casework::dossier(db.pool(), &officer(), &clock(), CODE).await;
    found.expect("a dossier").row.status.number()
}

#[tokio::test]
async fn the_same_message_again_gets_the_same_answer_and_changes_nothing() {
    let db = TestDb::practice().await;
    connect(&db, Mode::TwoWay, "2024-01-01").await;
    let first = tell(&db, &[submission()]).await;
    assert_eq!((first.taken, first.already), (1, 0));
    let again = tell(&db, &[submission(), submission()]).await;
    assert_eq!((again.taken, again.already), (0, 2));
    assert_eq!(again.answers, [Answer::Taken, Answer::Taken]);
    let mut other = submission();
    other.seq = 2;
    let reused = tell(&db, &[other]).await;
    assert_eq!(reused.refused[0].code, "message_id_reused");
    let place = tell(&db, &[withdrawal(1, "2024-05-07")]).await;
    assert_eq!(place.refused[0].code, "sequence_reused");
}

#[tokio::test]
async fn a_gap_is_held_back_until_it_is_filled_whatever_the_connection_became() {
    let db = TestDb::practice().await;
    connect(&db, Mode::TwoWay, "2024-01-01").await;
    tell(&db, &[submission()]).await;
    ask_for_papers(&db).await;
    let early = tell(&db, &[withdrawal(3, "2024-05-13")]).await;
    assert_eq!((early.taken, early.held), (0, 1));
    assert_eq!(status(&db).await, 5);
    // While it is held back the connection is cut, and later made again.
    connect(&db, Mode::None, "2024-05-20").await;
    let cut = try_to_tell(&db, &[supplement()]).await;
    assert!(matches!(cut, Err(Refused::NotConnected(_))), "{cut:?}");
    connect(&db, Mode::OneWayIn, "2024-05-21").await;
    let filled = tell(&db, &[supplement()]).await;
    assert_eq!(filled.taken, 2, "the one held back goes with it");
    assert_eq!(status(&db).await, 7);
    let again = tell(&db, &[withdrawal(3, "2024-05-13")]).await;
    assert_eq!(again.answers, [Answer::Taken]);
}

#[tokio::test]
async fn what_cannot_be_a_step_is_refused_once_and_the_next_is_looked_at() {
    let db = TestDb::practice().await;
    connect(&db, Mode::TwoWay, "2024-01-01").await;
    tell(&db, &[submission()]).await;
    let unasked = tell(&db, &[supplement(), withdrawal(3, "2024-05-13")]).await;
    assert_eq!(unasked.taken, 1);
    let Answer::Refused { code, .. } = &unasked.answers[0] else {
        panic!("{:?}", unasked.answers);
    };
    assert_eq!(code, "step_not_now");
    assert_eq!(
        tell(&db, &[supplement()]).await.answers,
        unasked.answers[..1]
    );
    assert_eq!(status(&db).await, 7);
}

#[tokio::test]
async fn every_step_is_told_until_it_is_taken_also_what_a_one_way_connection_did_not_carry() {
    let db = TestDb::practice().await;
    connect(&db, Mode::OneWayIn, "2024-01-01").await;
    tell(&db, &[submission()]).await;
    ask_for_papers(&db).await;
    assert_eq!(to_tell(&db).await, [], "one way in tells nothing");
    let carried: Vec<bool> = sqlx::query_scalar("select carried from exchange_outbox order by seq")
        .fetch_all(db.pool())
        .await
        .expect("reads");
    assert_eq!(carried, [false, false], "somebody keyed both over there");
    connect(&db, Mode::TwoWay, "2024-05-20").await;
    assert_eq!(to_tell(&db).await, [(1, 2), (2, 5)], "nothing was lost");
    let ids = ["received", "supplement_asked"]
        .map(|kind| Uuid::new_v5(&Uuid::NAMESPACE_URL, kind.as_bytes()));
    let ack = async |id: Uuid, why: Option<&str>| {
        let answers = [(id, why.map(str::to_owned))];
        acknowledge(db.pool(), &one_stop(), &clock(), PROVINCE, &answers).await
    };
    assert_eq!(ack(ids[0], None).await.expect("recorded").recorded, 1);
    assert_eq!(ack(ids[0], None).await.expect("known").already, 1);
    assert!(matches!(
        ack(ids[0], Some("không")).await,
        Err(Refused::TakenAlready)
    ));
    assert!(matches!(
        ack(Uuid::nil(), None).await,
        Err(Refused::UnknownMessage)
    ));
    for _ in 0..outbox::MOST_FAILURES {
        assert_eq!(to_tell(&db).await, [(2, 5)]);
        ack(ids[1], Some("hệ thống bận")).await.expect("recorded");
    }
    assert_eq!(to_tell(&db).await, [], "a dead letter");
    let again = outbox::send_again(db.pool(), &officer(), &clock(), PROVINCE).await;
    assert_eq!(again.expect("sent"), 1);
    assert_eq!(to_tell(&db).await, [(2, 5)]);
}

#[tokio::test]
async fn a_one_stop_system_speaks_for_its_province_and_for_citizens_only() {
    let db = TestDb::practice().await;
    connect(&db, Mode::TwoWay, "2024-01-01").await;
    let fields = json!({"procedure": "1.001776", "area": "20194", "channel": "online",
                        "applicant": "Người Thử"});
    let elsewhere = tell(&db, &[message(1, "submitted", "2024-05-06", fields)]).await;
    assert!(matches!(&elsewhere.answers[..],
                     [Answer::Refused { code, .. }] if code == "other_province"));
    let decides = json!({"id": Uuid::nil(), "dossier": CODE, "seq": 1, "kind": "received",
                         "at": "2024-05-06T08:00:00+07:00"});
    let fault = Message::parse(decides.to_string().as_bytes()).expect_err("not theirs");
    assert_eq!(fault.code, "not_for_one_stop");
    let other = receive(db.pool(), &one_stop(), &clock(), "48", &[]).await;
    assert!(matches!(other, Err(Refused::Denied(_))));
    let may = casework::list(db.pool(), &one_stop(), &clock(), &Default::default()).await;
    assert!(may.is_err(), "it reads no lists");
}

#[tokio::test]
async fn of_connections_the_latest_day_holds_and_what_is_recorded_stays() {
    let db = TestDb::practice().await;
    connect(&db, Mode::None, "2023-01-01").await;
    connect(&db, Mode::TwoWay, "2024-06-01").await;
    connect(&db, Mode::OneWayIn, "2024-02-01").await;
    let day = "2024-05-30".parse().expect("a day");
    let all = connection::all(db.pool(), &officer(), day)
        .await
        .expect("a list");
    let shown: Vec<(Mode, bool)> = all.iter().map(|it| (it.mode, it.holds)).collect();
    let expected = [
        (Mode::TwoWay, false),
        (Mode::OneWayIn, true),
        (Mode::None, false),
    ];
    assert_eq!(shown, expected);
    for statement in [
        "update connection set mode = 'none'",
        "delete from connection",
    ] {
        let changed = sqlx::query(statement).execute(db.pool()).await;
        assert!(changed.is_err(), "{statement}");
    }
    let nowhere = NewConnection {
        province: "99".to_owned(),
        from: day,
        mode: Mode::TwoWay,
        official_case: Some("A1".to_owned()),
        note: None,
    };
    let refused = connection::record(db.pool(), &officer(), &clock(), &[nowhere]).await;
    assert!(matches!(refused, Err(Refused::UnknownProvince(_))));
}
