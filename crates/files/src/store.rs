//! Taking files in and handing them out.

use std::fmt;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::content::{self, Failed, Fault, MediaType};
use crate::hash::FileHash;

/// Largest file in bytes: 25 MB.
pub const LARGEST: u64 = 25 << 20;

/// Read and written at a time.
const PIECE: usize = 256 << 10;

/// Where files are kept.
#[derive(Clone)]
pub struct Files {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Where files wait until it is known what they are; gone from there by themselves.
    waiting: PathBuf,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.store)
    }
}

/// A file as it was taken in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Stored {
    /// Its name.
    pub hash: FileHash,
    /// By its content.
    pub media_type: MediaType,
    /// In bytes.
    pub size: u64,
}

/// A file being handed out.
pub struct Content {
    /// In bytes.
    pub size: u64,
    /// Piece by piece.
    pub pieces: BoxStream<'static, Result<Bytes, Refused>>,
}

/// Why a file was not taken in or handed out.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Nothing came.
    #[error("tệp rỗng")]
    Empty,
    /// More than [`LARGEST`].
    #[error("tệp lớn quá 25 MB")]
    TooLarge,
    /// Not of a kind that is taken, or not sound.
    #[error(transparent)]
    Content(#[from] Fault),
    /// It is another file than its sender said.
    #[error("nội dung tệp không khớp mã SHA-256 đã nêu")]
    OtherHash,
    /// The sender broke off.
    #[error("nhận tệp dở dang: {0}")]
    Interrupted(String),
    /// The store failed.
    #[error("kho tệp báo lỗi: {0}")]
    Store(#[from] object_store::Error),
    /// The disk failed.
    #[error("không ghi hoặc đọc được tệp: {0}")]
    Disk(#[from] std::io::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Empty => "empty_file",
            Refused::TooLarge => "file_too_large",
            Refused::Content(fault) => fault.code(),
            Refused::OtherHash => "hash_mismatch",
            Refused::Interrupted(_) => "interrupted",
            Refused::Store(_) => "file_store",
            Refused::Disk(_) => "disk",
        }
    }

    /// Whether another file would be taken.
    pub const fn is_of_the_file(&self) -> bool {
        matches!(
            self,
            Refused::Empty | Refused::TooLarge | Refused::Content(_) | Refused::OtherHash
        )
    }
}

impl Files {
    /// In a folder, made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn in_folder(folder: &Path) -> Result<Files, Refused> {
        let waiting = folder.join("waiting");
        std::fs::create_dir_all(&waiting)?;
        let kept = folder.join("kept");
        std::fs::create_dir_all(&kept)?;
        let store = LocalFileSystem::new_with_prefix(kept)?.with_fsync(true);
        Ok(Files {
            store: Arc::new(store),
            waiting,
        })
    }

    /// As a setting says: `s3://bucket/prefix`, with address and keys of the store in the
    /// environment (`AWS_ENDPOINT`, `AWS_ACCESS_KEY_ID`, …), or the path of a folder.
    ///
    /// # Errors
    /// When the setting is wrong or the folder cannot be made.
    pub fn at(setting: &str) -> Result<Files, Refused> {
        let Some(bucket) = setting.strip_prefix("s3://") else {
            return Files::in_folder(Path::new(setting));
        };
        // Whoever came first has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        let store = AmazonS3Builder::from_env().with_bucket_name(bucket);
        Ok(Files {
            store: Arc::new(PrefixStore::new(store.build()?, prefix)),
            waiting: std::env::temp_dir(),
        })
    }

    /// Takes a file in, piece by piece; a name is held against the content. The same content again
    /// is kept once, and counts as new for [`Files::sweep`].
    ///
    /// # Errors
    /// [`Refused`]: nothing is kept.
    pub async fn take_in<E: fmt::Display>(
        &self,
        name: &str,
        pieces: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Stored, Refused> {
        let ends_well = |stored: &Stored| Ok(content::check_ending(name, stored.media_type)?);
        self.take(pieces, ends_well).await
    }

    /// Takes in the file with a hash, piece by piece. The same content again is kept once, and counts
    /// as new for [`Files::sweep`].
    ///
    /// # Errors
    /// [`Refused`], [`Refused::OtherHash`] when the content has another: nothing is kept.
    pub async fn take_in_as<E: fmt::Display>(
        &self,
        hash: &FileHash,
        pieces: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Stored, Refused> {
        let is_it = |stored: &Stored| match stored.hash == *hash {
            true => Ok(()),
            false => Err(Refused::OtherHash),
        };
        self.take(pieces, is_it).await
    }

    /// Takes in a file that its sender names only afterwards, piece by piece; otherwise as [`Files::take_in`].
    ///
    /// # Errors
    /// [`Refused`]: nothing is kept.
    pub async fn take_in_unnamed<E: fmt::Display>(
        &self,
        pieces: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Stored, Refused> {
        self.take(pieces, |_| Ok(())).await
    }

    async fn take<E: fmt::Display>(
        &self,
        pieces: impl Stream<Item = Result<Bytes, E>>,
        check: impl FnOnce(&Stored) -> Result<(), Refused>,
    ) -> Result<Stored, Refused> {
        let waiting = tempfile::tempfile_in(&self.waiting)?;
        let mut file = tokio::fs::File::from_std(waiting.try_clone()?);
        let (hash, size) = receive(&mut file, pieces).await?;
        let (mut waiting, media_type) = looked_at(waiting, size).await?;
        let stored = Stored {
            hash,
            media_type,
            size,
        };
        check(&stored)?;
        waiting.seek(SeekFrom::Start(0))?;
        self.keep(waiting, hash).await?;
        Ok(stored)
    }

    async fn keep(&self, waiting: std::fs::File, hash: FileHash) -> Result<(), Refused> {
        let mut from = tokio::fs::File::from_std(waiting);
        let mut to = BufWriter::with_capacity(Arc::clone(&self.store), path(&hash), 6 << 20);
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece).await?;
            if read == 0 {
                break;
            }
            to.write_all(&piece[..read]).await?;
        }
        to.shutdown().await?;
        Ok(())
    }

    /// The file with the name, or `None`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(&self, hash: &FileHash) -> Result<Option<Content>, Refused> {
        match self.store.get(&path(hash)).await {
            Ok(found) => Ok(Some(Content {
                size: found.meta.size,
                pieces: found
                    .into_stream()
                    .map(|it| it.map_err(Refused::from))
                    .boxed(),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where a file is kept: folders of two digits keep each of them small.
pub(crate) fn path(hash: &FileHash) -> object_store::path::Path {
    let digits = hash.to_string();
    object_store::path::Path::from(format!("{}/{digits}", &digits[..2]))
}

async fn receive<E: fmt::Display>(
    file: &mut tokio::fs::File,
    pieces: impl Stream<Item = Result<Bytes, E>>,
) -> Result<(FileHash, u64), Refused> {
    let (mut sha, mut size) = (Sha256::new(), 0);
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| Refused::Interrupted(error.to_string()))?;
        size += piece.len() as u64;
        if size > LARGEST {
            return Err(Refused::TooLarge);
        }
        sha.update(&piece);
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    match size {
        0 => Err(Refused::Empty),
        size => Ok((FileHash(sha.finalize().into()), size)),
    }
}

/// Looks at a file off the async threads.
async fn looked_at(
    mut file: std::fs::File,
    size: u64,
) -> Result<(std::fs::File, MediaType), Refused> {
    let looked = tokio::task::spawn_blocking(move || {
        let looked = content::look(&mut file, size);
        looked.map(|media_type| (file, media_type))
    });
    match looked.await.map_err(std::io::Error::other)? {
        Ok(looked) => Ok(looked),
        Err(Failed::Fault(fault)) => Err(fault.into()),
        Err(Failed::Io(error)) => Err(error.into()),
    }
}
