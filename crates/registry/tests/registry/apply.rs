//! Recording events through the public interface, each test in its own database.

use kernel::Actor;
use kernel::actor::{Grant, Role};
use registry::Event;
use serde_json::json;
use testkit::TestDb;

use crate::support::{
    VILLAGE, apply, cancelled, clock, enrolled, event, numbered, projections, refusals, registered,
};

fn life() -> Vec<Event> {
    vec![
        registered("p1", Some("999148000001")),
        event(
            "fact",
            "p1",
            "2023-01-15",
            "fact_started",
            json!({
            "fact_id": "f1", "fact": {"kind": "disability", "grade": "severe"}}),
        ),
        enrolled("p1", "disability", "2023-01"),
        event(
            "move",
            "p1",
            "2023-06-05",
            "moved",
            json!({"area": VILLAGE}),
        ),
        event(
            "payee",
            "p1",
            "2023-02-01",
            "payee_set",
            json!({
            "channel": "account", "holder": "self", "provider": "970436", "account_number": "1"}),
        ),
        event(
            "wish",
            "p1",
            "2023-02-01",
            "payee_wish",
            json!({"wants_account": true}),
        ),
        event(
            "pause",
            "p1",
            "2023-07-01",
            "suspended",
            json!({
            "benefit": "disability", "from": "2023-07", "reason": "vắng"}),
        ),
        event(
            "again",
            "p1",
            "2023-09-01",
            "resumed",
            json!({
            "benefit": "disability", "from": "2023-09", "reason": "về"}),
        ),
        event(
            "name",
            "p1",
            "2023-03-01",
            "person_corrected",
            json!({"full_name": "Nguyễn Thị Hòa"}),
        ),
        event(
            "asked",
            "p1",
            "2023-04-01",
            "identity_checked",
            json!({
            "result": "mismatch", "fields": ["birth_date"]}),
        ),
        event(
            "ended",
            "p1",
            "2024-02-01",
            "enrolment_ended",
            json!({
            "benefit": "disability", "last_month": "2024-02", "reason": "chuyển diện"}),
        ),
        event(
            "fact ended",
            "p1",
            "2024-02-10",
            "fact_ended",
            json!({"fact_id": "f1"}),
        ),
        event(
            "died",
            "p1",
            "2024-03-02",
            "died",
            json!({"date": "2024-03-01"}),
        ),
    ]
}

#[tokio::test]
async fn a_life_goes_in_backwards_and_only_once() {
    let db = TestDb::practice().await;
    let mut events = life();
    let applied = apply(db.pool(), &events).await;
    assert_eq!(
        (applied.applied, applied.already, applied.refused.len()),
        (13, 0, 0)
    );
    let forwards = projections(db.pool()).await;

    let again = apply(db.pool(), &events).await;
    assert_eq!(
        (again.applied, again.already, again.refused.len()),
        (0, 13, 0)
    );
    assert_eq!(projections(db.pool()).await, forwards);

    let other = TestDb::practice().await;
    events.reverse();
    assert_eq!(apply(other.pool(), &events).await.applied, 13);
    assert_eq!(projections(other.pool()).await, forwards);

    let suspended: Vec<i32> = sqlx::query_scalar("select suspended from enrolment")
        .fetch_one(db.pool())
        .await
        .expect("one enrolment");
    assert_eq!(suspended, [202307, 202308]);
}

#[tokio::test]
async fn the_rest_goes_in_beside_what_is_refused() {
    let db = TestDb::practice().await;
    let mut reused = enrolled("p1", "disability", "2023-01");
    reused.effective = "2023-01-13".parse().expect("a date");
    let events = [
        registered("p1", None),
        enrolled("p1", "disability", "2023-01"),
        enrolled("p1", "disability", "2024-01"),
        enrolled("stranger", "disability", "2024-01"),
        event(
            "no fact",
            "p1",
            "2023-02-01",
            "fact_ended",
            json!({"fact_id": "x"}),
        ),
        event(
            "nowhere",
            "p1",
            "2023-02-01",
            "moved",
            json!({"area": "99999"}),
        ),
        event(
            "unborn",
            "p1",
            "2023-02-01",
            "died",
            json!({"date": "1940-01-01"}),
        ),
        event(
            "tomorrow",
            "p1",
            "2024-05-21",
            "died",
            json!({"date": "2024-05-21"}),
        ),
        event(
            "care",
            "p1",
            "2023-02-01",
            "fact_started",
            json!({
            "fact_id": "c", "fact": {"kind": "cares_for", "person": "nobody", "relation": "con"}}),
        ),
        reused,
        registered("p1", None),
    ];
    let applied = apply(db.pool(), &events).await;
    assert_eq!((applied.applied, applied.already), (2, 1));
    assert_eq!(
        refusals(&applied),
        [
            (3, "from", "overlapping_enrolment"),
            (4, "person", "unknown_person"),
            (5, "fact_id", "unknown_fact"),
            (6, "area", "unknown_area"),
            (7, "date", "death_before_birth"),
            (8, "date", "in_future"),
            (9, "fact.person", "unknown_cared_person"),
            (10, "event_id", "event_id_reused"),
        ]
    );
    let merged = event(
        "m",
        "p1",
        "2024-01-01",
        "merged",
        json!({"into": "#1", "reason": "trùng"}),
    );
    assert_eq!(
        refusals(&apply(db.pool(), &[merged]).await),
        [(1, "kind", "merged_by_person_only")]
    );
}

#[tokio::test]
async fn cancelling_restores_what_was_before() {
    let db = TestDb::practice().await;
    let mut events = life();
    let ended = events.remove(10);
    let died = events.remove(11);
    apply(db.pool(), &events).await;
    let before = projections(db.pool()).await;
    apply(db.pool(), &[died.clone(), ended.clone()]).await;
    assert_ne!(projections(db.pool()).await, before);
    let applied = apply(db.pool(), &[cancelled(&ended), cancelled(&died)]).await;
    assert_eq!(applied.applied, 2);
    assert_eq!(projections(db.pool()).await, before);

    let mut twice = cancelled(&died);
    twice.event_id.0 += 1;
    let applied = apply(db.pool(), &[twice]).await;
    assert_eq!(refusals(&applied), [(1, "cancels", "already_cancelled")]);
    let fact_started = cancelled(&events[1]);
    let applied = apply(db.pool(), std::slice::from_ref(&fact_started)).await;
    assert_eq!(refusals(&applied), [(1, "", "contradicts_recorded")]);
    let fact_ended = cancelled(&events[10]);
    assert_eq!(
        apply(db.pool(), &[fact_started, fact_ended]).await.applied,
        2
    );
}

#[tokio::test]
async fn a_registration_stays() {
    let db = TestDb::practice().await;
    let first = registered("p1", Some("999148000001"));
    apply(db.pool(), std::slice::from_ref(&first)).await;
    let applied = apply(db.pool(), &[cancelled(&first)]).await;
    assert_eq!(refusals(&applied), [(1, "cancels", "registration_stays")]);
}

#[tokio::test]
async fn an_id_number_goes_to_one_living_record_at_a_time() {
    let db = TestDb::practice().await;
    let number = Some("999148000001");
    apply(db.pool(), &[registered("p1", number)]).await;
    apply(
        db.pool(),
        &[registered("p3", number), registered("p2", number)],
    )
    .await;
    let states = async || -> Vec<(String, String)> {
        sqlx::query_as("select person_key, id_state from person order by person_id")
            .fetch_all(db.pool())
            .await
            .expect("states")
    };
    let expect = |rows: &[(String, String)], states: [&str; 3]| {
        let found: Vec<&str> = rows.iter().map(|(_, state)| state.as_str()).collect();
        assert_eq!(found, states);
    };
    expect(
        &states().await,
        ["plausible", "held_by_another", "held_by_another"],
    );
    let died = event(
        "d",
        "p1",
        "2024-03-02",
        "died",
        json!({"date": "2024-03-01"}),
    );
    apply(db.pool(), std::slice::from_ref(&died)).await;
    expect(
        &states().await,
        ["plausible", "plausible", "held_by_another"],
    );
    let corrected = event(
        "c",
        "p3",
        "2024-03-02",
        "person_corrected",
        json!({"id_number": null}),
    );
    apply(db.pool(), &[corrected]).await;
    expect(&states().await, ["plausible", "missing", "plausible"]);
    // The first is alive again: the number stays where it is now.
    apply(db.pool(), &[cancelled(&died)]).await;
    expect(&states().await, ["held_by_another", "missing", "plausible"]);
}

#[tokio::test]
async fn carers_and_cared_for_come_in_any_order() {
    let db = TestDb::practice().await;
    let care = |who: &str, whom: &str| {
        event(
            &format!("{who} {whom}"),
            who,
            "2023-02-01",
            "fact_started",
            json!({
            "fact_id": "c", "fact": {"kind": "cares_for", "person": whom, "relation": "vợ chồng"}}),
        )
    };
    let events = [
        care("p1", "p2"),
        care("p2", "p1"),
        registered("p2", None),
        registered("p1", None),
        care("p3", "p1"),
    ];
    let applied = apply(db.pool(), &events).await;
    assert_eq!(applied.applied, 4);
    assert_eq!(refusals(&applied), [(5, "person", "unknown_person")]);
    // A later event of the carer finds the cared-for person again.
    let wish = event(
        "wish",
        "p1",
        "2024-01-01",
        "payee_wish",
        json!({"wants_account": false}),
    );
    assert_eq!(apply(db.pool(), &[wish]).await.applied, 1);
    let cared: i64 = sqlx::query_scalar("select count(cared_person_id) from fact")
        .fetch_one(db.pool())
        .await
        .expect("a count");
    assert_eq!(cared, 2);
}

#[tokio::test]
async fn an_officer_writes_in_the_own_area_only() {
    let db = TestDb::practice().await;
    let officer = |area: &str| {
        Actor::new(
            "can.bo",
            vec![Grant {
                role: Role::Officer,
                area: Some(area.into()),
            }],
        )
    };
    let events = numbered(&[registered("p1", None)]);
    let elsewhere = registry::apply(db.pool(), &officer("01"), &clock(), &events).await;
    assert_eq!(
        refusals(&elsewhere.expect("an answer")),
        [(1, "area", "denied")]
    );
    let here = registry::apply(db.pool(), &officer("51"), &clock(), &events).await;
    assert_eq!(here.expect("recorded").applied, 1);
}

#[tokio::test]
async fn two_calls_at_once_do_not_both_win() {
    let db = TestDb::practice().await;
    let number = Some("999148000001");
    for round in 0..8 {
        let (one, two) = (format!("a{round}"), format!("b{round}"));
        let (one, two) = ([registered(&one, number)], [registered(&two, number)]);
        tokio::join!(apply(db.pool(), &one), apply(db.pool(), &two));
        let same = [registered(&format!("c{round}"), None)];
        let (left, right) = tokio::join!(apply(db.pool(), &same), apply(db.pool(), &same));
        assert_eq!(left.applied + right.applied, 1);
        assert_eq!(left.already + right.already, 1);
    }
    let holders: (i64, i64) = sqlx::query_as(
        "select count(*), (select count(*) from person where id_state = 'plausible')
         from id_number_claim",
    )
    .fetch_one(db.pool())
    .await
    .expect("counts");
    assert_eq!(holders, (1, 1));
}

#[tokio::test]
async fn the_database_lets_nothing_belong_to_nobody() {
    let db = TestDb::practice().await;
    let events = [
        registered("p1", None),
        enrolled("p1", "disability", "2023-02"),
    ];
    apply(db.pool(), &events).await;
    for statement in [
        "insert into residence select 77, from_date, area_code, area_valid_from from residence",
        "insert into fact (person_id, fact_no, fact_id, kind, from_date)
         values (77, 1, 'f', 'hiv', '2024-01-01')",
        "insert into payee (person_id, wants_account) values (77, true)",
        "insert into move_confirmation (person_id, old_area_code, likeliest_code)
         values (77, '21172', '21172')",
        "update enrolment set person_id = 77",
        "delete from person",
        "update person set person_id = 77",
        "update person set area_code = '99999'",
        "delete from area",
        "update area set code = '99999' where code = '21172'",
    ] {
        let done = sqlx::query(statement).execute(db.pool()).await;
        let error = done.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("23503"), "{statement}: {error}");
    }
}
