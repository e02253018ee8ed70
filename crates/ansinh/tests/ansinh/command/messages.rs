//! Messages to citizens on the command line: sent into a folder once, listed without numbers.

use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::program::{Program, listening, text};

const CODE: &str = "000.00.00.H51-240506-0001";

#[test]
fn a_step_is_told_once_into_a_folder() {
    let program = Program::practice();
    program.receive("2024-05-06T08:00", CODE);
    let folder = program.data().with_file_name("tin");
    let send = ["messages", "send", "--folder", text(&folder)];
    for (written, sent) in [(1, 1), (0, 0)] {
        let (status, _, said) = program.at("2024-05-06T09:00", &send);
        assert_eq!(status, 0, "{said}");
        let expected = format!("Viết {written} tin mới. Gửi {sent},");
        assert!(said.contains(&expected), "{said}");
    }
    let files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").collect();
    assert_eq!(files.len(), 1, "one letter, as no number is known");
    let list = ["messages", "list", "--area", "51", "--format", "ndjson"];
    let (status, printed, said) = program.at("2024-05-06T09:00", &list);
    assert_eq!(status, 0, "{said}");
    let row: serde_json::Value = serde_json::from_str(&printed).expect("one row");
    assert_eq!(
        (&row["dossier"], &row["state"]),
        (&CODE.into(), &"sent".into())
    );
    // Nothing says where to: wrong usage. A gateway elsewhere without TLS is none.
    assert_eq!(program.at("2024-05-06T09:00", &["messages", "send"]).0, 2);
    let open = [&send[..], &["--gateway", "http://example.org/"]].concat();
    assert_eq!(program.at("2024-05-06T09:00", &open).0, 2);
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
        listening(&mut child);
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
        program.receive("2024-05-06T08:00", code);
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
    let (_, printed, _) = program.at("2024-05-06T09:00", &list);
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
