//! Orders handed over by interface: cut once, sent again as the same messages, answered by signed
//! messages that count once.

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use g2p::disburse::StatusTold;
use g2p::{
    Answer, CallbackHeader, DisburseRequest, DisburseResponse, DisbursementStatus, Envelope,
    Header, Progress, SigningKey, TxnStatusResponse,
};
use payments::interface::{self, BatchState, Key, Link, NotTaken, Place, Received};
use payments::order::{self, Order};
use payments::provider::contract::Handover;
use payments::provider::{self, NewContract, Provider, ProviderKind};
use payments::{Channel, Refused};
use serde_json::json;
use support::*;

const WALLET: &str = "vi-thu";

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

fn theirs() -> SigningKey {
    SigningKey::of_seed(&[7; 32]).expect("32 bytes")
}

fn ours() -> SigningKey {
    SigningKey::of_seed(&[8; 32]).expect("32 bytes")
}

fn terms(handover: Handover) -> NewContract {
    NewContract {
        provider: WALLET.to_owned(),
        area: "51".to_owned(),
        bank: None,
        channels: vec![Channel::EWallet, Channel::MobileMoney],
        from: month("2024-01"),
        to: None,
        fee_basis_points: 50,
        list_before_day: 25,
        report_before_day: 20,
        settlement_months: 1,
        handover,
        signed_number: None,
    }
}

fn link(lines_per_message: i32) -> Link {
    Link {
        provider: WALLET.to_owned(),
        url: NOWHERE.to_owned(),
        our_id: "an-sinh".to_owned(),
        our_url: "http://127.0.0.1:2/api/v1/g2p".to_owned(),
        lines_per_message,
    }
}

/// Five people with wallets, an approved list, and the order of it, of two lines a message.
async fn ordered(handover: Handover) -> (Town, Order) {
    let town = Town::on("2024-03-20").await;
    for number in 1..=5 {
        let person = format!("p{number}");
        town.told(&[
            registered(&person, "1988-02-01", WARD),
            disabled(&person, "f1", "severe", "2023-12-15"),
            enrolled(&person, "disability", "2024-03"),
        ])
        .await;
        let fields = json!({"channel": "e_wallet", "holder": "self", "provider": "momo",
            "account_number": format!("090000000{number}")});
        town.told(&[event(&person, "2024-01-15", "payee_set", fields)])
            .await;
    }
    let wallet = Provider {
        code: WALLET.to_owned(),
        name: "Ví thử".to_owned(),
        kind: ProviderKind::Wallet,
        bank_code: None,
        account_number: None,
    };
    let office = town.office();
    provider::add(&office, &approver(), &wallet)
        .await
        .expect("recorded");
    provider::record(&office, &approver(), &terms(handover), false)
        .await
        .expect("signed");
    town.list("2024-03", "51").await;
    let made = order::make(&town.office(), &maker(), month("2024-03"), "51", None).await;
    let made = made.expect("ordered");
    assert_eq!(made.open, []);
    let order = made.orders.into_iter().next().expect("one order");
    (town, order)
}

/// The same, connected, with the provider's key known.
async fn connected() -> (Town, Order) {
    let (town, order) = ordered(Handover::Interface).await;
    let office = town.office();
    interface::connect(&office, &approver(), &link(2))
        .await
        .expect("connected");
    add_key(&town, &theirs(), None).await;
    interface::begin(&town.office(), &maker(), order.order_no)
        .await
        .expect("cut");
    (town, order)
}

async fn add_key(town: &Town, key: &SigningKey, until: Option<&str>) {
    let key = Key {
        provider: WALLET.to_owned(),
        key_id: key.id().to_owned(),
        public_key: key.public(),
        valid_from: town.clock.now(),
        valid_until: until.map(|until| until.parse().expect("a time")),
        withdrawn_at: None,
    };
    interface::add_key(&town.office(), &approver(), &key)
        .await
        .expect("recorded");
}

async fn batches(town: &Town, order: &Order) -> Vec<interface::Batch> {
    let all = (0, 100);
    interface::batches(&town.office(), &maker(), order.order_no, all)
        .await
        .expect("read")
}

async fn states(town: &Town, order: &Order) -> Vec<BatchState> {
    let batches = batches(town, order).await;
    batches.iter().map(|batch| batch.state).collect()
}

/// The names of the lines, in order.
async fn references(town: &Town) -> Vec<String> {
    sqlx::query_scalar(
        "select format('2024-03-%s-%s', person_id, line_no) from order_line
         order by person_id, line_no",
    )
    .fetch_all(town.pool())
    .await
    .expect("read")
}

async fn number(town: &Town, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(town.pool())
        .await
        .expect("read")
}

const RESULTS: &str = "select count(*) from payment_result";
const REFUSALS: &str = "select count(*) from interface_refusal";

fn transaction(order: &Order) -> String {
    let print: String = order.fingerprint[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("AS-{}-{print}", order.order_no)
}

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
    interface::receive(&town.office(), Place::OnDisburse, body)
        .await
        .expect("decided")
}

#[tokio::test]
async fn an_order_is_cut_once_into_messages_that_hold_all_of_it() {
    let (town, order) = connected().await;
    let first = batches(&town, &order).await;
    let lines: Vec<i32> = first.iter().map(|batch| batch.lines).collect();
    assert_eq!(lines, [2, 2, 1]);
    let amount: i64 = first.iter().map(|batch| batch.amount.0).sum();
    assert_eq!(amount, order.amount.0);
    assert_eq!(states(&town, &order).await, [BatchState::Waiting; 3]);
    // Another address and another size later change nothing of it.
    interface::connect(&town.office(), &approver(), &link(5))
        .await
        .expect("connected");
    interface::begin(&town.office(), &maker(), order.order_no)
        .await
        .expect("nothing to do");
    assert_eq!(batches(&town, &order).await, first);
    let found = order::find(&town.office(), &maker(), order.order_no).await;
    assert_eq!(found.expect("there").sent.len(), 1);
}

#[tokio::test]
async fn what_goes_by_file_does_not_go_by_interface() {
    let (town, order) = ordered(Handover::File).await;
    let refused = interface::begin(&town.office(), &maker(), order.order_no).await;
    assert_eq!(refused.expect_err("a file").code(), "not_by_interface");
    let (town, order) = ordered(Handover::Interface).await;
    let refused = interface::begin(&town.office(), &maker(), order.order_no).await;
    assert_eq!(refused.expect_err("no link").code(), "no_link");
    let open = Link {
        url: "http://vi.example.vn".to_owned(),
        ..link(2)
    };
    let refused = interface::connect(&town.office(), &approver(), &open).await;
    assert_eq!(refused.expect_err("no TLS").code(), "not_a_link");
}

#[tokio::test]
async fn nobody_answering_is_tried_again_after_longer_and_longer_pauses() {
    let (mut town, order) = connected().await;
    let go_on = async |town: &Town| {
        interface::go_on(&town.office(), &ours())
            .await
            .expect("tried")
    };
    assert_eq!(go_on(&town).await, 3);
    assert_eq!(states(&town, &order).await, [BatchState::Unanswered; 3]);
    assert_eq!(go_on(&town).await, 0, "not before its time");
    let start = town.clock.now();
    let later = |seconds| kernel::Clock::Fixed(start + jiff::SignedDuration::from_secs(seconds));
    town.clock = later(29);
    assert_eq!(go_on(&town).await, 0);
    town.clock = later(30);
    assert_eq!(go_on(&town).await, 3);
    town.clock = later(80);
    assert_eq!(go_on(&town).await, 0, "a minute by now");
    town.clock = later(90);
    assert_eq!(go_on(&town).await, 3);
    for hour in 1..=9 {
        town.clock = later(90 + 3600 * hour);
        assert_eq!(go_on(&town).await, 3, "hour {hour}");
    }
    assert_eq!(states(&town, &order).await, [BatchState::GivenUp; 3]);
    town.clock = later(3600 * 1000);
    assert_eq!(go_on(&town).await, 0);
    // Somebody asks for it again.
    interface::begin(&town.office(), &maker(), order.order_no)
        .await
        .expect("asked for");
    assert_eq!(go_on(&town).await, 3);
    let batches = batches(&town, &order).await;
    assert!(batches.iter().all(|batch| batch.sends == 13), "{batches:?}");
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
    let taken = interface::receive(&town.office(), Place::OnStatus, &body).await;
    assert!(matches!(taken.expect("decided"), Received::Taken { .. }));
    assert_eq!(states(&town, &order).await, [BatchState::Answered; 3]);
    let tally = interface::tally(&town.office(), &maker(), order.order_no).await;
    assert_eq!(tally.expect("counted").answered, 3);
}

#[tokio::test]
async fn the_database_forbids_what_must_not_happen() {
    let (town, order) = connected().await;
    let ours = order.order_no.0;
    for statement in [
        "update order_batch set lines = lines".to_owned(),
        "delete from order_batch".to_owned(),
        format!(
            "insert into order_batch select order_no, 4, 'x', message_ts, link_no, first_person,
                 first_line, last_person, last_line, lines, amount, digest
             from order_batch where order_no = {ours} and batch_no = 1"
        ),
        "update provider_key set valid_until = null".to_owned(),
        format!(
            "insert into interface_message (provider, message_id, digest, key_id, action, order_no,
                 received_at)
             select 'khac', 'm', digest, 'k', 'on-disburse', order_no, message_ts
             from order_batch where order_no = {ours} and batch_no = 1"
        ),
    ] {
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .execute(town.pool())
            .await;
        assert!(done.is_err(), "{statement}");
    }
    let foreign: Result<_, Refused> = interface::connect(
        &town.office(),
        &kernel::Actor {
            name: "x".to_owned(),
            grants: vec![],
        },
        &link(2),
    )
    .await;
    assert_eq!(foreign.expect_err("nobody").code(), "denied");
}

/// Reads a request to its end; the body.
fn body_of(stream: &mut TcpStream) -> Vec<u8> {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut piece).expect("reads");
        read.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.split("content-length: ").nth(1).expect("a length");
        let length: usize = length
            .lines()
            .next()
            .and_then(|it| it.parse().ok())
            .expect("a number");
        let body = &read[head.len() + 4..];
        if body.len() == length {
            return body.to_vec();
        }
    }
}

/// A provider that hangs up on the first requests without a word, and takes the others.
fn hanging_up(times: usize, clock: &kernel::Clock) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, bodies) = mpsc::channel();
    let answer = serde_json::to_string(&Answer::taken(clock.now(), "LL-1")).expect("JSON");
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("connects");
            let body = body_of(&mut stream);
            if number >= times {
                let length = answer.len();
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
                )
                .expect("answers");
            }
            if sender.send(body).is_err() {
                return;
            }
        }
    });
    (url, bodies)
}

#[tokio::test]
async fn a_message_sent_again_is_the_same_and_names_no_benefit() {
    let (mut town, order) = ordered(Handover::Interface).await;
    let (url, bodies) = hanging_up(3, &town.clock);
    let there = Link { url, ..link(2) };
    interface::connect(&town.office(), &approver(), &there)
        .await
        .expect("connected");
    let send = async |town: &Town| {
        interface::hand_over(&town.office(), &maker(), &ours(), order.order_no)
            .await
            .expect("sent")
    };
    let first = send(&town).await;
    assert!(first.iter().all(|it| it.state == BatchState::Unanswered));
    town.clock = testkit::clock("2024-03-20T09:30:00+07:00");
    let second = send(&town).await;
    assert!(second.iter().all(|it| it.state == BatchState::Taken));
    let sent: Vec<Vec<u8>> = bodies.iter().take(6).collect();
    let now = town.clock.now();
    for (before, again) in sent[..3].iter().zip(&sent[3..]) {
        assert_ne!(before, again, "signed anew");
        let (before, again) = (Envelope::read(before), Envelope::read(again));
        let (before, again) = (before.expect("reads"), again.expect("reads"));
        assert_eq!(before.digest(), again.digest());
        let signed = again.signed().expect("signed");
        let genuine = signed.verify(&ours().public(), &again.digest(), now);
        assert_eq!(genuine, Ok(()));
        let header: Header = again.header().expect("a header");
        assert_eq!(
            (header.action.as_str(), header.version.as_str()),
            ("disburse", "1.0.0")
        );
        assert_eq!(header.receiver_id.as_deref(), Some(WALLET));
        let request: DisburseRequest = again.message().expect("a request");
        assert_eq!(request.transaction_id, transaction(&order));
        assert_eq!(request.disbursements.len(), header.total_count as usize);
        for payment in &request.disbursements {
            assert_eq!(payment.amount, "540000.00");
            assert_eq!(payment.currency_code.as_deref(), Some("VND"));
            assert!(payment.payee_fa.starts_with("wallet:090000000"));
            let purpose = "Trợ giúp xã hội tháng 03/2024";
            assert_eq!(payment.purpose.as_deref(), Some(purpose));
            assert_eq!(payment.note.as_deref(), Some(purpose));
        }
    }
    let whole = String::from_utf8(sent.concat())
        .expect("UTF-8")
        .to_lowercase();
    for told in ["disability", "khuyết tật"] {
        assert!(!whole.contains(told), "{told}");
    }
}
