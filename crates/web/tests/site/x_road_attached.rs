//! X-Road envelopes with attachments: files by hash, whichever way they are named, and nothing of what is unsound.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use exchange::Dialect;
use exchange::signature::content_digest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::{Answer, PDF, Site};
use crate::dialect_pull::connected;
use crate::dialect_x_road::{
    CLIENT, DOSSIER, SOAP, envelope, find, read, record, steps, submission, why,
};

const TYPE: &str =
    "multipart/related; type=\"text/xml\"; start=\"<rootpart>\"; boundary=\"MIME_boundary\"";
const OTHER: &[u8] = b"%PDF-1.7\n2 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";
const ROOT: &str = "Content-Type: text/xml; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <rootpart>";

fn hash(content: &[u8]) -> String {
    files::FileHash(Sha256::digest(content).into()).to_string()
}

/// A dossier whose papers name files.
fn naming(files: &[&str]) -> String {
    let mut fields = submission();
    let papers = files
        .iter()
        .map(|file| json!({"name": "Tờ khai", "file": file}));
    fields["papers"] = papers.collect();
    envelope("nopHoSo", &fields)
}

/// A message of parts: headers and content of each.
fn of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (headers, content) in parts {
        body.extend(format!("--MIME_boundary\r\n{headers}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--MIME_boundary--\r\n");
    body
}

fn binary(id: &str) -> String {
    format!(
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{id}>"
    )
}

fn base64(id: &str) -> String {
    binary(id).replace("binary", "base64")
}

/// As other programs fold it.
fn folded(content: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(content).into_bytes();
    let lines: Vec<&[u8]> = text.chunks(20).collect();
    lines.join(&b"\r\n"[..])
}

async fn send(site: &Site, token: &str, (media_type, body): (&str, Vec<u8>)) -> Answer {
    let request = Request::post(SOAP)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, media_type)
        .header("content-digest", content_digest(&body))
        .body(Body::from(body));
    let answer = site.send(request.expect("a request")).await;
    record("answer", &answer.body);
    answer
}

/// How many files and messages are known.
async fn kept(site: &Site) -> Vec<i64> {
    let mut counts = Vec::new();
    for query in [
        "select count(*) from exchange_file",
        "select count(*) from exchange_inbox",
        "select count(*) from attachment",
    ] {
        let count = sqlx::query_scalar(query).fetch_one(site.db.pool()).await;
        counts.push(count.expect("a number"));
    }
    counts
}

#[tokio::test]
async fn attachments_are_files_of_the_dossier_however_they_are_named() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let third: Vec<u8> = [PDF, b"% 3\n%%EOF\n"].concat();
    let named = naming(&["cid:to.khai", &hash(OTHER), "cid:mtom"]);
    // MTOM names a part by an element.
    let include =
        "<i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:mtom\"/>";
    let named = named.replace("cid:mtom", include);
    let message = of(&[
        (ROOT, named.as_bytes()),
        (&base64("to.khai"), &folded(PDF)),
        (&binary("2@tinh"), OTHER),
        (&base64("mtom"), &folded(&third)),
    ]);
    let first = send(&site, &token, (TYPE, message.clone())).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let missing = find(&read(&first), "missing_files").map(|it| it.children.len());
    assert_eq!(missing, Some(0), "{}", first.body);
    let again = send(&site, &token, (TYPE, message)).await;
    assert_eq!(again.body, first.body);
    assert_eq!(steps(&site).await, ["submitted"]);
    assert_eq!(kept(&site).await, [3, 1, 3]);
    for content in [PDF, OTHER, &third] {
        let path = format!("/api/v1/exchange/files/{}", hash(content));
        let back = site.api(axum::http::Method::GET, &path, &token).await;
        assert_eq!(back.bytes, content);
    }
    let stands = envelope("trangThaiHoSo", &json!({"dossier": DOSSIER}));
    let alone = of(&[(ROOT, stands.as_bytes())]);
    let stands = send(&site, &token, (TYPE, alone)).await;
    assert!(
        find(&read(&stands), "last_seq").is_some(),
        "{}",
        stands.body
    );
}

#[tokio::test]
async fn an_unsound_message_with_attachments_is_refused_whole() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let one = naming(&["cid:a"]);
    let root: (&str, &[u8]) = (ROOT, one.as_bytes());
    let a = binary("a");
    let sound = of(&[root, (&a, PDF)]);
    let large = vec![b'%'; 26 << 20];
    let cut = |at: usize| sound[..at].to_vec();
    let bomb =
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    let bomb = one.replacen("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", bomb, 1);
    let bomb = bomb.replace("Người", "&b;");
    let by_hash = naming(&[&hash(OTHER)]);
    let many: Vec<String> = (0..51).map(|it| format!("{it}")).collect();
    let cids: Vec<String> = many.iter().map(|it| format!("cid:{it}")).collect();
    let cids: Vec<&str> = cids.iter().map(String::as_str).collect();
    let (many_named, heads) = (naming(&cids), many.iter().map(|it| binary(it)));
    let heads: Vec<String> = heads.collect();
    let mut parts: Vec<(&str, &[u8])> = vec![(ROOT, many_named.as_bytes())];
    parts.extend(heads.iter().map(|it| (it.as_str(), PDF)));
    let padded = one.replace("<s:Header>", &format!("<s:Header>{}", " ".repeat(2 << 20)));
    let wrong_start = TYPE.replace("rootpart", "khac");
    let other_boundary = TYPE.replace("MIME_boundary", "khac");
    let no_boundary = "multipart/related; type=\"text/xml\"";
    for (what, media_type, body, code) in [
        (
            "a part that is missing",
            TYPE,
            of(&[root]),
            "attachment_missing",
        ),
        (
            "another part than is named",
            TYPE,
            of(&[root, (&binary("b"), PDF)]),
            "attachment_unnamed",
        ),
        (
            "a part nobody names",
            TYPE,
            of(&[root, (&a, PDF), (&binary("b"), OTHER)]),
            "attachment_unnamed",
        ),
        (
            "other content than is named",
            TYPE,
            of(&[(ROOT, by_hash.as_bytes()), (&a, PDF)]),
            "attachment_unnamed",
        ),
        (
            "two of a name",
            TYPE,
            of(&[root, (&a, PDF), (&a, OTHER)]),
            "attachment_name",
        ),
        (
            "no name",
            TYPE,
            of(&[root, ("Content-Type: application/pdf", PDF)]),
            "attachment_name",
        ),
        (
            "a name that is none",
            TYPE,
            of(&[root, (&binary("../a b"), PDF)]),
            "attachment_name",
        ),
        (
            "another encoding",
            TYPE,
            of(&[root, (&a.replace("binary", "quoted-printable"), PDF)]),
            "attachment_encoding",
        ),
        (
            "no base64",
            TYPE,
            of(&[root, (&base64("a"), PDF)]),
            "attachment_encoding",
        ),
        (
            "half base64",
            TYPE,
            of(&[root, (&base64("a"), &folded(PDF)[..9])]),
            "attachment_encoding",
        ),
        (
            "too large",
            TYPE,
            of(&[root, (&a, &large)]),
            "file_too_large",
        ),
        ("empty", TYPE, of(&[root, (&a, b"")]), "empty_file"),
        (
            "no paper",
            TYPE,
            of(&[root, (&a, b"#!/bin/sh\n")]),
            "unknown_file_kind",
        ),
        (
            "half a paper",
            TYPE,
            of(&[root, (&a, &PDF[..20])]),
            "broken_file",
        ),
        (
            "more than are taken",
            TYPE,
            of(&parts),
            "attachments_too_many",
        ),
        (
            "entities",
            TYPE,
            of(&[(ROOT, bomb.as_bytes()), (&a, PDF)]),
            "xml_entities",
        ),
        (
            "no envelope",
            TYPE,
            of(&[(ROOT, b""), (&a, PDF)]),
            "xml_empty",
        ),
        (
            "the file first",
            TYPE,
            of(&[(&a, PDF), root]),
            "mime_root_part",
        ),
        (
            "another start",
            wrong_start.as_str(),
            sound.clone(),
            "mime_root_part",
        ),
        (
            "an envelope in base64",
            TYPE,
            of(&[(&ROOT.replace("8bit", "base64"), &folded(one.as_bytes()))]),
            "mime_root_part",
        ),
        (
            "a large envelope",
            TYPE,
            of(&[(ROOT, padded.as_bytes())]),
            "mime_root_part",
        ),
        (
            "another boundary",
            other_boundary.as_str(),
            sound.clone(),
            "mime_damaged",
        ),
        ("no boundary", no_boundary, sound.clone(), "mime_damaged"),
        (
            "a boundary that is none",
            "multipart/related; boundary=\"a@\"",
            sound.clone(),
            "mime_damaged",
        ),
        (
            "cut off in a file",
            TYPE,
            cut(sound.len() - 40),
            "mime_damaged",
        ),
        ("cut off in the envelope", TYPE, cut(300), "mime_damaged"),
        ("nothing", TYPE, Vec::new(), "mime_damaged"),
    ] {
        let answer = send(&site, &token, (media_type, body)).await;
        assert_eq!(why(&answer).2, code, "{what}: {}", answer.body);
        assert_eq!(kept(&site).await, [0, 0, 0], "{what}");
    }
    let huge = of(&[root, (&a, &vec![b'%'; 61 << 20])]);
    let huge = why(&send(&site, &token, (TYPE, huge)).await);
    assert_eq!((huge.0, huge.1.as_str()), (413, "s:Client"));
    assert_eq!(kept(&site).await, [0, 0, 0]);
    let taken = send(&site, &token, (TYPE, sound)).await;
    assert!(find(&read(&taken), "answer").is_some(), "{}", taken.body);
    assert_eq!(kept(&site).await, [1, 1, 1]);
}

#[tokio::test]
async fn a_message_with_attachments_is_what_its_digest_says_or_nothing() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let named = naming(&["cid:a"]);
    let message = of(&[(ROOT, named.as_bytes()), (&binary("a"), PDF)]);
    let changed = of(&[(ROOT, named.as_bytes()), (&binary("a"), OTHER)]);
    let request = Request::post(SOAP)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, TYPE)
        .header("content-digest", content_digest(&message))
        .body(Body::from(changed));
    let answer = site.send(request.expect("a request")).await;
    assert_eq!(why(&answer).2, "content_digest_wrong");
    assert_eq!(kept(&site).await, [0, 0, 0]);
}

#[tokio::test]
async fn what_belongs_to_no_dossier_takes_no_files() {
    let site = connected(Dialect::XRoad, Some(CLIENT)).await;
    let token = site.token("mot.cua").await;
    let asked: Value = json!({"dossier": DOSSIER});
    let message = of(&[
        (ROOT, envelope("trangThaiHoSo", &asked).as_bytes()),
        (&binary("a"), PDF),
    ]);
    let answer = send(&site, &token, (TYPE, message)).await;
    assert_eq!(why(&answer).2, "attachment_unnamed");
    let another = naming(&["cid:a"]).replace(">51<", ">48<");
    let another = of(&[(ROOT, another.as_bytes()), (&binary("a"), PDF)]);
    let answer = why(&send(&site, &token, (TYPE, another)).await);
    assert_eq!((answer.0, answer.2.as_str()), (403, "x_road_client"));
    assert_eq!(kept(&site).await, [0, 0, 0]);
}
