//! Subscriptions by number and by place, while records are merged, parted and merged again at random and the other
//! registry is away now and then: what is told is what a model of mergers says, and nothing beyond.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::{Actor, Clock, EventId, PersonId};
use serde_json::{Value, json};

use crate::caller::{Dialect, Town, consent, enrolled, event, header_of, registered};
use crate::notices::{ALL, ELSEWHERE, number};

/// Of whom is told: `far` lives where the caller may not look, `p3` receives only what nobody is told of, `p6`
/// receives nothing.
const PEOPLE: [&str; 5] = ["p1", "p2", "p3", "p6", "far"];
/// Each by its transaction, registry and whom it names; nobody is the whole province.
const SUBSCRIPTIONS: [(&str, &str, Option<&str>); 6] = [
    ("n-p1", "ibr", Some("p1")),
    ("n-p2", "ibr", Some("p2")),
    ("n-p6", "ibr", Some("p6")),
    ("n-social", "social", Some("p1")),
    ("a-ibr", "ibr", None),
    ("a-social", "social", None),
];

type Notice = (&'static str, &'static str, Value);

/// The same numbers from the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Suspended(&'static str),
    Resumed(&'static str),
    Merged(&'static str),
    Parted(&'static str),
}

/// Who was merged into whom, and by which event.
#[derive(Default)]
struct Model(BTreeMap<&'static str, (&'static str, EventId)>);

impl Model {
    fn root(&self, who: &'static str) -> &'static str {
        self.0.get(who).map_or(who, |(into, _)| self.root(into))
    }

    fn is_of(&self, who: &'static str, named: &'static str) -> bool {
        let further = self.0.get(named);
        who == named || further.is_some_and(|(into, _)| self.is_of(who, into))
    }

    fn receives(&self, root: &'static str) -> bool {
        let mut of_disability = ["p1", "p2", "far"].into_iter();
        of_disability.any(|who| self.root(who) == root)
    }

    /// Whether a search of the caller would find the record.
    fn is_seen(&self, register: &str, who: &'static str) -> bool {
        let stands = !self.0.contains_key(who) && who != "far";
        stands && (register == "social" || self.receives(who))
    }

    fn notice(
        &self,
        (transaction, register, named): (&'static str, &str, Option<&'static str>),
        change: Change,
    ) -> Option<Notice> {
        let is_meant = |who| named.is_none_or(|named| self.is_of(who, named));
        let of = |who, mut about: Value| {
            if let Some(named) = named.filter(|named| *named != who) {
                about["instead_of"] = json!([format!("#{named}")]);
            }
            (is_meant(who) && self.is_seen(register, who)).then_some((transaction, who, about))
        };
        match change {
            // Nobody is told of it, or the social registry has no word for it.
            Change::Suspended("p3") | Change::Resumed("p3") => None,
            Change::Suspended(_) | Change::Resumed(_) if register == "social" => None,
            Change::Suspended(who) => of(self.root(who), json!({"event": "suspended"})),
            Change::Resumed(who) => of(self.root(who), json!({"event": "resumed"})),
            Change::Parted(who) => of(who, json!({"event": "cancelled", "cancels": "merged"})),
            Change::Merged(who) => {
                let into = self.root(who);
                let told = into != who && who != "far" && is_meant(who);
                if !told || (register == "ibr" && !self.receives(into)) {
                    return None;
                }
                let mut about = json!({"event": "merged"});
                if let Some(named) = named.filter(|named| *named != who) {
                    about["instead_of"] = json!([format!("#{named}")]);
                }
                if self.is_seen(register, into) {
                    about["merged_into"] = json!(format!("#{into}"));
                    if named.is_some() {
                        about["followed"] = json!(true);
                    }
                }
                Some((transaction, who, about))
            }
        }
    }

    fn all(&self, pending: &[(usize, Change)]) -> Vec<Notice> {
        let notices = pending.iter();
        notices
            .filter_map(|(at, change)| self.notice(SUBSCRIPTIONS[*at], *change))
            .collect()
    }
}

async fn opened() -> (Town, BTreeMap<String, &'static str>) {
    let town = Town::seeing(ALL, "51").await;
    let mut far = registered("far", "Người Nơi Khác", "000188000019");
    far["area"] = json!(ELSEWHERE);
    let disability = json!({"fact_id": "f1", "fact": {"kind": "disability", "grade": "severe"}});
    town.happens(&[
        registered("p6", "Người Thử p6", "000188000016"),
        far,
        event("far", "fact_started", "2023-12-15", disability),
        enrolled("far", "disability"),
    ])
    .await;
    let mut names = BTreeMap::new();
    for who in PEOPLE {
        names.insert(number(&town, who).await.to_string(), who);
    }
    for (id, register, named) in SUBSCRIPTIONS {
        let filter = match named {
            None => json!({"area": {"eq": "51"}}),
            Some(who) => {
                json!({"type": "member_identifier", "value": number(&town, who).await.to_string()})
            }
        };
        let kind = match register {
            "ibr" => "enrollement_status_change",
            _ => "UPDATE",
        };
        let message = json!({"transaction_id": id, "subscribe_request": [{"reference_id": "r",
            "timestamp": "2024-05-20T09:00:00+07:00", "subscribe_criteria": {"reg_event_type": kind,
                "notify_record_type": "Member", "filter": filter, "authorize": consent()}}]});
        let header = header_of(id, "subscribe", 1);
        let path = format!("{register}/registry/subscribe");
        let taken = town.ask(&path, Dialect::Jws, (&header, &message)).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    }
    assert_eq!(town.round().await.told, 6);
    (town, names)
}

/// What was told since, in the words of the model.
fn told(town: &Town, from: usize, names: &BTreeMap<String, &'static str>) -> Vec<Notice> {
    let known = |id: &Value| names[id.as_str().expect("a number")];
    let notices = town.messages()[from..].to_vec();
    let notices = notices.iter().map(|notice| {
        assert!(town.is_ours(&notice.body, notice.signature.as_deref()));
        let text = String::from_utf8_lossy(&notice.body).into_owned();
        assert!(!text.contains("hiv") && !text.contains("Nơi Khác") && !text.contains(ELSEWHERE));
        let message = notice.json()["message"].take();
        let record = &message["notify_event"][0]["data"]["reg_records"];
        let member = record.get("member").unwrap_or(record);
        let mut about = member["additional_attributes"][0].clone();
        if let Some(into) = about.get("merged_into").map(known) {
            about["merged_into"] = json!(format!("#{into}"));
            assert!(member.get("demographic_info").is_none(), "{member}");
        }
        if let Some(named) = about.get("instead_of").and_then(Value::as_array) {
            let named: Vec<String> = named.iter().map(|it| format!("#{}", known(it))).collect();
            about["instead_of"] = json!(named);
        }
        let transaction = message["transaction_id"].as_str().expect("its name");
        let of = |it: &&(&'static str, &str, Option<&str>)| it.0 == transaction;
        let subscription = SUBSCRIPTIONS.iter().find(of).expect("ours");
        (subscription.0, known(&member["member_identifier"]), about)
    });
    notices.collect()
}

fn sorted(mut notices: Vec<Notice>) -> Vec<String> {
    let mut lines: Vec<String> = notices.drain(..).map(|it| format!("{it:?}")).collect();
    lines.sort_unstable();
    lines
}

/// Something happens, as chance has it.
async fn happens(
    town: &Town,
    chance: &mut Chance,
    model: &mut Model,
    rests: &mut BTreeMap<&'static str, i32>,
) -> Option<Change> {
    let who = PEOPLE[chance.below(PEOPLE.len())];
    match chance.below(3) {
        0 if who != "p6" && !model.0.contains_key(who) => {
            let turn = rests.entry(who).or_default();
            *turn += 1;
            let benefit = if who == "p3" {
                "poor_adult_with_hiv"
            } else {
                "disability"
            };
            let from = format!("{}-{:02}", 2024 + (*turn + 5) / 12, (*turn + 5) % 12 + 1);
            // Of one day, pauses count before their ends.
            let day = format!("2024-04-{turn:02}");
            let fields = json!({"benefit": benefit, "from": from, "reason": "thử"});
            let is_pause = *turn % 2 == 1;
            let kind = if is_pause { "suspended" } else { "resumed" };
            town.happens(&[event(who, kind, &day, fields)]).await;
            Some(if is_pause {
                Change::Suspended(who)
            } else {
                Change::Resumed(who)
            })
        }
        1 if model.0.contains_key(who) => {
            let (_, merger) = model.0.remove(who)?;
            let back = json!({"cancels": uuid::Uuid::from_u128(merger.0)});
            town.happens(&[event(who, "event_cancelled", "2024-05-20", back)])
                .await;
            Some(Change::Parted(who))
        }
        _ => {
            let into = PEOPLE[chance.below(PEOPLE.len())];
            let stands = |who| !model.0.contains_key(who);
            if who == into || !stands(who) || !stands(into) {
                return None;
            }
            let merger = EventId(uuid::Uuid::new_v4().as_u128());
            let two: (PersonId, PersonId) = (number(town, into).await, number(town, who).await);
            let (actor, pool) = (Actor::with_every_role("thử"), town.db.pool());
            let merged =
                registry::duplicates::merge(pool, &actor, &town.clock, merger, two, "một người");
            merged.await.expect("merged");
            model.0.insert(who, (into, merger));
            Some(Change::Merged(who))
        }
    }
}

async fn walked(seed: u64) -> usize {
    let (mut town, names) = opened().await;
    let (mut chance, mut model) = (Chance(seed), Model::default());
    let mut rests = BTreeMap::new();
    let (mut fresh, mut pending): (Vec<Change>, Vec<(usize, Change)>) = Default::default();
    let (mut from, mut downs, mut followed) = (town.messages().len(), 0, 0);
    for step in 0..45 {
        fresh.extend(happens(&town, &mut chance, &mut model, &mut rests).await);
        town.clock = Clock::Fixed(town.clock.now() + SignedDuration::from_hours(4));
        let turn = chance.below(3);
        if turn == 0 {
            continue;
        }
        // Made now of who may be seen now; sent now or later, of who may be seen then.
        let each = fresh.drain(..);
        let made = each.flat_map(|change| (0..SUBSCRIPTIONS.len()).map(move |at| (at, change)));
        let may_be_told =
            |it: &(usize, Change), model: &Model| model.notice(SUBSCRIPTIONS[it.0], it.1).is_some();
        pending.extend(made);
        pending.retain(|it| may_be_told(it, &model));
        let is_away = turn == 1 && downs < 3;
        downs = if is_away { downs + 1 } else { 0 };
        if is_away {
            let down = [StatusCode::SERVICE_UNAVAILABLE; 100];
            town.told.says.lock().expect("unpoisoned").extend(down);
        }
        town.round().await;
        town.told.says.lock().expect("unpoisoned").clear();
        let seen = told(&town, from, &names);
        from += seen.len();
        let expected = if is_away {
            Vec::new()
        } else {
            model.all(&pending)
        };
        let text = format!("seed {seed}, step {step}: {:?}", model.0);
        assert_eq!(sorted(seen.clone()), sorted(expected), "{text}");
        followed += seen
            .iter()
            .filter(|it| it.2.get("instead_of").is_some())
            .count();
        if !is_away {
            pending.clear();
        }
    }
    followed
}

#[tokio::test]
async fn a_subscription_by_number_follows_mergers_and_stands_as_before_when_they_are_taken_back() {
    let mut followed = 0;
    for seed in 1..=6 {
        followed += walked(seed).await;
    }
    assert!(followed > 10, "mergers were followed {followed} times only");
}
