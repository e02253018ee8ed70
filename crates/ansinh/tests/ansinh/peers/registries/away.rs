//! A registry nobody answers at: tried less and less often, given up after some three days, and told after all once
//! somebody has it sent anew; and what was taken before a restart is not taken again after it.

use serde_json::json;

use super::{NAME, Town, free_port, happenings, people, search, subscription, text, until};

/// Minutes between tries, as the guide promises them.
const PAUSES: [i64; 9] = [1, 5, 15, 60, 180, 360, 720, 1440, 1440];

/// A count that is asked for again and again.
fn counting(query: String) -> &'static str {
    query.leak()
}

#[tokio::test]
async fn who_is_not_reached_is_tried_less_often_given_up_and_told_when_it_is_sent_anew() {
    let mut town = Town::open();
    let port = free_port();
    let file = town.program.file("people.ndjson", &people());
    town.done(&["apply", text(&file)]);
    let listener = town.listener(&port, "0");
    town.register("mot.pem", &format!("{}/spdci", listener.url()));
    let mut server = town.serve();
    town.publish(&server.url());
    town.ask(&server.url(), &subscription("dk", "enrollement", "jws"));
    until(
        &town.program,
        "select count(*) from spdci_task where state = 'told'",
        1,
        "they are not subscribed",
    )
    .await;

    drop(listener);
    let file = town.program.file("more.ndjson", &happenings(1..2));
    town.done(&["apply", text(&file)]);
    for (tries, pause) in (1..).zip(PAUSES) {
        let next = town.now + jiff::SignedDuration::from_mins(pause);
        let waits = counting(format!(
            "select count(*) from spdci_task where state = 'waiting' and attempts = {tries}
                and next_at = '{next}' and code = 'not_reached'"
        ));
        until(&town.program, waits, 1, &format!("try {tries}")).await;
        if tries == 1 {
            let path = "ibr/registry/sync/search";
            let answer = town.ask(&server.url(), &search("van-hoi", path, "body"));
            assert_eq!(answer["genuine"], true, "who cannot be told may still ask");
        }
        drop(server);
        town.later(pause);
        server = town.serve();
    }
    let given_up = "select count(*) from spdci_task where state = 'given_up' and next_at is null";
    until(&town.program, given_up, 1, "it is never given up").await;
    drop(server);
    town.later(30 * 24 * 60);
    let listed = town.done(&["spdci", "caller", "list", "--format", "ndjson"]);
    assert!(listed.contains("\"given_up\":1"), "{listed}");

    // The same port, where somebody is at last.
    let listener = town.listener(&port, "0");
    let server = town.serve();
    let before = town.told().len();
    town.done(&["spdci", "caller", "send-again", NAME]);
    until(
        &town.program,
        "select count(*) from spdci_task where state = 'told'",
        2,
        "it is not sent anew",
    )
    .await;
    let told = town.told();
    let [notice] = &told[before..] else {
        panic!("one notice: {told:?}")
    };
    assert_eq!(notice["genuine"], true, "{notice}");
    assert_eq!(notice["path"], "/spdci/registry/notify");
    assert_eq!(notice["body"]["message"]["transaction_id"], "dk");
    drop((server, listener));
    let unknown = town
        .program
        .run(&["--actor", "quan.tri", "spdci", "caller", "send-again", "ai"]);
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn what_was_taken_before_a_restart_is_refused_or_acknowledged_alike_after_it() {
    let mut town = Town::open();
    let file = town
        .program
        .file("people.ndjson", &(people() + &happenings(1..3)));
    town.done(&["apply", text(&file)]);
    let secret = town.register("mot.pem", "http://127.0.0.1:9/spdci");
    let asked = |id: &str, path: &str, dialect: &str, now: &jiff::Timestamp| {
        let mut asked = search(id, path, dialect);
        asked["secret"] = json!(secret);
        asked["now"] = json!(now.to_string());
        asked
    };
    let (at_once, later) = ("ibr/registry/sync/search", "ibr/registry/search");
    let begun = town.now;
    let mut server = town.serve();
    let mut names = Vec::new();
    for dialect in ["body", "jws"] {
        let (one, other) = (format!("ngay-{dialect}"), format!("sau-{dialect}"));
        let answer = town.ask(&server.url(), &asked(&one, at_once, dialect, &begun));
        assert_eq!(answer["status"], 200, "{answer}");
        let taken = town.ask(&server.url(), &asked(&other, later, dialect, &begun));
        names.push(taken["answer"]["message"]["correlation_id"].clone());
    }
    server.child.kill().expect("our own child");
    server.child.wait().expect("ended");
    town.later(10);
    let server = town.serve();
    for (dialect, name) in ["body", "jws"].iter().zip(&names) {
        let (one, other) = (format!("ngay-{dialect}"), format!("sau-{dialect}"));
        let replayed = town.ask(&server.url(), &asked(&one, at_once, dialect, &begun));
        let code = &replayed["answer"]["header"]["status_reason_code"];
        assert_eq!(code, "rjct.message_id.duplicate", "{replayed}");
        let again = town.ask(&server.url(), &asked(&other, later, dialect, &begun));
        assert_eq!(
            &again["answer"]["message"]["correlation_id"], name,
            "{again}"
        );
    }
    // Kept for a day by somebody and sent again.
    let late = asked("ngay-jws", at_once, "jws", &begun);
    drop(server);
    town.later(24 * 60);
    let server = town.serve();
    let refused = town.ask(&server.url(), &late);
    let code = &refused["answer"]["header"]["status_reason_code"];
    assert_eq!(code, "rjct.message_ts.invalid", "{refused}");
}
