//! Hearing what becomes of dossiers, and saying so.

use exchange::file::name_of;
use serde_json::{Value, json};

use super::Work;

const NOTHING: (&str, &[u8]) = ("", b"");

/// Fetches messages, takes each once and in order, and acknowledges. Returns whether all of them were.
pub(super) fn all(work: &mut Work<'_>) -> anyhow::Result<bool> {
    let Some(answer) = work.ask(("GET", "messages?after=0&limit=200"), NOTHING) else {
        return Ok(false);
    };
    if answer.status != 200 {
        anyhow::ensure!(
            answer.is_for_now(),
            "không lấy được thông điệp: {}",
            answer.status
        );
        return Ok(false);
    }
    let messages = answer.json();
    let messages = messages.as_array().map_or(&[][..], Vec::as_slice);
    let mut all = messages.is_empty();
    for message in messages {
        if !take(work, message)? {
            all = false;
        }
    }
    Ok(all)
}

fn take(work: &mut Work<'_>, message: &Value) -> anyhow::Result<bool> {
    let id = message["id"].as_str().unwrap_or_default();
    let path = format!("messages/{id}/ack");
    let new = work.journal.heard(message)?;
    if new && !letter(work, message)? {
        return Ok(false);
    }
    if work.chance.hits(work.manner.ack_lost) {
        return Ok(false);
    }
    let content = json!({}).to_string();
    let answer = work.ask(("POST", &path), ("application/json", content.as_bytes()));
    match answer {
        Some(answer) if answer.status == 200 => Ok(true),
        Some(answer) if !answer.is_for_now() => {
            anyhow::bail!("không ghi nhận được thông điệp: {}", answer.status)
        }
        _ => Ok(false),
    }
}

/// Fetches the letter of a decision, if there is one; until that is done the message is not taken.
fn letter(work: &mut Work<'_>, message: &Value) -> anyhow::Result<bool> {
    let Some(sha256) = message["letter"].as_str() else {
        return Ok(true);
    };
    let dossier = message["dossier"].as_str().unwrap_or_default();
    let path = format!("files/{sha256}");
    for _ in 0..20 {
        match work.ask(("GET", &path), NOTHING) {
            Some(answer) if answer.status == 200 => {
                let sound = name_of(&answer.body).to_string() == sha256;
                work.journal.letter(dossier, sha256, sound)?;
                return Ok(true);
            }
            Some(answer) if !answer.is_for_now() => {
                anyhow::bail!("không lấy được văn bản: {}", answer.status)
            }
            _ => {}
        }
    }
    Ok(false)
}
