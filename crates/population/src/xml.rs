//! SOAP from outside as a small tree. What an answer never has is refused: a document type, entities
//! of its own, deep nesting, elements without end, prefixes bound to nothing.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

/// Bytes of an answer: one person's answer has about four thousand.
pub const LARGEST: usize = 1 << 18;
/// Elements inside each other; an answer goes to about ten.
const MAX_DEPTH: usize = 24;
/// Elements and their attributes of an answer.
const MAX_ELEMENTS: usize = 2_000;

/// An element.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Namespace; empty for none.
    pub namespace: String,
    /// Name without prefix.
    pub name: String,
    /// Attributes without a prefix.
    pub attributes: Vec<(String, String)>,
    /// What it says itself.
    pub text: String,
    /// What is inside, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// Whether it is this one.
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The first child of the name in the same namespace.
    pub fn child(&self, name: &str) -> Option<&Element> {
        let children = self.children.iter();
        children.clone().find(|it| it.is(&self.namespace, name))
    }

    /// The text of such a child, tidied; `None` when it is empty.
    pub fn said(&self, name: &str) -> Option<&str> {
        let text = self.child(name)?.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim())
    }

    /// The first element of this name and namespace, itself or anywhere inside.
    pub fn find(&self, namespace: &str, name: &str) -> Option<&Element> {
        if self.is(namespace, name) {
            return Some(self);
        }
        self.children.iter().find_map(|it| it.find(namespace, name))
    }
}

/// Reads a document.
///
/// # Errors
/// The stable code of what is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Element, &'static str> {
    if bytes.len() > LARGEST {
        return Err("answer_too_large");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "answer_not_utf8")?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut whole: Option<Element> = None;
    let mut counted = 0;
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|_| "answer_damaged")?;
        match event {
            Event::Start(start) => {
                let element = element(&resolved, &start)?;
                counted += 1 + element.attributes.len();
                if open.len() == MAX_DEPTH || counted > MAX_ELEMENTS {
                    return Err("answer_too_large");
                }
                if whole.is_some() {
                    return Err("answer_damaged");
                }
                open.push(element);
            }
            Event::End(_) => {
                let done = open.pop().ok_or("answer_damaged")?;
                match open.last_mut() {
                    Some(outer) => outer.children.push(done),
                    None => whole = Some(done),
                }
            }
            Event::Text(text) => say(&mut open, &text.xml10_content())?,
            Event::CData(text) => say(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let meant = match &*reference {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "apos" => Some('\''),
                    "quot" => Some('"'),
                    _ => reference.resolve_char_ref().ok().flatten(),
                };
                let meant = meant.ok_or("answer_entities")?;
                say(&mut open, meant.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err("answer_entities"),
            Event::Decl(declaration) => {
                if let Some(encoding) = declaration.encoding() {
                    let encoding = encoding.map_err(|_| "answer_damaged")?;
                    if !encoding.eq_ignore_ascii_case("utf-8") {
                        return Err("answer_not_utf8");
                    }
                }
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Empty(_) => return Err("answer_damaged"),
            Event::Eof if !open.is_empty() => return Err("answer_damaged"),
            Event::Eof => return whole.ok_or("answer_empty"),
        }
    }
}

fn element(resolved: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Element, &'static str> {
    let namespace = match resolved {
        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(_) => return Err("answer_namespace"),
    };
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| "answer_damaged")?;
        let key = attribute.key.as_ref();
        if !key.contains(':') && key != "xmlns" {
            // As written: what matters here holds no reference.
            attributes.push((key.to_owned(), attribute.value.into_owned()));
        }
    }
    Ok(Element {
        namespace,
        name: start.local_name().as_ref().to_owned(),
        attributes,
        ..Element::default()
    })
}

fn say(open: &mut [Element], text: &str) -> Result<(), &'static str> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("answer_damaged"),
    }
    Ok(())
}

/// Text as it may stand in an element or attribute.
pub fn escaped(text: &str) -> String {
    let allowed = |letter: &char| !letter.is_control() || matches!(letter, '\t' | '\n');
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().filter(allowed) {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Element, escaped, read};

    #[test]
    fn reads_names_by_namespace_whatever_the_prefix() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a:x xmlns:a=\"urn:1\"><y xmlns=\"urn:2\" b=\"c\">Đỗ &amp; <![CDATA[<Lê>]]></y></a:x>";
        let whole = read(text.as_bytes()).expect("sound");
        let inner = whole.find("urn:2", "y").expect("found");
        assert_eq!(inner.text, "Đỗ & <Lê>");
        assert_eq!(inner.attribute("b"), Some("c"));
        assert_eq!(whole.find("urn:1", "y"), None);
    }

    #[test]
    fn refuses_what_an_answer_never_has() {
        let bomb =
            "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><x>&b;</x>";
        let deep = format!("{}{}", "<x>".repeat(200), "</x>".repeat(200));
        let wide = format!("<x>{}</x>", "<y/>".repeat(5_000));
        let huge = format!("<x>{}</x>", "y".repeat(super::LARGEST));
        for (text, code) in [
            (bomb, "answer_entities"),
            ("<x>&b;</x>", "answer_entities"),
            (&*deep, "answer_too_large"),
            (&*wide, "answer_too_large"),
            (&*huge, "answer_too_large"),
            ("<x><y></x>", "answer_damaged"),
            ("<x><y>", "answer_damaged"),
            ("<x/><x/>", "answer_damaged"),
            ("", "answer_empty"),
            ("chào", "answer_damaged"),
            ("<z:x/>", "answer_namespace"),
            (
                "<?xml version=\"1.0\" encoding=\"utf-16\"?><x/>",
                "answer_not_utf8",
            ),
        ] {
            let shown: String = text.chars().take(40).collect();
            assert_eq!(read(text.as_bytes()), Err(code), "{shown}");
        }
        assert_eq!(read(b"<x>\xff</x>"), Err("answer_not_utf8"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "[^\\p{C}]{0,40}") {
            let whole = read(format!("<x>{}</x>", escaped(&text)).as_bytes()).expect("sound");
            prop_assert_eq!(whole, Element { name: "x".to_owned(), text, ..Element::default() });
        }

        #[test]
        fn anything_is_read_or_refused(text in ".{0,200}") {
            let _ = read(text.as_bytes());
        }
    }
}
