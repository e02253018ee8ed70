//! The description of the exchange is true both ways: every answer is described, every described answer is
//! given, and what the description lets a sender leave out or say is taken so.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use exchange::{Dialect, Mode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::{Answer, PDF, Site};
use crate::contract::{faults, resolved, statuses};
use crate::dialect_pull::speak;
use crate::one_stop::{act, connect};

const ROOT: &str = "/api/v1/exchange";
const DOSSIER: &str = "000.00.00.H51-240506-0001";

/// A site, what it says of itself, and what was seen of it.
struct Held {
    site: Site,
    token: String,
    description: Value,
    seen: BTreeSet<(String, String, String)>,
}

impl Held {
    async fn open() -> Held {
        let site = Site::open().await;
        connect(&site, &["51"], Mode::TwoWay, None).await;
        let token = site.token("mot.cua").await;
        let description = site.get("/api/openapi.json", "").await.json();
        Held {
            site,
            token,
            description,
            seen: BTreeSet::new(),
        }
    }

    /// Asks for an operation by its template, and holds the answer against what is described.
    async fn ask(
        &mut self,
        method: Method,
        (template, given): (&str, &str),
        body: Vec<u8>,
    ) -> Answer {
        let token = self.token.clone();
        self.ask_as(&token, method, (template, given), body).await
    }

    async fn ask_as(
        &mut self,
        token: &str,
        method: Method,
        (template, given): (&str, &str),
        body: Vec<u8>,
    ) -> Answer {
        let path = format!("{ROOT}/{template}");
        let uri = match path.split_once('{') {
            Some((before, after)) => {
                let after = after.split_once('}').expect("a template").1;
                format!("{before}{given}{after}")
            }
            None => format!("{path}{given}"),
        };
        let request = Request::builder()
            .method(method.clone())
            .uri(uri)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body));
        let answer = self.site.send(request.expect("a request")).await;
        let found = faults(&self.description, (&method, &path), &answer);
        assert_eq!(found, Vec::<String>::new());
        let status = answer.status.as_u16().to_string();
        self.seen.insert((method.to_string(), path, status));
        answer
    }

    async fn post(&mut self, template: &str, given: &str, body: &Value) -> Answer {
        let body = body.to_string().into_bytes();
        self.ask(Method::POST, (template, given), body).await
    }
}

fn id(number: u32) -> String {
    format!("0190a000-0000-7000-8000-{number:012}")
}

fn submission(number: u32) -> Value {
    let code = format!("000.00.00.H51-240506-{number:04}");
    json!({"id": id(number), "dossier": code, "seq": 1, "at": "2024-05-06T08:00:00+07:00",
           "procedure": "1.001776", "area": "21031", "channel": "online", "applicant": "Người Thử",
           "applicant_id_number": "000180000011", "papers": [{"name": "Tờ khai", "file": hash(PDF)}]})
}

fn hash(content: &[u8]) -> String {
    files::FileHash(Sha256::digest(content).into()).to_string()
}

/// The way of a dossier, with everything that may be answered on it.
async fn way(held: &mut Held) {
    let (dossiers, one) = ("dossiers", "dossiers/{code}");
    let (supplements, withdrawal) = ("dossiers/{code}/supplements", "dossiers/{code}/withdrawal");
    let file = "files/{sha256}";
    let name = hash(PDF);
    for status in [StatusCode::CREATED, StatusCode::OK] {
        let put = held.ask(Method::PUT, (file, &name), PDF.to_vec()).await;
        assert_eq!(put.status, status);
    }
    held.ask(Method::PUT, (file, &hash(b"a")), PDF.to_vec())
        .await;
    held.ask(Method::GET, (file, &name), Vec::new()).await;
    held.ask(Method::GET, (file, &hash(b"a")), Vec::new()).await;
    let taken = held.post(dossiers, "", &submission(1)).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let mut other = submission(1);
    other["applicant"] = json!("Người Khác");
    held.post(dossiers, "", &other).await;
    act(
        &held.site,
        DOSSIER,
        "received",
        "2024-05-06T09:00",
        json!({}),
    )
    .await;
    let asks = json!({"papers": ["Giấy xác nhận"], "reason": "thiếu"});
    act(
        &held.site,
        DOSSIER,
        "supplement_asked",
        "2024-05-07T09:00",
        asks,
    )
    .await;
    let papers = json!({"id": id(2_001), "seq": 2, "at": "2024-05-08T08:00:00+07:00",
                        "papers": [{"name": "Giấy xác nhận"}]});
    held.post(supplements, DOSSIER, &papers).await;
    held.post(supplements, DOSSIER, &json!({"id": id(2_001)}))
        .await;
    let back =
        json!({"id": id(3_001), "seq": 3, "at": "2024-05-09T08:00:00+07:00", "reason": "nộp nhầm"});
    held.post(withdrawal, DOSSIER, &back).await;
    held.post(withdrawal, DOSSIER, &json!({"id": id(3_001)}))
        .await;
    held.ask(Method::GET, (one, DOSSIER), Vec::new()).await;
    for wrong in ["000.00.00.H51-240506-9999", "%FF"] {
        held.ask(Method::GET, (one, wrong), Vec::new()).await;
    }
    act(
        &held.site,
        DOSSIER,
        "stopped",
        "2024-05-10T09:00",
        json!({"reason": "công dân xin rút"}),
    )
    .await;
    held.ask(Method::GET, (one, DOSSIER), Vec::new()).await;
    let told = held
        .ask(Method::GET, ("messages", ""), Vec::new())
        .await
        .json();
    let (ack, message) = (
        "messages/{message}/ack",
        told[0]["id"].as_str().expect("an id").to_owned(),
    );
    held.post(ack, &message, &json!({"failed": " "})).await;
    held.post(ack, &message, &json!({})).await;
    held.post(ack, &message, &json!({"failed": "không đọc được"}))
        .await;
    held.post(ack, &id(9_999), &json!({})).await;
}

#[tokio::test]
async fn every_answer_of_the_exchange_is_described_and_every_described_one_is_given() {
    let mut held = Held::open().await;
    way(&mut held).await;
    let officer = held.site.token("can.bo").await;
    let operations: Vec<(Method, String)> = web::ways_in()
        .into_iter()
        .filter(|(_, path)| path.starts_with(ROOT))
        .map(|(method, path)| (method, path[ROOT.len() + 1..].to_owned()))
        // The other dialects have tests of their own.
        .filter(|(_, path)| !path.starts_with("pull/") && !path.starts_with("x-road/"))
        .collect();
    // What is answered alike to all: nobody, somebody else, nonsense, too much, no connection.
    for (method, template) in &operations {
        let at = (
            template.as_str(),
            if template.contains('{') { DOSSIER } else { "" },
        );
        let of_message = (template.as_str(), "0190a000-0000-7000-8000-000000000001");
        let at = if template.contains("{message}") {
            of_message
        } else {
            at
        };
        held.ask_as("unknown", method.clone(), at, Vec::new()).await;
        held.ask_as(&officer, method.clone(), at, Vec::new()).await;
        let nonsense = b"{\"a\":".to_vec();
        match template.as_str() {
            "messages" => {
                held.ask(method.clone(), ("messages", "?limit=x"), nonsense)
                    .await
            }
            _ => held.ask(method.clone(), at, nonsense).await,
        };
        if method != Method::GET {
            let name = hash(b"large");
            let at = if template.contains("{sha256}") {
                (template.as_str(), name.as_str())
            } else {
                at
            };
            held.ask(method.clone(), at, vec![b' '; 26 << 20]).await;
        }
    }
    connect(&held.site, &["51"], Mode::OneWayOut, None).await;
    for (method, template) in &operations {
        if *method == Method::PUT {
            let content = b"%PDF-1.7\n2 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n".to_vec();
            let name = hash(&content);
            held.ask(Method::PUT, (template, &name), content).await;
        } else if *method == Method::POST && template.starts_with("dossiers") {
            let mut body = submission(77);
            if template != "dossiers" {
                body = json!({"id": id(88), "seq": 9, "at": "2024-05-09T08:00:00+07:00"});
                let last = if template.contains("supplements") {
                    "papers"
                } else {
                    "reason"
                };
                body[last] = if last == "papers" {
                    json!([{"name": "a"}])
                } else {
                    json!("a")
                };
            }
            held.post(
                template,
                DOSSIER
                    .get(
                        ..if template == "dossiers" {
                            0
                        } else {
                            DOSSIER.len()
                        },
                    )
                    .expect("ASCII"),
                &body,
            )
            .await;
        }
    }
    speak(&held.site, Dialect::Pull, None).await;
    held.ask(Method::GET, ("messages", ""), Vec::new()).await;
    let mut never = Vec::new();
    for (method, template) in &operations {
        let path = format!("{ROOT}/{template}");
        for status in statuses(&held.description, method, &path) {
            // Held by the tests of `provinces`: it takes thousands of requests.
            let seen = held
                .seen
                .contains(&(method.to_string(), path.clone(), status.to_owned()));
            if !seen && status != "429" {
                never.push(format!("{method} {path} {status}"));
            }
        }
    }
    assert_eq!(never, Vec::<String>::new(), "described and never answered");
}

#[tokio::test]
async fn what_the_description_requires_is_required_and_what_it_lets_out_may_be_left_out() {
    let mut held = Held::open().await;
    let operation = &held.description["paths"][format!("{ROOT}/dossiers")]["post"];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let shape = resolved(&held.description, schema).clone();
    let required: Vec<&str> = shape["required"]
        .as_array()
        .expect("fields")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let fields: Vec<&String> = shape["properties"]
        .as_object()
        .expect("fields")
        .keys()
        .collect();
    // Whatever else may be said of a dossier is said of this one.
    let whole = submission(1);
    for (number, field) in (100..).zip(&fields) {
        let mut body = submission(number);
        body.as_object_mut().expect("fields").remove(*field);
        let answer = held.post("dossiers", "", &body).await;
        let may = !required.contains(&field.as_str());
        assert_eq!(
            answer.status == StatusCode::OK,
            may,
            "without {field}: {}",
            answer.body
        );
    }
    for field in whole.as_object().expect("fields").keys() {
        assert!(
            fields.contains(&field),
            "{field} is taken and not described"
        );
    }
    let mut more = submission(99);
    more["unheard_of"] = json!(1);
    let answer = held.post("dossiers", "", &more).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.body
    );
}
