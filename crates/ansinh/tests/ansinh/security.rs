//! What docs/security.md names as proof is there, and what it says holds has a proof.

use std::collections::BTreeSet;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Rows as number, whether it holds, proofs.
fn rows(paper: &str) -> Vec<(String, String, Vec<String>)> {
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim_matches('|').split('|');
        inner.map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = paper.lines().filter(|line| line.starts_with("| "));
    rows.map(cells)
        .filter(|row| row[0].starts_with(|letter: char| letter.is_ascii_digit()))
        .map(|row| {
            let proofs = row[3].split('`').skip(1).step_by(2);
            let proofs = proofs.map(str::to_owned).collect();
            (row[0].clone(), row[1].clone(), proofs)
        })
        .collect()
}

/// Whether the text names it as a whole word.
fn names(text: &str, name: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part))
}

#[test]
fn every_proof_is_there() {
    let paper = std::fs::read_to_string(root().join("docs/security.md")).expect("the paper");
    let rows = rows(&paper);
    let mut seen = BTreeSet::new();
    for (number, holds, proofs) in &rows {
        assert!(seen.insert(number), "{number} twice");
        let needs = match holds.as_str() {
            "yes" | "part" => true,
            "no" | "n/a" => false,
            other => panic!("{number}: {other}"),
        };
        assert_eq!(needs, !proofs.is_empty(), "{number}: {holds}");
        for proof in proofs {
            let (file, name) = proof.split_once("::").unwrap_or((proof, ""));
            let text = std::fs::read_to_string(root().join(file));
            let text = text.unwrap_or_else(|error| panic!("{number}: {file}: {error}"));
            let found = match file.contains("/tests/") {
                true => text.contains(&format!("fn {name}(")),
                false => name.is_empty() || names(&text, name),
            };
            assert!(found, "{number}: {file} has no {name}");
        }
    }
    // The requirements of levels 1 and 2 of these chapters, but those of authorization servers.
    assert_eq!(rows.len(), 146, "{seen:?}");
}

#[test]
fn what_does_not_hold_wholly_is_said_at_the_beginning() {
    let paper = std::fs::read_to_string(root().join("docs/security.md")).expect("the paper");
    let open = paper
        .split("## Open, in one place")
        .nth(1)
        .and_then(|after| after.split("\n## ").next())
        .expect("the section");
    for (number, holds, _) in rows(&paper) {
        if matches!(holds.as_str(), "part" | "no") {
            assert!(names(open, &number), "{number} is open and not said");
        }
    }
}
