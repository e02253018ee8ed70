//! Sheets recorded: the same file twice, people already known, carers.

use jiff::civil::date;
use kernel::{Actor, Cell};
use law::Law;
use registry::import::{Column, Setting, Sheet, record};
use testkit::TestDb;

use super::{IntoCell, faults, import, read, row, with};

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let db = TestDb::practice().await;
    let rows = vec![row(1), row(2)];
    let first = import(db.pool(), read(&rows)).await;
    assert_eq!(
        (first.rows, first.new_people, first.events, first.already),
        (2, 2, 6, 0)
    );
    assert_eq!(first.refused, []);
    let second = import(db.pool(), read(&rows)).await;
    assert_eq!(
        (second.new_people, second.events, second.already),
        (0, 0, 6)
    );
    assert_eq!(second.refused, []);
}

#[tokio::test]
async fn trying_records_nothing() {
    let db = TestDb::practice().await;
    let clock = testkit::clock("2024-05-20T08:00:00+07:00");
    let actor = Actor::with_every_role("can.bo");
    let tried = record(db.pool(), &actor, &clock, read(&vec![row(1)]), true).await;
    assert_eq!(tried.expect("tried").new_people, 1);
    let real = import(db.pool(), read(&vec![row(1)])).await;
    assert_eq!((real.new_people, real.already), (1, 0));
}

#[tokio::test]
async fn somebody_known_is_not_registered_twice() {
    let db = TestDb::practice().await;
    import(db.pool(), read(&vec![row(1), row(2)])).await;
    let law = Law::embedded();
    let setting = Setting {
        law: &law,
        today: date(2024, 5, 20),
        area: None,
        practice: true,
    };
    let mut other_file = Sheet::new(&setting, "khác.xlsx", [9; 32]);
    let headings: Vec<Cell<'_>> = Column::ALL
        .map(|column| column.heading().into_cell())
        .into();
    other_file.take(1, &headings).expect("the heading");
    let same = with(row(1), Column::FullName, "TRẦN THỊ SỐ 1".into_cell());
    let same = with(same, Column::BirthDate, "1948".into_cell());
    let different = with(row(2), Column::FullName, "Lê Thị Khác".into_cell());
    for (number, row) in (2..).zip([same, different]) {
        let mut cells = vec![Cell::Empty; Column::ALL.len()];
        for (column, cell) in row {
            cells[column as usize] = cell;
        }
        other_file.take(number, &cells).expect("a row");
    }
    let imported = import(db.pool(), other_file.finish().expect("read")).await;
    let refused: Vec<_> = imported
        .refused
        .iter()
        .map(|it| (it.row, it.code))
        .collect();
    assert_eq!(refused, [(2, "already_registered")]);
    let warned: Vec<_> = imported
        .warnings
        .iter()
        .map(|it| (it.row, it.code))
        .collect();
    assert_eq!(warned, [(3, "held_by_another")]);
    assert_eq!(imported.new_people, 1);
}

#[test]
fn a_person_twice_in_a_file_is_taken_once() {
    let other = with(row(1), Column::FullName, "Lê Thị Khác".into_cell());
    let read = read(&vec![row(1), row(1), other]);
    assert_eq!(faults(&read), [(3, "Số định danh", "repeated_in_file")]);
    assert!(read.refused[0].message.contains("dòng 2"));
    assert_eq!(
        (read.warnings[0].row, read.warnings[0].code),
        (4, "held_by_another")
    );
}

#[tokio::test]
async fn a_carer_is_joined_to_the_person_cared_for_by_number() {
    let db = TestDb::practice().await;
    let carer = |number, cared: &str| {
        let carer = with(row(number), Column::Benefit, "household_carer".into_cell());
        with(carer, Column::CaredIdNumber, cared.into_cell())
    };
    let rows = vec![carer(2, "999148000001"), row(1), carer(3, "999148999999")];
    let imported = import(db.pool(), read(&rows)).await;
    let refused: Vec<_> = imported
        .refused
        .iter()
        .map(|it| (it.row, &*it.field, it.code))
        .collect();
    assert_eq!(
        refused,
        [(
            4,
            "Số định danh người được chăm sóc",
            "unknown_cared_person"
        )]
    );
    let carers: Option<i64> =
        sqlx::query_scalar("select count(*) from fact where cared_person_id is not null")
            .fetch_one(db.pool())
            .await
            .expect("a count");
    assert_eq!(carers, Some(1));
}
