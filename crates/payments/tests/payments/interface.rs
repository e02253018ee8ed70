//! Orders handed over by interface: cut once, sent again as the same messages, answered by signed
//! messages that count once.

mod answers;
mod sending;

use g2p::SigningKey;
use payments::Channel;
use payments::interface::{self, BatchState, Key, Link};
use payments::order::{self, Order};
use payments::provider::contract::Handover;
use payments::provider::{self, NewContract, Provider, ProviderKind};
use serde_json::json;

use crate::support::*;

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

fn transaction(order: &Order) -> String {
    let print: String = order.fingerprint[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("AS-{}-{print}", order.order_no)
}
