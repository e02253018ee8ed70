//! Steps recorded from files: once, in order, with the enrolment they decide.

use casework::show::Filter;
use casework::{Event, Status, Submitted, apply, dossier, list};
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, Clock};
use registry::Applied;
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

const CODE: &str = "000.00.00.H51-240506-0001";

fn clock() -> Clock {
    testkit::clock("2024-06-30T08:00:00+07:00")
}

fn actor() -> Actor {
    Actor::with_every_role("an.nguyen")
}

fn told(kind: &str, at: &str, mut fields: Value) -> Event {
    let whole = fields.as_object_mut().expect("fields");
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{kind} {at}").as_bytes());
    whole.insert("event_id".into(), json!(id));
    whole.insert("dossier".into(), json!(CODE));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    Event::parse(fields.to_string().as_bytes()).expect("a well-formed step")
}

fn submitted(fields: Value) -> Event {
    let mut whole = json!({"procedure": "1.001776", "area": "21175", "channel": "direct",
                           "applicant": "Người Thử", "applicant_id_number": "999180000011"});
    let more = fields.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(more);
    told("submitted", "2024-05-06T08:00", whole)
}

fn stages() -> Vec<Event> {
    let stage = |code: &str, day: &str| told("stage_done", day, json!({"stage": code}));
    vec![
        told("received", "2024-05-06T09:00", json!({})),
        stage("commune_review", "2024-05-13T09:00"),
        stage("sent_up", "2024-05-15T09:00"),
        stage("appraisal", "2024-05-20T09:00"),
    ]
}

fn approved() -> Event {
    let decision = json!({"number": "12/QĐ-UBND", "date": "2024-05-22"});
    let fields = json!({"outcome": "approved", "decision": decision});
    told("decided", "2024-05-22T15:00", fields)
}

fn rows(events: Vec<Event>) -> Vec<Submitted> {
    (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect()
}

async fn record(db: &TestDb, events: Vec<Event>) -> Applied {
    apply(db.pool(), &actor(), &clock(), &rows(events))
        .await
        .expect("recorded")
}

async fn status(db: &TestDb) -> Status {
    let found = dossier(db.pool(), &actor(), &clock(), CODE).await;
    found.expect("the dossier").row.status
}

fn codes(applied: &Applied) -> Vec<&'static str> {
    applied.refused.iter().map(|refusal| refusal.code).collect()
}

#[tokio::test]
async fn a_step_is_recorded_once_and_another_under_its_id_is_refused() {
    let db = TestDb::practice().await;
    let all: Vec<Event> = std::iter::once(submitted(json!({})))
        .chain(stages())
        .collect();
    assert_eq!(record(&db, all.clone()).await.applied, 5);
    let again = record(&db, all).await;
    assert_eq!(
        (again.applied, again.already, again.refused.len()),
        (0, 5, 0)
    );
    let mut other = submitted(json!({}));
    other.online = true;
    assert_eq!(codes(&record(&db, vec![other]).await), ["event_id_reused"]);
    assert_eq!(status(&db).await, Status::InProcess);
}

#[tokio::test]
async fn a_step_out_of_turn_is_refused_with_those_that_stand_on_it() {
    let db = TestDb::practice().await;
    let mut events = vec![submitted(json!({})), approved()];
    events.push(told("result_returned", "2024-05-23T09:00", json!({})));
    let applied = record(&db, events).await;
    assert_eq!(applied.applied, 1);
    assert_eq!(codes(&applied), ["step_not_now", "earlier_step_refused"]);
    assert_eq!(status(&db).await, Status::Registered);
    let future = told("received", "2024-07-01T09:00", json!({}));
    assert_eq!(codes(&record(&db, vec![future]).await), ["in_the_future"]);
}

fn person() -> Vec<registry::Submitted> {
    let event = |fields: Value| {
        let event = registry::Event::parse(fields.to_string().as_bytes());
        event.expect("an event")
    };
    let id = |name: &str| json!(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
    let events = vec![
        event(
            json!({"event_id": id("p"), "kind": "person_registered", "person": "p",
                     "effective": "2024-01-01", "source": "test", "full_name": "Người Thử",
                     "birth_date": "1980", "sex": "female", "ethnicity": "01",
                     "id_number": null, "area": "21175"}),
        ),
        event(
            json!({"event_id": id("f"), "kind": "fact_started", "person": "p",
                     "effective": "2024-03-01", "source": "test", "fact_id": "f",
                     "fact": {"kind": "disability", "grade": "severe"}}),
        ),
    ];
    let rows = (1..).zip(events);
    rows.map(|(row, event)| registry::Submitted { row, event })
        .collect()
}

async fn enrolments(db: &TestDb) -> Vec<String> {
    sqlx::query_scalar("select from_month::text from enrolment")
        .fetch_all(db.pool())
        .await
        .expect("reads")
}

#[tokio::test]
async fn an_approval_enrols_in_the_same_transaction_or_is_refused() {
    let db = TestDb::practice().await;
    let registered = registry::apply(db.pool(), &actor(), &clock(), &person()).await;
    assert_eq!(registered.expect("recorded").refused, []);
    let asks = json!({"beneficiary": "test/p", "benefit": "disability"});
    let mut all = vec![submitted(asks)];
    all.extend(stages());
    all.push(approved());
    assert_eq!(codes(&record(&db, all).await), [""; 0]);
    assert_eq!(
        enrolments(&db).await.len(),
        1,
        "the decision is the enrolment"
    );
    // A second dossier for the same benefit: the registry refuses the enrolment, so nothing is decided.
    let second = |mut event: Event| {
        event.event_id = Uuid::new_v5(&event.event_id, b"second");
        event.dossier = "000.00.00.H51-240506-0002".to_owned();
        event
    };
    let asks = json!({"beneficiary": "test/p", "benefit": "disability"});
    let mut all = vec![submitted(asks)];
    all.extend(stages());
    all.push(approved());
    let applied = record(&db, all.into_iter().map(second).collect()).await;
    assert_eq!(
        (applied.applied, applied.refused.len()),
        (5, 1),
        "{:?}",
        applied.refused
    );
    assert_eq!(enrolments(&db).await.len(), 1);
    let nobody = json!({"beneficiary": "test/nobody", "benefit": "disability"});
    let mut third = submitted(nobody);
    third.event_id = Uuid::new_v5(&third.event_id, b"third");
    third.dossier = "000.00.00.H51-240506-0003".to_owned();
    assert_eq!(
        codes(&record(&db, vec![third]).await),
        ["unknown_beneficiary"]
    );
}

#[tokio::test]
async fn officers_of_other_areas_neither_record_nor_see() {
    let db = TestDb::new().await;
    record(&db, vec![submitted(json!({}))]).await;
    let elsewhere = Actor::new(
        "ngoai",
        vec![Grant {
            role: Role::Officer,
            area: Some(AreaCode::from("48")),
        }],
    );
    let received = rows(vec![told("received", "2024-05-06T09:00", json!({}))]);
    let applied = apply(db.pool(), &elsewhere, &clock(), &received)
        .await
        .expect("answered");
    assert_eq!(codes(&applied), ["denied"]);
    assert!(
        dossier(db.pool(), &elsewhere, &clock(), CODE)
            .await
            .is_err()
    );
    let of = |area: &str| Filter {
        area: area.to_owned(),
        limit: 50,
        ..Filter::default()
    };
    assert!(
        list(db.pool(), &elsewhere, &clock(), &of("51"))
            .await
            .is_err()
    );
    assert_eq!(
        list(db.pool(), &elsewhere, &clock(), &of("48"))
            .await
            .expect("nothing"),
        []
    );
    let seen = list(db.pool(), &actor(), &clock(), &of("527"))
        .await
        .expect("a list");
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn of_two_who_act_at_once_one_is_told_what_the_other_did() {
    let db = TestDb::practice().await;
    record(&db, vec![submitted(json!({}))]).await;
    let received = rows(vec![told("received", "2024-05-06T09:00", json!({}))]);
    let reason = json!({"reason": "không thuộc thẩm quyền"});
    let not = rows(vec![told("not_accepted", "2024-05-06T09:00", reason)]);
    let (clock, actor) = (clock(), actor());
    let both = tokio::join!(
        apply(db.pool(), &actor, &clock, &received),
        apply(db.pool(), &actor, &clock, &not)
    );
    let (one, other) = (both.0.expect("answered"), both.1.expect("answered"));
    assert_eq!(one.applied + other.applied, 1);
    let refused = [codes(&one), codes(&other)].concat();
    assert_eq!(refused, ["step_not_now"]);
}

#[tokio::test]
async fn the_same_file_at_once_counts_once() {
    let db = TestDb::practice().await;
    record(&db, vec![submitted(json!({}))]).await;
    let (clock, actor, all) = (clock(), actor(), rows(stages()));
    let both = tokio::join!(
        apply(db.pool(), &actor, &clock, &all),
        apply(db.pool(), &actor, &clock, &all)
    );
    let (one, other) = (both.0.expect("answered"), both.1.expect("answered"));
    assert_eq!((codes(&one), codes(&other)), (vec![], vec![]));
    assert_eq!(one.applied + other.applied, 4);
    assert_eq!(one.already + other.already, 4);
}

#[tokio::test]
async fn the_database_lets_nothing_be_changed_or_follow_the_end() {
    let db = TestDb::practice().await;
    let reason = json!({"reason": "không thuộc thẩm quyền"});
    let ended = told("not_accepted", "2024-05-06T09:00", reason);
    record(&db, vec![submitted(json!({})), ended]).await;
    for statement in [
        "update dossier_step set status = 4",
        "delete from dossier_step",
        "update dossier set applicant = 'x'",
        "insert into dossier_step (dossier_id, seq, event_id, content, kind, happened_at, day, told_by,
             online, body, status, recorded_by, recorded_at)
         select dossier_id, 3, gen_random_uuid(), '', 'received', happened_at, day, told_by, false,
                '{}', 2, 'x', recorded_at from dossier_step where seq = 2",
        "insert into dossier_step (dossier_id, seq, event_id, content, kind, happened_at, day, told_by,
             online, body, status, recorded_by, recorded_at)
         select dossier_id, 5, gen_random_uuid(), '', 'received', happened_at, day, told_by, false,
                '{}', 2, 'x', recorded_at from dossier_step where seq = 1",
    ] {
        let done = sqlx::query(statement).execute(db.pool()).await;
        let error = done.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code().map(|it| it.into_owned()));
        assert_eq!(code.as_deref(), Some("23000"), "{statement}: {error}");
    }
}
