//! Old and new values of a change, for the detail of an entry.

use kernel::personal_id::masked;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What changed, field by field: `{"days": [5, 3]}`. What stayed as it was is left out.
///
/// The log never holds what it must not show: numbers of people and accounts are masked, and what even
/// masked would tell too much, or is a secret, is only named.
#[derive(Clone, Debug, Default)]
pub struct Changed(Map<String, Value>);

impl Changed {
    /// Nothing changed so far.
    pub fn new() -> Changed {
        Changed::default()
    }

    /// A value that may be shown.
    #[must_use]
    pub fn value(mut self, field: &str, old: impl Serialize, new: impl Serialize) -> Changed {
        let (old, new) = (json!(old), json!(new));
        if old != new {
            self.0.insert(field.to_owned(), json!([old, new]));
        }
        self
    }

    /// A number of a person, an account or a telephone, of which the end is kept.
    #[must_use]
    pub fn masked(mut self, field: &str, old: Option<&str>, new: Option<&str>) -> Changed {
        if old != new {
            let pair = json!([old.map(masked), new.map(masked)]);
            self.0.insert(field.to_owned(), pair);
        }
        self
    }

    /// A secret, or a fact about health: only that it changed.
    #[must_use]
    pub fn hidden(mut self, field: &str) -> Changed {
        self.0.insert(field.to_owned(), json!(["…", "…"]));
        self
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The detail of an entry with what changed beside it.
    pub fn with(self, mut detail: Value) -> Value {
        if let (false, Value::Object(fields)) = (self.0.is_empty(), &mut detail) {
            fields.insert("changed".to_owned(), Value::Object(self.0));
        }
        detail
    }
}

/// One field as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Code of the field.
    pub field: String,
    /// What it was; empty when there was none.
    pub old: String,
    /// What it became; empty when there is none any more.
    pub new: String,
}

impl Named {
    /// What the detail of an entry says changed.
    pub fn all(detail: &Value) -> Vec<Named> {
        let fields = detail["changed"].as_object().into_iter().flatten();
        let named = fields.map(|(field, pair)| Named {
            field: field.clone(),
            old: plain(&pair[0]),
            new: plain(&pair[1]),
        });
        named.collect()
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "có".to_owned(),
        Value::Bool(false) => "không".to_owned(),
        Value::Array(many) => many.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
