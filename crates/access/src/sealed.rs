//! Secrets that must be read again, kept encrypted. The key is in a file outside the database, so that
//! a copy of the database alone opens nothing.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

/// Bytes of a key.
const LENGTH: usize = 32;

/// Why a key, or what is sealed with it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Not 32 bytes in Base64.
    #[error("khóa mã hóa phải là 32 byte viết bằng Base64")]
    Malformed,
    /// Somebody else may read the file.
    #[error("tệp khóa {0} cho người khác đọc được: hãy đặt quyền 600")]
    Exposed(String),
    /// Sealed with another key, or changed since.
    #[error(
        "không mở được bí mật đã mã hóa: máy chủ đang dùng khóa khác với lúc ghi (--secret-key)"
    )]
    OtherKey,
    /// The disk, or the machine's source of chance.
    #[error("không đọc hoặc ghi được tệp khóa: {0}")]
    Io(#[from] io::Error),
}

/// The key that secrets are sealed with.
pub struct SecretKey {
    key: LessSafeKey,
    id: String,
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey({})", self.id)
    }
}

impl SecretKey {
    /// Of 32 bytes.
    ///
    /// # Errors
    /// [`SealError::Malformed`] for another length.
    pub fn of_bytes(bytes: &[u8]) -> Result<SecretKey, SealError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).map_err(|_| SealError::Malformed)?;
        // A name that tells keys apart and says nothing of them.
        let print = Sha256::digest([b"an-sinh secret key".as_slice(), bytes].concat());
        Ok(SecretKey {
            key: LessSafeKey::new(key),
            id: hex::encode(&print[..6]),
        })
    }

    /// The key of a file: Base64 in one line.
    ///
    /// # Errors
    /// [`SealError`], also when others than the owner may read the file.
    pub fn read(path: &Path) -> Result<SecretKey, SealError> {
        let mut file = std::fs::File::open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            return Err(SealError::Exposed(path.display().to_string()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let bytes = STANDARD.decode(text.trim());
        SecretKey::of_bytes(&bytes.map_err(|_| SealError::Malformed)?)
    }

    /// The key of a file, made when there is none, so that only its owner reads it.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn read_or_make(path: &Path) -> Result<SecretKey, SealError> {
        match SecretKey::read(path) {
            Err(SealError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        let bytes = random::<LENGTH>()?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        let mut file = match file {
            // Another server made it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return SecretKey::read(path);
            }
            file => file?,
        };
        writeln!(file, "{}", STANDARD.encode(bytes))?;
        file.sync_all()?;
        SecretKey::of_bytes(&bytes)
    }

    /// What tells this key from others.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Encrypts a secret of `owner`; it opens for no other owner.
    pub(crate) fn seal(&self, owner: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = secret.to_vec();
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(nonce_used, Aad::from(owner), &mut sealed)
            .map_err(|_| SealError::Malformed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`SecretKey::seal`] made.
    pub(crate) fn open(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, secret) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or(SealError::OtherKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::OtherKey)?;
        let mut secret = secret.to_vec();
        let opened = self
            .key
            .open_in_place(nonce, Aad::from(owner), &mut secret)
            .map_err(|_| SealError::OtherKey)?;
        Ok(opened.to_vec())
    }
}

fn random<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    let filled = OsRng.try_fill_bytes(&mut bytes);
    filled.map_err(|_| io::Error::other("không có nguồn ngẫu nhiên"))?;
    Ok(bytes)
}
