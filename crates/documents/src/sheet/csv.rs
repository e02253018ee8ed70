//! Reads CSV.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use csv::{ByteRecord, Position, ReaderBuilder, Terminator};
use kernel::Cell;

use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROWS, SheetError};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn read<R, E>(
    mut input: BufReader<R>,
    each: &mut impl FnMut(u64, &[Cell<'_>]) -> Result<(), E>,
) -> Result<(), E>
where
    R: Read,
    E: From<SheetError>,
{
    let start = input.fill_buf().map_err(SheetError::Io)?;
    let delimiter = delimiter(start);
    if start.starts_with(BYTE_ORDER_MARK) {
        input.consume(BYTE_ORDER_MARK.len());
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        // With CRLF the reader would count a line late; the CR is dropped below.
        .terminator(Terminator::Any(b'\n'))
        .has_headers(false)
        .flexible(true)
        .from_reader(Rationed::new(input));
    let mut record = ByteRecord::new();
    loop {
        reader.get_mut().refill();
        let before = reader.position().line();
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(refusal(error, before).into()),
        }
        let row = first_line(&record, reader.position());
        if row > MAX_ROWS {
            return Err(SheetError::TooManyRows.into());
        }
        let cells = cells(&record, row)?;
        if !cells.is_empty() {
            each(row, &cells)?;
        }
    }
}

fn refusal(error: csv::Error, row: u64) -> SheetError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            SheetError::CellTooLong { row }
        }
        csv::ErrorKind::Io(error) => SheetError::Io(error),
        _ => SheetError::UnknownFormat,
    }
}

/// The line a record began on. The reader only tells the line after it, and passes over blank
/// lines before it.
fn first_line(record: &ByteRecord, after: &Position) -> u64 {
    let inside = record.as_slice().iter().filter(|byte| **byte == b'\n');
    after.line().saturating_sub(1 + inside.count() as u64)
}

fn cells(record: &ByteRecord, row: u64) -> Result<Vec<Cell<'_>>, SheetError> {
    let used = record
        .iter()
        .rposition(|field| !field.trim_ascii().is_empty());
    let used = used.map_or(0, |last| last + 1);
    if used > MAX_COLUMNS {
        return Err(SheetError::TooManyColumns { row });
    }
    let fields = record.iter().take(used);
    fields.map(|field| text(field, row)).collect()
}

fn text(field: &[u8], row: u64) -> Result<Cell<'_>, SheetError> {
    let field = field.strip_suffix(b"\r").unwrap_or(field);
    let text = std::str::from_utf8(field).map_err(|_| SheetError::NotUtf8 { row })?;
    Ok(Cell::Text(Cow::Borrowed(text)))
}

/// The delimiter that the first line has most of.
fn delimiter(start: &[u8]) -> u8 {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    // Of equal counts the last wins: the comma.
    let most = [b'\t', b';', b','].into_iter().max_by_key(count);
    most.unwrap_or(b',')
}

/// Passes on so many bytes and then fails, unless refilled: so that one record cannot grow without
/// end when a closing quote is missing. Ends the last line if the file does not.
struct Rationed<R> {
    inner: R,
    left: u64,
    last: u8,
}

impl<R> Rationed<R> {
    const fn new(inner: R) -> Rationed<R> {
        Rationed {
            inner,
            left: MAX_CELL_BYTES,
            last: b'\n',
        }
    }

    const fn refill(&mut self) {
        self.left = MAX_CELL_BYTES;
    }
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let wanted = buffer.len().min(self.left.try_into().unwrap_or(usize::MAX));
        let mut count = self.inner.read(&mut buffer[..wanted])?;
        if count == 0 && wanted > 0 && self.last != b'\n' {
            buffer[0] = b'\n';
            count = 1;
        }
        if let Some(last) = buffer[..count].last() {
            self.last = *last;
        }
        self.left -= count as u64;
        Ok(count)
    }
}
