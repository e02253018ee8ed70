//! What programs are answered is written down where `API_ANSWERS` says, so that what is described and never
//! answered shows once all tests ran.

use std::fs::OpenOptions;
use std::io::Write;

/// Where they are written down.
const VARIABLE: &str = "API_ANSWERS";

/// Writes an answer down: method, address of the description, status.
///
/// # Panics
/// When the file cannot be written.
pub fn answered(method: &str, path: &str, status: u16) {
    let Ok(file) = std::env::var(VARIABLE) else {
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(file);
    // One write, for several tests write at the same time.
    let line = format!("{method} {path} {status}\n");
    file.expect("opens")
        .write_all(line.as_bytes())
        .expect("writes");
}

/// All that were written down; none where nobody does.
///
/// # Panics
/// When the file cannot be read.
pub fn all_answered() -> Option<Vec<String>> {
    let file = std::env::var(VARIABLE).ok()?;
    let text = std::fs::read_to_string(file).expect("what the tests wrote down");
    Some(text.lines().map(str::to_owned).collect())
}
