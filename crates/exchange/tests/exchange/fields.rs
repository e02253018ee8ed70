//! Fields of forms between two systems: what is missing is filled in or asked back, what one side changed is
//! taken, what both changed is asked of a person, and afterwards both sides are compared.

use casework::Teller;
use casework::correct::{Correction, correct};
use casework::form::Answers;
use exchange::comparison::{self, Ended, From, Listed, What};
use exchange::conflict::{self, Takes};
use exchange::message::Sent;
use exchange::owner::Source;
use exchange::{
    Message, Mode, NewConnection, Received, Refused, acknowledge, connection, gap, offered, receive,
};
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, Clock};
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

mod corrections;
mod repeats;

const PROVINCE: &str = "51";
const CODE: &str = "000.00.00.H51-240506-0001";
const NUMBER: &str = "000150000017";

fn at(now: &str) -> Clock {
    testkit::clock(&format!("{now}:00+07:00"))
}

fn clock() -> Clock {
    at("2024-05-30T08:00")
}

fn officer() -> Actor {
    Actor::with_every_role("an.nguyen")
}

fn one_stop() -> Actor {
    let grant = Grant {
        role: Role::OneStop,
        area: Some(AreaCode::from(PROVINCE)),
    };
    Actor::new("motcua.51", vec![grant])
}

async fn connected() -> TestDb {
    let db = TestDb::practice().await;
    let two_way = NewConnection {
        province: PROVINCE.to_owned(),
        from: "2024-01-01".parse().expect("a day"),
        mode: Mode::TwoWay,
        official_case: None,
        note: None,
    };
    let recorded = connection::record(db.pool(), &officer(), &clock(), &[two_way]).await;
    recorded.expect("recorded");
    db
}

fn message(seq: i32, kind: &str, day: &str, mut fields: Value) -> Message {
    let whole = fields.as_object_mut().expect("fields");
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{seq} {kind}").as_bytes());
    whole.insert("id".into(), json!(id));
    whole.insert("dossier".into(), json!(CODE));
    whole.insert("seq".into(), json!(seq));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{day}T08:00:00+07:00")));
    Message::parse(fields.to_string().as_bytes()).expect("a well-formed message")
}

/// Everything but what a test leaves out.
fn answers() -> Value {
    json!({"full_name": "Người Thử", "birth_date": "31/12/1950", "sex": "female", "phone": "0900000001",
           "schooling": "never", "pension": "no", "poverty": "poor", "disabled": "yes",
           "disability_grade": "severe", "disability_type": "movement", "certificate_date": "01/03/2023",
           "marital": "widowed", "declared_by": "itself"})
}

fn submission(answers: Value) -> Message {
    let fields = json!({"procedure": "1.001776", "area": "21175", "channel": "online",
                        "applicant": "Người Thử", "applicant_id_number": NUMBER,
                        "papers": [{"name": "Tờ khai"}],
                        "form": {"benefit": "disability", "answers": answers}});
    message(1, "submitted", "2024-05-06", fields)
}

fn supplement(seq: i32, day: &str, answers: Value) -> Message {
    let fields = json!({"papers": [{"name": "Tờ khai"}], "form": {"answers": answers}});
    message(seq, "supplemented", day, fields)
}

async fn tell(db: &TestDb, now: &str, message: Message) -> Received {
    let sent = [Sent { row: 1, message }];
    let received = receive(db.pool(), &one_stop(), &at(now), PROVINCE, &sent).await;
    let received = received.expect("received");
    assert_eq!((received.taken, &received.refused[..]), (1, &[][..]));
    received
}

async fn act(db: &TestDb, kind: &str, day: &str, fields: Value) {
    let mut whole = json!({"event_id": Uuid::new_v4(), "dossier": CODE, "kind": kind,
                           "at": format!("{day}T15:00:00+07:00")});
    let fields = fields.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(fields);
    let event = casework::Event::parse(whole.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let applied = casework::apply(db.pool(), &officer(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn ask_for_more(db: &TestDb, day: &str) {
    let asks = json!({"papers": ["Tờ khai"], "reason": "sửa"});
    act(db, "supplement_asked", day, asks).await;
}

async fn now_in_force(db: &TestDb) -> (i32, Answers) {
    let read = casework::answered::read(db.pool(), &officer(), &clock(), CODE).await;
    let read = read.expect("reads").expect("answers");
    (read.version, read.answers)
}

async fn value(db: &TestDb, field: &str) -> Option<String> {
    now_in_force(db).await.1.text(field).map(str::to_owned)
}

/// An officer corrects one field.
async fn correct_field(db: &TestDb, now: &str, field: &str, value: &str) {
    let (seen, mut answers) = now_in_force(db).await;
    answers.set(field, value);
    let correction = Correction {
        dossier: CODE,
        seen,
        answers: &answers,
        allows_gaps: false,
        completes: false,
        key: Uuid::new_v4(),
    };
    let telling = (Teller::Office, &officer(), &at(now));
    correct(db.pool(), telling, &correction)
        .await
        .expect("corrected");
}

async fn open(db: &TestDb) -> Vec<conflict::Conflict> {
    let open = conflict::open(db.pool(), &officer(), &clock(), None, (0, 100)).await;
    open.expect("a list")
}

async fn known_person(db: &TestDb) {
    let event = json!({"event_id": Uuid::from_u128(1), "kind": "person_registered", "person": "P1",
                       "source": "thử", "effective": "2023-01-01", "full_name": "Người Thử",
                       "birth_date": "1950-12-31", "sex": "female", "id_number": NUMBER,
                       "area": "21175", "phone": "0900000009"});
    let poor = json!({"event_id": Uuid::from_u128(2), "kind": "fact_started", "person": "P1",
                      "source": "thử", "effective": "2023-01-01", "fact_id": "F1",
                      "fact": {"kind": "poverty", "status": "poor"}});
    let checked = json!({"event_id": Uuid::from_u128(3), "kind": "identity_checked", "person": "P1",
                         "source": "thử", "effective": "2024-05-02", "result": "verified"});
    let rows: Vec<registry::Submitted> = (1..)
        .zip([event, poor, checked])
        .map(|(row, event)| registry::Submitted {
            row,
            event: registry::Event::parse(event.to_string().as_bytes()).expect("an event"),
        })
        .collect();
    let applied = registry::apply(db.pool(), &officer(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

#[tokio::test]
async fn what_is_missing_is_filled_in_from_where_it_is_known_and_only_the_rest_is_asked_back() {
    let db = connected().await;
    known_person(&db).await;
    let mut given = answers();
    for field in ["sex", "poverty", "phone", "marital"] {
        given.as_object_mut().expect("fields").remove(field);
    }
    given["certificate_date"] = json!("hôm qua");
    tell(&db, "2024-05-06T09:00", submission(given)).await;
    let today = clock().today();
    let gaps = gap::told(db.pool(), &one_stop(), (PROVINCE, today), CODE).await;
    let gaps = gaps.expect("gaps");
    let asked: Vec<(&str, &str)> = gaps
        .asked
        .iter()
        .map(|it| (it.field.as_str(), it.code.as_str()))
        .collect();
    assert_eq!(
        asked,
        [("certificate_date", "malformed"), ("marital", "missing")]
    );
    let filled: Vec<(&str, Option<Source>)> = gaps
        .filled
        .iter()
        .map(|it| (it.field.as_str(), it.source))
        .collect();
    let expected = [
        ("sex", Some(Source::Population)),
        ("phone", Some(Source::Registry)),
        ("poverty", Some(Source::Registry)),
        ("poverty_since", Some(Source::Registry)),
    ];
    assert_eq!(filled, expected);
    assert_eq!(gaps.filled[0].as_of, "2024-05-02".parse().ok());
    assert_eq!(value(&db, "sex").await.as_deref(), Some("female"));
    // The number the dossier itself named is not asked for again.
    assert_eq!(value(&db, "id_number").await.as_deref(), Some(NUMBER));
    // What was asked back comes, and nothing was changed on this side meanwhile.
    act(&db, "received", "2024-05-06", json!({})).await;
    ask_for_more(&db, "2024-05-07").await;
    let rest =
        json!({"certificate_date": "01/03/2023", "marital": "widowed", "phone": "0900000002"});
    tell(&db, "2024-05-10T09:00", supplement(2, "2024-05-10", rest)).await;
    assert_eq!(open(&db).await, []);
    assert_eq!(value(&db, "phone").await.as_deref(), Some("0900000002"));
    let gaps = gap::of_dossier(db.pool(), today, CODE).await.expect("gaps");
    assert_eq!(gaps.asked, []);
    assert_eq!(gaps.filled.len(), 3, "the phone is theirs now");
}

#[tokio::test]
async fn another_person_with_the_number_fills_nothing_in() {
    let db = connected().await;
    known_person(&db).await;
    let mut given = answers();
    given["full_name"] = json!("Người Khác");
    given.as_object_mut().expect("fields").remove("sex");
    tell(&db, "2024-05-06T09:00", submission(given)).await;
    let gaps = gap::of_dossier(db.pool(), clock().today(), CODE).await;
    let gaps = gaps.expect("gaps");
    assert_eq!((gaps.asked.len(), gaps.filled.len()), (1, 0));
}

#[tokio::test]
async fn what_both_changed_is_asked_of_a_person_and_of_two_who_decide_one_is_told() {
    let db = connected().await;
    tell(&db, "2024-05-06T09:00", submission(answers())).await;
    act(&db, "received", "2024-05-06", json!({})).await;
    ask_for_more(&db, "2024-05-07").await;
    correct_field(&db, "2024-05-08T09:00", "phone", "0900000005").await;
    let both = json!({"phone": "0900000007", "lives_with": "con gái"});
    tell(&db, "2024-05-10T09:00", supplement(2, "2024-05-10", both)).await;
    // Only they said with whom she lives: taken, and nobody is asked.
    assert_eq!(value(&db, "lives_with").await.as_deref(), Some("con gái"));
    assert_eq!(value(&db, "phone").await.as_deref(), Some("0900000005"));
    let asked = open(&db).await;
    assert_eq!(asked.len(), 1);
    let one = &asked[0];
    assert_eq!(one.before, "0900000001");
    assert_eq!(
        (one.ours.value.as_str(), one.ours.by.as_str()),
        ("0900000005", "an.nguyen")
    );
    assert_eq!(
        (one.theirs.value.as_str(), one.theirs.by.as_str()),
        ("0900000007", "motcua.51")
    );
    assert_eq!(
        (one.ours.side.as_str(), one.theirs.side.as_str()),
        ("office", "one_stop")
    );
    let (officer, now) = (officer(), at("2024-05-11T09:00"));
    let decide = |takes| {
        conflict::decide(
            db.pool(),
            &officer,
            &now,
            one.no,
            (takes, "đã gọi điện hỏi"),
        )
    };
    let (first, second) = tokio::join!(decide(Takes::Theirs), decide(Takes::Ours));
    let lost = [&first, &second]
        .into_iter()
        .filter(|it| matches!(it, Err(Refused::DecidedMeanwhile)))
        .count();
    assert_eq!((first.is_ok() || second.is_ok(), lost), (true, 1));
    let counts = match first.is_ok() {
        true => "0900000007",
        false => "0900000005",
    };
    assert_eq!(value(&db, "phone").await.as_deref(), Some(counts));
    assert_eq!(open(&db).await, []);
    let settled = conflict::settled(db.pool(), CODE).await.expect("a list");
    let decided = settled.iter().filter(|it| it.decided.is_some()).count();
    assert_eq!((settled.len(), decided), (2, 1));
    // The other side is told what counts.
    let told = offered(db.pool(), &one_stop(), &now, PROVINCE, (0, 100)).await;
    let told = told.expect("messages");
    let last = told.last().and_then(|it| it.fields.clone());
    let last = serde_json::to_value(last).expect("fields");
    assert_eq!(last["phone"], counts);
}

#[tokio::test]
async fn a_correction_they_have_taken_is_no_conflict_with_what_they_say_after() {
    let db = connected().await;
    tell(&db, "2024-05-06T09:00", submission(answers())).await;
    act(&db, "received", "2024-05-06", json!({})).await;
    ask_for_more(&db, "2024-05-07").await;
    correct_field(&db, "2024-05-08T09:00", "phone", "0900000005").await;
    let now = at("2024-05-09T09:00");
    let told = offered(db.pool(), &one_stop(), &now, PROVINCE, (0, 100)).await;
    let told = told.expect("messages");
    assert_eq!(told.iter().filter(|it| it.fields.is_some()).count(), 1);
    let all: Vec<(Uuid, Option<String>)> = told.iter().map(|it| (it.id, None)).collect();
    let taken = acknowledge(db.pool(), &one_stop(), &now, PROVINCE, &all).await;
    assert_eq!(taken.expect("recorded").recorded, 3);
    let change = json!({"phone": "0900000007"});
    tell(&db, "2024-05-10T09:00", supplement(2, "2024-05-10", change)).await;
    assert_eq!(open(&db).await, []);
    assert_eq!(value(&db, "phone").await.as_deref(), Some("0900000007"));
}

#[tokio::test]
async fn the_owner_of_a_field_settles_it_without_a_question() {
    let db = connected().await;
    known_person(&db).await;
    tell(&db, "2024-05-06T09:00", submission(answers())).await;
    act(&db, "received", "2024-05-06", json!({})).await;
    ask_for_more(&db, "2024-05-07").await;
    correct_field(&db, "2024-05-08T09:00", "poverty", "near_poor").await;
    let change = json!({"birth_date": "31/12/1951", "poverty": "neither"});
    tell(&db, "2024-05-10T09:00", supplement(2, "2024-05-10", change)).await;
    assert_eq!(open(&db).await, []);
    // The population database verified the one, the commune's own list says the other.
    assert_eq!(
        value(&db, "birth_date").await.as_deref(),
        Some("1950-12-31")
    );
    assert_eq!(value(&db, "poverty").await.as_deref(), Some("near_poor"));
    let settled = conflict::settled(db.pool(), CODE).await.expect("a list");
    let said: Vec<(&str, &str, &str)> = settled
        .iter()
        .map(|it| (it.field.as_str(), it.verdict.code(), it.theirs.as_str()))
        .collect();
    assert!(
        said.contains(&("birth_date", "ours", "31/12/1951")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|it| it.0 == "poverty" && it.1 == "ours"),
        "{said:?}"
    );
}

#[tokio::test]
async fn an_approval_of_a_form_with_gaps_is_refused_until_they_are_answered() {
    let db = connected().await;
    let mut given = answers();
    given
        .as_object_mut()
        .expect("fields")
        .remove("disability_grade");
    tell(&db, "2024-05-06T09:00", submission(given)).await;
    act(&db, "received", "2024-05-06", json!({})).await;
    let day = "2024-05-06".parse().expect("a day");
    let regime = casework::regime::on("1.001776", day).expect("a regime");
    let (_, before) = regime.stages.split_last().expect("stages");
    for stage in before {
        act(
            &db,
            "stage_done",
            "2024-05-07",
            json!({"stage": stage.code}),
        )
        .await;
    }
    let decision = json!({"number": "1/QĐ", "date": "2024-05-20", "signed_by": "Chủ tịch"});
    let whole = json!({"event_id": Uuid::new_v4(), "dossier": CODE, "kind": "decided",
                       "at": "2024-05-20T15:00:00+07:00", "outcome": "approved", "decision": decision});
    let event = casework::Event::parse(whole.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let applied = casework::apply(db.pool(), &officer(), &clock(), &rows).await;
    assert_eq!(
        applied.expect("looked at").refused[0].code,
        "form_incomplete"
    );
}

async fn compare(db: &TestDb, listed: &[Listed]) -> comparison::Compared {
    let line = |it| serde_json::to_string(it).expect("a line");
    let lines = listed.iter().map(line).collect::<Vec<String>>().join("\n");
    let from = From::File(lines.as_bytes());
    let run = comparison::run(db.pool(), &officer(), &clock(), PROVINCE, from).await;
    run.expect("a run")
}

async fn differing(db: &TestDb) -> Vec<(What, Option<String>, Option<String>)> {
    let found = comparison::differences(db.pool(), &officer(), PROVINCE, (0, 100)).await;
    let found = found.expect("a list").into_iter();
    found.map(|it| (it.what, it.ours, it.theirs)).collect()
}

#[tokio::test]
async fn both_sides_are_compared_and_a_difference_that_is_gone_is_closed() {
    let db = connected().await;
    let given = json!({"full_name": "Người Thử", "phone": "0900000001"});
    tell(&db, "2024-05-06T09:00", submission(given.clone())).await;
    act(&db, "received", "2024-05-06", json!({})).await;
    let mut answers = Answers::default();
    answers.set("full_name", "Người Thử");
    answers.set("phone", "0900000001");
    let same = Listed {
        dossier: CODE.to_owned(),
        status: 1,
        told: 1,
        heard: 0,
        answers: Some(comparison::hash(&answers)),
    };
    // The step is on its way: nothing differs, it is looked at once it came.
    let waits = compare(&db, std::slice::from_ref(&same)).await;
    assert_eq!((waits.differing, waits.waiting), (0, 1));
    let now = at("2024-05-09T09:00");
    let told = offered(db.pool(), &one_stop(), &now, PROVINCE, (0, 100)).await;
    let ids: Vec<(Uuid, Option<String>)> = told
        .expect("messages")
        .iter()
        .map(|it| (it.id, None))
        .collect();
    let taken = acknowledge(db.pool(), &one_stop(), &now, PROVINCE, &ids).await;
    taken.expect("recorded");
    // Taken, and lost over there.
    let lost = compare(&db, std::slice::from_ref(&same)).await;
    assert_eq!(lost.differing, 1);
    let text = |text: &str| Some(text.to_owned());
    let expected = [
        (What::Status, text("2"), text("1")),
        (What::Heard, text("1"), text("0")),
    ];
    assert_eq!(differing(&db).await, expected);
    let even = Listed {
        status: 2,
        heard: 1,
        ..same.clone()
    };
    let strange = Listed {
        dossier: "000.00.00.H51-240506-0002".to_owned(),
        answers: None,
        ..same.clone()
    };
    let other = Listed {
        answers: Some("ab".repeat(32)),
        ..even.clone()
    };
    let mixed = compare(&db, &[strange, other]).await;
    assert_eq!((mixed.here, mixed.there, mixed.differing), (1, 2, 2));
    let found = differing(&db).await;
    let kinds: Vec<What> = found.iter().map(|it| it.0).collect();
    assert_eq!(kinds, [What::Answers, What::MissingHere]);
    let none = compare(&db, &[]).await;
    assert_eq!(none.differing, 1);
    assert_eq!(differing(&db).await[0].0, What::MissingThere);
    let mended = compare(&db, std::slice::from_ref(&even)).await;
    assert_eq!((mended.outcome, mended.differing), (Ended::Compared, 0));
    let last = comparison::last(db.pool(), &officer()).await.expect("runs");
    assert_eq!((last[0].differing, last[0].closed), (0, 1));
    // A list that cannot be read says nothing of the dossiers, and the last comparison stays.
    let from = From::File(b"{\"dossier\": 1}");
    let bad = comparison::run(db.pool(), &officer(), &clock(), PROVINCE, from).await;
    assert_eq!(bad.expect("a run").outcome, Ended::Malformed);
    let last = comparison::last(db.pool(), &officer()).await.expect("runs");
    assert_eq!((last[0].outcome, last[0].here), (Ended::Malformed, 1));
    assert!(last[0].compared_at.is_some());
}

#[tokio::test]
async fn a_province_that_does_not_answer_is_no_agreement() {
    let db = connected().await;
    let (pool, officer, clock) = (db.pool(), officer(), clock());
    let nowhere = comparison::run(pool, &officer, &clock, PROVINCE, From::Address(None)).await;
    assert!(matches!(nowhere, Err(Refused::NoAddress(_))), "{nowhere:?}");
    let bad =
        comparison::record_address(pool, &officer, &clock, PROVINCE, Some("http://a.vn")).await;
    assert!(matches!(bad, Err(Refused::AddressMalformed)), "{bad:?}");
    // A port of this machine that nobody listens at.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let recorded = comparison::record_address(pool, &officer, &clock, PROVINCE, Some(&url)).await;
    recorded.expect("recorded");
    let since = clock.now() - jiff::SignedDuration::from_hours(8);
    assert_eq!(comparison::due(pool, since).await.expect("due"), [PROVINCE]);
    let run = comparison::run(pool, &officer, &clock, PROVINCE, From::Address(None)).await;
    let run = run.expect("a run");
    assert_eq!(run.outcome, Ended::Unreachable);
    assert!(run.reason.is_some());
    let last = comparison::last(pool, &officer).await.expect("runs");
    assert_eq!(
        (last[0].outcome, last[0].compared_at),
        (Ended::Unreachable, None)
    );
    assert_eq!(
        comparison::due(pool, since).await.expect("due"),
        [] as [&str; 0]
    );
}
