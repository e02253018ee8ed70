//! Receivers: what there is to look at again, and lists of opened accounts.

use jiff::civil::date;
use kernel::{Actor, Cell};
use registry::event::{Channel, Holder, PayeeChoice};
use registry::import::Imported;
use registry::payee::{Concern, Part, PayeeList, Receiver, record_list, work_list};
use serde_json::json;
use sqlx::PgPool;
use testkit::TestDb;

use crate::support::{apply, clock, enrolled, event, registered};

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
    let elsewhere = Actor::new(
        "can.bo.da.nang",
        vec![kernel::actor::Grant {
            role: kernel::actor::Role::Officer,
            area: Some("48".into()),
        }],
    );
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
    let part = |concern, offset, limit| {
        let (db, actor) = (&db, Actor::with_every_role("can.bo"));
        async move {
            let part = Part {
                concern,
                offset,
                limit,
            };
            let list = work_list(db.pool(), &actor, &clock(), "", part).await;
            list.expect("a list")
        }
    };
    let listed = async || part(None, 0, None).await;
    let unset = listed().await.items;
    assert_eq!(unset.len(), 2);
    assert!(unset.iter().all(|it| it.concerns == [Concern::NotSet]));

    let events = [
        payee("an", account("Nguyễn Thị an")),
        payee("binh", account("Trần Văn Tám")),
    ];
    apply(db.pool(), &events).await;
    let all = listed().await;
    let of = |code: &str| {
        let found = all.counts.iter().find(|count| count.concern == code);
        found.map_or(0, |count| count.people)
    };
    assert_eq!(
        (of("shared_account"), of("name_differs"), of("not_set")),
        (2, 1, 0)
    );
    let differs = part(Some(Concern::NameDiffers), 0, Some(50)).await;
    assert_eq!((differs.people, differs.items.len()), (1, 1));
    for offset in 0..=2 {
        let shared = part(Some(Concern::SharedAccount), offset, Some(1)).await;
        assert_eq!(shared.people, 2);
        assert_eq!(
            shared.items[..],
            all.items[offset as usize..][..shared.items.len()]
        );
        assert_eq!(shared.items.len(), usize::from(offset < 2));
    }

    let own = json!({"channel": "post_office", "holder": "self"});
    apply(db.pool(), &[payee("binh", own)]).await;
    assert_eq!(listed().await.items, []);
}

/// Receivers of every kind, sound and not.
fn choices() -> Vec<(serde_json::Value, PayeeChoice)> {
    let long = "9".repeat(20);
    let numbers = [
        None,
        Some("12345"),
        Some("9999000000010"),
        Some(&long),
        Some("0071 0001"),
    ];
    let holders = [
        (Holder::Itself, None),
        (Holder::Authorised, Some(date(2024, 5, 1))),
        (Holder::Authorised, Some(date(2024, 6, 30))),
        (Holder::Authorised, Some(date(2030, 1, 1))),
    ];
    let mut choices = Vec::new();
    for channel in [Channel::Account, Channel::EWallet, Channel::PostOffice] {
        for (holder, authorised_until) in holders {
            for provider in [None, Some("970405"), Some("ngân hàng lạ")] {
                for account_number in numbers {
                    let fields = json!({
                        "channel": channel.code(), "holder": holder.code(),
                        "holder_name": "NGUYEN THI AN", "authorised_until": authorised_until,
                        "provider": provider, "account_number": account_number,
                    });
                    let choice = PayeeChoice {
                        channel,
                        holder,
                        holder_name: Some("NGUYEN THI AN".to_owned()),
                        holder_id_number: None,
                        provider: provider.map(str::to_owned),
                        account_number: account_number.map(|it: &str| it.to_owned()),
                        authorised_until,
                    };
                    choices.push((fields, choice));
                }
            }
        }
    }
    choices
}

#[tokio::test]
async fn the_database_judges_as_the_program_does() {
    let db = two_people().await;
    let mut seen = std::collections::BTreeSet::new();
    for (at, (fields, choice)) in choices().into_iter().enumerate() {
        let name = format!("set {at}");
        let set = event(&name, "an", "2024-05-02", "payee_set", fields.clone());
        if !apply(db.pool(), &[set]).await.refused.is_empty() {
            continue;
        }
        let receiver = Receiver {
            full_name: "Nguyễn Thị an",
            choice: Some(&choice),
            shared: false,
        };
        let expected = receiver.concerns(clock().today());
        let actor = Actor::with_every_role("can.bo");
        let list = work_list(db.pool(), &actor, &clock(), "", Part::default()).await;
        let list = list.expect("a list");
        // The other one has no receiver at all.
        for count in &list.counts {
            let concern = Concern::from_code(count.concern).expect("a concern");
            let others = u64::from(concern == Concern::NotSet);
            let told = u64::from(expected.contains(&concern));
            assert_eq!(count.people, told + others, "{fields} {}", count.concern);
        }
        let shown = list
            .items
            .iter()
            .find(|it| it.full_name == receiver.full_name);
        let shown = shown.map_or(&[][..], |it| &it.concerns);
        assert_eq!(shown, expected, "{fields}");
        seen.extend(expected.into_iter().map(Concern::code));
    }
    let known = ["account_form", "account_missing", "authorisation_ended"];
    assert!(known.iter().all(|code| seen.contains(code)), "{seen:?}");
}
