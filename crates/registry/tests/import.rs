//! Sheets into the registry.

use jiff::civil::date;
use kernel::{Actor, AreaCode, Cell};
use law::Law;
use proptest::prelude::*;
use registry::event::{Event, EventKind};
use registry::import::{Column, FormError, Imported, Read, Setting, Sheet, form, record};
use sqlx::PgPool;
use testkit::TestDb;

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

#[test]
fn a_row_becomes_events_that_the_wire_format_takes() {
    let mut whole = row(1);
    whole.extend([
        (Column::Ethnicity, "H'Mông".into_cell()),
        (Column::Poverty, "Cận nghèo".into_cell()),
        (Column::Channel, "Tài khoản".into_cell()),
        (Column::Holder, "Người giám hộ".into_cell()),
        (Column::HolderName, "Đỗ Văn Đào".into_cell()),
        (Column::Provider, "agribank".into_cell()),
        (Column::AccountNumber, "0012345678".into_cell()),
        (Column::From, "03/2023".into_cell()),
    ]);
    let read = read(&vec![whole]);
    assert_eq!(faults(&read), []);
    assert_eq!(
        kinds(&read),
        [
            "person_registered",
            "fact_started",
            "fact_started",
            "enrolled",
            "payee_set"
        ]
    );
    for submitted in &read.events {
        let line = submitted.event.to_json();
        assert_eq!(
            Event::parse(line.as_bytes()).as_ref(),
            Ok(&submitted.event),
            "{line}"
        );
    }
    let json: Vec<String> = read.events.iter().map(|it| it.event.to_json()).collect();
    assert!(json[0].contains(r#""ethnicity":"08""#));
    assert!(json[0].contains(r#""source":"excel:danh sách.xlsx""#));
    assert!(json[0].contains(r#""person":"xlsx-070707070707-2""#));
    assert!(json[3].contains(r#""from":"2023-03""#));
    assert!(json[4].contains(r#""provider":"970405""#));
}

#[test]
fn without_a_first_month_the_rule_of_the_law_decides() {
    let read = read(&vec![row(1)]);
    let from = read.events.iter().find_map(|it| match &it.event.kind {
        EventKind::Enrolled { from, .. } => Some(*from),
        _ => None,
    });
    assert_eq!(from, Some(None));
}

#[test]
fn children_become_as_many_facts_without_birth_date() {
    let parent = with(
        row(1),
        Column::Benefit,
        "Người đơn thân nghèo đang nuôi con".into_cell(),
    );
    let parent = with(parent, Column::Children, Cell::Number(3.0));
    let read = read(&vec![parent]);
    let facts: Vec<String> = read.events.iter().map(|it| it.event.to_json()).collect();
    let children = facts
        .iter()
        .filter(|json| json.contains(r#""kind":"child""#));
    assert_eq!(children.count(), 3);
    assert!(facts.iter().any(|json| json.contains(r#""kind":"single""#)));
}

#[test]
fn every_fault_of_a_row_is_told_with_its_heading_and_code() {
    let cases: Vec<(Column, Cell<'static>, &str)> = vec![
        (Column::Commune, Cell::Number(4.0), "unknown_commune"),
        (Column::Commune, "99999".into_cell(), "unknown_commune"),
        (Column::Commune, "51".into_cell(), "unknown_commune"),
        (Column::FullName, Cell::Empty, "missing"),
        (Column::FullName, "123".into_cell(), "not_a_name"),
        (Column::FullName, "Ân\u{7}".into_cell(), "control_character"),
        (Column::FullName, "Ân ".repeat(200).into_cell(), "too_long"),
        (Column::BirthDate, "30/02/1948".into_cell(), "not_a_date"),
        (Column::BirthDate, "1/2/48".into_cell(), "not_a_date"),
        (Column::BirthDate, "2025".into_cell(), "in_future"),
        (Column::BirthDate, Cell::Number(17_572.0), "not_a_date"),
        (Column::Sex, "x".into_cell(), "not_a_sex"),
        (
            Column::Ethnicity,
            "Sao Hỏa".into_cell(),
            "unknown_ethnicity",
        ),
        (Column::IdNumber, Cell::Failed("#REF!"), "failed_formula"),
        (
            Column::Benefit,
            "trợ cấp gì đó".into_cell(),
            "unknown_benefit",
        ),
        (Column::Benefit, "funeral".into_cell(), "not_monthly"),
        (
            Column::DisabilityGrade,
            "rất nặng".into_cell(),
            "not_a_grade",
        ),
        (Column::DisabilityDate, "hôm qua".into_cell(), "not_a_date"),
        (Column::Poverty, "có".into_cell(), "not_a_poverty_status"),
        (Column::Children, "hai".into_cell(), "not_a_count"),
        (Column::Children, Cell::Number(1.5), "not_a_count"),
        (Column::DecisionNumber, Cell::Empty, "missing"),
        (Column::DecisionDate, "2023".into_cell(), "not_a_date"),
        (Column::DecisionDate, "21/05/2024".into_cell(), "in_future"),
        (Column::From, "2024".into_cell(), "not_a_month"),
        (Column::Channel, "bồ câu".into_cell(), "unknown_channel"),
        (Column::Holder, "hàng xóm".into_cell(), "unknown_holder"),
        (Column::AccountNumber, Cell::Number(1.5), "not_a_code"),
    ];
    for (column, cell, code) in cases {
        let read = read(&vec![with(row(1), column, cell)]);
        assert_eq!(faults(&read), [(2, column.heading(), code)]);
        assert!(read.events.is_empty(), "nothing of a refused row is taken");
    }
}

#[test]
fn all_faults_of_a_row_come_at_once() {
    let bad = with(row(1), Column::Sex, "x".into_cell());
    let bad = with(bad, Column::BirthDate, "x".into_cell());
    let bad = with(bad, Column::Commune, "x".into_cell());
    let read = read(&vec![row(2), bad]);
    assert_eq!(read.rows, 2);
    let mut headings: Vec<&str> = faults(&read)
        .into_iter()
        .map(|(_, heading, _)| heading)
        .collect();
    headings.sort_unstable();
    assert_eq!(headings, ["Giới tính", "Mã xã", "Ngày sinh"]);
    assert!(faults(&read).iter().all(|(row, ..)| *row == 3));
}

#[test]
fn a_lost_zero_is_suggested_and_never_added() {
    let read_one = read(&vec![with(row(1), Column::Commune, Cell::Number(4.0))]);
    assert!(
        read_one.refused[0]
            .message
            .contains("00004 (Phường Trúc Bạch)")
    );
    let lost = with(row(1), Column::IdNumber, Cell::Number(51_148_000_001.0));
    let read = read(&vec![lost]);
    assert_eq!(faults(&read), []);
    assert_eq!(read.warnings[0].code, "malformed");
    assert!(read.warnings[0].message.contains("mất số 0 ở đầu?"));
    assert!(
        read.events[0]
            .event
            .to_json()
            .contains(r#""id_number":"51148000001""#)
    );
}

#[test]
fn money_to_an_account_needs_bank_and_number_and_another_receiver_a_name() {
    let account = with(row(1), Column::Channel, "Tài khoản".into_cell());
    let missing = |column: Column| (2, column.heading(), "missing");
    let read_one = read(&vec![account.clone()]);
    assert_eq!(
        faults(&read_one),
        [missing(Column::Provider), missing(Column::AccountNumber)]
    );
    let account = with(account, Column::AccountNumber, "001".into_cell());
    let account = with(account, Column::Provider, "Ngân hàng Sao Hỏa".into_cell());
    assert_eq!(
        faults(&read(&vec![account])),
        [(2, "Ngân hàng", "unknown_bank")]
    );
    let guardian = with(row(1), Column::Channel, "Tại nhà".into_cell());
    let guardian = with(guardian, Column::Holder, "Người giám hộ".into_cell());
    assert_eq!(
        faults(&read(&vec![guardian])),
        [missing(Column::HolderName)]
    );
    let wallet = with(row(1), Column::Channel, "Ví điện tử".into_cell());
    let wallet = with(wallet, Column::Provider, "Viettel Money".into_cell());
    assert_eq!(faults(&read(&vec![wallet])), []);
}

#[test]
fn rows_outside_the_area_are_refused() {
    let elsewhere = with(row(2), Column::Commune, "00004".into_cell());
    let read = read_in(&vec![row(1), elsewhere], "a.xlsx", Some("51"));
    assert_eq!(faults(&read), [(3, "Mã xã", "outside_area")]);
}

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
