//! Decisions for many on the command line: looked at, recorded, explained.

use crate::program::people;
use crate::program::{Program, errors, text};

/// Runs on a morning of July 2024; exit status, what it printed, what it said.
fn at(program: &Program, arguments: &[&str]) -> (i32, String, String) {
    let head = ["--now", "2024-07-10T08:00:00+07:00", "--actor", "can.bo"];
    let output = program.run(&[&head, arguments].concat());
    let said = errors(&output);
    let status = output.status.code().expect("it ended by itself");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    (status, printed, said)
}

fn fingerprint(said: &str) -> String {
    let after = said.split("Dấu vân tay: ").nth(1).expect("a fingerprint");
    after.trim().to_owned()
}

#[test]
fn new_amounts_are_looked_at_recorded_and_explained() {
    let program = Program::practice();
    let events = program.file("events.ndjson", &people::events("cli", 1, 3));
    let (status, _, said) = at(&program, &["apply", text(&events)]);
    assert_eq!(status, 0, "{said}");
    let what = ["--area", "51", "--from", "2024-07"];
    let preview = [&["decision", "preview"], &what[..], &["--format", "ndjson"]].concat();
    let (status, printed, said) = at(&program, &preview);
    assert_eq!(status, 0, "{said}");
    assert_eq!(printed.lines().count(), 3);
    assert!(
        printed.contains(r#""kind":"re_rate","from":"2024-07","old":360000,"new":500000"#),
        "{printed}"
    );
    let record = |seen: &str| {
        let signed = [
            "--number",
            "99/QĐ-UBND",
            "--date",
            "2024-07-09",
            "--signed-by",
            "Chủ tịch",
            "--seen",
            seen,
        ];
        at(
            &program,
            &[&["decision", "record"], &what[..], &signed].concat(),
        )
    };
    let (status, _, said_of_other) = record(&"0".repeat(64));
    assert_eq!(status, 1, "{said_of_other}");
    for _ in 0..2 {
        let (status, _, said) = record(&fingerprint(&said));
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("cho 3 người"), "{said}");
    }
    let (_, explained, _) = at(&program, &["explain", "1", "2024-07"]);
    assert!(
        explained.contains("99/QĐ-UBND, 2024-07-09: Điều chỉnh mức"),
        "{explained}"
    );
}

#[test]
fn a_list_with_a_refused_row_is_not_recorded() {
    let program = Program::practice();
    let events = program.file("events.ndjson", &people::events("cli", 1, 2));
    at(&program, &["apply", text(&events)]);
    let rows = "Mã người hưởng,Họ và tên,Việc,Tháng cuối\n\
                1,Người Thử 1,Thôi hưởng,06/2024\n9,Không Ai,Thôi hưởng,06/2024\n";
    let list = program.file("danh-sach.csv", rows);
    let what = ["--area", "51", "--list", text(&list)];
    let (status, printed, said) = at(&program, &[&["decision", "preview"], &what[..]].concat());
    assert_eq!(status, 3, "{said}");
    assert!(
        printed.contains("stop") && said.contains("unknown_person"),
        "{said}"
    );
    let signed = [
        "--number",
        "5/QĐ",
        "--date",
        "2024-07-09",
        "--signed-by",
        "Chủ tịch",
        "--seen",
    ];
    let seen = fingerprint(&said);
    let record = [&["decision", "record"], &what[..], &signed, &[&seen]].concat();
    let (status, _, said) = at(&program, &record);
    assert_eq!(status, 1);
    assert!(said.contains("1 dòng bị từ chối"), "{said}");
}
