//! `ansinh calc`, `assess` and `law` from the outside.

#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn ansinh(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ansinh"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_owned()).unwrap()
}

const PERSON: &str = r#"{"id":"p1","birth_date":"2020-05-10","death_date":null,"sex":"female","province":"51","difficult_area":false,"months":["2024-05"],"enrolments":[{"benefit":"disability","from":"2023-01","to":null}],"facts":[{"kind":"disability","grade":"extremely_severe","from":"2023-01-15"},{"kind":"child","birth_date":"2015-03-02","studying_until":null,"from":"2015-03-02"}]}"#;
const ANSWER: &str = r#"{"id":"p1","month":"2024-05","total":900000,"lines":[{"benefit":"disability","coefficient":"2.5","standard":360000,"amount":900000,"law":["20/2021/NĐ-CP Điều 6 khoản 1 điểm e","20/2021/NĐ-CP Điều 4 khoản 2"]}],"refused":[]}"#;

#[test]
fn the_example_of_the_contract_to_the_letter() {
    let done = ansinh(&["calc", "--as-of", "2026-11-22"], PERSON.as_bytes());
    assert_eq!(text(&done.stdout), format!("{ANSWER}\n"));
    assert_eq!(done.status.code(), Some(0));
}

#[test]
fn a_bad_line_is_refused_by_number_and_the_others_answer() {
    let mark = "\u{feff}";
    let unknown = PERSON.replace("\"disability\",\"from\"", "\"fortune\",\"from\"");
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(2 << 20));
    let mut input = format!("{mark}{PERSON}\r\n\r\n{unknown}\n{long}\n").into_bytes();
    input.extend_from_slice(b"\"\xff\"\n");
    input.extend_from_slice(PERSON.as_bytes());
    let done = ansinh(&["calc"], &input);
    assert_eq!(text(&done.stdout), format!("{ANSWER}\n{ANSWER}\n"));
    let refused = text(&done.stderr);
    let lines: Vec<&str> = refused.lines().collect();
    assert_eq!(lines.len(), 3, "{refused}");
    assert!(
        lines[0].starts_with("dòng 3, enrolments[0].benefit [unknown_benefit]"),
        "{refused}"
    );
    assert!(
        lines[1].starts_with("dòng 4, ") && lines[1].contains("line_too_long"),
        "{refused}"
    );
    assert!(
        lines[2].starts_with("dòng 5, ") && lines[2].contains("not_utf8"),
        "{refused}"
    );
    assert_eq!(done.status.code(), Some(3));
}

#[test]
fn assess_says_what_the_facts_qualify_for() {
    let person = r#"{"id":"p","birth_date":"2022-01-01","difficult_area":true,"months":["2024-05"],"facts":[{"kind":"poverty","status":"near_poor","from":"2023-01-01"}]}"#;
    let done = ansinh(&["assess", "--as-of", "2026-11-22"], person.as_bytes());
    let answer: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let eligible = answer["eligible"].as_array().unwrap();
    assert_eq!(eligible.len(), 1, "{answer}");
    assert_eq!(eligible[0]["benefit"], "poor_child_under_3");
    assert_eq!(eligible[0]["basis"], "5.7");
    assert_eq!(answer["ineligible"][0]["condition"], "not_without_support");
    assert_eq!(answer["ineligible"].as_array().unwrap().len(), 20);
}

#[test]
fn the_law_is_checked_and_shown() {
    let checked = ansinh(&["law", "check"], b"");
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
    let shown = ansinh(&["law", "show", "disability", "--on", "2024-05"], b"");
    let sheet = text(&shown.stdout);
    assert!(
        sheet.contains("2.5 = 900.000 đồng, 20/2021/NĐ-CP Điều 6 khoản 1 điểm e"),
        "{sheet}"
    );
    let json = ansinh(&["law", "show", "social_pension", "--on", "2024-05"], b"");
    assert_eq!(json.status.code(), Some(1));
}

#[test]
fn a_changed_standard_is_one_line_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../law").as_ref(),
        folder.path(),
    );
    let file = folder.path().join("standard.toml");
    let standards = std::fs::read_to_string(&file).unwrap();
    let changed = standards.replacen("amount = 360000", "amount = 400000", 1);
    assert_ne!(standards, changed);
    std::fs::write(&file, changed).unwrap();
    let law = folder.path().to_str().unwrap();
    let done = ansinh(&["--law", law, "calc"], PERSON.as_bytes());
    assert!(
        text(&done.stdout).contains(r#""total":1000000"#),
        "{}",
        text(&done.stderr)
    );
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
