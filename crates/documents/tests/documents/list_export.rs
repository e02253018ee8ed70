//! A month's list as Excel and CSV, read back cell by cell.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use documents::list_csv::{CsvError, ListCsv};
use documents::list_workbook::{ListWorkbook, WorkbookError};
use documents::payment_list::{ListPaper, Row, Signed};
use jiff::Timestamp;
use kernel::{Coefficient, Dong, Month, MonthSpan, PartialDate, PersonId};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

fn header(rows: &[Row]) -> ListPaper {
    let mut people: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
    people.dedup();
    ListPaper {
        agency: ListPaper::agency_of("Huyện Ba Tơ"),
        place: "Ba Tơ".to_owned(),
        area_code: "534".to_owned(),
        area_name: "Huyện Ba Tơ, Tỉnh Quảng Ngãi".to_owned(),
        month: month("2024-05"),
        made: Signed {
            by: "Nguyễn Thị An".to_owned(),
            at: at("2024-05-02T02:15:00Z"),
        },
        approved: None,
        fingerprint: "0123456789abcdef".repeat(4),
        people: people.len() as u64,
        payable: rows.iter().map(|row| row.total).sum(),
        recoverable: rows.iter().map(|row| row.recovery).sum(),
        printed_at: at("2024-05-03T01:00:00Z"),
    }
}

fn row(commune: (&str, &str), seq: u32, person: i64, full_name: &str) -> Row {
    Row {
        commune_code: commune.0.to_owned(),
        commune_name: commune.1.to_owned(),
        seq,
        person: PersonId(person),
        person_key: format!("00{person}"),
        full_name: full_name.to_owned(),
        birth: "1948-02-01".parse().expect("a date"),
        id_number: "••••••••1234".to_owned(),
        benefit_no: 9,
        benefit_code: "disability".to_owned(),
        benefit: "Người khuyết tật nặng, đặc biệt nặng".to_owned(),
        coefficient: Some(Coefficient::from_tenths(15)),
        standard: Dong(360_000),
        regular: Dong(540_000),
        arrears: Dong::ZERO,
        arrears_span: None,
        one_off: Dong::ZERO,
        carried_over: Dong::ZERO,
        recovery: Dong::ZERO,
        total: Dong(540_000),
        payee: "Chính chủ".to_owned(),
        channel: "Tài khoản".to_owned(),
        account: "0071000123456".to_owned(),
        note: String::new(),
    }
}

fn rows() -> Vec<Row> {
    let ba_vi = ("21490", "Xã Ba Vì, Huyện Ba Tơ");
    let mut late = row(ba_vi, 2, 12, "Phạm Văn Đước");
    late.birth = PartialDate::Year(1940);
    late.arrears = Dong(1_080_000);
    late.arrears_span = Some(MonthSpan {
        from: month("2024-03"),
        to: month("2024-04"),
    });
    late.total = Dong(1_620_000);
    let mut second_benefit = row(ba_vi, 2, 12, "Phạm Văn Đước");
    second_benefit.benefit_no = 4;
    second_benefit.benefit_code = "poor_single_parent".to_owned();
    second_benefit.benefit = "Người đơn thân nghèo đang nuôi con".to_owned();
    second_benefit.recovery = Dong(-360_000);
    let mut formula = row(
        ("21493", "Xã Ba Tô, Huyện Ba Tơ"),
        1,
        13,
        "=HYPERLINK(\"http://x\")",
    );
    formula.note = "+84 không phải công thức".to_owned();
    vec![
        row(ba_vi, 1, 11, "Trần Thị Ân"),
        late,
        second_benefit,
        formula,
    ]
}

fn workbook(rows: &[Row]) -> Xlsx<Cursor<Vec<u8>>> {
    let mut workbook = ListWorkbook::new(header(rows)).expect("a temporary file");
    for row in rows {
        workbook.row(row).expect("a row");
    }
    let mut bytes = Vec::new();
    workbook.finish(&mut bytes).expect("a whole list");
    Xlsx::new(Cursor::new(bytes)).expect("a workbook")
}

/// One line a row: text in quotes, numbers bare, so that a snapshot shows the types.
fn cells(workbook: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> String {
    let range = workbook.worksheet_range(sheet).expect("the sheet");
    let lines: Vec<String> = range
        .rows()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Data::Empty => String::new(),
                    Data::String(text) => format!("{text:?}"),
                    other => other.to_string(),
                })
                .collect();
            cells.join("|").trim_end_matches('|').to_owned()
        })
        .collect();
    lines.join("\n")
}

#[test]
fn the_list_sheet_keeps_text_as_text_and_amounts_as_numbers() {
    insta::assert_snapshot!(cells(&mut workbook(&rows()), "Danh sách"));
}

#[test]
fn the_totals_sheet_adds_up_by_commune_and_benefit() {
    insta::assert_snapshot!(cells(&mut workbook(&rows()), "Tổng hợp"));
}

#[test]
fn the_same_list_makes_the_same_bytes() {
    let bytes = || {
        let mut workbook = ListWorkbook::new(header(&rows())).expect("a temporary file");
        rows()
            .iter()
            .for_each(|row| workbook.row(row).expect("a row"));
        let mut bytes = Vec::new();
        workbook.finish(&mut bytes).expect("a whole list");
        bytes
    };
    assert!(bytes() == bytes());
}

#[test]
fn csv_has_plain_numbers_and_no_formulas() {
    let mut out = Vec::new();
    let mut csv = ListCsv::new(header(&rows()), &mut out, true).expect("memory");
    rows().iter().for_each(|row| csv.row(row).expect("memory"));
    csv.finish().expect("a whole list");
    let text = String::from_utf8(out).expect("UTF-8");
    assert!(text.starts_with('\u{feff}'));
    insta::assert_snapshot!(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"));
}

#[test]
fn a_list_broken_off_is_refused() {
    let header = header(&rows());
    let mut csv = ListCsv::new(header.clone(), Vec::new(), false).expect("memory");
    csv.row(&rows()[0]).expect("memory");
    assert!(matches!(csv.finish(), Err(CsvError::DoesNotAddUp(_))));

    let mut workbook = ListWorkbook::new(header).expect("a temporary file");
    workbook.row(&rows()[0]).expect("a row");
    let mut bytes = Vec::new();
    let refused = workbook.finish(&mut bytes);
    assert!(matches!(refused, Err(WorkbookError::DoesNotAddUp(_))));
    assert!(bytes.is_empty());
}

#[test]
fn an_empty_list_is_a_list() {
    let mut read = workbook(&[]);
    assert!(cells(&mut read, "Danh sách").contains("Tổng cộng"));
}
