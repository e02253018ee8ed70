//! Dossiers, connections and messages on the command line.

use serde_json::{Value, json};

use crate::program::{Program, errors, text};

const CODE: &str = "000.00.00.H51-240506-0001";

fn done(program: &Program, now: &str, arguments: &[&str]) -> String {
    let (status, printed, said) = program.at(now, arguments);
    assert_eq!(status, 0, "{arguments:?}: {said}");
    printed
}

fn board(program: &Program, area: &str) -> Value {
    let report = [
        "report", "exchange", "--month", "2024-05", "--area", area, "--by", "area", "--format",
        "json",
    ];
    let printed = done(program, "2024-06-03T08:00", &report);
    serde_json::from_str(&printed).expect("JSON")
}

#[test]
fn a_dossier_goes_from_the_counter_to_its_decision() {
    let program = Program::practice();
    let said = program.receive("2024-05-06T08:00", CODE);
    assert!(
        said.contains("trạng thái 2 (Được tiếp nhận), hạn giải quyết 03/06/2024"),
        "{said}"
    );
    let approve = [
        "dossier",
        "step",
        CODE,
        "approved",
        "--number",
        "12/QĐ-UBND",
        "--date",
        "2024-05-22",
    ];
    let (status, _, said) = program.at("2024-05-22T15:00", &approve);
    assert_eq!(status, 1);
    assert!(said.contains("stages_left"), "{said}");
    for stage in ["commune_review", "sent_up", "appraisal"] {
        let step = [
            "dossier",
            "step",
            CODE,
            "stage_done",
            "--stage",
            stage,
            "--online",
        ];
        done(&program, "2024-05-20T09:00", &step);
    }
    done(&program, "2024-05-22T15:00", &approve);
    let shown = done(&program, "2024-05-23T08:00", &["dossier", "show", CODE]);
    assert!(shown.contains("trạng thái 9 (Đã xử lý xong)"), "{shown}");
    let listed = [
        "dossier", "list", "--area", "51", "--status", "9", "--format", "ndjson",
    ];
    assert!(done(&program, "2024-05-23T08:00", &listed).contains(CODE));
    let wrong = ["dossier", "step", CODE, "supplement_asked"];
    assert_eq!(program.at("2024-05-23T08:00", &wrong).0, 2);
    assert_eq!(board(&program, "51")["total"]["decided"], 1);
}

#[test]
fn messages_go_both_ways_by_file() {
    let program = Program::practice();
    let day = "2024-05-06T10:00";
    done(
        &program,
        day,
        &["connection", "set", "51", "two_way", "--from", "2024-01-01"],
    );
    let message = json!({"id": "0190a000-0000-7000-8000-000000000001", "dossier": CODE, "seq": 1,
                         "at": "2024-05-06T08:00:00+07:00", "kind": "submitted",
                         "procedure": "1.001776", "area": "21031", "channel": "online",
                         "applicant": "Người Thử"});
    let file = program.file("den.ndjson", &format!("{message}\nhỏng\n"));
    let receive = ["exchange", "--province", "51", "receive", text(&file)];
    let (status, refused, _) = program.at(day, &receive);
    assert_eq!(status, 3);
    assert!(refused.contains("not_json"), "{refused}");
    done(
        &program,
        day,
        &["dossier", "step", CODE, "received", "--online"],
    );
    let messages = ["exchange", "--province", "51", "messages"];
    let told: Value = serde_json::from_str(&done(&program, day, &messages)).expect("one message");
    assert_eq!(
        (&told["dossier"], &told["status"]),
        (&json!(CODE), &json!(2))
    );
    let id = told["id"].as_str().expect("an id");
    done(
        &program,
        day,
        &["exchange", "--province", "51", "acknowledge", id],
    );
    assert_eq!(done(&program, day, &messages), "");
    let list = done(&program, day, &["connection", "list", "--format", "ndjson"]);
    assert!(
        list.contains(r#""mode":"two_way""#) && list.contains(r#""holds":true"#),
        "{list}"
    );
}

#[test]
fn a_proposal_is_agreed_with_by_somebody_else_and_stands_in_the_queue() {
    let program = Program::practice();
    let (day, code) = ("2026-11-10T09:00", "H51-261110-0001");
    let receive = [
        "dossier",
        "receive",
        code,
        "--procedure",
        "1.001776",
        "--area",
        "21025",
        "--applicant",
        "Người Thử",
    ];
    done(&program, day, &receive);
    done(
        &program,
        day,
        &["dossier", "step", code, "proposed", "--online"],
    );
    let agree = ["dossier", "agree", code];
    let (status, printed, said) = program.at(day, &agree);
    assert_eq!(status, 1, "{said}");
    assert!(
        format!("{printed}{said}").contains("own_proposal"),
        "{printed}{said}"
    );
    let now = ["--now", "2026-11-10T10:00:00+07:00", "--actor", "lanh.dao"];
    let agreed = program.run(&[&now[..], &agree[..]].concat());
    assert_eq!(agreed.status.code(), Some(0), "{}", errors(&agreed));
    let queue = ["dossier", "queue", "number", "--format", "ndjson"];
    let row = done(&program, "2026-11-10T11:00", &queue);
    let row: Value = serde_json::from_str(row.trim()).expect("one row");
    assert_eq!(
        (&row["dossier"], &row["waiting"]),
        (&json!(code), &json!("number"))
    );
    assert_eq!(
        (&row["desk"], &row["due_on"]),
        (&json!("records"), &json!("2026-11-19"))
    );
    let (status, ..) = program.at(day, &["dossier", "assign", "khong.co", code]);
    assert_eq!(status, 1, "no such user");
}
