//! Orders: each line of an approved list goes to one provider, or waits and says why.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Dong;
use payments::order::file::{self, Form};
use payments::order::{self, NotOrdered, OpenLine, Order, Ordered};
use payments::provider::contract::Handover;
use payments::provider::{self, NewContract, Provider, ProviderKind};
use payments::{Channel, Refused};
use registry::Event;
use serde_json::json;
use support::*;

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
    order::open(&town.office(), &maker(), month(list), area, |line| {
        open.push(line);
        Ok::<(), Refused>(())
    })
    .await
    .expect("read");
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

#[tokio::test]
async fn every_line_is_ordered_once_or_says_why_not() {
    let mut town = paying_town().await;
    for (person, area) in [
        ("p1", WARD),
        ("p2", VILLAGE),
        ("p3", WARD),
        ("p4", WARD),
        ("p5", WARD),
    ] {
        town.told(&severe(person, area)).await;
    }
    town.told(&[
        account("p1", "0011223344"),
        payee("p2", json!({"channel": "home"})),
        payee(
            "p3",
            json!({"holder": "authorised", "holder_name": "Trần Văn Ổi", "authorised_until": "2024-03-31"}),
        ),
        account("p4", "12"),
    ])
    .await;
    let early = make_orders(&town, "2024-03", "51")
        .await
        .expect_err("no list");
    assert_eq!(early.code(), "no_list");
    town.make("2024-03", "51").await.expect("made");
    let draft = make_orders(&town, "2024-03", "51")
        .await
        .expect_err("a draft");
    assert_eq!(draft.code(), "not_approved");
    let approved = town.approve("2024-03", "51").await.expect("approved");
    town.set("2024-04-02");
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    let totals: Vec<(&str, i32, i64)> = made
        .orders
        .iter()
        .map(|order| (order.provider.as_str(), order.lines, order.amount.0))
        .collect();
    assert_eq!(
        totals,
        [("ngan-hang", 3, 1_620_000), ("buu-dien", 3, 1_620_000)]
    );
    let reasons: Vec<(NotOrdered, u64)> = made
        .open
        .iter()
        .map(|sum| (sum.reason, sum.lines))
        .collect();
    assert_eq!(
        reasons,
        [
            (NotOrdered::NoPayee, 3),
            (NotOrdered::AuthorisationEnded, 3),
            (NotOrdered::NoAccount, 3),
        ]
    );
    let left = open(&town, "2024-03", "51").await;
    assert_eq!(left.len(), 9);
    assert!(left.iter().all(|line| line.reason.is_some()));
    let sum: i64 = made.orders.iter().map(|order| order.amount.0).sum::<i64>()
        + left.iter().map(|line| line.amount).sum::<i64>();
    assert_eq!(Dong(sum), approved.header.payable);

    let before = ordered(&town).await;
    let again = make_orders(&town, "2024-03", "51")
        .await
        .expect("nothing new");
    assert_eq!(again.orders, []);
    assert_eq!(ordered(&town).await, before);

    town.told(&[
        account("p4", "9988776655"),
        payee("p5", json!({})),
        payee(
            "p3",
            json!({"holder": "guardian", "holder_name": "Trần Văn Ổi"}),
        ),
    ])
    .await;
    assert!(
        open(&town, "2024-03", "51")
            .await
            .iter()
            .all(|line| line.reason.is_none())
    );
    let mended = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!(mended.open, []);
    assert_eq!(open(&town, "2024-03", "51").await, []);
    let all: Vec<Order> = made.orders.into_iter().chain(mended.orders).collect();
    let lines: usize = ordered(&town).await.values().map(BTreeSet::len).sum();
    assert_eq!(lines, 15);
    let amount: Dong = all.iter().map(|order| order.amount).sum();
    assert_eq!(amount, approved.header.payable);
    let listed = order::of_month(&town.office(), &maker(), month("2024-03"), "51").await;
    assert_eq!(listed.expect("read"), all);
}

#[tokio::test]
async fn money_owed_back_and_people_who_died_are_not_ordered() {
    let mut town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", WARD)).await;
    town.told(&[payee("p1", json!({})), payee("p2", json!({}))])
        .await;
    town.list("2024-03", "51").await;
    town.set("2024-04-20");
    town.told(&[died("p1", "2024-02-05")]).await;
    town.list("2024-04", "51").await;
    let march = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!(march.orders[0].lines, 3);
    assert_eq!(march.open[0].reason, NotOrdered::Died);
    let april = make_orders(&town, "2024-04", "51").await.expect("ordered");
    assert_eq!((april.orders.len(), april.orders[0].lines), (1, 1));
    assert_eq!(april.open, []);
    assert_eq!(open(&town, "2024-04", "51").await, []);
}

#[tokio::test]
async fn two_makers_at_once_order_each_line_once() {
    let town = paying_town().await;
    for number in 0..6 {
        let person = format!("p{number}");
        town.told(&severe(&person, [WARD, VILLAGE][number % 2]))
            .await;
        town.told(&[payee(&person, json!({}))]).await;
    }
    town.list("2024-03", "51").await;
    let (one, other, third) = tokio::join!(
        make_orders(&town, "2024-03", "51"),
        make_orders(&town, "2024-03", WARD),
        make_orders(&town, "2024-03", "51"),
    );
    let lines: i32 = [one, other, third]
        .into_iter()
        .flat_map(|made| made.expect("ordered").orders)
        .map(|order| order.lines)
        .sum();
    assert_eq!(lines, 18);
    assert_eq!(ordered(&town).await["buu-dien"].len(), 18);
}

/// The server ends the maker's connection while lines are being written.
#[tokio::test]
async fn a_maker_that_dies_leaves_nothing() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.told(&[payee("p1", json!({})), payee("p2", json!({}))])
        .await;
    town.list("2024-03", "51").await;
    make_orders(&town, "2024-03", WARD).await.expect("ordered");
    let before = ordered(&town).await;
    let mut held = town.pool().begin().await.expect("begun");
    sqlx::query("lock table order_line in share mode")
        .execute(&mut *held)
        .await
        .expect("held");
    let kill = async {
        loop {
            let ended: i64 = sqlx::query_scalar(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'
                   and query like 'copy order_line %'",
            )
            .fetch_one(town.pool())
            .await
            .expect("asked");
            if ended > 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let (made, ()) = tokio::join!(make_orders(&town, "2024-03", "51"), kill);
    assert_eq!(made.expect_err("it died").code(), "database");
    held.rollback().await.expect("let go");
    assert_eq!(ordered(&town).await, before);
    let orders: i64 = sqlx::query_scalar("select count(*) from payment_order")
        .fetch_one(town.pool())
        .await
        .expect("counted");
    assert_eq!(orders, 1);
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    assert_eq!(made.orders[0].lines, 3);
}

#[tokio::test]
async fn the_nearest_contract_and_the_banks_own_come_first() {
    let town = paying_town().await;
    for code in ["xa", "vietcombank", "moi"] {
        add(&town, code, ProviderKind::Bank).await;
    }
    let account_only = [Channel::Account];
    let own_bank = NewContract {
        bank: Some("Vietcombank".to_owned()),
        ..terms("vietcombank", "51", &account_only)
    };
    contract(&town, &own_bank)
        .await
        .expect("another bank's slot");
    contract(&town, &terms("xa", VILLAGE, &account_only))
        .await
        .expect("a smaller area");
    let other = terms("moi", "51", &account_only);
    let held = contract(&town, &other).await.expect_err("held");
    assert_eq!(held.code(), "contract_holds");
    let later = NewContract {
        from: month("2024-04"),
        ..other
    };
    provider::record(&town.office(), &approver(), &later, true)
        .await
        .expect("takes over");
    for (person, area, bank) in [
        ("p1", WARD, "970436"),
        ("p2", WARD, "970405"),
        ("p3", VILLAGE, "970436"),
    ] {
        town.told(&severe(person, area)).await;
        let fields = json!({"channel": "account", "provider": bank, "account_number": "00112233"});
        town.told(&[payee(person, fields)]).await;
    }
    town.list("2024-03", "51").await;
    make_orders(&town, "2024-03", "51").await.expect("ordered");
    let by: Vec<(String, String)> = ordered(&town)
        .await
        .into_iter()
        .map(|(provider, lines)| {
            let first = lines.into_iter().next().expect("a line");
            (provider, first[..2].to_owned())
        })
        .collect();
    let expected = [("ngan-hang", "p2"), ("vietcombank", "p1"), ("xa", "p3")];
    assert_eq!(by, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let holds = |list: &'static str| {
        let office = town.office();
        async move {
            let all = provider::contracts(&office, &maker(), month(list)).await;
            let holding = all.expect("read").into_iter();
            holding
                .filter(|contract| contract.holds_for.contains(&Channel::Account))
                .map(|contract| contract.terms.provider)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(holds("2024-03").await, ["ngan-hang", "vietcombank", "xa"]);
    assert_eq!(holds("2024-04").await, ["vietcombank", "xa", "moi"]);
}

#[tokio::test]
async fn a_contract_that_ended_pays_nobody() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&[payee("p1", json!({}))]).await;
    town.list("2024-03", "51").await;
    let all = provider::contracts(&town.office(), &maker(), month("2024-03")).await;
    let post = all.expect("read").remove(1).contract_no;
    provider::end(&town.office(), &approver(), post, month("2024-03"))
        .await
        .expect("ended");
    let again = provider::end(&town.office(), &approver(), post, month("2024-03")).await;
    assert_eq!(again.expect_err("ended before").code(), "no_contract");
    let made = make_orders(&town, "2024-03", "51").await.expect("looked");
    assert_eq!(made.orders, []);
    assert_eq!(made.open[0].reason, NotOrdered::NoContract);
    let by_maker = provider::record(
        &town.office(),
        &kernel::Actor {
            name: "lap".to_owned(),
            grants: vec![kernel::actor::Grant {
                role: kernel::actor::Role::ListMaker,
                area: None,
            }],
        },
        &terms("buu-dien", "51", &CASH),
        false,
    )
    .await;
    assert_eq!(by_maker.expect_err("not theirs").code(), "denied");
}

#[tokio::test]
async fn what_a_provider_gets_names_no_benefit_and_is_the_same_again() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    for (person, benefit) in [("p2", "poor_adult_with_hiv"), ("p3", "poor_adult_with_hiv")] {
        let events = [
            registered(person, "1988-02-01", VILLAGE),
            enrolled(person, benefit, "2024-03"),
        ];
        town.told(&events).await;
    }
    let guardian = json!({"channel": "account", "holder": "guardian", "holder_name": "Lê Thị Đào",
        "provider": "970436", "account_number": "00556677"});
    town.told(&[
        account("p1", "0011223344"),
        payee("p2", guardian),
        payee("p3", json!({"channel": "home"})),
    ])
    .await;
    town.list("2024-03", "51").await;
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    let [bank, post] = &made.orders[..] else {
        panic!("{made:?}")
    };
    let (xml, handed) = written(&town, bank, Form::Transfers).await;
    let text = String::from_utf8(xml.clone()).expect("UTF-8");
    let person = town.number("p1").await;
    for line in 1..=3 {
        let id = format!("<EndToEndId>2024-03-{person}-{line}</EndToEndId>");
        assert_eq!(text.matches(&id).count(), 1);
    }
    assert!(text.contains("<UltmtCdtr><Nm>Nguyễn Thị p2</Nm></UltmtCdtr>"));
    let (book, _) = written(&town, post, Form::Workbook).await;
    let book = unpacked(&book);
    assert!(book.contains("Nguyễn Thị p3"));
    for told in [text, book] {
        let told = told.to_lowercase();
        for word in ["hiv", "khuyết tật", "disability", "mức chuẩn", "hệ số"] {
            assert!(!told.contains(word), "{word}");
        }
    }
    for note in [None, Some("gửi lại, bên nhận chưa thấy")] {
        order::send(
            &town.office(),
            &maker(),
            bank.order_no,
            Handover::File,
            &handed,
            note,
        )
        .await
        .expect("recorded");
    }
    let sent = order::find(&town.office(), &maker(), bank.order_no).await;
    let sent = sent.expect("found").sent;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|sent| sent.file_sha256 == handed.sha256));
    // The person has another name and account since: the order stays as it was made.
    town.told(&[account("p1", "777788889999")]).await;
    assert_eq!(written(&town, bank, Form::Transfers).await, (xml, handed));
    let wrong = file::write(
        &town.office(),
        &maker(),
        post.order_no,
        Form::Transfers,
        std::path::Path::new("nowhere"),
    )
    .await;
    assert_eq!(
        wrong.expect_err("the post takes lists").code(),
        "not_its_form"
    );
}

/// Every text of a workbook.
fn unpacked(bytes: &[u8]) -> String {
    use calamine::{Data, Reader, Xlsx};
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let sheets = book.sheet_names();
    let mut all = String::new();
    for sheet in sheets {
        let range = book.worksheet_range(&sheet).expect("a sheet");
        for (_, _, cell) in range.used_cells() {
            if let Data::String(text) = cell {
                all.push_str(text);
                all.push('\n');
            }
        }
    }
    all
}

#[tokio::test]
async fn orders_refuse_every_change_by_sql() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    town.told(&severe("p2", VILLAGE)).await;
    town.told(&[payee("p1", json!({}))]).await;
    town.list("2024-03", "51").await;
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    let (order, p2) = (made.orders[0].order_no, town.number("p2").await);
    let new_order = |list: &str, lines: i64, amount: i64| {
        format!(
            "insert into payment_order (order_no, list_id, list_month, provider, contract_no,
                 area_code, pay_on, made_by, made_at)
             overriding system value
             values (900, {list}, 202403, 'buu-dien', 2, '51', '2024-04-01', 'x', now());
             insert into order_line (list_month, person_id, line_no, order_no, channel, amount,
                 full_name, birth_date, birth_precision, holder, payee_name)
             select 202403, {p2}, 1, 900, 4, {amount}, 'x', '1988-02-01', 'd', 'self', 'x';
             update payment_order set lines = {lines}, people = 1, amount = {amount},
                 fingerprint = '' where order_no = 900;"
        )
    };
    let list = made.orders[0].list_id.to_string();
    let statements = [
        format!("update order_line set amount = amount + 1 where order_no = {order}"),
        format!("delete from order_line where order_no = {order}"),
        "truncate order_line".to_owned(),
        "truncate order_line_202403".to_owned(),
        "update payment_order set pay_on = pay_on + 1".to_owned(),
        "delete from payment_order".to_owned(),
        "truncate payment_order cascade".to_owned(),
        // Another amount than the line's, totals that are not those of the lines, no totals.
        new_order(&list, 1, 540_001),
        new_order(&list, 2, 540_000),
        new_order(&list, 1, 540_000).replace("set lines", "set pay_on = pay_on, lines")
            + "insert into order_line select 202403, person_id, 2, order_no, channel, amount,
                   full_name, birth_date, birth_precision, id_number, holder, payee_name,
                   payee_id_number, bank_code, account_number
               from order_line where order_no = 900",
        new_order(&list, 1, 540_000) + "delete from payment_order where order_no = 900",
        // No such list.
        new_order("-1", 1, 540_000),
        format!(
            "insert into order_line select list_month, person_id, 1::smallint, {order}, 4::smallint,
                 amount, 'x', '1988-02-01', 'd', null, 'self', 'x', null, null, null
             from list_line where person_id = {p2} and line_no = 1"
        ),
        "update provider set name = 'x'".to_owned(),
        "update provider_contract set fee_basis_points = 0".to_owned(),
        "delete from contract_slot".to_owned(),
        // A second chain beside the first.
        "insert into contract_slot (area_code, channel, bank_code, from_month, contract_no,
             recorded_by, recorded_at) values ('51', 1, '', 202401, 2, 'x', now())"
            .to_owned(),
    ];
    let before = ordered(&town).await;
    for statement in statements {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone()))
            .execute(town.pool())
            .await;
        assert!(done.is_err(), "{statement}");
    }
    assert_eq!(ordered(&town).await, before);
    // What is right is taken: the refusals above are not about something else.
    sqlx::raw_sql(sqlx::AssertSqlSafe(new_order(&list, 1, 540_000)))
        .execute(town.pool())
        .await
        .expect("an order by hand");
}
