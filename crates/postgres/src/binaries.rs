//! The installed PostgreSQL programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::PostgresError;

/// The oldest major version the schema works on.
pub(crate) const MINIMUM: u32 = 15;

/// Names one folder of server programs, instead of searching for the installed ones.
const OVERRIDE: &str = "ANSINH_POSTGRES_BIN";

/// Where Debian and the PostgreSQL project's own packages put `<version>/bin`.
const ROOTS: [&str; 2] = ["/usr/lib/postgresql", "/usr/local/pgsql"];

/// One version's server programs.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    folder: PathBuf,
    version: u32,
}

impl Binaries {
    /// The programs for data of a version, or the newest ones when there is no data yet.
    pub(crate) fn find(wanted: Option<(PathBuf, u32)>) -> Result<Binaries, PostgresError> {
        let found = installed();
        if let Some((path, cluster)) = wanted {
            let right = found.into_iter().find(|one| one.version == cluster);
            return right.ok_or(PostgresError::OtherVersion { path, cluster });
        }
        let newest = found.into_iter().max_by_key(|one| one.version);
        let newest = newest.ok_or(PostgresError::NotInstalled)?;
        if newest.version < MINIMUM {
            return Err(PostgresError::TooOld {
                found: newest.version,
            });
        }
        Ok(newest)
    }

    /// The path of a program: `postgres`, `initdb`, `pg_ctl`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Every version on the machine.
fn installed() -> Vec<Binaries> {
    if let Some(folder) = std::env::var_os(OVERRIDE) {
        return of_folder(PathBuf::from(folder)).into_iter().collect();
    }
    let versions = ROOTS
        .iter()
        .filter_map(|root| fs::read_dir(root).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let on_path = std::env::var_os("PATH");
    let on_path = on_path
        .iter()
        .flat_map(|path| std::env::split_paths(path).collect::<Vec<_>>());
    versions.chain(on_path).filter_map(of_folder).collect()
}

/// The programs of a folder that holds both `initdb` and `postgres`.
fn of_folder(folder: PathBuf) -> Option<Binaries> {
    let complete = ["initdb", "postgres", "pg_ctl"]
        .iter()
        .all(|name| folder.join(name).is_file());
    if !complete {
        return None;
    }
    let version = version_in_path(&folder).or_else(|| version_it_says(&folder))?;
    Some(Binaries { folder, version })
}

/// 15 of `/usr/lib/postgresql/15/bin`.
fn version_in_path(folder: &Path) -> Option<u32> {
    folder.parent()?.file_name()?.to_str()?.parse().ok()
}

/// 15 of `postgres (PostgreSQL) 15.8 (Debian 15.8-1)`.
fn version_it_says(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let version = said.split_whitespace().nth(2)?;
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    major.parse().ok()
}
