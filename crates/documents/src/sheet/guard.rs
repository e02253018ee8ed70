//! Goes through an Excel file before anything of it is held in memory. The libraries that read it
//! trust it: they keep a whole tag or text in memory, reserve what a count asks for, and calculate
//! with cell names of any length. So every part is unpacked once and thrown away, and the file is
//! refused if a part is larger, a tag or text longer, or a cell name stranger than in any file that
//! Excel writes. The checksums of the parts are verified on the way.

use std::io::{self, BufRead, BufReader, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{MAX_CELL_BYTES, MAX_ROWS, SheetError};

const MB: u64 = 1 << 20;
const MAX_PARTS: usize = 1_000;
const MAX_SHEET: u64 = 2_048 * MB;
const MAX_STRINGS: u64 = 256 * MB;
const MAX_OTHER: u64 = 16 * MB;
/// Distinct texts: each costs memory beside its bytes.
const MAX_STRING_COUNT: u64 = 10_000_000;

/// What the guard has seen that the reader wants to know.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Some sheet has merged cells.
    pub(super) merged_cells: bool,
}

pub(super) fn check(input: &mut (impl Read + Seek)) -> Result<Seen, SheetError> {
    let mut archive = ZipArchive::new(input).map_err(damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(SheetError::TooManyParts(archive.len()));
    }
    let mut seen = Seen::default();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.into_owned();
        let lower = name.to_ascii_lowercase();
        let (limit, lexed) = if lower.contains("worksheets/") && lower.ends_with(".xml") {
            (MAX_SHEET, true)
        } else if lower.ends_with("sharedstrings.xml") {
            (MAX_STRINGS, true)
        } else {
            (MAX_OTHER, false)
        };
        let too_large = || SheetError::TooLarge {
            part: name.clone(),
            limit: limit / MB,
        };
        if part.size() > limit {
            return Err(too_large());
        }
        let mut reader = BufReader::with_capacity(1 << 16, part.take(limit + 1));
        if lexed {
            Lexer::new(&mut reader).run(&mut seen)?;
        }
        io::copy(&mut reader, &mut io::sink()).map_err(broken)?;
        if reader.get_ref().limit() == 0 {
            return Err(too_large());
        }
    }
    Ok(seen)
}

fn damaged(error: ZipError) -> SheetError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => SheetError::PasswordOrOldExcel,
        other => SheetError::Damaged(other.to_string()),
    }
}

fn broken(error: io::Error) -> SheetError {
    SheetError::Damaged(error.to_string())
}

/// Splits XML into texts and tags, keeping one tag at a time.
struct Lexer<R> {
    reader: R,
    tag: Vec<u8>,
    /// Bytes since the last cell or row began, while inside the rows.
    since_cell: u64,
    in_rows: bool,
    rows: u64,
    strings: u64,
}

impl<R: BufRead> Lexer<R> {
    fn new(reader: R) -> Lexer<R> {
        Lexer {
            reader,
            tag: Vec::with_capacity(256),
            since_cell: 0,
            in_rows: false,
            rows: 0,
            strings: 0,
        }
    }

    fn run(&mut self, seen: &mut Seen) -> Result<(), SheetError> {
        while self.next_tag()? {
            let name = local_name(&self.tag);
            match name {
                b"c" | b"row" => {
                    self.rows += u64::from(name == b"row");
                    self.since_cell = 0;
                    self.check_reference(b"r")?;
                }
                b"si" => self.strings += 1,
                b"sheetData" => self.in_rows = true,
                b"/sheetData" => self.in_rows = false,
                b"dimension" => self.check_reference(b"ref")?,
                b"mergeCell" => {
                    seen.merged_cells = true;
                    self.check_reference(b"ref")?;
                }
                b"sst" => self.check_count()?,
                _ => {}
            }
            if self.strings > MAX_STRING_COUNT || self.rows > MAX_ROWS {
                return Err(SheetError::TooManyRows);
            }
        }
        Ok(())
    }

    /// Reads on to the next tag, without its brackets, into `tag`; false at the end.
    fn next_tag(&mut self) -> Result<bool, SheetError> {
        let text = self.skip_text()?;
        self.tag.clear();
        loop {
            let room = MAX_CELL_BYTES.saturating_sub(self.tag.len() as u64);
            let mut limited = (&mut self.reader).take(room);
            let count = limited.read_until(b'>', &mut self.tag).map_err(broken)?;
            if count == 0 && self.tag.is_empty() {
                return Ok(false);
            }
            if self.tag.len() as u64 >= MAX_CELL_BYTES {
                return Err(self.too_long());
            }
            if count == 0 {
                return Err(SheetError::Damaged("XML".to_owned()));
            }
            if quotes_are_closed(&self.tag) {
                break;
            }
        }
        self.tag.pop();
        let is_strange = self.tag.contains(&b'<')
            || self.tag.first() == Some(&b'!')
            || (self.tag.first() == Some(&b'?') && self.tag.last() != Some(&b'?'));
        if is_strange {
            return Err(SheetError::Damaged("XML".to_owned()));
        }
        self.since_cell += text + self.tag.len() as u64;
        if self.in_rows && self.since_cell > MAX_CELL_BYTES {
            return Err(self.too_long());
        }
        Ok(true)
    }

    fn skip_text(&mut self) -> Result<u64, SheetError> {
        let mut limited = (&mut self.reader).take(MAX_CELL_BYTES);
        let count = limited.skip_until(b'<').map_err(broken)? as u64;
        if count >= MAX_CELL_BYTES {
            return Err(self.too_long());
        }
        Ok(count)
    }

    const fn too_long(&self) -> SheetError {
        SheetError::CellTooLong { row: self.rows }
    }

    /// A cell name or range in the attribute: at most XFD and seven digits, corners in order.
    fn check_reference(&self, attribute: &[u8]) -> Result<(), SheetError> {
        let strange = || SheetError::Damaged(format!("dòng {}: tên ô", self.rows));
        for (name, value) in attributes(&self.tag) {
            if name == attribute {
                let mut corners = value.split(|byte| *byte == b':').map(corner);
                let first = corners.next().flatten().ok_or_else(strange)?;
                let last = corners.next().unwrap_or(Some(first)).ok_or_else(strange)?;
                if corners.next().is_some() || last.0 < first.0 || last.1 < first.1 {
                    return Err(strange());
                }
            }
        }
        Ok(())
    }

    fn check_count(&self) -> Result<(), SheetError> {
        let counts = attributes(&self.tag).filter(|(name, _)| *name == b"uniqueCount");
        for (_, value) in counts {
            let count = std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse().ok());
            if count.is_none_or(|count: u64| count > MAX_STRING_COUNT) {
                return Err(SheetError::Damaged("uniqueCount".to_owned()));
            }
        }
        Ok(())
    }
}

/// `x:row r="1"` → `row`; a closing tag keeps its slash.
fn local_name(tag: &[u8]) -> &[u8] {
    let end = tag
        .iter()
        .position(|byte| byte.is_ascii_whitespace())
        .unwrap_or(tag.len());
    let name = tag[..end].strip_suffix(b"/").unwrap_or(&tag[..end]);
    match name.iter().position(|byte| *byte == b':') {
        Some(_) if name.first() == Some(&b'/') => b"/",
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

fn quotes_are_closed(tag: &[u8]) -> bool {
    let mut open = None;
    for byte in tag.iter().filter(|byte| matches!(byte, b'"' | b'\'')) {
        match open {
            None => open = Some(byte),
            Some(quote) if quote == byte => open = None,
            Some(_) => {}
        }
    }
    open.is_none()
}

/// The attributes of a tag whose quotes are closed.
fn attributes(tag: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let before = rest[..equals].trim_ascii_end();
        let name = before
            .rsplit(|byte| byte.is_ascii_whitespace())
            .next()
            .unwrap_or(before);
        let after = rest[equals + 1..].trim_ascii_start();
        let quote = *after.first()?;
        let end = after[1..].iter().position(|byte| *byte == quote)?;
        rest = &after[end + 2..];
        Some((name, &after[1..=end]))
    })
}

/// `XFD1048576`, `A`, `7` → column and row numbers, zero for the missing one.
fn corner(text: &[u8]) -> Option<(u32, u32)> {
    let letters = text
        .iter()
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (letters, digits) = text.split_at(letters);
    let short = letters.len() <= 3 && digits.len() <= 7 && !text.is_empty();
    if !short || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let column = letters.iter().fold(0, |column, letter| {
        column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row = digits
        .iter()
        .fold(0, |row, digit| row * 10 + u32::from(digit - b'0'));
    Some((column, row))
}
