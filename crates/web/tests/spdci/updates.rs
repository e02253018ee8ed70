//! What other programmes tell they pay people of ours, and who can see that, and who was asked about.

use axum::http::StatusCode;
use kernel::actor::{Actor, Grant, Role};
use kernel::{AreaCode, PersonId};
use serde_json::{Value, json};
use spdci::told::{self, Trail};

use crate::caller::{Answer, Dialect, NAME, NOW, Town, header_of, search_for};

const PATH: &str = "ibr/registry/sync/enrollment/updates";

fn header(id: &str) -> Value {
    json!({"version": "1.0.0", "message_id": id, "message_ts": NOW, "action": "notify",
        "status": "succ", "sender_id": NAME})
}

fn beneficiary(number: &str, status: &str) -> Value {
    json!({"@type": "Beneficiary", "member": {"member_identifier": "HS01",
        "demographic_info": {"identifier": [{"identifier_type": "NID", "identifier_value": number}]},
        "programme_identifier": {"programme": {"programme_identifier": "BHXH-01",
            "programme_name": "Lương hưu"}, "enrolment_date": "2023-02-01",
            "enrolment_status": status, "benefits": {"benefit_type": "Cash"}}}})
}

fn message(beneficiaries: &[Value]) -> Value {
    json!({"transaction_id": "t", "enrolled_updates": {"beneficiaries": beneficiaries}})
}

async fn tell(town: &Town, id: &str, beneficiaries: &[Value]) -> Answer {
    let (header, message) = (header(id), message(beneficiaries));
    town.ask(PATH, Dialect::Body, (&header, &message)).await
}

fn statuses(answer: &Answer) -> Vec<Value> {
    let said = answer.json()["message"]["enrolled_response"].clone();
    let said = said.as_array().expect("answers").iter();
    said.map(|item| item["status"].clone()).collect()
}

async fn rows(town: &Town, query: &'static str) -> i64 {
    let count = sqlx::query_scalar(query);
    count.fetch_one(town.db.pool()).await.expect("counted")
}

async fn number(town: &Town, key: &str) -> PersonId {
    let id = sqlx::query_scalar("select person_id from person where person_key = $1");
    PersonId(id.bind(key).fetch_one(town.db.pool()).await.expect("there"))
}

fn auditor(area: &str) -> Actor {
    let area = Some(AreaCode(area.to_owned()));
    Actor::new(
        "thanh.tra",
        vec![Grant {
            role: Role::Auditor,
            area,
        }],
    )
}

async fn trail(town: &Town, key: &str) -> Trail {
    let id = number(town, key).await;
    let auditor = auditor("51");
    let trail = told::of_person(town.db.pool(), &auditor, &town.clock, id, (50, 0));
    trail.await.expect("seen")
}

#[tokio::test]
async fn what_others_pay_is_kept_as_what_they_say_and_pays_nothing() {
    let town = Town::open().await;
    let events = async || rows(&town, "select count(*) from event").await;
    let before = events().await;
    let told = [
        beneficiary("000188000011", "Active"),
        beneficiary("000188000099", "Active"),
        beneficiary("000188000012", "nghỉ"),
        json!({"member": {"member_identifier": "HS9"}}),
    ];
    let answer = tell(&town, "m1", &told).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(statuses(&answer), ["succ", "rjct", "rjct", "rjct"]);
    assert!(!answer.body.contains("000188"), "{}", answer.body);
    let reported = trail(&town, "p1").await.reported;
    let [one] = &reported[..] else {
        panic!("one programme")
    };
    assert_eq!(
        (one.programme.as_str(), one.status.as_str()),
        ("BHXH-01", "active")
    );
    assert_eq!(
        (one.caller.as_str(), one.full_name.as_str()),
        (NAME, "Hệ thống thử")
    );
    assert_eq!(trail(&town, "p2").await.reported.len(), 0);

    // The same again is no news; what changed is, and the last counts.
    let count = async || rows(&town, "select count(*) from spdci_report").await;
    assert_eq!(count().await, 1);
    let again = tell(&town, "m2", &told[..1]).await;
    assert_eq!((statuses(&again), count().await), (vec![json!("succ")], 1));
    tell(&town, "m3", &[beneficiary("000188000011", "closed")]).await;
    assert_eq!(count().await, 2);
    assert_eq!(trail(&town, "p1").await.reported[0].status, "closed");
    assert_eq!(events().await, before, "no benefit of ours follows");
    let repeated = tell(&town, "m3", &[beneficiary("000188000011", "closed")]).await;
    assert_eq!(repeated.code(), "rjct.message_id.duplicate");

    let status = json!({"transaction_id": "ts", "txnstatus_request": {"reference_id": "s",
        "txn_type": "receipt", "attribute_type": "transaction_id", "attribute_value": "t"}});
    let asked = header_of("m4", "txn-status", 1);
    let path = "ibr/registry/sync/txn/status";
    let said = town.ask(path, Dialect::Jws, (&asked, &status)).await.json();
    let said = &said["message"]["txnstatus_response"]["txn_status"]["search_response"];
    assert_eq!(said.as_array().map(Vec::len), Some(6), "{said}");
    assert_eq!(town.log("spdci.report").await.len(), 3);
}

#[tokio::test]
async fn who_was_not_given_to_tell_is_refused_and_nothing_is_kept() {
    let mut town = Town::open().await;
    let keys = spdci::jwk::ours([town.their_key.public()]);
    town.register_to_ask(&["name"], "51", &keys).await;
    let answer = tell(&town, "m1", &[beneficiary("000188000011", "active")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.code(), "err.request.forbidden");
    assert_eq!(trail(&town, "p1").await.reported.len(), 0);
    let mut wrong = header("m2");
    wrong["total_count"] = json!(3);
    town.register(&["name"], "51", &keys).await;
    let told = message(&[beneficiary("000188000011", "active")]);
    let answer = town.ask(PATH, Dialect::Jws, (&wrong, &told)).await;
    assert_eq!(answer.code(), "rjct.total_count.invalid");
    let many = vec![beneficiary("000188000011", "active"); 21];
    let answer = tell(&town, "m3", &many).await;
    assert_eq!(answer.code(), "rjct.total_count.limit_exceeded");
    let social = header_of("m4", "notify", 1);
    let path = "/api/v1/spdci/social/registry/sync/enrollment/updates";
    let absent = town.raw(path, &social).await;
    assert_eq!(
        absent,
        StatusCode::NOT_FOUND,
        "the social registry has none"
    );
}

#[tokio::test]
async fn a_person_can_be_told_who_asked_about_them_and_for_what() {
    let town = Town::open().await;
    let ask = async |id: &str, number: &str| {
        let asked = (header_of(id, "search", 1), search_for(id, &[number]));
        let path = "ibr/registry/sync/search";
        town.ask(path, Dialect::Body, (&asked.0, &asked.1)).await;
    };
    ask("m1", "000188000011").await;
    // Receives what nobody is told of: nothing is said, and that it was asked is known.
    ask("m2", "000188000013").await;
    let seen = trail(&town, "p1").await.rows;
    let [row] = &seen[..] else {
        panic!("one question")
    };
    assert!(row.told);
    let said = (
        row.caller.as_str(),
        row.action.as_str(),
        row.purpose.as_str(),
    );
    assert_eq!(said, (NAME, "search", "tro-cap"));
    assert_eq!(row.consent.as_deref(), Some("dong-y-1"));
    assert_eq!(row.at, town.clock.now());
    let hidden = trail(&town, "p3").await.rows;
    assert_eq!(
        hidden.iter().map(|row| row.told).collect::<Vec<_>>(),
        [false]
    );
    assert_eq!(trail(&town, "p2").await.rows.len(), 0);
    // Elsewhere nobody sees it, and looking is written down.
    let id = number(&town, "p1").await;
    let stranger = auditor("01");
    let other = told::of_person(town.db.pool(), &stranger, &town.clock, id, (50, 0));
    assert_eq!(
        other.await.expect_err("not theirs").code(),
        "unknown_person"
    );
    assert_eq!(town.log("spdci.told").await.len(), 3);
}
