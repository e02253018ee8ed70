//! Sending files and messages, on a bad day badly.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use payments::sandbox::Chance;

use super::client::Answer;
use super::journal::{File, Tell};
use super::{Hand, Work};

const JSON: &str = "application/json";
/// How far a wrong clock is ahead.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long a hand rests that was told to wait.
const REST: Duration = Duration::from_millis(200);

impl Hand<'_> {
    /// Asks; what comes back may be lost on the way.
    pub(super) fn ask(&mut self, what: (&str, &str), content: (&str, &[u8])) -> Option<Answer> {
        let (manner, client) = (self.work.manner, self.work.client);
        if self.chance.hits(manner.slow) {
            std::thread::sleep(manner.slow_for);
        }
        let mut now = self.work.clock.now();
        if self.chance.hits(manner.clock_wrong) {
            now += DAY;
        }
        if self.chance.hits(manner.twice) {
            client.ask(what, content, now)?;
        }
        let answer = client.ask(what, content, now)?;
        if answer.status == 429 {
            std::thread::sleep(REST);
        }
        (!self.chance.hits(manner.answer_lost)).then_some(answer)
    }
}

/// Sends files that are not there yet. Returns whether all were answered.
pub(super) fn files(work: &Work<'_>, chance: &mut Chance) -> anyhow::Result<bool> {
    let open = work.look(super::Journal::to_send);
    work.each(chance, &open, file)
}

fn file(hand: &mut Hand<'_>, file: &File) -> anyhow::Result<bool> {
    let path = format!("files/{}", file.sha256);
    if hand.chance.hits(hand.work.manner.half) {
        // Later, after the dossier that names it; or another content under its name.
        let half = &file.content.as_bytes()[..file.content.len() / 2];
        let refused = hand.ask(("PUT", &path), ("application/octet-stream", half));
        let taken = refused.is_some_and(|it| it.status < 300);
        anyhow::ensure!(!taken, "nửa tệp đã được nhận dưới mã của cả tệp");
        return Ok(false);
    }
    let content = ("application/octet-stream", file.content.as_bytes());
    match hand.ask(("PUT", &path), content) {
        Some(answer) if answer.status < 300 => {
            hand.work.keep(|journal| journal.sent(&file.sha256))?;
            Ok(true)
        }
        Some(answer) if !answer.is_for_now() => {
            anyhow::bail!("tệp bị từ chối: {}", answer.json()["code"])
        }
        _ => Ok(false),
    }
}

/// Sends messages that have no answer. Returns whether all were answered.
pub(super) fn messages(work: &Work<'_>, chance: &mut Chance) -> anyhow::Result<bool> {
    let open = work.look(super::Journal::to_tell);
    work.each(chance, &open, |hand, of_dossier| {
        let mut order: Vec<&Tell> = of_dossier.iter().collect();
        for place in 1..order.len() {
            if hand.chance.hits(hand.work.manner.out_of_order) {
                order.swap(place - 1, place);
            }
        }
        let mut all = true;
        for tell in order {
            all &= message(hand, tell)?;
        }
        Ok(all)
    })
}

fn message(hand: &mut Hand<'_>, tell: &Tell) -> anyhow::Result<bool> {
    let path = match tell.kind.as_str() {
        "submitted" => "dossiers".to_owned(),
        "supplemented" => format!("dossiers/{}/supplements", tell.dossier),
        _ => format!("dossiers/{}/withdrawal", tell.dossier),
    };
    if hand.chance.hits(hand.work.manner.half) {
        let whole = tell.body.to_string();
        let half = whole.as_bytes()[..whole.len() / 2].to_vec();
        let refused = hand.ask(("POST", &path), (JSON, &half));
        let taken = refused.is_some_and(|it| it.status < 300);
        anyhow::ensure!(!taken, "nửa thông điệp đã được nhận");
    }
    if hand.chance.hits(hand.work.manner.clock_wrong) {
        // Told from tomorrow it is refused, and may be told again as it is.
        let mut tomorrow = tell.body.clone();
        tomorrow["at"] = json!(hand.work.clock.now() + DAY);
        let text = tomorrow.to_string();
        let known = hand.ask(("POST", &path), (JSON, text.as_bytes()));
        let taken = known.is_some_and(|it| it.status < 300);
        anyhow::ensure!(!taken, "thông điệp của ngày mai đã được nhận");
    }
    let text = tell.body.to_string();
    let Some(answer) = hand.ask(("POST", &path), (JSON, text.as_bytes())) else {
        return Ok(false);
    };
    match answer.status {
        200 => {
            let told: Value = answer.json();
            let told = told["answer"].as_str().unwrap_or_default();
            hand.work.keep(|journal| journal.told(tell, told))?;
            Ok(told == "taken")
        }
        422 => {
            let code = answer.json()["errors"][0]["code"].clone();
            let code = code.as_str().unwrap_or("refused");
            hand.work.keep(|journal| journal.told(tell, code))?;
            Ok(true)
        }
        _ if answer.is_for_now() => Ok(false),
        status => anyhow::bail!("thông điệp bị từ chối: {status} {}", answer.json()["code"]),
    }
}
