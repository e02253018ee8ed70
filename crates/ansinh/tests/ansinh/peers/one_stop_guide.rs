//! The guide for a province's developer can be followed: what `docs/one-stop.md` tells to type is typed here,
//! on a data folder that did not exist before.

use std::process::Output;

use serde_json::Value;

use crate::program::{Program, Running, errors};

const GUIDE: &str = include_str!("../../../../../docs/one-stop.md");
const PLACE: &str = "127.0.0.1:8080";

/// What the guide has one type: the lines of its blocks up to the key of one's own, then the check.
fn commands() -> Vec<String> {
    let (before, after) = GUIDE.split_once("## 5. ").expect("a chapter on signing");
    let blocks = before.split("```").skip(1).step_by(2);
    let lines = blocks
        .flat_map(str::lines)
        .map(|line| line.split(" # ").next().expect("a line"));
    let check = after
        .split('`')
        .find(|it| it.starts_with("ansinh sandbox check"));
    lines
        .chain(check)
        .filter_map(|line| Some(line.trim().strip_prefix("ansinh ")?.to_owned()))
        .collect()
}

/// As a shell takes a line apart.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('"').enumerate() {
        match place % 2 {
            1 => words.push(part.to_owned()),
            _ => words.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    words
}

#[test]
fn what_the_guide_tells_to_type_works_on_a_fresh_folder() {
    let program = Program::bare();
    let (mut token, mut address, mut serving) = (String::new(), String::new(), None);
    let mut done = Vec::new();
    for line in commands() {
        // The folder is the program's own here.
        let line = line.replace("--data thu ", "").replace(
            PLACE,
            match address.as_str() {
                "" => "127.0.0.1:0",
                address => address,
            },
        );
        let line = line.replace(" URL ", &format!(" http://{address} "));
        let words = words(&line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = program.command(&words);
        command
            .env("ANSINH_TOKEN", &token)
            .env("ANSINH_PDF", "/nowhere");
        if words.contains(&"serve") {
            let running = Running::start(command);
            address.clone_from(&running.address);
            serving = Some(running);
            continue;
        }
        let output: Output = command.output().expect("runs");
        assert!(output.status.success(), "{line}: {}", errors(&output));
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        if words.starts_with(&["token", "make"]) {
            token = printed.trim().to_owned();
        }
        done.push((line, printed));
    }
    assert!(serving.is_some() && !token.is_empty());
    let printed = |of: &str| -> &str {
        let found = done.iter().find(|(line, _)| line.contains(of));
        &found.unwrap_or_else(|| panic!("the guide tells of {of}")).1
    };
    let table = printed("sandbox one-stop");
    let rows = table
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let rows: Vec<Value> = rows.collect();
    assert_eq!(rows.len(), 5);
    assert!(
        rows.iter().all(|row| row["told"] == 1 && row["wrong"] == 0),
        "{table}"
    );
    assert!(printed("sandbox check").lines().count() > 15);
}
