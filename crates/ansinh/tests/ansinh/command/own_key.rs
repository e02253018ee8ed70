//! Our own key is changed: others know the next before it signs, and the last afterwards.

use std::fs;

use serde_json::Value;

use crate::program::{Program, Running};

const NOW: &str = "2024-05-02T08:00";

/// What `provider our-key`, `next-key` or `change-key` ended with, printed and said.
fn key(program: &Program, which: &str) -> (i32, String, String) {
    program.at(NOW, &["provider", which])
}

/// Names of the keys a server shows to whoever asks.
fn shown(program: &Program) -> Vec<String> {
    let server: Running = program.listen(NOW, &["serve", "--listen", "127.0.0.1:0"]);
    let address = format!("{}/.well-known/jwks.json", server.url());
    let mut answer = ureq::get(address).call().expect("an answer");
    let set: Value = serde_json::from_reader(answer.body_mut().as_reader()).expect("JSON");
    let keys = set["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["kid"].as_str().expect("a name").to_owned())
        .collect()
}

fn name(printed: &str) -> String {
    let (name, base64) = printed.trim().split_once(' ').expect("a name and a key");
    assert_eq!(base64.len(), 44, "32 bytes");
    name.to_owned()
}

#[test]
fn the_next_key_is_shown_before_it_signs_and_the_last_one_after() {
    let program = Program::practice();
    let (status, _, said) = key(&program, "next-key");
    assert_eq!(status, 1);
    assert!(said.contains("our-key"), "{said}");
    let first = name(&key(&program, "our-key").1);
    let (status, _, said) = key(&program, "change-key");
    assert_eq!(status, 1);
    assert!(said.contains("next-key"), "{said}");
    assert_eq!(shown(&program), std::slice::from_ref(&first));

    let second = name(&key(&program, "next-key").1);
    assert_eq!(name(&key(&program, "next-key").1), second, "made once");
    assert_eq!(name(&key(&program, "our-key").1), first, "it does not sign");
    assert_eq!(shown(&program), [first.clone(), second.clone()]);

    let folder = program.data();
    let secret = fs::read_to_string(folder.join("signing.key")).expect("a key");
    assert_eq!(name(&key(&program, "change-key").1), second);
    assert_eq!(name(&key(&program, "our-key").1), second);
    assert_eq!(shown(&program), [second.clone(), first]);
    for file in fs::read_dir(folder).expect("a folder") {
        let file = file.expect("a file").path();
        let kept = file.is_file().then(|| fs::read(&file).expect("reads"));
        assert_ne!(kept.unwrap_or_default(), secret.as_bytes(), "{file:?}");
    }

    let third = name(&key(&program, "next-key").1);
    assert_eq!(key(&program, "change-key").0, 0);
    assert_eq!(shown(&program), [third, second], "the last one only");
    assert_eq!(key(&program, "change-key").0, 1, "not twice");
}
