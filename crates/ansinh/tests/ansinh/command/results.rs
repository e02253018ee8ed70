//! A provider on a bad day: its answers are imported, decided about, and the month is closed.

use serde_json::Value;

use crate::program::people;
use crate::program::{Program, errors, text};

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

#[test]
fn bad_files_are_refused_with_place_and_reason_and_nothing_half_done() {
    let (program, order) = listed();
    let answer = program.file("pain.xml", "");
    let sandbox = ["sandbox", "provider", text(&order), "-o", text(&answer)];
    let whole = ["--format", "pain.002", "--lost", "0", "--late", "0"];
    program.succeed(&[&sandbox[..], &whole[..]].concat());
    let good = std::fs::read_to_string(&answer).expect("written");
    let import = |content: &str| {
        let file = program.file("bad", content);
        let output = program.run(&["results", "import", text(&file), "--provider", "nh"]);
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), listed + &errors(&output))
    };
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;">]>"#;
    let bomb = good.replacen("<Document", &format!("{bomb}<Document"), 1);
    for (file, words) in [
        (&good[..good.len() - 40], "cắt ngang ở byte"),
        (bomb.as_str(), "DOCTYPE hoặc thực thể riêng ở byte"),
        ("{\"result_id\":\"1\"", "cắt ngang ở dòng 1"),
        ("Mã dòng,Ngày\n1,2\n", "thiếu cột"),
    ] {
        let (status, said) = import(file);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
    // Five hundred megabytes that never end a tag.
    let huge = program.file("huge.xml", &good[..400]);
    let file = std::fs::File::options().write(true).open(&huge);
    file.expect("opened").set_len(500 << 20).expect("grown");
    let refused = program.run(&["results", "import", text(&huge), "--provider", "nh"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(errors(&refused).contains("ở byte"), "{}", errors(&refused));

    let row = |line: &str, amount: &str| {
        format!(
            r#"{{"result_id":"{line}","line":"{line}","status":"paid","date":"2024-05-08","amount":{amount}}}"#
        )
    };
    let rows = [
        row("2024-05-1-1", "-5"),
        row("2024-05-1-1", "360000.5"),
        row("2024-05-999-1", "360000"),
    ];
    let (status, said) = import(&rows.join("\n"));
    assert_eq!(status, Some(3), "{said}");
    for code in ["amount_not_positive", "amount_not_whole", "unknown_line"] {
        assert!(said.contains(code), "{code}: {said}");
    }
    let dollars = good.replace("Ccy=\"VND\"", "Ccy=\"USD\"");
    let (status, said) = import(&dollars);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("wrong_currency"), "{said}");
    let found = show(&program);
    assert_eq!(
        found["not_reported"], found["ordered"],
        "nothing is recorded"
    );
}
