use access::audit;
use access::delegation::{self, Doer, Wanted, lend, share_a_name};
use access::user::UserError;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::actor::Role;
use serde_json::json;
use testkit::TestDb;

use super::house::{actor, after, house, nine};

fn days(delegator: &str, delegate: &str, area: &str, days: (Date, Date)) -> Wanted {
    Wanted {
        delegator: delegator.to_owned(),
        delegate: delegate.to_owned(),
        role: Role::Approver,
        area_code: area.to_owned(),
        from: days.0,
        to: days.1,
    }
}

fn week(delegator: &str, delegate: &str, area: &str) -> Wanted {
    days(
        delegator,
        delegate,
        area,
        (date(2024, 5, 20), date(2024, 5, 26)),
    )
}

async fn lent(db: &TestDb, who: &str, wanted: &Wanted) -> Result<i64, UserError> {
    let who = actor(db, nine(), who).await;
    let mut tx = db.pool().begin().await.expect("begin");
    let number = lend(&mut tx, nine(), &who, wanted).await?;
    tx.commit().await.expect("commit");
    Ok(number)
}

async fn approves(db: &TestDb, at: Timestamp, name: &str, area: &str) -> bool {
    access::holds(&actor(db, at, name).await, &[Role::Approver], area)
}

#[tokio::test]
async fn a_lent_role_holds_for_its_days_and_area_and_ends_when_told() {
    let db = house().await;
    assert!(!approves(&db, nine(), "lap", "51").await);
    let wanted = days("bo", "lap", "51", (date(2024, 5, 21), date(2024, 5, 22)));
    let number = lent(&db, "bo", &wanted).await.expect("lent");
    let day = 24 * 60;
    assert!(!approves(&db, nine(), "lap", "51").await, "not yet");
    assert!(approves(&db, after(day), "lap", "51").await);
    assert!(
        approves(&db, after(day), "lap", "21031").await,
        "a commune in it"
    );
    assert!(
        !approves(&db, after(day), "lap", "48").await,
        "another province"
    );
    assert!(!approves(&db, after(3 * day), "lap", "51").await, "over");

    let lap = actor(&db, after(day), "lap").await;
    let mut tx = db.pool().begin().await.expect("begin");
    delegation::end(&mut tx, after(day), &lap, number)
        .await
        .expect("given back");
    let twice = delegation::end(&mut tx, after(day), &lap, number).await;
    assert!(matches!(twice, Err(UserError::NoSuchDelegation(_))));
    tx.commit().await.expect("commit");
    assert!(!approves(&db, after(day + 1), "lap", "51").await);
}

#[tokio::test]
async fn what_is_not_ones_own_is_not_lent() {
    let db = house().await;
    let refusals = [
        ("duyet", week("duyet", "duyet", "51"), "not_to_them"),
        ("duyet", week("duyet", "khong.co", "51"), "not_to_them"),
        ("duyet", week("duyet", "lap", ""), "role_not_held"),
        ("duyet", week("duyet", "lap", "48"), "role_not_held"),
        ("lap", week("lap", "duyet", "51"), "role_not_held"),
        ("lap", week("duyet", "lap", "51"), "denied"),
        ("tinh", week("bo", "lap", "51"), "denied"),
        (
            "duyet",
            days("duyet", "lap", "51", (date(2024, 5, 10), date(2024, 5, 22))),
            "bad_days",
        ),
    ];
    for (who, wanted, code) in refusals {
        let refused = lent(&db, who, &wanted).await.expect_err("refused");
        assert_eq!(refused.code(), code, "{who}: {wanted:?}");
    }
    let administrator = Wanted {
        role: Role::Administrator,
        ..week("quan", "lap", "")
    };
    let refused = lent(&db, "quan", &administrator)
        .await
        .expect_err("refused");
    assert_eq!(refused.code(), "role_not_lent");

    lent(&db, "tinh", &week("duyet", "lap", "51"))
        .await
        .expect("for somebody ill");
    let on = lent(&db, "lap", &week("lap", "duyet.hai", "51"))
        .await
        .expect_err("refused");
    assert_eq!(on.code(), "role_not_held", "lent on");
}

#[tokio::test]
async fn it_is_lent_no_longer_than_it_is_held() {
    let db = house().await;
    sqlx::query("update user_grant set to_date = '2024-05-24' where user_name = 'duyet'")
        .execute(db.pool())
        .await
        .expect("ends");
    let refused = lent(&db, "duyet", &week("duyet", "lap", "51"))
        .await
        .expect_err("refused");
    assert_eq!(refused.code(), "role_not_held");
    let wanted = days("duyet", "lap", "51", (date(2024, 5, 20), date(2024, 5, 24)));
    lent(&db, "duyet", &wanted).await.expect("lent");
    // What is taken back from the holder is gone from the one it was lent to.
    sqlx::query("update user_grant set to_date = '2024-05-19' where user_name = 'duyet'")
        .execute(db.pool())
        .await
        .expect("ends");
    assert!(!approves(&db, nine(), "lap", "51").await);
}

#[tokio::test]
async fn who_stands_in_counts_under_both_names() {
    let db = house().await;
    lent(&db, "duyet", &week("duyet", "lap", "51"))
        .await
        .expect("lent");
    lent(&db, "duyet", &week("duyet", "duyet.hai", "51"))
        .await
        .expect("lent");
    let one = |one, other, at| {
        let doer = |name| Doer {
            name,
            roles: &[Role::Approver],
            at,
        };
        share_a_name(db.pool(), doer(one), doer(other))
    };
    for (first, second, at, same) in [
        ("lap", "lap", nine(), true),
        ("lap", "duyet", nine(), true),
        ("duyet", "lap", nine(), true),
        ("lap", "duyet.hai", nine(), true),
        ("lap", "bo", nine(), false),
        ("lap", "duyet", after(8 * 24 * 60), false),
    ] {
        let shared = one(first, second, at).await.expect("reads");
        assert_eq!(shared, same, "{first} and {second}");
    }
}

#[tokio::test]
async fn the_database_holds_to_it_by_itself() {
    let db = house().await;
    lent(&db, "duyet", &week("duyet", "lap", "51"))
        .await
        .expect("lent");
    for forbidden in [
        "insert into delegation (delegator, role, grant_area, grant_from, delegate, area_code, \
         from_date, to_date, made_by, made_at) values ('duyet', 'approver', '51', '2024-05-20', \
         'duyet', '51', '2024-05-20', '2024-05-21', 'x', now())",
        "insert into delegation (delegator, role, grant_area, grant_from, delegate, area_code, \
         from_date, to_date, made_by, made_at) values ('lap', 'approver', '51', '2024-05-20', \
         'duyet.hai', '51', '2024-05-20', '2024-05-21', 'x', now())",
        "update delegation set to_date = '2030-01-01'",
        "delete from delegation",
    ] {
        let refused = sqlx::query(forbidden).execute(db.pool()).await;
        assert!(refused.is_err(), "{forbidden}");
    }
}

#[tokio::test]
async fn the_log_says_on_behalf_of_whom() {
    let db = house().await;
    lent(&db, "duyet", &week("duyet", "lap", "51"))
        .await
        .expect("lent");
    let lap = actor(&db, nine(), "lap").await;
    for (action, area) in [
        (audit::Action::ListApprove, "51"),
        (audit::Action::ListApprove, "48"),
        (audit::Action::SignIn, "51"),
    ] {
        let mut tx = db.pool().begin().await.expect("begin");
        audit::record(&mut tx, nine(), &lap, action, "1", Some(area), json!({}))
            .await
            .expect("noted");
        tx.commit().await.expect("commit");
    }
    let noted: Vec<Option<String>> = sqlx::query_scalar(
        "select detail->'on_behalf_of'->>0 from audit_entry where actor = 'lap' order by entry_no",
    )
    .fetch_all(db.pool())
    .await
    .expect("reads");
    assert_eq!(noted, [Some("duyet".to_owned()), None, None]);
    let mut connection = db.pool().acquire().await.expect("a connection");
    let chain = audit::verify(&mut connection, None).await.expect("reads");
    assert!(matches!(chain, audit::Chain::Whole { .. }));
}
