//! Messages that are well signed and well formed, of values that are not.

use axum::http::StatusCode;
use serde_json::{Value, json};
use spdci::task::Round;

use crate::caller::{Dialect, Town, consent, header_of, search_for};

async fn code_of(town: &Town, id: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut message = search_for(id, &["000188000011"]);
    change(&mut message["search_request"][0]["search_criteria"]);
    let header = header_of(id, "search", 1);
    let path = "ibr/registry/sync/search";
    let answer = town.ask(path, Dialect::Jws, (&header, &message)).await;
    assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{id}");
    match answer.status {
        StatusCode::OK => {
            answer.json()["message"]["search_response"][0]["status_reason_code"].take()
        }
        _ => json!(answer.code()),
    }
}

#[tokio::test]
async fn values_no_database_keeps_are_refused_as_the_standard_shapes_it() {
    let mut town = Town::open().await;
    town.is_recorded = false;
    let criteria = "rjct.search_criteria.invalid";
    let predicate = |operator: &str, value: Value| {
        json!([{"expression1": {"attribute_name": "birth_date", "operator": operator,
            "attribute_value": value}}])
    };
    let many: Vec<String> = (0..101).map(|at| at.to_string()).collect();
    let chain = (0..30).fold(json!({"$eq": "51"}), |inside, _| json!({"area": inside}));
    let queries = [
        (
            "nul",
            "idtype-value",
            json!({"type": "UIN", "value": "0\u{0}1"}),
        ),
        (
            "nul name",
            "idtype-value",
            json!({"type": "name", "value": "a\u{0}"}),
        ),
        (
            "long",
            "idtype-value",
            json!({"type": "UIN", "value": "9".repeat(500)}),
        ),
        (
            "object",
            "idtype-value",
            json!({"type": "UIN", "value": {"$ne": null}}),
        ),
        (
            "list",
            "idtype-value",
            json!({"type": "UIN", "value": ["1"]}),
        ),
        (
            "early",
            "predicate",
            predicate("ge", json!("-009999-01-01")),
        ),
        ("late", "predicate", predicate("le", json!("9999-12-31"))),
        ("no day", "predicate", predicate("eq", json!("2024-02-30"))),
        (
            "many",
            "expression",
            json!({"member_identifier": {"in": many}}),
        ),
        ("deep", "expression", chain),
        ("empty", "expression", json!({})),
        (
            "other type",
            "graphql",
            json!({"type": "UIN", "value": "1"}),
        ),
        (
            "number",
            "idtype-value",
            json!({"type": "member_identifier", "value": "9".repeat(30)}),
        ),
    ];
    for (id, kind, query) in queries {
        let code = code_of(&town, id, |it| {
            it["query_type"] = json!(kind);
            it["query"] = query;
        });
        assert_eq!(code.await, criteria, "{id}");
    }
    let other = |it: &mut Value| it["reg_type"] = json!("ns:org:RegistryType:Social");
    assert_eq!(code_of(&town, "registry", other).await, criteria);
    let own = |it: &mut Value| it["reg_type"] = json!("ns:org:RegistryType:IBR");
    assert_eq!(code_of(&town, "own", own).await, Value::Null);
    for (id, size, code) in [
        ("huge", json!(4_000_000_000_u32), "rjct.pagination.invalid"),
        ("none", json!(0), "rjct.pagination.invalid"),
        ("less", json!(-1), "err.request.bad"),
        ("beyond", json!(u64::MAX), "err.request.bad"),
    ] {
        let code_found = code_of(&town, id, |it| {
            it["pagination"] = json!({"page_size": size})
        });
        assert_eq!(code_found.await, code, "{id}");
    }
    assert_eq!(
        town.log("spdci.search").await.len(),
        1,
        "only what was good"
    );
}

#[tokio::test]
async fn a_bad_subscription_or_status_holds_up_nobody() {
    let mut town = Town::open().await;
    town.is_recorded = false;
    let subscribe = |id: &str, change: (&str, Value)| {
        let mut wanted = json!({"reg_event_type": "enrollement", "notify_record_type": "Member",
            "filter": {"area": {"eq": "51"}}, "authorize": consent()});
        wanted[change.0] = change.1;
        json!({"transaction_id": id, "subscribe_request": [{"reference_id": "r",
            "timestamp": "2024-05-20T09:00:00+07:00", "subscribe_criteria": wanted}]})
    };
    let ever = json!({"start_time": "-008000-01-02T00:00:00Z", "end_time": "2024-06-01T00:00:00Z",
        "frequency": "* * * * *"});
    let born = json!({"birth_date": {"ge": "-009999-01-01"}});
    for (id, change) in [
        ("ever", ("frequency", ever)),
        ("born", ("filter", born)),
        (
            "registry",
            ("reg_type", json!("ns:org:RegistryType:Social")),
        ),
    ] {
        let header = header_of(id, "subscribe", 1);
        let message = subscribe(id, change);
        let path = "ibr/registry/subscribe";
        town.ask(path, Dialect::Jws, (&header, &message)).await;
        let told = Round {
            told: 1,
            ..Round::default()
        };
        assert_eq!(town.round().await, told, "{id}");
        let answer = town.messages().pop().expect("an answer").json();
        let answer = &answer["message"]["subscribe_response"][0];
        assert_eq!(
            answer["status_reason_code"], "rjct.notify_details.invalid",
            "{id}"
        );
    }
    for (at, field) in ["txn_type", "attribute_type", "attribute_value"]
        .iter()
        .enumerate()
    {
        let mut asked = json!({"reference_id": "s", "txn_type": "search",
            "attribute_type": "transaction_id", "attribute_value": "t"});
        asked[*field] = json!("\u{0}");
        let message = json!({"transaction_id": "ts", "txnstatus_request": asked});
        let header = header_of(&format!("s{at}"), "txn-status", 1);
        let path = "ibr/registry/sync/txn/status";
        let answer = town.ask(path, Dialect::Jws, (&header, &message)).await;
        match *field {
            "attribute_value" => assert_eq!(answer.status, StatusCode::OK, "{}", answer.body),
            _ => assert_eq!(answer.code(), "err.request.bad", "{field}"),
        }
    }
    let form = "grant_type=client_credentials&client_id=%00&client_secret=x";
    let refused = town.form(form).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.json()["error"], "invalid_client");
}
