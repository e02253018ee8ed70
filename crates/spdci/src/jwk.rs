//! Public keys as JSON (RFC 7517, RFC 8037): those of callers, and ours for them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use g2p::PublicKey;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

/// Bytes of the shortest modulus taken: 2048 bits.
const SHORTEST_MODULUS: usize = 256;
/// Bytes of the longest: 8192 bits.
const LONGEST_MODULUS: usize = 1024;

/// What a caller's signatures are checked with. The key says which algorithm counts, never the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Both dialects.
    Ed25519(PublicKey),
    /// The dialect of the HTTP header only (RS256).
    Rsa {
        /// Modulus.
        n: Vec<u8>,
        /// Exponent.
        e: Vec<u8>,
    },
}

/// A key with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The caller's name of it.
    pub key_id: String,
    /// The key.
    pub key: Key,
}

impl Key {
    /// Of one public key as JSON; its name is `kid`.
    ///
    /// # Errors
    /// A sentence saying what is wrong, also for a key that holds its secret.
    pub fn read(jwk: &Value) -> Result<Named, &'static str> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if jwk.get("d").is_some() || jwk.get("k").is_some() {
            return Err("tệp chứa khóa bí mật; chỉ đưa khóa công khai");
        }
        let bytes = |name: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text(name).unwrap_or(""));
            bytes.map_err(|_| "khóa không viết bằng Base64url")
        };
        let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let key_id = text("kid").ok_or("khóa không có kid")?;
        if !(1..=100).contains(&key_id.len()) || !key_id.bytes().all(named) {
            return Err("kid gồm chữ không dấu, chữ số, . - và _, nhiều nhất 100 ký tự");
        }
        let key = match (text("kty"), text("crv")) {
            (Some("OKP"), Some("Ed25519")) => {
                let key = PublicKey::of_bytes(&bytes("x")?);
                Key::Ed25519(key.map_err(|_| "khóa ed25519 phải dài 32 byte")?)
            }
            (Some("RSA"), _) => {
                let n = bytes("n")?;
                let n = n[n.iter().take_while(|byte| **byte == 0).count()..].to_vec();
                let e = bytes("e")?;
                if !(SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&n.len()) || e.is_empty() {
                    return Err("khóa RSA phải có từ 2048 đến 8192 bit");
                }
                Key::Rsa { n, e }
            }
            _ => return Err("chỉ nhận khóa OKP Ed25519 và RSA"),
        };
        Ok(Named {
            key_id: key_id.to_owned(),
            key,
        })
    }

    /// Every key of a set `{"keys": […]}`, with its JSON.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn read_set(text: &str) -> Result<Vec<(Named, Value)>, &'static str> {
        let set: Value = serde_json::from_str(text).map_err(|_| "tệp khóa không phải JSON")?;
        let keys = set.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or("tệp khóa không có danh sách keys")?;
        if keys.is_empty() || keys.len() > 20 {
            return Err("tệp khóa có từ 1 đến 20 khóa");
        }
        let read = |jwk: &Value| Ok((Key::read(jwk)?, jwk.clone()));
        keys.iter().map(read).collect()
    }

    /// What JWS call the one algorithm of the key.
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Key::Ed25519(_) => "EdDSA",
            Key::Rsa { .. } => "RS256",
        }
    }

    /// Whether the bytes were signed with the secret key of this one.
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        match self {
            Key::Ed25519(key) => key.verifies(text, signature),
            Key::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
                .is_ok(),
        }
    }
}

/// Our keys, for `/.well-known/jwks.json`.
pub fn ours(keys: impl IntoIterator<Item = PublicKey>) -> Value {
    let jwk = |key: PublicKey| {
        let x = URL_SAFE_NO_PAD.encode(key.0);
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id(), "x": x})
    };
    json!({"keys": keys.into_iter().map(jwk).collect::<Vec<_>>()})
}
