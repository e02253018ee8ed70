//! A board of figures as an Excel workbook: a heading block, a row of headings, the rows, a total.

use std::io::Write;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, XlsxError};

/// A board ready to be written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Board {
    /// What it is, of when and where.
    pub title: String,
    /// Lines under the title: area, month, state of the lists, unit, when exported.
    pub notes: Vec<String>,
    /// Headings, with the unit where there is one, and widths in characters.
    pub columns: Vec<(&'static str, u8)>,
    /// Each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
    /// Set apart under the rows.
    pub total: Vec<Value>,
}

/// What stands in a cell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// Codes and names; a text cell, so that leading zeros stay.
    Text(String),
    /// People or đồng; a number cell.
    Number(i64),
}

const A4: u8 = 9;

/// Writes the board.
///
/// # Errors
/// When `out` refuses.
pub fn write<W: Write + Send>(board: &Board, out: W) -> Result<(), XlsxError> {
    let font = Format::new()
        .set_font_name("Times New Roman")
        .set_font_size(12);
    let bold = font.clone().set_bold();
    let boxed = |format: &Format| format.clone().set_border(FormatBorder::Thin);
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0);
    sheet.set_footer("&RTrang &P/&N");
    sheet.write_string_with_format(0, 0, &board.title, &bold)?;
    for (row, note) in (1..).zip(&board.notes) {
        sheet.write_string_with_format(row, 0, note, &font)?;
    }
    let heading_row = board.notes.len() as u32 + 2;
    let heading = boxed(&bold).set_text_wrap().set_align(FormatAlign::Center);
    for (at, (text, width)) in (0..).zip(&board.columns) {
        sheet.set_column_width(at, *width)?;
        sheet.write_string_with_format(heading_row, at, *text, &heading)?;
    }
    sheet.set_repeat_rows(heading_row, heading_row)?;
    sheet.set_freeze_panes(heading_row + 1, 0)?;
    let lines = board.rows.iter().map(|row| (row, boxed(&font)));
    let total = std::iter::once((&board.total, boxed(&bold)));
    for (row, (values, format)) in (heading_row + 1..).zip(lines.chain(total)) {
        let amount = format.clone().set_num_format("#,##0");
        let text = format.set_num_format("@");
        for (at, value) in (0..).zip(values) {
            match value {
                Value::Text(words) => sheet.write_string_with_format(row, at, words, &text)?,
                Value::Number(number) => sheet.write_with_format(row, at, *number, &amount)?,
            };
        }
    }
    workbook.save_to_writer(out)
}
