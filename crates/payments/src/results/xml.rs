//! XML from outside, pulled element by element. What a bank's message never has is refused at once:
//! a document type, entities of its own, deep nesting, endless tags. Memory does not grow with it.

use std::io::{self, BufRead, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Bytes a single tag, text or comment may have.
const MAX_PIECE: usize = 1 << 16;
/// Elements inside each other; the messages of ISO 20022 go to about 15.
const MAX_DEPTH: usize = 40;

/// What is wrong with the document as a whole.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// Not XML, or breaking off.
    #[error("tệp XML bị hỏng hoặc bị cắt ngang ở byte {at}")]
    Damaged {
        /// Byte of the file.
        at: u64,
    },
    /// Has a DOCTYPE, or entities beyond the five of XML itself.
    #[error("tệp XML có khai báo DOCTYPE hoặc thực thể riêng ở byte {at}: không được dùng")]
    Entities {
        /// Byte of the file.
        at: u64,
    },
    /// Nested or long beyond reason.
    #[error("tệp XML lồng quá sâu hoặc có phần quá dài ở byte {at}")]
    TooLarge {
        /// Byte of the file.
        at: u64,
    },
    /// Another encoding.
    #[error("tệp XML không phải mã UTF-8")]
    Encoding,
}

impl XmlError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            XmlError::Damaged { .. } => "file_damaged",
            XmlError::Entities { .. } => "xml_entities",
            XmlError::TooLarge { .. } => "xml_too_large",
            XmlError::Encoding => "not_utf8",
        }
    }
}

/// Where the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element begins.
    Open,
    /// An element ends; its text is there.
    Close,
    /// The document is over.
    End,
}

/// The reader: after each step `path` names the element and `text` holds what it says.
pub(crate) struct Xml<R> {
    reader: Reader<Guard<R>>,
    buffer: Vec<u8>,
    /// Names from the outermost element to this one, joined by slashes, prefixes left out.
    path: String,
    depth: usize,
    leave: bool,
    text: String,
    currency: Option<String>,
    namespace: String,
}

impl<R: BufRead> Xml<R> {
    pub(crate) fn new(input: R) -> Xml<R> {
        let mut reader = Reader::from_reader(Guard { input, since: 0 });
        reader.config_mut().expand_empty_elements = true;
        Xml {
            reader,
            buffer: Vec::new(),
            path: String::new(),
            depth: 0,
            leave: false,
            text: String::new(),
            currency: None,
            namespace: String::new(),
        }
    }

    /// Names from the outermost element to this one.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Text of the element that just ended.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its `Ccy`, if it had one.
    pub(crate) fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// Namespace of the outermost element.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// On to the next beginning or end of an element.
    pub(crate) fn step(&mut self) -> Result<Step, XmlError> {
        if std::mem::take(&mut self.leave) {
            let end = self.path.rfind('/').unwrap_or(0);
            self.path.truncate(end);
            self.text.clear();
            self.depth -= 1;
        }
        loop {
            self.buffer.clear();
            self.reader.get_mut().since = 0;
            let at = self.reader.buffer_position();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event.map_err(|error| refuse(error, at))? {
                Event::Start(start) => {
                    if self.depth == MAX_DEPTH {
                        return Err(XmlError::TooLarge { at });
                    }
                    if self.depth == 0 {
                        self.namespace = namespace(&start, at)?;
                    }
                    self.currency = attribute(&start, "Ccy", at)?;
                    if self.depth > 0 {
                        self.path.push('/');
                    }
                    self.path.push_str(start.local_name().as_ref());
                    self.depth += 1;
                    self.text.clear();
                    return Ok(Step::Open);
                }
                Event::End(_) => {
                    self.leave = true;
                    return Ok(Step::Close);
                }
                Event::Text(text) => self.text.push_str(&text.xml10_content()),
                Event::CData(text) => self.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let named = match &*reference {
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "amp" => Some('&'),
                        "apos" => Some('\''),
                        "quot" => Some('"'),
                        _ => None,
                    };
                    let meant = match named {
                        Some(letter) => Some(letter),
                        None => reference.resolve_char_ref().ok().flatten(),
                    };
                    self.text.push(meant.ok_or(XmlError::Entities { at })?);
                }
                Event::DocType(_) => return Err(XmlError::Entities { at }),
                Event::Decl(declaration) => {
                    if let Some(encoding) = declaration.encoding() {
                        let encoding = encoding.map_err(|_| XmlError::Damaged { at })?;
                        if !encoding.eq_ignore_ascii_case("utf-8") {
                            return Err(XmlError::Encoding);
                        }
                    }
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Empty(_) => return Err(XmlError::Damaged { at }),
                Event::Eof if self.depth > 0 || self.namespace.is_empty() => {
                    return Err(XmlError::Damaged { at });
                }
                Event::Eof => return Ok(Step::End),
            }
            if self.text.len() > MAX_PIECE {
                return Err(XmlError::TooLarge { at });
            }
        }
    }
}

fn refuse(error: quick_xml::Error, at: u64) -> XmlError {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            XmlError::TooLarge { at }
        }
        quick_xml::Error::Encoding(_) => XmlError::Encoding,
        _ => XmlError::Damaged { at },
    }
}

/// The value of an attribute.
fn attribute(start: &BytesStart<'_>, name: &str, at: u64) -> Result<Option<String>, XmlError> {
    let damaged = |_| XmlError::Damaged { at };
    let found = start.try_get_attribute(name).map_err(damaged)?;
    Ok(found.map(|found| found.value.into_owned()))
}

/// The namespace of an element as it declares it itself.
fn namespace(start: &BytesStart<'_>, at: u64) -> Result<String, XmlError> {
    let whole = start.name();
    let declared = match whole.as_ref().split_once(':') {
        Some((prefix, _)) => attribute(start, &format!("xmlns:{prefix}"), at)?,
        None => attribute(start, "xmlns", at)?,
    };
    declared.ok_or(XmlError::Damaged { at })
}

/// Stops the reader from gathering a piece without end.
struct Guard<R> {
    input: R,
    since: usize,
}

impl<R: BufRead> Read for Guard<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(into.len());
        into[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Guard<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > MAX_PIECE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.since += count;
        self.input.consume(count);
    }
}
