//! The body of a SOAP message as the fields of one of ours, and back: an element for each field, in our
//! namespace; the members of a list are called `item`.

use kernel::xml::{Element, escaped};
use serde_json::{Map, Value, json};

use super::{BadXRoad, OURS};

/// Namespace of what includes another part of the message.
const XOP: &str = "http://www.w3.org/2004/08/xop/include";
/// Fields that are numbers.
const NUMBERS: [&str; 10] = [
    "seq", "after", "limit", "no", "status", "last_seq", "held", "recorded", "already", "row",
];
/// Fields that are lists, which an empty element does not show.
const LISTS: [&str; 5] = ["papers", "missing_files", "messages", "gaps", "filled"];

/// The fields inside an element.
///
/// # Errors
/// [`BadXRoad::Namespace`], [`BadXRoad::Body`].
pub fn fields(element: &Element) -> Result<Map<String, Value>, BadXRoad> {
    let mut fields = Map::new();
    for child in &element.children {
        let value = value(child)?;
        if fields.insert(child.name.clone(), value).is_some() {
            return Err(BadXRoad::Body);
        }
    }
    match fields.is_empty() || element.text.trim().is_empty() {
        true => Ok(fields),
        false => Err(BadXRoad::Body),
    }
}

fn value(element: &Element) -> Result<Value, BadXRoad> {
    if element.namespace != OURS {
        return Err(BadXRoad::Namespace);
    }
    let name = element.name.as_str();
    if let [child] = &element.children[..]
        && child.is(XOP, "Include")
    {
        // A part of a message with attachments (MTOM), by its identifier.
        let part = child.attribute("href").ok_or(BadXRoad::Body)?;
        return Ok(json!(part));
    }
    if element.children.is_empty() {
        let text = element.text.trim();
        if LISTS.contains(&name) {
            return if text.is_empty() {
                Ok(json!([]))
            } else {
                Err(BadXRoad::Body)
            };
        }
        if NUMBERS.contains(&name) {
            let number: i64 = text.parse().map_err(|_| BadXRoad::Body)?;
            return Ok(json!(number));
        }
        return Ok(json!(text));
    }
    if element.children.iter().all(|it| it.name == "item") {
        let items: Result<Vec<Value>, BadXRoad> = element.children.iter().map(value).collect();
        return Ok(Value::Array(items?));
    }
    fields(element).map(Value::Object)
}

/// A value as what stands inside an element, with `x` for our namespace.
pub fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escaped(text),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items
            .iter()
            .map(|item| format!("<x:item>{}</x:item>", written(item)))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, value)| !value.is_null() && is_name(name))
            .map(|(name, value)| format!("<x:{name}>{}</x:{name}>", written(value)))
            .collect(),
    }
}

fn is_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(letter)
        && text
            .bytes()
            .next()
            .is_some_and(|it| it.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use kernel::xml::read;
    use serde_json::json;

    use super::super::OURS;
    use super::{fields, written};

    #[test]
    fn what_is_written_is_read_back() {
        let whole = json!({"id": "a", "seq": 3, "papers": [{"name": "Tờ <khai> & \"x\""}],
                           "missing_files": [], "decision": {"number": "1/QĐ"}});
        let text = format!("<x:f xmlns:x=\"{OURS}\">{}</x:f>", written(&whole));
        let read = read(text.as_bytes(), 1 << 16).expect("sound");
        assert_eq!(json!(fields(&read).expect("fields")), whole);
    }

    #[test]
    fn what_is_no_field_of_ours_is_refused() {
        for inside in [
            "<y>1</y>",
            "<x:seq>một</x:seq>",
            "<x:a>1</x:a><x:a>2</x:a>",
            "<x:papers>không</x:papers>",
            "chữ<x:a>1</x:a>",
        ] {
            let text = format!("<x:f xmlns:x=\"{OURS}\">{inside}</x:f>");
            let read = read(text.as_bytes(), 1 << 16).expect("sound");
            assert!(fields(&read).is_err(), "{inside}");
        }
    }
}
