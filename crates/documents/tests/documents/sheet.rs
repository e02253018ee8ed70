//! Files as officers send them, and files made to do harm.

use std::io::{Cursor, Write};

use documents::sheet::{self, SheetError};
use jiff::civil::date;
use kernel::Cell;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

type Rows = Vec<(u64, Vec<Cell<'static>>)>;

fn owned(cell: &Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Text(text) => Cell::Text(text.to_string().into()),
        Cell::Empty => Cell::Empty,
        Cell::Number(number) => Cell::Number(*number),
        Cell::Date(day) => Cell::Date(*day),
        Cell::Bool(yes) => Cell::Bool(*yes),
        Cell::Failed(kind) => Cell::Failed(kind),
    }
}

fn read(bytes: &[u8]) -> Result<Rows, SheetError> {
    let mut rows = Rows::new();
    sheet::read(Cursor::new(bytes), |row, cells| {
        rows.push((row, cells.iter().map(owned).collect()));
        Ok::<(), SheetError>(())
    })?;
    Ok(rows)
}

fn code(bytes: &[u8]) -> &'static str {
    match read(bytes) {
        Ok(rows) => panic!("read {} rows", rows.len()),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            error.code()
        }
    }
}

fn text(text: &str) -> Cell<'static> {
    Cell::Text(text.to_owned().into())
}

fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet
        .write_row(0, 0, ["Họ và tên", "Ngày sinh", "Số"])
        .expect("written");
    sheet.write(2, 0, "Trần Thị Ân").expect("written");
    let born = ExcelDateTime::from_ymd(1948, 2, 29).expect("a date");
    sheet.write_with_format(2, 1, &born, &day).expect("written");
    sheet.write(2, 2, 51_148_000_001_i64).expect("written");
    sheet
        .write(3, 0, Formula::new("=1+1").set_result("2"))
        .expect("written");
    sheet
        .write(3, 2, Formula::new("=NA()").set_result("#N/A"))
        .expect("written");
    workbook
        .add_worksheet()
        .write(0, 0, "trang hai")
        .expect("written");
    workbook.save_to_buffer().expect("a workbook")
}

/// A workbook whose sheet is this XML, with shared strings if given.
fn handmade(sheet: &[u8], strings: Option<&str>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        (
            "_rels/.rels",
            format!(
                r#"<Relationships><Relationship Id="rId1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns:r="{relation}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships><Relationship Id="rId1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
    ];
    let strings = strings.map(|strings| ("xl/sharedStrings.xml", strings.to_owned()));
    for (name, content) in parts.into_iter().chain(strings) {
        zip.start_file(name, options).expect("a part");
        zip.write_all(content.as_bytes()).expect("written");
    }
    zip.start_file("xl/worksheets/sheet1.xml", options)
        .expect("a part");
    zip.write_all(sheet).expect("written");
    zip.finish().expect("a zip").into_inner()
}

fn sheet_with(rows: &str) -> Vec<u8> {
    handmade(
        format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").as_bytes(),
        None,
    )
}

#[test]
fn reads_the_first_sheet_with_true_types_and_row_numbers() {
    let rows = read(&workbook()).expect("rows");
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows[0].1,
        [text("Họ và tên"), text("Ngày sinh"), text("Số")]
    );
    let born = Cell::Date(date(1948, 2, 29));
    let number = Cell::Number(51_148_000_001.0);
    assert_eq!(rows[1], (3, vec![text("Trần Thị Ân"), born, number]));
    assert_eq!(rows[2].0, 4);
    assert_eq!(rows[2].1[2], Cell::Failed("#N/A"));
    assert_eq!(
        rows[2].1[0].shown().as_deref(),
        Some("2"),
        "a formula's kept value"
    );
}

#[test]
fn reads_csv_of_every_habit() {
    let expected = vec![
        (1, vec![text("Họ và tên"), text("Mã xã")]),
        (3, vec![text("Đỗ Văn Đào"), text("00004")]),
    ];
    for file in [
        "Họ và tên,Mã xã\n\nĐỗ Văn Đào,00004\n",
        "\u{feff}Họ và tên;Mã xã\r\n\r\nĐỗ Văn Đào;00004",
        "Họ và tên\tMã xã\n\t\n\"Đỗ Văn Đào\"\t00004\n",
    ] {
        assert_eq!(read(file.as_bytes()).expect("rows"), expected, "{file:?}");
    }
}

#[test]
fn refuses_what_is_not_a_sheet() {
    let mut old_excel = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    old_excel.resize(4096, 0);
    assert_eq!(code(b""), "file_empty");
    assert_eq!(code(&old_excel), "password_or_old_excel");
    assert_eq!(code(&[0; 100_000]), "not_a_sheet");
    assert_eq!(code(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "not_a_sheet");
    assert_eq!(code(b"PK\x03\x04 and nothing more"), "file_damaged");
}

#[test]
fn refuses_text_that_is_not_utf8_with_its_row() {
    let error = read(b"ten,xa\nAn,\xe9\n").expect_err("Latin-1");
    assert_eq!((error.code(), error.row()), ("not_utf8", Some(2)));
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let whole = workbook();
    for length in (4..whole.len()).step_by(97) {
        let refused = code(&whole[..length]);
        assert!(
            ["file_damaged", "not_a_sheet", "not_utf8"].contains(&refused),
            "{refused}"
        );
    }
}

#[test]
fn refuses_merged_cells_below_the_heading_with_their_row() {
    let merged = |first: u32, last: u32| {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        let format = Format::new();
        sheet
            .merge_range(first, 0, last, 1, "Ân", &format)
            .expect("merged");
        sheet.write(5, 0, "Ân").expect("written");
        workbook.save_to_buffer().expect("a workbook")
    };
    let error = read(&merged(2, 3)).expect_err("merged cells");
    assert_eq!((error.code(), error.row()), ("merged_cells", Some(3)));
    assert!(error.to_string().contains("A3:B4"));
    assert!(
        read(&merged(0, 0)).is_ok(),
        "in the heading they do no harm"
    );
}

#[test]
fn refuses_a_gigabyte_of_zeros_in_a_small_zip() {
    let bytes = include_bytes!("../corpus/gigabyte-of-zeros.xlsx");
    assert_eq!(code(bytes), "cell_too_long");
}

#[test]
fn refuses_texts_beyond_memory() {
    let bytes = include_bytes!("../corpus/strings-beyond-memory.xlsx");
    assert_eq!(code(bytes), "unpacks_too_large");
}

#[test]
fn refuses_a_part_that_unpacks_to_more_than_it_says() {
    let said = 17 << 20;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("xl/styles.xml", options).expect("a part");
    zip.write_all(&vec![b' '; said]).expect("written");
    let mut bytes = zip.finish().expect("a zip").into_inner();
    let said = (said as u32).to_le_bytes();
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == said {
            bytes[at..at + 4].copy_from_slice(&1_000_u32.to_le_bytes());
        }
    }
    assert_eq!(code(&bytes), "file_damaged");
}

#[test]
fn refuses_counts_and_names_that_lie() {
    let sheet = b"<worksheet><sheetData/></worksheet>";
    let strings = r#"<sst uniqueCount="99999999999999"><si><t>a</t></si></sst>"#;
    assert_eq!(code(&handmade(sheet, Some(strings))), "file_damaged");
    for rows in [
        r#"<row r="1"><c r="AAAAAAAAAAAAA1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r = 'A99999999999999'><v>1</v></c></row>"#,
        r#"<row r="99999999999999999999"><c r="A1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="A1" t="s"><v>7</v></c></row>"#,
        r#"<row r="1"><c r="A1" t="q"><v>7</v></c></row>"#,
        r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>1</v></row>"#,
        r#"<row r="1"><c r="A1"#,
        r#"<!DOCTYPE a [<!ENTITY b "c">]>"#,
    ] {
        assert_eq!(code(&sheet_with(rows)), "file_damaged", "{rows}");
    }
    let reversed = br#"<worksheet><dimension ref="C9:A1"/><sheetData/></worksheet>"#;
    assert_eq!(code(&handmade(reversed, None)), "file_damaged");
}

#[test]
fn refuses_ten_million_columns() {
    let csv = ",".repeat(10_000_000);
    assert_eq!(code(csv.as_bytes()), "cell_too_long");
    let csv = "a,".repeat(201);
    assert_eq!(code(csv.as_bytes()), "too_many_columns");
    let far = sheet_with(r#"<row r="7"><c r="XFD7"><v>1</v></c></row>"#);
    let error = read(&far).expect_err("a cell far right");
    assert_eq!((error.code(), error.row()), ("too_many_columns", Some(7)));
}

#[test]
fn a_missing_closing_quote_does_not_swallow_the_file() {
    let csv = format!("a,b\n\"x,{}", "1,2\n".repeat(1 << 20));
    let error = read(csv.as_bytes()).expect_err("an endless cell");
    assert_eq!((error.code(), error.row()), ("cell_too_long", Some(2)));
}

#[test]
fn empty_workbooks_and_sheets_hold_no_rows() {
    assert_eq!(read(&sheet_with("")).expect("no rows"), []);
    let blank = r#"<row r="1"><c r="A1" t="inlineStr"><is><t> </t></is></c></row>"#;
    assert_eq!(read(&sheet_with(blank)).expect("no rows"), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend(&bytes);
        prop_assert!(read(&zip).is_err());
    }

    #[test]
    fn no_change_of_a_good_file_makes_it_panic(at in 0_usize..7_000, byte in any::<u8>()) {
        let mut bytes = workbook();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read(&bytes);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_xml_makes_it_panic(xml in r#"(<(/)?(x:)?(c|v|f|is|t|row|sheetData|mergeCell)( (r|s|t|ref|spans)="[A-Z]{0,8}[0-9:]{0,12}")*(/)?>|[0-9a-z&;<>"']{0,4}){0,40}"#) {
        let _ = read(&sheet_with(&xml));
        let strings = format!("<sst>{xml}</sst>");
        let _ = read(&handmade(b"<worksheet><sheetData/></worksheet>", Some(&strings)));
    }

    #[test]
    fn text_of_any_kind_comes_through(names in proptest::collection::vec("[\\PC&&[^\u{feff}]]{1,20}", 1..5)) {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (row, name) in names.iter().enumerate() {
            sheet.write_string(row as u32, 0, name).expect("written");
        }
        let rows = read(&workbook.save_to_buffer().expect("a workbook")).expect("rows");
        let shown: Vec<String> = rows.iter().filter_map(|row| row.1[0].shown()).map(|text| text.into_owned()).collect();
        let kept: Vec<String> = names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        prop_assert_eq!(shown, kept);
    }
}
