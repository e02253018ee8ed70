//! What is kept of each commune equals a full recount whatever happens, and every figure has its
//! people.

use kernel::{Actor, Clock};
use law::Law;
use payments::results::{self, Reported, Status};
use payments::{Office, Refused};
use registry::Event;
use reports::group::{Part, members};
use reports::{
    By, ByArea, Division, Group, Question, caseload, cashless, data_quality, higher_standard,
    settlement, target, trend,
};
use serde_json::{Value, json};

use crate::support::{
    BA_TO, PROVINCE, TINH_THO, actor, born, clock, enrolled, event, fact, made, may, office_of,
    paid, record,
};

fn of(area: &str) -> ByArea {
    ByArea {
        division: Division::Below,
        month: may(),
        area: area.to_owned(),
    }
}

/// Everything the boards say of the province.
async fn boards(office: &Office<'_>) -> Value {
    let question = |by| Question {
        month: may(),
        area: PROVINCE.to_owned(),
        by,
    };
    let mut all = Vec::new();
    for by in [By::Benefit, By::Area, By::Channel] {
        let board = caseload(office, &actor(), &question(by)).await;
        all.push(serde_json::to_value(board.expect("a board")).expect("JSON"));
    }
    let accounts = cashless(office, &actor(), &of(PROVINCE), None).await;
    let identity = data_quality(office, &actor(), &of(PROVINCE)).await;
    all.push(serde_json::to_value(accounts.expect("a board")).expect("JSON"));
    all.push(serde_json::to_value(identity.expect("a board")).expect("JSON"));
    // The country's line is a sum of its own, kept beside the communes'.
    for area in [PROVINCE, ""] {
        let line = trend::trend(office, &actor(), may(), area).await;
        all.push(serde_json::to_value(line.expect("a line")).expect("JSON"));
    }
    let standards = caseload(office, &actor(), &question(By::Standard)).await;
    all.push(serde_json::to_value(standards.expect("a board")).expect("JSON"));
    let higher = higher_standard(office, &actor(), &of(PROVINCE)).await;
    all.push(serde_json::to_value(higher.expect("a board")).expect("JSON"));
    let paid = settlement(office, &actor(), &of(PROVINCE)).await;
    all.push(serde_json::to_value(paid.expect("a board")).expect("JSON"));
    Value::Array(all)
}

/// The same after everything kept is thrown away.
async fn recount(office: &Office<'_>) -> Value {
    for statement in [
        "delete from board_caseload",
        "delete from board_people",
        "delete from board_list",
        "delete from board_month",
        "delete from board_outcome",
        "delete from board_outcome_list",
    ] {
        sqlx::query(statement)
            .execute(office.pool)
            .await
            .expect("emptied");
    }
    boards(office).await
}

fn checked(person: &str, result: &str, fields: &[&str]) -> Event {
    event(
        person,
        "identity_checked",
        json!({"result": result, "request_code": format!("{result} {fields:?}"),
               "checked_by": "x", "fields": fields}),
    )
}

/// What happens, step by step; `true` makes the list again.
fn happenings() -> Vec<(Vec<Event>, bool)> {
    let corrected = |person: &str, fields: Value| event(person, "person_corrected", fields);
    vec![
        (
            vec![paid("parent", "account", "self", Some("9999000017"))],
            false,
        ),
        (
            vec![event(
                "severe",
                "payee_wish",
                json!({"wants_account": true}),
            )],
            false,
        ),
        (
            vec![checked("severe", "mismatch", &["full_name", "sex"])],
            false,
        ),
        (
            vec![corrected(
                "carer",
                json!({"id_number": "999160000013", "phone": "0100000001"}),
            )],
            false,
        ),
        (vec![checked("carer", "verified", &[])], true),
        (
            vec![corrected("cared", json!({"id_number": "999180000011"}))],
            false,
        ),
        // Whoever held the number gives it up: the other record's state changes with it.
        (
            vec![corrected(
                "severe",
                json!({"id_number": null, "ethnicity": null}),
            )],
            false,
        ),
        (
            vec![corrected(
                "carer",
                json!({"household_id": "h9", "phone": null}),
            )],
            false,
        ),
        (
            vec![
                born("new", "1985-06-01", TINH_THO, "h7", None),
                fact("new", json!({"kind": "disability", "grade": "severe"})),
                enrolled("new", "disability"),
            ],
            true,
        ),
        (vec![corrected("new", json!({"area": BA_TO}))], true),
        (
            vec![paid("new", "e_wallet", "self", Some("0100000002"))],
            false,
        ),
    ]
}

#[tokio::test]
async fn what_is_kept_equals_a_full_recount() {
    let (db, clock, law) = (made().await, clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    let mut before = boards(&office).await;
    assert_eq!(before, recount(&office).await);
    for (step, (events, again)) in happenings().into_iter().enumerate() {
        record(&db, events).await;
        if again {
            let made = payments::make(&office, &actor(), may(), PROVINCE).await;
            made.expect("a list");
        }
        let kept = boards(&office).await;
        assert!(kept == recount(&office).await, "step {step}");
        assert!(kept != before, "step {step} shows");
        before = kept;
    }
}

#[tokio::test]
async fn figures_change_with_lists_of_other_areas() {
    let (db, clock, law) = (made().await, clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    boards(&office).await;
    // The province's draft leaves out whom the district's own list has.
    payments::make(&office, &actor(), may(), "535")
        .await
        .expect("a list");
    let with_both = boards(&office).await;
    payments::make(&office, &actor(), may(), PROVINCE)
        .await
        .expect("a list");
    let again = boards(&office).await;
    assert_eq!(again, recount(&office).await);
    assert_eq!(again[3]["total"], with_both[3]["total"]);
}

#[tokio::test]
async fn every_figure_counts_its_people() {
    let (db, clock, law) = (made().await, clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    for (events, _) in happenings() {
        record(&db, events).await;
    }
    payments::make(&office, &actor(), may(), PROVINCE)
        .await
        .expect("a list");
    let all = boards(&office).await;
    // All over the country people are found in other ways than in a province.
    for area in [PROVINCE, "", "527", "535"] {
        for group in Group::ALL {
            let part = Part {
                limit: 100,
                ..Part::default()
            };
            let people = members(&office, &actor(), &of(area), *group, part).await;
            let people = people.expect("people").people.len();
            let figure = |board: usize| match area {
                PROVINCE | "" => all[board]["total"][group.code()].as_u64(),
                _ => {
                    let rows = all[board]["rows"].as_array().expect("rows");
                    let row = rows.iter().find(|row| row["area"] == area).expect("a row");
                    row[group.code()].as_u64()
                }
            };
            if let Some(figure) = figure(3).or(figure(4)) {
                assert_eq!(people as u64, figure, "{area} {}", group.code());
            }
        }
    }
}

#[tokio::test]
async fn pages_of_people_go_on_where_the_page_before_ended() {
    let (db, clock, law) = (made().await, clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    for by_name in [false, true] {
        let of = of(PROVINCE);
        let page = async |offset, limit| {
            let part = Part {
                by_name,
                offset,
                limit,
            };
            let found = members(&office, &actor(), &of, Group::Beneficiaries, part).await;
            let found = found.expect("people");
            assert!(found.may_be_by_name && found.by_name == by_name);
            let names = found.people.into_iter().map(|it| it.person);
            names.collect::<Vec<_>>()
        };
        let all = page(0, 100).await;
        let expected = match by_name {
            true => ["cared", "carer", "parent", "severe"],
            false => ["cared", "carer", "severe", "parent"],
        };
        assert_eq!(all, expected);
        for limit in 1..=4 {
            for offset in 0..=4 {
                let part = all.iter().skip(offset).take(limit);
                let part: Vec<String> = part.cloned().collect();
                assert_eq!(page(offset as i64, limit as i64).await, part);
            }
        }
    }
}

#[tokio::test]
async fn what_became_of_money_follows_every_result() {
    let (db, clock, law) = (made().await, clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    let approver = Actor::with_every_role("duyet");
    payments::approve(&office, &approver, may(), PROVINCE)
        .await
        .expect("approved");
    let figures = async || {
        let found = settlement(&office, &actor(), &of("")).await;
        let outcome = found.expect("a board").outcome;
        assert!(outcome.balances());
        (
            outcome.ordered,
            outcome.paid,
            outcome.failed,
            outcome.not_reported,
        )
    };
    // Disabled 540,000 and 720,000, a carer 360,000, a single parent 360,000.
    assert_eq!(figures().await, (1_980_000, 0, 0, 1_980_000));
    let hear = async |person: &str, status: Status, amount: i64| {
        let line: String = sqlx::query_scalar(
            "select '2024-05-' || person_id || '-1' from person where person_key = $1",
        )
        .bind(person)
        .fetch_one(db.pool())
        .await
        .expect("somebody");
        let reported = Reported {
            result_id: format!("{person} {status:?}"),
            line,
            status,
            date: jiff::civil::date(2024, 5, 6),
            reason: None,
            amount,
        };
        let recorded = results::import(&office, &actor(), "buu-dien", &[(1, reported)]).await;
        assert_eq!(recorded.expect("imported").recorded, 1);
    };
    hear("severe", Status::Failed, 540_000).await;
    assert_eq!(figures().await, (1_980_000, 0, 540_000, 1_440_000));
    hear("severe", Status::Paid, 540_000).await;
    hear("parent", Status::Paid, 360_000).await;
    assert_eq!(figures().await, (1_980_000, 900_000, 0, 1_080_000));
    let kept = boards(&office).await;
    assert_eq!(kept, recount(&office).await);
}

#[tokio::test]
async fn the_nearest_target_counts_and_the_last_one_recorded() {
    let (db, clock, law) = (made().await, clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    let set = async |area: &str, percent| {
        target::record(&office, &actor(), (area, 2024), percent)
            .await
            .expect("recorded");
    };
    let percents = async || {
        let board = cashless(&office, &actor(), &of(PROVINCE), None).await;
        let board = board.expect("a board");
        let rows = board.rows.iter().map(|row| row.figures.target_percent);
        (board.total.target_percent, rows.collect::<Vec<_>>())
    };
    assert_eq!(percents().await, (None, vec![None, None]));
    set("", Some(20)).await;
    assert_eq!(percents().await, (Some(20), vec![Some(20), Some(20)]));
    set(PROVINCE, Some(30)).await;
    set("535", Some(95)).await;
    set("535", Some(90)).await;
    assert_eq!(percents().await, (Some(30), vec![Some(30), Some(90)]));
    set("535", None).await;
    assert_eq!(percents().await, (Some(30), vec![Some(30), Some(30)]));
    let board = cashless(&office, &actor(), &of(PROVINCE), None)
        .await
        .expect("a board");
    // 30 % of four people are two; one is paid by account.
    assert_eq!(board.total.target_people, Some(2));
    assert_eq!(board.total.missing_to_target, Some(1));
    let recorded = target::history(&office, &actor(), "535")
        .await
        .expect("all");
    let percents: Vec<_> = recorded.iter().map(|it| it.percent).collect();
    assert_eq!(percents, [None, Some(90), Some(95)]);
    let changed = sqlx::query("update target set percent = 1").execute(db.pool());
    assert!(changed.await.is_err(), "targets are never changed");
}

#[tokio::test]
async fn only_who_answers_for_the_area_sets_its_target() {
    let (db, law) = (made().await, Law::embedded());
    let clock: Clock = clock();
    let office = office_of(&db, &clock, &law);
    let reader = Actor::new(
        "xem",
        vec![kernel::actor::Grant {
            role: kernel::actor::Role::Reader,
            area: None,
        }],
    );
    let refused = target::record(&office, &reader, (PROVINCE, 2024), Some(5)).await;
    assert!(matches!(refused, Err(Refused::Denied(_))));
    let refused = target::record(&office, &actor(), ("no", 2024), Some(5)).await;
    assert!(matches!(refused, Err(Refused::UnknownArea { .. })));
}
