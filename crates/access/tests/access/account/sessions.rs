use access::account;
use access::origin::TRIES;
use access::session::actor_by_session;
use access::sign_in::{SignInError, with_password};
use access::user::UserError;

use super::house::{PASSWORD, actor, after, enter, from, house, nine, session};

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_alone() {
    let db = house().await;
    let (first, second) = (
        session(&db, nine(), "lap").await,
        session(&db, after(1), "lap").await,
    );
    let other = session(&db, nine(), "duyet").await;
    let lap = actor(&db, nine(), "lap").await;
    let open = account::sessions(db.pool(), after(2), &lap, &second)
        .await
        .expect("reads");
    let seen: Vec<(bool, &str, &str)> = open
        .iter()
        .map(|it| (it.this, it.came_from.as_str(), it.browser.as_str()))
        .collect();
    let place = ("203.0.113.*", "Chrome, Windows");
    assert_eq!(seen, [(true, place.0, place.1), (false, place.0, place.1)]);

    let there = async |token: &str| {
        let who = actor_by_session(db.pool(), after(2), token)
            .await
            .expect("reads");
        who.is_some()
    };
    let duyet = actor(&db, nine(), "duyet").await;
    for session in &open {
        let tried = account::end_session(db.pool(), after(2), &duyet, session.session_no).await;
        tried.expect("nothing to do");
    }
    assert!(there(&first).await, "not ended by somebody else");
    account::end_session(db.pool(), after(2), &lap, open[1].session_no)
        .await
        .expect("ended");
    assert!(!there(&first).await && there(&second).await);
    session(&db, after(2), "lap").await;
    account::end_other_sessions(db.pool(), after(2), &lap, &second)
        .await
        .expect("ended");
    let left = account::sessions(db.pool(), after(2), &lap, &second)
        .await
        .expect("reads");
    assert_eq!(left.len(), 1);
    assert!(there(&second).await && there(&other).await);
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_other_sessions() {
    let db = house().await;
    let (first, second) = (
        session(&db, nine(), "lap").await,
        session(&db, nine(), "lap").await,
    );
    let lap = actor(&db, nine(), "lap").await;
    let change = async |old: &str, new: &str| {
        account::change_password(db.pool(), after(1), &lap, &second, (old, new)).await
    };
    assert!(matches!(
        change("sai", "thuyen-nan-vuot-song").await,
        Err(UserError::WrongPassword)
    ));
    assert!(matches!(
        change(PASSWORD, "ngan").await,
        Err(UserError::ShortPassword)
    ));
    change(PASSWORD, "thuyen-nan-vuot-song")
        .await
        .expect("changed");
    let there = async |token: &str| {
        let who = actor_by_session(db.pool(), after(1), token)
            .await
            .expect("reads");
        who.is_some()
    };
    assert!(!there(&first).await && there(&second).await);
    assert!(matches!(
        enter(&db, after(1), "lap", PASSWORD).await,
        Err(SignInError::Wrong)
    ));
    enter(&db, after(1), "lap", "thuyen-nan-vuot-song")
        .await
        .expect("signs in");
}

#[tokio::test]
async fn tries_of_many_names_from_one_address_have_to_wait() {
    let db = house().await;
    let here = from("198.51.100.9");
    for number in 0..TRIES {
        let name = format!("khong.co.{number}");
        let wrong = with_password(db.pool(), nine(), &here, &name, "sai").await;
        assert!(matches!(wrong, Err(SignInError::Wrong)));
    }
    let waits = with_password(db.pool(), nine(), &here, "lap", PASSWORD).await;
    assert!(matches!(waits, Err(SignInError::AddressWaits)));
    let elsewhere = from("198.51.100.10");
    with_password(db.pool(), nine(), &elsewhere, "lap", PASSWORD)
        .await
        .expect("signs in");
    with_password(db.pool(), after(16), &here, "lap", PASSWORD)
        .await
        .expect("after a while");
}

#[tokio::test]
async fn an_unknown_name_leaves_the_same_trace_but_not_what_was_typed() {
    let db = house().await;
    let typed = "mat.khau.go.nham.cho";
    assert!(matches!(
        enter(&db, nine(), typed, "x").await,
        Err(SignInError::Wrong)
    ));
    let refused: Vec<(String, String)> =
        sqlx::query_as("select actor, object from audit_entry where action = 'sign_in.refused'")
            .fetch_all(db.pool())
            .await
            .expect("reads");
    assert_eq!(refused, [("?".to_owned(), "?".to_owned())]);
}
