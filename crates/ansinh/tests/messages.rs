//! Messages to citizens on the command line: sent into a folder once, listed without numbers.

mod program;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use program::{Program, errors, text};

const CODE: &str = "000.00.00.H51-240506-0001";

/// Runs at a time of the story: exit status, what it printed, what it said.
fn at(program: &Program, now: &str, arguments: &[&str]) -> (i32, String, String) {
    let now = format!("{now}:00+07:00");
    let output = program.run(&[&["--now", now.as_str(), "--actor", "can.bo"], arguments].concat());
    let said = errors(&output);
    let status = output.status.code().expect("it ended by itself");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    (status, printed, said)
}

#[test]
fn a_step_is_told_once_into_a_folder() {
    let program = Program::practice();
    let receive = [
        "dossier",
        "receive",
        CODE,
        "--procedure",
        "1.001776",
        "--area",
        "21031",
        "--applicant",
        "Người Thử",
    ];
    let (status, _, said) = at(&program, "2024-05-06T08:00", &receive);
    assert_eq!(status, 0, "{said}");
    let folder = program.data().with_file_name("tin");
    let send = ["messages", "send", "--folder", text(&folder)];
    for (written, sent) in [(1, 1), (0, 0)] {
        let (status, _, said) = at(&program, "2024-05-06T09:00", &send);
        assert_eq!(status, 0, "{said}");
        let expected = format!("Viết {written} tin mới. Gửi {sent},");
        assert!(said.contains(&expected), "{said}");
    }
    let files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").collect();
    assert_eq!(files.len(), 1, "one letter, as no number is known");
    let list = ["messages", "list", "--area", "51", "--format", "ndjson"];
    let (status, printed, said) = at(&program, "2024-05-06T09:00", &list);
    assert_eq!(status, 0, "{said}");
    let row: serde_json::Value = serde_json::from_str(&printed).expect("one row");
    assert_eq!(
        (&row["dossier"], &row["state"]),
        (&CODE.into(), &"sent".into())
    );
    // Nothing says where to: wrong usage. A gateway elsewhere without TLS is none.
    assert_eq!(at(&program, "2024-05-06T09:00", &["messages", "send"]).0, 2);
    let open = [&send[..], &["--gateway", "http://example.org/"]].concat();
    assert_eq!(at(&program, "2024-05-06T09:00", &open).0, 2);
}

/// A server that sends messages every second into a folder.
struct Serving(Child);

impl Serving {
    fn start(program: &Program, folder: &Path) -> Serving {
        let mut command = program.command(&[
            "--now",
            "2024-05-06T09:00:00+07:00",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--messages-folder",
            text(folder),
            "--messages-every",
            "1",
        ]);
        let mut child = command.spawn().expect("the program starts");
        let said = child.stderr.take().expect("piped");
        let mut said = BufReader::new(said);
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            let read = said.read_line(&mut line).expect("says where it is");
            assert!(read > 0, "the server ended");
        }
        child.stderr = Some(said.into_inner());
        Serving(child)
    }

    /// Told to stop, it ends by itself and well.
    fn stop(mut self) {
        let id = i32::try_from(self.0.id()).expect("a process number");
        kill(Pid::from_raw(id), Signal::SIGTERM).expect("our own child");
        let status = self.0.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }
}

#[test]
fn servers_send_what_is_due_by_themselves_and_each_message_once() {
    let program = Program::practice();
    let folder = program.data().with_file_name("tin");
    let servers = [(); 2].map(|()| Serving::start(&program, &folder));
    let codes: Vec<String> = (1..=5)
        .map(|it| format!("000.00.00.H51-240506-000{it}"))
        .collect();
    for code in &codes {
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
        let (status, _, said) = at(&program, "2024-05-06T08:00", &receive);
        assert_eq!(status, 0, "{said}");
    }
    let until = Instant::now() + Duration::from_secs(60);
    let letters = || std::fs::read_dir(&folder).map_or(0, Iterator::count);
    while letters() < codes.len() {
        assert!(Instant::now() < until, "{} of {}", letters(), codes.len());
        thread::sleep(Duration::from_millis(100));
    }
    for server in servers {
        server.stop();
    }
    let list = ["messages", "list", "--area", "51", "--format", "ndjson"];
    let (_, printed, _) = at(&program, "2024-05-06T09:00", &list);
    let rows: Vec<serde_json::Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("a row"))
        .collect();
    assert_eq!(rows.len(), codes.len());
    for row in rows {
        assert_eq!(
            (&row["state"], &row["tries"]),
            (&"sent".into(), &1.into()),
            "{row}"
        );
    }
}
