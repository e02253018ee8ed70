//! Look-up codes: what opens a dossier, what does not, and how often one may try.

use casework::lookup::{LookupCode, Proof, Refused, find, issue};
use kernel::Origin;
use kernel::actor::Role;
use serde_json::json;
use testkit::TestDb;

use super::desk::{CODE, clock, everybody, only, register, submit};

async fn issued(db: &TestDb) -> LookupCode {
    let mut tx = db.pool().begin().await.expect("a transaction");
    let code = issue(&mut tx, &everybody(), &clock(), CODE).await;
    tx.commit().await.expect("committed");
    code.expect("a code")
}

fn proof(text: &str) -> Proof {
    Proof::parse(text).expect("a proof")
}

/// Another address for every name used here.
fn from(place: &str) -> Origin {
    let last = place.bytes().fold(0, u8::wrapping_add);
    Origin::Request {
        address: Some([203, 0, 113, last].into()),
        agent: String::new(),
    }
}

async fn looked_up(db: &TestDb, code: &LookupCode, text: &str, address: &str) -> bool {
    let found = find(db.pool(), &clock(), code, &proof(text), &from(address)).await;
    found
        .expect("an answer")
        .is_some_and(|it| it.dossier == CODE)
}

#[tokio::test]
async fn a_code_opens_its_dossier_with_either_proof_until_it_is_replaced() {
    let db = TestDb::practice().await;
    register(&db).await;
    submit(&db, CODE, json!({"beneficiary": "test/p"})).await;
    let code = issued(&db).await;
    for (text, opens) in [
        ("0011", true),
        ("01/02/1948", true),
        ("0012", false),
        ("02/02/1948", false),
    ] {
        assert_eq!(looked_up(&db, &code, text, "a").await, opens, "{text}");
    }
    let unknown = LookupCode::parse("ACDE-FGHJ").expect("a code");
    assert!(!looked_up(&db, &unknown, "0011", "a").await);
    let newer = issued(&db).await;
    assert!(!looked_up(&db, &code, "0011", "a").await, "replaced");
    assert!(looked_up(&db, &newer, "0011", "a").await);
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("select hash from lookup_code")
        .fetch_all(db.pool())
        .await
        .expect("reads");
    let plain = newer.printed().replace('-', "").into_bytes();
    assert!(
        kept.iter()
            .all(|hash| hash.len() == 32 && !hash.starts_with(&plain))
    );
}

#[tokio::test]
async fn tries_of_a_code_run_out_for_everybody_and_found_ones_do_not_count() {
    let db = TestDb::practice().await;
    submit(&db, CODE, json!({})).await;
    let code = issued(&db).await;
    for round in 0..12 {
        assert!(
            looked_up(&db, &code, "0011", &format!("{round}")).await,
            "found ones are free"
        );
    }
    for round in 0..10 {
        assert!(!looked_up(&db, &code, "9999", &format!("{round}")).await);
    }
    let right = find(
        db.pool(),
        &clock(),
        &code,
        &proof("0011"),
        &from("elsewhere"),
    )
    .await;
    assert!(
        matches!(right, Err(Refused::TooManyTries)),
        "not even with the right proof"
    );
    let tomorrow = testkit::clock("2024-07-01T08:00:00+07:00");
    let found = find(
        db.pool(),
        &tomorrow,
        &code,
        &proof("0011"),
        &from("elsewhere"),
    )
    .await;
    assert!(found.expect("an answer").is_some());
}

#[tokio::test]
async fn tries_from_an_address_run_out_however_many_come_at_once() {
    let db = TestDb::practice().await;
    submit(&db, CODE, json!({})).await;
    let code = issued(&db).await;
    let nobody = |round: usize| {
        let signs = b"ACDEFGHJKLMNPQRTUVWXY34679";
        let sign = char::from(signs[round % 26]);
        let more = char::from(signs[round / 26]);
        LookupCode::parse(&format!("{sign}{more}AAAAAA")).expect("a code")
    };
    let (mut unknown, mut refused) = (0, 0);
    for first in (0..36).step_by(6) {
        let codes: Vec<LookupCode> = (first..first + 6).map(nobody).collect();
        let (clock, wrong, one) = (clock(), proof("1111"), from("one"));
        let [a, b, c, d, e, f] =
            [0, 1, 2, 3, 4, 5].map(|at| find(db.pool(), &clock, &codes[at], &wrong, &one));
        let (a, b, c, d, e, f) = tokio::join!(a, b, c, d, e, f);
        for answer in [a, b, c, d, e, f] {
            match answer {
                Ok(None) => unknown += 1,
                Err(Refused::TooManyTries) => refused += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!((unknown, refused), (30, 6));
    let refused = find(db.pool(), &clock(), &code, &proof("0011"), &from("one")).await;
    assert!(matches!(refused, Err(Refused::TooManyTries)));
    assert!(looked_up(&db, &code, "0011", "another").await);
}

#[tokio::test]
async fn codes_are_given_out_by_the_desk_of_the_commune_and_only_if_something_can_be_asked() {
    let db = TestDb::practice().await;
    submit(&db, CODE, json!({"applicant_id_number": null})).await;
    let mut tx = db.pool().begin().await.expect("a transaction");
    let nothing = issue(&mut tx, &everybody(), &clock(), CODE).await;
    assert!(matches!(nothing, Err(Refused::NothingToAsk)));
    for (role, area, code) in [
        (Role::Reader, "51", "denied"),
        (Role::Clerk, "48", "unknown_dossier"),
    ] {
        let refused = issue(&mut tx, &only(role, area), &clock(), CODE).await;
        assert_eq!(refused.expect_err("refused").code(), code);
    }
}
