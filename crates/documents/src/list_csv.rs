//! A month's list as CSV: one heading row, plain numbers, nothing a spreadsheet could run.

use std::borrow::Cow;
use std::io::Write;

use crate::list_columns::{COLUMNS, Cell, cells};
use crate::payment_list::{ListPaper, Row};
use crate::tally::{DoesNotAddUp, Tally};

/// The list could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The disk or pipe refused.
    #[error("không ghi được tệp CSV: {0}")]
    Write(#[from] csv::Error),
    /// The rows are not the whole list.
    #[error(transparent)]
    DoesNotAddUp(#[from] DoesNotAddUp),
}

impl CsvError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            CsvError::Write(_) => "csv_not_written",
            CsvError::DoesNotAddUp(_) => "list_does_not_add_up",
        }
    }
}

/// Writes a list row by row.
pub struct ListCsv<W: Write> {
    writer: csv::Writer<W>,
    header: ListPaper,
    tally: Tally,
}

impl<W: Write> ListCsv<W> {
    /// Writes the heading row. With `byte_order_mark` Excel takes the file for UTF-8; programs
    /// usually want it without.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(header: ListPaper, mut out: W, byte_order_mark: bool) -> Result<Self, CsvError> {
        if byte_order_mark {
            out.write_all("\u{feff}".as_bytes())
                .map_err(csv::Error::from)?;
        }
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        writer.write_record(COLUMNS.iter().map(|column| column.heading))?;
        Ok(ListCsv {
            writer,
            header,
            tally: Tally::default(),
        })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn row(&mut self, row: &Row) -> Result<(), CsvError> {
        self.tally.add(row);
        for cell in cells(row) {
            match cell {
                Cell::Text(text) => self.writer.write_field(text.as_bytes())?,
                Cell::Declared(text) => self.writer.write_field(harmless(text).as_bytes())?,
                Cell::Amount(amount) | Cell::AmountIfAny(amount) => {
                    self.writer.write_field(amount.value().to_string())?;
                }
            }
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes what is left, and says whether the list is whole.
    ///
    /// # Errors
    /// When `out` cannot be written, or the rows do not add up to the header.
    pub fn finish(mut self) -> Result<Tally, CsvError> {
        self.writer.flush().map_err(csv::Error::from)?;
        self.tally.agrees_with(&self.header)?;
        Ok(self.tally)
    }
}

/// A spreadsheet runs a CSV cell that begins like a formula; an apostrophe before it stops that.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}
