//! Events through the JSON interface, and what holds for every POST.

use axum::http::{Method, StatusCode};

use crate::client::Site;

const NDJSON: &str = "application/x-ndjson";

fn registered(id: &str, key: &str) -> String {
    format!(
        r#"{{"event_id":"{id}","kind":"person_registered","person":"{key}","effective":"2024-01-01","source":"thử","full_name":"Người Thử","birth_date":"1950","sex":"female","ethnicity":null,"id_number":null,"area":"21031"}}"#
    )
}

const FIRST: &str = "0190a000-0000-7000-8000-000000000001";
const SECOND: &str = "0190a000-0000-7000-8000-000000000002";

#[tokio::test]
async fn events_are_recorded_row_by_row() {
    let site = Site::open().await;
    let token = site.token("can.bo").await;
    let wrong = r#"{"event_id":"x"}"#;
    let lines = format!("{}\n{wrong}\n", registered(FIRST, "p1"));
    let answer = site
        .api_post("/api/v1/events", &token, "k1", (NDJSON, &lines))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let outcome = answer.json();
    assert_eq!(
        (&outcome["applied"], &outcome["already"]),
        (&1.into(), &0.into())
    );
    assert_eq!(outcome["refused"][0]["row"], 2);

    let array = format!("[{},{}]", registered(FIRST, "p1"), registered(SECOND, "p2"));
    let answer = site
        .api_post("/api/v1/events", &token, "k2", ("application/json", &array))
        .await;
    let outcome = answer.json();
    assert_eq!(
        (&outcome["applied"], &outcome["already"]),
        (&1.into(), &1.into())
    );

    let answer = site
        .api_post("/api/v1/events", &token, "k3", (NDJSON, wrong))
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["code"], "all_rows_refused");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_post_needs_a_key_and_is_done_once_under_it() {
    let site = Site::open().await;
    let token = site.token("can.bo").await;
    let line = registered(FIRST, "p1");
    let send = async |key: &str, body: &str| {
        site.api_post("/api/v1/events", &token, key, (NDJSON, body))
            .await
    };
    let keyless = send("", &line).await;
    assert_eq!(keyless.status, StatusCode::BAD_REQUEST);
    assert_eq!(keyless.json()["code"], "idempotency_key_missing");
    let first = send("k1", &line).await;
    let again = send("k1", &line).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(
        again.json()["applied"],
        1,
        "the stored answer, not a second try"
    );
    let other = send("k1", &registered(SECOND, "p2")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.json()["code"], "idempotency_key_reused");
}

#[tokio::test]
async fn problems_are_documents_and_tokens_are_needed() {
    let site = Site::open().await;
    let anonymous = site
        .api_post("/api/v1/events", "none", "k", (NDJSON, ""))
        .await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    assert_eq!(anonymous.header("www-authenticate"), "Bearer");
    let problem = anonymous.json();
    assert_eq!(problem["type"], "urn:an-sinh:problem:sign_in_needed");
    let reader = site.token("xem").await;
    let denied = site
        .api_post("/api/v1/events", &reader, "k", (NDJSON, ""))
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let nowhere = site.api(Method::GET, "/api/v1/nothing", &reader).await;
    assert_eq!(
        (nowhere.status, &nowhere.json()["code"]),
        (StatusCode::NOT_FOUND, &"not_found".into())
    );
}

#[tokio::test]
async fn the_interface_describes_itself() {
    let site = Site::open().await;
    let description = site.get("/api/openapi.json", "").await.json();
    assert!(
        description["openapi"]
            .as_str()
            .expect("a version")
            .starts_with("3.1")
    );
    let post = &description["paths"]["/api/v1/events"]["post"];
    assert_eq!(post["security"][0]["token"], serde_json::json!([]));
    assert_eq!(post["parameters"][0]["name"], "Idempotency-Key");
    assert_eq!(post["parameters"][0]["required"], true);
}
