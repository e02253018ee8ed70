//! An order as an Excel workbook: whom to pay how much, commune by commune, with room to sign.
//!
//! A sheet for each way of handing over. Rows go to a temporary file as they come, so memory does
//! not grow with the order. Everything that is not an amount is a text cell.

use std::io::Write;

use jiff::Timestamp;
use kernel::{Dong, PartialDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::format;
use crate::list_workbook::WorkbookError;

/// The head of an order on paper.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrderPaper {
    /// What it is.
    pub title: String,
    /// Lines under the title: agency, provider, day, totals, fingerprint.
    pub notes: Vec<String>,
    /// What stands at the foot of every page.
    pub foot: String,
    /// Whether numbers of accounts or wallets are in it, or room to sign.
    pub accounts: bool,
    /// When the order was made: the same order has the same bytes.
    pub made_at: Timestamp,
    /// Lines in all.
    pub lines: u64,
    /// Đồng in all.
    pub amount: Dong,
}

/// One line to be paid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PayPointRow {
    /// Code of the commune.
    pub commune_code: String,
    /// The commune with the district around it.
    pub commune_name: String,
    /// Name of the line, by which results name it.
    pub line: String,
    /// The person.
    pub full_name: String,
    /// Birth date as far as it is known.
    pub birth: PartialDate,
    /// ID number of the person.
    pub id_number: String,
    /// Who receives it, in words.
    pub payee: String,
    /// ID number of whoever receives it.
    pub payee_id_number: String,
    /// Bank or wallet.
    pub bank: String,
    /// Account or wallet number.
    pub account: String,
    /// Đồng.
    pub amount: Dong,
}

/// Columns of whom to pay.
const WHO: [(&str, u8); 9] = [
    ("STT", 6),
    ("Mã xã", 8),
    ("Xã, phường, thị trấn", 26),
    ("Mã dòng", 18),
    ("Họ và tên", 26),
    ("Ngày sinh", 12),
    ("Số định danh", 15),
    ("Người nhận", 26),
    ("Giấy tờ người nhận", 15),
];
const ACCOUNT: [(&str, u8); 2] = [("Ngân hàng, ví", 20), ("Số tài khoản, số ví", 20)];
const AMOUNT: (&str, u8) = ("Số tiền (đồng)", 15);
const SIGNED: [(&str, u8); 3] = [("Ngày nhận", 12), ("Ký nhận", 22), ("Lý do chưa chi", 24)];
const MOST_ROWS: u32 = 1_048_576;
const A4: u8 = 9;

struct Formats {
    title: Format,
    plain: Format,
    heading: Format,
    text: Format,
    amount: Format,
    total_text: Format,
    total: Format,
}

impl Formats {
    fn new() -> Formats {
        let font = Format::new()
            .set_font_name("Times New Roman")
            .set_font_size(11);
        let boxed = |format: &Format| format.clone().set_border(FormatBorder::Thin);
        let bold = font.clone().set_bold();
        Formats {
            title: bold.clone().set_font_size(14),
            heading: boxed(&bold)
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            text: boxed(&font).set_num_format("@"),
            amount: boxed(&font).set_num_format("#,##0"),
            total_text: boxed(&bold),
            total: boxed(&bold).set_num_format("#,##0"),
            plain: font,
        }
    }
}

/// Writes an order sheet by sheet, row by row.
pub struct PayPointWorkbook {
    workbook: Workbook,
    formats: Formats,
    paper: OrderPaper,
    columns: Vec<(&'static str, u8)>,
    /// The sheet being written: its first row, the next, its sum.
    sheet: Option<(u32, u32, Dong)>,
    lines: u64,
    amount: Dong,
}

impl PayPointWorkbook {
    /// Begins the workbook.
    ///
    /// # Errors
    /// When the time cannot be a time of Excel.
    pub fn new(paper: OrderPaper) -> Result<PayPointWorkbook, WorkbookError> {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_timestamp(paper.made_at.as_second())?;
        let properties = DocProperties::new().set_title(&paper.title);
        workbook.set_properties(&properties.set_creation_datetime(&made));
        let mut columns: Vec<(&str, u8)> = WHO.to_vec();
        if paper.accounts {
            columns.extend(ACCOUNT);
        }
        columns.push(AMOUNT);
        columns.extend(if paper.accounts {
            &SIGNED[2..]
        } else {
            &SIGNED[..]
        });
        Ok(PayPointWorkbook {
            workbook,
            formats: Formats::new(),
            paper,
            columns,
            sheet: None,
            lines: 0,
            amount: Dong::ZERO,
        })
    }

    /// Begins a sheet.
    ///
    /// # Errors
    /// When no temporary file can be written.
    pub fn sheet(&mut self, name: &str) -> Result<(), WorkbookError> {
        self.end_sheet()?;
        let (formats, paper) = (&self.formats, &self.paper);
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        set_up_page(sheet, &paper.foot)?;
        sheet.write_string_with_format(0, 0, &paper.title, &formats.title)?;
        sheet.write_string_with_format(1, 0, name, &formats.title)?;
        let mut row = 2;
        for note in &paper.notes {
            sheet.write_string_with_format(row, 0, note, &formats.plain)?;
            row += 1;
        }
        for (at, (heading, width)) in (0..).zip(&self.columns) {
            sheet.set_column_width(at, *width)?;
            sheet.write_with_format(row, at, *heading, &formats.heading)?;
        }
        sheet.set_repeat_rows(row, row)?;
        sheet.set_freeze_panes(row + 1, 5)?;
        self.sheet = Some((row + 1, row + 1, Dong::ZERO));
        Ok(())
    }

    /// Writes a line on the sheet begun last.
    ///
    /// # Errors
    /// When the sheet is full or the temporary file cannot be written.
    pub fn row(&mut self, line: &PayPointRow) -> Result<(), WorkbookError> {
        let Some((first, next, sum)) = &mut self.sheet else {
            return Ok(());
        };
        if *next + 1 >= MOST_ROWS {
            return Err(WorkbookError::TooManyRows);
        }
        let number = (*next - *first + 1).to_string();
        let birth = format::birth(line.birth);
        let mut texts: Vec<&str> = vec![
            &number,
            &line.commune_code,
            &line.commune_name,
            &line.line,
            &line.full_name,
            &birth,
            &line.id_number,
            &line.payee,
            &line.payee_id_number,
        ];
        if self.paper.accounts {
            texts.extend([line.bank.as_str(), line.account.as_str()]);
        }
        let sheets = self.workbook.worksheets().len();
        let sheet = self.workbook.worksheet_from_index(sheets - 1)?;
        let mut at = 0;
        for text in texts {
            sheet.write_string_with_format(*next, at, text, &self.formats.text)?;
            at += 1;
        }
        sheet.write_with_format(*next, at, line.amount.value(), &self.formats.amount)?;
        for empty in at + 1..self.columns.len() as u16 {
            sheet.write_blank(*next, empty, &self.formats.text)?;
        }
        *next += 1;
        *sum += line.amount;
        self.lines += 1;
        self.amount += line.amount;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), WorkbookError> {
        let Some((_, next, sum)) = self.sheet.take() else {
            return Ok(());
        };
        let sheets = self.workbook.worksheets().len();
        let sheet = self.workbook.worksheet_from_index(sheets - 1)?;
        let money = self.columns.iter().position(|column| *column == AMOUNT);
        let money = money.unwrap_or_default() as u16;
        sheet.write_with_format(next, 4, "Tổng cộng", &self.formats.total_text)?;
        sheet.write_with_format(next, money, sum.value(), &self.formats.total)?;
        Ok(())
    }

    /// Adds the total of the last sheet and writes the file to `out`.
    ///
    /// # Errors
    /// When other lines were written than the head speaks of (nothing is written then), or `out`
    /// refuses.
    pub fn finish<W: Write + Send>(mut self, out: W) -> Result<(), WorkbookError> {
        self.end_sheet()?;
        if (self.lines, self.amount) != (self.paper.lines, self.paper.amount) {
            return Err(WorkbookError::OrderDoesNotAddUp {
                told_lines: self.paper.lines,
                told_amount: self.paper.amount,
                lines: self.lines,
                amount: self.amount,
            });
        }
        self.workbook.save_to_writer(out)?;
        Ok(())
    }
}

fn set_up_page(sheet: &mut Worksheet, foot: &str) -> Result<(), XlsxError> {
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_footer(format!("&L{foot}&RTrang &P/&N"));
    Ok(())
}
