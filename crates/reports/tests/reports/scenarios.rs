//! The published figures of cities and provinces come out of invented people by the ordinary board.

use kernel::{Actor, Clock};
use law::Law;
use payments::Office;
use registry::event::{Event, Submitted};
use reports::cashless::Figures;
use reports::group::{Part, members};
use reports::{AreaRow, ByArea, Division, Group, cashless, data_quality, target};
use scenarios::{Plan, When, build};
use serde_json::json;
use testkit::TestDb;
use uuid::Uuid;

fn actor() -> Actor {
    Actor::with_every_role("mẫu")
}

async fn record(db: &TestDb, clock: &Clock, events: impl Iterator<Item = Event>) {
    let rows: Vec<Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let applied = registry::apply(db.pool(), &actor(), clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

/// The scenario as `ansinh sample` and `ansinh list make` leave it.
async fn with_list(plan: &Plan) -> TestDb {
    let (db, law) = (TestDb::practice().await, Law::embedded());
    let area = plan.spec().area;
    for phase in [When::Before, When::InMonth] {
        let clock = Clock::Fixed(plan.recorded_at(phase));
        let office = office(&db, &clock, &law);
        record(&db, &clock, plan.events(phase)).await;
        match phase {
            When::Before => {
                let opened = payments::open(&office, &actor(), plan.month().previous(), area).await;
                opened.expect("opened");
            }
            When::InMonth => {
                let year = plan.month().year();
                let set = target::record(&office, &actor(), (area, year), plan.spec().target).await;
                set.expect("a target");
                let made = payments::make(&office, &actor(), plan.month(), area).await;
                made.expect("a list");
            }
        }
    }
    db
}

fn office<'a>(db: &'a TestDb, clock: &'a Clock, law: &'a Law) -> Office<'a> {
    Office {
        pool: db.pool(),
        clock,
        law,
    }
}

async fn total(db: &TestDb, plan: &Plan) -> Figures {
    let (law, clock) = (
        Law::embedded(),
        Clock::Fixed(plan.recorded_at(When::InMonth)),
    );
    let of = ByArea {
        division: Division::Below,
        month: plan.month(),
        area: plan.spec().area.to_owned(),
    };
    let board = cashless(&office(db, &clock, &law), &actor(), &of, None).await;
    board.expect("a board").total
}

#[tokio::test]
async fn sa_dec_lacks_twelve_people_to_its_goal() {
    let plan = build("sa-dec-2024-01", 1, None).expect("a scenario");
    let db = with_list(&plan).await;
    let found = total(&db, &plan).await;
    let counts = found.counts;
    assert_eq!(
        (
            counts.beneficiaries,
            counts.with_account,
            counts.paid_by_account
        ),
        (4_681, 4_435, 4_435)
    );
    assert_eq!(found.with_account_percent, "94.74");
    assert_eq!(found.paid_by_account_percent, "94.74");
    assert_eq!(found.target_percent, Some(95));
    assert_eq!(found.missing_to_target, Some(12));

    // One receiver changes, and the figures with it.
    let holder = sqlx::query_scalar::<_, i64>(
        "select person_id from payee join list_line using (person_id)
         where payee.channel = 'account' order by person_id limit 1",
    )
    .fetch_one(db.pool())
    .await
    .expect("somebody with an account");
    let change = json!({
        "event_id": Uuid::new_v5(&Uuid::NAMESPACE_OID, b"change"), "kind": "payee_set",
        "person": format!("#{holder}"), "effective": "2024-01-05", "source": "test",
        "channel": "post_office", "holder": "self",
    });
    let event = Event::parse(change.to_string().as_bytes()).expect("an event");
    let clock = Clock::Fixed(plan.recorded_at(When::InMonth));
    record(&db, &clock, std::iter::once(event)).await;
    assert_eq!(total(&db, &plan).await.counts.with_account, 4_434);
}

#[tokio::test]
async fn bac_kan_wishes_482_accounts_uses_179_and_aims_at_6112() {
    let plan = build("bac-kan-2024-01", 1, None).expect("a scenario");
    let db = with_list(&plan).await;
    let found = total(&db, &plan).await;
    let counts = found.counts;
    assert_eq!(counts.beneficiaries, 20_372);
    assert_eq!((counts.with_account, counts.wants_account), (482, 482));
    assert_eq!((counts.paid_by_account, counts.gap), (179, 482 - 179));
    assert_eq!(found.target_percent, Some(30));
    assert_eq!(found.target_people, Some(6_112));
    assert_eq!(found.missing_to_target, Some(6_112 - 179));
}

#[tokio::test]
async fn four_of_thirteen_districts_of_quang_ngai_have_nobody_left_to_verify() {
    let plan = build("quang-ngai-2024-05", 1, Some(8_650)).expect("a scenario");
    let db = with_list(&plan).await;
    let (law, clock) = (
        Law::embedded(),
        Clock::Fixed(plan.recorded_at(When::InMonth)),
    );
    let of = ByArea {
        division: Division::Below,
        month: plan.month(),
        area: plan.spec().area.to_owned(),
    };
    let board = data_quality(&office(&db, &clock, &law), &actor(), &of).await;
    let board = board.expect("a board");
    assert_eq!((board.areas_complete, board.areas_total), (4, 13));
    let unverified = |figures: &data_quality::Figures| figures.beneficiaries - figures.verified;
    let open: Vec<i64> = board
        .rows
        .iter()
        .map(|row| unverified(&row.figures))
        .collect();
    assert_eq!(open.iter().filter(|people| **people > 0).count(), 9);
    assert_eq!(open.iter().sum::<i64>(), unverified(&board.total));
}

#[tokio::test]
async fn every_figure_of_quang_ngai_has_its_people() {
    let plan = build("quang-ngai-2024-05", 1, Some(8_650)).expect("a scenario");
    let db = with_list(&plan).await;
    let (law, clock) = (
        Law::embedded(),
        Clock::Fixed(plan.recorded_at(When::InMonth)),
    );
    let (office, actor) = (office(&db, &clock, &law), actor());
    let of = |area: &str| ByArea {
        division: Division::Below,
        month: plan.month(),
        area: area.to_owned(),
    };
    let everybody = Part {
        by_name: false,
        offset: 0,
        limit: 100_000,
    };
    let counted =
        |figures: &data_quality::Figures, group: Group| match serde_json::to_value(figures) {
            Ok(figures) => figures[group.code()].as_u64(),
            Err(_) => None,
        };
    // The country, its province, every district, and the communes of one with people left to verify.
    let province = data_quality(&office, &actor, &of("51"))
        .await
        .expect("a board");
    let unfinished = province
        .rows
        .iter()
        .find(|row| row.figures.verified < row.figures.beneficiaries);
    let district = unfinished.expect("a district").area.clone();
    let communes = data_quality(&office, &actor, &of(&district))
        .await
        .expect("a board");
    let country = data_quality(&office, &actor, &of(""))
        .await
        .expect("a board");
    let mut seen = 0;
    let rows = country
        .rows
        .iter()
        .chain(&province.rows)
        .chain(&communes.rows);
    for row in rows {
        for group in Group::ALL {
            let Some(figure) = counted(&row.figures, *group) else {
                continue;
            };
            let people = members(&office, &actor, &of(&row.area), *group, everybody).await;
            let people = people.expect("people").people;
            assert_eq!(
                people.len() as u64,
                figure,
                "{} in {}",
                group.code(),
                row.area
            );
            seen += u32::from(figure > 0);
        }
    }
    assert!(seen > 200, "{seen} figures with people");
    let sum = |rows: &[AreaRow<data_quality::Figures>], group| -> u64 {
        rows.iter()
            .filter_map(|row| counted(&row.figures, group))
            .sum()
    };
    for group in Group::ALL
        .iter()
        .filter(|it| counted(&province.total, **it).is_some())
    {
        let total = counted(&province.total, *group);
        assert_eq!(Some(sum(&province.rows, *group)), total, "{}", group.code());
        assert_eq!(Some(sum(&country.rows, *group)), total, "{}", group.code());
    }
}
