//! One decision for many people: looked at, recorded, seen by each of them; and what lists pay then.

use std::borrow::Cow;

use casework::collective::{self, ListSheet, ReRating, ReadList, Row, Scheme, Setting, Summary};
use jiff::civil::date;
use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode, Cell, Dong};
use law::Benefit;
use registry::Event;
use registry::event::Decision;
use uuid::Uuid;

use crate::support::*;

fn officer() -> Actor {
    Actor::with_every_role("can.bo")
}

fn setting(town: &Town) -> Setting<'_> {
    Setting {
        pool: town.pool(),
        clock: &town.clock,
        law: &town.law,
    }
}

fn decision(town: &Town, number: &str) -> Decision {
    Decision {
        number: number.to_owned(),
        date: town.clock.today(),
        signed_by: Some("Trần Văn Ký".to_owned()),
    }
}

/// The standard rose from 360,000 to 500,000 đồng in July 2024.
fn july(area: &str) -> Scheme {
    Scheme {
        area: area.to_owned(),
        benefit: None,
        from: month("2024-07"),
    }
}

async fn look(town: &Town, scheme: &Scheme) -> (Summary, Vec<Row>) {
    let mut rows = Vec::new();
    let rating = ReRating::open(&setting(town), &officer(), scheme).await;
    let mut rating = rating.expect("opened");
    while let Some(row) = rating.next().await.expect("looked at") {
        rows.push(row);
    }
    (rating.finish(), rows)
}

#[tokio::test]
async fn a_higher_standard_is_decided_once_for_the_whole_area() {
    let town = Town::on("2024-07-10").await;
    for (person, area) in [("p1", WARD), ("p2", VILLAGE), ("p3", FAR)] {
        town.told(&severe(person, area)).await;
    }
    let (summary, rows) = look(&town, &july("51")).await;
    assert_eq!(
        (summary.people, summary.rows),
        (2, 2),
        "not those of other provinces"
    );
    assert_eq!(
        (summary.old_total, summary.new_total),
        (Dong(1_080_000), Dong(1_500_000))
    );
    assert_eq!(
        rows[0].law,
        "20/2021/NĐ-CP Điều 6 khoản 1 điểm e; 76/2024/NĐ-CP Điều 1 khoản 1"
    );
    let (key, seen) = (Uuid::new_v4(), summary.fingerprint);
    let signed = decision(&town, "99/QĐ-UBND");
    let all = setting(&town);
    let record = async |key, decision, seen: &[u8]| {
        collective::record_re_rating(&all, &officer(), key, &july("51"), decision, seen).await
    };
    let recorded = record(key, &signed, &seen).await.expect("recorded");
    assert_eq!(recorded.people, 2);
    assert_eq!(
        record(key, &signed, &seen).await.expect("the same"),
        recorded
    );
    let twice = record(Uuid::new_v4(), &signed, &seen)
        .await
        .expect_err("the number is used");
    assert_eq!(twice.code(), "number_used");
    let other = record(Uuid::new_v4(), &decision(&town, "100/QĐ-UBND"), &[0; 32]).await;
    assert_eq!(
        other.expect_err("something else was looked at").code(),
        "changed_since"
    );
    let number = recorded.collective_no;
    let (rows, count) = collective::rows(town.pool(), &officer(), number, (0, 50))
        .await
        .expect("rows");
    assert_eq!((rows.len(), count), (2, 2));
    assert_eq!((rows[0].old, rows[0].new), (Dong(540_000), Dong(750_000)));
    let person = town.number("p1").await;
    let who = registry::person::read(town.pool(), &officer(), &town.clock, person).await;
    let own = collective::of_person(town.pool(), &who.expect("somebody"))
        .await
        .expect("read");
    assert_eq!(own[0].decision.0, "99/QĐ-UBND");
    for statement in [
        "update collective_row set new_amount = 0",
        "delete from collective_decision",
        "insert into collective_row select person_id, collective_no, 1, kind, area_code,
             area_valid_from, month, old_amount, new_amount, law, events from collective_row",
    ] {
        sqlx::query(statement)
            .execute(town.pool())
            .await
            .expect_err(statement);
    }
}

#[tokio::test]
async fn only_officers_of_the_whole_area_decide_and_only_when_somebody_is_concerned() {
    let town = Town::on("2024-07-10").await;
    town.told(&severe("p1", WARD)).await;
    let elsewhere = Actor::new(
        "ngoai",
        vec![Grant {
            role: Role::Officer,
            area: Some(AreaCode::from("01")),
        }],
    );
    let all = setting(&town);
    let record = async |actor: &Actor, scheme: Scheme, signed: Decision| {
        let key = Uuid::new_v4();
        let done = collective::record_re_rating(&all, actor, key, &scheme, &signed, &[0; 32]).await;
        done.expect_err("refused").code()
    };
    let signed = decision(&town, "99/QĐ-UBND");
    assert_eq!(
        record(&elsewhere, july("51"), signed.clone()).await,
        "denied"
    );
    assert_eq!(
        record(&officer(), july("99"), signed.clone()).await,
        "unknown_area"
    );
    assert_eq!(
        record(&officer(), july("01"), signed.clone()).await,
        "nobody_concerned"
    );
    let unsigned = Decision {
        signed_by: None,
        ..signed
    };
    assert_eq!(
        record(&officer(), july("51"), unsigned).await,
        "decision_incomplete"
    );
}

const HEADING: [&str; 7] = [
    "Mã người hưởng",
    "Họ và tên",
    "Việc",
    "Tháng cuối",
    "Tình trạng mới",
    "Từ ngày",
    "Lý do",
];

fn list(town: &Town, rows: &[[&str; 7]]) -> ReadList {
    let mut sheet = ListSheet::new(&town.law);
    let cells = |row: &[&str; 7]| row.map(|text| Cell::Text(Cow::Owned(text.to_owned())));
    sheet.take(1, &cells(&HEADING)).expect("a heading");
    for (at, row) in (2..).zip(rows) {
        sheet.take(at, &cells(row)).expect("a row");
    }
    sheet.finish().expect("a list")
}

const STOP: [&str; 7] = [
    "p1",
    "Nguyễn Thị p1",
    "Thôi hưởng",
    "06/2024",
    "",
    "",
    "Từ chối nhận",
];
const ADJUST: [&str; 7] = [
    "p2",
    "Nguyễn Thị p2",
    "Điều chỉnh",
    "",
    "Khuyết tật đặc biệt nặng",
    "20/06/2024",
    "",
];

#[tokio::test]
async fn a_list_stops_and_adjusts_in_one_transaction() {
    let mut town = Town::on("2024-06-20").await;
    for person in ["p1", "p2", "p3"] {
        town.told(&severe(person, WARD)).await;
    }
    town.list("2024-06", "51").await;
    town.set("2024-07-10");
    let wrong = [
        STOP,
        ADJUST,
        ["p9", "Nguyễn Thị p9", "Thôi hưởng", "06/2024", "", "", ""],
        ["p3", "Nguyễn Thị Khác", "Thôi hưởng", "06/2024", "", "", ""],
        ["p1", "Nguyễn Thị p1", "Thôi hưởng", "06/2024", "", "", ""],
        ["p3", "Nguyễn Thị p3", "Thôi hưởng", "2023", "", "", ""],
        ["p3", "Nguyễn Thị p3", "Đổi", "", "", "", ""],
        ["p3", "Nguyễn Thị p3", "Thôi hưởng", "06/2023", "", "", ""],
    ];
    let signed = decision(&town, "5/QĐ-UBND");
    let all = setting(&town);
    let list_of = list(&town, &wrong);
    let (summary, rows) = collective::list::look(&all, &officer(), &list_of, &signed)
        .await
        .expect("looked at");
    let refused: Vec<_> = summary.refused.iter().map(|it| (it.row, it.code)).collect();
    assert_eq!(
        refused,
        [
            (4, "unknown_person"),
            (5, "name_differs"),
            (6, "repeated_in_file"),
            (7, "not_a_month"),
            (8, "unknown_task"),
            (9, "not_enrolled"),
        ]
    );
    assert_eq!(rows.len(), 2);
    let record = async |list: &ReadList, seen: &[u8]| {
        let key = Uuid::new_v4();
        collective::record_list(&all, &officer(), key, ("51", list), &signed, seen).await
    };
    let stays = record(&list_of, &summary.fingerprint)
        .await
        .expect_err("rows are refused");
    assert_eq!(stays.code(), "rows_refused");
    let good = list(&town, &[STOP, ADJUST]);
    let (summary, rows) = collective::list::look(&all, &officer(), &good, &signed)
        .await
        .expect("looked at");
    assert_eq!((rows[0].old, rows[0].new), (Dong(750_000), Dong::ZERO));
    assert_eq!(rows[0].law, "02/2021/TT-BLĐTBXH Điều 2 khoản 1 điểm d");
    assert_eq!((rows[1].old, rows[1].new), (Dong(540_000), Dong(720_000)));
    record(&good, &summary.fingerprint).await.expect("recorded");
    let again = record(&good, &summary.fingerprint)
        .await
        .expect_err("done already");
    assert_eq!(again.code(), "rows_refused");
    town.make("2024-07", "51").await.expect("made");
    let lines = town.lines("2024-07", "51").await;
    assert!(
        lines.iter().all(|line| !line.starts_with("p1 ")),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"p2 disability regular 2024-07 1000000 -".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("p2 disability arrears 2024-06 180000"))
    );
}

/// Ten thousand invented people of one ward.
async fn ten_thousand(town: &Town) {
    let events: Vec<Event> = (0..10_000)
        .flat_map(|n| severe(&format!("p{n}"), WARD))
        .collect();
    town.told(&events).await;
}

#[tokio::test]
async fn ten_thousand_people_in_one_decision() {
    let town = Town::on("2024-07-10").await;
    ten_thousand(&town).await;
    let (summary, _) = look(&town, &july("51")).await;
    let all = setting(&town);
    let signed = decision(&town, "99/QĐ-UBND");
    let key = Uuid::new_v4();
    let seen = &summary.fingerprint;
    let scheme = july("51");
    let recorded =
        collective::record_re_rating(&all, &officer(), key, &scheme, &signed, seen).await;
    assert_eq!(recorded.expect("recorded").people, 10_000);
    let names: Vec<(String, String)> = (0..10_000)
        .map(|n| (format!("p{n}"), format!("Nguyễn Thị p{n}")))
        .collect();
    let rows: Vec<[&str; 7]> = names
        .iter()
        .map(|(key, name)| [key, name, "Thôi hưởng", "06/2024", "", "", ""])
        .collect();
    let stops = list(&town, &rows);
    let signed = decision(&town, "100/QĐ-UBND");
    let (summary, _) = collective::list::look(&all, &officer(), &stops, &signed)
        .await
        .expect("looked at");
    let (key, seen) = (Uuid::new_v4(), &summary.fingerprint);
    let recorded =
        collective::record_list(&all, &officer(), key, ("51", &stops), &signed, seen).await;
    assert_eq!(recorded.expect("recorded").people, 10_000);
    let (after, _) = look(&town, &july("51")).await;
    assert_eq!(after.people, 0, "nobody is paid any more");
}

#[tokio::test]
async fn what_reveals_an_infection_is_hidden_from_those_who_only_read() {
    let town = Town::on("2024-07-10").await;
    let person = "p1";
    let poor =
        serde_json::json!({"fact_id": "poor", "fact": {"kind": "poverty", "status": "poor"}});
    town.told(&[
        registered(person, "1980-02-01", WARD),
        fact(person, "h", "hiv", "2023-01-01"),
        event(person, "2023-01-01", "fact_started", poor),
        enrolled(person, "poor_adult_with_hiv", "2024-01"),
    ])
    .await;
    let (summary, rows) = look(&town, &july("51")).await;
    assert_eq!(rows[0].benefit, Benefit::PoorAdultWithHiv);
    let (all, signed) = (setting(&town), decision(&town, "99/QĐ-UBND"));
    let (key, seen) = (Uuid::new_v4(), &summary.fingerprint);
    let scheme = july("51");
    let recorded =
        collective::record_re_rating(&all, &officer(), key, &scheme, &signed, seen).await;
    let number = recorded.expect("recorded").collective_no;
    let reader = Actor::new(
        "xem",
        vec![Grant {
            role: Role::Reader,
            area: Some(AreaCode::from("51")),
        }],
    );
    let (rows, _) = collective::rows(town.pool(), &reader, number, (0, 50))
        .await
        .expect("rows");
    assert_eq!(
        (rows[0].benefit.code(), rows[0].law.as_str()),
        ("hidden", "")
    );
    assert_eq!(date(2024, 7, 10), town.clock.today());
}
