//! Removing files that nothing came to name.

use std::collections::HashSet;

use futures_util::stream::StreamExt;
use jiff::{SignedDuration, Timestamp};
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Serialize;

use crate::hash::FileHash;
use crate::store::{Files, Refused, path};

/// Looked up at a time.
const MANY: usize = 1_000;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Swept {
    /// Files that are named, or too young to tell.
    pub kept: u64,
    /// Files that were removed.
    pub removed: u64,
}

impl Files {
    /// Removes files older than an age that `named` does not answer with when asked about them. The
    /// age must be longer than any upload takes: a file is stored before it is named.
    ///
    /// # Errors
    /// When the store fails, or `named` does; files removed so far stay removed.
    pub async fn sweep<E: From<Refused>>(
        &self,
        now: Timestamp,
        age: SignedDuration,
        mut named: impl AsyncFnMut(&[FileHash]) -> Result<HashSet<FileHash>, E>,
    ) -> Result<Swept, E> {
        let oldest = now.as_second() - age.as_secs();
        let mut swept = Swept::default();
        let mut listed = self.store.list(None).chunks(MANY);
        while let Some(some) = listed.next().await {
            let mut old = Vec::with_capacity(MANY);
            for file in some {
                let file = file.map_err(Refused::from)?;
                let hash = file.location.filename().and_then(|it| it.parse().ok());
                match hash {
                    Some(hash) if file.last_modified.timestamp() < oldest => old.push(hash),
                    _ => swept.kept += 1,
                }
            }
            let named = named(&old).await?;
            for hash in old {
                match named.contains(&hash) || !self.remove(&hash, oldest).await? {
                    true => swept.kept += 1,
                    false => swept.removed += 1,
                }
            }
        }
        Ok(swept)
    }

    /// Removes a file unless it came in anew meanwhile.
    async fn remove(&self, hash: &FileHash, oldest: i64) -> Result<bool, Refused> {
        let path = path(hash);
        if self.store.head(&path).await?.last_modified.timestamp() >= oldest {
            return Ok(false);
        }
        self.store.delete(&path).await?;
        Ok(true)
    }
}
