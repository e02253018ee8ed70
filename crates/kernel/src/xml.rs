//! XML from outside as a small tree. What a message between programs never has is refused: a document
//! type, entities of its own, deep nesting, elements without end, prefixes bound to nothing.

use quick_xml::NsReader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};

/// Elements inside each other; a message goes to about ten.
const MAX_DEPTH: usize = 24;
/// Bytes for each element or attribute, at least: so that a message has no more of them than fit.
const MIN_BYTES: usize = 128;

/// Namespace of the prefix `xml`.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Why a document is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadXml {
    /// More bytes, elements or nesting than a message has.
    #[error("XML quá lớn")]
    TooLarge,
    /// Not UTF-8.
    #[error("XML không phải UTF-8")]
    NotUtf8,
    /// Not well-formed.
    #[error("XML không đúng dạng")]
    Damaged,
    /// A document type, or a reference to something that would have to be declared in one.
    #[error("XML có khai báo kiểu tài liệu hoặc thực thể riêng: không nhận")]
    Entities,
    /// A prefix that is bound to nothing.
    #[error("XML dùng tiền tố không khai báo không gian tên")]
    Namespace,
    /// Nothing at all.
    #[error("XML rỗng")]
    Empty,
}

impl BadXml {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            BadXml::TooLarge => "xml_too_large",
            BadXml::NotUtf8 => "xml_not_utf8",
            BadXml::Damaged => "xml_damaged",
            BadXml::Entities => "xml_entities",
            BadXml::Namespace => "xml_namespace",
            BadXml::Empty => "xml_empty",
        }
    }
}

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Namespace; empty for none.
    pub namespace: String,
    /// Name without prefix.
    pub name: String,
    /// Attributes without a prefix.
    pub attributes: Vec<(String, String)>,
    /// Attributes with one: namespace, name, value.
    pub qualified: Vec<(String, String, String)>,
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

    /// As a document says the same; every element declares its namespace itself.
    pub fn written(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let prefix = if self.namespace.is_empty() { "" } else { "n:" };
        out.push_str(&format!("<{prefix}{}", self.name));
        if !self.namespace.is_empty() {
            out.push_str(&format!(" xmlns:n=\"{}\"", escaped(&self.namespace)));
        }
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        for (number, (namespace, name, value)) in self.qualified.iter().enumerate() {
            let (namespace, value) = (escaped(namespace), escaped(value));
            // The prefix "xml" is bound without being declared, and to nothing else.
            if namespace == XML {
                out.push_str(&format!(" xml:{name}=\"{value}\""));
            } else {
                out.push_str(&format!(
                    " xmlns:a{number}=\"{namespace}\" a{number}:{name}=\"{value}\""
                ));
            }
        }
        out.push('>');
        out.push_str(&escaped(&self.text));
        for child in &self.children {
            child.write(out);
        }
        out.push_str(&format!("</{prefix}{}>", self.name));
    }

    /// The first element of this name and namespace, itself or anywhere inside.
    pub fn find(&self, namespace: &str, name: &str) -> Option<&Element> {
        if self.is(namespace, name) {
            return Some(self);
        }
        self.children.iter().find_map(|it| it.find(namespace, name))
    }
}

/// Reads a document of so many bytes at most.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8], largest: usize) -> Result<Element, BadXml> {
    if bytes.len() > largest {
        return Err(BadXml::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| BadXml::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut whole: Option<Element> = None;
    let mut counted = 0;
    loop {
        let event = reader.read_event().map_err(|_| BadXml::Damaged)?;
        match event {
            Event::Start(start) => {
                let element = element(reader.resolver(), &start)?;
                counted += 1 + element.attributes.len() + element.qualified.len();
                if open.len() == MAX_DEPTH || counted > largest / MIN_BYTES {
                    return Err(BadXml::TooLarge);
                }
                if whole.is_some() {
                    return Err(BadXml::Damaged);
                }
                open.push(element);
            }
            Event::End(_) => {
                let done = open.pop().ok_or(BadXml::Damaged)?;
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
                let meant = meant.ok_or(BadXml::Entities)?;
                say(&mut open, meant.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(BadXml::Entities),
            Event::Decl(declaration) => {
                if let Some(encoding) = declaration.encoding() {
                    let encoding = encoding.map_err(|_| BadXml::Damaged)?;
                    if !encoding.eq_ignore_ascii_case("utf-8") {
                        return Err(BadXml::NotUtf8);
                    }
                }
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Empty(_) => return Err(BadXml::Damaged),
            Event::Eof if !open.is_empty() => return Err(BadXml::Damaged),
            Event::Eof => return whole.ok_or(BadXml::Empty),
        }
    }
}

fn element(resolver: &NamespaceResolver, start: &BytesStart<'_>) -> Result<Element, BadXml> {
    let (namespace, name) = resolver.resolve_element(start.name());
    let mut element = Element {
        namespace: bound(&namespace)?,
        name: name.as_ref().to_owned(),
        ..Element::default()
    };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| BadXml::Damaged)?;
        let key = attribute.key;
        if key.as_namespace_binding().is_some() {
            continue;
        }
        let value = unescape(&attribute.value).map_err(|_| BadXml::Entities)?;
        let value = value.into_owned();
        let (namespace, name) = resolver.resolve_attribute(key);
        let name = name.as_ref().to_owned();
        match key.prefix() {
            None => element.attributes.push((name, value)),
            Some(_) => element.qualified.push((bound(&namespace)?, name, value)),
        }
    }
    Ok(element)
}

fn bound(resolved: &ResolveResult<'_>) -> Result<String, BadXml> {
    match resolved {
        ResolveResult::Bound(namespace) => Ok(namespace.0.to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(_) => Err(BadXml::Namespace),
    }
}

fn say(open: &mut [Element], text: &str) -> Result<(), BadXml> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(BadXml::Damaged),
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

    use super::{BadXml, Element, escaped};

    const LARGEST: usize = 1 << 18;

    fn read(bytes: &[u8]) -> Result<Element, BadXml> {
        super::read(bytes, LARGEST)
    }

    #[test]
    fn reads_names_by_namespace_whatever_the_prefix() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a:x xmlns:a=\"urn:1\"><y xmlns=\"urn:2\" b=\"c\">Đỗ &amp; <![CDATA[<Lê>]]></y></a:x>";
        let whole = read(text.as_bytes()).expect("sound");
        let inner = whole.find("urn:2", "y").expect("found");
        assert_eq!(inner.text, "Đỗ & <Lê>");
        assert_eq!(inner.attribute("b"), Some("c"));
        assert_eq!(whole.find("urn:1", "y"), None);
        assert_eq!(read(whole.written().as_bytes()), Ok(whole));
    }

    #[test]
    fn attributes_keep_their_namespace_and_say_what_they_mean() {
        let text = "<x xmlns:i=\"urn:i\" i:kind=\"A&amp;B\" plain=\"&lt;\"/>";
        let whole = read(text.as_bytes()).expect("sound");
        let kind = ("urn:i".to_owned(), "kind".to_owned(), "A&B".to_owned());
        assert_eq!(whole.qualified, [kind]);
        assert_eq!(whole.attribute("plain"), Some("<"));
        assert_eq!(read(whole.written().as_bytes()), Ok(whole));
        assert_eq!(read(b"<x a=\"&b;\"/>"), Err(BadXml::Entities));
        assert_eq!(read(b"<x z:a=\"1\"/>"), Err(BadXml::Namespace));
    }

    #[test]
    fn refuses_what_a_message_never_has() {
        let bomb =
            "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><x>&b;</x>";
        let deep = format!("{}{}", "<x>".repeat(200), "</x>".repeat(200));
        let wide = format!("<x>{}</x>", "<y/>".repeat(5_000));
        let huge = format!("<x>{}</x>", "y".repeat(LARGEST));
        for (text, code) in [
            (bomb, BadXml::Entities),
            ("<x>&b;</x>", BadXml::Entities),
            (&*deep, BadXml::TooLarge),
            (&*wide, BadXml::TooLarge),
            (&*huge, BadXml::TooLarge),
            ("<x><y></x>", BadXml::Damaged),
            ("<x><y>", BadXml::Damaged),
            ("<x/><x/>", BadXml::Damaged),
            ("", BadXml::Empty),
            ("chào", BadXml::Damaged),
            ("<z:x/>", BadXml::Namespace),
            (
                "<?xml version=\"1.0\" encoding=\"utf-16\"?><x/>",
                BadXml::NotUtf8,
            ),
        ] {
            let shown: String = text.chars().take(40).collect();
            assert_eq!(read(text.as_bytes()), Err(code), "{shown}");
        }
        assert_eq!(read(b"<x>\xff</x>"), Err(BadXml::NotUtf8));
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
