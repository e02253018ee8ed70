//! What is answered at once.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::caller::{Dialect, NAME, Town, consent, header_of, search_for};

const SEARCH: &str = "ibr/registry/sync/search";

#[tokio::test]
async fn a_search_is_answered_signed_as_it_was_asked_and_written_down() {
    let town = Town::open().await;
    for (id, dialect) in [("m1", Dialect::Body), ("m2", Dialect::Jws)] {
        let asked = (
            header_of(id, "search", 2),
            search_for("t1", &["000188000011", "000188000099"]),
        );
        let answer = town.ask(SEARCH, dialect, (&asked.0, &asked.1)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.signature.is_some(), dialect == Dialect::Jws);
        assert!(town.is_ours(answer.body.as_bytes(), answer.signature.as_deref()));
        let said = answer.json();
        assert_eq!(said["header"]["action"], "on-search");
        let found = &said["message"]["search_response"];
        let record = &found[0]["data"]["reg_records"][0];
        assert_eq!(
            record["member"]["demographic_info"]["name"]["surname"],
            "Người"
        );
        assert_eq!(
            record["member"]["programme_identifier"][0]["programme"]["programme_identifier"],
            "disability"
        );
        assert_eq!(found[0]["pagination"]["total_count"], 1);
        assert_eq!(found[1]["data"]["reg_records"], json!([]));
        assert!(
            !answer.body.contains("000188000011"),
            "an ID number only finds"
        );
    }
    let log = town.log("spdci.search").await;
    assert_eq!(log.len(), 4);
    let (actor, detail) = log.last().expect("the first entry");
    assert_eq!(actor, &format!("spdci:{NAME}"));
    assert_eq!(detail["consent"]["purpose"], "tro-cap");
    assert_eq!(detail["consent"]["id"], "dong-y-1");
    assert_eq!(detail["people"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn each_search_of_a_message_is_judged_by_itself() {
    let town = Town::open().await;
    let item = |id: &str, change: &[(&str, Value)]| {
        let mut item = search_for("t", &["000188000011"])["search_request"][0].take();
        item["reference_id"] = json!(id);
        let criteria = item["search_criteria"].as_object_mut().expect("an object");
        for (field, value) in change {
            criteria.insert((*field).to_owned(), value.clone());
        }
        criteria.retain(|_, value| !value.is_null());
        item
    };
    let mut other_purpose = consent();
    other_purpose["purpose"]["code"] = json!("quang-cao");
    let place = json!([{"expression1": {"attribute_name": "area", "operator": "eq",
        "attribute_value": "51"}, "condition": "and", "expression2": {"attribute_name":
        "birth_date", "operator": "lt", "attribute_value": "1990-01-01"}}]);
    let mut either = place.clone();
    either[0]["condition"] = json!("or");
    let phone = json!({"type": "phone", "value": "0900000001"});
    let hidden = json!({"value": {"expression": {"query": {"$and": [{"programme_identifier":
        {"$eq": "poor_adult_with_hiv"}}]}}}});
    let items = json!([
        item("good", &[]),
        item("good", &[]),
        item("no consent", &[("consent", Value::Null)]),
        item("other purpose", &[("consent", other_purpose)]),
        item("unknown attribute", &[("query", phone)]),
        item(
            "hidden benefit",
            &[("query_type", json!("expression")), ("query", hidden)]
        ),
        item("page", &[("pagination", json!({"page_size": 5000}))]),
        item("sorted", &[("sort", json!([{"attribute_name": "name"}]))]),
        item(
            "predicate",
            &[("query_type", json!("predicate")), ("query", place)]
        ),
        item(
            "or",
            &[("query_type", json!("predicate")), ("query", either)],
        ),
    ]);
    let asked = json!({"transaction_id": "t", "search_request": items});
    let header = header_of("m", "search", 10);
    let answer = town.ask(SEARCH, Dialect::Body, (&header, &asked)).await;
    let said = answer.json();
    let found = said["message"]["search_response"]
        .as_array()
        .expect("answers");
    let codes: Vec<&str> = found
        .iter()
        .map(|item| item["status_reason_code"].as_str().unwrap_or("succ"))
        .collect();
    let criteria = "rjct.search_criteria.invalid";
    assert_eq!(
        codes,
        [
            "succ",
            "rjct.reference_id.duplicate",
            criteria,
            criteria,
            criteria,
            criteria,
            "rjct.pagination.invalid",
            "rjct.sort.invalid",
            "succ",
            criteria,
        ]
    );
    let people = found[8]["data"]["reg_records"].as_array().map(Vec::len);
    assert_eq!(people, Some(2), "who receives what may be told of");
}

#[tokio::test]
async fn whether_somebody_is_enrolled_is_yes_or_no() {
    let town = Town::open().await;
    let asked = |who: &str, programme: Option<&str>| {
        let mut query = json!({"person_identifier": {"eq": who}});
        if let Some(programme) = programme {
            query["programme_identifier.program.programme_identifier"] = json!({"eq": programme});
        }
        json!({"transaction_id": "t", "enrolled_criteria": {"query": query}})
    };
    let cases = [
        (asked("000188000011", None), "succ", "yes"),
        (asked("000188000011", Some("disability")), "succ", "yes"),
        (
            asked("000188000011", Some("poor_single_parent")),
            "succ",
            "no",
        ),
        (asked("000188000013", None), "succ", "no"),
        (asked("000188000099", None), "succ", "no"),
        (
            asked("000188000013", Some("poor_adult_with_hiv")),
            "rjct",
            "no",
        ),
    ];
    for (at, (message, status, yes)) in cases.iter().enumerate() {
        let header = header_of(&format!("m{at}"), "search", 1);
        let path = "ibr/registry/sync/enrolled";
        let answer = town.ask(path, Dialect::Body, (&header, message)).await;
        let said = answer.json()["message"]["enrolled_response"][0].take();
        let found = (said["status"].as_str(), said["enrolled_status"].as_str());
        assert_eq!(found, (Some(*status), Some(*yes)), "{}", answer.body);
    }
}
