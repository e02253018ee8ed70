//! Writes a blank form as an Excel file: text columns, drop-down lists, and a guide.

use kernel::form::Form;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Formula,
    Workbook, Worksheet, XlsxError,
};

/// Rows with drop-down lists; more can be filled in without.
const ROWS_WITH_LISTS: u32 = 100_000;
const GUIDE: &str = "Hướng dẫn";
const LISTS: &str = "Danh mục";

/// The form as the bytes of an Excel file: the form's own sheet first, then the guide with its
/// examples, then the lists to choose from.
///
/// # Errors
/// What the writing library says; a form with headings that fit a sheet gives none.
pub fn workbook(form: &Form) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    write_form(workbook.add_worksheet(), form)?;
    write_guide(workbook.add_worksheet(), form)?;
    write_lists(workbook.add_worksheet(), form)?;
    workbook.save_to_buffer()
}

/// The form filled in: only its own sheet, written row by row in constant memory. A row has a text
/// for each column; empty ones are left blank.
///
/// # Errors
/// What the writing library says, such as more rows than a sheet holds.
pub fn filled(
    form: &Form,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(form.title)?;
    for (at, column) in (0_u16..).zip(&form.columns) {
        sheet.set_column_width(at, f64::from(column.width))?;
        sheet.set_column_format(at, &text())?;
        sheet.write_with_format(0, at, column.heading, &heading())?;
    }
    sheet.set_freeze_panes(1, 2)?;
    let as_text = text();
    for (at, row) in (1_u32..).zip(rows) {
        let cells = (0_u16..).zip(&row);
        for (column, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_with_format(at, column, cell, &as_text)?;
        }
    }
    workbook.save_to_buffer()
}

fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0xDD_E6_F0))
        .set_border(FormatBorder::Thin)
}

fn text() -> Format {
    Format::new().set_num_format("@")
}

fn write_form(sheet: &mut Worksheet, form: &Form) -> Result<(), XlsxError> {
    sheet.set_name(form.title)?;
    for (at, column) in (0_u16..).zip(&form.columns) {
        sheet.set_column_width(at, f64::from(column.width))?;
        sheet.set_column_format(at, &text())?;
        sheet.write_with_format(0, at, column.heading, &heading())?;
        if !column.choices.is_empty() {
            let list = format!(
                "='{LISTS}'!${0}$2:${0}${1}",
                letters(at),
                column.choices.len() + 1
            );
            let validation = DataValidation::new()
                .allow_list_formula(Formula::new(list))
                .set_error_style(DataValidationErrorStyle::Stop)
                .set_error_title("Không có trong danh mục")?
                .set_error_message("Hãy chọn một mục trong danh sách.")?;
            sheet.add_data_validation(1, at, ROWS_WITH_LISTS, at, &validation)?;
        }
    }
    sheet.set_row_height(0, 32)?;
    sheet.set_freeze_panes(1, 2)?;
    Ok(())
}

fn write_guide(sheet: &mut Worksheet, form: &Form) -> Result<(), XlsxError> {
    sheet.set_name(GUIDE)?;
    let wrapped = text().set_text_wrap().set_align(FormatAlign::Top);
    let mut row = 0;
    for note in &form.notes {
        sheet.write(row, 0, *note)?;
        row += 1;
    }
    row += 1;
    let titles = ["Cột", "Bắt buộc", "Cách ghi", "Ví dụ 1", "Ví dụ 2"];
    for (at, title) in (0_u16..).zip(titles) {
        sheet.write_with_format(row, at, title, &heading())?;
    }
    for (number, column) in form.columns.iter().enumerate() {
        row += 1;
        sheet.write_with_format(row, 0, column.heading, &wrapped)?;
        sheet.write_with_format(row, 1, if column.required { "có" } else { "" }, &wrapped)?;
        sheet.write_with_format(row, 2, column.help, &wrapped)?;
        for (at, example) in (3_u16..).zip(&form.examples) {
            let cell = example.get(number).map_or("", String::as_str);
            sheet.write_with_format(row, at, cell, &wrapped)?;
        }
    }
    for (at, width) in (0_u16..).zip([30.0, 10.0, 60.0, 26.0, 26.0]) {
        sheet.set_column_width(at, width)?;
    }
    Ok(())
}

fn write_lists(sheet: &mut Worksheet, form: &Form) -> Result<(), XlsxError> {
    sheet.set_name(LISTS)?;
    let columns = (0_u16..).zip(&form.columns);
    for (at, column) in columns.filter(|(_, column)| !column.choices.is_empty()) {
        sheet.set_column_width(at, f64::from(column.width))?;
        sheet.write_with_format(0, at, column.heading, &heading())?;
        for (row, choice) in (1_u32..).zip(&column.choices) {
            sheet.write_with_format(row, at, choice, &text())?;
        }
    }
    Ok(())
}

/// The letters of a column, counted from 0.
fn letters(column: u16) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => last.to_string(),
        before => letters(before - 1) + &last.to_string(),
    }
}
