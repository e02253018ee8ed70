//! Corrections that nobody asked for: taken without a step, kept for a person while the dossier lies before the
//! leader, refused once it has ended.

use casework::Status;
use exchange::{Answer, Received};

use super::*;

fn correction(seq: i32, day: &str, answers: Value) -> Message {
    let fields = json!({ "form": {"answers": answers} });
    message(seq, "supplemented", day, fields)
}

async fn send(db: &TestDb, messages: Vec<Message>) -> Received {
    let sent = (1..).zip(messages);
    let sent: Vec<Sent> = sent.map(|(row, message)| Sent { row, message }).collect();
    let received = receive(db.pool(), &one_stop(), &clock(), PROVINCE, &sent).await;
    received.expect("received")
}

async fn refusal(db: &TestDb, message: Message) -> String {
    match send(db, vec![message]).await.answers.remove(0) {
        Answer::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

/// Status, last day to decide, steps.
async fn stands(db: &TestDb) -> (Status, Option<jiff::civil::Date>, usize) {
    let dossier = casework::dossier(db.pool(), &officer(), &clock(), CODE).await;
    let dossier = dossier.expect("a dossier");
    (dossier.row.status, dossier.row.due_on, dossier.steps.len())
}

async fn received() -> TestDb {
    let db = connected().await;
    tell(&db, "2024-05-06T09:00", submission(answers())).await;
    act(&db, "received", "2024-05-06", json!({})).await;
    db
}

#[tokio::test]
async fn a_correction_nobody_asked_for_is_taken_and_no_deadline_moves() {
    let db = received().await;
    let before = stands(&db).await;
    assert!(before.1.is_some(), "the deadline runs");
    // It happened before the office's last step, which is not known over there: fields have no place among steps.
    let phone = json!({"phone": "0900000007", "lives_with": "con gái"});
    let first = correction(2, "2024-05-06", phone);
    assert_eq!(send(&db, vec![first.clone()]).await.taken, 1);
    assert_eq!(send(&db, vec![first]).await.already, 1);
    assert_eq!(stands(&db).await, before);
    assert_eq!(value(&db, "phone").await.as_deref(), Some("0900000007"));
    let settled = conflict::settled(db.pool(), CODE).await.expect("a list");
    assert!(settled.iter().all(|it| it.verdict.code() == "theirs"));
    assert_eq!(settled.len(), 2);
    // A correction is a message like others: held until the one before it has come, another one under its number refused.
    let held = correction(4, "2024-05-08", json!({"lives_with": "cháu"}));
    assert_eq!(send(&db, vec![held]).await.held, 1);
    let other = correction(2, "2024-05-06", json!({"phone": "0900000008"}));
    let twice = refusal(&db, other).await;
    assert_eq!(twice, "message_id_reused");
    let between = correction(3, "2024-05-07", json!({"lives_with": "con trai"}));
    assert_eq!(send(&db, vec![between]).await.taken, 2);
    assert_eq!(value(&db, "lives_with").await.as_deref(), Some("cháu"));
    assert_eq!(stands(&db).await, before);
}

#[tokio::test]
async fn a_correction_answers_nothing_that_was_asked_and_the_supplement_is_awaited_on() {
    let db = received().await;
    ask_for_more(&db, "2024-05-07").await;
    let awaited = stands(&db).await;
    assert_eq!((awaited.0, awaited.1), (Status::SupplementAsked, None));
    let sent = correction(2, "2024-05-08", json!({"lives_with": "con gái"}));
    assert_eq!(send(&db, vec![sent]).await.taken, 1);
    assert_eq!(stands(&db).await, awaited);
    assert_eq!(value(&db, "lives_with").await.as_deref(), Some("con gái"));
    let papers = supplement(3, "2024-05-10", json!({}));
    tell(&db, "2024-05-10T09:00", papers).await;
    let after = stands(&db).await;
    assert_eq!(after.0, Status::InProcess);
    assert!(after.1.is_some(), "the deadline runs on");
}

#[tokio::test]
async fn what_lies_before_the_leader_stays_as_it_is_and_a_person_decides_afterwards() {
    let db = received().await;
    let proposal = json!({"outcome": "refused", "condition": "chưa đủ tuổi",
                          "law": "20/2021/NĐ-CP Điều 5 khoản 5"});
    act(&db, "proposed", "2024-05-08", proposal).await;
    let before = stands(&db).await;
    let change = json!({"birth_date": "31/12/1940", "lives_with": "con gái"});
    let sent = correction(2, "2024-05-09", change);
    assert_eq!(send(&db, vec![sent]).await.taken, 1);
    assert_eq!(
        value(&db, "birth_date").await.as_deref(),
        Some("1950-12-31")
    );
    let asked = open(&db).await;
    assert_eq!(asked.len(), 2);
    let now = at("2024-05-10T09:00");
    let decide = async |no: i64| {
        let why = (Takes::Theirs, "giấy khai sinh");
        conflict::decide(db.pool(), &officer(), &now, no, why).await
    };
    let early = decide(asked[0].no).await;
    assert!(matches!(early, Err(Refused::NotCorrected(_))), "{early:?}");
    assert_eq!(stands(&db).await, before);
    act(&db, "sent_back", "2024-05-10", json!({"reason": "xem lại"})).await;
    for one in &asked {
        decide(one.no).await.expect("decided");
    }
    assert_eq!(
        value(&db, "birth_date").await.as_deref(),
        Some("1940-12-31")
    );
    assert_eq!(open(&db).await, []);
}

#[tokio::test]
async fn only_their_own_open_dossiers_are_corrected_and_only_with_a_form() {
    let db = received().await;
    let change = || json!({"lives_with": "con gái"});
    let mut unknown = correction(1, "2024-05-07", change());
    unknown.event.dossier = "000.00.00.H51-240506-0009".to_owned();
    unknown.event.event_id = Uuid::from_u128(9);
    assert_eq!(refusal(&db, unknown).await, "unknown_dossier");
    let here = json!({"event_id": Uuid::from_u128(10), "dossier": "H51-quay", "kind": "submitted",
                      "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776", "area": "21175",
                      "channel": "direct", "applicant": "Người Thử", "papers": []});
    let event = casework::Event::parse(here.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let applied = casework::apply(db.pool(), &officer(), &clock(), &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
    let mut ours = correction(1, "2024-05-07", change());
    ours.event.dossier = "H51-quay".to_owned();
    ours.event.event_id = Uuid::from_u128(11);
    assert_eq!(refusal(&db, ours).await, "not_of_one_stop");
    let nothing = json!({"id": Uuid::from_u128(12), "dossier": CODE, "seq": 2, "kind": "supplemented",
                         "at": "2024-05-07T08:00:00+07:00", "papers": []});
    let fault = Message::parse(nothing.to_string().as_bytes()).expect_err("says nothing");
    assert_eq!(fault.code, "paper_count");
    act(&db, "stopped", "2024-05-08", json!({"reason": "rút"})).await;
    let late = correction(2, "2024-05-09", change());
    assert_eq!(refusal(&db, late).await, "step_not_now");
    assert_eq!(value(&db, "lives_with").await, None);
}
