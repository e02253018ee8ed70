//! Twice in the registry: found across provinces, decided by both.

use kernel::{Actor, EventId, PersonId};
use registry::duplicates::{
    self, Agreement, Decision, DuplicateError, Opinion, Pair, Said, State, Wanted,
};
use testkit::TestDb;
use uuid::Uuid;

use crate::people::{FAR, HERE, Person, clock, neighbours, number, officer, register, tell};

const MINISTRY: &str = "";

/// Somebody in two provinces under a name without marks and another day of birth, among strangers.
pub async fn somebody_twice() -> (TestDb, PersonId, PersonId) {
    let db = TestDb::practice().await;
    neighbours(&db).await;
    let here = Person {
        key: "here",
        name: "Đinh Thị Mưa",
        birth: "1948-02-09",
        id_number: Some("999148000001"),
        area: HERE,
    };
    let there = Person {
        key: "there",
        name: "Dinh Thi Mua",
        birth: "1948-02-19",
        id_number: Some("99914800001"),
        area: FAR,
    };
    register(&db, &[here, there]).await;
    let (one, other) = (number(&db, "here").await, number(&db, "there").await);
    (db, one, other)
}

async fn pairs(db: &TestDb, actor: &Actor, state: State) -> Vec<Pair> {
    let wanted = Wanted {
        area: String::new(),
        state,
        offset: 0,
        limit: 50,
    };
    let found = duplicates::pairs(db.pool(), actor, &clock(), &wanted).await;
    let (pairs, count) = found.expect("an answer");
    assert_eq!(pairs.len() as i64, count);
    pairs
}

async fn say(
    db: &TestDb,
    actor: &Actor,
    pair: (PersonId, PersonId),
    kept: Option<PersonId>,
    turn: i16,
) -> Result<Said, DuplicateError> {
    let decision = match kept {
        None => Decision::Dismiss,
        Some(kept) => Decision::Merge {
            kept,
            event: EventId(Uuid::new_v4().as_u128()),
        },
    };
    let opinion = Opinion {
        pair,
        decision,
        reason: "đã xem giấy tờ",
        turn: Some(turn),
    };
    duplicates::say(db.pool(), actor, &clock(), opinion).await
}

#[tokio::test]
async fn somebody_in_two_provinces_is_found_told_why_and_merged_when_both_say_so() {
    let (db, one, other) = somebody_twice().await;
    let (ours, theirs) = (officer("xa", HERE), officer("ha.noi", "01"));
    assert_eq!(pairs(&db, &ours, State::Open).await, []);
    let denied = links::twice(db.pool(), &ours, &clock(), "01").await;
    assert_eq!(denied.expect_err("not ours").code(), "denied");
    let found = links::twice(db.pool(), &ours, &clock(), HERE).await;
    let found = found.expect("compared");
    assert_eq!((found.people, found.with, found.pairs), (201, 402, 1));

    let seen = pairs(&db, &ours, State::Open).await;
    let pair = &seen[0];
    assert!(pair.likely > Some(900_000) && pair.one.seen && !pair.other.seen);
    assert_eq!(pair.one.full_name, "Đinh Thị Mưa");
    let hidden = (
        &pair.other.full_name,
        &pair.other.id_number,
        pair.other.birth_date,
    );
    assert_eq!(
        hidden,
        (&String::new(), &None, None),
        "another province's person"
    );
    assert_eq!(pair.other.area, "01");
    let why = |field: &str| pair.why.iter().find(|reason| reason.field == field);
    let given = why("full_name").expect("compared");
    assert_eq!(given.agreement, Agreement::Same);
    assert!(
        given.times > 1 && given.weight().contains("tăng khả năng"),
        "{:?}",
        pair.why
    );
    assert_eq!(
        why("birth_date").map(|it| it.agreement),
        Some(Agreement::Close)
    );

    let both = (one, other);
    assert_eq!(
        say(&db, &ours, both, Some(one), 0).await.expect("said"),
        Said::Waits
    );
    let still = pairs(&db, &theirs, State::Open).await;
    assert_eq!((still[0].turn, still[0].said.len()), (1, 1));
    let late = say(&db, &theirs, both, None, 0).await;
    assert!(matches!(late, Err(DuplicateError::Meanwhile)), "{late:?}");
    let otherwise = say(&db, &theirs, both, Some(other), 1).await.expect("said");
    assert_eq!(otherwise, Said::Waits, "the record to keep is another one");
    assert_eq!(
        say(&db, &theirs, both, Some(one), 2).await.expect("said"),
        Said::Done
    );
    assert_eq!(pairs(&db, &ours, State::Open).await, []);
    assert_eq!(pairs(&db, &ours, State::Merged).await.len(), 1);
    let board = links::board::board(db.pool(), &ours, &clock(), HERE).await;
    assert_eq!(board.expect("counted").total.merged, 1);

    let event: Uuid = sqlx::query_scalar("select event_id from event where kind = 'merged'")
        .fetch_one(db.pool())
        .await
        .expect("recorded");
    let undone = serde_json::json!({
        "event_id": Uuid::new_v4(), "kind": "event_cancelled", "person": format!("#{other}"),
        "effective": "2024-05-20", "source": "thử", "cancels": event,
    });
    tell(&db, &undone.to_string()).await;
    let again = pairs(&db, &ours, State::Open).await;
    assert_eq!(again.len(), 1, "parted, the pair is open again");
    let alone = say(&db, &ours, both, Some(one), again[0].turn)
        .await
        .expect("said");
    assert_eq!(
        alone,
        Said::Waits,
        "what was said before it took effect is past"
    );
}

#[tokio::test]
async fn a_dismissed_pair_stays_away_until_a_side_changes() {
    let (db, one, other) = somebody_twice().await;
    let ministry = officer("bo", MINISTRY);
    let find = async || {
        links::twice(db.pool(), &ministry, &clock(), MINISTRY)
            .await
            .expect("found")
    };
    assert_eq!(find().await.pairs, 1);
    let both = (one, other);
    assert_eq!(
        say(&db, &ministry, both, None, 0).await.expect("said"),
        Said::Done
    );
    assert_eq!(find().await.pairs, 1);
    assert_eq!(pairs(&db, &ministry, State::Open).await, []);
    assert_eq!(pairs(&db, &ministry, State::Dismissed).await.len(), 1);
    let corrected = serde_json::json!({
        "event_id": Uuid::new_v4(), "kind": "person_corrected", "person": "there",
        "effective": "2024-05-20", "source": "thử", "birth_date": "1948-02-09",
    });
    tell(&db, &corrected.to_string()).await;
    let back = pairs(&db, &ministry, State::Open).await;
    assert_eq!((back.len(), back[0].turn), (1, 1));
    let nobody = officer("quang.nam", "49");
    let denied = say(&db, &nobody, both, None, 1).await;
    assert!(matches!(denied, Err(DuplicateError::Denied(_))));
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_is_told() {
    let (db, one, other) = somebody_twice().await;
    let (first, second) = (officer("bo.1", MINISTRY), officer("bo.2", MINISTRY));
    let both = (one, other);
    let (merged, dismissed) = tokio::join!(
        say(&db, &first, both, Some(one), 0),
        say(&db, &second, both, None, 0)
    );
    let told = [merged, dismissed].into_iter().filter(|it| {
        matches!(
            it,
            Err(DuplicateError::Meanwhile | DuplicateError::Unknown(_))
        )
    });
    assert_eq!(told.count(), 1);
}
