//! The database files: made once, whole or not at all.

use std::fs;
use std::path::PathBuf;

use nix::unistd::Uid;

use crate::binaries::Binaries;
use crate::home::Home;
use crate::{PostgresError, SUPERUSER};

/// The folder and major version of the data, `None` before it is made.
pub(crate) fn version(home: &Home) -> Result<Option<(PathBuf, u32)>, PostgresError> {
    let path = home.cluster().join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text
            .trim()
            .parse()
            .ok()
            .map(|major| (home.cluster(), major))),
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PostgresError::io(&path, source)),
    }
}

/// Make the files beside their place and move them there when they are complete, so that an
/// interrupted first start leaves nothing half-made.
pub(crate) fn make_if_missing(home: &Home, binaries: &Binaries) -> Result<(), PostgresError> {
    let cluster = home.cluster();
    if cluster.exists() {
        return Ok(());
    }
    let draft = home.path().join("cluster.new");
    let io = |source| PostgresError::io(&draft, source);
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(io)?;
    }
    let output = home
        .command(&binaries.program("initdb"))
        .arg("--pgdata")
        .arg(&draft)
        .args(["--username", SUPERUSER, "--encoding", "UTF8"])
        .args(["--locale", "C.UTF-8", "--locale-provider", "icu"])
        .args(["--icu-locale", "vi-VN", "--data-checksums"])
        .args(["--auth", "peer", "--no-instructions"])
        .output()
        .map_err(io)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(refusal(home, &said));
    }
    let users = [name_of_root(), home.user_name()];
    let map: String = users
        .iter()
        .map(|user| format!("ansinh {user} {SUPERUSER}\n"))
        .collect();
    for (file, content) in [
        ("pg_hba.conf", "local all all peer map=ansinh\n"),
        ("pg_ident.conf", map.as_str()),
    ] {
        fs::write(draft.join(file), content).map_err(io)?;
    }
    fs::rename(&draft, &cluster).map_err(io)
}

/// Root may always connect: it can read the files anyway.
fn name_of_root() -> String {
    let root = nix::unistd::User::from_uid(Uid::from_raw(0)).ok().flatten();
    root.map_or_else(|| "root".to_owned(), |user| user.name)
}

/// What `initdb` meant.
fn refusal(home: &Home, said: &str) -> PostgresError {
    let path = home.path().to_owned();
    if said.contains("No space left on device") {
        return PostgresError::DiskFull { path };
    }
    if said.contains("Permission denied") {
        return PostgresError::Denied { path };
    }
    let reason = said.lines().find(|line| line.contains("error:"));
    PostgresError::WillNotInitialise {
        path,
        reason: reason.unwrap_or("initdb").trim().to_owned(),
    }
}
