//! The program as users run it, with a data folder of its own.

pub mod killer;
pub mod one_stop;
pub mod people;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use private_postgres::{Durability, PrivatePostgres};
use sqlx::{Connection, Executor as _, PgConnection};
use tempfile::TempDir;

/// A data folder in a temporary place.
pub struct Program {
    folder: TempDir,
}

impl Program {
    /// Without a database.
    pub fn bare() -> Program {
        let folder = tempfile::Builder::new().prefix("ansinh-program-").tempdir();
        Program {
            folder: folder.expect("a temporary folder"),
        }
    }

    /// With a practice database.
    pub fn practice() -> Program {
        let program = Program::bare();
        program.succeed(&["init", "--practice"]);
        program
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside it.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file is written");
        path
    }

    /// The command, nothing inherited that would change what it does.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ansinh"));
        command.arg("--data").arg(self.data()).args(arguments);
        for name in [
            "DATABASE_URL",
            "ANSINH_DATA",
            "ANSINH_NOW",
            "ANSINH_ACTOR",
            "ANSINH_LAW",
        ] {
            command.env_remove(name);
        }
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Run to the end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Run to the end, which must be exit status 0; what it printed.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            errors(&output)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The same with arguments made on the way.
    pub fn succeed_all(&self, arguments: &[String]) -> String {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.succeed(&arguments)
    }

    /// Run to the end at a time of the story, well; what it printed.
    pub fn done(&self, now: &str, arguments: &[&str]) -> String {
        let now = clock(now);
        self.succeed(&[&[now[0].as_str(), &now[1]], arguments].concat())
    }

    /// Started at a time of the story, to listen. Letters are tested elsewhere; decisions go out without.
    pub fn listen(&self, now: &str, arguments: &[&str]) -> Running {
        let now = clock(now);
        let mut command = self.command(&[&[now[0].as_str(), &now[1]], arguments].concat());
        command.env("ANSINH_PDF", "/nowhere");
        Running::start(command)
    }

    /// Run by an officer at a time of the story: exit status, what it printed, what it said.
    pub fn at(&self, now: &str, arguments: &[&str]) -> (i32, String, String) {
        let now = format!("{now}:00+07:00");
        let output = self.run(&[&["--now", now.as_str(), "--actor", "can.bo"], arguments].concat());
        let said = errors(&output);
        let status = output.status.code().expect("it ended by itself");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        (status, printed, said)
    }

    /// Somebody hands a dossier in and it is received; what was said of it.
    pub fn receive(&self, now: &str, code: &str) -> String {
        let receive = [
            "dossier",
            "receive",
            code,
            "--procedure",
            "1.001776",
            "--area",
            "21031",
            "--applicant",
            "Người Thử",
        ];
        let (status, _, said) = self.at(now, &receive);
        assert_eq!(status, 0, "{said}");
        said
    }

    /// Look into the database, around the program.
    pub async fn look(&self) -> Look {
        let server = PrivatePostgres::open(&self.data(), Durability::Full);
        let server = server.unwrap_or_else(|refusal| panic!("{refusal}"));
        let connection = PgConnection::connect_with(&server.options()).await;
        Look {
            connection: connection.expect("the server takes connections"),
            _server: server,
        }
    }

    /// The process number of the server, while one runs.
    pub fn server_process(&self) -> Option<i32> {
        let file = self.data().join("postgres/cluster/postmaster.pid");
        let text = std::fs::read_to_string(file).ok()?;
        text.lines().next()?.trim().parse().ok()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if PrivatePostgres::exists(&self.data()) {
            // The folder goes away in a moment, and the server with it.
            let _ = PrivatePostgres::stop(&self.data());
        }
    }
}

/// A connection, and the server held while it is used.
pub struct Look {
    /// To the program's database.
    pub connection: PgConnection,
    _server: PrivatePostgres,
}

impl Look {
    /// What several queries say of one moment: what a killed program asked for last may become true
    /// while somebody looks.
    pub async fn texts<const N: usize>(&mut self, queries: [&'static str; N]) -> [String; N] {
        self.run("begin isolation level repeatable read").await;
        let mut told = [const { String::new() }; N];
        for (told, query) in told.iter_mut().zip(queries) {
            *told = self.text(query).await;
        }
        self.run("commit").await;
        told
    }

    async fn run(&mut self, statement: &'static str) {
        let done = self.connection.execute(statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// One text.
    pub async fn text(&mut self, query: &'static str) -> String {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.connection)
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// One number.
    pub async fn number(&mut self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.connection)
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"))
    }
}

/// A moment as the program is told it.
pub fn clock(now: &str) -> [String; 2] {
    ["--now".to_owned(), format!("{now}:00+07:00")]
}

/// A program that listens until it is killed or the test ends.
pub struct Running {
    pub child: Child,
    /// What it said when it was ready.
    pub said: String,
    /// Host and port.
    pub address: String,
}

impl Running {
    /// Started, and ready.
    pub fn start(mut command: Command) -> Running {
        let mut child = command.spawn().expect("starts");
        let (said, address) = listening(&mut child);
        Running {
            child,
            said,
            address,
        }
    }

    /// Where it is asked.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended, or been killed, before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a program that was started says where it listens: that line, and the host and port. What
/// it says further is read on, so that it never waits for a reader.
pub fn listening(child: &mut Child) -> (String, String) {
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let said = lines
        .by_ref()
        .map(|line| line.expect("UTF-8"))
        .find(|line| line.contains("http://"))
        .expect("it says where it listens");
    std::thread::spawn(move || lines.for_each(drop));
    let after = said.split("http://").nth(1).expect("an address");
    let end = after.find(|sign: char| sign == '/' || sign.is_whitespace());
    let address = after[..end.unwrap_or(after.len())].to_owned();
    (said, address)
}

/// What the program said on standard error.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard error with the folder of the run replaced, for comparing.
pub fn sentence(output: &Output, program: &Program) -> String {
    let said = errors(output);
    said.replace(&program.data().display().to_string(), "DATA")
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}
