//! Whether messages are as the description of our interface says: what we took, and everything we said.

use std::sync::OnceLock;

use serde_json::{Map, Value};

static DESCRIPTION: OnceLock<Value> = OnceLock::new();

/// Keeps the description, as the server handed it out.
pub(crate) fn keep(text: &str) -> &'static Value {
    DESCRIPTION.get_or_init(|| serde_json::from_str(text).expect("JSON"))
}

/// The description, once it was kept.
pub(crate) fn kept() -> Option<&'static Value> {
    DESCRIPTION.get()
}

/// The address of the description for one of ours.
pub(crate) fn way(path: &str) -> String {
    let whole = path.strip_prefix("/api/v1/spdci/");
    let Some((register, rest)) = whole.and_then(|it| it.split_once('/')) else {
        return path.to_owned();
    };
    let of_one = rest.ends_with("enrolled") || rest.ends_with("updates");
    let register = if of_one { register } else { "{register}" };
    format!("/api/v1/spdci/{register}/{rest}")
}

/// A request that was taken, and its answer; of a request that is wrong on purpose only the answer.
pub(crate) fn holds(
    description: &Value,
    path: &str,
    request: Option<&[u8]>,
    (status, answer): (u16, &str),
) {
    let way = way(&format!("/api/v1/spdci/{path}"));
    let operation = &description["paths"][&way]["post"];
    assert!(operation.is_object(), "{path} is not described");
    let content = |body: &Value| body["content"]["application/json"]["schema"].clone();
    if let Some(request) = request.filter(|_| status == 200) {
        let request = serde_json::from_slice(request).expect("JSON");
        let schema = content(&operation["requestBody"]);
        fits(description, &schema, (&request, false), "request");
    }
    let response = &operation["responses"][status.to_string()];
    assert!(response.is_object(), "{path}: {status} is not described");
    let answer = serde_json::from_str(answer).expect("JSON");
    fits(description, &content(response), (&answer, true), path);
}

/// What another registry is told, at its own address.
pub(crate) fn told(path: &str, message: &Value) {
    let description = DESCRIPTION.get().expect("kept when something was asked");
    let name = match path.rsplit('/').next().unwrap_or("") {
        "on-search" => "SpdciOnSearch",
        "on-subscribe" => "SpdciOnSubscribe",
        "on-unsubscribe" => "SpdciOnUnsubscribe",
        "on-status" => "SpdciOnStatus",
        "notify" => "SpdciNotify",
        _ => panic!("{path} is no callback"),
    };
    let schema = &description["components"]["schemas"][name];
    fits(description, schema, (message, true), path);
}

/// Panics where a value is not as described. What we say holds nothing that is not described; others may say more.
fn fits(all: &Value, schema: &Value, (value, ours): (&Value, bool), place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("a name");
        let found = &all["components"]["schemas"][name];
        assert!(found.is_object(), "{place}: {name} is not described");
        return fits(all, found, (value, ours), place);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let absent = value.is_null() || choices.len() == 1;
        let chosen = choices.iter().find(|it| (it["type"] == "null") == absent);
        let chosen = chosen.unwrap_or_else(|| panic!("{place}: {value}"));
        return fits(all, chosen, (value, ours), place);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.contains(&kind), "{place}: {value} is no {kinds:?}");
    if let Some(words) = schema["enum"].as_array() {
        assert!(
            words.contains(value),
            "{place}: {value} is none of {words:?}"
        );
    }
    if schema["format"] == "date-time" && !value.is_null() {
        let text = value.as_str().expect("a text");
        let moment = text.parse::<jiff::Timestamp>();
        assert!(moment.is_ok(), "{place}: {text} is no moment");
    }
    match value {
        Value::Array(items) => {
            for item in items {
                fits(all, &schema["items"], (item, ours), place);
            }
        }
        Value::Object(fields) => object(all, schema, (fields, ours), place),
        _ => {}
    }
}

fn object(all: &Value, schema: &Value, (fields, ours): (&Map<String, Value>, bool), place: &str) {
    let Some(described) = schema["properties"].as_object() else {
        return;
    };
    let needed = schema["required"].as_array().into_iter().flatten();
    for name in needed.filter_map(Value::as_str) {
        assert!(fields.contains_key(name), "{place}: no {name}");
    }
    for (name, value) in fields {
        match described.get(name) {
            Some(schema) => fits(all, schema, (value, ours), &format!("{place}.{name}")),
            None => assert!(!ours, "{place}: {name} is not described"),
        }
    }
}

#[test]
#[should_panic(expected = "no b")]
fn what_lacks_a_field_does_not_fit() {
    let schema = serde_json::json!({"type": "object", "required": ["b"], "properties": {}});
    fits(&Value::Null, &schema, (&serde_json::json!({}), true), "x");
}

#[test]
#[should_panic(expected = "c is not described")]
fn what_has_another_field_does_not_fit() {
    let schema = serde_json::json!({"type": "object", "required": [], "properties": {}});
    let value = serde_json::json!({"c": 1});
    fits(&Value::Null, &schema, (&value, true), "x");
}
