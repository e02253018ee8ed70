//! Secrets handed out once and kept only as their hash.

use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("hệ điều hành không cấp được số ngẫu nhiên: {0}")]
pub struct NoRandomness(#[from] rand::rand_core::OsError);

/// 32 random bytes of the operating system, as 64 hexadecimal digits.
pub(crate) fn make() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; 32];
    OsRng.try_fill_bytes(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// What the database keeps of a secret. A plain hash suffices: the secret has 256 random bits.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
