//! Steps as callers tell them: a step with its own identity, the dossier and the time.

mod unique;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::EventId;
use kernel::clock::vietnam_time;
use registry::Refusal;
use registry::event::read_rows;
use registry::refusal::Fault;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::Step;
use unique::Unique;

/// One step of one dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The caller's identity of the step: the same one twice changes nothing.
    pub event_id: Uuid,
    /// Code of the dossier.
    pub dossier: String,
    /// When it happened.
    pub at: Timestamp,
    /// Done in the system, not on paper and entered afterwards.
    pub online: bool,
    /// What happened.
    pub step: Step,
}

/// An event with the line it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Counted from 1.
    pub row: u64,
    /// The event.
    pub event: Event,
}

impl Event {
    /// The day in Viet Nam.
    pub fn day(&self) -> Date {
        vietnam_time(self.at).date()
    }

    /// SHA-256 of everything said.
    pub fn content(&self) -> Vec<u8> {
        Sha256::digest(self.to_json().as_bytes()).to_vec()
    }

    /// As one line of JSON, as [`read_lines`] reads it.
    pub fn to_json(&self) -> String {
        let mut fields = json!({
            "event_id": self.event_id, "dossier": self.dossier, "at": self.at,
            "online": self.online,
        });
        if let (Some(fields), Ok(Value::Object(step))) =
            (fields.as_object_mut(), serde_json::to_value(&self.step))
        {
            fields.extend(step);
        }
        fields.to_string()
    }

    /// Reads one line of NDJSON.
    ///
    /// # Errors
    /// The field at fault.
    pub fn parse(line: &[u8]) -> Result<Event, Fault> {
        let mut fields = object(line)?;
        let event_id = take(&mut fields, "event_id", |text| text.parse().ok())?;
        let dossier = take(&mut fields, "dossier", code)?;
        let at = take(&mut fields, "at", |text| text.parse().ok())?;
        let online = match fields.remove("online") {
            None => false,
            Some(Value::Bool(online)) => online,
            Some(_) => return Err(malformed("online")),
        };
        Ok(Event {
            event_id,
            dossier,
            at,
            online,
            step: step(fields)?,
        })
    }
}

/// The fields of a line, texts in normal form C.
///
/// # Errors
/// When it is no JSON object, or an object in it says a field twice.
pub fn object(line: &[u8]) -> Result<Map<String, Value>, Fault> {
    let refuse = || Fault::new("", "not_json", "không phải một đối tượng JSON");
    let text = std::str::from_utf8(line).map_err(|_| refuse())?;
    let text: String = text.nfc().collect();
    match serde_json::from_str(&text) {
        Ok(Unique(Value::Object(fields))) => Ok(fields),
        _ => Err(refuse()),
    }
}

/// Takes a field that must be a text of a form.
///
/// # Errors
/// When it is missing or malformed.
pub fn take<T>(
    fields: &mut Map<String, Value>,
    name: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, Fault> {
    match fields.remove(name) {
        None | Some(Value::Null) => Err(Fault::new(name, "missing", "thiếu")),
        Some(Value::String(text)) => read(&text).ok_or_else(|| malformed(name)),
        Some(_) => Err(malformed(name)),
    }
}

fn malformed(field: &'static str) -> Fault {
    Fault::new(field, "malformed", "không đúng dạng")
}

/// A dossier's code: letters, digits, dots and dashes.
pub fn code(text: &str) -> Option<String> {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let whole = (4..=64).contains(&text.len()) && text.bytes().all(sign);
    let first = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    (whole && first).then(|| text.to_owned())
}

/// What is left of the fields, as a step.
///
/// # Errors
/// When it is none, or its words cannot be.
pub fn step(fields: Map<String, Value>) -> Result<Step, Fault> {
    let step: Step = serde_json::from_value(Value::Object(fields)).map_err(|error| {
        // The words of the error name fields and kinds, and may repeat a value: only the code is
        // told of those.
        let field = if error.to_string().contains("variant") {
            "kind"
        } else {
            ""
        };
        Fault::new(
            field,
            "step_malformed",
            "các trường không đúng với loại bước",
        )
    })?;
    step.check()?;
    Ok(step)
}

/// Reads NDJSON: each line that is not blank is one event. A line that cannot be read is refused and
/// the rest goes on.
pub fn read_lines(text: &[u8]) -> (Vec<Submitted>, Vec<Refusal>) {
    let (read, refused) = read_rows(text, Event::parse);
    let numbered = |(row, event)| Submitted { row, event };
    (read.into_iter().map(numbered).collect(), refused)
}

/// The refusal of an event for a fault.
pub(crate) fn refusal(submitted: &Submitted, fault: Fault) -> Refusal {
    let id = EventId(submitted.event.event_id.as_u128());
    fault.in_row(submitted.row, Some(id))
}
