//! A provider on a bad day: its answers are imported, decided about, and the month is closed.

#[path = "program/people.rs"]
mod people;
mod program;

use program::{Program, errors, text};
use serde_json::Value;

const NOW: [&str; 2] = ["--now", "2024-05-20T08:00:00+07:00"];

fn rows(printed: &str) -> Vec<Value> {
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// A practice database with an approved list; its lines as an order a provider reads.
fn listed() -> (Program, std::path::PathBuf) {
    let program = Program::practice();
    let file = program.file("events.ndjson", &people::events("tỉnh", 1, 60));
    program.succeed(&["--now", "2024-04-30T08:00:00+07:00", "apply", text(&file)]);
    for (action, actor) in [("make", "lap"), ("approve", "duyet")] {
        program.succeed(&[
            NOW[0], NOW[1], "list", action, "2024-05", "--area", "51", "--actor", actor,
        ]);
    }
    let lines = program.succeed(&[
        "list", "show", "2024-05", "--area", "51", "--format", "ndjson",
    ]);
    let order: Vec<String> = rows(&lines)
        .iter()
        .map(|line| format!(r#"{{"line":{},"amount":{}}}"#, line["line"], line["amount"]))
        .collect();
    let order = program.file("order.ndjson", &order.join("\n"));
    (program, order)
}

fn show(program: &Program) -> Value {
    let printed = program.succeed(&[
        "results", "show", "2024-05", "--area", "51", "--format", "ndjson",
    ]);
    rows(&printed).pop().expect("one row")
}

#[test]
fn answers_of_a_provider_on_a_bad_day_end_in_a_closed_month() {
    let (program, order) = listed();
    let (now, late) = (
        program.file("kq.ndjson", ""),
        program.file("muon.ndjson", ""),
    );
    let said = program.succeed(&[
        NOW[0],
        NOW[1],
        "sandbox",
        "provider",
        text(&order),
        "-o",
        text(&now),
        "--late-output",
        text(&late),
        "--seed",
        "5",
        "--fail",
        "10",
        "--not-collected",
        "5",
        "--come-back",
        "10",
        "--twice",
        "20",
        "--late",
        "30",
        "--lost",
        "10",
        "--wrong-amount",
        "10",
    ]);
    assert_eq!(said, "");
    for file in [&late, &now, &late, &now] {
        program.run(&["results", "import", text(file), "--provider", "bd"]);
    }
    let figures = show(&program);
    let of = |name: &str| figures[name].as_i64().expect("đồng");
    let parts = [
        "paid",
        "failed",
        "returned",
        "not_collected",
        "not_reported",
    ];
    assert_eq!(
        of("ordered"),
        parts.iter().map(|part| of(part)).sum::<i64>()
    );
    assert!(parts.iter().all(|part| of(part) > 0), "{figures}");

    let close = [
        "month", "close", "2024-05", "--area", "51", "--format", "ndjson",
    ];
    let refused = program.run(&close);
    assert_eq!(refused.status.code(), Some(1));
    let reasons = String::from_utf8(refused.stdout).expect("UTF-8");
    let codes: Vec<Value> = rows(&reasons)
        .iter()
        .map(|row| row["code"].clone())
        .collect();
    assert_eq!(codes, ["not_ordered", "results_waiting"]);

    let queue = [
        "results", "queue", "2024-05", "--area", "51", "--format", "ndjson",
    ];
    for entry in rows(&program.succeed(&queue)) {
        let number = entry["queue_no"].to_string();
        let reason = ["--reason", "đã đối chiếu với đơn vị"];
        let record = program.run(&[
            "results", "resolve", &number, "--record", reason[0], reason[1],
        ]);
        if !record.status.success() {
            program.succeed(&[
                "results",
                "resolve",
                &number,
                "--dismiss",
                reason[0],
                reason[1],
            ]);
        }
    }
    assert_eq!(program.succeed(&queue), "");
    // What got lost, and what was told wrong, is asked for again and told.
    let lines = program.succeed(&[
        "list", "show", "2024-05", "--area", "51", "--format", "ndjson",
    ]);
    let told: Vec<String> = rows(&lines)
        .iter()
        .map(|line| {
            format!(
                r#"{{"result_id":"hỏi lại {}","line":{},"status":"failed","date":"2024-05-21","amount":{}}}"#,
                line["line"].as_str().expect("a name"), line["line"], line["amount"]
            )
        })
        .collect();
    let again = program.file("hoi-lai.ndjson", &told.join("\n"));
    program.run(&["results", "import", text(&again), "--provider", "bd"]);
    for entry in rows(&program.succeed(&queue)) {
        assert_eq!(entry["why"], "contradicts", "paid lines stay paid");
        let number = entry["queue_no"].to_string();
        program.succeed(&[
            "results",
            "resolve",
            &number,
            "--dismiss",
            "--reason",
            "đã trả",
        ]);
    }
    assert_eq!(show(&program)["not_reported"], 0);
    program.succeed(&close);
    let closed = program.run(&close);
    assert_eq!(closed.status.code(), Some(1), "{}", errors(&closed));

    let unlock = ["month", "unlock", "2024-05", "--area", "51"];
    let by = |actor: &str, more: &[&str]| {
        let mut arguments = unlock.to_vec();
        arguments.extend(["--actor", actor]);
        arguments.extend(more);
        program.run(&arguments)
    };
    assert!(by("an", &["--reason", "báo sai"]).status.success());
    assert_eq!(
        by("an", &["--confirm"]).status.code(),
        Some(1),
        "one person is not two"
    );
    let confirmed = by("binh", &["--confirm"]);
    assert!(confirmed.status.success(), "{}", errors(&confirmed));
    program.succeed(&close);
}

#[test]
fn a_bank_answers_in_its_own_form() {
    let (program, order) = listed();
    let answer = program.file("pain.xml", "");
    program.succeed(&[
        NOW[0],
        NOW[1],
        "sandbox",
        "provider",
        text(&order),
        "-o",
        text(&answer),
        "--format",
        "pain.002",
        "--seed",
        "3",
        "--fail",
        "20",
        "--not-collected",
        "0",
        "--come-back",
        "0",
        "--twice",
        "0",
        "--lost",
        "0",
        "--wrong-amount",
        "0",
    ]);
    let import = ["results", "import", text(&answer), "--provider", "nh"];
    let first = program.run(&import);
    assert!(first.status.success(), "{}", errors(&first));
    let before = show(&program);
    assert!(before["failed"].as_i64() > Some(0) && before["paid"].as_i64() > Some(0));
    assert_eq!(before["not_reported"], 0);
    let second = program.run(&import);
    assert!(second.status.success(), "{}", errors(&second));
    assert_eq!(show(&program), before);
}
