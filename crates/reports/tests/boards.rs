//! Boards of a small list: two communes, a family with a carer, a single parent.

use jiff::civil::date;
use kernel::{Actor, Clock, Dong, Month};
use law::{Benefit, Law};
use payments::{Office, Refused};
use registry::{Event, Submitted};
use reports::caseload::{Figures, Key};
use reports::{By, ByArea, Question, caseload, cashless, data_quality, people};
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

/// Xã Tịnh Thọ, huyện Sơn Tịnh, and Thị trấn Ba Tơ, huyện Ba Tơ; Quảng Ngãi before July 2025.
const TINH_THO: &str = "21175";
const BA_TO: &str = "21484";
const PROVINCE: &str = "51";

fn clock() -> Clock {
    testkit::clock("2024-05-06T08:00:00+07:00")
}

fn may() -> Month {
    Month::of(date(2024, 5, 1))
}

fn actor() -> Actor {
    Actor::with_every_role("an.nguyen")
}

fn event(person: &str, kind: &str, mut fields: Value) -> Event {
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

fn born(person: &str, birth: &str, area: &str, household: &str, id_number: Option<&str>) -> Event {
    event(
        person,
        "person_registered",
        json!({"full_name": format!("Nguyễn Thị {person}"), "birth_date": birth, "sex": "female",
               "ethnicity": "01", "id_number": id_number, "area": area,
               "household_id": household}),
    )
}

fn fact(person: &str, fact: Value) -> Event {
    event(
        person,
        "fact_started",
        json!({"fact_id": format!("{person} {fact}"), "fact": fact}),
    )
}

fn enrolled(person: &str, benefit: &str) -> Event {
    let decision = json!({"number": "12/QĐ-UBND", "date": "2024-05-02"});
    let fields = json!({"benefit": benefit, "from": "2024-05", "decision": decision});
    event(person, "enrolled", fields)
}

fn paid(person: &str, channel: &str, holder: &str, account: Option<&str>) -> Event {
    event(
        person,
        "payee_set",
        json!({"channel": channel, "holder": holder, "holder_name": "Trần Văn Bảy",
               "provider": account.map(|_| "970405"), "account_number": account}),
    )
}

fn village() -> Vec<Event> {
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

async fn made() -> TestDb {
    let db = TestDb::practice().await;
    let events = village();
    let rows: Vec<Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let applied = registry::apply(db.pool(), &actor(), &clock(), &rows)
        .await
        .expect("recorded");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    let clock = clock();
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    payments::make(&office, &actor(), may(), PROVINCE)
        .await
        .expect("a list");
    db
}

fn office_of<'a>(db: &'a TestDb, clock: &'a Clock, law: &'a Law) -> Office<'a> {
    Office {
        pool: db.pool(),
        clock,
        law,
    }
}

fn question(by: By) -> Question {
    Question {
        month: may(),
        area: PROVINCE.to_owned(),
        by,
    }
}

#[tokio::test]
async fn carers_are_households_and_everybody_else_people() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    let board = caseload(&office, &actor(), &question(By::Benefit))
        .await
        .expect("a board");
    let rows: Vec<_> = board
        .rows
        .iter()
        .map(|row| {
            (
                row.key.clone(),
                row.figures.people,
                row.figures.households,
                row.figures.amount,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (Key::Benefit(Benefit::PoorSingleParent), 1, 0, Dong(360_000)),
            (
                Key::Benefit(Benefit::Disability),
                2,
                0,
                Dong(540_000 + 720_000)
            ),
            (Key::Benefit(Benefit::HouseholdCarer), 0, 1, Dong(360_000)),
        ]
    );
    let total = board.total;
    assert_eq!(
        (total.people, total.households, total.recipients),
        (3, 1, 4)
    );
    assert_eq!(total.amount, board.lists[0].payable);
    assert!(!board.lists[0].approved);
}

#[tokio::test]
async fn rows_of_areas_and_channels_add_up_to_the_total() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    for (by, codes) in [
        (By::Area, ["527", "535"].as_slice()),
        (By::Channel, ["none", "account", "post_office"].as_slice()),
    ] {
        let board = caseload(&office, &actor(), &question(by))
            .await
            .expect("a board");
        let found: Vec<&str> = board.rows.iter().map(|row| row.key.code()).collect();
        assert_eq!(found, codes);
        let mut sum = Figures::default();
        board.rows.iter().for_each(|row| sum += row.figures);
        assert_eq!(sum, board.total);
    }
}

#[tokio::test]
async fn every_number_names_its_people() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    for (by, row, expected) in [
        (
            By::Benefit,
            Some("disability"),
            ["severe", "cared"].as_slice(),
        ),
        (By::Benefit, Some("household_carer"), &["carer"]),
        (By::Benefit, Some("no_such_benefit"), &[]),
        (By::Channel, Some("none"), &["parent"]),
        (By::Area, Some(BA_TO), &["parent"]),
        (By::Area, None, &["severe", "cared", "carer", "parent"]),
    ] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = people(&office, &actor(), &question(by), row, after, 2)
                .await
                .expect("people");
            let Some(last) = page.last() else { break };
            after = Some(last.person_id);
            found.extend(page.into_iter().map(|behind| behind.person));
        }
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(found, expected, "{by:?} {row:?}");
    }
}

#[tokio::test]
async fn accounts_and_identity_are_counted_by_area() {
    let (db, clock) = (made().await, clock());
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    let of = ByArea {
        month: may(),
        area: PROVINCE.to_owned(),
    };

    let accounts = cashless(&office, &actor(), &of, Some(95))
        .await
        .expect("a board");
    let counts = accounts.total.counts;
    assert_eq!(
        (
            counts.beneficiaries,
            counts.with_account,
            counts.paid_by_account
        ),
        (4, 2, 1)
    );
    assert_eq!(
        (counts.own_account, counts.guardian_account, counts.gap),
        (1, 1, 1)
    );
    assert_eq!(accounts.total.with_account_percent, "50.00");
    assert_eq!(accounts.total.missing_to_target, Some(3));

    let identity = data_quality(&office, &actor(), &of).await.expect("a board");
    let total = identity.total;
    assert_eq!((total.missing_id, total.malformed_id), (1, 1));
    assert_eq!((total.verified, total.pending), (1, 1));
    assert_eq!((identity.areas_complete, identity.areas_total), (1, 2));
}

#[tokio::test]
async fn without_a_list_or_a_role_there_are_no_figures() {
    let db = TestDb::practice().await;
    let clock = clock();
    let law = Law::embedded();
    let office = office_of(&db, &clock, &law);
    let refused = caseload(&office, &actor(), &question(By::Benefit)).await;
    assert!(matches!(refused, Err(Refused::NoList { .. })));
    let nobody = Actor {
        name: "ai.do".to_owned(),
        grants: Vec::new(),
    };
    let refused = caseload(&office, &nobody, &question(By::Benefit)).await;
    assert!(matches!(refused, Err(Refused::Denied(_))));
}
