//! A list as a sheet to fill in, and on paper.

use std::io::{Cursor, Write};

use documents::board_workbook::{Board, Value, write};
use documents::form_paper::{FormPaper, FormRow};
use documents::format::{birth, moment};
use kernel::Sex;

use super::{PoliceList, Row};
use crate::quality::WorkRefused;

/// Headings with widths: those before [`ASKED`] are ours, the rest is filled in.
pub(super) const COLUMNS: [(&str, u8); 11] = [
    ("STT", 6),
    ("Họ và tên", 28),
    ("Ngày sinh", 12),
    ("Giới tính", 8),
    ("Số định danh", 16),
    ("Cần xem", 22),
    ("Kết quả (đúng, khác, không có, đã mất)", 16),
    ("Họ và tên đúng", 28),
    ("Ngày sinh đúng", 12),
    ("Giới tính đúng", 8),
    ("Số định danh đúng", 16),
];

/// How many of the columns are ours.
const ASKED: usize = 6;

fn ours(row: &Row) -> [String; ASKED] {
    let it = &row.record;
    let fields: Vec<String> = row
        .fields
        .iter()
        .map(|field| field.vietnamese().to_lowercase())
        .collect();
    [
        row.row_no.to_string(),
        it.full_name.clone(),
        birth(it.birth),
        it.sex.map_or("", Sex::vietnamese).to_owned(),
        it.id_number.clone().unwrap_or_default(),
        fields.join(", "),
    ]
}

fn notes(list: &PoliceList) -> Vec<String> {
    vec![
        format!("Danh sách số {}", list.list_no),
        list.commune.clone(),
        format!("Lập lúc {}, {}", moment(list.made_at), list.made_by),
        "Cột Kết quả: đúng, khác (ghi giá trị đúng ở các cột sau), không có, đã mất".to_owned(),
    ]
}

const TITLE: &str = "Danh sách đề nghị công an xã rà soát thông tin";

/// The sheet the police fill in and send back (Excel).
///
/// # Errors
/// When `out` refuses.
pub fn workbook<W: Write + Send>(list: &PoliceList, out: W) -> Result<(), WorkRefused> {
    let row = |row: &Row| {
        let mut cells: Vec<Value> = ours(row).into_iter().map(Value::Text).collect();
        cells.resize(COLUMNS.len(), Value::Text(String::new()));
        cells
    };
    let board = Board {
        title: TITLE.to_owned(),
        notes: notes(list),
        columns: COLUMNS.to_vec(),
        rows: list.rows.iter().map(row).collect(),
        total: Vec::new(),
    };
    let mut body = Cursor::new(Vec::new());
    let written = write(&board, &mut body);
    written.map_err(|error| WorkRefused::Inconsistent(error.to_string()))?;
    let mut out = out;
    let sent = out.write_all(body.get_ref());
    sent.map_err(|error| WorkRefused::Inconsistent(error.to_string()))
}

/// Headings and widths on paper, where one column takes every right value.
const ON_PAPER: [(&str, u8); 8] = [
    ("STT", 4),
    ("Họ và tên", 25),
    ("Ngày sinh", 11),
    ("Giới tính", 8),
    ("Số định danh", 15),
    ("Cần xem", 22),
    ("Kết quả", 12),
    ("Giá trị đúng, nếu khác", 34),
];

/// The list on paper, to be signed and filled in by hand.
pub fn paper(list: &PoliceList) -> FormPaper {
    let row = |row: &Row| {
        let mut cells: Vec<String> = ours(row).into();
        cells.resize(ON_PAPER.len(), String::new());
        FormRow {
            strong: false,
            cells,
        }
    };
    let (commune, around) = match list.commune.split_once(", ") {
        Some((commune, around)) => (commune, around.to_owned()),
        None => (list.commune.as_str(), String::new()),
    };
    FormPaper {
        agency: vec!["ỦY BAN NHÂN DÂN".to_owned(), commune.to_uppercase()],
        number: format!("Danh sách số {}", list.list_no),
        source: around,
        title: TITLE.to_owned(),
        period: format!("{} người", list.rows.len()),
        place_and_date: format!("Lập lúc {}", moment(list.made_at)),
        headings: ON_PAPER.map(|(heading, _)| heading.to_owned()).into(),
        widths: ON_PAPER.map(|(_, width)| width).into(),
        rows: list.rows.iter().map(row).collect(),
        notes: vec![
            "Cột Kết quả ghi một trong bốn: đúng, khác (ghi giá trị đúng ở cột sau), không có, đã mất."
                .to_owned(),
        ],
        to_fill_in: true,
        words: vec![5],
        signers: vec!["CÔNG AN CẤP XÃ".to_owned(), "THỦ TRƯỞNG ĐƠN VỊ".to_owned()],
    }
}
