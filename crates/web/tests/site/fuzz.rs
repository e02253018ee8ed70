//! Every form and every operation with bodies nobody sends by mistake. Whatever comes: no failure of
//! ours, nothing secret said again, nothing done by half, and the answer is in Vietnamese.

mod bodies;

use axum::body::Body;
use axum::http::{Method, header};

use crate::client::{Answer, Site};
use crate::neighbours::{HERE, NEXT_DOOR, Place, settled};
use crate::permission::{ASKERS, bearing, credentials};
use bodies::{Hostile, MARK, fields_of, forms, operations, shapes};

/// Rows of what matters; a refusal leaves every count as it was.
const KEPT: [&str; 28] = [
    "person",
    "event",
    "fact",
    "enrolment",
    "payee",
    "residence",
    "payment_list",
    "list_line",
    "payment_order",
    "order_line",
    "order_sent",
    "payment_result",
    "ledger_entry",
    "ledger_posting",
    "closure",
    "unlock_request",
    "dossier",
    "dossier_step",
    "dossier_answers",
    "attachment",
    "signed_letter",
    "number_given",
    "person_change",
    "transfer_answer",
    "collective_decision",
    "message",
    "app_user",
    "user_grant",
];

async fn counts(site: &Site) -> Vec<i64> {
    let each = KEPT.map(|table| format!("(select count(*) from {table})"));
    let query = format!("select array[{}]", each.join(","));
    sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .fetch_one(site.db.pool())
        .await
        .expect("counts")
}

/// What holds of an answer to whatever was sent.
fn sound(answer: &Answer, said: &str) {
    let (status, body) = (answer.status, &answer.body);
    assert!(!status.is_server_error(), "{said}: {status} {body}");
    assert!(!body.contains(MARK), "{said} says a secret again");
    assert!(
        !body.contains("<script>alert"),
        "{said} lets a script through"
    );
    assert!(!answer.headers.contains_key("x-hostile"), "{said}");
    if !status.is_client_error() {
        return;
    }
    for place in [HERE, NEXT_DOOR] {
        let shows = body.contains("\"status\"") || body.contains("id=\"loi-chung\"");
        let listed = shows && body.contains(place.id_number);
        assert!(!listed, "{said} tells an ID number");
    }
    let page = body.contains("lang=\"vi\"");
    let problem = answer.header("content-type") == "application/problem+json"
        && body.chars().any(|letter| "ạảãàáêềệếôộốơờợớưừựứđăặắâầậấ".contains(letter));
    let protocol = body.is_empty() || answer.header("content-type") == "application/json";
    assert!(page || problem || protocol, "{said}: {status} {body}");
}

async fn send(
    site: &Site,
    (method, uri): (&Method, &str),
    credential: &(String, String),
    hostile: &Hostile,
    turn: usize,
) -> Answer {
    let mut request = bearing(method, uri, credential)
        .header("idempotency-key", format!("fuzz-{turn}"))
        .header("sec-fetch-site", "same-origin");
    if let Some(media_type) = hostile.media_type {
        request = request.header(header::CONTENT_TYPE, media_type);
    }
    let request = request.body(Body::from(hostile.body.clone()));
    site.send(request.expect("a request")).await
}

async fn assail(site: &Site, place: &Place, with: &[Hostile], ways: &[(Method, &'static str)]) {
    let credentials = credentials(site).await;
    let mut before = counts(site).await;
    let mut turn = 0;
    for (method, path) in ways {
        let uri = place.fill(path);
        for (credential, (who, _)) in credentials.iter().zip(ASKERS) {
            let page = site.get(&uri, &credential.0).await;
            let fields = fields_of(&page.body);
            let made = match path.starts_with("/api/") {
                true => operations(site, path).await,
                false => forms(&fields),
            };
            for hostile in with.iter().chain(&made) {
                turn += 1;
                let said = format!("{who} {method} {path} with {}", hostile.name);
                let answer = send(site, (method, &uri), credential, hostile, turn).await;
                sound(&answer, &said);
                let after = counts(site).await;
                let refused = answer.status.is_client_error();
                assert!(!refused || before == after, "{said} is done by half");
                before = after;
                // Who may not come in is not let in by another body.
                if matches!(answer.status.as_u16(), 401 | 403) && !hostile.name.is_empty() {
                    break;
                }
            }
        }
    }
}

/// A part of the ways in that change something, so that tests share the work.
fn part(nth: usize) -> Vec<(Method, &'static str)> {
    let ways = web::ways_in().into_iter();
    let ways = ways.filter(|(method, path)| method != Method::GET && *path != "/dang-xuat");
    ways.enumerate()
        .filter(|(at, _)| at % 4 == nth)
        .map(|(_, way)| way)
        .collect()
}

async fn assail_part(nth: usize) {
    let (site, places) = settled("51", &[HERE]).await;
    assail(&site, &places[0], &shapes(), &part(nth)).await;
}

#[tokio::test]
async fn hostile_bodies_do_no_harm_in_the_first_quarter() {
    assail_part(0).await;
}

#[tokio::test]
async fn hostile_bodies_do_no_harm_in_the_second_quarter() {
    assail_part(1).await;
}

#[tokio::test]
async fn hostile_bodies_do_no_harm_in_the_third_quarter() {
    assail_part(2).await;
}

#[tokio::test]
async fn hostile_bodies_do_no_harm_in_the_fourth_quarter() {
    assail_part(3).await;
}

#[tokio::test]
async fn hostile_addresses_do_no_harm() {
    let (site, places) = settled("51", &[HERE]).await;
    let credentials = credentials(&site).await;
    for (method, path) in web::ways_in() {
        if path == "/dang-xuat" || path == "/dang-nhap/dinh-danh" {
            continue;
        }
        for value in bodies::ADDRESSES {
            let mut uri = String::new();
            for part in path.split_inclusive('/') {
                match part.strip_prefix('{') {
                    Some(_) => uri += &format!("{value}{}", if part.ends_with('/') { "/" } else { "" }),
                    None => uri += part,
                }
            }
            let asked = ["dia-ban", "area", "thang", "month", "trang", "t", "ve", "truoc", "q"]
                .map(|name| format!("{name}={value}"));
            uri = format!("{uri}?{}", asked.join("&"));
            // An officer, a maker, somebody of the post, a one-stop system.
            for at in [0, 2, 5, 7, 10, 11] {
                let request = bearing(&method, &uri, &credentials[at]).body(Body::empty());
                let answer = site.send(request.expect("a request")).await;
                sound(&answer, &format!("{} {method} {uri}", ASKERS[at].0));
            }
            let place = format!("{}?{}", places[0].fill(path), asked.join("&"));
            if method == Method::GET {
                let request = bearing(&method, &place, &credentials[2]).body(Body::empty());
                let answer = site.send(request.expect("a request")).await;
                sound(&answer, &format!("{method} {place}"));
            }
        }
    }
}
