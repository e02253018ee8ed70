//! A PostgreSQL of the program's own, from the installed binaries, over a unix socket; and the
//! schema every database of the program has.
//!
//! Several processes may use one data folder at a time: whoever comes first starts the server, and
//! it stops a moment after the last one is gone, however that one ended. The kernel counts the
//! users: each holds a shared lock on a file until it exits, and a small guardian process waits
//! for the exclusive lock before it stops the server (see the module `guardian`).

mod binaries;
mod cluster;
mod error;
mod guardian;
mod home;
mod postmaster;
pub mod schema;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;

pub use error::PostgresError;

use binaries::Binaries;
use home::Home;

/// The database superuser inside a private server, the only one there.
const SUPERUSER: &str = "ansinh";

/// The database the program keeps its tables in.
const DATABASE: &str = "postgres";

/// The guardian takes the exclusive lock for a moment to see whether users are left: a lock held
/// longer is a user's.
const GUARDIAN_LOOKS_FOR: Duration = Duration::from_millis(500);

/// How much the server does so that nothing committed is ever lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// Every commit is on the disk before it is answered.
    Full,
    /// Nothing is waited for: for databases that are thrown away after a test.
    None,
}

/// A running private server, in use by this process until dropped.
#[derive(Debug)]
pub struct PrivatePostgres {
    socket: PathBuf,
    // Held for the kernel to count: closing the file releases the shared lock.
    _in_use: File,
}

impl PrivatePostgres {
    /// Use the server of a data folder: made on first use, started when it is not running.
    ///
    /// # Errors
    /// `PostgresError`, each a sentence saying what to do: no PostgreSQL installed, data of another
    /// version, a folder that belongs to somebody else, a full disk, a server that will not start.
    pub fn open(data: &Path, durability: Durability) -> Result<PrivatePostgres, PostgresError> {
        let home = Home::prepare(data)?;
        let in_use = home.lock_file("users.lock")?;
        in_use
            .lock_shared()
            .map_err(|source| PostgresError::io(home.path(), source))?;
        // One at a time from here: look, make, start.
        let starting = home.lock_file("start.lock")?;
        starting
            .lock()
            .map_err(|source| PostgresError::io(home.path(), source))?;
        let socket = match postmaster::running(&home)? {
            Some(socket) => socket,
            None => {
                let binaries = Binaries::find(cluster::version(&home)?)?;
                cluster::make_if_missing(&home, &binaries)?;
                postmaster::start(&home, &binaries, durability)?
            }
        };
        guardian::ensure(&home)?;
        Ok(PrivatePostgres {
            socket,
            _in_use: in_use,
        })
    }

    /// Whether the folder already holds a private server's data.
    pub fn exists(data: &Path) -> bool {
        data.join("postgres/cluster/PG_VERSION").exists()
    }

    /// How to connect to the program's database on it.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .port(postmaster::PORT)
            .username(SUPERUSER)
            .database(DATABASE)
    }

    /// The same as an address for other programs.
    pub fn url(&self) -> String {
        // The host of an address is percent-encoded: it is the socket's folder.
        let folder: String = self
            .socket
            .as_os_str()
            .as_encoded_bytes()
            .iter()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(*byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("postgres://{SUPERUSER}@{folder}/{DATABASE}")
    }

    /// The folder of the socket, for `psql -h`.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Stop the server of a data folder now instead of a moment after its last user left. Returns
    /// whether one was running.
    ///
    /// # Errors
    /// `PostgresError::InUse` while another process uses it.
    pub fn stop(data: &Path) -> Result<bool, PostgresError> {
        let home = Home::prepare(data)?;
        let users = home.lock_file("users.lock")?;
        let deadline = Instant::now() + GUARDIAN_LOOKS_FOR;
        loop {
            match users.try_lock() {
                Ok(()) => return postmaster::stop(&home),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(PostgresError::InUse {
                        path: data.to_owned(),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(PostgresError::io(data, source)),
            }
        }
    }
}
