//! What the other side lists, page by page.

use std::sync::Arc;

use casework::form::Answers;
use g2p::SigningKey;
use jiff::Timestamp;
use kernel::Clock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Ended, PAGE};
use crate::signature::{Request, sign};

/// Bytes of a page; an honest one has some 250 a dossier.
const MAX_ANSWER: u64 = 4 << 20;
/// Longest code of a dossier.
const LONGEST: usize = 64;

/// A dossier as the other side has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its code.
    pub dossier: String,
    /// National status.
    pub status: i16,
    /// The last of its own messages that has an answer.
    pub told: i32,
    /// The last of our messages it has taken.
    pub heard: i32,
    /// [`hash`] of the answers as both sides told each other; left out where it keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

impl Listed {
    fn is_sound(&self) -> bool {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (1..=LONGEST).contains(&self.dossier.len())
            && (1..=10).contains(&self.status)
            && self.told >= 0
            && self.heard >= 0
            && self
                .answers
                .as_deref()
                .is_none_or(|it| it.len() == 64 && it.bytes().all(digit))
    }
}

/// SHA-256 of answers, as 64 hexadecimal digits: of the JSON object of what the one-stop system last said and
/// last took in each field, keys in order of bytes, without white space.
pub fn hash(answers: &Answers) -> String {
    let text = serde_json::to_vec(answers).unwrap_or_default();
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a list cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// No answer, or an error of the other side.
    Unreachable(String),
    /// Not of the form.
    Malformed(String),
}

impl Failed {
    pub(super) const fn ended(&self) -> Ended {
        match self {
            Failed::Unreachable(_) => Ended::Unreachable,
            Failed::Malformed(_) => Ended::Malformed,
        }
    }

    pub(super) fn reason(self) -> String {
        match self {
            Failed::Unreachable(why) | Failed::Malformed(why) => why,
        }
    }
}

/// Reads a list written as NDJSON, in any order.
///
/// # Errors
/// The line at fault.
pub fn read_lines(lines: &[u8]) -> Result<Vec<Listed>, Failed> {
    let mut listed = Vec::new();
    for (row, line) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read: Result<Listed, _> = serde_json::from_slice(line);
        let read = read.ok().filter(Listed::is_sound);
        listed.push(read.ok_or_else(|| Failed::Malformed(format!("dòng {row}")))?);
    }
    listed.sort_by(|one, other| one.dossier.cmp(&other.dossier));
    let doubled = listed
        .windows(2)
        .find(|two| two[0].dossier == two[1].dossier);
    match doubled {
        Some(two) => Err(Failed::Malformed(format!("{} hai lần", two[0].dossier))),
        None => Ok(listed),
    }
}

/// The other side's list.
pub(super) enum Pages {
    /// Asked for.
    Asked {
        url: String,
        key: Option<Arc<SigningKey>>,
    },
    /// All there.
    There(std::vec::IntoIter<Listed>),
}

impl Pages {
    pub(super) const fn asked(url: String, key: Option<Arc<SigningKey>>) -> Pages {
        Pages::Asked { url, key }
    }

    pub(super) fn of(listed: Vec<Listed>) -> Pages {
        Pages::There(listed.into_iter())
    }

    /// The page after a code: a short one is the last.
    pub(super) async fn next(&mut self, clock: &Clock, after: &str) -> Result<Vec<Listed>, Failed> {
        let (url, key) = match self {
            Pages::There(listed) => return Ok(listed.take(PAGE).collect()),
            Pages::Asked { url, key } => (url.clone(), key.clone()),
        };
        let (now, last) = (clock.now(), after.to_owned());
        let asking = move || ask(&url, key.as_deref(), &last, now);
        let stopped = |_| Failed::Unreachable("việc hỏi bị dừng".to_owned());
        let page = tokio::task::spawn_blocking(asking)
            .await
            .map_err(stopped)??;
        let listed: Result<Vec<Listed>, _> = serde_json::from_slice(&page);
        let wrong = |what: &str| Failed::Malformed(what.to_owned());
        let listed = listed.map_err(|_| wrong("không phải danh sách JSON theo mẫu"))?;
        let mut before = after;
        for one in &listed {
            if !one.is_sound() {
                return Err(wrong("một dòng có giá trị ngoài phạm vi"));
            }
            if one.dossier.as_str() <= before {
                return Err(wrong("mã hồ sơ không theo thứ tự tăng dần"));
            }
            before = &one.dossier;
        }
        match listed.len() > PAGE {
            true => Err(wrong("trang dài hơn đã hỏi")),
            false => Ok(listed),
        }
    }
}

/// Asks for a page. Blocks.
fn ask(
    url: &str,
    key: Option<&SigningKey>,
    after: &str,
    now: Timestamp,
) -> Result<Vec<u8>, Failed> {
    let target = format!("{url}/dossiers?after={after}&limit={PAGE}");
    let unreachable = |why: String| Failed::Unreachable(why);
    let uri: ureq::http::Uri = target
        .parse()
        .map_err(|_| unreachable("địa chỉ không đúng dạng".to_owned()))?;
    let mut request = g2p::client::agent().get(&target);
    if let Some(key) = key {
        let request_signed = Request {
            method: "GET",
            authority: uri.authority().map_or("", |it| it.as_str()),
            path: uri.path(),
            query: uri.query(),
            header: &|_: &str| None,
        };
        let nonce = Uuid::new_v4().to_string();
        let scheme = uri.scheme_str().unwrap_or("https");
        let with = (key, key.id());
        let components = ["@method", "@target-uri"];
        let signed = sign(with, &request_signed, scheme, &components, (now, &nonce));
        let (input, signature) = signed.map_err(|why| unreachable(why.to_string()))?;
        request = request
            .header("signature-input", input)
            .header("signature", signature);
    }
    let mut response = request
        .call()
        .map_err(|error| unreachable(short(&error.to_string())))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(unreachable(format!("HTTP {status}")));
    }
    let body = response.body_mut().with_config().limit(MAX_ANSWER);
    body.read_to_vec()
        .map_err(|error| unreachable(short(&error.to_string())))
}

/// What others write is kept, but not at any length.
fn short(text: &str) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control());
    plain.take(200).collect()
}
