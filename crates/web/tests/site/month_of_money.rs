//! A month whose money is on its way: an approved list, the post to pay in cash.

use access::practice;
use access::user::{self, NewUser, Wanted};
use kernel::actor::Role;
use kernel::{Actor, Month};
use law::Law;
use payments::Channel;
use payments::order::{self, Handed, OrderNo};
use payments::provider::contract::Handover;
use payments::provider::{self, NewContract, Provider, ProviderKind};

use registry::event::read_lines;

use crate::client::Site;
use crate::month::with_people;

pub(crate) fn month() -> Month {
    "2024-05".parse().expect("a month")
}

/// A small Quảng Ngãi of May 2024 with its approved list.
pub(crate) async fn approved() -> Site {
    let site = with_people().await;
    make_list(&site).await;
    site
}

pub(crate) async fn make_list(site: &Site) {
    let law = Law::embedded();
    let office = site.office(&law);
    let actor = Actor::with_every_role("mẫu");
    payments::make(&office, &actor, month(), "51")
        .await
        .expect("made");
    payments::approve(&office, &other(), month(), "51")
        .await
        .expect("approved");
}

/// Somebody else than whoever made the list.
pub(crate) fn other() -> Actor {
    Actor::with_every_role("người khác")
}

/// The same, with the post to pay in cash, handed its orders in this way.
pub(crate) async fn with_post(handover: Handover) -> Site {
    let site = approved().await;
    sign_with_post(&site, handover).await;
    site
}

/// The post and an approved list of one person, who comes for the money.
pub(crate) async fn of_one_person() -> Site {
    let site = Site::open().await;
    let events = [
        r#""kind":"person_registered","full_name":"Người Thử","birth_date":"1988-02-01","sex":"female","ethnicity":null,"id_number":null,"area":"21031""#,
        r#""kind":"fact_started","fact_id":"f1","fact":{"kind":"disability","grade":"severe"}"#,
        r#""kind":"enrolled","benefit":"disability","from":"2024-05","decision":{"number":"1/QĐ","date":"2024-05-12"}"#,
        r#""kind":"payee_set","channel":"post_office","holder":"self""#,
    ];
    let line = |(at, event): (usize, &&str)| {
        format!(
            r#"{{"event_id":"0190a000-0000-7000-8000-00000000000{at}","person":"p1","effective":"2024-05-02","source":"thử",{event}}}"#
        )
    };
    let lines: Vec<String> = events.iter().enumerate().map(line).collect();
    let (events, refused) = read_lines(lines.join("\n").as_bytes());
    assert_eq!(refused, []);
    let actor = Actor::with_every_role("mẫu");
    let applied = registry::apply(site.db.pool(), &actor, &site.clock, &events).await;
    assert_eq!(applied.expect("applies").refused, []);
    make_list(&site).await;
    sign_with_post(&site, Handover::Paper).await;
    site
}

pub(crate) async fn sign_with_post(site: &Site, handover: Handover) {
    provider_of(site, "buu-dien", "Bưu điện tỉnh").await;
    let law = Law::embedded();
    let terms = NewContract {
        provider: "buu-dien".to_owned(),
        area: "51".to_owned(),
        bank: None,
        channels: vec![Channel::PostOffice, Channel::Home],
        from: month(),
        to: None,
        fee_basis_points: 80,
        list_before_day: 25,
        report_before_day: 20,
        settlement_months: 1,
        handover,
        signed_number: None,
    };
    provider::record(&site.office(&law), &other(), &terms, false)
        .await
        .expect("recorded");
}

/// Records a post office under a code.
pub(crate) async fn provider_of(site: &Site, code: &str, name: &str) {
    let law = Law::embedded();
    let post = Provider {
        code: code.to_owned(),
        name: name.to_owned(),
        kind: ProviderKind::Post,
        bank_code: None,
        account_number: None,
    };
    provider::add(&site.office(&law), &other(), &post)
        .await
        .expect("recorded");
}

/// Orders all that the post pays; the number of the order.
pub(crate) async fn ordered(site: &Site) -> OrderNo {
    let law = Law::embedded();
    let made = order::make(&site.office(&law), &other(), month(), "51", None).await;
    made.expect("ordered").orders[0].order_no
}

/// Records that an order was handed over.
pub(crate) async fn hand_over(site: &Site, order_no: OrderNo) {
    let law = Law::embedded();
    let file = Handed {
        name: "lenh.xlsx".to_owned(),
        sha256: vec![7; 32],
    };
    let how = Handover::Paper;
    order::send(&site.office(&law), &other(), order_no, how, &file, None)
        .await
        .expect("sent");
}

/// An account of somebody of a provider in an area.
pub(crate) async fn somebody_of(site: &Site, name: &str, provider: &str, area: &str) {
    let user = NewUser {
        name: name.to_owned(),
        full_name: "Người của đơn vị chi trả".to_owned(),
        password: practice::PASSWORD.to_owned(),
        first: Wanted {
            role: Role::Provider,
            area_code: area.to_owned(),
            provider: Some(provider.to_owned()),
        },
    };
    let mut tx = site.db.pool().begin().await.expect("begin");
    user::add(&mut tx, site.clock.now(), &other(), user)
        .await
        .expect("added");
    tx.commit().await.expect("commit");
}

/// A row of a provider's file.
pub(crate) fn result(id: &str, line: &str, amount: i64) -> String {
    format!(
        r#"{{"result_id":"{id}","line":"{line}","status":"paid","date":"2024-05-08","amount":{amount}}}"#
    )
}
