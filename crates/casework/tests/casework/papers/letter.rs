//! What letters say, as text: each kind once, what must never stand in one, and signatures.

use casework::letter::signed::{self, Signature, Way};
use casework::letter::{Draft, Kind, Refused, draft};
use casework::lookup::LookupCode;
use files::{FileHash, MediaType, Stored};
use kernel::actor::Role;
use law::Law;
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

use super::desk::{CODE, clock, everybody, only, register, submit, tell};

const SECOND: &str = "000.00.00.H51-240506-0002";

async fn letter(db: &TestDb, kind: Kind) -> Result<Draft, Refused> {
    let law = Law::embedded();
    draft(db.pool(), &law, &everybody(), &clock(), (CODE, kind), None).await
}

async fn text(db: &TestDb, kind: Kind) -> String {
    letter(db, kind).await.expect("a letter").letter.to_string()
}

async fn fact(db: &TestDb, fact: Value) {
    let event = json!({"event_id": Uuid::new_v4(), "kind": "fact_started", "person": "p",
                       "effective": "2024-03-01", "source": "test", "fact_id": "f", "fact": fact});
    record(db, event).await;
}

async fn record(db: &TestDb, event: Value) {
    let event = registry::Event::parse(event.to_string().as_bytes()).expect("an event");
    let rows = [registry::Submitted { row: 1, event }];
    let applied = registry::apply(db.pool(), &everybody(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn severe(db: &TestDb) {
    register(db).await;
    fact(db, json!({"kind": "disability", "grade": "severe"})).await;
    let asks = json!({"beneficiary": "test/p", "benefit": "disability",
                      "papers": [{"name": "Tờ khai"}, {"name": "Giấy xác nhận khuyết tật"}]});
    submit(db, CODE, asks).await;
}

async fn through_the_stages(db: &TestDb, code: &str) {
    tell(db, code, "received", "2024-05-06T09:00", json!({})).await;
    for (stage, day) in [("commune_review", 13), ("sent_up", 15), ("appraisal", 20)] {
        let at = format!("2024-05-{day}T09:00");
        tell(db, code, "stage_done", &at, json!({ "stage": stage })).await;
    }
}

async fn decide(db: &TestDb, code: &str, mut outcome: Value) {
    outcome["decision"] =
        json!({"number": "12/QĐ-UBND", "date": "2024-05-22", "signed_by": "Lê Văn Lãnh"});
    tell(db, code, "decided", "2024-05-22T15:00", outcome).await;
}

#[tokio::test]
async fn a_grant_says_what_the_law_gives_from_draft_to_decision() {
    let db = TestDb::practice().await;
    severe(&db).await;
    let law = Law::embedded();
    let code = LookupCode::parse("ACDE-FGHJ").expect("a code");
    let (actor, clock) = (everybody(), clock());
    let receipt = (CODE, Kind::Receipt);
    tell(&db, CODE, "received", "2024-05-06T09:00", json!({})).await;
    let receipt = draft(db.pool(), &law, &actor, &clock, receipt, Some(&code)).await;
    insta::assert_snapshot!("receipt", receipt.expect("a letter").letter);
    let asks = json!({"papers": ["Giấy khai sinh"], "reason": "bản chụp bị mờ."});
    tell(&db, CODE, "supplement_asked", "2024-05-07T09:00", asks).await;
    let supplement = letter(&db, Kind::Supplement).await.expect("a letter");
    assert_eq!(supplement.seq, 3);
    insta::assert_snapshot!("supplement", supplement.letter);
    let promised = text(&db, Kind::Receipt).await;
    assert!(
        promised.contains("Hẹn trả kết quả: "),
        "a dossier that waits keeps the day it was promised: {promised}"
    );
    let came = json!({"papers": [{"name": "Giấy khai sinh"}]});
    tell(&db, CODE, "supplemented", "2024-05-08T09:00", came).await;
    insta::assert_snapshot!("apology", text(&db, Kind::Apology).await);
    insta::assert_snapshot!("proposal", text(&db, Kind::Proposal).await);
    for (stage, day) in [("commune_review", 13), ("sent_up", 15), ("appraisal", 20)] {
        let at = format!("2024-05-{day}T09:00");
        tell(&db, CODE, "stage_done", &at, json!({ "stage": stage })).await;
    }
    let before = text(&db, Kind::Grant).await;
    assert!(
        before.contains("Số:         /QĐ-UBND") && before.contains("720.000 đồng"),
        "{before}"
    );
    decide(&db, CODE, json!({"outcome": "approved"})).await;
    insta::assert_snapshot!("grant", text(&db, Kind::Grant).await);
    insta::assert_snapshot!("collective", text(&db, Kind::Collective).await);
    for kind in [Kind::Refusal, Kind::NotAccepted, Kind::Funeral, Kind::Stop] {
        let refused = letter(&db, kind).await;
        assert!(matches!(refused, Err(Refused::NothingToSay)), "{kind:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_why_and_a_dossier_not_accepted_too() {
    let db = TestDb::practice().await;
    severe(&db).await;
    through_the_stages(&db, CODE).await;
    let refused = json!({"outcome": "refused", "condition": "chưa có giấy xác nhận khuyết tật",
                         "law": "20/2021/NĐ-CP Điều 5 khoản 6"});
    decide(&db, CODE, refused).await;
    insta::assert_snapshot!("refusal", text(&db, Kind::Refusal).await);
    submit(&db, SECOND, json!({})).await;
    let reason = json!({"reason": "không thuộc thẩm quyền"});
    tell(&db, SECOND, "not_accepted", "2024-05-06T09:00", reason).await;
    let (law, who, clock) = (Law::embedded(), everybody(), clock());
    let kind = (SECOND, Kind::NotAccepted);
    let letter = draft(db.pool(), &law, &who, &clock, kind, None).await;
    insta::assert_snapshot!("not_accepted", letter.expect("a letter").letter);
}

#[tokio::test]
async fn a_funeral_is_decided_for_whoever_bears_its_costs() {
    let db = TestDb::practice().await;
    register(&db).await;
    let died = json!({"event_id": Uuid::new_v4(), "kind": "died", "person": "p",
                      "effective": "2024-05-01", "date": "2024-05-01", "source": "test"});
    record(&db, died).await;
    let asks = json!({"procedure": "1.001731", "beneficiary": "test/p", "benefit": "funeral"});
    submit(&db, CODE, asks).await;
    tell(&db, CODE, "received", "2024-05-06T09:00", json!({})).await;
    insta::assert_snapshot!("funeral", text(&db, Kind::Funeral).await);
}

#[tokio::test]
async fn no_letter_names_an_infection() {
    let db = TestDb::practice().await;
    register(&db).await;
    fact(&db, json!({"kind": "hiv"})).await;
    let asks = json!({"beneficiary": "test/p", "benefit": "poor_adult_with_hiv"});
    submit(&db, CODE, asks).await;
    through_the_stages(&db, CODE).await;
    let mut kinds = vec![Kind::Receipt, Kind::Apology, Kind::Proposal, Kind::Grant];
    let mut all = String::new();
    for kind in kinds.drain(..) {
        all += &text(&db, kind).await;
    }
    let refused = json!({"outcome": "refused", "condition": "không phải người nhiễm HIV thuộc hộ nghèo",
                         "law": "20/2021/NĐ-CP Điều 5 khoản 7"});
    decide(&db, CODE, refused).await;
    all += &text(&db, Kind::Refusal).await;
    for told in ["HIV", "hiv", "nhiễm", "khoản 7"] {
        assert!(!all.contains(told), "{told}: {all}");
    }
    assert!(all.contains("Trợ cấp xã hội hằng tháng"));
}

fn signed_file(byte: u8, media_type: MediaType) -> Stored {
    Stored {
        hash: FileHash([byte; 32]),
        media_type,
        size: 1_000,
    }
}

#[tokio::test]
async fn a_letter_is_signed_once_by_whoever_may_and_stays() {
    let db = TestDb::practice().await;
    severe(&db).await;
    through_the_stages(&db, CODE).await;
    let recorded = |kind: Kind, byte: u8| Signature {
        kind,
        seq: 1,
        file: signed_file(byte, MediaType::Pdf),
        way: Way::Recorded,
    };
    let (officer, leader) = (only(Role::Officer, "21175"), only(Role::Leader, "21175"));
    let grant = recorded(Kind::Grant, 1);
    let by_officer = signed::sign(db.pool(), &officer, &clock(), CODE, &grant).await;
    assert_eq!(by_officer.expect_err("refused").code(), "denied");
    signed::sign(db.pool(), &leader, &clock(), CODE, &grant)
        .await
        .expect("signed");
    let again = signed::sign(
        db.pool(),
        &leader,
        &clock(),
        CODE,
        &recorded(Kind::Grant, 2),
    )
    .await;
    assert!(matches!(again, Err(Refused::SignedAlready)));
    let proposal = recorded(Kind::Proposal, 3);
    signed::sign(db.pool(), &officer, &clock(), CODE, &proposal)
        .await
        .expect("signed");
    let uploaded = |signed_on: &str, media_type| Signature {
        kind: Kind::Apology,
        seq: 1,
        file: signed_file(4, media_type),
        way: Way::Uploaded {
            signed_by: "Lê Văn Lãnh".to_owned(),
            signed_on: signed_on.parse().expect("a day"),
        },
    };
    for (signature, code) in [
        (uploaded("2024-05-05", MediaType::Pdf), "signing_day"),
        (uploaded("2024-07-01", MediaType::Pdf), "signing_day"),
        (uploaded("2024-05-06", MediaType::Png), "not_a_pdf"),
    ] {
        let refused = signed::sign(db.pool(), &leader, &clock(), CODE, &signature).await;
        assert_eq!(refused.expect_err("refused").code(), code);
    }
    let records = only(Role::Records, "21175");
    let apology = uploaded("2024-05-30", MediaType::Pdf);
    signed::sign(db.pool(), &records, &clock(), CODE, &apology)
        .await
        .expect("signed");
    let all = signed::of_dossier(db.pool(), &officer, CODE)
        .await
        .expect("read");
    let ways: Vec<(&str, &str)> = (all.iter())
        .map(|it| (it.way.as_str(), it.signed_by.as_str()))
        .collect();
    let expected = [
        ("recorded", "mot.nguoi"),
        ("recorded", "mot.nguoi"),
        ("uploaded", "Lê Văn Lãnh"),
    ];
    assert_eq!(ways, expected);
    for statement in [
        "update signed_letter set size = 2",
        "delete from signed_letter",
    ] {
        assert!(
            sqlx::query(statement).execute(db.pool()).await.is_err(),
            "{statement}"
        );
    }
}
