//! Every answer of the JSON interface is described: held of every request of every test of the site. Not held are the
//! registries' messages, which have tests of their own, what is larger than a way in takes, which is told before
//! any operation is reached, and errors of the machine.
//! `API_FAULTS=FILE` writes down everything that does not hold instead of stopping at the first.

use std::io::Write;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;
use tokio::sync::OnceCell;
use tower::ServiceExt;

use crate::client::Answer;
use crate::contract::faults;
use crate::trail::way;

static DESCRIPTION: OnceCell<Value> = OnceCell::const_new();

/// What the interface says of itself.
pub(crate) async fn description(router: &Router) -> &'static Value {
    let asked = async || {
        let request = Request::get("/api/openapi.json").body(Body::empty());
        let answer = router.clone().oneshot(request.expect("a request")).await;
        let body = to_bytes(answer.expect("never fails").into_body(), usize::MAX).await;
        serde_json::from_slice(&body.expect("reads")).expect("JSON")
    };
    DESCRIPTION.get_or_init(asked).await
}

/// Holds an answer against what is described of its operation.
pub(crate) async fn check(router: &Router, method: &Method, path: &str, answer: &Answer) {
    if let Some(way) = way(method, path) {
        testkit::answered(method.as_str(), way, answer.status.as_u16());
    }
    let apart = !path.starts_with("/api/v1/") || path.starts_with("/api/v1/spdci/");
    let (status, too_large) = (answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    if apart || status == too_large || status.is_server_error() && !path.ends_with("/soap") {
        return;
    }
    let Some(way) = way(method, path) else { return };
    let found = faults(description(router).await, (method, way), answer);
    if let Ok(file) = std::env::var("API_FAULTS") {
        for fault in &found {
            note(&file, &fault.chars().take(300).collect::<String>());
        }
        return;
    }
    assert_eq!(found, Vec::<String>::new());
}

fn note(file: &str, line: &str) {
    let file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file);
    let line = format!("{line}\n");
    file.expect("opens")
        .write_all(line.as_bytes())
        .expect("writes");
}

/// After all tests, where what they were answered was written down: `script/test` does.
#[tokio::test]
#[ignore = "looks at what all the other tests were answered"]
async fn whatever_is_described_is_answered_in_some_test() {
    let site = crate::client::Site::open().await;
    let answered = testkit::all_answered().expect("API_ANSWERS names the file");
    let description = site.get("/api/openapi.json", "").await.json();
    let paths = description["paths"].as_object();
    let mut never = Vec::new();
    for (path, operations) in paths.expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            for status in operation["responses"].as_object().expect("answers").keys() {
                let answer = format!("{} {path} {status}", method.to_uppercase());
                // Of thousands of requests in ten seconds: held by the tests of `provinces`.
                let too_many = status == "429" && path.starts_with("/api/v1/exchange/");
                if !too_many && !answered.contains(&answer) {
                    never.push(answer);
                }
            }
        }
    }
    assert_eq!(never, Vec::<String>::new(), "described and never answered");
}
