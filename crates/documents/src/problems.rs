//! What an import refused or doubts, as a file to send back to whoever filled in the sheet.

use std::io::{self, Write};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// One cell or row that was refused, or taken with a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem<'a> {
    /// Row of the file.
    pub row: u64,
    /// Heading; empty when the whole row is meant.
    pub heading: &'a str,
    /// Whether the row was not taken.
    pub refused: bool,
    /// Stable code.
    pub code: &'a str,
    /// Why, as a sentence.
    pub message: &'a str,
}

const HEADINGS: [&str; 5] = ["Dòng", "Cột", "Kết quả", "Lý do", "Mã lỗi"];
const WIDTHS: [f64; 5] = [8.0, 26.0, 14.0, 80.0, 26.0];

impl Problem<'_> {
    const fn outcome(&self) -> &'static str {
        if self.refused {
            "không nhập"
        } else {
            "cần xem lại"
        }
    }
}

/// As an Excel file.
///
/// # Errors
/// What the writing library says.
pub fn write_xlsx<'a, W: Write + Send>(
    problems: impl Iterator<Item = Problem<'a>>,
    out: W,
) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let bold = Format::new().set_bold();
    for (column, (heading, width)) in (0_u16..).zip(HEADINGS.into_iter().zip(WIDTHS)) {
        sheet.set_column_width(column, width)?;
        sheet.write_with_format(0, column, heading, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (at, problem) in (1_u32..).zip(problems) {
        sheet.write(at, 0, problem.row)?;
        let texts = [
            problem.heading,
            problem.outcome(),
            problem.message,
            problem.code,
        ];
        for (column, text) in (1_u16..).zip(texts) {
            sheet.write_string(at, column, text)?;
        }
    }
    workbook.save_to_writer(out)
}

/// As CSV with a byte order mark, so that Excel reads the accents.
///
/// # Errors
/// When `out` takes no more.
pub fn write_csv<'a>(
    problems: impl Iterator<Item = Problem<'a>>,
    mut out: impl Write,
) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADINGS)?;
    for problem in problems {
        let row = problem.row.to_string();
        let (heading, outcome) = (problem.heading, problem.outcome());
        writer.write_record([&row, heading, outcome, problem.message, problem.code])?;
    }
    writer.flush()
}
