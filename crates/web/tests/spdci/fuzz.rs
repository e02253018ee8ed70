//! Every value of every message in turn replaced by something nobody sends by mistake, well signed: no failure of
//! ours, an answer in a described shape, and nothing left that holds others up.

use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::Clock;
use serde_json::{Value, json};
use spdci::jws;

use crate::caller::{Dialect, NAME, Town, consent, header_of, search_for};

/// Of each kind of message: where it goes, what its header says, and one that is good.
pub(crate) fn messages() -> Vec<(&'static str, &'static str, Value)> {
    let at = json!("2024-05-20T09:00:00+07:00");
    let predicate = json!([{"expression1": {"attribute_name": "birth_date", "operator": "ge",
        "attribute_value": "1950-01-01"}, "condition": "and", "expression2": {
            "attribute_name": "area", "operator": "in", "attribute_value": ["51"]}}]);
    let mut by_predicate = search_for("t", &["000188000011"]);
    let criteria = &mut by_predicate["search_request"][0]["search_criteria"];
    criteria["query_type"] = json!("predicate");
    criteria["query"] = predicate;
    criteria["pagination"] = json!({"page_size": 10, "page_number": 1});
    criteria["authorize"] = consent();
    criteria["reg_type"] = json!("ns:org:RegistryType:IBR");
    let person = json!({"type": "UIN", "value": "000188000011"});
    let subscribe = json!({"transaction_id": "t", "subscribe_request": [{"reference_id": "r",
        "timestamp": at, "subscribe_criteria": {"reg_type": "ns:org:RegistryType:IBR",
            "reg_event_type": "enrollement", "notify_record_type": "Member", "authorize": consent(),
            "frequency": {"start_time": at, "end_time": "2024-12-31T00:00:00Z", "frequency": "* * * * *"},
            "filter_type": "expression", "filter": {"$and": [{"area": {"$eq": "51"}}]}}}]});
    let status = json!({"transaction_id": "t", "txnstatus_request": {"reference_id": "s",
        "txn_type": "search", "attribute_type": "reference_id_list", "attribute_value": ["r0", "r1"]}});
    let report = json!({"transaction_id": "t", "enrolled_updates": {"beneficiaries": [{"member": {
        "member_identifier": "1", "demographic_info": {
            "identifier": [{"identifier_type": "UIN", "identifier_value": "000188000011"}]},
        "programme_identifier": [{"programme": {"programme_identifier": "LUONG-HUU",
            "programme_name": "Lương hưu"}, "enrolment_date": "2023-02-01",
            "status_change_date": "2023-02-02", "enrolment_status": "active",
            "benefits": [{"benefit_type": "Cash"}]}]}}]}});
    vec![
        ("ibr/registry/sync/search", "search", by_predicate),
        (
            "ibr/registry/search",
            "search",
            search_for("t", &["000188000011"]),
        ),
        (
            "ibr/registry/sync/enrolled",
            "search",
            json!({"transaction_id": "t",
            "enrolled_criteria": {"query_type": "idtype-value", "query": person}}),
        ),
        ("ibr/registry/subscribe", "subscribe", subscribe),
        (
            "ibr/registry/unsubscribe",
            "unsubscribe",
            json!({"transaction_id": "t",
            "timestamp": at, "subscription_codes": ["ma-1"]}),
        ),
        ("social/registry/sync/txn/status", "txn-status", status),
        ("ibr/registry/sync/enrollment/updates", "notify", report),
    ]
}

fn hostile() -> Vec<Value> {
    let deep = (0..60).fold(json!(1), |inside, _| json!([inside]));
    vec![
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{202e}\u{fffe}\u{1F4A3}"),
        json!("';--\r\nx: y"),
        json!("9".repeat(70_000)),
        json!(""),
        json!("-009999-12-31T23:59:59Z"),
        json!("+999999-12-31"),
        json!("%"),
        json!(null),
        json!(true),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!([]),
        json!({}),
        json!(["\u{0}", {"$ne": null}]),
        json!({"$in": ["\u{0}"], "value": {"expression": {"query": {"a": 1}}}}),
        deep,
    ]
}

/// Where in a value something stands that can be replaced.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inside) in fields {
                found.push(format!("{here}/{name}"));
                places(inside, &format!("{here}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, inside) in items.iter().enumerate() {
                found.push(format!("{here}/{at}"));
                places(inside, &format!("{here}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// Asks, a little later each time: nobody is refused for asking often here.
async fn ask(town: &mut Town, turn: usize, path: &str, whole: &Value) -> StatusCode {
    town.clock = Clock::Fixed(town.clock.now() + SignedDuration::from_millis(2_500));
    if turn.is_multiple_of(300) {
        let token = town.ask_token().await.json();
        town.token = token["access_token"].as_str().expect("a token").to_owned();
    }
    let dialect = if turn.is_multiple_of(2) {
        Dialect::Body
    } else {
        Dialect::Jws
    };
    let answer = town
        .ask(path, dialect, (&whole["header"], &whole["message"]))
        .await;
    assert!(
        !answer.status.is_server_error(),
        "{path}: {whole} {}",
        answer.body
    );
    answer.status
}

#[tokio::test]
async fn every_value_of_every_message_may_be_anything() {
    let mut town = Town::open().await;
    town.is_recorded = false;
    let mut turn = 0;
    for (path, action, message) in messages() {
        let good = json!({"header": header_of("m", action, 1), "message": message});
        let mut found = Vec::new();
        places(&good, "", &mut found);
        let (mut taken, mut refused) = (0, 0);
        for (at, place) in found.iter().enumerate() {
            // A third of them each, so that every kind of value comes to every kind of message.
            for value in hostile().into_iter().skip(at % 3).step_by(3) {
                turn += 1;
                let mut whole = good.clone();
                whole["header"]["message_id"] = json!(format!("f{turn}"));
                whole["message"]["transaction_id"] = json!(format!("t{turn}"));
                whole["header"]["message_ts"] = json!(town.clock.now());
                *whole.pointer_mut(place).expect("a place of it") = value;
                match ask(&mut town, turn, path, &whole).await {
                    StatusCode::OK => taken += 1,
                    _ => refused += 1,
                }
            }
        }
        assert!(
            taken > 0 && refused > 0,
            "{path}: {taken} taken, {refused} refused"
        );
        let mut round = town.round().await;
        while round.told > 0 {
            round = town.round().await;
        }
        assert_eq!((round.again, round.given_up), (0, 0), "{path}");
    }
    let stuck = "select count(*) from spdci_task where state <> 'told'";
    let stuck: i64 = sqlx::query_scalar(stuck)
        .fetch_one(town.db.pool())
        .await
        .expect("counts");
    assert_eq!(stuck, 0);
    let (header, message) = (
        header_of("tot", "search", 1),
        search_for("tot", &["000188000011"]),
    );
    let mut whole = json!({"header": header, "message": message});
    whole["header"]["message_ts"] = json!(town.clock.now());
    let sane = ask(&mut town, 300, "ibr/registry/sync/search", &whole).await;
    assert_eq!(sane, StatusCode::OK, "who asks well is answered as ever");
}

#[tokio::test]
async fn who_asks_for_a_token_with_anything_is_refused_in_the_words_of_the_standard() {
    let town = Town::open().await;
    let second = town.clock.now().as_second();
    let strange = [
        "%00",
        "a%00b",
        "%E2%80%AE",
        "%F0%9F%92%A3",
        "'%3B--",
        "%0d%0ax",
        "%ff",
        "",
    ];
    let long = "9".repeat(70_000);
    for value in strange.iter().copied().chain([long.as_str()]) {
        for form in [
            format!("grant_type=client_credentials&client_id={value}&client_secret=x"),
            format!("grant_type=client_credentials&client_id={NAME}&client_secret={value}"),
            format!("grant_type={value}&client_id={NAME}&client_secret=x"),
            format!(
                "grant_type=client_credentials&client_id={NAME}&client_assertion={value}\
                 &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            ),
        ] {
            let answer = town.form(&form).await;
            let short: String = form.chars().take(120).collect();
            let said = answer.json()["error"].take();
            assert!(said.is_string(), "{short}: {}", answer.body);
            assert!(answer.status.is_client_error(), "{short}: {}", answer.body);
            // What is no UTF-8 is no form.
            if form.starts_with("grant_type=client_credentials") && value != "%ff" {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{short}");
                assert_eq!(said, "invalid_client", "{short}");
            }
        }
    }
    for claim in ["iss", "sub", "aud", "exp", "jti"] {
        for value in hostile() {
            let mut claims = json!({"iss": NAME, "sub": NAME, "aud": "an-sinh", "exp": second + 300,
                "jti": "mot-lan-thoi"});
            // Any name is one, as long as it can be kept; each of those here comes once.
            let plain =
                |text: &str| (8..=100).contains(&text.len()) && !text.contains(char::is_control);
            let names = claim == "jti" && value.as_str().is_some_and(plain);
            claims[claim] = value;
            let head = json!({"alg": "EdDSA", "kid": town.their_key.id()});
            let assertion = jws::sign(&town.their_key, &head, claims.to_string().as_bytes());
            let answer = town
                .form(&format!(
                    "grant_type=client_credentials&client_id={NAME}&client_assertion={assertion}\
                     &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                ))
                .await;
            let expected = if names {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            };
            assert_eq!(answer.status, expected, "{claim}: {}", answer.body);
        }
    }
}
