//! Whatever stands in a sheet, it is read or refused.

use jiff::civil::date;
use kernel::Cell;
use proptest::prelude::*;
use registry::event::Event;
use registry::import::Column;

use super::{read, row, with};

fn any_cell() -> impl Strategy<Value = Cell<'static>> {
    prop_oneof![
        Just(Cell::Empty),
        Just(Cell::Failed("#N/A")),
        any::<bool>().prop_map(Cell::Bool),
        any::<f64>().prop_map(Cell::Number),
        (-10_i64..10_000_000_000_000).prop_map(|number| Cell::Number(number as f64)),
        (-40_000_i32..40_000).prop_map(|number| Cell::Number(number.into())),
        (1_i16..9999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Cell::Date(date(y, m, d))),
        any::<String>().prop_map(|text| Cell::Text(text.into())),
        "[0-9/.:-]{0,14}".prop_map(|text| Cell::Text(text.into())),
        proptest::sample::select(vec![
            "21211",
            "Nam",
            "Nữ",
            "nu",
            "disability",
            "poor_single_parent",
            "Nặng",
            "Nghèo",
            "Tài khoản",
            "Bưu điện",
            "Bản thân",
            "Agribank",
            "970405",
            "2",
            "Trần Thị Ân",
            "999148000001",
            "1948",
            "20/02/2023",
            "5/2024",
            "Hô\u{300} Thi\u{323} Ân",
        ])
        .prop_map(|text| Cell::Text(text.into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever stands in the cells: a row is refused under headings of the form, or becomes
    /// events that the wire format takes back unchanged.
    #[test]
    fn any_cells_are_taken_or_refused(
        whole in proptest::bool::weighted(0.7),
        changes in proptest::collection::vec((0..Column::ALL.len(), any_cell()), 0..8),
    ) {
        let mut cells = if whole { row(1) } else { Vec::new() };
        for (column, cell) in changes {
            cells = with(cells, Column::ALL[column], cell);
        }
        let read = read(&vec![cells]);
        prop_assert_eq!(read.rows, 1);
        prop_assert_eq!(read.refused.is_empty(), !read.events.is_empty());
        for refusal in &read.refused {
            prop_assert!(Column::ALL.iter().any(|column| column.heading() == refusal.field));
            prop_assert!(refusal.row == 2 && !refusal.message.is_empty());
        }
        for submitted in &read.events {
            let line = submitted.event.to_json();
            let back = Event::parse(line.as_bytes());
            prop_assert_eq!(back.as_ref(), Ok(&submitted.event), "{}", line);
        }
    }
}
