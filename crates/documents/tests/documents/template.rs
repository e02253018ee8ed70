//! The blank form as an officer opens it.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use documents::sheet::{self, SheetError};
use documents::template;
use kernel::form::{Form, FormColumn};

fn form() -> Form {
    let column = |heading, choices: &[&str]| FormColumn {
        heading,
        required: choices.is_empty(),
        help: "Cách ghi.",
        width: 12,
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
    };
    Form {
        title: "Danh sách",
        columns: vec![column("Mã xã", &[]), column("Giới tính", &["Nam", "Nữ"])],
        notes: vec!["Mỗi người một dòng."],
        examples: vec![vec!["21211".to_owned(), "Nữ".to_owned()]],
    }
}

#[test]
fn the_first_sheet_holds_nothing_but_the_heading() {
    let workbook = template::workbook(&form()).expect("a workbook");
    let mut rows = Vec::new();
    sheet::read(Cursor::new(workbook), |row, cells| {
        let shown = cells.iter().filter_map(|cell| cell.shown());
        rows.push((row, shown.map(|text| text.into_owned()).collect::<Vec<_>>()));
        Ok::<(), SheetError>(())
    })
    .expect("read");
    assert_eq!(
        rows,
        [(1, vec!["Mã xã".to_owned(), "Giới tính".to_owned()])]
    );
}

#[test]
fn the_guide_shows_the_example_and_the_lists_what_may_be_chosen() {
    let workbook = template::workbook(&form()).expect("a workbook");
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(workbook)).expect("opened");
    assert_eq!(
        workbook.sheet_names(),
        ["Danh sách", "Hướng dẫn", "Danh mục"]
    );
    let mut holds = |sheet: &str, text: &str| {
        let range = workbook.worksheet_range(sheet).expect("a sheet");
        range.used_cells().any(|(_, _, cell)| cell == text)
    };
    assert!(holds("Hướng dẫn", "21211"));
    assert!(holds("Danh mục", "Nữ"));
}
