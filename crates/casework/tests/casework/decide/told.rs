//! What a decision tells the registry of somebody it knows.

use casework::form::Answers;
use casework::open::of_person;
use kernel::{Actor, PersonId};
use registry::event::EventKind;
use registry::person::Profile;
use serde_json::json;
use testkit::TestDb;
use uuid::Uuid;

use super::office::*;

fn everybody() -> Actor {
    Actor::with_every_role("can.bo")
}

/// Somebody in a poor household, mildly disabled since 2023, with a name written wrong.
async fn known(db: &TestDb) -> PersonId {
    let lines = [
        json!({"event_id": Uuid::now_v7(), "kind": "person_registered", "person": "p",
               "effective": "2023-01-01", "source": "test", "full_name": "Nguoi Thu",
               "birth_date": "1980", "sex": "female", "ethnicity": "01",
               "id_number": "999180000011", "area": COMMUNE}),
        json!({"event_id": Uuid::now_v7(), "kind": "fact_started", "person": "p", "source": "test",
               "effective": "2023-03-01", "fact_id": "mild",
               "fact": {"kind": "disability", "grade": "mild"}}),
        json!({"event_id": Uuid::now_v7(), "kind": "fact_started", "person": "p", "source": "test",
               "effective": "2023-01-01", "fact_id": "poor",
               "fact": {"kind": "poverty", "status": "poor"}}),
        json!({"event_id": Uuid::now_v7(), "kind": "fact_started", "person": "p", "source": "test",
               "effective": "2023-01-01", "fact_id": "hiv", "fact": {"kind": "hiv"}}),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    let (events, refused) = registry::event::read_lines(text.as_bytes());
    assert_eq!(refused, []);
    let applied = registry::apply(db.pool(), &everybody(), &submitted_at(), &events).await;
    assert_eq!(applied.expect("applied").refused, []);
    let id: i64 = sqlx::query_scalar("select person_id from person")
        .fetch_one(db.pool())
        .await
        .expect("one person");
    PersonId(id)
}

async fn profile(db: &TestDb, person: PersonId) -> Profile {
    let read = registry::person::read(db.pool(), &everybody(), &deciding(), person).await;
    read.expect("known")
}

/// Decides an application of the person; the refusals.
async fn decided(
    db: &TestDb,
    answers: &Answers,
    person: Option<PersonId>,
) -> (String, Vec<String>) {
    let dossier = submitted(db, answers, person).await;
    agreed(db, &dossier, granting()).await;
    let refused = decide(db, &records(), &dossier).await.refused;
    let codes = refused.iter().map(|it| it.code.to_owned()).collect();
    (dossier, codes)
}

fn spans(profile: &Profile) -> Vec<(String, String, Option<String>)> {
    let span = |(_, fact): &(String, law::Fact)| {
        (
            registry::fact::vietnamese(&fact.kind).to_owned(),
            fact.from.to_string(),
            fact.to.map(|day| day.to_string()),
        )
    };
    let mut spans: Vec<_> = profile.facts.iter().map(span).collect();
    spans.sort();
    spans
}

#[tokio::test]
async fn what_the_applicant_says_otherwise_is_corrected_with_the_dossier_as_its_proof() {
    let db = open().await;
    let person = known(&db).await;
    let (dossier, refused) = decided(&db, &answers(&[("phone", "0900000000")]), Some(person)).await;
    assert_eq!(refused, [""; 0]);
    let now = profile(&db, person).await;
    assert_eq!(now.full_name, "Người Thử");
    assert_eq!(now.birth_date.to_string(), "1980-03-12");
    assert_eq!(now.phone.as_deref(), Some("0900000000"));
    let mut timeline = now.timeline.iter();
    let corrected = timeline.find_map(|entry| match &entry.event.kind {
        EventKind::PersonCorrected(correction) => Some((entry.event.uuid(), correction)),
        _ => None,
    });
    let (event, correction) = corrected.expect("a correction");
    assert_eq!(correction.ethnicity, None, "what is the same is not told");
    let proof: String = sqlx::query_scalar(
        "select code from dossier_event join dossier using (dossier_id) where event_id = $1",
    )
    .bind(event)
    .fetch_one(db.pool())
    .await
    .expect("its dossier");
    assert_eq!(proof, dossier);
}

#[tokio::test]
async fn a_new_grade_and_what_is_denied_end_what_was_true() {
    let db = open().await;
    let person = known(&db).await;
    let (_, refused) = decided(&db, &answers(&[]), Some(person)).await;
    assert_eq!(refused, [""; 0]);
    let now = profile(&db, person).await;
    let told = |what: &str, from: &str, to: Option<&str>| {
        (what.to_owned(), from.to_owned(), to.map(str::to_owned))
    };
    assert_eq!(
        spans(&now),
        [
            told("Hộ nghèo", "2023-01-01", Some("2024-05-05")),
            told("Khuyết tật nhẹ", "2023-03-01", Some("2024-02-19")),
            told("Khuyết tật nặng", "2024-02-20", None),
            told("Nhiễm HIV", "2023-01-01", None),
        ]
    );
}

#[tokio::test]
async fn an_older_certificate_ends_where_the_newer_one_begins() {
    let db = open().await;
    let person = known(&db).await;
    let older = answers(&[("certificate_date", "10/05/2022")]);
    let (_, refused) = decided(&db, &older, Some(person)).await;
    assert_eq!(refused, [""; 0]);
    let now = profile(&db, person).await;
    let severe = spans(&now).into_iter().find(|it| it.0 == "Khuyết tật nặng");
    let to = severe.expect("told").2;
    assert_eq!(to.as_deref(), Some("2023-02-28"));
    let same_day = answers(&[("certificate_date", "01/03/2023"), ("phone", "0900000000")]);
    let fresh = open().await;
    let person = known(&fresh).await;
    let (_, refused) = decided(&fresh, &same_day, Some(person)).await;
    assert_eq!(refused, ["fact_same_day"]);
    let now = profile(&fresh, person).await;
    assert_eq!(now.phone, None, "nothing is left behind");
}

#[tokio::test]
async fn a_person_knows_their_dossiers_however_the_decision_met_them() {
    let db = open().await;
    // Registered by the approval, then met by the ID number.
    let (first, refused) = decided(&db, &answers(&[]), None).await;
    assert_eq!(refused, [""; 0]);
    let person = person_of(&db, &first).await;
    let parent = answers(&[
        ("children.0.birth_date", "2023-02-01"),
        ("phone", "0900000000"),
    ]);
    let (again, refused) = decided(&db, &parent, None).await;
    // The same benefit cannot be awarded twice; its dossier names nobody.
    assert_eq!(refused, ["overlapping_enrolment"]);
    let third = submitted(&db, &parent, Some(person)).await;
    let dossiers = of_person(db.pool(), &everybody(), person)
        .await
        .expect("reads");
    let mut codes: Vec<String> = dossiers.into_iter().map(|it| it.dossier).collect();
    codes.sort();
    let mut expected = vec![first, third];
    expected.sort();
    assert_eq!(codes, expected);
    let looked = casework::dossier(db.pool(), &everybody(), &deciding(), &again).await;
    assert_eq!(looked.expect("the dossier").person_id, None);
    let elsewhere = only("can.bo", kernel::actor::Role::Officer, "48");
    assert_eq!(
        of_person(db.pool(), &elsewhere, person)
            .await
            .expect("reads"),
        []
    );
}
