//! What tests are given is written down where an environment variable says, to be looked at once all of them ran.

use std::fs::OpenOptions;
use std::io::Write;

/// Writes a line into the file that a variable names; whether one does.
///
/// # Panics
/// When the file cannot be written.
pub fn write_down(variable: &str, line: &str) -> bool {
    let Ok(file) = std::env::var(variable) else {
        return false;
    };
    let file = OpenOptions::new().append(true).create(true).open(file);
    // One write, for several tests write at the same time.
    let line = format!("{line}\n");
    file.expect("opens")
        .write_all(line.as_bytes())
        .expect("writes");
    true
}

/// Writes an answer of the JSON interface down where `API_ANSWERS` says: method, address of the description, status.
///
/// # Panics
/// When the file cannot be written.
pub fn answered(method: &str, path: &str, status: u16) {
    write_down("API_ANSWERS", &format!("{method} {path} {status}"));
}
