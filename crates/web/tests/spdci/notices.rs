//! What is told to subscribers: everything that changes what they see, cut down to that.

use kernel::{Actor, Clock, EventId, PersonId};
use serde_json::{Value, json};
use spdci::task::Round;

use crate::caller::{Dialect, NAME, Town, consent, enrolled, event, header_of, registered};

pub(crate) const ALL: &[&str] = &[
    "name",
    "birth_date",
    "sex",
    "phone",
    "area",
    "death_date",
    "programme",
];
/// A ward of another province.
pub(crate) const ELSEWHERE: &str = "00004";

/// Subscribes to one kind of changes in the caller's area; the filter may say less.
async fn subscribe(town: &Town, register: &str, kind: &str, filter: Value) {
    let id = format!("s-{register}-{kind}");
    let message = json!({"transaction_id": id, "subscribe_request": [{"reference_id": "r",
        "timestamp": "2024-05-20T09:00:00+07:00", "subscribe_criteria": {"reg_event_type": kind,
            "notify_record_type": "Member", "filter": filter, "authorize": consent()}}]});
    let header = header_of(&id, "subscribe", 1);
    let path = format!("{register}/registry/subscribe");
    town.ask(&path, Dialect::Jws, (&header, &message)).await;
    town.round().await;
    let answer = town.messages().pop().expect("an answer").json();
    let made = &answer["message"]["subscribe_response"][0];
    assert_eq!(made["status"], "succ", "{made}");
}

async fn subscribed(town: &Town) {
    let filter = json!({"area": {"eq": "51"}});
    subscribe(town, "ibr", "enrollement_status_change", filter.clone()).await;
    subscribe(town, "social", "UPDATE", filter).await;
}

/// What is told of events, as register, member and what happened; everything is told once.
async fn told(town: &Town) -> Vec<(String, Value, Value)> {
    let before = town.messages().len();
    let round = town.round().await;
    assert_eq!((round.again, round.given_up), (0, 0));
    assert_eq!(town.round().await, Round::default(), "told once");
    let messages = town.messages();
    let mut told: Vec<(String, Value, Value)> = messages[before..]
        .iter()
        .map(|notice| {
            assert_eq!(notice.path, "/spdci/registry/notify");
            assert!(town.is_ours(&notice.body, notice.signature.as_deref()));
            let data = notice.json()["message"]["notify_event"][0]["data"].take();
            let register = data["reg_type"].as_str().expect("a registry");
            let record = &data["reg_records"];
            let member = record.get("member").unwrap_or(record);
            let change = member["additional_attributes"][0].clone();
            let register = register.rsplit(':').next().expect("its name");
            (register.to_owned(), member.clone(), change)
        })
        .collect();
    told.sort_by(|one, other| (&one.0, one.2.to_string()).cmp(&(&other.0, other.2.to_string())));
    told
}

pub(crate) async fn number(town: &Town, key: &str) -> PersonId {
    let id = sqlx::query_scalar("select person_id from person where person_key = $1");
    PersonId(id.bind(key).fetch_one(town.db.pool()).await.expect("there"))
}

/// Changes without the rest.
fn changes(told: &[(String, Value, Value)]) -> Vec<(&str, &Value)> {
    let told = told.iter();
    told.map(|(register, _, change)| (register.as_str(), change))
        .collect()
}

#[tokio::test]
async fn rests_deaths_and_what_is_taken_back_are_told_where_they_are_seen() {
    let town = Town::seeing(ALL, "51").await;
    subscribed(&town).await;
    let pause = json!({"benefit": "disability", "from": "2024-06", "reason": "thử"});
    let rests = event("p1", "suspended", "2024-05-20", pause.clone());
    town.happens(std::slice::from_ref(&rests)).await;
    let seen = told(&town).await;
    assert_eq!(changes(&seen), [("IBR", &json!({"event": "suspended"}))]);
    assert_eq!(
        seen[0].1["demographic_info"]["phone_number"][0],
        "0900000001"
    );

    let back = json!({"cancels": rests["event_id"]});
    town.happens(&[event("p1", "event_cancelled", "2024-05-20", back)])
        .await;
    let undone = json!({"event": "cancelled", "cancels": "suspended"});
    assert_eq!(changes(&told(&town).await), [("IBR", &undone)]);

    town.happens(&[
        event("p1", "suspended", "2024-05-20", pause),
        event(
            "p1",
            "resumed",
            "2024-05-20",
            json!({"benefit": "disability", "from": "2024-07", "reason": "thử"}),
        ),
        event("p1", "died", "2024-05-19", json!({"date": "2024-05-19"})),
    ])
    .await;
    let seen = told(&town).await;
    let died = json!({"event": "died"});
    let (resumed, suspended) = (json!({"event": "resumed"}), json!({"event": "suspended"}));
    let expected = [
        ("IBR", &died),
        ("IBR", &resumed),
        ("IBR", &suspended),
        ("Social", &died),
    ];
    assert_eq!(changes(&seen), expected);
    assert_eq!(seen[3].1["demographic_info"]["death_date"], "2024-05-19");
}

#[tokio::test]
async fn what_is_about_a_hidden_benefit_is_told_to_nobody_even_when_it_is_taken_back() {
    let town = Town::seeing(ALL, "VN").await;
    subscribe(
        &town,
        "ibr",
        "enrollement_status_change",
        json!({"area": {"eq": "51"}}),
    )
    .await;
    let pause = json!({"benefit": "poor_adult_with_hiv", "from": "2024-06", "reason": "thử"});
    let rests = event("p2", "suspended", "2024-05-20", pause);
    let back = json!({"cancels": rests["event_id"]});
    town.happens(&[rests]).await;
    town.happens(&[event("p2", "event_cancelled", "2024-05-20", back)])
        .await;
    let dead = event("p3", "died", "2024-05-19", json!({"date": "2024-05-19"}));
    town.happens(&[dead]).await;
    assert_eq!(told(&town).await, []);
}

#[tokio::test]
async fn who_moves_away_is_told_of_by_number_only() {
    let town = Town::seeing(ALL, "51").await;
    subscribed(&town).await;
    let within = event("p1", "moved", "2024-05-20", json!({"area": "21010"}));
    let away = event("p2", "moved", "2024-05-20", json!({"area": ELSEWHERE}));
    town.happens(&[within, away.clone()]).await;
    let seen = told(&town).await;
    let (left, moved) = (json!({"event": "left"}), json!({"event": "moved"}));
    let expected = [
        ("IBR", &left),
        ("IBR", &moved),
        ("Social", &left),
        ("Social", &moved),
    ];
    assert_eq!(changes(&seen), expected);
    assert_eq!(
        seen[1].1["demographic_info"]["address"]["location_code"],
        "21010"
    );
    let gone = &seen[0].1;
    assert_eq!(
        gone["member_identifier"],
        number(&town, "p2").await.to_string()
    );
    assert!(gone.get("demographic_info").is_none(), "{gone}");
    assert!(!seen[2].1.to_string().contains(ELSEWHERE));
    // Back again, since it was not so.
    let back = json!({"cancels": away["event_id"]});
    town.happens(&[event("p2", "event_cancelled", "2024-05-20", back)])
        .await;
    let undone = json!({"event": "cancelled", "cancels": "moved"});
    assert_eq!(
        changes(&told(&town).await),
        [("IBR", &undone), ("Social", &undone)]
    );
}

#[tokio::test]
async fn a_move_is_no_news_to_who_does_not_see_where_people_live() {
    let town = Town::seeing(&["name", "programme"], "51").await;
    // By number, since the area is not theirs to ask by.
    let filter = json!({"type": "UIN", "value": "000188000011"});
    subscribe(&town, "social", "UPDATE", filter).await;
    let dead = event("p1", "died", "2024-05-19", json!({"date": "2024-05-19"}));
    let moved = event("p1", "moved", "2024-05-18", json!({"area": "21010"}));
    town.happens(&[moved, dead]).await;
    let seen = told(&town).await;
    assert_eq!(changes(&seen), [("Social", &json!({"event": "changed"}))]);
    assert!(!seen[0].1.to_string().contains("death_date"));
}

#[tokio::test]
async fn a_merged_record_is_told_with_the_one_that_is_kept() {
    let town = Town::seeing(ALL, "51").await;
    let far = |key: &str, number: &str| {
        let mut far = registered(key, "Người Thử p9", number);
        far["area"] = json!(ELSEWHERE);
        far
    };
    town.happens(&[
        registered("p7", "Người Thử p1", "000188000017"),
        registered("p8", "Người Thử p9", "000188000018"),
        far("p9", "000188000019"),
        enrolled("p9", "disability"),
    ])
    .await;
    let disability = json!({"fact_id": "f1", "fact": {"kind": "disability", "grade": "severe"}});
    town.happens(&[event("p9", "fact_started", "2023-12-15", disability)])
        .await;
    subscribed(&town).await;
    town.round().await;
    let (kept, dropped) = (number(&town, "p1").await, number(&town, "p7").await);
    let merge = async |kept, dropped, id| {
        let actor = Actor::with_every_role("thử");
        let (id, pool) = (EventId(id), town.db.pool());
        let two = (kept, dropped);
        let merged = registry::duplicates::merge(pool, &actor, &town.clock, id, two, "một người");
        merged.await.expect("merged");
    };
    merge(kept, dropped, 1).await;
    let seen = told(&town).await;
    let into = json!({"event": "merged", "merged_into": kept.to_string()});
    assert_eq!(changes(&seen), [("IBR", &into), ("Social", &into)]);
    assert_eq!(seen[0].1["member_identifier"], dropped.to_string());
    assert!(seen[0].1.get("demographic_info").is_none());

    // Into a record they may not see: that it is merged, and no more.
    merge(number(&town, "p9").await, number(&town, "p8").await, 2).await;
    let merged = json!({"event": "merged"});
    assert_eq!(
        changes(&told(&town).await),
        [("IBR", &merged), ("Social", &merged)]
    );
    // Into one that receives nothing that may be told of.
    town.happens(&[registered("p6", "Người Thử p3", "000188000016")])
        .await;
    merge(number(&town, "p3").await, number(&town, "p6").await, 3).await;
    let into = number(&town, "p3").await.to_string();
    let merged = json!({"event": "merged", "merged_into": into});
    assert_eq!(changes(&told(&town).await), [("Social", &merged)]);
}

#[tokio::test]
async fn a_right_that_ended_or_became_less_counts_when_the_notice_is_sent() {
    let mut town = Town::seeing(ALL, "51").await;
    subscribed(&town).await;
    let dead = |key: &str| event(key, "died", "2024-05-19", json!({"date": "2024-05-19"}));
    town.happens(&[dead("p1")]).await;
    // Made while they are away, sent when they see less.
    let down = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    town.told
        .says
        .lock()
        .expect("unpoisoned")
        .extend([down, down]);
    assert_eq!(town.round().await.again, 2);
    let keys = spdci::jwk::ours([town.their_key.public()]);
    town.register(&["sex", "area"], "51", &keys).await;
    town.clock = Clock::Fixed(town.clock.now() + jiff::SignedDuration::from_mins(2));
    let before = town.messages().len();
    assert_eq!(town.round().await.told, 2);
    for notice in &town.messages()[before..] {
        let text = String::from_utf8_lossy(&notice.body).into_owned();
        let seen = text.contains("female") && text.contains("\"changed\"");
        assert!(
            seen && !text.contains("Người") && !text.contains("death"),
            "{text}"
        );
    }
    // Elsewhere by now: nothing.
    town.happens(&[dead("p2")]).await;
    town.register(ALL, "01", &keys).await;
    let before = town.messages().len();
    assert_eq!(town.round().await, Round::default());
    assert_eq!(town.messages().len(), before);
}

#[tokio::test]
async fn nothing_is_told_for_a_purpose_the_registration_names_no_more() {
    let mut town = Town::seeing(ALL, "51").await;
    subscribed(&town).await;
    let dead = |key: &str| event(key, "died", "2024-05-19", json!({"date": "2024-05-19"}));
    town.happens(&[dead("p1")]).await;
    let down = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    let says = town.told.says.clone();
    says.lock().expect("unpoisoned").extend([down, down]);
    assert_eq!(town.round().await.again, 2);
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let new = spdci::caller::NewCaller {
        name: NAME.to_owned(),
        full_name: "Hệ thống thử".to_owned(),
        callback_url: Some(town.url.clone()),
        fields: words(ALL),
        areas: words(&["51"]),
        purposes: words(&["viec-khac"]),
        per_minute: 30,
        keys: spdci::jwk::ours([town.their_key.public()]).to_string(),
        ..spdci::caller::NewCaller::default()
    };
    let actor = Actor::with_every_role("thử");
    let added = spdci::caller::add(town.db.pool(), &actor, &town.clock, &new).await;
    assert!(added.is_ok(), "{added:?}");
    town.clock = Clock::Fixed(town.clock.now() + jiff::SignedDuration::from_mins(2));
    let before = town.messages().len();
    assert_eq!(
        (town.round().await.told, town.messages().len()),
        (0, before)
    );
    town.happens(&[dead("p2")]).await;
    assert_eq!(town.round().await, Round::default());
}
