use access::administration::{self, find, one, take_back};
use access::sign_in::TRIES;
use access::user::{self, UserError};
use access::{identity, token};
use jiff::civil::date;
use kernel::actor::{Actor, Role};
use sqlx::PgConnection;
use testkit::TestDb;

use super::house::{PASSWORD, actor, after, enter, house, nine, session, wanted};

/// Does something as somebody, for good if it is allowed.
async fn does<T>(
    db: &TestDb,
    who: &str,
    work: impl AsyncFnOnce(&mut PgConnection, &Actor) -> Result<T, UserError>,
) -> Result<T, UserError> {
    let who = actor(db, nine(), who).await;
    let mut tx = db.pool().begin().await.expect("begin");
    let done = work(&mut tx, &who).await?;
    tx.commit().await.expect("commit");
    Ok(done)
}

#[tokio::test]
async fn an_administrator_of_an_area_sees_and_changes_its_accounts_alone() {
    let db = house().await;
    let seen = does(&db, "tinh", async |tx, who| {
        find(tx, nine(), who, "", (0, 50)).await
    })
    .await;
    let seen = seen.expect("found");
    let names: Vec<&str> = seen.accounts.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["duyet", "duyet.hai", "lap", "tinh"]);
    let found = does(&db, "quan", async |tx, who| {
        find(tx, nine(), who, "THỬ DUYET", (1, 1)).await
    })
    .await;
    let found = found.expect("found");
    assert_eq!(
        (found.count, found.accounts[0].name.as_str()),
        (2, "duyet.hai")
    );
    let hidden = does(&db, "tinh", async |tx, who| {
        one(tx, nine(), who, "bo").await
    })
    .await;
    assert!(matches!(hidden, Err(UserError::NoSuchUser(_))));
    let none = does(&db, "lap", async |tx, who| {
        find(tx, nine(), who, "", (0, 50)).await
    })
    .await;
    assert!(matches!(none, Err(UserError::Denied(_))));

    for name in ["bo", "da.nang", "quan"] {
        let password = async |tx: &mut PgConnection, who: &Actor| {
            user::set_password(tx, nine(), who, name, "mat-khau-la".to_owned()).await
        };
        assert!(
            matches!(does(&db, "tinh", password).await, Err(UserError::Denied(_))),
            "{name}"
        );
        let shut =
            async |tx: &mut PgConnection, who: &Actor| user::disable(tx, nine(), who, name).await;
        assert!(
            matches!(does(&db, "tinh", shut).await, Err(UserError::Denied(_))),
            "{name}"
        );
        let made = async |tx: &mut PgConnection, who: &Actor| {
            token::make(tx, nine(), who, name, "lạ", 1).await
        };
        assert!(
            matches!(does(&db, "tinh", made).await, Err(UserError::Denied(_))),
            "{name}"
        );
    }
    for area in ["", "48"] {
        let given = async |tx: &mut PgConnection, who: &Actor| {
            user::grant(tx, nine(), who, "lap", &wanted(Role::Reader, area)).await
        };
        assert!(matches!(
            does(&db, "tinh", given).await,
            Err(UserError::Denied(_))
        ));
    }
    // Somebody with a role elsewhere too is seen, and left to those above.
    let given = async |tx: &mut PgConnection, who: &Actor| {
        user::grant(tx, nine(), who, "lap", &wanted(Role::Reader, "")).await
    };
    does(&db, "quan", given).await.expect("given");
    let unlocks = async |tx: &mut PgConnection, who: &Actor| {
        administration::unlock(tx, nine(), who, "lap").await
    };
    assert!(matches!(
        does(&db, "tinh", unlocks).await,
        Err(UserError::Denied(_))
    ));
}

#[tokio::test]
async fn several_roles_for_some_days_each() {
    let db = house().await;
    let give = async |role, days| {
        let given = async |tx: &mut PgConnection, who: &Actor| {
            user::grant_for(tx, nine(), who, "lap", &wanted(role, "51"), days).await
        };
        does(&db, "tinh", given).await
    };
    give(Role::Officer, (date(2024, 5, 21), Some(date(2024, 5, 22))))
        .await
        .expect("given");
    give(Role::Reader, (date(2024, 5, 20), None))
        .await
        .expect("given");
    let past = give(Role::Clerk, (date(2024, 5, 1), Some(date(2024, 5, 19)))).await;
    assert!(matches!(past, Err(UserError::BadDays)));
    let roles = async |minutes| {
        let who = actor(&db, after(minutes), "lap").await;
        who.grants
            .iter()
            .map(|it| it.role.code())
            .collect::<Vec<_>>()
    };
    assert_eq!(roles(0).await, ["list_maker", "reader"]);
    assert_eq!(roles(24 * 60).await, ["list_maker", "officer", "reader"]);
    assert_eq!(roles(72 * 60).await, ["list_maker", "reader"]);
}

#[tokio::test]
async fn taking_a_role_back_ends_sessions_and_holds_at_once() {
    let db = house().await;
    let open = session(&db, nine(), "lap").await;
    let back = async |tx: &mut PgConnection, who: &Actor| {
        take_back(tx, nine(), who, "lap", &wanted(Role::ListMaker, "51")).await
    };
    does(&db, "tinh", back).await.expect("taken back");
    assert!(actor(&db, nine(), "lap").await.grants.is_empty());
    let who = access::session::actor_by_session(db.pool(), nine(), &open).await;
    assert!(who.expect("reads").is_none());
    assert!(matches!(
        does(&db, "tinh", back).await,
        Err(UserError::NotHeld(_))
    ));
}

#[tokio::test]
async fn the_last_administrator_of_the_country_stays() {
    let db = house().await;
    let back = async |tx: &mut PgConnection, who: &Actor| {
        take_back(tx, nine(), who, "quan", &wanted(Role::Administrator, "")).await
    };
    let shut =
        async |tx: &mut PgConnection, who: &Actor| user::disable(tx, nine(), who, "quan").await;
    assert!(matches!(
        does(&db, "quan", back).await,
        Err(UserError::LastAdministrator(_))
    ));
    assert!(matches!(
        does(&db, "quan", shut).await,
        Err(UserError::LastAdministrator(_))
    ));
    for forbidden in [
        "update user_grant set to_date = '2024-05-19' where user_name = 'quan'",
        "delete from user_grant where user_name = 'quan'",
        "update app_user set disabled_at = now() where name = 'quan'",
    ] {
        let refused = sqlx::query(forbidden).execute(db.pool()).await;
        assert!(refused.is_err(), "{forbidden}");
    }
    let given = async |tx: &mut PgConnection, who: &Actor| {
        user::grant(tx, nine(), who, "bo", &wanted(Role::Administrator, "")).await
    };
    does(&db, "quan", given).await.expect("a second one");
    does(&db, "quan", shut)
        .await
        .expect("then the first may go");
}

#[tokio::test]
async fn a_locked_account_is_unlocked_by_its_administrator() {
    let db = house().await;
    for _ in 0..TRIES {
        assert!(enter(&db, nine(), "lap", "sai").await.is_err());
    }
    assert!(enter(&db, nine(), "lap", PASSWORD).await.is_err());
    let account = does(&db, "tinh", async |tx, who| {
        one(tx, nine(), who, "lap").await
    })
    .await;
    assert!(account.expect("seen").locked_until.is_some());
    let unlocks = async |tx: &mut PgConnection, who: &Actor| {
        administration::unlock(tx, nine(), who, "lap").await
    };
    does(&db, "tinh", unlocks).await.expect("unlocked");
    session(&db, nine(), "lap").await;
}

#[tokio::test]
async fn tokens_are_listed_and_ended() {
    let db = house().await;
    let make = async |tx: &mut PgConnection, who: &Actor| {
        token::make(tx, nine(), who, "lap", "một cửa", 30).await
    };
    let secret = does(&db, "tinh", make).await.expect("made");
    let list = async |tx: &mut PgConnection, who: &Actor| token::of(tx, nine(), who, "lap").await;
    let held = does(&db, "tinh", list).await.expect("listed");
    assert_eq!(held.len(), 1);
    let number = held[0].token_no;
    let ends = async |tx: &mut PgConnection, who: &Actor| {
        token::revoke(tx, nine(), who, "lap", number).await
    };
    assert!(matches!(
        does(&db, "duyet", ends).await,
        Err(UserError::Denied(_))
    ));
    does(&db, "tinh", ends).await.expect("ended");
    assert!(matches!(
        does(&db, "tinh", ends).await,
        Err(UserError::NoSuchToken)
    ));
    let who = token::actor_by_token(db.pool(), nine(), &secret)
        .await
        .expect("reads");
    assert!(who.is_none());
}

#[tokio::test]
async fn an_account_of_a_provider_is_bound_to_one_user() {
    let db = house().await;
    let bind = async |who: &str, name: &str| {
        let identity = identity::Identity {
            issuer: "https://dinh-danh.example".to_owned(),
            subject: "s-1".to_owned(),
        };
        let work = async |tx: &mut PgConnection, who: &Actor| {
            identity::bind(tx, nine(), who, name, &identity).await
        };
        does(&db, who, work).await
    };
    assert!(matches!(
        bind("lap", "lap").await,
        Err(UserError::Denied(_))
    ));
    bind("tinh", "lap").await.expect("bound");
    assert!(matches!(
        bind("tinh", "duyet").await,
        Err(UserError::IdentityTaken)
    ));
}
