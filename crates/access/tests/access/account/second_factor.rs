use access::second_factor::{self, FactorError, SetUp};
use access::session::actor_by_session;
use access::sign_in::{SignInError, TRIES, with_code};
use access::user::UserError;
use jiff::{SignedDuration, Timestamp};
use kernel::actor::Role;
use testkit::TestDb;
use totp_rs::{Builder, Secret};

use super::house::{PASSWORD, actor, after, enter, from, house, key, nine, session, step};

/// What a telephone shows that knows the secret.
fn shown(set_up: &SetUp, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(&set_up.text).expect("Base32");
    let totp = Builder::new()
        .with_secret(secret)
        .build()
        .expect("a secret");
    totp.generate(u64::try_from(at.as_second()).expect("later than 1970"))
        .to_string()
}

async fn set_up(db: &TestDb, at: Timestamp, name: &str) -> (SetUp, Vec<String>) {
    let (who, token) = (actor(db, at, name).await, session(db, at, name).await);
    let begun = second_factor::begin(db.pool(), at, Some(&key()), &who).await;
    let begun = begun.expect("begins");
    let code = shown(&begun, at);
    let codes = second_factor::confirm(db.pool(), at, Some(&key()), &who, &token, &code).await;
    (begun, codes.expect("confirmed"))
}

async fn code(db: &TestDb, at: Timestamp, step: &str, code: &str) -> Result<String, SignInError> {
    let origin = from("203.0.113.7");
    let session = with_code(db.pool(), at, &origin, Some(&key()), step, code).await?;
    Ok(session.token)
}

#[tokio::test]
async fn the_second_step_takes_a_code_of_the_moment_once() {
    let db = house().await;
    let (telephone, _) = set_up(&db, nine(), "lap").await;
    assert!(
        telephone
            .address
            .starts_with("otpauth://totp/An%20Sinh:lap?secret=")
    );

    let later = after(10);
    let begun = step(&db, later, "lap").await;
    let right = shown(&telephone, later);
    let old = shown(&telephone, after(5));
    assert!(matches!(
        code(&db, later, &begun, &old).await,
        Err(SignInError::WrongCode)
    ));
    let token = code(&db, later, &begun, &right).await.expect("signs in");
    let who = actor_by_session(db.pool(), later, &token)
        .await
        .expect("reads");
    assert_eq!(who.expect("signed in").actor.name, "lap");

    let again = step(&db, later, "lap").await;
    let replayed = code(&db, later, &again, &right).await;
    assert!(
        matches!(replayed, Err(SignInError::WrongCode)),
        "the code was used"
    );
    let before = shown(&telephone, later - SignedDuration::from_secs(30));
    let earlier = code(&db, later, &again, &before).await;
    assert!(
        matches!(earlier, Err(SignInError::WrongCode)),
        "and none before it counts"
    );
    let next = later + SignedDuration::from_secs(30);
    code(&db, next, &again, &shown(&telephone, next))
        .await
        .expect("the next one does");
    let spent = code(&db, next, &again, "000000").await;
    assert!(
        matches!(spent, Err(SignInError::StepOver)),
        "the first step was spent"
    );
    let too_late = code(&db, after(16), &begun, &right).await;
    assert!(matches!(too_late, Err(SignInError::StepOver)));
}

#[tokio::test]
async fn wrong_codes_lock_even_between_right_passwords() {
    let db = house().await;
    let (telephone, _) = set_up(&db, nine(), "lap").await;
    let later = after(10);
    for _ in 0..TRIES {
        let begun = step(&db, later, "lap").await;
        let wrong = code(&db, later, &begun, "abc-def").await;
        assert!(matches!(wrong, Err(SignInError::WrongCode)));
    }
    let locked = enter(&db, later, "lap", PASSWORD).await;
    assert!(
        matches!(locked, Err(SignInError::Wrong)),
        "locked, and told as wrong"
    );
    let free = after(26);
    let begun = step(&db, free, "lap").await;
    code(&db, free, &begun, &shown(&telephone, free))
        .await
        .expect("free again");
}

#[tokio::test]
async fn a_code_for_recovery_opens_once() {
    let db = house().await;
    let (telephone, codes) = set_up(&db, nine(), "lap").await;
    assert_eq!(codes.len(), second_factor::RECOVERY_CODES);
    let later = after(10);
    let first = step(&db, later, "lap").await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    code(&db, later, &first, &typed).await.expect("signs in");
    let second = step(&db, later, "lap").await;
    let again = code(&db, later, &second, &codes[3]).await;
    assert!(matches!(again, Err(SignInError::WrongCode)));
    let mut connection = db.pool().acquire().await.expect("a connection");
    let left = second_factor::recovery_left(&mut connection, "lap").await;
    assert_eq!(left.expect("counts"), 9);
    let who = actor(&db, later, "lap").await;
    let now = shown(&telephone, later);
    let renewed = second_factor::renew_recovery(db.pool(), later, Some(&key()), &who, &now).await;
    let renewed = renewed.expect("renewed");
    let old = code(&db, later, &second, &codes[4]).await;
    assert!(
        matches!(old, Err(SignInError::WrongCode)),
        "old codes are gone"
    );
    code(&db, later, &second, &renewed[0])
        .await
        .expect("new ones open");
}

#[tokio::test]
async fn the_secret_is_kept_encrypted_and_opens_with_its_key_alone() {
    let db = house().await;
    let (telephone, codes) = set_up(&db, nine(), "lap").await;
    let held: Vec<u8> = sqlx::query_scalar("select sealed from second_factor")
        .fetch_one(db.pool())
        .await
        .expect("reads");
    let secret = Secret::try_from_base32(&telephone.text).expect("Base32");
    let contains = held.windows(20).any(|part| part == secret.as_bytes());
    assert!(!contains && held.len() == 12 + 20 + 16);
    let hashes: Vec<Vec<u8>> = sqlx::query_scalar("select code_hash from recovery_code")
        .fetch_all(db.pool())
        .await
        .expect("reads");
    assert!(
        hashes
            .iter()
            .all(|hash| hash.len() == 32 && *hash != codes[0].as_bytes())
    );

    let other = access::sealed::SecretKey::of_bytes(&[8; 32]).expect("32 bytes");
    let begun = step(&db, after(10), "lap").await;
    let now = shown(&telephone, after(10));
    let origin = from("203.0.113.7");
    let refused = with_code(db.pool(), after(10), &origin, Some(&other), &begun, &now).await;
    assert!(matches!(refused, Err(SignInError::Sealed(_))));
}

#[tokio::test]
async fn a_role_may_need_a_second_factor_from_a_day_on() {
    let db = house().await;
    let require = async |who: &str, from: &str| {
        let who = actor(&db, nine(), who).await;
        let mut tx = db.pool().begin().await.expect("begin");
        let day = from.parse().expect("a day");
        second_factor::require(&mut tx, nine(), &who, Role::Approver, day, true).await?;
        tx.commit().await.expect("commit");
        Ok::<(), UserError>(())
    };
    assert!(matches!(
        require("tinh", "2024-05-20").await,
        Err(UserError::Denied(_))
    ));
    require("quan", "2024-05-21").await.expect("set");
    let owes = async |at: Timestamp, token: &str| {
        let who = actor_by_session(db.pool(), at, token).await.expect("reads");
        who.expect("signed in").owes_second_factor
    };
    let token = session(&db, nine(), "duyet").await;
    assert!(!owes(nine(), &token).await, "not before its day");
    let next_day = after(24 * 60);
    let token = session(&db, next_day, "duyet").await;
    assert!(owes(next_day, &token).await);
    let maker = session(&db, next_day, "lap").await;
    assert!(!owes(next_day, &maker).await, "another role");

    let who = actor(&db, next_day, "duyet").await;
    let begun = second_factor::begin(db.pool(), next_day, Some(&key()), &who).await;
    let begun = begun.expect("begins");
    let wrong =
        second_factor::confirm(db.pool(), next_day, Some(&key()), &who, &token, "12345").await;
    assert!(matches!(wrong, Err(FactorError::WrongCode)));
    let now = shown(&begun, next_day);
    second_factor::confirm(db.pool(), next_day, Some(&key()), &who, &token, &now)
        .await
        .expect("confirmed");
    assert!(!owes(next_day, &token).await, "this session has shown it");
    let twice = second_factor::begin(db.pool(), next_day, Some(&key()), &who).await;
    assert!(matches!(twice, Err(FactorError::AlreadySetUp)));
}

#[tokio::test]
async fn an_administrator_takes_it_off_but_not_from_themselves() {
    let db = house().await;
    set_up(&db, nine(), "lap").await;
    set_up(&db, nine(), "tinh").await;
    let reset = async |who: &str, name: &str| {
        let who = actor(&db, nine(), who).await;
        let mut tx = db.pool().begin().await.expect("begin");
        second_factor::reset(&mut tx, nine(), &who, name).await?;
        tx.commit().await.expect("commit");
        Ok::<(), UserError>(())
    };
    assert!(matches!(
        reset("duyet", "lap").await,
        Err(UserError::Denied(_))
    ));
    assert!(matches!(
        reset("tinh", "tinh").await,
        Err(UserError::NotOneself)
    ));
    reset("tinh", "lap").await.expect("taken off");
    session(&db, after(1), "lap").await;
}
