//! Finding people, looking at one, and the same person registered twice.

use kernel::Actor;
use kernel::actor::{Grant, Role};
use kernel::{EventId, PersonId};
use registry::duplicates::{self, DuplicateError, Likeness};
use registry::person::{self, Lookup, PersonError};
use registry::quality;
use registry::search::{Query, search};
use serde_json::json;
use sqlx::PgPool;
use testkit::TestDb;

use crate::support::{
    VILLAGE, WARD, apply, cancelled, clock, enrolled, event, projections, refusals, registered,
};

fn officer() -> Actor {
    Actor::with_every_role("can.bo")
}

fn only(role: Role, area: &str) -> Actor {
    Actor::new(
        "nguoi.xem",
        vec![Grant {
            role,
            area: Some(area.into()),
        }],
    )
}

fn named(person: &str, name: &str, birth: &str, area: &str) -> registry::Event {
    event(
        &format!("{person} registered"),
        person,
        "2023-01-10",
        "person_registered",
        json!({
            "full_name": name, "birth_date": birth, "sex": "female", "id_number": "05114800001",
            "area": area,
        }),
    )
}

async fn found(pool: &PgPool, actor: &Actor, text: &str, area: &str) -> Vec<String> {
    let query = Query {
        text,
        area,
        limit: 50,
        ..Query::default()
    };
    let found = search(pool, actor, &clock(), &query)
        .await
        .expect("an answer");
    found.people.into_iter().map(|hit| hit.person).collect()
}

async fn number(pool: &PgPool, key: &str) -> PersonId {
    match person::find(pool, key).await.expect("an answer") {
        Lookup::One(id) => id,
        other => panic!("{key}: {other:?}"),
    }
}

#[tokio::test]
async fn names_are_found_without_accents_in_any_order() {
    let db = TestDb::practice().await;
    apply(
        db.pool(),
        &[
            named("a", "Trần Thị Thuý Hoà", "1948-02-01", WARD),
            named("b", "Trần Văn Đào", "1950", VILLAGE),
            named("c", "H'Bia Niê Kdăm", "1950", "00004"),
        ],
    )
    .await;
    let all = officer();
    for (text, people) in [
        ("thuy hoa", vec!["a"]),
        ("HOÀ TRẦN", vec!["a"]),
        ("tran", vec!["a", "b"]),
        ("dao tr", vec!["b"]),
        ("hbia", vec!["c"]),
        ("hòa & | !", vec!["a"]),
        ("05114800001", vec!["c", "a", "b"]),
        ("", vec!["c", "a", "b"]),
        ("nobody", vec![]),
        ("'); drop", vec![]),
    ] {
        assert_eq!(found(db.pool(), &all, text, "").await, people, "{text}");
    }
    assert_eq!(found(db.pool(), &all, "tran", VILLAGE).await, ["b"]);
    assert_eq!(found(db.pool(), &all, "", "51").await, ["a", "b"]);
    assert_eq!(
        found(db.pool(), &only(Role::Reader, "51"), "", "").await,
        ["a", "b"]
    );
    assert!(
        found(db.pool(), &only(Role::Administrator, "51"), "", "")
            .await
            .is_empty()
    );
    let query = Query {
        limit: 2,
        skip: 1,
        ..Query::default()
    };
    let page = search(db.pool(), &all, &clock(), &query)
        .await
        .expect("an answer");
    assert_eq!((page.people.len(), page.more), (2, false));
}

#[tokio::test]
async fn a_reader_sees_neither_the_whole_number_nor_the_infection() {
    let db = TestDb::practice().await;
    let hiv = event(
        "hiv",
        "p1",
        "2023-01-15",
        "fact_started",
        json!({
        "fact_id": "h", "fact": {"kind": "hiv"}}),
    );
    let events = [
        registered("p1", Some("999148001234")),
        hiv,
        enrolled("p1", "poor_adult_with_hiv", "2023-01"),
        enrolled("p1", "disability", "2023-01"),
    ];
    apply(db.pool(), &events).await;
    let codes = async |actor: &Actor| {
        let query = Query {
            text: "nguyen",
            limit: 5,
            ..Query::default()
        };
        let found = search(db.pool(), actor, &clock(), &query)
            .await
            .expect("an answer");
        let hit = found.people.into_iter().next().expect("one");
        let benefits: Vec<&str> = hit.benefits.iter().map(|it| it.code()).collect();
        (hit.id_number.expect("a number"), benefits.join(" "))
    };
    let reader = only(Role::Reader, "51");
    let whole = (
        "999148001234".to_owned(),
        "disability poor_adult_with_hiv".to_owned(),
    );
    let part = ("•••• 1234".to_owned(), "disability hidden".to_owned());
    assert_eq!(codes(&officer()).await, whole);
    assert_eq!(codes(&reader).await, part);

    let id = number(db.pool(), "p1").await;
    let seen = person::read(db.pool(), &officer(), &clock(), id)
        .await
        .expect("shown");
    assert_eq!(
        (seen.facts.len(), seen.enrolments.len(), seen.timeline.len()),
        (1, 2, 4)
    );
    let seen = person::read(db.pool(), &reader, &clock(), id)
        .await
        .expect("shown");
    assert_eq!((seen.facts.len(), seen.enrolments.len()), (0, 1));
    assert!(
        seen.timeline
            .iter()
            .all(|entry| !entry.event.to_json().contains("hiv"))
    );
    let elsewhere = person::read(db.pool(), &only(Role::Officer, "01"), &clock(), id).await;
    assert!(matches!(elsewhere, Err(PersonError::Denied(_))));
    let views: i64 =
        sqlx::query_scalar("select count(*) from audit_entry where action = 'person.view'")
            .fetch_one(db.pool())
            .await
            .expect("a count");
    assert_eq!(views, 2);
}

#[tokio::test]
async fn a_page_shows_everything_newest_first_with_what_was_cancelled() {
    let db = TestDb::practice().await;
    let died = event(
        "d",
        "p1",
        "2024-03-02",
        "died",
        json!({"date": "2024-03-01"}),
    );
    apply(
        db.pool(),
        &[registered("p1", Some("51148000001")), died.clone()],
    )
    .await;
    apply(db.pool(), &[cancelled(&died)]).await;
    let id = number(db.pool(), "test/p1").await;
    assert_eq!(number(db.pool(), &format!("#{id}")).await, id);
    assert_eq!(
        person::find(db.pool(), "p2").await.expect("an answer"),
        Lookup::Nobody
    );
    let seen = person::read(db.pool(), &officer(), &clock(), id)
        .await
        .expect("shown");
    let kinds: Vec<_> = seen
        .timeline
        .iter()
        .map(|it| (it.event.kind.code(), it.cancelled_by.is_some()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("event_cancelled", false),
            ("died", true),
            ("person_registered", false)
        ]
    );
    assert_eq!(seen.death_date, None);
    assert_eq!(seen.id_suggestion, Some("có 11 chữ số: mất số 0 ở đầu?"));
    let nobody = person::read(db.pool(), &officer(), &clock(), PersonId(999)).await;
    assert!(matches!(nobody, Err(PersonError::Unknown(_))));
}

#[tokio::test]
async fn duplicates_are_found_merged_by_a_person_and_parted_again() {
    let db = TestDb::practice().await;
    let pool = db.pool();
    let second = event(
        "b registered",
        "b",
        "2023-02-01",
        "person_registered",
        json!({
        "full_name": "NGUYỄN THỊ A", "birth_date": "1948", "area": VILLAGE}),
    );
    let care = event(
        "care",
        "b",
        "2023-03-01",
        "fact_started",
        json!({
        "fact_id": "x", "fact": {"kind": "disability", "grade": "severe"}}),
    );
    let ended = event(
        "end",
        "b",
        "2023-06-01",
        "enrolment_ended",
        json!({
        "benefit": "disability", "last_month": "2023-08", "reason": "r"}),
    );
    apply(
        pool,
        &[
            registered("a", Some("999148000001")),
            enrolled("a", "disability", "2023-05"),
            second,
            care,
            enrolled("b", "disability", "2023-03"),
            ended,
            enrolled("b", "disability", "2024-01"),
            named("far", "Nguyễn Thị A", "1948-02-01", "00004"),
        ],
    )
    .await;
    let list = async |area| {
        let pairs = duplicates::candidates(pool, &officer(), &clock(), area, 10).await;
        let pairs = pairs.expect("an answer");
        let keys = pairs
            .into_iter()
            .map(|it| (it.likeness, it.one.person, it.other.person));
        keys.collect::<Vec<_>>()
    };
    let pair = (
        Some(Likeness::NameAndBirthYear),
        "a".to_owned(),
        "b".to_owned(),
    );
    assert_eq!(list("51").await, [pair]);
    let before = projections(pool).await;
    let (kept, dropped) = (number(pool, "a").await, number(pool, "b").await);
    let merge = async |id, kept, dropped| {
        duplicates::merge(
            pool,
            &officer(),
            &clock(),
            EventId(id),
            (kept, dropped),
            "trùng",
        )
        .await
    };
    merge(1, kept, dropped).await.expect("merged");
    assert!(list("").await.is_empty());
    let spans: Vec<(i64, i32, Option<i32>)> =
        sqlx::query_as("select person_id, from_month, to_month from enrolment order by from_month")
            .fetch_all(pool)
            .await
            .expect("enrolments");
    assert_eq!(spans, [(kept.0, 202303, None)]);
    let facts: i64 = sqlx::query_scalar("select person_id from fact")
        .fetch_one(pool)
        .await
        .expect("one");
    assert_eq!(facts, kept.0);
    let seen = person::read(pool, &officer(), &clock(), kept)
        .await
        .expect("shown");
    assert_eq!((seen.merged_here, seen.timeline.len()), (vec![dropped], 8));
    let late = enrolled("b", "social_pension", "2024-01");
    assert_eq!(
        refusals(&apply(pool, &[late]).await),
        [(1, "person", "merged")]
    );
    let again = merge(2, kept, dropped).await;
    assert!(matches!(again, Err(DuplicateError::Unknown(_))));
    assert!(matches!(
        merge(3, kept, kept).await,
        Err(DuplicateError::Same)
    ));
    // A later event of the kept record finds the merged one again.
    let wish = event(
        "w",
        "a",
        "2024-01-01",
        "payee_wish",
        json!({"wants_account": true}),
    );
    apply(pool, std::slice::from_ref(&wish)).await;
    apply(pool, &[cancelled(&wish)]).await;

    let mut part = cancelled(&wish);
    part.event_id = EventId(77);
    part.person = format!("#{dropped}");
    part.kind = registry::EventKind::EventCancelled {
        cancels: EventId(1),
    };
    assert_eq!(apply(pool, &[part]).await.applied, 1);
    assert_eq!(projections(pool).await, before);

    let two = (kept, dropped);
    duplicates::dismiss(pool, &officer(), &clock(), two, "mẹ và con")
        .await
        .expect("noted");
    assert!(list("").await.is_empty());
    let stranger = duplicates::dismiss(pool, &only(Role::Officer, "01"), &clock(), two, "x").await;
    assert!(matches!(stranger, Err(DuplicateError::Denied(_))));
}

#[tokio::test]
async fn numbers_to_look_at_and_communes_to_confirm_are_listed() {
    let db = TestDb::practice().await;
    // Phường Đồng Xuân's neighbour 00007 was split in July 2025.
    let split = named("split", "Nguyễn Thị C", "1948", "00007");
    apply(db.pool(), &[registered("p1", Some("999148000001")), split]).await;
    let counts = quality::id_states(db.pool(), &officer(), &clock(), "")
        .await
        .expect("counts");
    let told: Vec<_> = counts
        .iter()
        .filter(|it| it.people > 0)
        .map(|it| it.state)
        .collect();
    assert_eq!(told, ["plausible", "malformed"]);
    let mut faults = Vec::new();
    quality::id_faults(db.pool(), &officer(), &clock(), "01", None, |it| {
        faults.push(it.person)
    })
    .await
    .expect("listed");
    assert_eq!(faults, ["split"]);
    let before = quality::moves_to_confirm(db.pool(), &officer(), &clock(), "").await;
    assert!(before.expect("listed").is_empty());
    let after = testkit::clock("2025-08-01T08:00:00+07:00");
    let people = quality::moves_to_confirm(db.pool(), &officer(), &after, "")
        .await
        .expect("listed");
    assert_eq!(people.len(), 1);
    assert!(people[0].parts.len() > 1 && people[0].parts.contains(&&*people[0].likeliest_area));
    let confirmed = event(
        "m",
        "split",
        "2025-07-01",
        "moved",
        json!({"area": people[0].parts[1]}),
    );
    apply(db.pool(), &[confirmed]).await;
    let people = quality::moves_to_confirm(db.pool(), &officer(), &after, "")
        .await
        .expect("listed");
    assert!(people.is_empty());
}
