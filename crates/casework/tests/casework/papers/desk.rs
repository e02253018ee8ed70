//! A dossier of Xã 21175 with its beneficiary, and who works on it.

use casework::{Event, Submitted, apply};
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, Clock};
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

pub const CODE: &str = "000.00.00.H51-240506-0001";
pub const ID_NUMBER: &str = "999180000011";

pub fn clock() -> Clock {
    testkit::clock("2024-06-30T08:00:00+07:00")
}

pub fn everybody() -> Actor {
    Actor::with_every_role("an.nguyen")
}

/// Somebody with one role in one area.
pub fn only(role: Role, area: &str) -> Actor {
    Actor::new(
        "mot.nguoi",
        vec![Grant {
            role,
            area: Some(AreaCode::from(area)),
        }],
    )
}

pub async fn tell(db: &TestDb, dossier: &str, kind: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(Uuid::new_v4()));
    whole.insert("dossier".into(), json!(dossier));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = Event::parse(fields.to_string().as_bytes()).expect("a well-formed step");
    let rows = [Submitted { row: 1, event }];
    let applied = apply(db.pool(), &everybody(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

/// The beneficiary, born on 1 February 1948.
pub async fn register(db: &TestDb) {
    let event = json!({"event_id": Uuid::new_v4(), "kind": "person_registered", "person": "p",
                       "effective": "2024-01-01", "source": "test", "full_name": "Trần Thị Thử",
                       "birth_date": "1948-02-01", "sex": "female", "ethnicity": "01",
                       "id_number": null, "area": "21175"});
    let event = registry::Event::parse(event.to_string().as_bytes()).expect("an event");
    let rows = [registry::Submitted { row: 1, event }];
    let applied = registry::apply(db.pool(), &everybody(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

/// Submitted at the counter by somebody with an ID number.
pub async fn submit(db: &TestDb, dossier: &str, more: Value) {
    let mut whole = json!({"procedure": "1.001776", "area": "21175", "channel": "direct",
                           "applicant": "Người Thử", "applicant_id_number": ID_NUMBER});
    let more = more.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(more);
    tell(db, dossier, "submitted", "2024-05-06T08:00", whole).await;
}
