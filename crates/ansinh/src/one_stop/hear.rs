//! Hearing what becomes of dossiers, and saying so.

use std::collections::BTreeMap;

use exchange::file::name_of;
use payments::sandbox::Chance;
use serde_json::{Value, json};

use super::{Hand, Work};

const NOTHING: (&str, &[u8]) = ("", b"");
/// Messages fetched at once.
const MOST: usize = 1_000;

/// Fetches messages, takes each once and in the order of its dossier, and acknowledges. Returns whether all
/// of them were.
pub(super) fn all(work: &Work<'_>, chance: &mut Chance) -> anyhow::Result<bool> {
    let (mut after, mut all) = (0, true);
    loop {
        let seed = u64::from(chance.below(u32::MAX));
        let mut hand = Hand {
            work,
            chance: Chance(seed),
        };
        let Some(messages) = fetch(&mut hand, after)? else {
            return Ok(false);
        };
        let count = messages.len();
        let mut dossiers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for message in messages {
            after = message["no"].as_i64().unwrap_or(after).max(after);
            let code = message["dossier"].as_str().unwrap_or_default().to_owned();
            dossiers.entry(code).or_default().push(message);
        }
        let dossiers: Vec<Vec<Value>> = dossiers.into_values().collect();
        all &= work.each(chance, &dossiers, |hand, messages| {
            let mut all = true;
            for message in messages {
                all &= take(hand, message)?;
            }
            Ok(all)
        })?;
        if count < MOST {
            // Whatever came is heard by a further look.
            return Ok(all && count == 0);
        }
    }
}

/// Messages after a number; none when there was no answer.
fn fetch(hand: &mut Hand<'_>, after: i64) -> anyhow::Result<Option<Vec<Value>>> {
    let path = format!("messages?after={after}&limit={MOST}");
    let Some(answer) = hand.ask(("GET", &path), NOTHING) else {
        return Ok(None);
    };
    if answer.status != 200 {
        anyhow::ensure!(
            answer.is_for_now(),
            "không lấy được thông điệp: {}",
            answer.status
        );
        return Ok(None);
    }
    match answer.json() {
        Value::Array(messages) => Ok(Some(messages)),
        _ => Ok(Some(Vec::new())),
    }
}

fn take(hand: &mut Hand<'_>, message: &Value) -> anyhow::Result<bool> {
    let id = message["id"].as_str().unwrap_or_default();
    let path = format!("messages/{id}/ack");
    // The letter first: what is heard is not asked for again.
    if !letter(hand, message)? {
        return Ok(false);
    }
    hand.work.keep(|journal| journal.heard(message))?;
    if hand.chance.hits(hand.work.manner.ack_lost) {
        return Ok(false);
    }
    let content = json!({}).to_string();
    let answer = hand.ask(("POST", &path), ("application/json", content.as_bytes()));
    match answer {
        Some(answer) if answer.status == 200 => Ok(true),
        Some(answer) if !answer.is_for_now() => {
            anyhow::bail!("không ghi nhận được thông điệp: {}", answer.status)
        }
        _ => Ok(false),
    }
}

/// Fetches the letter of a decision, if there is one; until that is done the message is not taken.
fn letter(hand: &mut Hand<'_>, message: &Value) -> anyhow::Result<bool> {
    let Some(sha256) = message["letter"].as_str() else {
        return Ok(true);
    };
    let dossier = message["dossier"].as_str().unwrap_or_default();
    if (hand.work).keep(|journal| Ok(journal.has_letter(dossier, sha256)))? {
        return Ok(true);
    }
    let path = format!("files/{sha256}");
    for _ in 0..20 {
        match hand.ask(("GET", &path), NOTHING) {
            Some(answer) if answer.status == 200 => {
                let sound = name_of(&answer.body).to_string() == sha256;
                hand.work
                    .keep(|journal| journal.letter(dossier, sha256, sound))?;
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
