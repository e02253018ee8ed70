//! Signing in at an independent provider of identities, started for each test.

use std::collections::BTreeMap;
use std::path::Path;

use access::identity::provider::{Answer, IdentityError, Provider};
use access::identity::{self, Identity};
use access::sign_in::Entered;
use access::user::{self, NewUser, Wanted};
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use kernel::Origin;
use kernel::actor::{Actor, Role};
use openidconnect::url::Url;
use testkit::{NodeServer, TestDb};
use ureq::Agent;

/// The provider's tokens carry the real time.
fn now() -> Timestamp {
    Clock::System.now()
}

/// A provider and a house that knows it: `lap` is bound to its subject `anh`.
struct Both {
    db: TestDb,
    provider: Provider,
    _server: NodeServer,
}

async fn both() -> Both {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    let server = NodeServer::start(&folder, "provider.mjs");
    let provider = Provider {
        name: "Định danh thử".to_owned(),
        issuer: server.address.clone(),
        client_id: "an-sinh".to_owned(),
        client_secret: Some("bi-mat-cua-phep-thu".to_owned()),
        address: "http://127.0.0.1".to_owned(),
        second_factor: vec!["mfa".to_owned()],
    };
    let db = TestDb::new().await;
    let actor = Actor::with_every_role("quan");
    let mut tx = db.pool().begin().await.expect("begin");
    let user = NewUser {
        name: "lap".to_owned(),
        full_name: "Người thử".to_owned(),
        password: "ghe-go-mau-xanh".to_owned(),
        first: Wanted {
            role: Role::ListMaker,
            area_code: "51".to_owned(),
            provider: None,
        },
    };
    user::add(&mut tx, now(), &actor, user)
        .await
        .expect("added");
    let there = Identity {
        issuer: provider.issuer.clone(),
        subject: "anh".to_owned(),
    };
    identity::bind(&mut tx, now(), &actor, "lap", &there)
        .await
        .expect("bound");
    tx.commit().await.expect("commit");
    Both {
        db,
        provider,
        _server: server,
    }
}

/// What a browser brings back that signs in there under a name.
async fn browse(address: &str, login: &str) -> Answer {
    let mut next = format!("{address}&login_hint={}", login.replace('+', "%2B"));
    tokio::task::spawn_blocking(move || {
        let agent: Agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        let mut cookies: BTreeMap<String, String> = BTreeMap::new();
        for _step in 0..10 {
            let sent: Vec<String> = cookies
                .iter()
                .map(|(name, it)| format!("{name}={it}"))
                .collect();
            let request = agent.get(&next).header("cookie", sent.join("; "));
            let answer = request.call().expect("answers");
            for set in answer.headers().get_all("set-cookie") {
                let pair = set
                    .to_str()
                    .expect("ASCII")
                    .split(';')
                    .next()
                    .expect("a pair");
                let (name, value) = pair.split_once('=').expect("a pair");
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let status = answer.status();
            let to = answer.headers().get("location");
            let to = to.unwrap_or_else(|| panic!("{status} leads nowhere"));
            let to = to.to_str().expect("ASCII").to_owned();
            let here = Url::parse(&next).expect("an address");
            let to = here.join(&to).expect("an address");
            if to.path() == identity::provider::BACK {
                let given: BTreeMap<_, _> = to.query_pairs().into_owned().collect();
                let one = |name: &str| given.get(name).cloned();
                return Answer {
                    state: one("state").unwrap_or_default(),
                    code: one("code").unwrap_or_default(),
                    iss: one("iss"),
                };
            }
            next = to.to_string();
        }
        panic!("led around in circles")
    })
    .await
    .expect("browses")
}

impl Both {
    async fn finish(
        &self,
        at: Timestamp,
        state: &str,
        answer: &Answer,
    ) -> Result<(Entered, String), IdentityError> {
        let origin = Origin::default();
        self.provider
            .finish(self.db.pool(), at, &origin, state, answer)
            .await
    }

    /// The whole way of a browser.
    async fn enter(&self, at: Timestamp, login: &str) -> Result<(Entered, String), IdentityError> {
        let begun = self.provider.begin(self.db.pool(), at, "/ky-chi").await?;
        let answer = browse(&begun.address, login).await;
        self.finish(at, &begun.state, &answer).await
    }
}

#[tokio::test]
async fn who_is_bound_gets_in_and_nobody_else() {
    let both = both().await;
    let (entered, back) = both.enter(now(), "anh").await.expect("signs in");
    assert_eq!(back, "/ky-chi");
    let Entered::In(session) = entered else {
        panic!("no second factor is set up")
    };
    assert_eq!(session.name, "lap");
    let unknown = both.enter(now(), "la").await;
    assert!(matches!(unknown, Err(IdentityError::Unbound { subject }) if subject == "la"));
    let accounts: i64 = sqlx::query_scalar("select count(*) from app_user")
        .fetch_one(both.db.pool())
        .await
        .expect("reads");
    assert_eq!(accounts, 1, "none is made by coming");
    let shut = "insert into app_user (name, full_name, password_hash, created_at, disabled_at)
                values ('cu', 'Người cũ', 'x', now(), now())";
    sqlx::query(shut)
        .execute(both.db.pool())
        .await
        .expect("added");
    sqlx::query("update identity_link set user_name = 'cu'")
        .execute(both.db.pool())
        .await
        .expect("bound");
    let refused = both.enter(now(), "anh").await;
    assert!(
        matches!(refused, Err(IdentityError::Unbound { .. })),
        "a shut account"
    );
}

#[tokio::test]
async fn a_second_factor_there_counts_only_if_so_set() {
    let mut both = both().await;
    sqlx::query(
        "insert into second_factor (user_name, sealed, key_id, made_at, confirmed_at)
         values ('lap', '\\x00', 'k', now(), now())",
    )
    .execute(both.db.pool())
    .await
    .expect("set up");
    let (entered, _) = both.enter(now(), "anh").await.expect("first step");
    assert!(
        matches!(entered, Entered::OwesCode(_)),
        "a password alone there"
    );
    let (entered, _) = both.enter(now(), "anh+mfa").await.expect("signs in");
    assert!(matches!(entered, Entered::In(_)), "two factors there");
    both.provider.second_factor.clear();
    let (entered, _) = both.enter(now(), "anh+mfa").await.expect("first step");
    assert!(matches!(entered, Entered::OwesCode(_)), "not so set");
}

#[tokio::test]
async fn answers_of_other_browsers_and_used_ones_open_nothing() {
    let both = both().await;
    let begin = async || {
        both.provider
            .begin(both.db.pool(), now(), "/")
            .await
            .expect("begins")
    };
    let (first, second) = (begin().await, begin().await);
    let answer = browse(&first.address, "anh").await;
    let other = both.finish(now(), &second.state, &answer).await;
    assert!(
        matches!(other, Err(IdentityError::NotAsked)),
        "another browser's state"
    );
    let none = both.finish(now(), "", &answer).await;
    assert!(matches!(none, Err(IdentityError::NotAsked)), "no cookie");
    both.finish(now(), &first.state, &answer)
        .await
        .expect("signs in");
    let again = both.finish(now(), &first.state, &answer).await;
    assert!(
        matches!(again, Err(IdentityError::NotAsked)),
        "the same answer again"
    );
    let replayed = Answer {
        state: second.state.clone(),
        ..answer
    };
    let used = both.finish(now(), &second.state, &replayed).await;
    assert!(
        matches!(used, Err(IdentityError::NotProven(_))),
        "the code was used"
    );
}

#[tokio::test]
async fn what_proves_something_else_opens_nothing() {
    let mut both = both().await;
    let begin = async |both: &Both| {
        both.provider
            .begin(both.db.pool(), now(), "/")
            .await
            .expect("begins")
    };

    let begun = begin(&both).await;
    let answer = browse(&begun.address, "anh").await;
    let changed = sqlx::query("update identity_attempt set nonce = 'khac'");
    changed.execute(both.db.pool()).await.expect("changed");
    let nonce = both.finish(now(), &begun.state, &answer).await;
    assert!(
        matches!(nonce, Err(IdentityError::NotProven(_))),
        "another nonce"
    );

    let begun = begin(&both).await;
    let answer = browse(&begun.address, "anh").await;
    let changed = sqlx::query("update identity_attempt set verifier = repeat('a', 43)");
    changed.execute(both.db.pool()).await.expect("changed");
    let verifier = both.finish(now(), &begun.state, &answer).await;
    assert!(
        matches!(verifier, Err(IdentityError::NotProven(_))),
        "another verifier"
    );

    let begun = begin(&both).await;
    let answer = Answer {
        iss: Some("https://khac.example".to_owned()),
        ..browse(&begun.address, "anh").await
    };
    let issuer = both.finish(now(), &begun.state, &answer).await;
    assert!(
        matches!(issuer, Err(IdentityError::NotAsked)),
        "another issuer answers"
    );

    let begun = begin(&both).await;
    let declined = Answer {
        state: begun.state.clone(),
        ..Answer::default()
    };
    let declined = both.finish(now(), &begun.state, &declined).await;
    assert!(matches!(declined, Err(IdentityError::Declined)));

    both.provider.issuer = both.provider.issuer.replace("127.0.0.1", "localhost");
    let begun = both.provider.begin(both.db.pool(), now(), "/").await;
    assert!(
        matches!(begun, Err(IdentityError::NotReached(_))),
        "it names itself otherwise"
    );
}

#[tokio::test]
async fn a_token_that_has_expired_and_a_way_taken_too_long_open_nothing() {
    let both = both().await;
    let in_two_hours = now() + SignedDuration::from_hours(2);
    let expired = both.enter(in_two_hours, "anh").await;
    assert!(
        matches!(expired, Err(IdentityError::NotProven(_))),
        "the token is over"
    );
    let begun = both
        .provider
        .begin(both.db.pool(), now(), "/")
        .await
        .expect("begins");
    let answer = browse(&begun.address, "anh").await;
    let late = both.finish(in_two_hours, &begun.state, &answer).await;
    assert!(
        matches!(late, Err(IdentityError::NotAsked)),
        "the way took too long"
    );
}
