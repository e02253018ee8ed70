//! Who stops the server: a small process that outlives everyone else.
//!
//! Each user of the server holds a shared lock on `users.lock`; the kernel releases it when the
//! process ends, also when it is killed. The guardian waits for the exclusive lock, which it gets
//! only when nobody is left, waits a second more in case the next command follows at once, and
//! then stops the server while it keeps newcomers out with that lock. Tying the server's life to
//! the process that started it (PDEATHSIG) would not do: a short command may start the server
//! that a long-running one then uses.

use std::fs::TryLockError;
use std::path::Path;
use std::process::Stdio;
use std::thread;

use crate::PostgresError;
use crate::home::Home;

/// `$1` is the folder of the server. The process number is read at the last moment: it may have
/// been started again since.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
exec 8<"$1/guardian.lock" 9<"$1/users.lock" || exit 1
flock -n 8 || exit 0
until flock -x 9 && flock -u 9 && sleep 1 && flock -n -x 9; do
    [ -d "$1" ] || exit 0
done
pid=$(head -n 1 "$1/cluster/postmaster.pid" 2>/dev/null) || exit 0
case $(cat "/proc/$pid/comm" 2>/dev/null) in postgres*) ;; *) exit 0 ;; esac
kill -INT "$pid" 2>/dev/null
while [ -e "$1/cluster/postmaster.pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
"#;

/// Make sure that one guardian waits.
pub(crate) fn ensure(home: &Home) -> Result<(), PostgresError> {
    let lock = home.lock_file("guardian.lock")?;
    match lock.try_lock() {
        Ok(()) => drop(lock),
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(source)) => return Err(PostgresError::io(home.path(), source)),
    }
    let mut guardian = home
        .command(Path::new("/bin/sh"))
        .args(["-c", SCRIPT, "ansinh-guardian"])
        .arg(home.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| PostgresError::io(Path::new("/bin/sh"), source))?;
    thread::spawn(move || guardian.wait());
    Ok(())
}
