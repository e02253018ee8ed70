//! Answers corrected after a supplement was asked for.

use casework::correct::{CorrectError, Corrected, Correction, correct, preview};
use casework::form::Answers;
use casework::{Status, Teller, answered};
use kernel::Actor;
use kernel::actor::Role;
use serde_json::json;
use testkit::TestDb;
use uuid::Uuid;

use super::office::*;

fn clerk() -> Actor {
    only("tiep.nhan", Role::Clerk, COMMUNE)
}

fn correction<'a>(dossier: &'a str, seen: i32, answers: &'a Answers) -> Correction<'a> {
    Correction {
        dossier,
        seen,
        answers,
        allows_gaps: false,
        completes: true,
        key: Uuid::now_v7(),
    }
}

async fn corrected(
    db: &TestDb,
    teller: Teller<'_>,
    asked: &Correction<'_>,
) -> Result<Corrected, CorrectError> {
    let (clerk, clock) = (clerk(), at("2024-05-10T09:00"));
    correct(db.pool(), (teller, &clerk, &clock), asked).await
}

async fn asked(db: &TestDb, dossier: &str) {
    let why = json!({"kind": "supplement_asked", "papers": ["Tờ khai"], "reason": "Sai ngày cấp"});
    tell(db, dossier, "2024-05-08T09:00", why).await;
}

#[tokio::test]
async fn a_correction_is_a_new_version_that_says_what_changed() {
    let db = open().await;
    let dossier = submitted(&db, &answers(&[]), None).await;
    let new = answers(&[("certificate_date", "02/03/2024"), ("phone", "0900000000")]);
    let early = corrected(&db, Teller::Office, &correction(&dossier, 1, &new)).await;
    assert_eq!(
        early.expect_err("not asked for").code(),
        "no_supplement_awaited"
    );
    asked(&db, &dossier).await;
    let clock = at("2024-05-10T09:00");
    let telling = (Teller::Office, &clerk(), &clock);
    let looked = preview(db.pool(), telling, &correction(&dossier, 1, &new)).await;
    let done = corrected(&db, Teller::Office, &correction(&dossier, 1, &new)).await;
    let done = done.expect("corrected");
    assert_eq!(done.version, 2);
    assert_eq!(looked.expect("looked at"), done.changes);
    let words: Vec<(&str, &str, &str)> = done
        .changes
        .iter()
        .map(|it| (it.field.as_str(), it.old.as_str(), it.new.as_str()))
        .collect();
    assert_eq!(
        words,
        [
            ("phone", "", "0900000000"),
            ("certificate_date", "20/02/2024", "02/03/2024")
        ]
    );
    let now = casework::dossier(db.pool(), &clerk(), &deciding(), &dossier).await;
    assert_eq!(now.expect("the dossier").row.status, Status::InProcess);
    let versions = answered::corrections(db.pool(), &dossier, true).await;
    let versions = versions.expect("reads");
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].changes, done.changes);
    // The correction counts: the decision enrols from the month of the certificate.
    agreed(&db, &dossier, granting()).await;
    assert_eq!(decide(&db, &records(), &dossier).await.refused, []);
    let person = person_of(&db, &dossier).await;
    let everybody = Actor::with_every_role("can.bo");
    let known = registry::person::read(db.pool(), &everybody, &deciding(), person).await;
    assert_eq!(
        known.expect("known").enrolments[0].from.to_string(),
        "2024-03"
    );
    let late = answers(&[("phone", "0900000001")]);
    let late = corrected(&db, Teller::Office, &correction(&dossier, 2, &late)).await;
    assert_eq!(late.expect_err("decided").code(), "no_supplement_awaited");
}

#[tokio::test]
async fn what_cannot_be_a_correction_is_refused_by_its_reason() {
    let db = open().await;
    let dossier = submitted(&db, &answers(&[]), None).await;
    asked(&db, &dossier).await;
    let same = answers(&[]);
    let moved = answers(&[("area", "21178")]);
    let wrong = answers(&[("certificate_date", "31/02/2024")]);
    let right = answers(&[("phone", "0900000000")]);
    let office = Teller::Office;
    let other = Teller::Citizen {
        dossier: "000.00.00.H51-000000-0000",
    };
    for (teller, seen, given, code) in [
        (office, 1, &same, "nothing_changed"),
        (office, 1, &moved, "answers_refused"),
        (office, 1, &wrong, "answers_refused"),
        (office, 2, &right, "changed_meanwhile"),
        (other, 1, &right, "unknown_dossier"),
    ] {
        let refused = corrected(&db, teller, &correction(&dossier, seen, given)).await;
        assert_eq!(refused.expect_err(code).code(), code);
    }
    let leader = only("lanh.dao", Role::Leader, COMMUNE);
    let clock = at("2024-05-10T09:00");
    let asked = correction(&dossier, 1, &right);
    let refused = correct(db.pool(), (office, &leader, &clock), &asked).await;
    assert_eq!(refused.expect_err("no clerk").code(), "denied");
}

#[tokio::test]
async fn a_citizen_corrects_while_it_is_awaited_and_of_two_one_is_told() {
    let db = open().await;
    let dossier = submitted(&db, &answers(&[]), None).await;
    asked(&db, &dossier).await;
    let own = Teller::Citizen { dossier: &dossier };
    let (one, other) = (
        answers(&[("phone", "0900000001")]),
        answers(&[("phone", "0900000002")]),
    );
    let (first, second) = (
        correction(&dossier, 1, &one),
        correction(&dossier, 1, &other),
    );
    let (one, other) = tokio::join!(
        corrected(&db, own, &first),
        corrected(&db, Teller::Office, &second)
    );
    let refused = match (one, other) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        both => panic!("one of two: {both:?}"),
    };
    assert!(
        ["changed_meanwhile", "no_supplement_awaited"].contains(&refused.code()),
        "{refused:?}"
    );
    let again = answers(&[("phone", "0900000003")]);
    let late = corrected(&db, own, &correction(&dossier, 2, &again)).await;
    assert_eq!(
        late.expect_err("came already").code(),
        "no_supplement_awaited"
    );
}
