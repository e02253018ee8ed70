//! Our own key pairs: the one that signs, and before and after a change also the next one and the last one, so
//! that others know the next before it signs and still believe what the last one signed. Beside the key's file
//! stand `FILE.next` with the next secret and `FILE.last` with the last public key: its secret is gone.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{NotAKey, PublicKey, SigningKey};

/// Our keys, as their files were when they were read.
#[derive(Debug)]
pub struct OwnKeys {
    /// What signs.
    pub signing: SigningKey,
    /// What signs after the next change, once it is made.
    pub next: Option<PublicKey>,
    /// What signed before the last change.
    pub last: Option<PublicKey>,
}

impl OwnKeys {
    /// Those kept at a path; none where no key was made yet.
    ///
    /// # Errors
    /// [`NotAKey`], also when others than the owner may read a secret.
    pub fn read(path: &Path) -> Result<Option<OwnKeys>, NotAKey> {
        let Some(signing) = there(SigningKey::read(path))? else {
            return Ok(None);
        };
        let next = there(SigningKey::read(&beside(path, ".next")))?;
        let last = there(fs::read_to_string(beside(path, ".last")).map_err(NotAKey::from))?;
        Ok(Some(OwnKeys {
            signing,
            next: next.map(|key| key.public()),
            last: last.map(|text| PublicKey::read(&text)).transpose()?,
        }))
    }

    /// The key that is to sign next, made when there is none. It signs after [`OwnKeys::change`].
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn prepare(path: &Path) -> Result<SigningKey, NotAKey> {
        SigningKey::read_or_make(&beside(path, ".next"))
    }

    /// Lets the next key sign from now on; the secret of the one before is gone. Stopped half-way it can be
    /// done again. Returns the key that signs.
    ///
    /// # Errors
    /// [`NotAKey`]; [`NotAKey::Io`] of a file that is not found when no next key was made, and nothing is changed.
    pub fn change(path: &Path) -> Result<SigningKey, NotAKey> {
        let (signing, next) = (SigningKey::read(path)?, beside(path, ".next"));
        let becomes = SigningKey::read(&next)?;
        let (last, half) = (beside(path, ".last"), beside(path, ".last.half"));
        let mut file = fs::File::create(&half)?;
        writeln!(file, "{}", signing.public().text())?;
        file.sync_all()?;
        fs::rename(half, last)?;
        fs::rename(next, path)?;
        Ok(becomes)
    }

    /// What others may meet a signature of.
    pub fn public(&self) -> impl Iterator<Item = PublicKey> {
        let signing = self.signing.public();
        let others = [self.next, self.last].into_iter().flatten();
        std::iter::once(signing).chain(others.filter(move |key| *key != signing))
    }
}

impl From<SigningKey> for OwnKeys {
    /// A key alone, before any change.
    fn from(signing: SigningKey) -> OwnKeys {
        OwnKeys {
            signing,
            next: None,
            last: None,
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// What was read; none where there is no file.
fn there<T>(read: Result<T, NotAKey>) -> Result<Option<T>, NotAKey> {
    match read {
        Err(NotAKey::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}
