//! `unanswered FILE`: what the JSON interface describes as an answer and no test was given. The file has the answers
//! all tests were given, as they wrote them down (`API_ANSWERS`); `script/test` looks at it after them.

use std::collections::HashSet;
use std::process::ExitCode;

fn main() -> ExitCode {
    let file = std::env::args().nth(1).unwrap_or_default();
    let answered = match std::fs::read_to_string(&file) {
        Ok(answered) => answered,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let answered: HashSet<&str> = answered.lines().collect();
    let never: Vec<String> = described()
        .into_iter()
        .filter(|answer| !answered.contains(answer.as_str()))
        .collect();
    for answer in &never {
        eprintln!("described and never answered: {answer}");
    }
    match never.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Method, address and status of every answer that is described.
fn described() -> Vec<String> {
    let description = web::description();
    let mut answers = Vec::new();
    let paths = description["paths"].as_object().into_iter().flatten();
    for (path, operations) in paths {
        let operations = operations.as_object().into_iter().flatten();
        for (method, operation) in operations {
            let responses = operation["responses"].as_object().into_iter().flatten();
            for (status, _) in responses {
                // Of thousands of requests in ten seconds: held by the tests of `provinces`.
                let too_many = status == "429" && path.starts_with("/api/v1/exchange/");
                if !too_many {
                    answers.push(format!("{} {path} {status}", method.to_uppercase()));
                }
            }
        }
    }
    assert!(!answers.is_empty(), "the interface is described");
    answers
}
