//! Whether signatures are held against the request, the time and what came before.

use g2p::SigningKey;
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use uuid::Uuid;

use super::Findings;
use crate::one_stop::client::{Client, Signing};

/// Asked in every case; nothing follows from it.
const ASKED: (&str, &str) = ("GET", "messages?after=0&limit=1");
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Looks at what is done with signatures, if there is a key to sign with.
pub(super) fn check(client: &Client, clock: &Clock, findings: &mut Findings) {
    if !client.signs() {
        return;
    }
    let now = clock.now();
    let by_code = client.is_soap();
    let nonce = || Uuid::new_v4().to_string();
    let ask = |now: Timestamp, nonce: &str, by: Option<&SigningKey>| {
        let over = None;
        let signing = Signing {
            now,
            nonce,
            over,
            by,
        };
        client.ask_signed(ASKED, ("", b""), &signing)
    };
    let once = nonce();
    let first = ask(now, &once, None);
    findings.answers("yêu cầu ký đúng được nhận", (200, ""), first, by_code);
    for (check, code, now, nonce) in [
        (
            "yêu cầu đã ký gửi lại y nguyên bị từ chối",
            "signature_replayed",
            now,
            once,
        ),
        (
            "chữ ký của ngày mai bị từ chối",
            "signature_clock",
            now + DAY,
            nonce(),
        ),
        (
            "chữ ký của hôm qua bị từ chối",
            "signature_clock",
            now - DAY,
            nonce(),
        ),
    ] {
        let answer = ask(now, &nonce, None);
        findings.answers(check, (401, code), answer, by_code);
    }
    if let Ok(other) = SigningKey::of_seed(Uuid::new_v4().as_bytes().repeat(2).as_slice()) {
        let answer = ask(now, &nonce(), Some(&other));
        let asks = (401, "signature_wrong");
        findings.answers("chữ ký bằng khóa khác bị từ chối", asks, answer, by_code);
    }
    let signing = Signing {
        now,
        nonce: &nonce(),
        over: Some(b"{}"),
        by: None,
    };
    let path = format!("messages/{}/ack", Uuid::new_v4());
    let content = ("application/json", b"{\"failed\":\"x\"}".as_slice());
    let answer = client.ask_signed(("POST", &path), content, &signing);
    let asks = (422, "content_digest_wrong");
    findings.answers(
        "nội dung khác với nội dung đã ký bị từ chối",
        asks,
        answer,
        by_code,
    );
}
