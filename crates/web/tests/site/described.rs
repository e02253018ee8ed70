//! Every answer of the JSON interface is described: held of every request of every test of the site. Not held are the
//! registries' messages, which have tests of their own, what is larger than a way in takes, which is told before
//! any operation is reached, and errors of the machine.
//! `API_FAULTS=FILE` writes down everything that does not hold instead of stopping at the first. That whatever is
//! described is answered in some test is seen once all ran: `examples/unanswered.rs`.

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
    let first = |fault: &String| fault.chars().take(300).collect::<String>();
    let noted = |fault: &String| testkit::write_down("API_FAULTS", &first(fault));
    let left: Vec<&String> = found.iter().filter(|fault| !noted(fault)).collect();
    assert_eq!(left, Vec::<&String>::new());
}
