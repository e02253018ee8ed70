//! Dossiers in every standing for a practice office.

use serde_json::Value;

use crate::program::{Program, errors};

const NOW: &str = "2024-05-13T08:00:00+07:00";

fn list(program: &Program) -> String {
    let make = [
        "--now", NOW, "list", "make", "2024-05", "--area", "51", "--actor", "lap",
    ];
    program.succeed(&make);
    let show = [
        "list", "show", "2024-05", "--area", "51", "--format", "ndjson",
    ];
    program.succeed(&show)
}

fn part(program: &Program, part: &str) -> usize {
    let queue = [
        "--now", NOW, "--actor", "can.bo", "dossier", "queue", part, "--format", "json",
    ];
    let printed = program.succeed(&queue);
    let items: Value = serde_json::from_str(&printed).expect("JSON");
    items.as_array().expect("items").len()
}

#[test]
fn everybody_at_a_practice_office_finds_work_and_no_list_changes() {
    let program = Program::practice();
    program.succeed(&["sample", "quang-ngai-2024-05", "--scale", "200"]);
    let before = list(&program);
    let sample = ["--now", NOW, "sample", "dossiers-at-work"];
    program.succeed(&sample);
    for name in [
        "mine",
        "waiting",
        "overdue",
        "returned",
        "agreement",
        "number",
    ] {
        assert_ne!(part(&program, name), 0, "{name}");
    }
    let all = part(&program, "all");
    let again = program.run(&sample);
    assert!(again.status.success() && errors(&again).contains("không thay đổi gì"));
    assert_eq!(part(&program, "all"), all);
    assert_eq!(list(&program), before);
    let later = program.run(&[
        "--now",
        "2026-11-20T08:00:00+07:00",
        "sample",
        "dossiers-at-work",
    ]);
    assert_eq!(later.status.code(), Some(2), "{}", errors(&later));
}
