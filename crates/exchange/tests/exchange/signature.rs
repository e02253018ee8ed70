//! Signatures by the example of RFC 9421 and against it; keys and replays with a database.

use exchange::key::{self, NewKey};
use exchange::signature::{ContentDigest, Request, Signed, content_digest, sign};
use exchange::{Admission, BadSignature, Refused};
use g2p::{PublicKey, SigningKey};
use jiff::{SignedDuration, Timestamp};
use kernel::{Actor, Clock};
use testkit::TestDb;

/// RFC 9421 B.1.4, `test-key-ed25519`.
const RFC_PUBLIC: &str = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
/// RFC 9421 B.2.6.
const RFC_INPUT: &str = "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
    \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
const RFC_SIGNATURE: &str = "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwU\
    Piu4A0w6vuQv5lIp5WPpBKRCw==:";
const COMPONENTS: [&str; 3] = ["@method", "@target-uri", "content-digest"];

fn rfc_header(name: &str) -> Option<String> {
    let value = match name {
        "date" => "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type" => "application/json",
        "content-length" => "18",
        _ => return None,
    };
    Some(value.to_owned())
}

fn rfc_request(path: &str) -> Request<'_> {
    Request {
        method: "POST",
        authority: "example.com",
        path,
        query: Some("param=Value&Pet=dog"),
        header: &rfc_header,
    }
}

#[test]
fn the_example_of_the_specification_verifies_and_nothing_else_does() {
    let key = PublicKey::read(RFC_PUBLIC).expect("a key");
    let signed = Signed::read(RFC_INPUT, RFC_SIGNATURE).expect("its form");
    assert_eq!(signed.key_id(), Ok("test-key-ed25519"));
    assert_eq!(signed.verify(&key, &rfc_request("/foo")), Ok(()));
    let elsewhere = signed.verify(&key, &rfc_request("/bar"));
    assert_eq!(elsewhere, Err(BadSignature::Wrong));
    let other = SigningKey::of_seed(&[7; 32]).expect("a key").public();
    let by_other = signed.verify(&other, &rfc_request("/foo"));
    assert_eq!(by_other, Err(BadSignature::Wrong));
    // It covers less than we ask for.
    let now = Timestamp::from_second(1_618_884_473).expect("a time");
    let enough = signed.check(&rfc_request("/foo"), now);
    assert_eq!(enough, Err(BadSignature::NotCovered));
}

#[test]
fn headers_of_another_form_are_refused() {
    for input in [
        "",
        "sig1",
        "sig1=()",
        "sig1=(\"@method\"",
        "sig1=(\"@method\");created=x",
        "sig1=(\"@method\");created=1, sig2=(\"@path\");created=1",
        "sig1=(\"@method\"  \"@path\");created=1",
        "sig1=(\"@method\" \"@method\");created=1",
        "sig1=(\"content-digest\";sf);created=1",
        "sig1=(\"@method\");created=1;alg=\"rsa-pss-sha512\"",
        "sig1=(\"@method\");created=1;created=2",
        "other=(\"@method\");created=1",
    ] {
        let read = Signed::read(input, "sig1=:AAAA:");
        assert_eq!(read, Err(BadSignature::Malformed), "{input}");
    }
}

#[test]
fn a_digest_is_held_against_the_content() {
    let digest = ContentDigest::read(&content_digest(b"x")).expect("a digest");
    assert_eq!(digest.check(b"x"), Ok(()));
    assert_eq!(digest.check(b"y"), Err(BadSignature::OtherContent));
    // RFC 9421 B.2: the digest of its example.
    let rfc = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
    let rfc = ContentDigest::read(rfc).expect("a digest");
    assert_eq!(rfc.check(b"{\"hello\": \"world\"}"), Ok(()));
    for broken in ["", "md5=:AAAA:", "sha-256=AAAA", "sha-256=:!:"] {
        assert!(ContentDigest::read(broken).is_err(), "{broken}");
    }
}

const PROVINCE: &str = "51";
const BODY: &[u8] = b"{}";

fn clock() -> Clock {
    testkit::clock("2024-05-30T08:00:00+07:00")
}

fn approver() -> Actor {
    Actor::with_every_role("binh.tran")
}

fn secret(number: u8) -> SigningKey {
    SigningKey::of_seed(&[number; 32]).expect("a key")
}

async fn known(db: &TestDb, key_id: &str, number: u8, from: &str, until: Option<&str>) {
    let key = NewKey {
        province: PROVINCE.to_owned(),
        key_id: key_id.to_owned(),
        public_key: secret(number).public(),
        from: from.parse().expect("a day"),
        until: until.map(|day| day.parse().expect("a day")),
    };
    let added = key::add(db.pool(), &approver(), &clock(), &key).await;
    added.expect("recorded");
}

/// How a request is sent: signed with which key, when, under which nonce.
struct Sending<'a> {
    key: (u8, &'a str),
    late: SignedDuration,
    nonce: &'a str,
    path: &'a str,
}

async fn send(db: &TestDb, sending: &Sending<'_>) -> Option<&'static str> {
    let digest = |name: &str| (name == "content-digest").then(|| content_digest(BODY));
    let signed = Request {
        method: "POST",
        authority: "an-sinh.example",
        path: "/api/v1/exchange/dossiers",
        query: None,
        header: &digest,
    };
    let (number, key_id) = sending.key;
    let at = clock().now() - sending.late;
    let with = (&secret(number), key_id);
    let headers = sign(with, &signed, "https", &COMPONENTS, (at, sending.nonce));
    let (input, signature) = headers.expect("signed");
    let header = |name: &str| match name {
        "signature-input" => Some(input.clone()),
        "signature" => Some(signature.clone()),
        name => digest(name),
    };
    let received = Request {
        path: sending.path,
        header: &header,
        ..signed
    };
    admitted(db, &received).await
}

async fn admitted(db: &TestDb, request: &Request<'_>) -> Option<&'static str> {
    let (admission, who) = (Admission::default(), approver());
    match admission
        .admit(db.pool(), &who, &clock(), PROVINCE, request)
        .await
    {
        Ok(_) => None,
        Err(refused @ Refused::Signature(_)) => Some(refused.code()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn keys_count_on_their_days_and_each_signed_request_once() {
    let db = TestDb::practice().await;
    known(&db, "now", 1, "2024-01-01", None).await;
    known(&db, "past", 2, "2023-01-01", Some("2023-12-31")).await;
    known(&db, "next", 3, "2024-06-01", None).await;
    let minutes = SignedDuration::from_mins;
    let path = "/api/v1/exchange/dossiers";
    let sending = |key, late, nonce| Sending {
        key,
        late: minutes(late),
        nonce,
        path,
    };
    let good = sending((1, "now"), 0, "a");
    assert_eq!(send(&db, &good).await, None);
    assert_eq!(send(&db, &good).await, Some("signature_replayed"));
    assert_eq!(send(&db, &sending((1, "now"), 4, "b")).await, None);
    for (wrong, code) in [
        (sending((1, "now"), 6, "c"), "signature_clock"),
        (sending((1, "now"), -6, "d"), "signature_clock"),
        (sending((1, "now"), 60 * 24, "e"), "signature_clock"),
        (sending((2, "past"), 0, "f"), "signature_unknown_key"),
        (sending((3, "next"), 0, "g"), "signature_unknown_key"),
        (sending((1, "other"), 0, "h"), "signature_unknown_key"),
        (sending((2, "now"), 0, "i"), "signature_wrong"),
    ] {
        assert_eq!(send(&db, &wrong).await, Some(code));
    }
    let elsewhere = Sending {
        path: "/api/v1/exchange/dossiers/1/withdrawal",
        ..sending((1, "now"), 0, "k")
    };
    assert_eq!(send(&db, &elsewhere).await, Some("signature_wrong"));
    // What was refused for its signature took no nonce.
    assert_eq!(send(&db, &sending((1, "now"), 0, "k")).await, None);
    let logged: i64 =
        sqlx::query_scalar("select count(*) from audit_entry where action = 'exchange.refuse'")
            .fetch_one(db.pool())
            .await
            .expect("reads");
    assert_eq!(logged, 9, "each refusal is in the log");

    let withdrawn = ("51", "now");
    let gone = key::withdraw(db.pool(), &approver(), &clock(), withdrawn, "lộ khóa").await;
    gone.expect("withdrawn");
    let after = send(&db, &sending((1, "now"), 0, "l")).await;
    assert_eq!(after, Some("signature_unknown_key"));
    let again = key::withdraw(db.pool(), &approver(), &clock(), withdrawn, "lộ khóa").await;
    assert!(matches!(again, Err(Refused::UnknownKey)), "{again:?}");
}

#[tokio::test]
async fn unsigned_requests_are_taken_until_the_connection_asks_for_signatures() {
    let db = TestDb::practice().await;
    let none = |_: &str| None;
    let plain = Request {
        method: "GET",
        authority: "an-sinh.example",
        path: "/api/v1/exchange/messages",
        query: None,
        header: &none,
    };
    assert_eq!(admitted(&db, &plain).await, None);
    for (from, required, code) in [
        ("2024-06-01", true, None),
        ("2024-05-01", true, Some("signature_missing")),
        ("2024-05-30", false, None),
    ] {
        let of = (PROVINCE, from.parse().expect("a day"));
        let set = key::require_signatures(db.pool(), &approver(), &clock(), of, required).await;
        set.expect("recorded");
        assert_eq!(admitted(&db, &plain).await, code, "{from}");
    }
    let half = |name: &str| (name == "signature").then(|| "sig1=:AAAA:".to_owned());
    let half = Request {
        header: &half,
        ..plain
    };
    assert_eq!(admitted(&db, &half).await, Some("signature_malformed"));
    let nobody = Actor::new("mot.cua", Vec::new());
    let key = NewKey {
        province: PROVINCE.to_owned(),
        key_id: "x".to_owned(),
        public_key: secret(1).public(),
        from: "2024-01-01".parse().expect("a day"),
        until: None,
    };
    let denied = key::add(db.pool(), &nobody, &clock(), &key).await;
    assert!(matches!(denied, Err(Refused::Denied(_))), "{denied:?}");
}
