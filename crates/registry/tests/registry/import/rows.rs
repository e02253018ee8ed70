//! What a row becomes, and every way in which it can be wrong.

use kernel::Cell;
use registry::event::{Event, EventKind};
use registry::import::Column;

use super::{IntoCell, faults, kinds, read, read_in, row, with};

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
