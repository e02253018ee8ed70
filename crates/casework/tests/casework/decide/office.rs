//! Applications of Xã 21175 and the people who work on them, under the law of May 2024.

use access::practice;
use casework::act::{self, Ask};
use casework::draft::Subject;
use casework::form::Answers;
use casework::submit::{Application, submit};
use casework::{Channel, Event, Step, Submitted, apply};
use jiff::civil::{Date, date};
use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode, Clock, PersonId};
use law::Benefit;
use registry::Applied;
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

pub const COMMUNE: &str = "21175";
pub const SIGNED: Date = date(2024, 6, 3);

pub fn at(time: &str) -> Clock {
    testkit::clock(&format!("{time}:00+07:00"))
}

pub fn submitted_at() -> Clock {
    at("2024-05-06T08:00")
}

pub fn deciding() -> Clock {
    at("2024-06-03T08:00")
}

/// A clerk, an officer or a records clerk, as one of the sample accounts.
pub fn only(name: &str, role: Role, area: &str) -> Actor {
    let area = Some(AreaCode::from(area));
    Actor::new(name, vec![Grant { role, area }])
}

pub fn records() -> Actor {
    only("van.thu", Role::Records, "51")
}

/// A practice database with its sample accounts; the leader is a deputy.
pub async fn open() -> TestDb {
    let db = TestDb::practice().await;
    let mut tx = db.pool().begin().await.expect("begin");
    let now = submitted_at().now();
    practice::make_sign_ins(&mut tx, now, "51")
        .await
        .expect("accounts");
    let administrator = Actor::with_every_role("quan.tri");
    access::user::set_title(&mut tx, now, &administrator, "lanh.dao", " Phó Chủ tịch ")
        .await
        .expect("a title");
    tx.commit().await.expect("commit");
    db
}

/// Answers of somebody with a severe disability since 20 February 2024.
pub fn answers(more: &[(&str, &str)]) -> Answers {
    let head = [
        ("full_name", "Người Thử"),
        ("birth_date", "12/03/1980"),
        ("sex", "female"),
        ("ethnicity", "Kinh"),
        ("id_number", "999180000011"),
        ("area", COMMUNE),
        ("pension", "no"),
        ("poverty", "neither"),
        ("disabled", "yes"),
        ("disability_grade", "severe"),
        ("certificate_date", "20/02/2024"),
        ("schooling", "never"),
        ("marital", "married"),
        ("declared_by", "itself"),
    ];
    Answers::of_fields(head.into_iter().chain(more.iter().copied()))
}

/// Submits and receives an application for the disability allowance.
pub async fn submitted(db: &TestDb, answers: &Answers, person: Option<PersonId>) -> String {
    let subject = Subject {
        form: "d20-1dd".to_owned(),
        procedure: "1.001776".to_owned(),
        benefit: Some(Benefit::Disability),
        person,
    };
    let application = Application {
        id: Uuid::now_v7(),
        subject: &subject,
        answers,
        channel: Channel::Direct,
        papers: Vec::new(),
        received: true,
        draft: None,
    };
    let clerk = only("tiep.nhan", Role::Clerk, COMMUNE);
    submit(db.pool(), &clerk, &submitted_at(), &application)
        .await
        .expect("submitted")
}

/// Tells a step that was taken on paper.
pub async fn tell(db: &TestDb, dossier: &str, time: &str, fields: Value) {
    let mut whole = json!({"event_id": Uuid::now_v7(), "dossier": dossier,
                           "at": format!("{time}:00+07:00")});
    let more = fields.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(more);
    let event = Event::parse(whole.to_string().as_bytes()).expect("a step");
    let rows = [Submitted { row: 1, event }];
    let everybody = Actor::with_every_role("can.bo");
    let applied = apply(db.pool(), &everybody, &deciding(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

/// Through the stages to a proposal the leader agreed with in the system.
pub async fn agreed(db: &TestDb, dossier: &str, proposal: Value) {
    for (stage, day) in [("commune_review", 13), ("sent_up", 15), ("appraisal", 20)] {
        let time = format!("2024-05-{day}T09:00");
        tell(
            db,
            dossier,
            &time,
            json!({"kind": "stage_done", "stage": stage}),
        )
        .await;
    }
    let mut proposed = json!({"kind": "proposed", "by": "can.bo"});
    let more = proposal.as_object().expect("fields").clone();
    proposed.as_object_mut().expect("fields").extend(more);
    tell(db, dossier, "2024-05-21T09:00", proposed).await;
    let leader = only("lanh.dao", Role::Leader, "51");
    let step = Step::Agreed { by: None };
    let applied = take(
        db,
        &leader,
        &at("2024-05-22T09:00"),
        dossier,
        step,
        Uuid::now_v7(),
    )
    .await;
    assert_eq!((applied.applied, applied.refused), (1, vec![]));
}

pub fn granting() -> Value {
    json!({"outcome": "approved"})
}

/// Takes a step here and now.
pub async fn take(
    db: &TestDb,
    actor: &Actor,
    clock: &Clock,
    dossier: &str,
    step: Step,
    key: Uuid,
) -> Applied {
    let standing = act::standing(db.pool(), actor, dossier).await;
    let ask = Ask {
        dossier: dossier.to_owned(),
        seen: standing.expect("a dossier").last,
        step,
    };
    act::act(db.pool(), actor, clock, key, &[ask])
        .await
        .expect("acted")
}

/// The decision as the records office makes it, its number left to the book.
pub async fn decision(db: &TestDb, dossier: &str) -> Step {
    let standing = act::standing(db.pool(), &records(), dossier).await;
    let outcome = standing.expect("a dossier").decided("", SIGNED);
    Step::Decided(outcome.expect("agreed"))
}

pub async fn decide(db: &TestDb, actor: &Actor, dossier: &str) -> Applied {
    let step = decision(db, dossier).await;
    take(db, actor, &deciding(), dossier, step, Uuid::now_v7()).await
}

pub async fn person_of(db: &TestDb, dossier: &str) -> PersonId {
    let everybody = Actor::with_every_role("can.bo");
    let found = casework::dossier(db.pool(), &everybody, &deciding(), dossier).await;
    found
        .expect("the dossier")
        .person_id
        .expect("a beneficiary")
}
