//! Names of files.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// SHA-256 of a file's content.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileHash(pub [u8; 32]);

impl FileHash {
    /// From 32 bytes, as databases keep it.
    pub fn from_bytes(bytes: &[u8]) -> Option<FileHash> {
        bytes.try_into().ok().map(FileHash)
    }
}

/// 64 hexadecimal digits in small letters.
impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The text is no SHA-256 in 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mã tệp không đúng: cần 64 chữ số thập lục phân viết thường")]
pub struct NotAHash;

impl FromStr for FileHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<FileHash, NotAHash> {
        let mut bytes = [0; 32];
        let small = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if small => Ok(FileHash(bytes)),
            _ => Err(NotAHash),
        }
    }
}

impl Serialize for FileHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
