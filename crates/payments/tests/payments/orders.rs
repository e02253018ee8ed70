//! Orders: each line of an approved list goes to one provider, or waits and says why.

mod contracts;
mod handed_over;
mod making;
mod never_changed;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Dong;
use payments::order::file::{self, Form};
use payments::order::{self, NotOrdered, OpenLine, Order, Ordered};
use payments::provider::contract::Handover;
use payments::provider::pay_point::{self, PayPoint};
use payments::provider::{self, NewContract, Provider, ProviderKind};
use payments::{Channel, Refused};
use registry::Event;
use serde_json::json;

use crate::support::*;

async fn add(town: &Town, code: &str, kind: ProviderKind) {
    let provider = Provider {
        code: code.to_owned(),
        name: format!("Đơn vị {code}"),
        kind,
        bank_code: (kind == ProviderKind::Bank).then(|| "970405".to_owned()),
        account_number: (kind == ProviderKind::Bank).then(|| "1000200030".to_owned()),
    };
    provider::add(&town.office(), &approver(), &provider)
        .await
        .expect("recorded");
}

fn terms(provider: &str, area: &str, channels: &[Channel]) -> NewContract {
    NewContract {
        provider: provider.to_owned(),
        area: area.to_owned(),
        bank: None,
        channels: channels.to_vec(),
        from: month("2024-01"),
        to: None,
        fee_basis_points: 50,
        list_before_day: 25,
        report_before_day: 20,
        settlement_months: 1,
        handover: Handover::File,
        signed_number: None,
    }
}

async fn contract(town: &Town, terms: &NewContract) -> Result<i64, Refused> {
    provider::record(&town.office(), &approver(), terms, false).await
}

const CASH: [Channel; 2] = [Channel::PostOffice, Channel::Home];

/// A bank and the post, for the whole province.
async fn paying_town() -> Town {
    let town = Town::on("2024-03-20").await;
    add(&town, "ngan-hang", ProviderKind::Bank).await;
    add(&town, "buu-dien", ProviderKind::Post).await;
    contract(&town, &terms("ngan-hang", "51", &[Channel::Account]))
        .await
        .expect("recorded");
    contract(&town, &terms("buu-dien", "51", &CASH))
        .await
        .expect("recorded");
    town
}

fn payee(person: &str, fields: serde_json::Value) -> Event {
    let mut whole = json!({"channel": "post_office", "holder": "self"});
    let map = whole.as_object_mut().expect("an object");
    map.extend(fields.as_object().expect("fields").clone());
    event(person, "2024-01-15", "payee_set", whole)
}

fn account(person: &str, number: &str) -> Event {
    let fields = json!({"channel": "account", "provider": "970436", "account_number": number});
    payee(person, fields)
}

async fn make_orders(town: &Town, list: &str, area: &str) -> Result<Ordered, Refused> {
    order::make(&town.office(), &maker(), month(list), area, None).await
}

async fn open(town: &Town, list: &str, area: &str) -> Vec<OpenLine> {
    let mut open = Vec::new();
    let waiting = order::open(&town.office(), &maker(), month(list), area, |line| {
        open.push(line);
        Ok::<(), Refused>(())
    })
    .await
    .expect("read");
    let stays: Vec<&OpenLine> = open.iter().filter(|line| line.reason.is_some()).collect();
    let (lines, amount) = waiting
        .open
        .iter()
        .fold((0, Dong::ZERO), |(lines, amount), sum| {
            (lines + sum.lines, amount + sum.amount)
        });
    assert_eq!(lines, stays.len() as u64);
    assert_eq!(amount, stays.iter().map(|line| Dong(line.amount)).sum());
    assert_eq!(waiting.ready_lines, (open.len() - stays.len()) as u64);
    open
}

/// The lines of every order, by name of provider.
async fn ordered(town: &Town) -> BTreeMap<String, BTreeSet<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select provider, format('%s %s %s', person_key, line_no, l.amount)
         from order_line l join payment_order using (order_no) join person using (person_id)",
    )
    .fetch_all(town.pool())
    .await
    .expect("read");
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (provider, line) in rows {
        assert!(all.entry(provider).or_default().insert(line));
    }
    all
}

async fn written(town: &Town, order: &Order, form: Form) -> (Vec<u8>, file::Handed) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    let handed = file::write(&town.office(), &maker(), order.order_no, form, &path)
        .await
        .expect("written");
    (std::fs::read(&path).expect("a file"), handed)
}
