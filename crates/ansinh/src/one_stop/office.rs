//! Who asks the province: the office, which signs what it asks (RFC 9421). Anything else is refused.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Uri};
use exchange::BadSignature;
use exchange::signature::{Request, Signed, WINDOW};
use g2p::PublicKey;
use jiff::Timestamp;
use kernel::Clock;

/// The office as the province knows it.
pub struct Office {
    key: PublicKey,
    clock: Clock,
    /// Requests taken, by what shows that one is the same again, for as long as its time could count.
    seen: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl Office {
    /// Known by its public key.
    pub fn new(key: PublicKey, clock: Clock) -> Office {
        Office {
            key,
            clock,
            seen: Mutex::default(),
        }
    }

    /// Whether a `GET` comes from the office: signed with its key, of now, never seen before.
    ///
    /// # Errors
    /// Why it is not taken for the office's.
    pub fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), BadSignature> {
        let header = |name: &str| {
            let values = headers.get_all(name).iter();
            let values: Option<Vec<&str>> = values.map(|it| it.to_str().ok()).collect();
            values.filter(|it| !it.is_empty()).map(|it| it.join(", "))
        };
        let authority = header("host").unwrap_or_default();
        let request = Request {
            method: "GET",
            authority: &authority,
            path: uri.path(),
            query: uri.query(),
            header: &header,
        };
        let signed = match (header("signature-input"), header("signature")) {
            (Some(input), Some(signature)) => Signed::read(&input, &signature)?,
            (None, None) => return Err(BadSignature::Missing),
            _ => return Err(BadSignature::Malformed),
        };
        let now = self.clock.now();
        signed.check(&request, now)?;
        signed.verify(&self.key, &request)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, at| now.duration_since(*at) <= WINDOW * 3);
        match seen.insert(signed.once(), now) {
            None => Ok(()),
            Some(_) => Err(BadSignature::Replayed),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, Uri};
    use exchange::BadSignature;
    use exchange::signature::{Request, sign};
    use g2p::SigningKey;
    use jiff::{SignedDuration, Timestamp};
    use kernel::Clock;

    use super::Office;

    const TARGET: &str = "/x/dossiers?after=a&limit=10";

    fn asked(key: &SigningKey, target: &str, at: Timestamp, nonce: &str) -> HeaderMap {
        let uri: Uri = target.parse().expect("a target");
        let request = Request {
            method: "GET",
            authority: "tinh.test:8090",
            path: uri.path(),
            query: uri.query(),
            header: &|_: &str| None,
        };
        let components = ["@method", "@target-uri"];
        let signed = sign((key, key.id()), &request, "http", &components, (at, nonce));
        let (input, signature) = signed.expect("signed");
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "tinh.test:8090".to_owned()),
            ("signature-input", input),
            ("signature", signature),
        ] {
            headers.insert(name, HeaderValue::from_str(&value).expect("a header"));
        }
        headers
    }

    #[test]
    fn only_what_the_office_signed_now_and_for_the_first_time_is_admitted() {
        let now: Timestamp = "2024-05-06T08:00:00+07:00".parse().expect("a time");
        let key = SigningKey::of_seed(&[1; 32]).expect("a key");
        let other = SigningKey::of_seed(&[2; 32]).expect("a key");
        let office = Office::new(key.public(), Clock::Fixed(now));
        let uri: Uri = TARGET.parse().expect("a target");
        let admit = |headers: &HeaderMap| office.admit(&uri, headers);
        let good = asked(&key, TARGET, now, "1");
        assert_eq!(admit(&good), Ok(()));
        assert_eq!(admit(&good), Err(BadSignature::Replayed));
        assert_eq!(admit(&asked(&key, TARGET, now, "2")), Ok(()));
        assert_eq!(admit(&HeaderMap::new()), Err(BadSignature::Missing));
        assert_eq!(
            admit(&asked(&other, TARGET, now, "3")),
            Err(BadSignature::Wrong)
        );
        let elsewhere = asked(&key, "/x/dossiers?after=b&limit=10", now, "4");
        assert_eq!(admit(&elsewhere), Err(BadSignature::Wrong));
        let yesterday = now - SignedDuration::from_hours(24);
        assert_eq!(
            admit(&asked(&key, TARGET, yesterday, "5")),
            Err(BadSignature::Clock)
        );
        let mut half = asked(&key, TARGET, now, "6");
        half.remove("signature");
        assert_eq!(admit(&half), Err(BadSignature::Malformed));
    }
}
