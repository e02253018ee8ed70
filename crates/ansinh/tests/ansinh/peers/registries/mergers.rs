//! Somebody is subscribed to by number, merged into another record and parted again, while our server is killed and
//! the other registry misbehaves: it is told what holds of the record that stands, each under one name, and of the
//! other record only as long as they are one.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::{Town, event, people, settle, subscription, text, until};
use crate::program::Running;

const AWARD: &str = "\"benefit\":\"older_80_without_pension\",\"from\":\"2024-01\",\"decision\":{\"number\":\"1/QĐ\",\"date\":\"2024-01-02\"}";

/// Killed at some moment, and served again when everything in hand may be taken up anew.
fn killed(town: &mut Town, mut server: Running, random: &mut StdRng) -> Running {
    sleep(Duration::from_millis(random.random_range(0..3_000)));
    server.child.kill().expect("our own child");
    server.child.wait().expect("ended");
    town.later(20);
    town.serve()
}

/// Until nothing waits any more.
async fn told_all(town: &mut Town, mut server: Running) -> Running {
    for _ in 0..6 {
        settle(town).await;
        let left = "select (select count(*) from spdci_task where state = 'waiting')
                         + (select count(*) from spdci_change)";
        if town.program.look().await.number(left).await == 0 {
            return server;
        }
        drop(server);
        town.later(240);
        server = town.serve();
    }
    panic!("something waits for ever");
}

fn happens(town: &Town, number: usize, place: usize, kind: &str, rest: &str) {
    let mut line = String::new();
    event(&mut line, number, place, kind, rest);
    // Of one day, pauses count before their ends.
    let line = line.replace(
        "2024-05-01",
        &format!("2024-04-{:02}", 1 + place / 100 % 10),
    );
    let file = town.program.file("one.ndjson", &line);
    town.done(&["apply", text(&file)]);
}

/// A pause of the benefit begins or ends, each time a month later.
fn pauses(town: &Town, number: usize, turn: usize) -> &'static str {
    let kind = ["suspended", "resumed"][turn % 2];
    let rest = format!(
        "\"benefit\":\"older_80_without_pension\",\"from\":\"2024-{:02}\",\"reason\":\"thử\"",
        6 + turn
    );
    happens(town, number, 5_000 + turn * 100, kind, &rest);
    kind
}

#[tokio::test]
async fn a_subscription_by_number_follows_mergers_whoever_is_killed() {
    let mut town = Town::open();
    let listener = town.listener("0", "50");
    town.register("mot.pem", &format!("{}/spdci", listener.url()));
    let file = town.program.file("people.ndjson", &people());
    town.done(&["apply", text(&file)]);
    for number in [1, 2] {
        happens(&town, number, 2, "enrolled", AWARD);
    }
    let mut server = town.serve();
    town.publish(&server.url());
    let mut asked = subscription("dk", "enrollement_status_change", "jws");
    asked["message"]["subscribe_request"][0]["subscribe_criteria"]["filter"] =
        json!({"type": "UIN", "value": "000135000001"});
    town.ask(&server.url(), &asked);
    let open = "select count(*) from spdci_subscription";
    until(&town.program, open, 1, "they are not subscribed").await;
    let mut look = town.program.look().await;
    let one = "select person_id from person where person_key = '1'";
    let other = "select person_id from person where person_key = '2'";
    let (one, other) = (look.number(one).await, look.number(other).await);
    drop(look);
    let (one, other) = (one.to_string(), other.to_string());

    let mut random = StdRng::seed_from_u64(29);
    let mut expected = Vec::new();
    for turn in 0..2 {
        let records = [format!("#{other}"), format!("#{one}")];
        town.done(&[
            "duplicates",
            "merge",
            &records[0],
            &records[1],
            "--reason",
            "một người",
        ]);
        let kind = pauses(&town, 2, turn * 2);
        expected.push((
            &one,
            json!({"event": "merged", "merged_into": other, "followed": true}),
        ));
        expected.push((&other, json!({"event": kind, "instead_of": [one]})));
        server = killed(&mut town, server, &mut random);
        server = told_all(&mut town, server).await;

        let merger =
            "select event_id::text from event where kind = 'merged' order by event_no desc limit 1";
        let merger = town.program.look().await.text(merger).await;
        happens(
            &town,
            1,
            8_000 + turn * 100,
            "event_cancelled",
            &format!("\"cancels\":\"{merger}\""),
        );
        pauses(&town, 2, turn * 2 + 1);
        expected.push((&one, json!({"event": "cancelled", "cancels": "merged"})));
        server = killed(&mut town, server, &mut random);
        server = told_all(&mut town, server).await;
    }
    let kind = pauses(&town, 1, 0);
    expected.push((&one, json!({"event": kind})));
    server = told_all(&mut town, server).await;
    drop((server, listener));

    let mut told = BTreeMap::<String, (BTreeSet<String>, Value)>::new();
    for message in town.told() {
        assert_eq!(message["genuine"], true, "{message}");
        if message["path"] != "/spdci/registry/notify" {
            continue;
        }
        let notice = &message["body"]["message"]["notify_event"][0];
        let member = &notice["data"]["reg_records"]["member"];
        let said = json!([
            member["member_identifier"],
            member["additional_attributes"][0]
        ]);
        let known = told.entry(notice["reference_id"].to_string()).or_default();
        known
            .0
            .insert(message["body"]["header"]["message_id"].to_string());
        known.1 = said;
    }
    assert!(told.values().all(|(names, _)| names.len() == 1), "{told:?}");
    let sorted = |mut said: Vec<String>| {
        said.sort_unstable();
        said
    };
    let told = told.into_values().map(|(_, said)| said.to_string());
    let expected = expected
        .into_iter()
        .map(|it| json!([it.0, it.1]).to_string());
    assert_eq!(sorted(told.collect()), sorted(expected.collect()));
}
