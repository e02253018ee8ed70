//! Every form and every operation with bodies nobody sends by mistake. Whatever comes: no failure of
//! ours, nothing secret said again, nothing done by half, and the answer is in Vietnamese.

mod bodies;

use axum::body::Body;
use axum::http::{Method, header};

use crate::client::{Answer, Site};
use crate::neighbours::{HERE, NEXT_DOOR, Place, settled};
use crate::permission::paper::Met;
use crate::permission::{ASKERS, bearing, credentials};
use bodies::{Hostile, MARK, fields_of, forms, operations, shapes};

/// Rows of what matters; a refusal leaves every count as it was.
const KEPT: [&str; 30] = [
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
    "collective_proposal",
    "collective_answer",
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

/// What does not hold of an answer to whatever was sent.
fn fault(answer: &Answer) -> Option<&'static str> {
    let (status, body) = (answer.status, &answer.body);
    // SOAP 1.1 tells faults of the caller too under status 500.
    let callers = body.contains("<faultcode>s:Client</faultcode>");
    if status.is_server_error() && !callers {
        return Some("fails");
    }
    if body.contains(MARK) {
        return Some("says a secret again");
    }
    if body.contains("<script>alert") || answer.headers.contains_key("x-hostile") {
        return Some("lets something through");
    }
    if !status.is_client_error() {
        return None;
    }
    // A form that is shown again may show whom it is about; what only says no says nothing else.
    let says_no = body.contains("<p>Mã lỗi: <code>") || !body.contains("<form");
    if says_no
        && [HERE, NEXT_DOOR]
            .iter()
            .any(|place| body.contains(place.id_number))
    {
        return Some("tells an ID number");
    }
    let media_type = answer.header("content-type");
    let worded = match media_type {
        "application/problem+json" => body
            .chars()
            .any(|letter| "ạảãàáêềệếôộốơờợớưừựứđăặắâầậấ".contains(letter)),
        // Answers to providers' programs are worded by their protocol.
        "application/json" | "text/xml; charset=utf-8" => true,
        _ => body.contains("lang=\"vi\""),
    };
    (!worded).then_some("is not in Vietnamese")
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

/// The faults found, each with what was sent by whom.
async fn assail(
    site: &Site,
    place: &Place,
    with: &[Hostile],
    ways: &[(Method, &'static str)],
) -> Vec<String> {
    let mut faults = Vec::new();
    let credentials = credentials(site).await;
    let mut before = counts(site).await;
    let mut turn = 0;
    for (method, path) in ways {
        let uri = place.fill(path);
        let mut admitted = 0;
        for (credential, (who, _)) in credentials.iter().zip(ASKERS) {
            let page = site.get(&uri, &credential.0).await;
            let fields = fields_of(&page.body);
            let made = match path.starts_with("/api/") {
                true => operations(site, path).await,
                false => forms(&fields),
            };
            for (at, hostile) in with.iter().chain(&made).enumerate() {
                turn += 1;
                let said = format!("{who} {method} {path} with {}", hostile.name);
                let answer = send(site, (method, &uri), credential, hostile, turn).await;
                let after = counts(site).await;
                let half = answer.status.is_client_error() && before != after;
                let fault = fault(&answer).or(half.then_some("is done by half"));
                faults.extend(fault.map(|fault| format!("{said} {fault}")));
                before = after;
                // Who may not come in is not let in by another body.
                if at == 0 && Met::of(&answer) == Met::Refused {
                    break;
                }
                admitted += usize::from(at == 0);
            }
            // What two may do is done alike for all; what anybody may do needs nobody's name.
            if admitted == 2 || who.is_empty() && admitted == 1 {
                break;
            }
        }
    }
    faults
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
    let faults = assail(&site, &places[0], &shapes(), &part(nth)).await;
    assert_eq!(faults, Vec::<String>::new());
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
    let mut faults = Vec::new();
    for (method, path) in web::ways_in() {
        // Printing takes the program that prints.
        if ["/dang-xuat", "/dang-nhap/dinh-danh"].contains(&path) || path.ends_with("/pdf") {
            continue;
        }
        for value in bodies::ADDRESSES {
            let mut uri = String::new();
            for part in path.split_inclusive('/') {
                match part.strip_prefix('{') {
                    Some(_) => {
                        uri += &format!("{value}{}", if part.ends_with('/') { "/" } else { "" })
                    }
                    None => uri += part,
                }
            }
            let asked = [
                "dia-ban", "area", "thang", "month", "trang", "t", "ve", "truoc", "q",
            ]
            .map(|name| format!("{name}={value}"));
            uri = format!("{uri}?{}", asked.join("&"));
            // An officer, somebody of the post, a one-stop system.
            for at in [2, 10, 11] {
                let request = bearing(&method, &uri, &credentials[at]).body(Body::empty());
                let answer = site.send(request.expect("a request")).await;
                let fault = fault(&answer);
                faults.extend(fault.map(|it| format!("{} {method} {uri} {it}", ASKERS[at].0)));
            }
            let place = format!("{}?{}", places[0].fill(path), asked.join("&"));
            if method == Method::GET {
                let request = bearing(&method, &place, &credentials[2]).body(Body::empty());
                let answer = site.send(request.expect("a request")).await;
                faults.extend(fault(&answer).map(|it| format!("{method} {place} {it}")));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}
