//! Whether the other side keeps the contract: what is asked of it, what it should answer, what it does.

mod platform;
mod receiver;
mod signed;

use serde::Serialize;
use serde_json::Value;

use super::client::Answer;

pub use platform::{Looked, check as check_platform};
pub use receiver::check;

/// A thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// What should be.
    pub check: &'static str,
    /// Whether it is.
    pub ok: bool,
    /// What was answered: status and code, or what was seen.
    pub found: String,
    /// What the contract asks for.
    pub asks: String,
}

/// Everything that was looked at.
#[derive(Default)]
struct Findings(Vec<Checked>);

impl Findings {
    /// Something that must be so.
    fn holds(&mut self, check: &'static str, asks: &str, ok: bool, found: &Value) {
        let found = match found {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.0.push(Checked {
            check,
            ok,
            found,
            asks: asks.to_owned(),
        });
    }

    /// An answer that must have a status, and in SOAP, which keeps few of them, the code in its place. What was
    /// answered, as JSON.
    fn answers(
        &mut self,
        check: &'static str,
        (status, code): (u16, &str),
        answer: Option<Answer>,
        by_code: bool,
    ) -> Value {
        let body = answer.as_ref().map(Answer::json).unwrap_or_default();
        let given = answer.map_or(0, |it| it.status);
        let inner = body["errors"][0]["code"].as_str();
        let said = inner.or(body["code"].as_str()).or(body["answer"].as_str());
        let said = said.unwrap_or_default();
        let named = !code.is_empty() && (said == code || body["code"] == code);
        self.0.push(Checked {
            check,
            ok: given == status || (by_code && given >= 400 && named),
            found: match given {
                0 => "không trả lời".to_owned(),
                given => format!("{given} {said}").trim_end().to_owned(),
            },
            asks: format!("HTTP {status} {code}").trim_end().to_owned(),
        });
        body
    }
}
