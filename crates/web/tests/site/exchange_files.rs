//! Files of one-stop systems: named by their content, of their province only, scans of a dossier in
//! whichever order; letters of decisions; signed requests.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use casework::letter::Kind;
use casework::letter::signed::{Signature, Way, sign as sign_letter};
use exchange::key::{self, NewKey};
use exchange::signature::{self, content_digest};
use exchange::{Mode, file};
use files::{MediaType, Stored};
use g2p::SigningKey;
use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::{Answer, Site};
use crate::one_stop::{act, connect};

const DOSSIER: &str = "000.00.00.H51-240506-0001";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";
const OTHER: &[u8] = b"%PDF-1.7\n2 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

fn everybody() -> Actor {
    Actor::with_every_role("thử")
}

fn hash(content: &[u8]) -> String {
    stored(content).hash.to_string()
}

fn stored(content: &[u8]) -> Stored {
    Stored {
        hash: files::FileHash(Sha256::digest(content).into()),
        media_type: MediaType::Pdf,
        size: content.len() as u64,
    }
}

/// A site where the provinces are connected both ways, and the token of 51.
async fn connected() -> (Site, String) {
    let site = Site::open().await;
    connect(&site, &["51", "48"], Mode::TwoWay, None).await;
    let token = site.token("mot.cua").await;
    (site, token)
}

async fn put(site: &Site, token: &str, name: &str, content: &[u8]) -> Answer {
    let request = Request::put(format!("/api/v1/exchange/files/{name}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(content.to_vec()));
    site.send(request.expect("a request")).await
}

async fn get(site: &Site, token: &str, path: &str) -> Answer {
    let path = format!("/api/v1/exchange/{path}");
    site.api(Method::GET, &path, token).await
}

async fn submit(site: &Site, token: &str, papers: Value) -> Value {
    let body = json!({"id": "0190a000-0000-7000-8000-000000000001", "dossier": DOSSIER, "seq": 1,
                      "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776",
                      "area": "21031", "channel": "online", "applicant": "Người Thử",
                      "papers": papers});
    let json = ("application/json", body.to_string());
    let path = "/api/v1/exchange/dossiers";
    let answer = site.api_post(path, token, "", (json.0, &json.1)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

async fn scans(site: &Site) -> Vec<(String, String)> {
    let found = casework::attachment::of_dossier(site.db.pool(), &everybody(), DOSSIER).await;
    let scans = found.expect("papers").attachments.into_iter();
    scans.map(|it| (it.paper, it.file.to_string())).collect()
}

#[tokio::test]
async fn a_file_is_what_its_name_says_or_nothing_is_kept() {
    let (site, token) = connected().await;
    let name = hash(PDF);
    let wrong = put(&site, &token, &hash(OTHER), PDF).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.json()["code"], "hash_mismatch");
    for path in [hash(OTHER), name.clone()] {
        let kept = get(&site, &token, &format!("files/{path}")).await;
        assert_eq!(kept.status, StatusCode::NOT_FOUND);
    }
    let text = b"no paper".as_slice();
    let no_paper = put(&site, &token, &hash(text), text).await;
    assert_eq!(no_paper.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        put(&site, &token, "x", PDF).await.status,
        StatusCode::BAD_REQUEST
    );

    let first = put(&site, &token, &name, PDF).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(put(&site, &token, &name, PDF).await.status, StatusCode::OK);
    let back = get(&site, &token, &format!("files/{name}")).await;
    assert_eq!((back.status, back.bytes.as_slice()), (StatusCode::OK, PDF));
}

#[tokio::test]
async fn files_and_the_dossier_that_names_them_meet_in_whichever_order() {
    let (site, token) = connected().await;
    put(&site, &token, &hash(PDF), PDF).await;
    let papers = json!([{"name": "Tờ khai", "file": hash(PDF)},
                        {"name": "Giấy xác nhận", "file": hash(OTHER)}]);
    let answer = submit(&site, &token, papers).await;
    assert_eq!(answer["missing_files"], json!([hash(OTHER)]));
    assert_eq!(scans(&site).await, [("Tờ khai".to_owned(), hash(PDF))]);
    let officer = site.sign_in("can.bo").await;
    let papers = format!("/ho-so/{DOSSIER}/giay-to");
    let shown = site.get(&papers, &officer).await;
    assert!(shown.body.contains("Chưa có bản quét: Giấy xác nhận."));
    let of = format!("dossiers/{DOSSIER}");
    let standing = get(&site, &token, &of).await.json();
    assert_eq!(standing["missing_files"], json!([hash(OTHER)]));

    put(&site, &token, &hash(OTHER), OTHER).await;
    put(&site, &token, &hash(OTHER), OTHER).await;
    let both = [("Tờ khai", PDF), ("Giấy xác nhận", OTHER)];
    let both = both.map(|(paper, content)| (paper.to_owned(), hash(content)));
    assert_eq!(scans(&site).await, both);
    let standing = get(&site, &token, &of).await.json();
    assert_eq!(standing["missing_files"], json!([]));
}

#[tokio::test]
async fn a_file_of_another_province_is_neither_seen_nor_used() {
    let (site, token) = connected().await;
    let theirs = Actor::new(
        "mot.cua.48",
        vec![Grant {
            role: Role::OneStop,
            area: Some(AreaCode::from("48")),
        }],
    );
    let (pool, clock) = (site.db.pool(), &site.clock);
    let new = file::receive(pool, &theirs, clock, "48", &stored(PDF)).await;
    assert!(new.expect("noted"));
    let seen = get(&site, &token, &format!("files/{}", hash(PDF))).await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    let papers = json!([{"name": "Tờ khai", "file": hash(PDF)}]);
    let answer = submit(&site, &token, papers).await;
    assert_eq!(answer["missing_files"], json!([hash(PDF)]));
    assert_eq!(scans(&site).await, []);
    // Who can send it has it.
    let sent = put(&site, &token, &hash(PDF), PDF).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    assert_eq!(scans(&site).await.len(), 1);
}

#[tokio::test]
async fn a_decision_is_told_with_its_signed_letter_which_stays_the_same() {
    let (site, token) = connected().await;
    put(&site, &token, &hash(PDF), PDF).await;
    submit(&site, &token, json!([])).await;
    act(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let decision = json!({"number": "12/QĐ-UBND", "date": "2024-05-17",
                          "signed_by": "Trần Văn Thử"});
    let refusal = json!({"outcome": "refused", "decision": decision, "condition": "chưa đủ tuổi",
                         "law": "20/2021/NĐ-CP Điều 5 khoản 5"});
    act(&site, DOSSIER, "decided", "2024-05-17T09:00", refusal).await;
    let signed = Signature {
        kind: Kind::Refusal,
        seq: 1,
        file: stored(PDF),
        way: Way::Uploaded {
            signed_by: "Trần Văn Thử".to_owned(),
            signed_on: "2024-05-17".parse().expect("a day"),
        },
    };
    let (pool, clock) = (site.db.pool(), &site.clock);
    let recorded = sign_letter(pool, &everybody(), clock, DOSSIER, &signed).await;
    recorded.expect("signed");
    for _ in 0..2 {
        let told = get(&site, &token, "messages?after=0").await.json();
        let told = told.as_array().expect("messages");
        let decided = told.last().expect("a message");
        assert_eq!(decided["step"]["kind"], "decided");
        assert_eq!(decided["letter"], json!(hash(PDF)));
        assert_eq!(told[0]["letter"], Value::Null);
    }
    let letter = get(&site, &token, &format!("files/{}", hash(PDF))).await;
    assert_eq!(letter.bytes, PDF);
    let named = casework::attachment::named(pool, &[stored(PDF).hash]).await;
    assert_eq!(named.expect("reads").len(), 1, "a sweep leaves it");
}

/// A request as its sender signs it.
async fn signed(site: &Site, token: &str, body: &str, content: &str, nonce: &str) -> Answer {
    let key = SigningKey::of_seed(&[1; 32]).expect("a key");
    let digest = content_digest(body.as_bytes());
    let header = |name: &str| (name == "content-digest").then(|| digest.clone());
    let path = format!("/api/v1/exchange/files/{}", hash(PDF));
    let of_file = content.is_empty();
    let (method, path) = match of_file {
        true => ("GET", path.as_str()),
        false => ("POST", "/api/v1/exchange/dossiers"),
    };
    let request = signature::Request {
        method,
        authority: "an-sinh.example",
        path,
        query: None,
        header: &header,
    };
    let components: &[&str] = match of_file {
        true => &["@method", "@target-uri"],
        false => &["@method", "@target-uri", "content-digest"],
    };
    let when = (site.clock.now(), nonce);
    let headers = signature::sign((&key, "k1"), &request, "https", components, when);
    let (input, value) = headers.expect("signed");
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "an-sinh.example")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header("content-digest", digest.clone())
        .header("signature-input", input)
        .header("signature", value)
        .body(Body::from(content.to_owned()));
    site.send(request.expect("a request")).await
}

#[tokio::test]
async fn where_signatures_are_asked_for_nothing_else_comes_in() {
    let (site, token) = connected().await;
    let (pool, clock) = (site.db.pool(), &site.clock);
    let since = "2024-01-01".parse().expect("a day");
    let set = key::require_signatures(pool, &everybody(), clock, ("51", since), true).await;
    set.expect("recorded");
    let new = NewKey {
        province: "51".to_owned(),
        key_id: "k1".to_owned(),
        public_key: SigningKey::of_seed(&[1; 32]).expect("a key").public(),
        from: since,
        until: None,
    };
    let added = key::add(pool, &everybody(), clock, &new).await;
    added.expect("recorded");
    let unsigned = get(&site, &token, "messages?after=0").await;
    assert_eq!(unsigned.status, StatusCode::UNAUTHORIZED);
    assert_eq!(unsigned.json()["code"], "signature_missing");

    let body = json!({"id": "0190a000-0000-7000-8000-000000000001", "dossier": DOSSIER, "seq": 1,
                      "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776",
                      "area": "21031", "channel": "online", "applicant": "Người Thử"});
    let body = body.to_string();
    let changed = body.replace("Người Thử", "Người Khác");
    let tampered = signed(&site, &token, &body, &changed, "a").await;
    assert_eq!(tampered.json()["code"], "content_digest_wrong");
    let good = signed(&site, &token, &body, &body, "b").await;
    assert_eq!(good.status, StatusCode::OK, "{}", good.body);
    let replayed = signed(&site, &token, &body, &body, "b").await;
    assert_eq!(replayed.json()["code"], "signature_replayed");
    let of_file = signed(&site, &token, "", "", "c").await;
    assert_eq!(of_file.json()["code"], "unknown_file", "{}", of_file.body);
}
