//! An account works for one provider, or for the State: by the program and by the database.

use access::user::{self, NewUser, UserError, Wanted};
use jiff::Timestamp;
use kernel::actor::{Actor, Role};
use testkit::{TestDb, clock};

fn nine() -> Timestamp {
    clock("2024-05-20T09:00:00+07:00").now()
}

/// A database with two providers.
async fn with_providers() -> TestDb {
    let db = TestDb::new().await;
    sqlx::query(
        "insert into provider (code, name, kind, recorded_by, recorded_at)
         values ('bd', 'Bưu điện', 'post', 'duyet', now()), ('khac', 'Khác', 'post', 'duyet', now())",
    )
    .execute(db.pool())
    .await
    .expect("providers");
    db
}

fn wanted(role: Role, provider: Option<&str>) -> Wanted {
    Wanted {
        role,
        area_code: "51".to_owned(),
        provider: provider.map(str::to_owned),
    }
}

async fn add(db: &TestDb, name: &str, first: Wanted) -> Result<(), UserError> {
    let user = NewUser {
        name: name.to_owned(),
        full_name: "Người dùng thử".to_owned(),
        password: "ghe-go-mau-xanh".to_owned(),
        first,
    };
    let mut tx = db.pool().begin().await.expect("begin");
    user::add(&mut tx, nine(), &Actor::with_every_role("quan"), user).await?;
    tx.commit().await.expect("commit");
    Ok(())
}

async fn grant(db: &TestDb, name: &str, wanted: Wanted) -> Result<(), UserError> {
    let mut tx = db.pool().begin().await.expect("begin");
    let actor = Actor::with_every_role("quan");
    user::grant(&mut tx, nine(), &actor, name, &wanted).await?;
    tx.commit().await.expect("commit");
    Ok(())
}

#[tokio::test]
async fn somebody_of_a_provider_works_for_it_alone() {
    let db = with_providers().await;
    let unknown = add(&db, "la", wanted(Role::Provider, Some("la"))).await;
    assert!(matches!(unknown, Err(UserError::NoSuchProvider(_))));
    for (role, provider) in [(Role::Provider, None), (Role::Reader, Some("bd"))] {
        let refused = add(&db, "sai", wanted(role, provider)).await;
        assert!(
            matches!(refused, Err(UserError::ProviderMismatch)),
            "{role:?}"
        );
    }
    add(&db, "nguoi.bd", wanted(Role::Provider, Some("bd")))
        .await
        .expect("added");
    let bound = access::provider::of(db.pool(), "nguoi.bd")
        .await
        .expect("reads");
    assert_eq!(bound.as_deref(), Some("bd"));
    let again = wanted(Role::Provider, Some("bd"));
    grant(&db, "nguoi.bd", again)
        .await
        .expect("the same role again");
    for other in [
        wanted(Role::Provider, Some("khac")),
        wanted(Role::Officer, None),
    ] {
        let refused = grant(&db, "nguoi.bd", other).await;
        assert!(matches!(refused, Err(UserError::OtherSide(_))));
    }
    add(&db, "can.bo", wanted(Role::Officer, None))
        .await
        .expect("added");
    let refused = grant(&db, "can.bo", wanted(Role::Provider, Some("bd"))).await;
    assert!(matches!(refused, Err(UserError::OtherSide(_))));
    let actor = user::actor(db.pool(), nine(), "nguoi.bd")
        .await
        .expect("reads");
    let roles: Vec<Role> = actor
        .expect("there")
        .grants
        .iter()
        .map(|it| it.role)
        .collect();
    assert_eq!(roles, [Role::Provider]);
}

#[tokio::test]
async fn the_database_keeps_both_sides_apart() {
    let db = with_providers().await;
    add(&db, "nguoi.bd", wanted(Role::Provider, Some("bd")))
        .await
        .expect("added");
    add(&db, "can.bo", wanted(Role::Officer, None))
        .await
        .expect("added");
    for forbidden in [
        "insert into user_grant values ('nguoi.bd', 'officer', '51', '2024-05-20', null)",
        "insert into user_grant values ('can.bo', 'provider', '51', '2024-05-20', null)",
        "insert into provider_user values ('can.bo', 'bd')",
        "update provider_user set provider = 'khac'",
        "delete from provider_user",
        "update user_grant set role = 'officer' where user_name = 'nguoi.bd'",
    ] {
        let refused = sqlx::query(forbidden).execute(db.pool()).await;
        assert!(refused.is_err(), "{forbidden}");
    }
}

#[test]
fn nobody_holds_the_role_of_providers_by_holding_every_role() {
    let everything = Actor::with_every_role("quan");
    assert_eq!(everything.areas_of(&[Role::Provider]).count(), 0);
}
