//! Other registries are registered, shown and ended at the command line.

use crate::program::{Program, errors, text};

const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"khoa-1","x":"6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw"}]}"#;

#[test]
fn a_caller_is_registered_shown_and_ended() {
    let program = Program::practice();
    let keys = program.file("khoa.json", KEYS);
    let add = |fields: &str| {
        program.run(&[
            "--actor",
            "quan.tri",
            "spdci",
            "caller",
            "add",
            "spmis.thu.vn",
            "--full-name",
            "Thử",
            "--keys",
            text(&keys),
            "--fields",
            fields,
            "--areas",
            "51",
            "--purposes",
            "tro-cap",
            "--callback",
            "https://spmis.thu.vn/spdci",
            "--secret",
        ])
    };
    let unknown = add("name,tien");
    assert_eq!(unknown.status.code(), Some(1));
    assert!(errors(&unknown).contains("không có trường tien"));
    let added = add("name,programme");
    assert_eq!(added.status.code(), Some(0), "{}", errors(&added));
    let secret = String::from_utf8(added.stdout).expect("UTF-8");
    assert_eq!(secret.trim().len(), 43, "32 bytes that nobody guesses");
    let list = || {
        let listed = program.run(&[
            "--actor", "quan.tri", "spdci", "caller", "list", "--format", "ndjson",
        ]);
        String::from_utf8(listed.stdout).expect("UTF-8")
    };
    let listed = list();
    assert!(
        listed.contains("khoa-1") && listed.contains("name,programme"),
        "{listed}"
    );
    assert!(!listed.contains(secret.trim()), "the secret is shown once");
    let end = |reason: &str| {
        program.run(&[
            "--actor",
            "quan.tri",
            "spdci",
            "caller",
            "end",
            "spmis.thu.vn",
            "--reason",
            reason,
        ])
    };
    assert_eq!(end(" ").status.code(), Some(1));
    assert_eq!(end("hết hợp đồng").status.code(), Some(0));
    assert!(!list().contains("\"ended_at\":null"));
    assert_eq!(end("lần nữa").status.code(), Some(1));
}
