//! The server process: found when it runs, started when it does not.

use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use crate::binaries::Binaries;
use crate::home::Home;
use crate::{Durability, PostgresError};

/// Only part of the socket's name: nothing listens on the network.
pub(crate) const PORT: u16 = 5432;

/// The kernel's limit for the path of a socket, less the end mark.
const LONGEST_SOCKET_PATH: usize = 107;

/// How long a server may take to become ready; recovery after a crash reads up to `max_wal_size`.
const READY_WITHIN: Duration = Duration::from_secs(600);

/// How long the last processes of a killed server may take to notice and leave.
const LEFTOVERS_WITHIN: Duration = Duration::from_secs(30);

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(4);

/// What every private server runs with.
const SETTINGS: [&str; 24] = [
    "listen_addresses=",
    "max_connections=60",
    "shared_buffers=256MB",
    "work_mem=32MB",
    "maintenance_work_mem=256MB",
    "effective_cache_size=1GB",
    // Bulk loading: rare checkpoints, and no log of rows copied into a table made in the same
    // transaction (nothing is replicated from here).
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=2GB",
    "checkpoint_timeout=15min",
    "wal_compression=on",
    "jit=off",
    // Containers give little shared memory; files of the data folder always work.
    "dynamic_shared_memory_type=mmap",
    "random_page_cost=1.1",
    "timezone=UTC",
    "lc_messages=C",
    // The log says what went wrong, never whose data it was: no statements, no parameters, no
    // values of violated keys.
    "log_min_messages=warning",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_checkpoints=off",
    "log_line_prefix=%m [%p] ",
    "log_autovacuum_min_duration=-1",
];

/// The socket folder of the running server, once it is ready; `None` when none runs.
pub(crate) fn running(home: &Home) -> Result<Option<PathBuf>, PostgresError> {
    let deadline = Instant::now() + READY_WITHIN;
    while let Some(file) = PidFile::read(home) {
        if !is_postgres(file.pid) {
            file.forget_dead_process(home)?;
            return Ok(None);
        }
        if let Some(socket) = file.ready_socket() {
            return Ok(Some(socket));
        }
        if Instant::now() > deadline {
            return Err(will_not_start(home));
        }
        thread::sleep(LOOK_AGAIN_AFTER);
    }
    Ok(None)
}

/// Start the server and wait until it answers.
pub(crate) fn start(
    home: &Home,
    binaries: &Binaries,
    durability: Durability,
) -> Result<PathBuf, PostgresError> {
    let socket = socket_folder(home)?;
    remove_dead_socket(&socket)?;
    let deadline = Instant::now() + LEFTOVERS_WITHIN;
    loop {
        let mut server = spawn(home, binaries, &socket, durability)?;
        match wait_until_ready(home, &mut server)? {
            None => {
                // Somebody has to collect it when it ends, or it stays behind as a dead process
                // that the next start takes for a running server.
                thread::spawn(move || server.wait());
                return Ok(socket);
            }
            Some(_) if leftovers_remain(home) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(100));
            }
            Some(_) => return Err(will_not_start(home)),
        }
    }
}

/// Stop the server; whether one ran.
pub(crate) fn stop(home: &Home) -> Result<bool, PostgresError> {
    let Some(file) = PidFile::read(home).filter(|file| is_postgres(file.pid)) else {
        return Ok(false);
    };
    let pid = nix::unistd::Pid::from_raw(file.pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT)
        .map_err(|errno| PostgresError::io(home.path(), errno.into()))?;
    let deadline = Instant::now() + READY_WITHIN;
    while is_postgres(file.pid) {
        if Instant::now() > deadline {
            return Err(will_not_start(home));
        }
        thread::sleep(LOOK_AGAIN_AFTER);
    }
    if let Some(short) = file
        .lines
        .get(4)
        .filter(|folder| Path::new(folder) != home.path())
    {
        // Only left behind when something else lies in it.
        let _ = fs::remove_dir(short);
    }
    Ok(true)
}

fn spawn(
    home: &Home,
    binaries: &Binaries,
    socket: &Path,
    durability: Durability,
) -> Result<Child, PostgresError> {
    let log_path = home.log();
    let log = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(&log_path)
        .map_err(|source| PostgresError::io(&log_path, source))?;
    home.hand_over(&log_path)?;
    let mut command = home.command(&binaries.program("postgres"));
    command.arg("-D").arg(home.cluster());
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
        .arg("-c")
        .arg(format!("unix_socket_directories={}", socket.display()))
        .args(["-c", &format!("port={PORT}")]);
    if durability == Durability::None {
        for setting in [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ] {
            command.args(["-c", setting]);
        }
    }
    let copy = log
        .try_clone()
        .map_err(|source| PostgresError::io(&log_path, source))?;
    command
        .stdout(copy)
        .stderr(log)
        .spawn()
        .map_err(|source| PostgresError::io(&binaries.program("postgres"), source))
}

/// `None` when it is ready, its end when it ended before.
fn wait_until_ready(home: &Home, server: &mut Child) -> Result<Option<ExitStatus>, PostgresError> {
    let deadline = Instant::now() + READY_WITHIN;
    let own = i32::try_from(server.id()).unwrap_or(0);
    loop {
        let ended = server
            .try_wait()
            .map_err(|source| PostgresError::io(home.path(), source))?;
        if ended.is_some() {
            return Ok(ended);
        }
        let file = PidFile::read(home).filter(|file| file.pid == own);
        if file.and_then(|file| file.ready_socket()).is_some() {
            return Ok(None);
        }
        if Instant::now() > deadline {
            return Err(will_not_start(home));
        }
        thread::sleep(LOOK_AGAIN_AFTER);
    }
}

/// Processes of a server killed a moment ago still hold its memory.
fn leftovers_remain(home: &Home) -> bool {
    fs::read_to_string(home.log()).is_ok_and(|log| log.contains("still in use"))
}

/// Inside the server's own folder, or where its path is too long for a socket, in a folder of the
/// system's temporary one that only the server's user can enter.
fn socket_folder(home: &Home) -> Result<PathBuf, PostgresError> {
    let own = home.path().to_owned();
    if own.join(format!(".s.PGSQL.{PORT}.lock")).as_os_str().len() <= LONGEST_SOCKET_PATH {
        return Ok(own);
    }
    let mut hasher = DefaultHasher::new();
    own.hash(&mut hasher);
    let short = PathBuf::from(format!("/tmp/ansinh-{:016x}", hasher.finish()));
    let made = fs::DirBuilder::new().mode(0o700).create(&short);
    match made {
        Ok(()) => home.hand_over(&short)?,
        Err(exists) if exists.kind() == ErrorKind::AlreadyExists => {
            let owner = |path: &Path| fs::symlink_metadata(path).map(|found| found.uid()).ok();
            if owner(&short) != owner(&own) {
                return Err(PostgresError::Denied { path: short });
            }
        }
        Err(source) => return Err(PostgresError::io(&short, source)),
    }
    Ok(short)
}

/// The socket of a killed server has a lock file with a process number as well. Nobody else uses
/// this folder, and no server runs here when one is started.
fn remove_dead_socket(folder: &Path) -> Result<(), PostgresError> {
    let lock = folder.join(format!(".s.PGSQL.{PORT}.lock"));
    match fs::remove_file(&lock) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(PostgresError::io(&lock, source))
        }
        _ => Ok(()),
    }
}

/// What the server said last, as a refusal.
fn will_not_start(home: &Home) -> PostgresError {
    let log = fs::read_to_string(home.log()).unwrap_or_default();
    if log.contains("No space left on device") {
        return PostgresError::DiskFull {
            path: home.path().to_owned(),
        };
    }
    let fatal = log.lines().rev().find_map(|line| line.split_once("FATAL:"));
    PostgresError::WillNotStart {
        reason: fatal
            .map_or("không rõ lý do", |(_, said)| said.trim())
            .to_owned(),
        log: home.log(),
    }
}

/// `postmaster.pid`, as the server keeps it.
struct PidFile {
    pid: i32,
    lines: Vec<String>,
}

impl PidFile {
    fn read(home: &Home) -> Option<PidFile> {
        let text = fs::read_to_string(home.cluster().join("postmaster.pid")).ok()?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let pid = lines.first()?.trim().parse().ok()?;
        Some(PidFile { pid, lines })
    }

    /// Line 5 is the socket's folder, line 8 the state.
    fn ready_socket(&self) -> Option<PathBuf> {
        let ready = self.lines.get(7)?.trim() == "ready";
        let folder = PathBuf::from(self.lines.get(4)?);
        let answers = || UnixStream::connect(folder.join(format!(".s.PGSQL.{PORT}"))).is_ok();
        (ready && answers()).then_some(folder)
    }

    /// After a crash the number in the file may by now be another process, or a dead one nobody
    /// collected; the server would take either for itself and refuse to start. A number no
    /// process has lets it do its own, careful check of what the dead one left behind.
    fn forget_dead_process(&self, home: &Home) -> Result<(), PostgresError> {
        const NO_PROCESS: &str = "4194304";
        let path = home.cluster().join("postmaster.pid");
        let mut lines = self.lines.clone();
        lines[0] = NO_PROCESS.to_owned();
        fs::write(&path, lines.join("\n") + "\n").map_err(|source| PostgresError::io(&path, source))
    }
}

/// Whether a process lives and is a PostgreSQL server.
fn is_postgres(pid: i32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // pid (name) state …
    let name = stat
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'));
    name.is_some_and(|(name, rest)| {
        name.starts_with("postgres") && !rest.trim_start().starts_with(['Z', 'X'])
    })
}
