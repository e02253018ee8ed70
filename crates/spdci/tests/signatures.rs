//! Signatures made by another program (OpenSSL), in both dialects, over the same message.

use g2p::{Envelope, SigningKey, seal_in};
use serde_json::json;
use spdci::jwk::Key;
use spdci::jws::{self, Jws};

const HEADER: &str = r#"{"version":"1.0.0","message_id":"v1","message_ts":"2024-05-20T02:00:00Z","action":"search","sender_id":"spmis.thu.vn","total_count":1}"#;
const MESSAGE: &str = r#"{"transaction_id":"t1","note":"Quảng Ngãi"}"#;
/// Of the secret of 32 bytes 7.
const KEY: &str = "6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw";
const KEY_ID: &str = "k-fe812c12f3ab";
/// Signed at 2024-05-20T02:00:00Z for an hour.
const IN_BODY: &str =
    "jN87vbRcFKqfSkOupub7RrNd0rUGtBasFquYX2DF3wQdPsF1Ou89GTiOeEfw5TrlYKb0R5+aKiidkDYo7s93Bw==";
const IN_HEADER: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6ImstZmU4MTJjMTJmM2FiIn0..ZxaNeSdWq_O_eFg1hJl23mxb9tf4mqlobf00Z9_rCSOnM0tGq4XKZr4bxlhEfIRD5LhxVI3FOlgCV4FOipGsBg";
const MODULUS: &str = "nYyAJ9nisZZJCKsveyvkEqmt5BjSFI6WHXo4TQJP9UFSNt8Mp5GR-v2GznUzktVBYvffoCrz-YVcNZHMFAplb80__uA24uzdnxdLej0vHGfrv4mchwxZ7eQ4h5VOUHpD5hSMmJkMmPn5BR47V2fax1Zx_JqJmcqFE6MaZVp0mIIpmDqWJKZcK7zU0dUBYRFxSh-OQ-_hFKBt3ER37PHNWhXRHp8RTNwAlFTfPqZqE8DPDdvq3jGvO4sW70RHYrkrb4udWLXJNUYs0S0JFdUNFhEato61L1OipDuDlXS1QUxfZhrYP9lC0PR1S3OIMnrfYnMsaencefd6BymlPUMQcw";
const IN_HEADER_BY_RSA: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0xIn0..ZaBXZIVs9G7dxnb8oCvShCnDBpTUrSizmMxXfcZccTKNW8zMJi0sCt2RPnKGJzKprL7912a7OeJ8Wp9dID2jiGe-VmTEZFdH-zqORt7iYRHOxGpYjkcIcnSOxYlsKI8LHDc6Av2BsCOQaW8zsXwMH2VvH8LmTnqv32o-8i6XIhpZggVfX-hE9HUmCeQOXY8gRa_jyfnypkmgNRuhM9nMnSIs_g4aAM8MU4DeOfqcBSiEKOKPXrX2JedDWFxeT1ZsSWXvEviOK0wsEhm78YfYbldIDSigBsEeCXCnwwGFlKj723en7x6eEBePozpRisOGKdcAmmKZybls7CzqU_KYMA";

fn key() -> Key {
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": KEY_ID, "x": KEY});
    Key::read(&jwk).expect("a key").key
}

fn secret() -> SigningKey {
    SigningKey::of_seed(&[7; 32]).expect("32 bytes")
}

#[test]
fn the_string_in_the_body_is_the_one_others_make() {
    let now = "2024-05-20T02:00:00Z".parse().expect("an instant");
    let body = seal_in(&secret(), ("spdci", "spmis.thu.vn"), (HEADER, MESSAGE), now);
    let text = std::str::from_utf8(&body).expect("UTF-8");
    assert!(text.contains("namespace=\\\"spdci\\\""), "{text}");
    assert!(
        text.contains(&format!("|{KEY_ID}|ed25519")) && text.contains(IN_BODY),
        "{text}"
    );
    let envelope = Envelope::read(&body).expect("a message");
    let Key::Ed25519(key) = key() else {
        panic!("an ed25519 key")
    };
    let signed = envelope.signed().expect("signed");
    assert_eq!(signed.verify(&key, &envelope.digest(), now), Ok(()));
}

#[test]
fn the_header_over_the_compact_body_is_the_one_others_make() {
    let spaced = format!("{{\n  \"header\": {HEADER},\n  \"message\": {MESSAGE}\n}}\n");
    let ours = jws::sign_detached(&secret(), spaced.as_bytes());
    assert_eq!(ours, IN_HEADER);
    let read = Jws::read(IN_HEADER).expect("a JWS");
    assert_eq!(read.verify_detached(&key(), spaced.as_bytes()), Ok(()));
}

#[test]
fn an_rsa_key_verifies_the_header_and_no_other_algorithm() {
    let body = format!("{{\"header\":{HEADER},\"message\":{MESSAGE}}}");
    let jwk = json!({"kty": "RSA", "kid": "rsa-1", "n": MODULUS, "e": "AQAB"});
    let rsa = Key::read(&jwk).expect("a key").key;
    let read = Jws::read(IN_HEADER_BY_RSA).expect("a JWS");
    assert_eq!(read.verify_detached(&rsa, body.as_bytes()), Ok(()));
    assert!(read.verify_detached(&key(), body.as_bytes()).is_err());
    let changed = body.replace("t1", "t2");
    assert!(read.verify_detached(&rsa, changed.as_bytes()).is_err());
    let ed = Jws::read(IN_HEADER).expect("a JWS");
    assert!(ed.verify_detached(&rsa, body.as_bytes()).is_err());
}

#[test]
fn secret_and_short_keys_are_not_taken() {
    let secret = json!({"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": KEY, "d": KEY});
    let short = json!({"kty": "RSA", "kid": "a", "n": KEY, "e": "AQAB"});
    let shared = json!({"kty": "oct", "kid": "a", "k": KEY});
    let nameless = json!({"kty": "OKP", "crv": "Ed25519", "x": KEY});
    for jwk in [secret, short, shared, nameless] {
        assert!(Key::read(&jwk).is_err(), "{jwk}");
    }
}
