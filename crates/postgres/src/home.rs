//! The folder of a private server, and the user it belongs to.
//!
//! `<data>/postgres` holds `cluster` (the database files), the log, the socket and the lock files.
//! PostgreSQL refuses to run as root, so root gives that folder to an unprivileged user.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use crate::PostgresError;

/// Less free room than this and nothing is started.
pub(crate) const ROOM_MEGABYTES: u64 = 256;

/// Where root keeps private servers whose data folder the unprivileged user cannot reach, such as
/// one under `/root`.
const OUTSIDE: &str = "/var/lib/ansinh";

/// A prepared folder.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
    /// Whom the server runs as; `None` is the user of this process.
    user: Option<User>,
}

impl Home {
    /// Make the folder if it is missing, and make sure that its owner can be used.
    pub(crate) fn prepare(data: &Path) -> Result<Home, PostgresError> {
        fs::create_dir_all(data).map_err(|source| PostgresError::io(data, source))?;
        let data = data
            .canonicalize()
            .map_err(|source| PostgresError::io(data, source))?;
        enough_room(&data)?;
        let path = data.join("postgres");
        let root = Uid::effective().is_root();
        let home = match fs::metadata(&path) {
            Ok(folder) => Home {
                user: user_of(&path, folder.uid(), root)?,
                path,
            },
            Err(missing) if missing.kind() == ErrorKind::NotFound => {
                let user = if root { Some(unprivileged()?) } else { None };
                create(&path, user.as_ref())?;
                Home { path, user }
            }
            Err(source) => return Err(PostgresError::io(&path, source)),
        };
        Ok(Home {
            path: home
                .path
                .canonicalize()
                .map_err(|source| PostgresError::io(&home.path, source))?,
            ..home
        })
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The database files.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.path.join("cluster")
    }

    /// What the server writes.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// The name of the operating system's user the server runs as.
    pub(crate) fn user_name(&self) -> String {
        match &self.user {
            Some(user) => user.name.clone(),
            None => name_of(Uid::effective()),
        }
    }

    /// A program run as the server's user, away from this process's terminal, environment and
    /// working folder.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(&self.path)
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// A file of the folder to take locks on, made when missing.
    pub(crate) fn lock_file(&self, name: &str) -> Result<File, PostgresError> {
        let path = self.path.join(name);
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o644)
            .open(&path)
            .map_err(|source| PostgresError::io(&path, source))
    }

    /// Give a file this process made to the server's user.
    pub(crate) fn hand_over(&self, path: &Path) -> Result<(), PostgresError> {
        give_to(path, self.user.as_ref())
    }
}

/// Whom to run as for an existing folder.
fn user_of(path: &Path, owner: u32, root: bool) -> Result<Option<User>, PostgresError> {
    let uid = Uid::from_raw(owner);
    match (root, uid == Uid::effective()) {
        (false, true) => Ok(None),
        (false, false) => Err(PostgresError::NotOwner {
            path: path.to_owned(),
            owner: name_of(uid),
        }),
        // Left behind by an interrupted first start.
        (true, true) => {
            let user = unprivileged()?;
            give_to(path, Some(&user))?;
            Ok(Some(user))
        }
        (true, false) => {
            let user = User::from_uid(uid).ok().flatten();
            Ok(Some(user.ok_or(PostgresError::NoUnprivilegedUser)?))
        }
    }
}

/// A new folder only its owner can enter; outside the data folder, with a link to it, where the
/// owner could not get at it otherwise.
fn create(path: &Path, user: Option<&User>) -> Result<(), PostgresError> {
    let io = |source| PostgresError::io(path, source);
    let data = path.parent().unwrap_or(path);
    let reachable = user.is_none_or(|user| can_enter(user, data));
    let place = if reachable {
        path.to_owned()
    } else {
        let mut number = 1;
        loop {
            let place = PathBuf::from(format!("{OUTSIDE}/{number}"));
            if !place.exists() {
                break place;
            }
            number += 1;
        }
    };
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).map_err(io)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(&place) {
        // Another program beginning at the same moment made it first.
        Err(error) if reachable && error.kind() == ErrorKind::AlreadyExists => {}
        made => made.map_err(io)?,
    }
    give_to(&place, user)?;
    if !reachable {
        tracing::info!(place = %place.display(), "private PostgreSQL kept outside the data folder");
        symlink(&place, path).map_err(io)?;
    }
    Ok(())
}

/// Whether the user can come into a folder, asked of the kernel.
fn can_enter(user: &User, folder: &Path) -> bool {
    let tried = Command::new("/usr/bin/test")
        .arg("-x")
        .arg(folder)
        .uid(user.uid.as_raw())
        .gid(user.gid.as_raw())
        .current_dir("/")
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Change the owner, when there is another one.
fn give_to(path: &Path, user: Option<&User>) -> Result<(), PostgresError> {
    let Some(user) = user else { return Ok(()) };
    chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
        .map_err(|source| PostgresError::io(path, source))
}

/// The user root runs the server as.
fn unprivileged() -> Result<User, PostgresError> {
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .ok_or(PostgresError::NoUnprivilegedUser)
}

/// The name of a user, or the number of one without a name.
fn name_of(uid: Uid) -> String {
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}

/// Refuse early when the disk is all but full: PostgreSQL would stop in the middle of its work.
fn enough_room(path: &Path) -> Result<(), PostgresError> {
    let disk = nix::sys::statvfs::statvfs(path)
        .map_err(|errno| PostgresError::io(path, io::Error::from(errno)))?;
    let megabytes = disk.blocks_available() / 1024 * disk.fragment_size() / 1024;
    if megabytes < ROOM_MEGABYTES {
        return Err(PostgresError::DiskFull {
            path: path.to_owned(),
        });
    }
    Ok(())
}
