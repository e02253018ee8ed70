//! Boards by districts and provinces of before the mergers of July 2025, and over the mergers.

use jiff::civil::date;
use kernel::actor::{Grant, Role};
use kernel::{Actor, Clock, Month};
use law::Law;
use payments::{Office, Refused};
use reports::group::{Part, members};
use reports::trend::trend;
use reports::{
    By, ByArea, Division, Group, Question, caseload, cashless, data_quality, people, settlement,
};
use serde_json::{Value, json};
use testkit::TestDb;

use crate::support::{actor, born, enrolled, event, fact, office_of, paid, record};

/// Two former communes that became one, Xã Đông Sơn: of Thành phố Quảng Ngãi and of huyện Bình Sơn.
const OF_THE_CITY: &str = "21187";
const OF_BINH_SON: &str = "21091";
/// A commune of thành phố Kon Tum, in another province until June 2025.
const OF_KON_TUM: &str = "23281";

fn month(number: i8) -> Month {
    Month::of(date(2025, number, 1))
}

fn late() -> Clock {
    testkit::clock("2025-08-05T08:00:00+07:00")
}

/// Who is where: two of the city, three of Bình Sơn, one of Kon Tum.
fn everybody() -> Vec<registry::Event> {
    let mut events = Vec::new();
    for (person, area, household) in [
        ("city-a", OF_THE_CITY, "h1"),
        ("city-b", OF_THE_CITY, "h2"),
        ("binh-son-a", OF_BINH_SON, "h3"),
        ("binh-son-b", OF_BINH_SON, "h4"),
        ("binh-son-c", OF_BINH_SON, "h5"),
        ("kon-tum", OF_KON_TUM, "h6"),
    ] {
        events.push(born(person, "1980-03-01", area, household, None));
        events.push(fact(
            person,
            json!({"kind": "disability", "grade": "extremely_severe"}),
        ));
        events.push(enrolled(person, "disability"));
    }
    events.push(paid("city-a", "account", "self", Some("0071000123456")));
    // A family whose members were registered in two communes that are one now.
    for (carer, cared, area) in [
        ("city-carer", "city-a", OF_THE_CITY),
        ("binh-son-carer", "binh-son-a", OF_BINH_SON),
    ] {
        events.push(born(carer, "1960-03-01", area, "h9", None));
        events.push(fact(
            carer,
            json!({"kind": "cares_for", "person": cared, "relation": "con"}),
        ));
        events.push(enrolled(carer, "household_carer"));
    }
    events
}

/// Approved lists of May to August 2025.
async fn listed() -> TestDb {
    let db = TestDb::practice().await;
    record(&db, everybody()).await;
    let (clock, law) = (late(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    for number in 5..=8 {
        let areas: &[&str] = if number < 7 { &["51", "62"] } else { &["51"] };
        for area in areas {
            let made = payments::make(&office, &actor(), month(number), area).await;
            made.expect("a list");
            let approver = Actor::with_every_role("binh.tran");
            let approved = payments::approve(&office, &approver, month(number), area).await;
            approved.expect("approved");
        }
    }
    db
}

fn of(number: i8, area: &str, division: Division) -> ByArea {
    ByArea {
        month: month(number),
        area: area.to_owned(),
        division,
    }
}

fn question(number: i8, area: &str, by: By) -> Question {
    Question {
        month: month(number),
        area: area.to_owned(),
        by,
    }
}

/// The four boards by area.
async fn boards(office: &Office<'_>, number: i8, area: &str, division: Division) -> Vec<Value> {
    let (by, of) = (division.into(), of(number, area, division));
    let question = question(number, area, by);
    let cases = caseload(office, &actor(), &question).await.expect("cases");
    let accounts = cashless(office, &actor(), &of, None)
        .await
        .expect("accounts");
    let identity = data_quality(office, &actor(), &of).await.expect("identity");
    let money = settlement(office, &actor(), &of).await.expect("money");
    let mut money = serde_json::to_value(money).expect("JSON");
    let total = ["ordered", "paid", "not_reported"].map(|name| (name, money[name].clone()));
    money["total"] = total.into_iter().collect();
    vec![
        serde_json::to_value(cases).expect("JSON"),
        serde_json::to_value(accounts).expect("JSON"),
        serde_json::to_value(identity).expect("JSON"),
        money,
    ]
}

#[tokio::test]
async fn former_areas_part_every_board_and_add_up_to_it() {
    let (db, clock, law) = (listed().await, late(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    for number in [6, 8] {
        let plain = boards(&office, number, "VN", Division::Below).await;
        for division in [Division::FormerDistrict, Division::FormerProvince] {
            let parts = boards(&office, number, "VN", division).await;
            for (parts, plain) in parts.iter().zip(&plain) {
                assert_eq!(parts["total"], plain["total"], "{}", plain["report"]);
                let rows = parts["rows"].as_array().expect("rows");
                for (name, whole) in plain["total"].as_object().expect("figures") {
                    let Some(whole) = whole.as_i64().filter(|_| !name.contains("target")) else {
                        continue;
                    };
                    let sum: i64 = rows
                        .iter()
                        .map(|row| row[name].as_i64().expect("a number"))
                        .sum();
                    assert_eq!(sum, whole, "{} {name} {number}", plain["report"]);
                }
                let codes: Vec<&str> = rows
                    .iter()
                    .map(|row| row["area"].as_str().expect("a code"))
                    .collect();
                let expected: &[&str] = match division {
                    Division::FormerProvince => &["51@2025-06", "62@2025-06"],
                    _ => &["522@2025-06", "524@2025-06", "608@2025-06"],
                };
                assert_eq!(codes, expected, "{} {number}", plain["report"]);
            }
        }
    }
}

#[tokio::test]
async fn a_line_goes_on_over_the_mergers() {
    let (db, clock, law) = (listed().await, late(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    let counts = async |area: &str| {
        let line = trend(&office, &actor(), month(8), area)
            .await
            .expect("a line");
        line.iter()
            .map(|point| (point.month, point.beneficiaries))
            .collect::<Vec<_>>()
    };
    let all = |people| {
        (5..=8)
            .map(|number| (month(number), people))
            .collect::<Vec<_>>()
    };
    assert_eq!(counts("522@2025-06").await, all(3));
    assert_eq!(counts("524@2025-06").await, all(4));
    assert_eq!(counts("62@2025-06").await, all(1));
    assert_eq!(counts("51@2025-06").await, all(7));
    assert_eq!(
        counts("51").await,
        all(8),
        "the province of today, with Kon Tum"
    );
    // A board of a former district before the mergers is that of the district.
    let former = boards(&office, 6, "524@2025-06", Division::Below).await;
    let district = boards(&office, 6, "524", Division::Below).await;
    for (former, district) in former.iter().zip(&district) {
        assert_eq!(former["total"], district["total"]);
    }
}

#[tokio::test]
async fn people_stand_behind_the_figures_of_a_former_district() {
    let (db, clock, law) = (listed().await, late(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    let all = async || {
        let part = Part {
            limit: 50,
            ..Part::default()
        };
        let of = of(8, "522@2025-06", Division::Below);
        let found = members(&office, &actor(), &of, Group::Beneficiaries, part).await;
        let mut named: Vec<_> = found
            .expect("people")
            .people
            .into_iter()
            .map(|it| it.person)
            .collect();
        named.sort();
        let question = question(8, "VN", By::FormerDistrict);
        let row = Some("522@2025-06");
        let behind = people(&office, &actor(), &question, row, None, 50).await;
        let mut behind: Vec<_> = behind
            .expect("people")
            .into_iter()
            .map(|it| it.person)
            .collect();
        behind.sort();
        assert_eq!(named, behind);
        named
    };
    assert_eq!(all().await, ["city-a", "city-b", "city-carer"]);
    // Whoever is registered under the commune of today counts where the commune lay that it goes on.
    let moved = json!({"area": "21109", "effective": "2025-08-01"});
    record_late(&db, vec![event("city-b", "moved", moved)]).await;
    assert_eq!(all().await, ["city-a", "city-carer"]);
    // A residence outside the commune of the line says nothing.
    let away = json!({"area": "00004", "effective": "2025-07-20"});
    record_late(&db, vec![event("binh-son-b", "moved", away)]).await;
    let plain = boards(&office, 8, "VN", Division::Below).await;
    let parts = boards(&office, 8, "VN", Division::FormerDistrict).await;
    assert_eq!(plain[0]["total"], parts[0]["total"]);
}

async fn record_late(db: &TestDb, events: Vec<registry::Event>) {
    let rows: Vec<registry::Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| registry::Submitted { row, event })
        .collect();
    let applied = registry::apply(db.pool(), &actor(), &late(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

#[tokio::test]
async fn a_former_area_is_read_by_who_reads_all_of_it() {
    let (db, clock, law) = (listed().await, late(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    let reader = |area: &str| {
        Actor::new(
            "xem",
            vec![Grant {
                role: Role::Reader,
                area: Some(area.into()),
            }],
        )
    };
    let look = async |who: &Actor, area: &str| {
        cashless(&office, who, &of(8, area, Division::Below), None).await
    };
    for area in ["522@2025-06", "608@2025-06", "62@2025-06"] {
        assert!(look(&reader("51"), area).await.is_ok(), "{area}");
        for other in ["21109", "62", "48"] {
            let may = other == "62" && !area.starts_with("522");
            let refused = matches!(look(&reader(other), area).await, Err(Refused::Denied(_)));
            assert_eq!(refused, !may, "{other} {area}");
        }
    }
    for unknown in ["522@2025-08", "21109@2025-06", "999@2025-06", "522@", "@"] {
        let refused = look(&actor(), unknown).await;
        assert!(
            matches!(refused, Err(Refused::UnknownArea { .. })),
            "{unknown}"
        );
    }
}
