//! The law folder as bytes: compiled in, or read from disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::LawError;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../law");

/// The TOML files of a law folder by path, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    pub(crate) fn embedded() -> Folder {
        let mut folder = Folder::default();
        folder.take_embedded(&EMBEDDED);
        folder
    }

    fn take_embedded(&mut self, dir: &Dir<'_>) {
        for entry in dir.entries() {
            match entry {
                DirEntry::Dir(dir) => self.take_embedded(dir),
                DirEntry::File(file) => self.take(&file.path().to_string_lossy(), file.contents()),
            }
        }
    }

    /// Reads a folder on disk.
    pub(crate) fn read(root: &Path) -> Result<Folder, LawError> {
        let mut folder = Folder::default();
        folder.read_below(root, root)?;
        Ok(folder)
    }

    fn read_below(&mut self, root: &Path, dir: &Path) -> Result<(), LawError> {
        let unreadable = |path: &Path, error: std::io::Error| LawError::Unreadable {
            path: path.display().to_string(),
            error: error.to_string(),
        };
        for entry in fs::read_dir(dir).map_err(|e| unreadable(dir, e))? {
            let path = entry.map_err(|e| unreadable(dir, e))?.path();
            if path.is_dir() {
                self.read_below(root, &path)?;
            } else if let Ok(inside) = path.strip_prefix(root) {
                let bytes = fs::read(&path).map_err(|e| unreadable(&path, e))?;
                self.take(&inside.to_string_lossy().replace('\\', "/"), &bytes);
            }
        }
        Ok(())
    }

    /// Writes all files below a folder on disk.
    pub(crate) fn write(&self, root: &Path) -> Result<(), LawError> {
        for (path, bytes) in &self.0 {
            let file = root.join(path);
            let written = file
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(&file, bytes));
            written.map_err(|error| LawError::Unwritable {
                path: file.display().to_string(),
                error: error.to_string(),
            })?;
        }
        Ok(())
    }

    /// Adds a file, in place of one of the same path.
    pub(crate) fn take(&mut self, path: &str, bytes: &[u8]) {
        if path.ends_with(".toml") {
            self.0.insert(path.to_owned(), bytes.to_owned());
        }
    }

    /// SHA-256 over the files in order of their paths; lengths come first, so that no two folders
    /// give the same bytes.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (path, bytes) in &self.0 {
            for part in [path.as_bytes(), bytes.as_slice()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().into()
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// One file, read as TOML.
    pub(crate) fn parse<T: DeserializeOwned>(&self, path: &str) -> Result<T, LawError> {
        let bytes = self.0.get(path).ok_or_else(|| LawError::Missing {
            file: path.to_owned(),
        })?;
        toml::from_slice(bytes).map_err(|error| LawError::NotRead {
            file: path.to_owned(),
            error: error.to_string(),
        })
    }
}
