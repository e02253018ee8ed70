//! Whether an answer is what the description of the interface says it is: its status, its content type and
//! its shape, nothing more and nothing less.

use axum::http::Method;
use serde_json::Value;

use crate::client::Answer;

/// What is described for an operation: its statuses.
pub(crate) fn statuses<'a>(description: &'a Value, method: &Method, path: &str) -> Vec<&'a str> {
    let method = method.as_str().to_lowercase();
    let responses = description["paths"][path][&method]["responses"].as_object();
    let responses = responses.unwrap_or_else(|| panic!("{method} {path} is not described"));
    responses.keys().map(String::as_str).collect()
}

/// What does not hold of an answer to an operation.
pub(crate) fn faults(
    description: &Value,
    (method, path): (&Method, &str),
    answer: &Answer,
) -> Vec<String> {
    let status = answer.status.as_u16().to_string();
    let verb = method.as_str().to_lowercase();
    let response = &description["paths"][path][&verb]["responses"][&status];
    if response.is_null() {
        return vec![format!(
            "{method} {path}: {status} is not described: {}",
            answer.body
        )];
    }
    let Some(content) = response["content"].as_object() else {
        return Vec::new();
    };
    let media_type = answer.header("content-type");
    let media_type = media_type.split(';').next().unwrap_or_default().to_owned();
    let known = content
        .get(&media_type)
        .or(content.get("application/octet-stream"));
    let Some(known) = known else {
        return vec![format!("{method} {path}: {status} as {media_type}")];
    };
    if !media_type.contains("json") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let at = format!("{method} {path} {status}");
    let values: Vec<Value> = match media_type.ends_with("ndjson") {
        true => {
            let lines = answer.body.lines();
            let read = lines.map(|line| serde_json::from_str(line).expect("JSON"));
            read.collect()
        }
        false => vec![answer.json()],
    };
    for value in &values {
        compare(description, &known["schema"], value, &at, &mut faults);
    }
    faults
}

/// A schema without its reference.
pub(crate) fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let name = reference.rsplit('/').next().expect("a name");
            &description["components"]["schemas"][name]
        }
        None => schema,
    }
}

fn compare(description: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let schema = resolved(description, schema);
    for several in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[several].as_array() {
            let fits = choices.iter().any(|choice| {
                let mut these = Vec::new();
                compare(description, choice, value, at, &mut these);
                these.is_empty()
            });
            if !fits {
                faults.push(format!("{at} fits none of {several}: {value}"));
            }
        }
    }
    let is_of = |name: &str| match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{at}: no type {other}"),
    };
    let kind = match &schema["type"] {
        Value::String(name) => is_of(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is_of),
        _ => true,
    };
    if !kind {
        faults.push(format!("{at} is no {}: {value}", schema["type"]));
        return;
    }
    if let Some(choices) = schema["enum"].as_array()
        && !choices.contains(value)
    {
        faults.push(format!("{at} is none of the choices: {value}"));
    }
    match value {
        Value::Array(items) if schema["items"].is_object() => {
            for (place, item) in items.iter().enumerate() {
                compare(
                    description,
                    &schema["items"],
                    item,
                    &format!("{at}[{place}]"),
                    faults,
                );
            }
        }
        Value::Object(fields) if schema["properties"].is_object() => {
            for (name, field) in fields {
                let known = &schema["properties"][name];
                match known {
                    Value::Null => faults.push(format!("{at} has {name}, which is not described")),
                    known => compare(description, known, field, &format!("{at}.{name}"), faults),
                }
            }
            let required = schema["required"].as_array().into_iter().flatten();
            for name in required.filter_map(Value::as_str) {
                if !fields.contains_key(name) {
                    faults.push(format!("{at} lacks {name}"));
                }
            }
        }
        _ => {}
    }
}
