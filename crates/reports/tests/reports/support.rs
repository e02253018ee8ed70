//! A village of a few people and its office.

use jiff::civil::date;
use kernel::{Actor, Clock, Month};
use law::Law;
use payments::Office;
use registry::{Event, Submitted};
use scenarios::When;
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

/// Xã Tịnh Thọ, huyện Sơn Tịnh, and Thị trấn Ba Tơ, huyện Ba Tơ; Quảng Ngãi before July 2025.
pub const TINH_THO: &str = "21175";
pub const BA_TO: &str = "21484";
pub const PROVINCE: &str = "51";

pub fn clock() -> Clock {
    testkit::clock("2024-05-06T08:00:00+07:00")
}

pub fn may() -> Month {
    Month::of(date(2024, 5, 1))
}

pub fn actor() -> Actor {
    Actor::with_every_role("an.nguyen")
}

pub fn event(person: &str, kind: &str, mut fields: Value) -> Event {
    let named = format!("{person} {kind} {fields}");
    let whole = fields.as_object_mut().expect("fields");
    whole.insert(
        "event_id".into(),
        json!(Uuid::new_v5(&Uuid::NAMESPACE_OID, named.as_bytes())),
    );
    whole.insert("kind".into(), json!(kind));
    whole.insert("person".into(), json!(person));
    whole.insert("source".into(), json!("test"));
    whole
        .entry("effective")
        .or_insert_with(|| json!("2024-05-02"));
    Event::parse(fields.to_string().as_bytes()).expect("a well-formed event")
}

pub fn born(
    person: &str,
    birth: &str,
    area: &str,
    household: &str,
    id_number: Option<&str>,
) -> Event {
    event(
        person,
        "person_registered",
        json!({"full_name": format!("Nguyễn Thị {person}"), "birth_date": birth, "sex": "female",
               "ethnicity": "01", "id_number": id_number, "area": area,
               "household_id": household}),
    )
}

pub fn fact(person: &str, fact: Value) -> Event {
    event(
        person,
        "fact_started",
        json!({"fact_id": format!("{person} {fact}"), "fact": fact}),
    )
}

pub fn enrolled(person: &str, benefit: &str) -> Event {
    let decision = json!({"number": "12/QĐ-UBND", "date": "2024-05-02"});
    let fields = json!({"benefit": benefit, "from": "2024-05", "decision": decision});
    event(person, "enrolled", fields)
}

pub fn paid(person: &str, channel: &str, holder: &str, account: Option<&str>) -> Event {
    event(
        person,
        "payee_set",
        json!({"channel": channel, "holder": holder, "holder_name": "Trần Văn Bảy",
               "provider": account.map(|_| "970405"), "account_number": account}),
    )
}

pub fn village() -> Vec<Event> {
    let disability = |grade: &str| json!({"kind": "disability", "grade": grade});
    vec![
        born("severe", "1980-03-01", TINH_THO, "h1", Some("999180000011")),
        fact("severe", disability("severe")),
        enrolled("severe", "disability"),
        paid("severe", "account", "self", Some("0071000123456")),
        born("cared", "1990-03-01", TINH_THO, "h2", None),
        fact("cared", disability("extremely_severe")),
        enrolled("cared", "disability"),
        paid("cared", "post_office", "guardian", Some("0071000123457")),
        born("carer", "1960-03-01", TINH_THO, "h2", Some("1234")),
        fact(
            "carer",
            json!({"kind": "cares_for", "person": "cared", "relation": "con"}),
        ),
        enrolled("carer", "household_carer"),
        paid("carer", "post_office", "self", None),
        born("parent", "1992-03-01", BA_TO, "h1", Some("999192000012")),
        fact("parent", json!({"kind": "poverty", "status": "poor"})),
        fact("parent", json!({"kind": "single"})),
        fact(
            "parent",
            json!({"kind": "child", "birth_date": "2019-02-03"}),
        ),
        enrolled("parent", "poor_single_parent"),
        event(
            "parent",
            "identity_checked",
            json!({"result": "verified", "request_code": "r",
              "checked_by": "x", "fields": []}),
        ),
    ]
}

pub async fn made() -> TestDb {
    let db = TestDb::practice().await;
    record(&db, village()).await;
    let clock = clock();
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    payments::make(&office, &actor(), may(), PROVINCE)
        .await
        .expect("a list");
    db
}

pub fn office_of<'a>(db: &'a TestDb, clock: &'a Clock, law: &'a Law) -> Office<'a> {
    Office {
        pool: db.pool(),
        clock,
        law,
    }
}

/// Records events that all go in.
pub async fn record(db: &TestDb, events: Vec<Event>) {
    let rows: Vec<Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let applied = registry::apply(db.pool(), &actor(), &clock(), &rows)
        .await
        .expect("recorded");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
}

/// A small Quảng Ngãi with a draft of May 2024.
pub async fn sample() -> TestDb {
    let plan = scenarios::build("quang-ngai-2024-05", 1, Some(1_500)).expect("a scenario");
    let (db, law) = (TestDb::practice().await, Law::embedded());
    let clock = Clock::Fixed(plan.recorded_at(When::InMonth));
    let office = office_of(&db, &clock, &law);
    for phase in [When::Before, When::InMonth] {
        let events: Vec<Submitted> = (1..)
            .zip(plan.events(phase))
            .map(|(row, event)| Submitted { row, event })
            .collect();
        let applied = registry::apply(db.pool(), &actor(), &clock, &events).await;
        assert_eq!(applied.expect("recorded").refused, []);
        if phase == When::Before {
            let opened = payments::open(&office, &actor(), may().previous(), PROVINCE).await;
            opened.expect("opened");
        }
    }
    let made = payments::make(&office, &actor(), may(), PROVINCE).await;
    made.expect("a list");
    db
}
