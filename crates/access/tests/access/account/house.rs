//! A database with a few accounts, and short ways to act.

use access::sealed::SecretKey;
use access::sign_in::{Entered, SignInError, with_password};
use access::user::{self, NewUser, Wanted};
use jiff::{SignedDuration, Timestamp};
use kernel::Origin;
use kernel::actor::{Actor, Role};
use testkit::{TestDb, clock};

pub const PASSWORD: &str = "ghe-go-mau-xanh";

pub fn nine() -> Timestamp {
    clock("2024-05-20T09:00:00+07:00").now()
}

pub fn after(minutes: i64) -> Timestamp {
    nine() + SignedDuration::from_mins(minutes)
}

pub fn key() -> SecretKey {
    SecretKey::of_bytes(&[7; 32]).expect("32 bytes")
}

pub fn wanted(role: Role, area: &str) -> Wanted {
    Wanted {
        role,
        area_code: area.to_owned(),
        provider: None,
    }
}

/// An administrator of the country, `quan`; one of Quảng Ngãi, `tinh`; makers and approvers there.
pub async fn house() -> TestDb {
    let db = TestDb::new().await;
    let founder = Actor::new("quan", Vec::new());
    let accounts = [
        ("quan", Role::Administrator, ""),
        ("tinh", Role::Administrator, "51"),
        ("lap", Role::ListMaker, "51"),
        ("duyet", Role::Approver, "51"),
        ("duyet.hai", Role::Approver, "51"),
        ("da.nang", Role::Approver, "48"),
        ("bo", Role::Approver, ""),
    ];
    for (name, role, area) in accounts {
        let user = NewUser {
            name: name.to_owned(),
            full_name: format!("Người thử {name}"),
            password: PASSWORD.to_owned(),
            first: wanted(role, area),
        };
        let actor = user::actor(db.pool(), nine(), "quan").await.expect("reads");
        let mut tx = db.pool().begin().await.expect("begin");
        let added = user::add(&mut tx, nine(), &actor.unwrap_or(founder.clone()), user).await;
        added.expect("added");
        tx.commit().await.expect("commit");
    }
    db
}

pub async fn actor(db: &TestDb, at: Timestamp, name: &str) -> Actor {
    let actor = user::actor(db.pool(), at, name).await.expect("reads");
    actor.expect("an open account")
}

pub fn from(address: &str) -> Origin {
    Origin::Request {
        address: Some(address.parse().expect("an address")),
        agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/109.0 Safari/537.36".to_owned(),
    }
}

pub async fn enter(
    db: &TestDb,
    at: Timestamp,
    name: &str,
    password: &str,
) -> Result<Entered, SignInError> {
    with_password(db.pool(), at, &from("203.0.113.7"), name, password).await
}

/// The token of a session opened by the password alone.
pub async fn session(db: &TestDb, at: Timestamp, name: &str) -> String {
    match enter(db, at, name, PASSWORD).await.expect("signs in") {
        Entered::In(session) => session.token,
        Entered::OwesCode(_) => panic!("{name} owes a code"),
    }
}

/// The token of the first step.
pub async fn step(db: &TestDb, at: Timestamp, name: &str) -> String {
    match enter(db, at, name, PASSWORD).await.expect("signs in") {
        Entered::OwesCode(step) => step,
        Entered::In(_) => panic!("{name} is in without a code"),
    }
}
