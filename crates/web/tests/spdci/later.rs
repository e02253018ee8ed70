//! What is answered later, at the other registry's own server.

use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::Clock;
use serde_json::{Value, json};
use spdci::task::Round;

use crate::caller::{Dialect, Town, consent, enrolled, event, header_of, registered, search_for};

fn status_of(transaction: &str) -> Value {
    json!({"transaction_id": "ts", "txnstatus_request": {"reference_id": "s", "txn_type": "search",
        "attribute_type": "transaction_id", "attribute_value": transaction}})
}

async fn progress(town: &Town, id: &str) -> Vec<String> {
    let asked = (header_of(id, "txn-status", 1), status_of("t1"));
    let path = "ibr/registry/sync/txn/status";
    let answer = town.ask(path, Dialect::Body, (&asked.0, &asked.1)).await;
    let said = answer.json();
    let items = said["message"]["txnstatus_response"]["txn_status"]["search_response"].clone();
    assert!(!answer.body.contains("reg_records"));
    let items = items.as_array().expect("answers").iter();
    items
        .map(|item| item["status"].as_str().unwrap_or("").to_owned())
        .collect()
}

#[tokio::test]
async fn a_search_is_taken_once_and_its_answer_comes_when_they_can_be_reached() {
    for dialect in [Dialect::Body, Dialect::Jws] {
        let mut town = Town::open().await;
        let asked = (
            header_of("m1", "search", 1),
            search_for("t1", &["000188000011"]),
        );
        let path = "ibr/registry/search";
        let first = town.ask(path, dialect, (&asked.0, &asked.1)).await.json();
        assert_eq!(first["message"]["ack_status"], "ACK");
        let again = town.ask(path, dialect, (&asked.0, &asked.1)).await.json();
        let other_id = (header_of("m2", "search", 1), &asked.1);
        let renamed = town
            .ask(path, dialect, (&other_id.0, other_id.1))
            .await
            .json();
        for same in [&again, &renamed] {
            assert_eq!(
                same["message"]["correlation_id"],
                first["message"]["correlation_id"]
            );
        }
        let changed = search_for("t1", &["000188000012"]);
        let reused = town.ask(path, dialect, (&asked.0, &changed)).await;
        assert_eq!(reused.status, StatusCode::BAD_REQUEST);
        assert!(reused.body.contains("rjct.message_id.duplicate"));
        assert_eq!(progress(&town, "s1").await, ["pdng"]);

        let down = StatusCode::SERVICE_UNAVAILABLE;
        town.told.says.lock().expect("unpoisoned").push_back(down);
        let tried = town.round().await;
        assert_eq!(
            tried,
            Round {
                again: 1,
                ..Round::default()
            }
        );
        assert_eq!(town.round().await, Round::default(), "not before its time");
        let later = town.clock.now() + SignedDuration::from_mins(2);
        town.clock = Clock::Fixed(later);
        let told = town.round().await;
        assert_eq!(
            told,
            Round {
                told: 1,
                ..Round::default()
            }
        );
        town.clock = Clock::Fixed(later + SignedDuration::from_hours(12));
        assert_eq!(town.round().await, Round::default(), "told once");

        let [message] = &town.messages()[..] else {
            panic!("one message")
        };
        assert_eq!(message.path, "/spdci/registry/on-search");
        town.clock = Clock::Fixed(later);
        assert!(town.is_ours(&message.body, message.signature.as_deref()));
        let said = message.json();
        assert_eq!(said["message"]["transaction_id"], "t1");
        assert_eq!(
            said["message"]["correlation_id"],
            first["message"]["correlation_id"]
        );
        let records = &said["message"]["search_response"][0]["data"]["reg_records"];
        assert_eq!(records.as_array().map(Vec::len), Some(1));
        assert_eq!(progress(&town, "s2").await, ["succ"]);
    }
}

#[tokio::test]
async fn answers_go_to_the_registered_address_only() {
    let town = Town::open().await;
    let mut header = header_of("m1", "search", 1);
    header["sender_uri"] = json!("http://169.254.169.254/latest");
    let message = search_for("t1", &["000188000011"]);
    let refused = town
        .ask("ibr/registry/search", Dialect::Body, (&header, &message))
        .await;
    assert_eq!(refused.code(), "err.sender_uri.invalid");
    assert_eq!(town.round().await, Round::default());
}

fn subscription(transaction: &str, event: &str, filter: Value) -> Value {
    json!({"transaction_id": transaction, "subscribe_request": [{"reference_id": "r",
        "timestamp": "2024-05-20T09:00:00+07:00", "subscribe_criteria": {
            "reg_event_type": format!("spdci-common:RegistryEventType:{event}"),
            "notify_record_type": "Member", "filter": filter, "authorize": consent()}}]})
}

async fn subscribed(town: &Town, id: &str, message: &Value, register: &str) -> Value {
    let header = header_of(id, "subscribe", 1);
    let path = format!("{register}/registry/subscribe");
    let taken = town.ask(&path, Dialect::Jws, (&header, message)).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    town.round().await;
    let answers = town.messages();
    let answer = answers.last().expect("an answer");
    assert_eq!(answer.path, "/spdci/registry/on-subscribe");
    answer.json()["message"]["subscribe_response"][0].take()
}

#[tokio::test]
async fn a_subscriber_is_told_of_what_it_may_see_until_it_ends() {
    let town = Town::open().await;
    let filter = json!([{"expression1": {"attribute_name": "area", "operator": "eq",
        "attribute_value": "51"}}]);
    let changes = subscription("t1", "enrollement_status_change", filter.clone());
    let made = subscribed(&town, "m1", &changes, "ibr").await;
    assert_eq!(made["status"], "succ", "{made}");
    let again = subscription("t2", "enrollement_status_change", filter.clone());
    let again = subscribed(&town, "m2", &again, "ibr").await;
    assert_eq!(again["status_reason_code"], "rjct.event.already_subscribed");
    let unknown = subscribed(&town, "m3", &subscription("t3", "LiveBirth", filter), "ibr").await;
    assert_eq!(unknown["status_reason_code"], "rjct.notify_types.invalid");

    let ended =
        |benefit: &str| json!({"benefit": benefit, "last_month": "2024-05", "reason": "thử"});
    town.happens(&[
        event("p1", "enrolment_ended", "2024-05-15", ended("disability")),
        event(
            "p2",
            "enrolment_ended",
            "2024-05-15",
            ended("poor_adult_with_hiv"),
        ),
        event(
            "p3",
            "enrolment_ended",
            "2024-05-15",
            ended("poor_adult_with_hiv"),
        ),
        registered("p4", "Người Thử p4", "000188000014"),
    ])
    .await;
    let before = town.messages().len();
    assert_eq!(
        town.round().await,
        Round {
            told: 1,
            ..Round::default()
        }
    );
    let messages = town.messages();
    let [notice] = &messages[before..] else {
        panic!("one notice")
    };
    assert_eq!(notice.path, "/spdci/registry/notify");
    assert!(town.is_ours(&notice.body, notice.signature.as_deref()));
    let told = notice.json()["message"]["notify_event"][0]["data"].take();
    assert_eq!(told["reg_event_type"], "enrollement_status_change");
    let text = told.to_string();
    assert!(
        text.contains("Người") && !text.contains("hiv") && !text.contains("000188"),
        "{text}"
    );
    assert_eq!(town.log("spdci.notify").await.len(), 1);

    let code = made["subscriptions"][0]["code"].clone();
    let stop = json!({"transaction_id": "t4", "timestamp": "2024-05-20T09:00:00+07:00",
        "subscription_codes": [code]});
    let header = header_of("m4", "unsubscribe", 1);
    town.ask("ibr/registry/unsubscribe", Dialect::Body, (&header, &stop))
        .await;
    town.round().await;
    let last = town.messages().pop().expect("an answer");
    assert_eq!(last.path, "/spdci/registry/on-unsubscribe");
    assert_eq!(
        last.json()["message"]["subscription_status"][0]["status"],
        "unsubscribe"
    );
    town.happens(&[enrolled("p4", "disability")]).await;
    assert_eq!(town.round().await, Round::default());
}

#[tokio::test]
async fn who_is_ended_is_told_nothing_more() {
    let town = Town::open().await;
    let asked = (
        header_of("m1", "search", 1),
        search_for("t1", &["000188000011"]),
    );
    town.ask("ibr/registry/search", Dialect::Body, (&asked.0, &asked.1))
        .await;
    let actor = kernel::Actor::with_every_role("thử");
    let ended = spdci::caller::end(
        town.db.pool(),
        &actor,
        &town.clock,
        (crate::caller::NAME, "thử"),
    );
    ended.await.expect("ended");
    assert_eq!(
        town.round().await,
        Round {
            given_up: 1,
            ..Round::default()
        }
    );
    assert!(town.messages().is_empty());
    let asked = (
        header_of("m2", "search", 1),
        search_for("t2", &["000188000011"]),
    );
    let refused = town
        .ask(
            "ibr/registry/sync/search",
            Dialect::Body,
            (&asked.0, &asked.1),
        )
        .await;
    assert_eq!(refused.code(), "err.sender_id.invalid");
    assert_eq!(town.ask_token().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_servers_tell_one_answer_once() {
    let town = Town::open().await;
    for turn in 0..6 {
        let (id, transaction) = (format!("m{turn}"), format!("t{turn}"));
        let asked = (
            header_of(&id, "search", 1),
            search_for(&transaction, &["000188000011"]),
        );
        town.ask("ibr/registry/search", Dialect::Body, (&asked.0, &asked.1))
            .await;
    }
    let (one, other) = tokio::join!(town.round(), town.round());
    assert_eq!((one.told + other.told, one.again + other.again), (6, 0));
    let mut ids: Vec<String> = town
        .messages()
        .iter()
        .map(|message| message.json()["header"]["message_id"].to_string())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), town.messages().len()), (6, 6));
}

#[tokio::test]
async fn an_answer_that_cannot_be_told_is_given_up_and_what_was_asked_is_gone() {
    let mut town = Town::open().await;
    let asked = (
        header_of("m1", "search", 1),
        search_for("t1", &["000188000011"]),
    );
    town.ask("ibr/registry/search", Dialect::Body, (&asked.0, &asked.1))
        .await;
    for turn in 0..10 {
        let down = StatusCode::BAD_GATEWAY;
        town.told.says.lock().expect("unpoisoned").push_back(down);
        let round = town.round().await;
        match turn {
            9 => assert_eq!(
                round,
                Round {
                    given_up: 1,
                    ..Round::default()
                }
            ),
            _ => assert_eq!(
                round,
                Round {
                    again: 1,
                    ..Round::default()
                },
                "{turn}"
            ),
        }
        town.clock = Clock::Fixed(town.clock.now() + SignedDuration::from_hours(24));
    }
    assert_eq!(town.round().await, Round::default());
    assert!(town.messages().is_empty());
    let actor = kernel::Actor::with_every_role("thử");
    let dead = spdci::dead::all(town.db.pool(), &actor).await;
    let [dead] = &dead.expect("reads")[..] else {
        panic!("one dead letter")
    };
    assert_eq!(
        (dead.answers, dead.notices, dead.code.as_str()),
        (1, 0, "busy")
    );
    // A question names people: it is not kept for ever.
    town.clock = Clock::Fixed(town.clock.now() + SignedDuration::from_hours(20 * 24));
    assert_eq!(town.round().await, Round::default());
    let dead = spdci::dead::all(town.db.pool(), &actor).await;
    assert_eq!(dead.expect("reads"), []);
}

#[tokio::test]
async fn a_registration_in_the_social_registry_is_told_and_a_status_comes_back() {
    let town = Town::open().await;
    let filter = json!({"location": {"eq": "51"}});
    let asked = subscription("t1", "REGISTER", filter);
    let made = subscribed(&town, "m1", &asked, "social").await;
    assert_eq!(made["status"], "succ", "{made}");
    town.happens(&[
        registered("p4", "Người Thử p4", "000188000014"),
        enrolled("p4", "poor_adult_with_hiv"),
    ])
    .await;
    assert_eq!(
        town.round().await,
        Round {
            told: 1,
            ..Round::default()
        }
    );
    let notice = town.messages().pop().expect("a notice").json();
    let told = notice["message"]["notify_event"][0]["data"].to_string();
    assert!(told.contains("REGISTER") && !told.contains("hiv"), "{told}");

    let mut status = status_of("t1");
    status["txnstatus_request"]["txn_type"] = json!("subscribe");
    let header = header_of("m2", "txn-status", 1);
    let path = "social/registry/txn/status";
    town.ask(path, Dialect::Jws, (&header, &status)).await;
    assert_eq!(
        town.round().await,
        Round {
            told: 1,
            ..Round::default()
        }
    );
    let answer = town.messages().pop().expect("a status");
    assert_eq!(answer.path, "/spdci/registry/txn/on-status");
    let said = answer.json()["message"]["txnstatus_response"]["txn_status"].take();
    assert_eq!(said["search_response"][0]["status"], "succ");
    let header = header_of("m3", "txn-status", 1);
    let unknown = status_of("cua-ai");
    let path = "social/registry/sync/txn/status";
    let answer = town
        .ask(path, Dialect::Jws, (&header, &unknown))
        .await
        .json();
    let said = &answer["message"]["txnstatus_response"]["txn_status"]["search_response"][0];
    assert_eq!(said["status_reason_code"], "rjct.reference_id.invalid");
}
