//! What must not come in over the exchange: content nobody sends by mistake, files that are not what their
//! name says, and requests that are not what their sender signed. Refused with a clear answer, in the audit log
//! without a word of the content, and nothing half done.

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use exchange::Mode;
use exchange::key::{self, NewKey};
use exchange::signature::{self, content_digest};
use futures_util::stream;
use g2p::SigningKey;
use jiff::SignedDuration;
use kernel::Actor;
use serde_json::{Value, json};

use crate::client::{Answer, PDF, Site};
use crate::one_stop::connect;

const DOSSIER: &str = "000.00.00.H51-240506-0001";
const DOSSIERS: &str = "/api/v1/exchange/dossiers";
const HOST: &str = "an-sinh.example";
const JSON: &str = "application/json";
/// Stands in what is sent, and nowhere afterwards.
const APPLICANT: &str = "Nguyễn Thị Không Ai Biết";

/// Everything an exchange writes, but for the audit log and the nonces.
const KEPT: [&str; 10] = [
    "exchange_inbox",
    "exchange_inbox_outcome",
    "exchange_outbox",
    "exchange_open",
    "exchange_delivery",
    "exchange_file",
    "exchange_paper",
    "dossier",
    "dossier_step",
    "attachment",
];

fn everybody() -> Actor {
    Actor::with_every_role("thử")
}

async fn connected() -> (Site, String) {
    let site = Site::open().await;
    connect(&site, &["51", "48"], Mode::TwoWay, None).await;
    let token = site.token("mot.cua").await;
    (site, token)
}

async fn counts(site: &Site) -> Vec<i64> {
    let each = KEPT.map(|table| format!("(select count(*) from {table})"));
    let query = format!("select array[{}]", each.join(","));
    let counts = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(site.db.pool());
    counts.await.expect("counts")
}

/// Codes of what the audit log says was refused; it says nothing of the content.
async fn refusals(site: &Site) -> Vec<String> {
    let told: i64 = sqlx::query_scalar(
        "select count(*) from audit_entry where detail::text like '%Không Ai%' or object like '%Không Ai%'
             or detail::text like '%000180000011%'",
    )
    .fetch_one(site.db.pool())
    .await
    .expect("counts");
    assert_eq!(told, 0, "the audit log tells of nobody");
    sqlx::query_scalar(
        "select detail ->> 'code' from audit_entry where action = 'exchange.refuse' order by entry_no",
    )
    .fetch_all(site.db.pool())
    .await
    .expect("entries")
}

fn submission() -> Value {
    json!({"id": "0190a000-0000-7000-8000-000000000001", "dossier": DOSSIER, "seq": 1,
           "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776", "area": "21031",
           "channel": "online", "applicant": APPLICANT, "applicant_id_number": "000180000011",
           "papers": [{"name": "Tờ khai"}]})
}

fn with(field: &str, value: Value) -> Vec<u8> {
    let mut body = submission();
    body[field] = value;
    body.to_string().into_bytes()
}

async fn send(site: &Site, token: &str, path: &str, media_type: &str, body: Body) -> Answer {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, media_type);
    site.send(request.body(body).expect("a request")).await
}

/// What is no message, and what it is called.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let whole = submission().to_string();
    let twice = whole.replacen("{", "{\"seq\":2,", 1);
    let twice_inside = whole.replace("{\"name\":", "{\"name\":\"a\",\"name\":");
    let mut text = whole.clone().into_bytes();
    text.splice(1..1, b"\"note\":\"\xff\xfe\",".iter().copied());
    let deep =
        |open: &str, shut: &str| format!("{}1{}", open.repeat(100_000), shut.repeat(100_000));
    vec![
        ("nothing", Vec::new()),
        (
            "half a message",
            whole.as_bytes()[..whole.len() / 2].to_vec(),
        ),
        ("two messages", format!("{whole}{whole}").into_bytes()),
        ("a list", format!("[{whole}]").into_bytes()),
        ("a deep list", deep("[", "]").into_bytes()),
        ("a deep object", deep("{\"a\":", "}").into_bytes()),
        ("a field twice", twice.into_bytes()),
        ("a field of a paper twice", twice_inside.into_bytes()),
        ("no UTF-8", text),
        (
            "a zero in a text",
            with("applicant", json!(format!("{APPLICANT}\u{0}"))),
        ),
        (
            "a number without end",
            whole
                .replace("\"seq\":1", &format!("\"seq\":1{}", "0".repeat(5_000)))
                .into_bytes(),
        ),
        (
            "a number too large",
            whole.replace("\"seq\":1", "\"seq\":1e400").into_bytes(),
        ),
        ("a place that is no number", with("seq", json!("1"))),
        ("a negative place", with("seq", json!(-1))),
        ("an id that is none", with("id", json!("x"))),
        (
            "a time that is none",
            with("at", json!("2024-02-31T08:00:00+07:00")),
        ),
        (
            "a time of tomorrow",
            with("at", json!("2024-05-21T09:00:00+07:00")),
        ),
        ("a field nobody knows", with("is_admin", json!(true))),
        ("another kind", with("procedure", json!({"$gt": ""}))),
        (
            "a hash that is none",
            with("papers", json!([{"name": "a", "file": "../../etc/passwd"}])),
        ),
        (
            "a document of another language",
            b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".to_vec(),
        ),
    ]
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_leaves_nothing_but_an_entry() {
    let (site, token) = connected().await;
    let before = counts(&site).await;
    let ways = [
        DOSSIERS.to_owned(),
        format!("{DOSSIERS}/{DOSSIER}/supplements"),
        format!("{DOSSIERS}/{DOSSIER}/withdrawal"),
    ];
    let mut sent = 0;
    for path in &ways {
        for (name, body) in bodies() {
            let answer = send(&site, &token, path, JSON, Body::from(body)).await;
            sent += 1;
            let refused = [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY];
            assert!(
                refused.contains(&answer.status),
                "{name}: {} {}",
                answer.status,
                answer.body
            );
            assert_eq!(
                answer.header("content-type"),
                "application/problem+json",
                "{name}"
            );
            assert!(!answer.body.contains(APPLICANT), "{name}");
            assert_eq!(
                counts(&site).await,
                before,
                "{name} to {path} is done by half"
            );
        }
    }
    assert_eq!(refusals(&site).await.len(), sent);
    let taken = send(
        &site,
        &token,
        DOSSIERS,
        "text/plain",
        Body::from(submission().to_string()),
    )
    .await;
    assert_eq!(
        taken.status,
        StatusCode::OK,
        "the content counts, not what it is called"
    );
}

#[tokio::test]
async fn a_body_without_end_is_not_waited_for() {
    let (site, token) = connected().await;
    let before = counts(&site).await;
    let name = "ab".repeat(32);
    let file = format!("/api/v1/exchange/files/{name}");
    for (method, path) in [
        (Method::POST, DOSSIERS),
        (
            Method::POST,
            "/api/v1/exchange/messages/0190a000-0000-7000-8000-000000000001/ack",
        ),
        (Method::PUT, file.as_str()),
    ] {
        let piece = Bytes::from(vec![b' '; 1 << 20]);
        let endless = stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone()));
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, JSON)
            .body(Body::from_stream(endless));
        let answer = site.send(request.expect("a request")).await;
        let status = match method {
            // A file is read as it comes, and refused once it is larger than any may be.
            Method::PUT => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::PAYLOAD_TOO_LARGE,
        };
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
    let whole = Body::from(vec![b'a'; 100 << 20]);
    let large = send(&site, &token, DOSSIERS, JSON, whole).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(counts(&site).await, before);
}

/// A key of a province, and the days it holds.
async fn key(
    site: &Site,
    province: &str,
    (id, seed): (&str, u8),
    (from, until): (&str, Option<&str>),
) {
    let new = NewKey {
        province: province.to_owned(),
        key_id: id.to_owned(),
        public_key: secret(seed).public(),
        from: from.parse().expect("a day"),
        until: until.map(|until| until.parse().expect("a day")),
    };
    let added = key::add(site.db.pool(), &everybody(), &site.clock, &new).await;
    added.expect("recorded");
}

fn secret(seed: u8) -> SigningKey {
    SigningKey::of_seed(&[seed; 32]).expect("a key")
}

/// How a request is signed.
#[derive(Clone, Copy)]
struct Manner<'a> {
    key: (&'a str, u8),
    /// Hours the sender's clock is ahead.
    ahead: i64,
    nonce: &'a str,
    components: &'a [&'a str],
}

const SOUND: Manner<'static> = Manner {
    key: ("k1", 1),
    ahead: 0,
    nonce: "n",
    components: &["@method", "@target-uri", "content-digest"],
};

async fn signed(site: &Site, token: &str, path: &str, manner: Manner<'_>) -> Answer {
    let body = submission().to_string();
    let digest = content_digest(body.as_bytes());
    let header = |name: &str| (name == "content-digest").then(|| digest.clone());
    let request = signature::Request {
        method: "POST",
        authority: HOST,
        path: DOSSIERS,
        query: None,
        header: &header,
    };
    let key = (&secret(manner.key.1), manner.key.0);
    let now = site.clock.now() + SignedDuration::from_hours(manner.ahead);
    let when = (now, manner.nonce);
    let (input, value) =
        signature::sign(key, &request, "https", manner.components, when).expect("signed");
    let request = Request::post(path)
        .header(header::HOST, HOST)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, JSON)
        .header("content-digest", digest)
        .header("signature-input", input)
        .header("signature", value);
    site.send(request.body(Body::from(body)).expect("a request"))
        .await
}

#[tokio::test]
async fn only_what_the_province_signed_now_and_once_comes_in() {
    let (site, token) = connected().await;
    let (pool, clock) = (site.db.pool(), &site.clock);
    let since = "2024-01-01".parse().expect("a day");
    let set = key::require_signatures(pool, &everybody(), clock, ("51", since), true).await;
    set.expect("recorded");
    key(&site, "51", ("k1", 1), ("2024-01-01", None)).await;
    key(
        &site,
        "51",
        ("ended", 2),
        ("2024-01-01", Some("2024-05-19")),
    )
    .await;
    key(&site, "51", ("not-yet", 3), ("2024-05-21", None)).await;
    key(&site, "51", ("withdrawn", 4), ("2024-01-01", None)).await;
    key(&site, "48", ("of-48", 5), ("2024-01-01", None)).await;
    let withdrawn = key::withdraw(pool, &everybody(), clock, ("51", "withdrawn"), "lộ khóa").await;
    withdrawn.expect("withdrawn");
    let before = counts(&site).await;
    let other = Manner {
        key: ("k1", 9),
        ..SOUND
    };
    let cases = [
        (
            "a day ahead",
            Manner { ahead: 24, ..SOUND },
            "signature_clock",
        ),
        (
            "a day behind",
            Manner {
                ahead: -24,
                ..SOUND
            },
            "signature_clock",
        ),
        ("with another key", other, "signature_wrong"),
        (
            "with a key that ended",
            Manner {
                key: ("ended", 2),
                ..SOUND
            },
            "signature_unknown_key",
        ),
        (
            "with a key of tomorrow",
            Manner {
                key: ("not-yet", 3),
                ..SOUND
            },
            "signature_unknown_key",
        ),
        (
            "with a key withdrawn",
            Manner {
                key: ("withdrawn", 4),
                ..SOUND
            },
            "signature_unknown_key",
        ),
        (
            "with another province's key",
            Manner {
                key: ("of-48", 5),
                ..SOUND
            },
            "signature_unknown_key",
        ),
        (
            "without the content",
            Manner {
                components: &["@method", "@target-uri"],
                ..SOUND
            },
            "signature_incomplete",
        ),
        (
            "without the method",
            Manner {
                components: &["@target-uri", "content-digest"],
                ..SOUND
            },
            "signature_incomplete",
        ),
    ];
    for (name, manner, code) in cases {
        let refused = signed(&site, &token, DOSSIERS, manner).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(refused.json()["code"], code, "{name}");
    }
    let elsewhere = format!("{DOSSIERS}/{DOSSIER}/withdrawal");
    let moved = signed(&site, &token, &elsewhere, SOUND).await;
    assert_eq!(
        moved.json()["code"],
        "signature_wrong",
        "signed for another address"
    );
    assert_eq!(counts(&site).await, before);
    let sound = signed(&site, &token, DOSSIERS, SOUND).await;
    assert_eq!(sound.status, StatusCode::OK, "{}", sound.body);
    let after = counts(&site).await;
    let again = signed(&site, &token, DOSSIERS, SOUND).await;
    assert_eq!(again.json()["code"], "signature_replayed");
    assert_eq!(counts(&site).await, after);
    let codes = cases.iter().map(|(_, _, code)| *code);
    let codes: Vec<&str> = codes
        .chain(["signature_wrong", "signature_replayed"])
        .collect();
    assert_eq!(refusals(&site).await, codes);
}

#[tokio::test]
async fn another_provinces_dossier_is_neither_seen_nor_changed() {
    let (site, token) = connected().await;
    let strange = Site::token(&site, "mot.cua").await;
    let here = send(
        &site,
        &token,
        DOSSIERS,
        JSON,
        Body::from(submission().to_string()),
    )
    .await;
    assert_eq!(here.status, StatusCode::OK);
    // The dossier is of a commune of another province.
    let theirs = json!({"id": "0190a000-0000-7000-8000-000000000009", "seq": 1, "dossier": "000.00.00.H48-240506-0001",
                        "area": "20194"});
    let mut body = submission();
    for (name, value) in theirs.as_object().expect("fields") {
        body[name.as_str()] = value.clone();
    }
    let before = counts(&site).await;
    let refused = send(
        &site,
        &strange,
        DOSSIERS,
        JSON,
        Body::from(body.to_string()),
    )
    .await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.body
    );
    let of_dossiers = |counts: &[i64]| counts[7..].to_vec();
    assert_eq!(of_dossiers(&counts(&site).await), of_dossiers(&before));
    let standing = site
        .api(
            Method::GET,
            &format!("{DOSSIERS}/000.00.00.H48-240506-0001"),
            &strange,
        )
        .await;
    assert_eq!(standing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_that_is_not_its_name_leaves_nothing_but_an_entry() {
    let (site, token) = connected().await;
    let before = counts(&site).await;
    let name = "ab".repeat(32);
    let cases: [(&str, &str, &[u8], u16); 4] = [
        ("another content", &name, PDF, 422),
        ("no file", &name, b"", 422),
        ("no name", "..%2F..%2Fetc%2Fpasswd", PDF, 400),
        ("a name in capitals", &"AB".repeat(32), PDF, 400),
    ];
    for (what, name, content, status) in cases {
        let request = Request::put(format!("/api/v1/exchange/files/{name}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(content.to_vec()));
        let answer = site.send(request.expect("a request")).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.body);
    }
    assert_eq!(counts(&site).await, before);
    assert_eq!(refusals(&site).await.len(), cases.len());
}
