//! Cut once, sent again as the same messages after longer and longer pauses.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use g2p::{Answer, DisburseRequest, Envelope, Header};
use payments::Refused;
use payments::interface::{self, BatchState, Link};
use payments::order;
use payments::provider::contract::Handover;

use super::{WALLET, batches, connected, link, ordered, ours, states, transaction};

use crate::support::*;

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
    // Somebody asks for it again, which the log tells of once.
    for _ in 0..2 {
        interface::begin(&town.office(), &maker(), order.order_no)
            .await
            .expect("asked for");
    }
    let told = "select detail -> 'messages_again' from audit_entry
                where action = 'order.send' and detail ? 'messages_again'";
    let told: Vec<serde_json::Value> = sqlx::query_scalar(told)
        .fetch_all(town.pool())
        .await
        .expect("reads");
    assert_eq!(told, [serde_json::json!([1, 2, 3])]);
    assert_eq!(go_on(&town).await, 3);
    let batches = batches(&town, &order).await;
    assert!(batches.iter().all(|batch| batch.sends == 13), "{batches:?}");
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
    let foreign: Result<_, Refused> =
        interface::connect(&town.office(), &kernel::Actor::new("x", vec![]), &link(2)).await;
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
