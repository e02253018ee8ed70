//! A month's list as an Excel workbook: the list, and a sheet of totals that equal it.
//!
//! Rows go to a temporary file as they come, so memory does not grow with the list. Everything
//! that is not an amount is a text cell: Excel drops the leading zeros of numbers.

use std::io::Write;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook,
    Worksheet, XlsxError,
};

use kernel::Dong;

use crate::format;
use crate::list_columns::{COLUMNS, Cell, cells};
use crate::payment_list::{ListPaper, Row};
use crate::tally::{DoesNotAddUp, Subtotal, Sums, Tally};

const LIST_SHEET: &str = "Danh sách";
const TOTALS_SHEET: &str = "Tổng hợp";
/// Rows above the column headings of the list.
const HEADING_ROWS: u32 = 8;
/// Rows of a sheet; one is kept for the total.
const MOST_ROWS: u32 = 1_048_576;
const A4: u8 = 9;

/// The workbook could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The disk refused, or Excel's limits were met.
    #[error("không ghi được tệp Excel: {0}")]
    Write(#[from] XlsxError),
    /// More rows than a sheet has.
    #[error(
        "danh sách dài hơn một trang tính Excel (1.048.576 dòng): hãy xuất từng địa bàn, hoặc xuất CSV"
    )]
    TooManyRows,
    /// The rows are not the whole list.
    #[error(transparent)]
    DoesNotAddUp(#[from] DoesNotAddUp),
    /// The rows are not the whole order.
    #[error(
        "lệnh chi không khớp: phần đầu ghi {told_lines} dòng, {told_amount} đồng; đã ghi {lines} dòng, {amount} đồng"
    )]
    OrderDoesNotAddUp {
        /// Lines by the head.
        told_lines: u64,
        /// Đồng by the head.
        told_amount: Dong,
        /// Lines written.
        lines: u64,
        /// Đồng written.
        amount: Dong,
    },
}

impl WorkbookError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            WorkbookError::Write(_) => "xlsx_not_written",
            WorkbookError::TooManyRows => "xlsx_too_many_rows",
            WorkbookError::DoesNotAddUp(_) => "list_does_not_add_up",
            WorkbookError::OrderDoesNotAddUp { .. } => "order_does_not_add_up",
        }
    }
}

struct Formats {
    title: Format,
    plain: Format,
    bold: Format,
    heading: Format,
    text: Format,
    amount: Format,
    total_text: Format,
    total_amount: Format,
}

impl Formats {
    fn new() -> Formats {
        let font = Format::new()
            .set_font_name("Times New Roman")
            .set_font_size(11);
        let bold = font.clone().set_bold();
        let boxed = |format: &Format| format.clone().set_border(FormatBorder::Thin);
        let amount = |format: &Format| boxed(format).set_num_format("#,##0");
        // Format "@" keeps a text cell text when somebody edits it.
        let text = |format: &Format| boxed(format).set_num_format("@");
        Formats {
            title: bold.clone().set_font_size(14),
            heading: boxed(&bold)
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            text: text(&font),
            amount: amount(&font),
            total_text: text(&bold),
            total_amount: amount(&bold),
            plain: font,
            bold,
        }
    }
}

/// Writes a list row by row.
pub struct ListWorkbook {
    workbook: Workbook,
    formats: Formats,
    header: ListPaper,
    tally: Tally,
    next_row: u32,
}

impl ListWorkbook {
    /// Begins the workbook: the heading block and the column headings.
    ///
    /// # Errors
    /// When no temporary file can be written.
    pub fn new(header: ListPaper) -> Result<ListWorkbook, WorkbookError> {
        let mut workbook = Workbook::new();
        // The file says when it was printed, not when the library ran: same input, same bytes.
        let printed = ExcelDateTime::from_timestamp(header.printed_at.as_second())?;
        workbook.set_properties(
            &DocProperties::new()
                .set_title(title(&header))
                .set_creation_datetime(&printed),
        );
        let formats = Formats::new();
        let sheet = workbook
            .add_worksheet_with_constant_memory()?
            .set_name(LIST_SHEET)?;
        set_up_page(sheet, &header)?;
        write_heading_block(sheet, &formats, &header)?;
        for (at, column) in (0..).zip(&COLUMNS) {
            sheet.set_column_width(at, column.width)?;
            sheet.write_with_format(HEADING_ROWS, at, column.heading, &formats.heading)?;
        }
        sheet.set_freeze_panes(HEADING_ROWS + 1, 5)?;
        sheet.set_repeat_rows(HEADING_ROWS, HEADING_ROWS)?;
        let next_row = HEADING_ROWS + 1;
        Ok(ListWorkbook {
            workbook,
            formats,
            header,
            tally: Tally::default(),
            next_row,
        })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// When the temporary file cannot be written or the sheet is full.
    pub fn row(&mut self, row: &Row) -> Result<(), WorkbookError> {
        if self.next_row + 1 >= MOST_ROWS {
            return Err(WorkbookError::TooManyRows);
        }
        self.tally.add(row);
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, cell) in (0..).zip(cells(row)) {
            match cell {
                Cell::Text(text) => {
                    sheet.write_string_with_format(self.next_row, at, text, &self.formats.text)?
                }
                Cell::Declared(text) => {
                    sheet.write_string_with_format(self.next_row, at, text, &self.formats.text)?
                }
                Cell::AmountIfAny(amount) if amount.is_zero() => {
                    sheet.write_blank(self.next_row, at, &self.formats.amount)?
                }
                Cell::Amount(amount) | Cell::AmountIfAny(amount) => sheet.write_with_format(
                    self.next_row,
                    at,
                    amount.value(),
                    &self.formats.amount,
                )?,
            };
        }
        self.next_row += 1;
        Ok(())
    }

    /// Adds the total and the sheet of totals, and writes the file to `out`.
    ///
    /// # Errors
    /// When the rows do not add up to the header (nothing is written then), or `out` refuses.
    pub fn finish<W: Write + Send>(mut self, out: W) -> Result<Tally, WorkbookError> {
        self.tally.agrees_with(&self.header)?;
        self.finish_list()?;
        let sheet = self
            .workbook
            .add_worksheet_with_constant_memory()?
            .set_name(TOTALS_SHEET)?;
        set_up_page(sheet, &self.header)?;
        write_heading_block(sheet, &self.formats, &self.header)?;
        write_totals(sheet, &self.formats, &self.tally)?;
        self.workbook.save_to_writer(out)?;
        Ok(self.tally)
    }

    fn finish_list(&mut self) -> Result<(), WorkbookError> {
        let (row, last_column) = (self.next_row, COLUMNS.len() as u16 - 1);
        let sheet = self.workbook.worksheet_from_index(0)?;
        let all = self.tally.all();
        let formats = &self.formats;
        sheet.write_with_format(row, 4, "Tổng cộng", &formats.total_text)?;
        let sums = [
            (11, all.regular),
            (12, all.arrears),
            (14, all.one_off),
            (15, all.carried_over),
            (16, all.total),
            (17, all.recovery),
        ];
        for (at, sum) in sums {
            sheet.write_with_format(row, at, sum.value(), &formats.total_amount)?;
        }
        if row > HEADING_ROWS + 1 {
            sheet.autofilter(HEADING_ROWS, 0, row - 1, last_column)?;
            sheet.ignore_error_range(
                HEADING_ROWS + 1,
                0,
                row - 1,
                last_column,
                IgnoreError::NumberStoredAsText,
            )?;
        }
        Ok(())
    }
}

fn title(header: &ListPaper) -> String {
    let (number, year) = (header.month.number(), header.month.year());
    format!("DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI THÁNG {number} NĂM {year}")
}

fn set_up_page(sheet: &mut Worksheet, header: &ListPaper) -> Result<(), XlsxError> {
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    let short = header.short_fingerprint();
    sheet.set_footer(format!("&L{short}&C{}&RTrang &P/&N", header.status()));
    Ok(())
}

fn write_heading_block(
    sheet: &mut Worksheet,
    formats: &Formats,
    header: &ListPaper,
) -> Result<(), XlsxError> {
    let approval = match &header.approved {
        Some(signed) => format!("Đã duyệt: {}, {}", signed.by, format::moment(signed.at)),
        None => "BẢN NHÁP, CHƯA DUYỆT".to_owned(),
    };
    let made = format!(
        "Người lập: {}, {}",
        header.made.by,
        format::moment(header.made.at)
    );
    let totals = format!(
        "Tổng số: {} người; chi trả {} đồng; phải thu hồi {} đồng",
        format::count(header.people),
        header.payable,
        -header.recoverable
    );
    let printed = format!(
        "Đơn vị tính: đồng. Xuất lúc {}",
        format::moment(header.printed_at)
    );
    let area = format!("Địa bàn: {} ({})", header.area_name, header.area_code);
    let lines: [(&Format, String); 8] = [
        (&formats.bold, header.agency.join(" ")),
        (&formats.title, title(header)),
        (&formats.bold, area),
        (&formats.bold, approval),
        (&formats.plain, made),
        (&formats.plain, totals),
        (&formats.plain, printed),
        (
            &formats.plain,
            format!("Mã kiểm tra (SHA-256): {}", header.fingerprint),
        ),
    ];
    for (row, (format, line)) in (0..).zip(lines) {
        sheet.write_string_with_format(row, 0, line, format)?;
    }
    Ok(())
}

const TOTALS_COLUMNS: [(&str, u8); 9] = [
    ("Mã", 28),
    ("Tên", 44),
    ("Số người", 11),
    ("Trợ cấp tháng (đồng)", 17),
    ("Truy lĩnh (đồng)", 15),
    ("Một lần (đồng)", 15),
    ("Chuyển kỳ trước (đồng)", 15),
    ("Tổng chi trả (đồng)", 18),
    ("Phải thu hồi (đồng)", 15),
];

fn write_totals(sheet: &mut Worksheet, formats: &Formats, tally: &Tally) -> Result<(), XlsxError> {
    for (at, (_, width)) in (0..).zip(TOTALS_COLUMNS) {
        sheet.set_column_width(at, width)?;
    }
    let mut row = HEADING_ROWS + 1;
    for (heading, rows) in [
        (
            "I. THEO XÃ, PHƯỜNG, THỊ TRẤN",
            tally.communes().iter().collect::<Vec<_>>(),
        ),
        (
            "II. THEO CHÍNH SÁCH (một người hưởng hai chính sách được tính ở cả hai)",
            tally.benefits().collect(),
        ),
    ] {
        sheet.write_with_format(row, 0, heading, &formats.bold)?;
        row += 1;
        for (at, (heading, _)) in (0..).zip(TOTALS_COLUMNS) {
            sheet.write_with_format(row, at, heading, &formats.heading)?;
        }
        let first = row + 1;
        for Subtotal { code, name, sums } in rows {
            row += 1;
            write_sums(
                sheet,
                row,
                (code, name),
                sums,
                (&formats.text, &formats.amount),
            )?;
        }
        if row >= first {
            sheet.ignore_error_range(first, 0, row, 0, IgnoreError::NumberStoredAsText)?;
        }
        row += 1;
        let bold = (&formats.total_text, &formats.total_amount);
        write_sums(
            sheet,
            row,
            ("", "Tổng cộng (số người: toàn danh sách)"),
            &tally.all(),
            bold,
        )?;
        row += 2;
    }
    Ok(())
}

fn write_sums(
    sheet: &mut Worksheet,
    row: u32,
    (code, name): (&str, &str),
    sums: &Sums,
    (text, amount): (&Format, &Format),
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, 0, code, text)?;
    sheet.write_string_with_format(row, 1, name, text)?;
    sheet.write_with_format(row, 2, sums.people, amount)?;
    let money = [
        sums.regular,
        sums.arrears,
        sums.one_off,
        sums.carried_over,
        sums.total,
        sums.recovery,
    ];
    for (at, sum) in (3..).zip(money) {
        sheet.write_with_format(row, at, sum.value(), amount)?;
    }
    Ok(())
}
