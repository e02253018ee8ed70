//! Every change of the JSON interface is made under a key: while the first request with it is being worked on,
//! and after it was used for another, the change says so and is not made.

use std::collections::BTreeSet;

use access::idempotency::{self, Claim, Ticket};
use axum::body::Body;
use axum::http::{Method, header};

use crate::client::Site;
use crate::neighbours::{HERE, Place, settled};
use crate::permission::{ASKERS, bearing, credentials};

/// The key of everybody.
const KEY: &str = "k-cung";

/// The changes whose answers tell of one key: those of other systems are known by their own ids.
fn changes() -> impl Iterator<Item = &'static str> {
    let others = ["/api/v1/exchange/", "/api/v1/g2p/", "/api/v1/spdci/"];
    web::ways_in()
        .into_iter()
        .filter(|(method, _)| *method == Method::POST)
        .map(|(_, path)| path)
        .filter(move |path| {
            path.starts_with("/api/v1/") && !others.iter().any(|other| path.starts_with(other))
        })
}

/// A claim of somebody's key, for a request that is none of these.
async fn claimed(site: &Site, name: &str) -> Ticket {
    let (pool, now) = (site.db.pool(), site.clock.now());
    match idempotency::claim(pool, now, name, KEY, b"another").await {
        Ok(Claim::Fresh(ticket)) => ticket,
        _ => panic!("nobody used the key"),
    }
}

/// The changes that somebody is told this code of.
async fn told(
    (site, here): (&Site, &Place),
    credential: &(String, String),
    code: &str,
) -> BTreeSet<&'static str> {
    let form = "--x\r\nContent-Disposition: form-data; name=\"paper\"\r\n\r\nTờ khai\r\n--x--\r\n";
    let mut told = BTreeSet::new();
    for path in changes() {
        let is_form = path.ends_with("/papers") || path.ends_with("/signature");
        let (media_type, body) = match is_form {
            true => ("multipart/form-data; boundary=x", form),
            false => ("application/json", "{}"),
        };
        let uri = format!("{}?provider=buu-dien", here.fill(path));
        let request = bearing(&Method::POST, &uri, credential);
        let request = request.header("idempotency-key", KEY);
        let request = request.header(header::CONTENT_TYPE, media_type);
        let answer = site.send(request.body(Body::from(body)).expect("a request"));
        if answer.await.body.contains(code) {
            told.insert(path);
        }
    }
    told
}

#[tokio::test]
async fn a_key_in_use_or_used_for_another_request_is_said_of_every_change() {
    let (site, places) = settled("51", &[HERE]).await;
    let at = (&site, &places[0]);
    let (mut in_use, mut used) = (BTreeSet::new(), BTreeSet::new());
    let askers = ASKERS.iter().zip(credentials(&site).await).skip(1);
    for ((name, _), credential) in askers {
        let ticket = claimed(&site, name).await;
        in_use.extend(told(at, &credential, "idempotency_key_in_progress").await);
        let answer = idempotency::Answer {
            status: 201,
            content_type: "application/json".to_owned(),
            body: b"{}".to_vec(),
        };
        ticket.keep(&answer).await.expect("kept");
        used.extend(told(at, &credential, "idempotency_key_reused").await);
    }
    let all: BTreeSet<&str> = changes().collect();
    assert_eq!(in_use, all);
    assert_eq!(used, all);
}
