//! What must not be taken, and that nothing is half done then.

use axum::http::StatusCode;
use g2p::{SigningKey, seal_in};
use serde_json::{Value, json};
use spdci::jws;

use crate::caller::{Answer, Dialect, NAME, Town, header_of, search_for};

const SEARCH: &str = "ibr/registry/sync/search";

fn asked(id: &str) -> (Value, Value) {
    (
        header_of(id, "search", 1),
        search_for("t", &["000188000011"]),
    )
}

async fn refused(town: &Town, answer: &Answer, code: &str) {
    assert_eq!(answer.code(), code, "{}", answer.body);
    assert!(answer.status.is_client_error());
    assert!(!answer.body.contains("reg_records") && !answer.body.contains("000188"));
    assert!(
        town.log("spdci.search").await.is_empty(),
        "nothing was looked at"
    );
}

#[tokio::test]
async fn a_header_that_does_not_hold_is_refused_in_the_codes_of_the_standard() {
    let town = Town::open().await;
    let cases = [
        (
            "message_ts",
            json!("2024-05-19T09:00:00+07:00"),
            "rjct.message_ts.invalid",
        ),
        (
            "message_ts",
            json!("2024-05-21T09:00:00+07:00"),
            "rjct.message_ts.invalid",
        ),
        ("message_ts", json!("hôm nay"), "err.request.bad"),
        ("action", json!("subscribe"), "rjct.action.invalid"),
        ("total_count", json!(2), "rjct.total_count.invalid"),
        ("sender_id", json!("ai-do"), "err.sender_id.invalid"),
        ("receiver_id", json!("ai-do"), "err.receiver_id.invalid"),
        ("is_msg_encrypted", json!(true), "err.encryption.invalid"),
        ("version", json!("2.0.0"), "err.version.not_supported"),
        ("message_id", json!(""), "err.request.bad"),
    ];
    for (field, value, code) in cases {
        let (mut header, message) = asked("m");
        header[field] = value;
        let answer = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
        refused(&town, &answer, code).await;
    }
    let (header, message) = asked("m");
    let taken = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
    assert_eq!(
        taken.status,
        StatusCode::OK,
        "none of them used up the name"
    );
    let again = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
    assert_eq!(again.code(), "rjct.message_id.duplicate");
    let again = town.ask(SEARCH, Dialect::Jws, (&header, &message)).await;
    assert_eq!(again.code(), "rjct.message_id.duplicate");
    assert_eq!(town.log("spdci.search").await.len(), 1);
}

#[tokio::test]
async fn a_signature_in_the_body_that_does_not_hold_is_refused() {
    let town = Town::open().await;
    let (header, message) = asked("m");
    let (header, message) = (header.to_string(), message.to_string());
    let seal = |key: &SigningKey, sender: &str, now| {
        seal_in(key, ("spdci", sender), (&header, &message), now)
    };
    let now = town.clock.now();
    let text = String::from_utf8(seal(&town.their_key, NAME, now)).expect("UTF-8");
    let hour = jiff::SignedDuration::from_hours(24);
    let bad = "err.signature.invalid";
    let cases = [
        (
            text.replace("000188000011", "000188000012").into_bytes(),
            bad,
        ),
        (text.replace("|ed25519", "|none").into_bytes(), bad),
        (text.replace("\"r0\"", "\"r0\" ").into_bytes(), bad),
        (seal(&town.key, NAME, now), bad),
        (seal(&town.their_key, "ai-do", now), bad),
        (seal(&town.their_key, NAME, now - hour), bad),
        (seal(&town.their_key, NAME, now + hour), bad),
        (
            format!("{{\"header\":{header},\"message\":{message}}}").into_bytes(),
            "err.signature.missing",
        ),
    ];
    for (body, code) in cases {
        let answer = town.post(SEARCH, body, None).await;
        refused(&town, &answer, code).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_detached_signature_that_does_not_hold_is_refused() {
    let town = Town::open().await;
    let (header, message) = asked("m");
    let (body, signature) = town.signed(Dialect::Jws, &header, &message);
    let signature = signature.expect("a header");
    let parts: Vec<&str> = signature.split('.').collect();
    let head = |head: Value| {
        let whole = jws::sign(&town.their_key, &head, &jws::compact(&body));
        let parts: Vec<&str> = whole.split('.').collect();
        format!("{}..{}", parts[0], parts[2])
    };
    let id = town.their_key.id();
    let whole = jws::sign(
        &town.their_key,
        &json!({"alg": "EdDSA", "kid": id}),
        &jws::compact(&body),
    );
    let ours = jws::sign_detached(&town.key, &body);
    let cases = [
        whole,
        ours,
        head(json!({"alg": "none", "kid": id})),
        head(json!({"alg": "HS256", "kid": id})),
        head(json!({"alg": "EdDSA", "kid": "khoa-khac"})),
        head(json!({"alg": "EdDSA"})),
        head(json!({"alg": "EdDSA", "kid": id, "crit": ["b64"], "b64": false})),
        head(json!({"alg": "EdDSA", "kid": id, "typ": "at+jwt"})),
        format!("{}..", parts[0]),
        String::new(),
        "a.b.c.d".to_owned(),
        "x".repeat(5000),
    ];
    for signature in cases {
        let answer = town.post(SEARCH, body.clone(), Some(&signature)).await;
        refused(&town, &answer, "err.signature.invalid").await;
    }
    let text = String::from_utf8(body.clone()).expect("UTF-8");
    let changed = text.replace("000188000011", "000188000012").into_bytes();
    let answer = town.post(SEARCH, changed, Some(&signature)).await;
    refused(&town, &answer, "err.signature.invalid").await;
    let taken = town.post(SEARCH, body, Some(&signature)).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let town = Town::open().await;
    let deep = format!(
        "{{\"header\":{0}{1}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let bodies = ["", "null", "[]", "{\"header\":", "{}", "\u{0}", &deep];
    for body in bodies {
        let answer = town.post(SEARCH, body.as_bytes().to_vec(), None).await;
        refused(&town, &answer, "err.request.bad").await;
    }
    let header = header_of("m", "search", 1);
    let nested = (0..200).fold(json!("51"), |inside, _| json!({"$and": [inside]}));
    let mut message = search_for("t", &["x"]);
    message["search_request"][0]["search_criteria"]["query"] = nested;
    let answer = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
    refused(&town, &answer, "err.request.bad").await;
    let many = search_for("t", &["000188000011"; 21]);
    let header = header_of("m", "search", 21);
    let answer = town.ask(SEARCH, Dialect::Body, (&header, &many)).await;
    refused(&town, &answer, "rjct.total_count.limit_exceeded").await;
    let large = vec![b' '; 2 << 20];
    let answer = town.post(SEARCH, large, None).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_token_holds_a_quarter_of_an_hour_and_for_its_holder() {
    let mut town = Town::open().await;
    let good = town.token.clone();
    let (header, message) = asked("m");
    for token in ["", "x", &good[..good.len() - 4], "eyJhbGciOiJub25lIn0.e30."] {
        town.token = token.to_owned();
        let answer = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
        refused(&town, &answer, "err.request.unauthorized").await;
    }
    town.token = good;
    let now = town.clock.now();
    town.clock = kernel::Clock::Fixed(now + jiff::SignedDuration::from_secs(900));
    let answer = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
    refused(&town, &answer, "err.request.unauthorized").await;
    let wrong = [
        "grant_type=client_credentials&client_id=spmis.thu.vn&client_secret=x",
        "grant_type=client_credentials&client_id=ai-do&client_secret=x",
    ];
    for form in wrong {
        let answer = town.form(form).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"], "invalid_client");
    }
    assert_eq!(
        town.form("grant_type=password").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn an_assertion_signed_with_the_callers_key_gives_one_token() {
    let town = Town::open().await;
    let second = town.clock.now().as_second();
    let claims = json!({"iss": NAME, "sub": NAME, "aud": "an-sinh", "exp": second + 300,
        "jti": "mot-lan-thoi"});
    let head = |key: &SigningKey| json!({"alg": "EdDSA", "kid": key.id()});
    let form = |assertion: &str| {
        format!(
            "grant_type=client_credentials&client_id={NAME}&client_assertion_type={}&client_assertion={assertion}",
            "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        )
    };
    let sign = |key: &SigningKey, claims: &Value| {
        form(&jws::sign(key, &head(key), claims.to_string().as_bytes()))
    };
    let once = sign(&town.their_key, &claims);
    assert_eq!(town.form(&once).await.status, StatusCode::OK);
    assert_eq!(town.form(&once).await.status, StatusCode::UNAUTHORIZED);
    let mut long = claims.clone();
    long["jti"] = json!("lan-khac-dai");
    long["exp"] = json!(second + 90_000);
    for form in [sign(&town.key, &claims), sign(&town.their_key, &long)] {
        assert_eq!(town.form(&form).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let town = Town::open().await;
    for turn in 0..31 {
        let (header, message) = asked(&format!("m{turn}"));
        let answer = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
        match turn {
            30 => assert_eq!(answer.code(), "err.request.too_many_requests"),
            _ => assert_eq!(answer.status, StatusCode::OK),
        }
    }
}

#[tokio::test]
async fn a_message_signed_twice_has_to_hold_twice() {
    let town = Town::open().await;
    let (header, message) = asked("m");
    let (body, _) = town.signed(Dialect::Body, &header, &message);
    let good = jws::sign_detached(&town.their_key, &body);
    let bad = jws::sign_detached(&town.key, &body);
    let text = String::from_utf8(body.clone()).expect("UTF-8");
    let changed = text.replace("000188000011", "000188000012").into_bytes();
    let changed_good = jws::sign_detached(&town.their_key, &changed);
    for (body, signature) in [(&body, &bad), (&changed, &changed_good)] {
        let answer = town.post(SEARCH, body.clone(), Some(signature)).await;
        refused(&town, &answer, "err.signature.invalid").await;
    }
    let taken = town.post(SEARCH, body, Some(&good)).await;
    assert_eq!(taken.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_follow_each_other_by_registering_again() {
    let mut town = Town::open().await;
    let next = SigningKey::of_seed(&[9; 32]).expect("32 bytes");
    let both = spdci::jwk::ours([town.their_key.public(), next.public()]);
    let old_token = town.token.clone();
    town.register(&["name"], "51", &both).await;
    let new_token = std::mem::replace(&mut town.token, old_token);
    let (header, message) = asked("m1");
    let answer = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
    refused(&town, &answer, "err.request.unauthorized").await;
    town.token = new_token;
    let old = town.ask(SEARCH, Dialect::Body, (&header, &message)).await;
    assert_eq!(old.status, StatusCode::OK, "both keys hold meanwhile");
    let old_key = std::mem::replace(&mut town.their_key, next);
    let (header, message) = asked("m2");
    let new = town.ask(SEARCH, Dialect::Jws, (&header, &message)).await;
    assert_eq!(new.status, StatusCode::OK);
    let keys = spdci::jwk::ours([town.their_key.public()]);
    town.register(&["name"], "51", &keys).await;
    town.their_key = old_key;
    let (header, message) = asked("m3");
    let gone = town.ask(SEARCH, Dialect::Jws, (&header, &message)).await;
    assert_eq!(gone.code(), "err.signature.invalid");
}

#[tokio::test]
async fn a_registration_and_its_keys_count_within_their_time() {
    let mut town = Town::open().await;
    let begun = town.clock.now();
    let hours = |hours| begun + jiff::SignedDuration::from_hours(hours);
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let new = spdci::caller::NewCaller {
        name: NAME.to_owned(),
        full_name: "Hệ thống thử".to_owned(),
        fields: words(&["name"]),
        areas: words(&["51"]),
        purposes: words(&["tro-cap"]),
        per_minute: 30,
        keys: spdci::jwk::ours([town.their_key.public()]).to_string(),
        with_secret: true,
        from: Some(hours(1)),
        until: Some(hours(2)),
        ..spdci::caller::NewCaller::default()
    };
    let actor = kernel::Actor::with_every_role("thử");
    let secret = spdci::caller::add(town.db.pool(), &actor, &town.clock, &new).await;
    town.secret = secret.expect("recorded").expect("a secret");
    assert_eq!(
        town.ask_token().await.status,
        StatusCode::UNAUTHORIZED,
        "not yet"
    );
    let late = hours(2) - jiff::SignedDuration::from_secs(1);
    town.clock = kernel::Clock::Fixed(late);
    let token = town.ask_token().await.json();
    town.token = token["access_token"].as_str().expect("a token").to_owned();
    let message = search_for("t", &["000188000011"]);
    let mut header = header_of("m1", "search", 1);
    header["message_ts"] = json!(late);
    let taken = town.ask(SEARCH, Dialect::Jws, (&header, &message)).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    // The token would hold on; what it was given for does not.
    town.clock = kernel::Clock::Fixed(hours(2));
    header["message_id"] = json!("m2");
    for dialect in [Dialect::Body, Dialect::Jws] {
        let over = town.ask(SEARCH, dialect, (&header, &message)).await;
        assert_eq!(over.code(), "err.sender_id.invalid", "{}", over.body);
    }
    assert_eq!(town.ask_token().await.status, StatusCode::UNAUTHORIZED);
}
