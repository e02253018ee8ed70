//! Messages to citizens on the command line: sent into a folder once, listed without numbers.

mod program;

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
