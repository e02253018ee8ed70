//! SOAP messages with attachments (message protocol 4.0, section 2.4): the envelope first, then files, each of
//! which the message names: by the identifier of its part (`cid:…`) or by the SHA-256 of its content.

use std::collections::{HashMap, HashSet};
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use files::{Files, Stored};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value};
use ureq::http::HeaderMap;

use super::soap;

/// Files of one message.
const MOST: usize = 50;
/// What stands before the identifier of a part.
const CID: &str = "cid:";

/// Why a message with attachments is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadAttachment {
    /// It cannot be taken apart, or ends before its last part does.
    #[error("không tách được các phần của thông điệp: kiểm tra boundary và phần cuối")]
    Mime,
    /// The first part is not the envelope.
    #[error(
        "phần đầu phải là phong bì SOAP kiểu text/xml, Content-Transfer-Encoding 8bit, đúng start nếu có nêu"
    )]
    Root,
    /// A part has no identifier, one that is not read, or that of another part.
    #[error("mỗi tệp kèm phải có đúng một Content-ID, không trùng nhau")]
    Name,
    /// An encoding that is not read.
    #[error(
        "Content-Transfer-Encoding của tệp kèm phải là 7bit, 8bit, binary hoặc base64 đúng dạng"
    )]
    Encoding,
    /// The message names a part that is not there.
    #[error("thông điệp nêu một tệp kèm không có trong các phần")]
    Missing,
    /// A part that no paper of the message names.
    #[error("có tệp kèm mà không giấy tờ nào của thông điệp nêu theo cid hoặc theo mã SHA-256")]
    Unnamed,
    /// More than are taken.
    #[error("quá 50 tệp kèm trong một thông điệp")]
    TooMany,
    /// The file itself is not taken.
    #[error(transparent)]
    File(#[from] files::Refused),
}

impl BadAttachment {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            BadAttachment::Mime => "mime_damaged",
            BadAttachment::Root => "mime_root_part",
            BadAttachment::Name => "attachment_name",
            BadAttachment::Encoding => "attachment_encoding",
            BadAttachment::Missing => "attachment_missing",
            BadAttachment::Unnamed => "attachment_unnamed",
            BadAttachment::TooMany => "attachments_too_many",
            BadAttachment::File(refused) => refused.code(),
        }
    }

    /// Whether the message itself is none of the protocol; otherwise it is understood and not done.
    pub const fn is_of_the_protocol(&self) -> bool {
        matches!(self, BadAttachment::Mime | BadAttachment::Root)
    }
}

/// Whether a content type says that there are attachments.
pub fn is_related(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/related")
}

/// The parts after the envelope.
pub struct Attachments {
    parts: Multipart<'static>,
}

impl Attachments {
    /// Takes a message apart as far as its envelope, which is returned.
    ///
    /// # Errors
    /// [`BadAttachment::Mime`], [`BadAttachment::Root`].
    pub async fn open<E: fmt::Display>(
        content_type: &str,
        pieces: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<(Vec<u8>, Attachments), BadAttachment> {
        let boundary = parameter(content_type, "boundary").filter(|it| is_boundary(it));
        let boundary = boundary.ok_or(BadAttachment::Mime)?;
        let pieces = futures_util::TryStreamExt::map_err(pieces, |it| it.to_string());
        // An envelope larger than one is none; files have their own limit.
        let largest = (soap::LARGEST + files::LARGEST as usize * 2) as u64;
        let limits = Constraints::new().size_limit(SizeLimit::new().per_field(largest));
        let mut parts = Multipart::with_constraints(pieces, boundary, limits);
        let root = parts.next_field().await.map_err(|_| BadAttachment::Mime)?;
        let mut root = root.ok_or(BadAttachment::Mime)?;
        let kind = said(root.headers(), "content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let known = ["text/xml", "application/xop+xml"];
        let start = parameter(content_type, "start");
        let is_start = start.is_none_or(|it| said(root.headers(), "content-id") == Some(it.trim()));
        let plain = matches!(encoding(root.headers()), Some(Encoding::Plain));
        if !known.iter().any(|it| kind.eq_ignore_ascii_case(it)) || !is_start || !plain {
            return Err(BadAttachment::Root);
        }
        let mut envelope = Vec::new();
        while let Some(piece) = root.chunk().await.map_err(|_| BadAttachment::Mime)? {
            envelope.extend_from_slice(&piece);
            if envelope.len() > soap::LARGEST {
                return Err(BadAttachment::Root);
            }
        }
        drop(root);
        Ok((envelope, Attachments { parts }))
    }

    /// Takes in the files that the papers of a message name, and puts the hash of each where its part was
    /// named. All of them are sound before anything is said of one.
    ///
    /// # Errors
    /// [`BadAttachment`]: files may be in the store, where nothing names them.
    pub async fn take_in(
        mut self,
        files: &Files,
        fields: &mut Map<String, Value>,
    ) -> Result<Vec<Stored>, BadAttachment> {
        let mut named = named(fields);
        let parts: HashSet<String> = (named.iter())
            .filter_map(|it| it.as_str()?.strip_prefix(CID).map(str::to_owned))
            .collect();
        let hashes: HashSet<String> = (named.iter())
            .filter_map(|it| it.as_str().filter(|it| !it.starts_with(CID)))
            .map(str::to_owned)
            .collect();
        let mut came: HashMap<String, Stored> = HashMap::new();
        while let Some(part) = self
            .parts
            .next_field()
            .await
            .map_err(|_| BadAttachment::Mime)?
        {
            if came.len() == MOST {
                return Err(BadAttachment::TooMany);
            }
            let id = identifier(part.headers()).ok_or(BadAttachment::Name)?;
            let encoding = encoding(part.headers()).ok_or(BadAttachment::Encoding)?;
            if came.contains_key(&id) {
                return Err(BadAttachment::Name);
            }
            if !parts.contains(&id) && hashes.is_empty() {
                return Err(BadAttachment::Unnamed);
            }
            let stored = files.take_in_unnamed(decoded(part, encoding)).await;
            let stored = stored.map_err(of_part)?;
            if !parts.contains(&id) && !hashes.contains(&stored.hash.to_string()) {
                return Err(BadAttachment::Unnamed);
            }
            came.insert(id, stored);
        }
        for name in &mut named {
            if let Some(id) = name.as_str().and_then(|it| it.strip_prefix(CID)) {
                let stored = came.get(id).ok_or(BadAttachment::Missing)?;
                **name = Value::String(stored.hash.to_string());
            }
        }
        Ok(came.into_values().collect())
    }
}

/// Where papers of a message name their files.
fn named(fields: &mut Map<String, Value>) -> Vec<&mut Value> {
    let papers = fields.get_mut("papers").and_then(Value::as_array_mut);
    let files = papers.into_iter().flatten();
    files
        .filter_map(|paper| paper.get_mut("file"))
        .filter(|file| file.is_string())
        .collect()
}

/// What broke a file off was the message around it, or its encoding.
fn of_part(refused: files::Refused) -> BadAttachment {
    match refused {
        files::Refused::Interrupted(why) if why == NOT_BASE64 => BadAttachment::Encoding,
        files::Refused::Interrupted(_) => BadAttachment::Mime,
        refused => BadAttachment::File(refused),
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    Plain,
    Base64,
}

const NOT_BASE64: &str = "not base64";

/// How a part is written; `None` for what is not read.
fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let Some(named) = headers.get("content-transfer-encoding") else {
        return Some(Encoding::Plain);
    };
    let named = named.to_str().ok()?.trim().to_ascii_lowercase();
    match named.as_str() {
        "7bit" | "8bit" | "binary" => Some(Encoding::Plain),
        "base64" => Some(Encoding::Base64),
        _ => None,
    }
}

/// The identifier of a part, without its brackets.
fn identifier(headers: &HeaderMap) -> Option<String> {
    let id = said(headers, "content-id")?
        .strip_prefix('<')?
        .strip_suffix('>')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+@=$".contains(&byte);
    ((1..=200).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

/// A header that is there once.
fn said<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(str::trim),
        _ => None,
    }
}

/// A parameter of a content type.
fn parameter(content_type: &str, wanted: &str) -> Option<String> {
    let mut rest = content_type.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value.trim().to_owned());
        }
        rest = next.split_once(';')?.1;
    }
}

/// RFC 2046, section 5.1.1.
fn is_boundary(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    (1..=70).contains(&text.len()) && text.bytes().all(allowed) && !text.ends_with(' ')
}

/// The content of a part, piece by piece.
fn decoded(
    part: Field<'static>,
    encoding: Encoding,
) -> impl Stream<Item = Result<Bytes, String>> + Send {
    try_unfold((part, Vec::new()), move |(mut part, mut rest)| async move {
        loop {
            let piece = part.chunk().await.map_err(|error| error.to_string())?;
            let ended = piece.is_none();
            let read = match (encoding, piece) {
                (Encoding::Plain, piece) => return Ok(piece.map(|it| (it, (part, rest)))),
                (Encoding::Base64, piece) => {
                    let letters = piece.unwrap_or_default();
                    rest.extend(letters.iter().filter(|it| !it.is_ascii_whitespace()));
                    // The last four letters may be filled up, and only they.
                    let whole = if ended {
                        rest.len()
                    } else {
                        rest.len().saturating_sub(4) / 4 * 4
                    };
                    let read = STANDARD.decode(&rest[..whole]);
                    rest.drain(..whole);
                    read.map_err(|_| NOT_BASE64.to_owned())?
                }
            };
            match (read.is_empty(), ended) {
                (true, true) => return Ok(None),
                (true, false) => {}
                (false, _) => return Ok(Some((Bytes::from(read), (part, rest)))),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{is_boundary, is_related, parameter};

    #[test]
    fn content_types_are_read_as_they_are_written() {
        let text = "Multipart/Related; type=\"text/xml\"; start=\"<root;part>\"; boundary=\"a b\"";
        assert!(is_related(text) && !is_related("multipart/form-data; boundary=a"));
        for (name, value) in [
            ("type", Some("text/xml")),
            ("START", Some("<root;part>")),
            ("boundary", Some("a b")),
            ("charset", None),
        ] {
            assert_eq!(parameter(text, name).as_deref(), value, "{name}");
        }
        let plain = "multipart/related; boundary=MIME_boundary; x=1";
        assert_eq!(
            parameter(plain, "boundary").as_deref(),
            Some("MIME_boundary")
        );
        for broken in [
            "multipart/related",
            "multipart/related; boundary",
            "a; b=\"c",
        ] {
            assert_eq!(parameter(broken, "boundary"), None, "{broken}");
        }
    }

    #[test]
    fn boundaries_are_those_of_the_standard() {
        assert!(is_boundary("MIME_boundary") && is_boundary("=_a b'c(d)"));
        let long = "a".repeat(71);
        for wrong in ["", "a ", "a\r\nb", "ă", "a\"b", long.as_str()] {
            assert!(!is_boundary(wrong), "{wrong:?}");
        }
    }
}
