//! The second dialect of signatures: the HTTP header `Signature` with a detached JWS (RFC 7515, appendix
//! F) over the compact JSON of the whole body; and whole JWS, for tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use g2p::{BadSignature, SigningKey};
use serde_json::{Value, json};

use crate::jwk::Key;

/// Letters of an honest one are some 150, with RSA some 450.
const MAX_TEXT: usize = 4096;

/// A JWS as read, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    /// With which key it says to be signed.
    pub key_id: String,
    /// `typ`, if it has one.
    pub kind: Option<String>,
    algorithm: String,
    head: String,
    payload: String,
    signature: Vec<u8>,
}

impl Jws {
    /// Reads the compact form, whole or with an empty payload.
    ///
    /// # Errors
    /// [`BadSignature::Malformed`], also for headers that would have to be understood (`crit`).
    pub fn read(text: &str) -> Result<Jws, BadSignature> {
        let bad = || BadSignature::Malformed;
        if text.len() > MAX_TEXT {
            return Err(bad());
        }
        let mut parts = text.trim().split('.');
        let parts = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(head), Some(payload), Some(signature), None) = parts else {
            return Err(bad());
        };
        let header = URL_SAFE_NO_PAD.decode(head).map_err(|_| bad())?;
        let header: Value = serde_json::from_slice(&header).map_err(|_| bad())?;
        let header = header.as_object().ok_or_else(bad)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(bad());
        }
        let field = |name: &str| header.get(name).and_then(Value::as_str);
        Ok(Jws {
            key_id: field("kid").ok_or_else(bad)?.to_owned(),
            kind: field("typ").map(str::to_owned),
            algorithm: field("alg").ok_or_else(bad)?.to_owned(),
            head: head.to_owned(),
            payload: payload.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| bad())?,
        })
    }

    /// Whether the key signed this body.
    ///
    /// # Errors
    /// [`BadSignature::Malformed`] when the payload is in it, [`BadSignature::Wrong`], also for another
    /// algorithm than the key's.
    pub fn verify_detached(&self, key: &Key, body: &[u8]) -> Result<(), BadSignature> {
        if !self.payload.is_empty() || self.kind.as_deref() == Some(TOKEN) {
            return Err(BadSignature::Malformed);
        }
        self.verify(key, &URL_SAFE_NO_PAD.encode(compact(body)))
    }

    /// What a whole one says, if the key signed it.
    ///
    /// # Errors
    /// As above, and [`BadSignature::Malformed`] when it says no JSON.
    pub fn claims(&self, key: &Key) -> Result<Value, BadSignature> {
        self.verify(key, &self.payload)?;
        let bad = |_| BadSignature::Malformed;
        let payload = URL_SAFE_NO_PAD
            .decode(&self.payload)
            .map_err(|_| BadSignature::Malformed)?;
        serde_json::from_slice(&payload).map_err(bad)
    }

    fn verify(&self, key: &Key, payload: &str) -> Result<(), BadSignature> {
        let signed = format!("{}.{payload}", self.head);
        if self.algorithm == key.algorithm() && key.verifies(signed.as_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(BadSignature::Wrong)
        }
    }
}

/// `typ` of our tokens, so that no signature of a message is one.
pub(crate) const TOKEN: &str = "at+jwt";

/// The `Signature` header of a body.
pub fn sign_detached(key: &SigningKey, body: &[u8]) -> String {
    let head = json!({"alg": "EdDSA", "kid": key.id()});
    let whole = sign(key, &head, &compact(body));
    let mut parts = whole.split('.');
    let (head, signature) = (parts.next().unwrap_or(""), parts.next_back().unwrap_or(""));
    format!("{head}..{signature}")
}

/// A whole JWS.
pub fn sign(key: &SigningKey, head: &Value, payload: &[u8]) -> String {
    let head = URL_SAFE_NO_PAD.encode(head.to_string());
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(key.sign_bytes(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// JSON without blanks between its parts. Order, numbers and letters stay as they were written, so
/// that two sides need not write them alike.
pub fn compact(json: &[u8]) -> Vec<u8> {
    let (mut within, mut escaped) = (false, false);
    let kept = json.iter().copied().filter(|byte| {
        if within {
            (within, escaped) = match (escaped, byte) {
                (true, _) => (true, false),
                (false, b'\\') => (true, true),
                (false, b'"') => (false, false),
                (false, _) => (true, false),
            };
            return true;
        }
        within = *byte == b'"';
        !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_go_between_parts_and_stay_within_texts() {
        let body = b" { \"a b\" : [ 1.50 , \"x \\\" y\" ]\n}";
        assert_eq!(compact(body), b"{\"a b\":[1.50,\"x \\\" y\"]}");
    }
}
