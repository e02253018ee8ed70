//! Sheets into the registry.

mod anything;
mod headings;
mod recording;
mod rows;

use jiff::civil::date;
use kernel::{Actor, AreaCode, Cell};
use law::Law;
use registry::import::{Column, Imported, Read, Setting, Sheet, record};
use sqlx::PgPool;

type Rows<'a> = Vec<Vec<(Column, Cell<'a>)>>;

/// A whole row about an invented person, to be changed where a test says so.
fn row(number: usize) -> Vec<(Column, Cell<'static>)> {
    vec![
        (Column::Commune, "21211".into_cell()),
        (
            Column::FullName,
            format!("Trần Thị Số {number}").into_cell(),
        ),
        (Column::BirthDate, "01/02/1948".into_cell()),
        (Column::Sex, "Nữ".into_cell()),
        (Column::IdNumber, format!("999148{number:06}").into_cell()),
        (Column::Benefit, "disability".into_cell()),
        (Column::DisabilityGrade, "Nặng".into_cell()),
        (Column::DisabilityDate, "15/01/2023".into_cell()),
        (Column::DecisionNumber, "12/QĐ".into_cell()),
        (Column::DecisionDate, Cell::Date(date(2023, 2, 20))),
    ]
}

trait IntoCell {
    fn into_cell(self) -> Cell<'static>;
}

impl IntoCell for &str {
    fn into_cell(self) -> Cell<'static> {
        Cell::Text(self.to_owned().into())
    }
}

impl IntoCell for String {
    fn into_cell(self) -> Cell<'static> {
        Cell::Text(self.into())
    }
}

fn with(
    mut row: Vec<(Column, Cell<'static>)>,
    column: Column,
    cell: Cell<'static>,
) -> Vec<(Column, Cell<'static>)> {
    row.retain(|(other, _)| *other != column);
    row.push((column, cell));
    row
}

fn read_in(rows: &Rows<'_>, file: &str, area: Option<&str>) -> Read {
    let law = Law::embedded();
    let setting = Setting {
        law: &law,
        today: date(2024, 5, 20),
        area: area.map(AreaCode::from),
        practice: true,
    };
    let mut sheet = Sheet::new(&setting, file, [7; 32]);
    let headings: Vec<Cell<'_>> = Column::ALL
        .map(|column| column.heading().into_cell())
        .into();
    sheet.take(1, &headings).expect("the heading");
    for (number, row) in (2..).zip(rows) {
        let mut cells = vec![Cell::Empty; Column::ALL.len()];
        for (column, cell) in row {
            cells[*column as usize] = cell.clone();
        }
        sheet.take(number, &cells).expect("a row");
    }
    sheet.finish().expect("read")
}

fn read(rows: &Rows<'_>) -> Read {
    read_in(rows, "danh sách.xlsx", None)
}

fn faults(read: &Read) -> Vec<(u64, &str, &str)> {
    let refused = read.refused.iter();
    refused.map(|it| (it.row, &*it.field, it.code)).collect()
}

fn kinds(read: &Read) -> Vec<&'static str> {
    let events = read.events.iter();
    events
        .map(|submitted| submitted.event.kind.code())
        .collect()
}

async fn import(pool: &PgPool, read: Read) -> Imported {
    let clock = testkit::clock("2024-05-20T08:00:00+07:00");
    let actor = Actor::with_every_role("can.bo");
    record(pool, &actor, &clock, read, false)
        .await
        .expect("recorded")
}
