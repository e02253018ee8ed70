//! Messages signed and checked, bit by bit; keys in files.

use std::os::unix::fs::PermissionsExt;

use g2p::signature::{BadSignature, VALID_FOR};
use g2p::{Envelope, NotAKey, PublicKey, Signed, SigningKey, seal};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const HEADER: &str = r#"{"version":"1.0.0","message_id":"AS-7-1","total_count":1}"#;
const MESSAGE: &str = r#"{"transaction_id":"AS-7","disbursements":[]}"#;

fn key(seed: u8) -> SigningKey {
    SigningKey::of_seed(&[seed; 32]).expect("32 bytes")
}

fn noon() -> Timestamp {
    "2024-05-02T12:00:00+07:00".parse().expect("a time")
}

fn sealed() -> Vec<u8> {
    seal(&key(1), "an-sinh", (HEADER, MESSAGE), noon())
}

fn check(body: &[u8], key: &PublicKey, now: Timestamp) -> Result<Signed, BadSignature> {
    let envelope = Envelope::read(body).map_err(|_| BadSignature::Malformed)?;
    let signed = envelope.signed()?;
    signed.verify(key, &envelope.digest(), now)?;
    Ok(signed)
}

#[test]
fn a_signed_message_says_who_signed_it() {
    let body = sealed();
    let signed = check(&body, &key(1).public(), noon()).expect("genuine");
    assert_eq!(signed.sender, "an-sinh");
    assert_eq!(signed.key_id, key(1).id());
    let text = String::from_utf8(body).expect("UTF-8");
    let form = r#"{"signature":"Signature: namespace=\"g2p\", kidId=\"an-sinh|k-"#;
    assert!(text.starts_with(form), "{text}");
    assert_eq!(sealed(), text.as_bytes(), "the same again");
}

#[test]
fn another_key_is_not_the_one_it_was_signed_with() {
    let checked = check(&sealed(), &key(2).public(), noon());
    assert_eq!(checked, Err(BadSignature::Wrong));
}

#[test]
fn it_holds_for_an_hour_and_not_before_it_was_signed() {
    let at = |pause: SignedDuration| check(&sealed(), &key(1).public(), noon() + pause).err();
    assert_eq!(at(VALID_FOR - SignedDuration::from_secs(1)), None);
    assert_eq!(at(VALID_FOR), Some(BadSignature::Expired));
    assert_eq!(at(SignedDuration::from_mins(-5)), None, "clocks differ");
    let ahead = at(SignedDuration::from_mins(-6));
    assert_eq!(ahead, Some(BadSignature::BadTimes));
}

#[test]
fn signatures_of_no_good_form_are_refused() {
    let good = String::from_utf8(sealed()).expect("UTF-8");
    for (from, to) in [
        (r#"algorithm=\"ed25519\""#, r#"algorithm=\"none\""#),
        ("|ed25519", "|rsa"),
        ("(created) (expires) digest", "(created)"),
        (r#"created=\""#, r#"created=\"x"#),
        (r#", algorithm"#, r#", created=\"1\", algorithm"#),
        (r#"signature=\""#, r#"signature=\"*"#),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let checked = check(bad.as_bytes(), &key(1).public(), noon());
        assert_eq!(checked, Err(BadSignature::Malformed), "{to}");
    }
    let unsigned = format!("{{\"header\":{HEADER},\"message\":{MESSAGE}}}");
    let checked = check(unsigned.as_bytes(), &key(1).public(), noon());
    assert_eq!(checked, Err(BadSignature::Missing));
}

proptest! {
    #[test]
    fn whatever_is_changed_shows(at in 0_usize..600, bit in 0_u8..8) {
        let mut body = sealed();
        let at = at % body.len();
        body[at] ^= 1 << bit;
        let good = sealed();
        let envelope = Envelope::read(&good).expect("reads");
        let signed = envelope.signed().expect("signed");
        // A change may leave the same message: of a name nobody signs, of space between its parts.
        if let Ok(changed) = check(&body, &key(1).public(), noon()) {
            let envelope = Envelope::read(&body).expect("it was read");
            prop_assert_eq!(envelope.digest(), Envelope::read(&good).expect("reads").digest());
            let other_name = changed.sender != signed.sender || changed.key_id != signed.key_id;
            prop_assert!(other_name || changed == signed);
        }
    }

    #[test]
    fn anything_at_all_is_read_or_refused(text in ".{0,300}") {
        let _ = Signed::read(&text);
        let _ = Envelope::read(text.as_bytes()).map(|envelope| envelope.signed().is_ok());
    }

    #[test]
    fn amounts_are_whole_dong(amount in 0_i64..10_000_000_000_000) {
        let written = g2p::disburse::write_amount(kernel::Dong(amount));
        prop_assert_eq!(g2p::disburse::read_amount(&written), Some(kernel::Dong(amount)));
    }
}

#[test]
fn amounts_that_are_none() {
    for bad in [
        "",
        "1.5",
        "1.001",
        "-1.00",
        "+1.00",
        "1e3",
        "12345678901234.00",
        ".00",
        "1.",
        "１.0",
    ] {
        assert_eq!(g2p::disburse::read_amount(bad), None, "{bad}");
    }
}

#[test]
fn a_key_is_kept_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("signing.key");
    let made = SigningKey::read_or_make(&path).expect("made");
    let mode = std::fs::metadata(&path)
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = SigningKey::read_or_make(&path).expect("read");
    assert_eq!(again.public(), made.public());
    assert!(
        SigningKey::make(&path).is_err(),
        "a key is never overwritten"
    );
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&path, open).expect("set");
    let exposed = SigningKey::read(&path);
    assert!(matches!(exposed, Err(NotAKey::Exposed(_))));
    assert!(PublicKey::read("AAAA").is_err());
    let text = made.public().text();
    assert_eq!(PublicKey::read(&text).expect("32 bytes"), made.public());
}
