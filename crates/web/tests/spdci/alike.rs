//! What every address of the registries refuses alike: who asks without a token, in another's name, too often, or
//! of a site that has no key to sign its answer with.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Answer, Dialect, Town, header_of};
use crate::fuzz::messages;

/// Every address, with the action its messages name and one that is good.
fn addresses() -> Vec<(&'static str, &'static str, Value)> {
    let mut all = messages();
    let status = all
        .iter()
        .find(|it| it.1 == "txn-status")
        .expect("a status");
    all.push(("ibr/registry/txn/status", "txn-status", status.2.clone()));
    all
}

/// Sends each address its message in turn, under ids of its own, as said of the sender.
async fn each(town: &Town, round: &str, sender: Option<&str>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (number, (path, action, message)) in addresses().into_iter().enumerate() {
        let mut header = header_of(&format!("{round}{number}"), action, 1);
        if let Some(sender) = sender {
            header["sender_id"] = json!(sender);
        }
        answers.push(town.ask(path, Dialect::Body, (&header, &message)).await);
    }
    answers
}

fn statuses(answers: &[Answer]) -> Vec<StatusCode> {
    answers.iter().map(|it| it.status).collect()
}

async fn read(town: &Town, path: &str) -> StatusCode {
    let request = Request::get(path).body(Body::empty());
    town.send(request.expect("a request")).await.status
}

#[tokio::test]
async fn whoever_may_not_ask_is_refused_at_every_address() {
    let mut town = Town::open().await;
    town.is_recorded = false;
    let all = addresses().len();
    let token = std::mem::replace(&mut town.token, "khong-co".to_owned());
    let answers = each(&town, "a", None).await;
    assert_eq!(statuses(&answers), vec![StatusCode::UNAUTHORIZED; all]);
    town.token = token;
    let answers = each(&town, "b", Some("ai-do")).await;
    assert_eq!(statuses(&answers), vec![StatusCode::FORBIDDEN; all]);
    let answers = each(&town, "c", None).await;
    assert_eq!(statuses(&answers), vec![StatusCode::OK; all]);
    let mut used_up = 0;
    loop {
        used_up += 1;
        let answers = each(&town, &format!("d{used_up}-"), None).await;
        if statuses(&answers)[0] == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(statuses(&answers), vec![StatusCode::TOO_MANY_REQUESTS; all]);
            break;
        }
        assert!(used_up < 30, "nobody asks so often");
    }
}

#[tokio::test]
async fn a_site_without_a_key_answers_nobody() {
    let mut town = Town::open().await;
    town.is_recorded = false;
    for path in ["/.well-known/jwks.json", "/.well-known/locations.json"] {
        assert_eq!(read(&town, path).await, StatusCode::OK);
    }
    town.signs = false;
    let (all, down) = (addresses().len(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(statuses(&each(&town, "a", None).await), vec![down; all]);
    assert_eq!(town.ask_token().await.status, down);
    assert_eq!(read(&town, "/.well-known/jwks.json").await, down);
}
