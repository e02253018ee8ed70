//! Signed messages of a provider: recorded once, or refused as a whole.

use g2p::disburse::StatusTold;
use g2p::{
    CallbackHeader, DisburseResponse, DisbursementStatus, Progress, SigningKey, TxnStatusResponse,
};
use payments::interface::{self, BatchState, NotTaken, Place, Received};
use payments::order::Order;
use serde_json::json;

use super::{WALLET, add_key, connected, number, references, states, theirs, transaction};

use crate::support::*;

const RESULTS: &str = "select count(*) from payment_result";
const REFUSALS: &str = "select count(*) from interface_refusal";

fn paid(reference: &str) -> DisbursementStatus {
    DisbursementStatus {
        reference_id: reference.to_owned(),
        timestamp: "2024-03-21T10:00:00+07:00".to_owned(),
        status: Progress::Succ,
        status_reason_code: None,
        instruction: None,
        amount: Some("540000.00".to_owned()),
        currency_code: Some("VND".to_owned()),
    }
}

fn header(id: &str) -> CallbackHeader {
    CallbackHeader {
        version: "1.0.0".to_owned(),
        message_id: id.to_owned(),
        message_ts: "2024-03-21T03:00:00Z".parse().expect("a time"),
        action: "on-disburse".to_owned(),
        status: Progress::Succ,
        status_reason_code: None,
        total_count: None,
        completed_count: None,
        sender_id: Some(WALLET.to_owned()),
        receiver_id: Some("an-sinh".to_owned()),
        is_msg_encrypted: false,
    }
}

fn response(order: &Order, told: Vec<DisbursementStatus>) -> DisburseResponse {
    DisburseResponse {
        transaction_id: transaction(order),
        disbursements_status: told,
    }
}

/// A message of the provider, signed now.
fn signed(
    town: &Town,
    key: &SigningKey,
    header: &CallbackHeader,
    message: &DisburseResponse,
) -> Vec<u8> {
    let header = serde_json::to_string(header).expect("JSON");
    let message = serde_json::to_string(message).expect("JSON");
    g2p::seal(key, WALLET, (&header, &message), town.clock.now())
}

async fn receive(town: &Town, body: &[u8]) -> Received {
    interface::receive(
        &town.office(),
        &kernel::Origin::System,
        Place::OnDisburse,
        body,
    )
    .await
    .expect("decided")
}

#[tokio::test]
async fn a_signed_answer_is_recorded_and_the_same_again_changes_nothing() {
    let (town, order) = connected().await;
    let names = references(&town).await;
    let told = response(&order, names[..3].iter().map(|it| paid(it)).collect());
    let body = signed(&town, &theirs(), &header("m-1"), &told);
    let taken = receive(&town, &body).await;
    assert!(matches!(taken, Received::Taken { .. }), "{taken:?}");
    assert_eq!(number(&town, RESULTS).await, 3);
    assert_eq!(
        states(&town, &order).await,
        [
            BatchState::Answered,
            BatchState::Waiting,
            BatchState::Waiting
        ]
    );
    assert_eq!(receive(&town, &body).await, taken, "answered alike");
    assert_eq!(number(&town, RESULTS).await, 3);
    // The same news under another name, as when asked again.
    let again = signed(&town, &theirs(), &header("m-2"), &told);
    assert!(matches!(
        receive(&town, &again).await,
        Received::Taken { .. }
    ));
    assert_eq!(number(&town, RESULTS).await, 3);
    assert_eq!(number(&town, REFUSALS).await, 0);
    // Other news under a name that was used.
    let told = response(&order, vec![paid(&names[3])]);
    let reused = signed(&town, &theirs(), &header("m-1"), &told);
    let refused = receive(&town, &reused).await;
    assert_eq!(refused, Received::Refused(NotTaken::MessageIdReused));
    assert_eq!(number(&town, RESULTS).await, 3);
    assert_eq!(number(&town, REFUSALS).await, 1);
}

#[tokio::test]
async fn what_cannot_be_trusted_is_refused_as_a_whole_and_kept_as_a_refusal() {
    let (mut town, order) = connected().await;
    let names = references(&town).await;
    let told = response(&order, vec![paid(&names[0])]);
    let good = signed(&town, &theirs(), &header("m-1"), &told);
    let stranger = SigningKey::of_seed(&[9; 32]).expect("32 bytes");
    let mut bodies = vec![
        (
            "unknown_key",
            signed(&town, &stranger, &header("m-1"), &told),
        ),
        ("signature_wrong", {
            let text = String::from_utf8(good.clone()).expect("UTF-8");
            text.replace("540000.00", "640000.00").into_bytes()
        }),
        ("signature_missing", {
            let unsigned = json!({"header": header("m-1"), "message": told});
            unsigned.to_string().into_bytes()
        }),
        ("malformed", b"{}".to_vec()),
        ("malformed", good[..good.len() / 2].to_vec()),
    ];
    for (code, changed) in [
        (
            "other_sender",
            CallbackHeader {
                sender_id: Some("buu-dien".to_owned()),
                ..header("m-1")
            },
        ),
        (
            "not_for_us",
            CallbackHeader {
                receiver_id: Some("tinh-khac".to_owned()),
                ..header("m-1")
            },
        ),
        (
            "version",
            CallbackHeader {
                version: "2.0.0".to_owned(),
                ..header("m-1")
            },
        ),
        (
            "encrypted",
            CallbackHeader {
                is_msg_encrypted: true,
                ..header("m-1")
            },
        ),
        (
            "malformed",
            CallbackHeader {
                action: "on-search".to_owned(),
                ..header("m-1")
            },
        ),
    ] {
        bodies.push((code, signed(&town, &theirs(), &changed, &told)));
    }
    let elsewhere = DisburseResponse {
        transaction_id: "AS-999999-0011223344556677".to_owned(),
        ..told.clone()
    };
    bodies.push((
        "no_order",
        signed(&town, &theirs(), &header("m-1"), &elsewhere),
    ));
    for (code, body) in &bodies {
        match receive(&town, body).await {
            Received::Refused(refused) => assert_eq!(refused.code(), *code),
            taken @ Received::Taken { .. } => panic!("{code}: {taken:?}"),
        }
    }
    town.set("2024-03-21");
    let late = receive(&town, &good).await;
    let expired = NotTaken::Signature(g2p::BadSignature::Expired);
    assert_eq!(late, Received::Refused(expired));
    assert_eq!(number(&town, RESULTS).await, 0);
    assert_eq!(
        number(&town, "select count(*) from interface_message").await,
        0
    );
    let kept = number(&town, REFUSALS).await;
    assert_eq!(kept, bodies.len() as i64 + 1);
    // Its name is still free for the genuine message.
    let fresh = signed(&town, &theirs(), &header("m-1"), &told);
    assert!(matches!(
        receive(&town, &fresh).await,
        Received::Taken { .. }
    ));
}

#[tokio::test]
async fn keys_follow_one_another_and_can_be_withdrawn() {
    let (mut town, order) = connected().await;
    let names = references(&town).await;
    let told = response(&order, vec![paid(&names[0])]);
    let next = SigningKey::of_seed(&[10; 32]).expect("32 bytes");
    add_key(&town, &next, Some("2024-03-25T00:00:00+07:00")).await;
    let with = async |town: &Town, key: &SigningKey, id: &str| {
        receive(town, &signed(town, key, &header(id), &told)).await
    };
    for (key, id) in [(&theirs(), "m-1"), (&next, "m-2")] {
        assert!(matches!(with(&town, key, id).await, Received::Taken { .. }));
    }
    let old = theirs();
    let named = (WALLET, old.id());
    let office = town.office();
    let without = interface::withdraw_key(&office, &approver(), named, " ").await;
    assert_eq!(without.expect_err("a reason").code(), "not_a_key");
    interface::withdraw_key(&office, &approver(), named, "lộ khóa")
        .await
        .expect("withdrawn");
    let again = interface::withdraw_key(&office, &approver(), named, "lộ khóa").await;
    assert_eq!(again.expect_err("withdrawn before").code(), "no_key");
    let unknown = Received::Refused(NotTaken::Signature(g2p::BadSignature::UnknownKey));
    assert_eq!(with(&town, &old, "m-3").await, unknown);
    town.set("2024-03-25");
    assert_eq!(with(&town, &next, "m-4").await, unknown, "its time is over");
    let keys = interface::keys(&town.office(), &maker(), WALLET).await;
    let withdrawn: Vec<bool> = keys
        .expect("read")
        .iter()
        .map(|key| key.withdrawn_at.is_some())
        .collect();
    assert_eq!(withdrawn.iter().filter(|it| **it).count(), 1);
}

#[tokio::test]
async fn strange_news_waits_for_a_person_and_old_news_changes_nothing() {
    let (town, order) = connected().await;
    let names = references(&town).await;
    let returned = DisbursementStatus {
        timestamp: "2024-03-24T10:00:00+07:00".to_owned(),
        status: Progress::Rjct,
        instruction: Some("result=returned;reason=account_closed".to_owned()),
        ..paid(&names[0])
    };
    let wrong = DisbursementStatus {
        amount: Some("541000.00".to_owned()),
        ..paid(&names[1])
    };
    let pending = DisbursementStatus {
        status: Progress::Pdng,
        ..paid(&names[2])
    };
    // In any order: what happened first is recorded first.
    let told = vec![
        returned,
        wrong,
        pending,
        paid(&names[0]),
        paid("2024-03-999999-1"),
    ];
    let body = signed(&town, &theirs(), &header("m-1"), &response(&order, told));
    assert!(matches!(
        receive(&town, &body).await,
        Received::Taken { .. }
    ));
    let last: Vec<String> =
        sqlx::query_scalar("select status from payment_result order by result_no")
            .fetch_all(town.pool())
            .await
            .expect("read");
    assert_eq!(last, ["paid", "returned"]);
    let late = response(&order, vec![paid(&names[0])]);
    let late = signed(&town, &theirs(), &header("m-2"), &late);
    assert!(matches!(
        receive(&town, &late).await,
        Received::Taken { .. }
    ));
    assert_eq!(number(&town, RESULTS).await, 2);
    let mut waiting: Vec<String> = sqlx::query_scalar("select why from result_queue")
        .fetch_all(town.pool())
        .await
        .expect("read");
    waiting.sort_unstable();
    assert_eq!(waiting, ["unknown_line", "wrong_amount"]);
}

#[tokio::test]
async fn an_answer_to_a_question_counts_like_one_that_was_not_asked_for() {
    let (town, order) = connected().await;
    let names = references(&town).await;
    let told = response(&order, names.iter().map(|it| paid(it)).collect());
    let answer = TxnStatusResponse {
        transaction_id: transaction(&order),
        correlation_id: "LL-1".to_owned(),
        txnstatus_response: StatusTold {
            txn_type: "on-disburse".to_owned(),
            txn_status: told,
        },
    };
    let parts = (
        serde_json::to_string(&header("m-1")).expect("JSON"),
        serde_json::to_string(&answer).expect("JSON"),
    );
    let body = g2p::seal(&theirs(), WALLET, (&parts.0, &parts.1), town.clock.now());
    let at_the_wrong_place = receive(&town, &body).await;
    assert_eq!(at_the_wrong_place, Received::Refused(NotTaken::Malformed));
    let taken = interface::receive(
        &town.office(),
        &kernel::Origin::System,
        Place::OnStatus,
        &body,
    )
    .await;
    assert!(matches!(taken.expect("decided"), Received::Taken { .. }));
    assert_eq!(states(&town, &order).await, [BatchState::Answered; 3]);
    let tally = interface::tally(&town.office(), &maker(), order.order_no).await;
    assert_eq!(tally.expect("counted").answered, 3);
}
