//! A message of a one-stop system: a step of a dossier with its place in the sequence.

use casework::{Event, Step, event};
use registry::Refusal;
use registry::event::read_rows;
use registry::refusal::Fault;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::correction;
use crate::given::Given;

/// What a one-stop system tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Number among the province's messages about the dossier, from 1.
    pub seq: i32,
    /// The step; its id is the message's.
    pub event: Event,
    /// What it says in the fields of the form.
    pub given: Option<Given>,
}

/// A message with the line it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Counted from 1.
    pub row: u64,
    /// The message.
    pub message: Message,
}

impl Message {
    /// Reads one JSON object: `id`, `dossier`, `seq`, `at`, `kind` and the fields of the step. A supplement with a
    /// form and without papers corrects fields and is no step.
    ///
    /// # Errors
    /// The field at fault.
    pub fn parse(line: &[u8]) -> Result<Message, Fault> {
        let mut fields = event::object(line)?;
        let malformed = |field| Fault::new(field, "malformed", "không đúng dạng");
        let event_id = event::take(&mut fields, "id", |text| text.parse().ok())?;
        let dossier = event::take(&mut fields, "dossier", event::code)?;
        let at = event::take(&mut fields, "at", |text| text.parse().ok())?;
        let seq = fields.remove("seq").unwrap_or_default();
        let seq = seq.as_i64().and_then(|seq| i32::try_from(seq).ok());
        let seq = seq.filter(|seq| *seq > 0).ok_or_else(|| malformed("seq"))?;
        let given = fields.remove("form").filter(|given| !given.is_null());
        let step = match given.is_some() && correction::is_said(&fields) {
            true => Step::Supplemented { papers: Vec::new() },
            false => event::step(fields)?,
        };
        if !step.is_citizens() {
            let message = "hệ thống một cửa chỉ báo việc nộp, bổ sung và xin rút hồ sơ";
            return Err(Fault::new("kind", "not_for_one_stop", message));
        }
        // What comes by message was done in a system.
        let online = true;
        let event = Event {
            event_id,
            dossier,
            at,
            online,
            step,
        };
        let given = given.map(|given| Given::read(given, &event)).transpose()?;
        Ok(Message { seq, event, given })
    }

    /// SHA-256 of everything said.
    pub fn content(&self) -> Vec<u8> {
        match &self.given {
            None => self.event.content(),
            Some(given) => {
                let mut whole = Sha256::new_with_prefix(self.event.to_json());
                whole.update(json!(given).to_string());
                whole.finalize().to_vec()
            }
        }
    }

    /// As one line of JSON, as [`Message::parse`] reads it.
    pub fn to_json(&self) -> String {
        let event = &self.event;
        let mut fields = json!({
            "id": event.event_id, "dossier": event.dossier, "seq": self.seq, "at": event.at,
        });
        if let (Some(fields), Ok(Value::Object(step))) =
            (fields.as_object_mut(), serde_json::to_value(&event.step))
        {
            fields.extend(step);
            if let Some(given) = &self.given {
                fields.insert("form".to_owned(), json!(given));
            }
        }
        fields.to_string()
    }

    /// The step.
    pub const fn step(&self) -> &Step {
        &self.event.step
    }
}

/// Reads NDJSON: each line that is not blank is one message. A line that cannot be read is refused and
/// the rest goes on.
pub fn read_lines(text: &[u8]) -> (Vec<Sent>, Vec<Refusal>) {
    let (read, refused) = read_rows(text, Message::parse);
    let numbered = |(row, message)| Sent { row, message };
    (read.into_iter().map(numbered).collect(), refused)
}
