//! Sending files and messages, on a bad day badly.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Work;
use super::client::Answer;
use super::journal::Tell;

const JSON: &str = "application/json";
/// How far a wrong clock is ahead.
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Work<'_> {
    /// Asks; what comes back may be lost on the way.
    pub(super) fn ask(&mut self, what: (&str, &str), content: (&str, &[u8])) -> Option<Answer> {
        let manner = self.manner;
        if self.chance.hits(manner.slow) {
            std::thread::sleep(manner.slow_for);
        }
        let mut now = self.clock.now();
        if self.chance.hits(manner.clock_wrong) {
            now += DAY;
        }
        if self.chance.hits(manner.twice) {
            self.client.ask(what, content, now)?;
        }
        let answer = self.client.ask(what, content, now)?;
        (!self.chance.hits(manner.answer_lost)).then_some(answer)
    }
}

/// Sends files that are not there yet. Returns whether all were answered.
pub(super) fn files(work: &mut Work<'_>) -> anyhow::Result<bool> {
    let mut all = true;
    for file in work.journal.to_send() {
        if work.chance.hits(work.manner.half) {
            // Later, after the dossier that names it; or another content under its name.
            let path = format!("files/{}", file.sha256);
            let half = &file.content.as_bytes()[..file.content.len() / 2];
            let refused = work.ask(("PUT", &path), ("application/octet-stream", half));
            let taken = refused.is_some_and(|it| it.status < 300);
            anyhow::ensure!(!taken, "nửa tệp đã được nhận dưới mã của cả tệp");
            all = false;
            continue;
        }
        let path = format!("files/{}", file.sha256);
        let content = ("application/octet-stream", file.content.as_bytes());
        match work.ask(("PUT", &path), content) {
            Some(answer) if answer.status < 300 => work.journal.sent(&file.sha256)?,
            Some(answer) if !answer.is_for_now() => {
                anyhow::bail!("tệp bị từ chối: {}", answer.json()["code"])
            }
            _ => all = false,
        }
    }
    Ok(all)
}

/// Sends messages that have no answer. Returns whether all were answered.
pub(super) fn messages(work: &mut Work<'_>) -> anyhow::Result<bool> {
    let mut open = work.journal.to_tell();
    for place in 1..open.len() {
        if work.chance.hits(work.manner.out_of_order) {
            open.swap(place - 1, place);
        }
    }
    let mut all = true;
    for tell in open {
        all &= message(work, &tell)?;
    }
    Ok(all)
}

fn message(work: &mut Work<'_>, tell: &Tell) -> anyhow::Result<bool> {
    let path = match tell.kind.as_str() {
        "submitted" => "dossiers".to_owned(),
        "supplemented" => format!("dossiers/{}/supplements", tell.dossier),
        _ => format!("dossiers/{}/withdrawal", tell.dossier),
    };
    if work.chance.hits(work.manner.half) {
        let whole = tell.body.to_string();
        let half = whole.as_bytes()[..whole.len() / 2].to_vec();
        let refused = work.ask(("POST", &path), (JSON, &half));
        let taken = refused.is_some_and(|it| it.status < 300);
        anyhow::ensure!(!taken, "nửa thông điệp đã được nhận");
    }
    if work.chance.hits(work.manner.clock_wrong) {
        // Told from tomorrow it is refused, and may be told again as it is.
        let mut tomorrow = tell.body.clone();
        tomorrow["at"] = json!(work.clock.now() + DAY);
        let text = tomorrow.to_string();
        let known = work.ask(("POST", &path), (JSON, text.as_bytes()));
        let taken = known.is_some_and(|it| it.status < 300);
        anyhow::ensure!(!taken, "thông điệp của ngày mai đã được nhận");
    }
    let text = tell.body.to_string();
    let Some(answer) = work.ask(("POST", &path), (JSON, text.as_bytes())) else {
        return Ok(false);
    };
    match answer.status {
        200 => {
            let told: Value = answer.json();
            let told = told["answer"].as_str().unwrap_or_default();
            work.journal.told(tell, told)?;
            Ok(told == "taken")
        }
        422 => {
            let code = answer.json()["errors"][0]["code"].clone();
            work.journal
                .told(tell, code.as_str().unwrap_or("refused"))?;
            Ok(true)
        }
        _ if answer.is_for_now() => Ok(false),
        status => anyhow::bail!("thông điệp bị từ chối: {status} {}", answer.json()["code"]),
    }
}
