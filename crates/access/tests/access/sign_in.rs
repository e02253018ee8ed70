//! Signing in, sessions, tokens, roles.

use access::practice;
use access::session::{Session, actor_by_session, close};
use access::sign_in::{Entered, SignInError, TRIES, with_password};
use access::token::{actor_by_token, make};
use access::user::{self, NewUser, UserError, Wanted};
use jiff::{SignedDuration, Timestamp};
use kernel::Origin;
use kernel::actor::{Actor, Role};
use testkit::{TestDb, clock};

fn nine() -> Timestamp {
    clock("2024-05-20T09:00:00+07:00").now()
}

fn after(minutes: i64) -> Timestamp {
    nine() + SignedDuration::from_mins(minutes)
}

async fn sign_in(
    pool: &sqlx::PgPool,
    at: Timestamp,
    name: &str,
    password: &str,
) -> Result<Session, SignInError> {
    match with_password(pool, at, &Origin::default(), name, password).await? {
        Entered::In(session) => Ok(session),
        Entered::OwesCode(_) => panic!("no second factor is set up"),
    }
}

async fn add(db: &TestDb, name: &str, role: Role, area: &str) -> Result<(), UserError> {
    let user = NewUser {
        name: name.into(),
        full_name: "Người dùng thử".into(),
        password: "ghe-go-mau-xanh".into(),
        first: Wanted {
            role,
            area_code: area.into(),
            provider: None,
        },
    };
    let founder = Actor::new("quan", Vec::new());
    let actor = user::actor(db.pool(), nine(), "quan")
        .await
        .expect("reads")
        .unwrap_or(founder);
    let mut tx = db.pool().begin().await.expect("begin");
    user::add(&mut tx, nine(), &actor, user).await?;
    tx.commit().await.expect("commit");
    Ok(())
}

async fn with_accounts() -> TestDb {
    let db = TestDb::new().await;
    add(&db, "quan", Role::Administrator, "")
        .await
        .expect("the first administrator");
    add(&db, "lap", Role::ListMaker, "51")
        .await
        .expect("a list maker");
    db
}

#[tokio::test]
async fn the_first_account_must_be_an_administrator_of_the_country() {
    let db = TestDb::new().await;
    for (role, area) in [(Role::ListMaker, ""), (Role::Administrator, "51")] {
        let refused = add(&db, "dau", role, area).await;
        assert!(
            matches!(refused, Err(UserError::Denied(_))),
            "{role:?} {area}"
        );
    }
    add(&db, "quan", Role::Administrator, "")
        .await
        .expect("the first administrator");
    assert!(matches!(
        add(&db, "quan", Role::Reader, "").await,
        Err(UserError::NameTaken(_))
    ));
    assert!(matches!(
        add(&db, "Lớn", Role::Reader, "").await,
        Err(UserError::BadName(_))
    ));
    assert!(matches!(
        add(&db, "xa", Role::Reader, "999").await,
        Err(UserError::NoSuchArea(_))
    ));
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_closed() {
    let db = with_accounts().await;
    let open = sign_in(db.pool(), nine(), " LAP ", "ghe-go-mau-xanh")
        .await
        .expect("signs in");
    let at = async |minutes| {
        actor_by_session(db.pool(), after(minutes), &open.token)
            .await
            .expect("reads")
    };
    let who = at(59).await.expect("still there").actor;
    assert_eq!((who.name.as_str(), who.grants.len()), ("lap", 1));
    assert!(at(59 + 61).await.is_none(), "idle for more than an hour");
    for step in 1..=12 {
        at(59 * step).await.expect("kept alive");
    }
    assert!(at(12 * 60 + 1).await.is_none(), "older than twelve hours");
    assert!(
        actor_by_session(db.pool(), nine(), "khong-co")
            .await
            .expect("reads")
            .is_none()
    );

    let again = sign_in(db.pool(), nine(), "lap", "ghe-go-mau-xanh")
        .await
        .expect("signs in");
    close(db.pool(), nine(), &who, &again.token)
        .await
        .expect("closes");
    assert!(
        actor_by_session(db.pool(), nine(), &again.token)
            .await
            .expect("reads")
            .is_none()
    );
}

#[tokio::test]
async fn five_wrong_passwords_lock_for_a_quarter_of_an_hour() {
    let db = with_accounts().await;
    let try_at = async |minutes, password: &str| {
        sign_in(db.pool(), after(minutes), "lap", password)
            .await
            .map(|_| ())
    };
    for _ in 0..TRIES {
        assert!(matches!(try_at(0, "sai").await, Err(SignInError::Wrong)));
    }
    // Told as a wrong password is, although it is right.
    assert!(matches!(
        try_at(14, "ghe-go-mau-xanh").await,
        Err(SignInError::Wrong)
    ));
    try_at(16, "ghe-go-mau-xanh").await.expect("open again");
    let unknown = sign_in(db.pool(), nine(), "khong.co", "ghe-go-mau-xanh").await;
    assert!(matches!(unknown, Err(SignInError::Wrong)));
}

#[tokio::test]
async fn tries_at_the_same_time_all_count() {
    let db = with_accounts().await;
    let tries = (0..TRIES).map(|_| {
        let pool = db.pool().clone();
        tokio::spawn(async move { sign_in(&pool, nine(), "lap", "sai").await.map(|_| ()) })
    });
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.expect("finishes");
        assert!(matches!(answer, Err(SignInError::Wrong)));
    }
    let right = sign_in(db.pool(), nine(), "lap", "ghe-go-mau-xanh").await;
    assert!(
        matches!(right, Err(SignInError::Wrong)),
        "locked by them all"
    );
}

#[tokio::test]
async fn a_token_works_until_it_expires_or_the_account_is_shut() {
    let db = with_accounts().await;
    let quan = user::actor(db.pool(), nine(), "quan")
        .await
        .expect("reads")
        .expect("exists");
    let mut tx = db.pool().begin().await.expect("begin");
    let token = make(&mut tx, nine(), &quan, "lap", "một cửa", 30)
        .await
        .expect("makes");
    tx.commit().await.expect("commit");
    let at = async |days: i64| {
        let now = nine() + SignedDuration::from_hours(24 * days);
        actor_by_token(db.pool(), now, &token)
            .await
            .expect("reads")
            .map(|actor| actor.name)
    };
    assert_eq!(at(29).await.as_deref(), Some("lap"));
    assert_eq!(at(31).await, None);
    let mut tx = db.pool().begin().await.expect("begin");
    user::disable(&mut tx, nine(), &quan, "lap")
        .await
        .expect("shuts");
    tx.commit().await.expect("commit");
    assert_eq!(at(1).await, None);
    let lap = Actor::new("lap", Vec::new());
    let mut tx = db.pool().begin().await.expect("begin");
    let refused = make(&mut tx, nine(), &lap, "quan", "lạ", 1).await;
    assert!(matches!(refused, Err(UserError::Denied(_))));
}

#[tokio::test]
async fn sample_sign_ins_exist_only_in_a_practice_database() {
    let real = TestDb::new().await;
    let mut tx = real.pool().begin().await.expect("begin");
    let refused = practice::make_sign_ins(&mut tx, nine(), "51").await;
    assert!(matches!(refused, Err(UserError::NotPractice)));
    drop(tx);

    let db = TestDb::practice().await;
    for _twice in 0..2 {
        let mut tx = db.pool().begin().await.expect("begin");
        practice::make_sign_ins(&mut tx, nine(), "51")
            .await
            .expect("makes");
        tx.commit().await.expect("commit");
    }
    sign_in(db.pool(), nine(), "duyet", practice::PASSWORD)
        .await
        .expect("signs in");
}
