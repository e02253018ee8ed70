//! Keys: ours, secret, in a file that only its owner reads; those of others, public.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

/// Bytes of the secret a key pair is made of.
const SEED: usize = 32;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NotAKey {
    /// Not 32 bytes in Base64.
    #[error("khóa ed25519 phải là 32 byte viết bằng Base64")]
    Malformed,
    /// Somebody else may read the file.
    #[error("tệp khóa {0} cho người khác đọc được: hãy đặt quyền 600")]
    Exposed(String),
    /// The disk, or the machine's source of chance.
    #[error("không đọc hoặc ghi được tệp khóa: {0}")]
    Io(#[from] io::Error),
}

impl NotAKey {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            NotAKey::Malformed => "key_malformed",
            NotAKey::Exposed(_) => "key_exposed",
            NotAKey::Io(_) => "key_unreadable",
        }
    }
}

/// A key pair that signs with ed25519.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    id: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// Of a secret of 32 bytes.
    ///
    /// # Errors
    /// [`NotAKey::Malformed`] for another length.
    pub fn of_seed(seed: &[u8]) -> Result<SigningKey, NotAKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NotAKey::Malformed)?;
        let id = public(&pair).id();
        Ok(SigningKey { pair, id })
    }

    /// The key of a file: Base64 of the secret in one line.
    ///
    /// # Errors
    /// [`NotAKey`], also when others than the owner may read the file.
    pub fn read(path: &Path) -> Result<SigningKey, NotAKey> {
        let mut file = std::fs::File::open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            return Err(NotAKey::Exposed(path.display().to_string()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let seed = STANDARD.decode(text.trim());
        SigningKey::of_seed(&seed.map_err(|_| NotAKey::Malformed)?)
    }

    /// Makes a key and keeps it in a new file that only its owner reads.
    ///
    /// # Errors
    /// [`NotAKey::Io`], also when the file is there.
    pub fn make(path: &Path) -> Result<SigningKey, NotAKey> {
        let mut seed = [0; SEED];
        let chance = SystemRandom::new().fill(&mut seed);
        chance.map_err(|_| io::Error::other("không có nguồn ngẫu nhiên"))?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{}", STANDARD.encode(seed))?;
        file.sync_all()?;
        SigningKey::of_seed(&seed)
    }

    /// The key of a file, made when there is none.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn read_or_make(path: &Path) -> Result<SigningKey, NotAKey> {
        match SigningKey::read(path) {
            Err(NotAKey::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                SigningKey::make(path)
            }
            read => read,
        }
    }

    /// What others call it: [`PublicKey::id`].
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What others check its signatures with.
    pub fn public(&self) -> PublicKey {
        public(&self.pair)
    }

    /// The signature of a text, as Base64.
    pub fn sign(&self, text: &[u8]) -> String {
        STANDARD.encode(self.sign_bytes(text))
    }

    /// The signature of some bytes, 64 bytes.
    pub fn sign_bytes(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }
}

fn public(pair: &Ed25519KeyPair) -> PublicKey {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(pair.public_key().as_ref());
    PublicKey(bytes)
}

/// A public key of ed25519.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Of 32 bytes.
    ///
    /// # Errors
    /// [`NotAKey::Malformed`].
    pub fn of_bytes(bytes: &[u8]) -> Result<PublicKey, NotAKey> {
        bytes
            .try_into()
            .map(PublicKey)
            .map_err(|_| NotAKey::Malformed)
    }

    /// Of Base64, as people hand it over.
    ///
    /// # Errors
    /// [`NotAKey::Malformed`].
    pub fn read(text: &str) -> Result<PublicKey, NotAKey> {
        let bytes = STANDARD.decode(text.trim());
        PublicKey::of_bytes(&bytes.map_err(|_| NotAKey::Malformed)?)
    }

    /// What others call a key of ours, made of it, so that another key has another name.
    pub fn id(&self) -> String {
        let print = hex::encode(Sha256::digest(self.0));
        format!("k-{}", &print[..12])
    }

    /// As Base64.
    pub fn text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Whether the bytes were signed with the secret key of this one.
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(text, signature)
            .is_ok()
    }
}
