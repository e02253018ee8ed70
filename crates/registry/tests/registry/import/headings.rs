//! Columns found by their headings, and the blank form.

use jiff::civil::date;
use kernel::Cell;
use law::Law;
use registry::import::{Column, FormError, Setting, Sheet, form};

use super::{IntoCell, faults, kinds, read, row, with};

#[test]
fn headings_are_found_in_any_order_and_missing_ones_named_at_once() {
    let law = Law::embedded();
    let setting = Setting {
        law: &law,
        today: date(2024, 5, 20),
        area: None,
        practice: true,
    };
    let sheet = || Sheet::new(&setting, "a.csv", [0; 32]);
    let cells = |texts: &[&str]| -> Vec<Cell<'static>> {
        texts.iter().map(|text| text.into_cell()).collect()
    };
    let missing = sheet().take(1, &cells(&["Họ và tên", "MÃ XÃ ", "Ngày sinh"]));
    let expected = vec![
        "Giới tính",
        "Số định danh",
        "Chính sách",
        "Số quyết định",
        "Ngày quyết định",
    ];
    assert_eq!(missing, Err(FormError::MissingHeadings(expected)));
    let repeated = sheet().take(1, &cells(&["Mã xã", "mã xã"]));
    assert_eq!(repeated, Err(FormError::RepeatedHeading("Mã xã")));
    assert_eq!(sheet().finish().err(), Some(FormError::NoHeading));
    // Decomposed letters, other order, a column of the officer's own.
    let mut shuffled = sheet();
    let headings = [
        "STT",
        "Nga\u{300}y sinh",
        "Họ  và tên",
        "Mã xã",
        "Giới tính",
        "Số định danh",
        "Chính sách",
        "Số quyết định",
        "Ngày quyết định",
    ];
    shuffled.take(1, &cells(&headings)).expect("the heading");
    shuffled
        .take(2, &cells(&["1", "1948", "Trần Thị Ân", "21211"]))
        .expect("a row");
    let read = shuffled.finish().expect("read");
    assert_eq!(read.unknown_headings, ["STT"]);
    assert_eq!(kinds(&read), ["person_registered"]);
}

#[test]
fn the_blank_form_is_what_the_import_reads() {
    let law = Law::embedded();
    let form = form(&law);
    let headings: Vec<&str> = form.columns.iter().map(|column| column.heading).collect();
    assert_eq!(headings, Column::ALL.map(Column::heading));
    for example in &form.examples {
        let cells = Column::ALL.into_iter().zip(example);
        let cells = cells.map(|(column, text)| (column, text.clone().into_cell()));
        let read = read(&vec![cells.collect()]);
        assert_eq!((faults(&read), read.warnings.len()), (vec![], 0));
    }
    for (column, it) in Column::ALL.into_iter().zip(&form.columns) {
        for choice in &it.choices {
            let read = read(&vec![with(row(1), column, choice.clone().into_cell())]);
            let own = faults(&read)
                .into_iter()
                .filter(|(_, heading, _)| *heading == it.heading);
            assert_eq!(own.count(), 0, "{choice}");
        }
    }
}
