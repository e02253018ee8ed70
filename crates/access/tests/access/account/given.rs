//! Passwords an administrator has set.

use access::account;
use access::practice;
use access::second_factor;
use access::session::actor_by_session;
use access::sign_in::{Entered, SignInError};
use access::user::{self, UserError};
use jiff::Timestamp;
use testkit::TestDb;
use totp_rs::{Builder, Secret};

use super::house::{PASSWORD, actor, after, enter, house, key, nine, session};

const GIVEN: &str = "f3a91-7bc20-e64d8";
const OWN: &str = "bốn con trâu gặm cỏ";
const WEEK: i64 = 7 * 24 * 60;

async fn give(db: &TestDb, at: Timestamp, name: &str, password: &str) -> Result<(), UserError> {
    let administrator = actor(db, at, "tinh").await;
    let mut tx = db.pool().begin().await.expect("begin");
    user::set_password(&mut tx, at, &administrator, name, password.to_owned()).await?;
    tx.commit().await.expect("commit");
    Ok(())
}

async fn owes(db: &TestDb, at: Timestamp, token: &str) -> bool {
    let who = actor_by_session(db.pool(), at, token).await.expect("reads");
    who.expect("signed in").owes_password
}

#[tokio::test]
async fn a_given_password_opens_a_week_and_only_to_change_it() {
    let db = house().await;
    give(&db, nine(), "lap", GIVEN).await.expect("given");
    let late = enter(&db, after(WEEK + 1), "lap", GIVEN).await;
    assert!(matches!(late, Err(SignInError::Wrong)));
    let Ok(Entered::In(session)) = enter(&db, after(WEEK - 1), "lap", GIVEN).await else {
        panic!("it opens within the week");
    };
    let at = after(WEEK);
    assert!(owes(&db, at, &session.token).await);
    let lap = actor(&db, at, "lap").await;
    let change = async |old: &str, new: &str| {
        account::change_password(db.pool(), at, &lap, &session.token, (old, new)).await
    };
    assert!(matches!(
        change(GIVEN, GIVEN).await,
        Err(UserError::SamePassword)
    ));
    assert!(matches!(
        change(GIVEN, "Quảng Ngãi 2024").await,
        Err(UserError::GuessablePassword)
    ));
    change(GIVEN, OWN).await.expect("changed");
    assert!(!owes(&db, at, &session.token).await);
    let years = after(3 * 365 * 24 * 60);
    assert!(matches!(
        enter(&db, years, "lap", OWN).await,
        Ok(Entered::In(_))
    ));
}

#[tokio::test]
async fn what_an_administrator_gives_is_held_to_the_same_rules() {
    let db = house().await;
    for (password, code) in [
        ("ngan", "short_password"),
        ("leavemealone", "common_password"),
        ("lap-lap-lap-lap-2", "guessable_password"),
        (practice::PASSWORD, "guessable_password"),
    ] {
        let refused = give(&db, nine(), "lap", password).await;
        assert_eq!(refused.map_err(|error| error.code()), Err(code));
    }
    session(&db, nine(), "lap").await;
}

#[tokio::test]
async fn a_given_password_leaves_the_second_step() {
    let db = house().await;
    let (lap, token) = (
        actor(&db, nine(), "lap").await,
        session(&db, nine(), "lap").await,
    );
    let begun = second_factor::begin(db.pool(), nine(), Some(&key()), &lap).await;
    let secret = Secret::try_from_base32(&begun.expect("begins").text).expect("Base32");
    let telephone = Builder::new()
        .with_secret(secret)
        .build()
        .expect("a secret");
    let now = u64::try_from(nine().as_second()).expect("later than 1970");
    let code = telephone.generate(now).to_string();
    second_factor::confirm(db.pool(), nine(), Some(&key()), &lap, &token, &code)
        .await
        .expect("confirmed");
    give(&db, after(1), "lap", GIVEN).await.expect("given");
    assert!(enter(&db, after(2), "lap", PASSWORD).await.is_err());
    let entered = enter(&db, after(2), "lap", GIVEN).await;
    assert!(matches!(entered, Ok(Entered::OwesCode(_))));
}
