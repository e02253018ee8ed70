//! Receivers: what there is to look at again, and lists of opened accounts.

mod support;

use kernel::{Actor, Cell};
use registry::import::Imported;
use registry::payee::{Concern, PayeeList, counts, record_list, work_list};
use serde_json::json;
use sqlx::PgPool;
use support::{apply, clock, enrolled, event, registered};
use testkit::TestDb;

const HEADING: [&str; 7] = [
    "Mã người nhận",
    "Số định danh",
    "Họ và tên",
    "Ngân hàng",
    "Số tài khoản",
    "Chủ tài khoản",
    "Tên người nhận",
];

/// Two people who draw a benefit.
async fn two_people() -> TestDb {
    let db = TestDb::practice().await;
    let mut events = Vec::new();
    for (person, number) in [("an", "999148000001"), ("binh", "999148000002")] {
        events.push(registered(person, Some(number)));
        events.push(enrolled(person, "older_80_without_pension", "2024-01"));
    }
    assert_eq!(apply(db.pool(), &events).await.refused, []);
    db
}

async fn import(pool: &PgPool, rows: &[[&str; 7]], dry_run: bool) -> Imported {
    import_by(pool, &Actor::with_every_role("can.bo"), rows, dry_run).await
}

async fn import_by(pool: &PgPool, actor: &Actor, rows: &[[&str; 7]], dry_run: bool) -> Imported {
    // The file is known by its bytes: other rows are another file.
    let mut hash = [0; 32];
    for (at, byte) in rows.concat().concat().bytes().enumerate() {
        hash[at % 32] = byte.wrapping_add(31_u8.wrapping_mul(hash[at % 32]));
    }
    let mut list = PayeeList::new("970405", "mo-tai-khoan.xlsx", hash);
    for (number, row) in (1..).zip([HEADING].iter().chain(rows)) {
        let cells = row.map(|text| match text {
            "" => Cell::Empty,
            text => Cell::Text(text.into()),
        });
        list.take(number, &cells).expect("a row");
    }
    let read = list.finish().expect("a list");
    record_list(pool, actor, &clock(), read, dry_run)
        .await
        .expect("recorded")
}

fn refused(imported: &Imported) -> Vec<(u64, &str, &str)> {
    let rows = imported.refused.iter();
    rows.map(|it| (it.row, &*it.field, it.code)).collect()
}

async fn account_of(pool: &PgPool, person: &str) -> Option<String> {
    sqlx::query_scalar(
        "select account_number from payee join person using (person_id) where person_key = $1",
    )
    .bind(person)
    .fetch_optional(pool)
    .await
    .expect("reads")
    .flatten()
}

const AN: [&str; 7] = [
    "",
    "999148000001",
    "NGUYEN THI AN",
    "",
    "9999000000010",
    "Nguyễn Thị an",
    "",
];
const BINH: [&str; 7] = [
    "binh",
    "",
    "Nguyễn Thị binh",
    "Vietcombank",
    "9999000000017",
    "Người giám hộ",
    "Đỗ Văn Đào",
];

#[tokio::test]
async fn a_list_of_opened_accounts_is_recorded_once() {
    let db = two_people().await;
    let tried = import(db.pool(), &[AN, BINH], true).await;
    assert_eq!((tried.rows, tried.events), (2, 2));
    assert_eq!(account_of(db.pool(), "an").await, None, "only tried");
    let first = import(db.pool(), &[AN, BINH], false).await;
    assert_eq!((first.events, first.already), (2, 0));
    assert_eq!(refused(&first), []);
    assert_eq!(
        account_of(db.pool(), "an").await.as_deref(),
        Some("9999000000010")
    );
    let again = import(db.pool(), &[AN, BINH], false).await;
    assert_eq!((again.events, again.already), (0, 2));
    let other_file = import(db.pool(), &[BINH], false).await;
    assert_eq!((other_file.events, other_file.already), (0, 1));
}

#[tokio::test]
async fn rows_that_do_not_fit_are_refused_and_the_rest_goes_in() {
    let db = two_people().await;
    let changed = |row: [&'static str; 7], at: usize, text| {
        let mut row = row;
        row[at] = text;
        row
    };
    let rows = [
        changed(AN, 1, "999148000009"),
        changed(BINH, 2, "Trần Thị Ân"),
        changed(AN, 4, "12-345"),
        changed(AN, 5, "Đỗ Văn Đào"),
        changed(BINH, 1, "999148000001"),
        changed(BINH, 3, "Ngân hàng lạ"),
        changed(BINH, 6, ""),
        AN,
        AN,
    ];
    let imported = import(db.pool(), &rows, false).await;
    assert_eq!(imported.events, 1);
    assert_eq!(
        refused(&imported),
        [
            (2, "Số định danh", "unknown_person"),
            (3, "Họ và tên", "name_differs"),
            (4, "Số tài khoản", "account_form"),
            (5, "Chủ tài khoản", "unknown_holder"),
            (6, "Số định danh", "other_person"),
            (7, "Ngân hàng", "unknown_bank"),
            (8, "Tên người nhận", "missing"),
            (10, "Mã người nhận", "repeated_in_file"),
        ]
    );
}

#[tokio::test]
async fn a_list_reaches_only_people_the_actor_keeps() {
    let db = two_people().await;
    let elsewhere = Actor {
        name: "can.bo.da.nang".to_owned(),
        grants: vec![kernel::actor::Grant {
            role: kernel::actor::Role::Officer,
            area: Some("48".into()),
        }],
    };
    let imported = import_by(db.pool(), &elsewhere, &[AN], false).await;
    assert_eq!(refused(&imported), [(2, "Mã người nhận", "unknown_person")]);
    assert_eq!(account_of(db.pool(), "an").await, None);
}

#[tokio::test]
async fn the_work_list_names_each_concern_and_loses_who_is_put_right() {
    let db = two_people().await;
    let payee = |person: &str, fields: serde_json::Value| {
        event(
            &format!("{person} {fields}"),
            person,
            "2024-05-02",
            "payee_set",
            fields,
        )
    };
    let account = |name: &str| {
        json!({"channel": "account", "holder": "self", "holder_name": name,
               "provider": "970405", "account_number": "9999000000010"})
    };
    let listed = async || {
        let actor = Actor::with_every_role("can.bo");
        let items = work_list(db.pool(), &actor, &clock(), "").await;
        items.expect("a list")
    };
    let unset = listed().await;
    assert_eq!(unset.len(), 2);
    assert!(unset.iter().all(|it| it.concerns == [Concern::NotSet]));

    let events = [
        payee("an", account("Nguyễn Thị an")),
        payee("binh", account("Trần Văn Tám")),
    ];
    apply(db.pool(), &events).await;
    let items = listed().await;
    let of = |code: &str| {
        let counts = counts(&items);
        let found = counts.iter().find(|count| count.concern == code);
        found.map_or(0, |count| count.people)
    };
    assert_eq!(
        (of("shared_account"), of("name_differs"), of("not_set")),
        (2, 1, 0)
    );

    let own = json!({"channel": "post_office", "holder": "self"});
    apply(db.pool(), &[payee("binh", own)]).await;
    assert_eq!(listed().await, []);
}
