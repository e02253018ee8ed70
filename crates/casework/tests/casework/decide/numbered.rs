//! Numbers of decisions come out of the book with the decision, or not at all.

use casework::Step;
use casework::letter::{self, Kind as Letter};
use casework::register::{Entry, Filter, book, given_to};
use kernel::Actor;
use kernel::actor::Role;
use law::Law;
use serde_json::json;
use testkit::TestDb;
use uuid::Uuid;

use super::office::*;

async fn entries(db: &TestDb) -> Vec<Entry> {
    let filter = Filter {
        area: "51".to_owned(),
        year: 2024,
        limit: 100,
        ..Filter::default()
    };
    let everybody = Actor::with_every_role("can.bo");
    book(db.pool(), &everybody, &filter)
        .await
        .expect("the book")
        .0
}

#[tokio::test]
async fn a_records_clerk_numbers_a_decision_and_the_person_is_enrolled_by_it() {
    let db = open().await;
    let granted = submitted(&db, &answers(&[]), None).await;
    agreed(&db, &granted, granting()).await;
    let refused = submitted(&db, &answers(&[("id_number", "999180000029")]), None).await;
    let why = json!({"outcome": "refused", "condition": "Không đúng mức độ", "law": "Điều 5"});
    agreed(&db, &refused, why).await;

    let (step, key) = (decision(&db, &granted).await, Uuid::now_v7());
    let standing = casework::act::standing(db.pool(), &records(), &granted).await;
    let seen = standing.expect("a dossier").last;
    let ask = [casework::act::Ask {
        dossier: granted.clone(),
        seen,
        step,
    }];
    let looked = casework::act::preview(db.pool(), &records(), &deciding(), key, &ask).await;
    assert_eq!(looked.expect("looked at").applied, 1);
    assert_eq!(entries(&db).await, [], "looking gives no number");
    let done = casework::act::act(db.pool(), &records(), &deciding(), key, &ask).await;
    assert_eq!(done.expect("decided").applied, 1);
    let later = at("2024-06-03T08:05");
    let again = casework::act::act(db.pool(), &records(), &later, key, &ask).await;
    let again = again.expect("known");
    assert_eq!(
        (again.already, again.refused),
        (1, vec![]),
        "sent again, decided once"
    );

    let applied = decide(&db, &records(), &refused).await;
    assert_eq!((applied.applied, applied.refused), (1, vec![]));
    let told: Vec<(String, String, Vec<String>)> = entries(&db)
        .await
        .into_iter()
        .map(|it| (it.written, it.area, it.dossiers))
        .collect();
    let district = "Huyện Sơn Tịnh, Tỉnh Quảng Ngãi".to_owned();
    let expected = [
        (
            "01/QĐ-UBND".to_owned(),
            district.clone(),
            vec![granted.clone()],
        ),
        ("01/TB-UBND".to_owned(), district, vec![refused]),
    ];
    assert_eq!(told, expected, "the district's chairman decides");
    let given = given_to(db.pool(), &granted).await.expect("reads");
    assert_eq!(given.as_deref(), Some("01/QĐ-UBND"));

    let person = person_of(&db, &granted).await;
    let everybody = Actor::with_every_role("can.bo");
    let known = registry::person::read(db.pool(), &everybody, &deciding(), person).await;
    let award = known.expect("known").enrolments.remove(0);
    assert_eq!(award.decision.number, "01/QĐ-UBND");
    let signer = award.decision.signed_by.as_deref();
    assert_eq!(signer, Some("Lãnh đạo luyện tập, Phó Chủ tịch"));
    let which = (granted.as_str(), Letter::Grant);
    let law = Law::embedded();
    let draft = letter::draft(db.pool(), &law, &everybody, &deciding(), which, None).await;
    let printed = draft.expect("a letter").letter;
    assert_eq!(printed.signed_as, ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]);
    assert_eq!(printed.signed_by, "Lãnh đạo luyện tập");
    assert_eq!(printed.number, "Số: 01/QĐ-UBND");
}

#[tokio::test]
async fn what_cannot_be_decided_leaves_no_gap_in_the_book() {
    let db = open().await;
    let first = submitted(&db, &answers(&[]), None).await;
    agreed(&db, &first, granting()).await;
    assert_eq!(decide(&db, &records(), &first).await.refused, []);
    let person = person_of(&db, &first).await;
    // The same benefit again: the registry refuses the second enrolment.
    let twice = submitted(&db, &answers(&[]), Some(person)).await;
    agreed(&db, &twice, granting()).await;
    let applied = decide(&db, &records(), &twice).await;
    assert_eq!(
        (applied.applied, applied.refused.len()),
        (0, 1),
        "{applied:?}"
    );
    let other = submitted(&db, &answers(&[("id_number", "999180000037")]), None).await;
    agreed(&db, &other, granting()).await;
    // The commune's own records clerk does not number what the district decides.
    let clerk = only("van.thu", Role::Records, COMMUNE);
    let refused = decide(&db, &clerk, &other).await.refused;
    assert_eq!(refused[0].code, "denied", "{refused:?}");
    assert_eq!(decide(&db, &records(), &other).await.refused, []);
    let written: Vec<String> = entries(&db)
        .await
        .into_iter()
        .map(|it| it.written)
        .collect();
    assert_eq!(written, ["02/QĐ-UBND", "01/QĐ-UBND"]);
}

#[tokio::test]
async fn many_at_once_are_numbered_one_after_the_other() {
    let db = open().await;
    let mut dossiers = Vec::new();
    for number in [
        "999180000011",
        "999180000029",
        "999180000037",
        "999180000045",
    ] {
        let dossier = submitted(&db, &answers(&[("id_number", number)]), None).await;
        agreed(&db, &dossier, granting()).await;
        dossiers.push(dossier);
    }
    let actor = records();
    let decide = |at: usize| decide(&db, &actor, &dossiers[at]);
    let applied = tokio::join!(decide(0), decide(1), decide(2), decide(3));
    let applied = [applied.0, applied.1, applied.2, applied.3];
    assert!(applied.iter().all(|it| it.applied == 1), "{applied:?}");
    let numbers: Vec<i32> = entries(&db).await.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
}

#[tokio::test]
async fn a_number_of_another_book_may_be_written() {
    let db = open().await;
    let dossier = submitted(&db, &answers(&[]), None).await;
    agreed(&db, &dossier, granting()).await;
    let standing = casework::act::standing(db.pool(), &records(), &dossier).await;
    let outcome = standing.expect("a dossier").decided("77/QĐ-UBND", SIGNED);
    let step = Step::Decided(outcome.expect("agreed"));
    let applied = take(&db, &records(), &deciding(), &dossier, step, Uuid::now_v7()).await;
    assert_eq!((applied.applied, applied.refused), (1, vec![]));
    assert_eq!(entries(&db).await, []);
}
