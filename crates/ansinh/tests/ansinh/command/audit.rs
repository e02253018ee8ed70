//! The audit log on the command line: exported with what is asked for, verified, and the first broken
//! entry named.

use private_postgres::{Durability, PrivatePostgres};
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use crate::program::{Program, errors, text};

const EVENT: &str = r#"{"event_id":"7c0e1f52-9f0e-4c57-8a51-0c6f1f4f3a01","kind":"person_registered","person":"p1","effective":"2024-01-05","source":"thu","full_name":"Người Thử","birth_date":"1950-03-02","sex":"female","ethnicity":"01","id_number":"000150000123","area":"21031"}"#;

#[test]
fn entries_are_exported_and_the_chain_verified() {
    let program = Program::practice();
    let file = program.file("event.ndjson", EVENT);
    program.succeed(&["--actor", "can.bo", "apply", text(&file)]);
    let printed = program.succeed(&["audit", "export", "--action", "people", "--by", "can.bo"]);
    let entry: Value = serde_json::from_str(&printed).expect("one entry");
    assert_eq!(entry["action"], "events.apply");
    assert_eq!(entry["origin"], "command_line");
    assert_eq!(entry["area"], "21031");
    assert_eq!(entry["detail"]["changed"]["full_name"][1], "Người Thử");
    assert!(!printed.contains("000150000123"), "masked: {printed}");
    let csv = program.succeed(&[
        "audit",
        "export",
        "--action",
        "audit.export",
        "--format",
        "csv",
    ]);
    assert!(csv.starts_with("entry_no,at,actor,"), "{csv}");
    assert_eq!(csv.lines().count(), 2, "the export before is an entry");
    let unknown = program.run(&["audit", "export", "--action", "khong.co"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", errors(&unknown));

    let whole = program.run(&["audit", "verify"]);
    assert_eq!(whole.status.code(), Some(0), "{}", errors(&whole));
    assert!(errors(&whole).contains("Nhật ký nguyên vẹn"));
    tamper(&program, entry["entry_no"].as_i64().expect("a number"));
    let broken = program.run(&["audit", "verify"]);
    assert_eq!(broken.status.code(), Some(1));
    let named = format!("dòng số {} đã bị sửa", entry["entry_no"]);
    assert!(errors(&broken).contains(&named), "{}", errors(&broken));
    let after = (entry["entry_no"].as_i64().expect("a number") + 1).to_string();
    let later = program.run(&["audit", "verify", "--from", &after]);
    assert_eq!(later.status.code(), Some(0), "{}", errors(&later));
}

/// What an owner of the database can do, and the chain shows.
fn tamper(program: &Program, entry_no: i64) {
    let server = PrivatePostgres::open(&program.data(), Durability::Full).expect("opens");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let connection = PgConnection::connect_with(&server.options()).await;
        let mut connection = connection.expect("connects");
        for step in [
            "alter table audit_entry disable trigger all".to_owned(),
            format!("update audit_entry set detail = '{{}}' where entry_no = {entry_no}"),
        ] {
            let done = sqlx::query(sqlx::AssertSqlSafe(step))
                .execute(&mut connection)
                .await;
            done.expect("an owner can");
        }
    });
}
