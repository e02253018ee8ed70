//! Two programs, ours and a province's one-stop system, compared each night: a difference planted on one side
//! is found and shown, mended it is gone, and a province that does not answer is no agreement.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::one_stop::sandbox;
use crate::program::{Program, Running, errors, text};

const NOW: [&str; 2] = ["--now", "2024-05-06T08:00:00+07:00"];
const APPROVER: [&str; 2] = ["--actor", "duyet"];
const COMPARE: [&str; 4] = ["exchange", "--province", "51", "compare"];

fn done(program: &Program, arguments: &[&str]) -> String {
    program.succeed(&[&NOW[..], arguments].concat())
}

fn serve(program: &Program, more: &[&str]) -> (Running, String) {
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let mut command = program.command(&[&NOW[..], &serve, more].concat());
    command.env("ANSINH_PDF", "/nowhere");
    let running = Running::start(command);
    let url = running.url();
    (running, url)
}

/// The public key of the office, as it hands it over.
fn our_key(program: &Program) -> String {
    let printed = done(program, &[&APPROVER[..], &["provider", "our-key"]].concat());
    let key = printed.split_whitespace().last();
    key.expect("a key").to_owned()
}

/// A province at work. `more` says how.
fn at_work(program: &Program, token: &str, more: &[&str]) -> Vec<String> {
    let table = program.data().join("table.ndjson");
    let whose = ["--token", token, "--pause-ms", "10"];
    let work = [&sandbox("4", &table), &whose[..], more].concat();
    work.into_iter().map(str::to_owned).collect()
}

/// The same, which then lists what it holds to whoever signs with the key; where.
fn listing(program: &Program, key: &str, (token, more): (&str, &[&str])) -> (Running, String) {
    let listen = ["--listen", "127.0.0.1:0", "--office-key", key];
    let work = at_work(program, token, &[&listen[..], more].concat());
    let work: Vec<&str> = work.iter().map(String::as_str).collect();
    let running = Running::start(program.command(&[&NOW[..], &work].concat()));
    let url = running.url();
    (running, url)
}

/// The province, which has done its work and lists what it holds to the office; where.
fn province(program: &Program, token: &str, url: &str) -> (Running, String) {
    listing(program, &our_key(program), (token, &["--url", url]))
}

fn connect(program: &Program) -> String {
    let set = ["connection", "set", "51", "two_way", "--from", "2024-01-01"];
    done(program, &[&APPROVER[..], &set].concat());
    program.one_stop_token("2024-05-06T08:00")
}

/// Exit status, and what a comparison printed.
fn compare(program: &Program) -> (Option<i32>, Value) {
    let output = program.run(&[&NOW[..], &COMPARE].concat());
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let run = serde_json::from_str(&printed);
    let run = run.unwrap_or_else(|_| panic!("{printed}{}", errors(&output)));
    (output.status.code(), run)
}

/// Where the province lists its dossiers is recorded.
fn listed_at(program: &Program, url: &str) {
    let set = ["connection", "listing", "51", url];
    done(program, &[&APPROVER[..], &set].concat());
}

fn differences(program: &Program) -> Vec<Value> {
    let printed = done(program, &["exchange", "--province", "51", "differences"]);
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_planted_difference_is_found_shown_mended_and_gone() {
    let program = Program::practice();
    let token = connect(&program);
    let (_server, url) = serve(&program, &[]);
    let (there, list) = province(&program, &token, &url);
    listed_at(&program, &list);
    let (status, even) = compare(&program);
    assert_eq!(
        (status, &even["differing"]),
        (Some(0), &Value::from(0)),
        "{even}"
    );
    assert_eq!(
        (&even["here"], &even["there"]),
        (&Value::from(4), &Value::from(4))
    );

    // The province's own book is changed behind our backs: a dossier counts as decided there.
    let table = program.data().join("table.ndjson");
    let book = std::fs::read_to_string(&table).expect("the book");
    let first = book
        .lines()
        .find(|line| line.contains("\"line\":\"tell\""))
        .expect("a dossier");
    let dossier = serde_json::from_str::<Value>(first).expect("JSON")["dossier"].clone();
    let planted = serde_json::json!({"line": "heard", "dossier": dossier, "seq": 1,
                                     "id": "0190a000-0000-7000-8000-0000000000aa", "status": 9, "asks": false});
    let mut open = std::fs::OpenOptions::new()
        .append(true)
        .open(&table)
        .expect("opens");
    writeln!(open, "{planted}").expect("written");
    drop(open);
    let (status, found) = compare(&program);
    assert_eq!(
        (status, &found["differing"]),
        (Some(1), &Value::from(1)),
        "{found}"
    );
    let shown = differences(&program);
    let kinds: Vec<&str> = shown.iter().filter_map(|it| it["what"].as_str()).collect();
    assert_eq!(kinds, ["status", "heard"]);
    assert_eq!(
        (&shown[0]["dossier"], &shown[0]["theirs"]),
        (&dossier, &Value::from("9"))
    );
    assert_eq!(shown[0]["ours"], "1");

    std::fs::write(&table, book).expect("mended");
    let (status, mended) = compare(&program);
    assert_eq!(
        (status, &mended["differing"]),
        (Some(0), &Value::from(0)),
        "{mended}"
    );
    assert_eq!(differences(&program), Vec::<Value>::new());

    drop(there);
    let (status, down) = compare(&program);
    assert_eq!(
        (status, &down["outcome"]),
        (Some(1), &Value::from("unreachable"))
    );
    let listed = ["exchange", "--province", "51", "compare", "--file"];
    let file = program.file("listed.ndjson", "");
    let output = program.run(&[&NOW[..], &listed, &[text(&file)]].concat());
    assert_eq!(output.status.code(), Some(1), "everything is missing there");
}

#[tokio::test]
async fn the_server_compares_by_itself_once_it_is_time() {
    let program = Program::practice();
    let token = connect(&program);
    let (server, url) = serve(&program, &[]);
    let (_there, list) = province(&program, &token, &url);
    let set = ["connection", "listing", "51", &list];
    done(&program, &[&APPROVER[..], &set].concat());
    drop(server);
    let (_server, _) = serve(&program, &["--compare-at", "02:00"]);
    let mut look = program.look().await;
    let deadline = Instant::now() + Duration::from_secs(30);
    let runs =
        "select count(*) from exchange_comparison where outcome = 'compared' and run_by = 'server'";
    while look.number(runs).await == 0 {
        assert!(Instant::now() < deadline, "nobody compared");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(look.number(runs).await, 1);
}

/// HTTP status of the list, asked for without a signature.
fn unsigned(url: &str) -> u16 {
    let asked = g2p::client::agent().get(format!("{url}/dossiers?after=&limit=10"));
    asked.call().expect("answers").status().as_u16()
}

#[test]
fn a_province_lists_its_dossiers_to_the_office_alone_in_both_dialects() {
    let program = Program::practice();
    let token = connect(&program);
    let (_server, url) = serve(&program, &[]);
    let stranger = g2p::SigningKey::of_seed(&[3; 32]).expect("a key").public();
    let ours = our_key(&program);
    for dialect in ["messages", "pull"] {
        let more: &[&str] = match dialect {
            "pull" => &["--dialect", "pull"],
            _ => &["--url", &url],
        };
        let (there, list) = listing(&program, &stranger.text(), (&token, more));
        listed_at(&program, &list);
        let (status, refused) = compare(&program);
        assert_eq!(status, Some(1), "{dialect}");
        assert_eq!(
            (&refused["outcome"], &refused["reason"]),
            (&Value::from("unreachable"), &Value::from("HTTP 401")),
            "{dialect}"
        );
        drop(there);
        let (_there, list) = listing(&program, &ours, (&token, more));
        assert_eq!(unsigned(&list), 401, "{dialect}");
        listed_at(&program, &list);
        let (status, even) = compare(&program);
        // The platform goes on where the table of the other dialect ended.
        assert_eq!(
            (status, &even["there"], &even["differing"]),
            (Some(0), &Value::from(4), &Value::from(0)),
            "{dialect}: {even}"
        );
    }
    let without = at_work(
        &program,
        &token,
        &["--url", &url, "--listen", "127.0.0.1:0"],
    );
    let without: Vec<&str> = without.iter().map(String::as_str).collect();
    let output = program.run(&[&NOW[..], &without].concat());
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
}

#[tokio::test]
async fn what_citizens_correct_unasked_arrives_whatever_happens_and_both_sides_agree() {
    let program = Program::practice();
    let token = connect(&program);
    let (_server, url) = serve(&program, &[]);
    let bad = ["twice", "out-of-order", "answer-lost", "ack-lost", "half"];
    let bad: Vec<String> = bad.iter().map(|fault| format!("--{fault}")).collect();
    let mut more = vec!["--url", &url, "--corrects", "100"];
    bad.iter().for_each(|fault| more.extend([fault, "20"]));
    let work = at_work(&program, &token, &more);
    let work: Vec<&str> = work.iter().map(String::as_str).collect();
    let table = done(&program, &work);
    let codes: Vec<String> = table
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|row| row["dossier"].as_str().expect("a code").to_owned())
        .collect();
    assert_eq!(codes.len(), 4);
    let step = |kind: &str, code: &String| {
        let id = uuid::Uuid::new_v5(
            &uuid::Uuid::NAMESPACE_OID,
            format!("{kind} {code}").as_bytes(),
        );
        format!(
            "{{\"event_id\":\"{id}\",\"dossier\":\"{code}\",\"at\":\"2024-05-06T08:00:00+07:00\",{kind}}}\n"
        )
    };
    let receive = codes.iter().map(|code| step("\"kind\":\"received\"", code));
    // Of one something is asked: the correction answers nothing of it.
    let ask = "\"kind\":\"supplement_asked\",\"papers\":[\"Giấy bổ sung\"],\"reason\":\"thiếu\"";
    let file = program.file("steps.ndjson", &receive.collect::<String>());
    done(&program, &["dossier", "apply", text(&file)]);
    done(&program, &work);
    let file = program.file("ask.ndjson", &step(ask, &codes[0]));
    done(&program, &["dossier", "apply", text(&file)]);
    let key = our_key(&program);
    let (_there, list) = listing(&program, &key, (&token, &more));
    listed_at(&program, &list);
    let (status, even) = compare(&program);
    assert_eq!(
        (status, &even["differing"]),
        (Some(0), &Value::from(0)),
        "{even}: {:?}",
        differences(&program)
    );
    let mut look = program.look().await;
    let corrected = "select count(distinct dossier_id) from dossier_answers
                     where told_by = 'one_stop' and answers ->> 'lives_with' like 'con thứ %'";
    assert_eq!(look.number(corrected).await, 4);
    let supplements = "select count(*) from dossier_step where kind = 'supplemented'";
    assert_eq!(look.number(supplements).await, 1, "what was asked for");
    // Of a dossier that is wanted back no day is due.
    let stopped = "select count(*) from dossier_state where due_on is null and status <> 7";
    assert_eq!(look.number(stopped).await, 0);
    let refused = "select count(*) from exchange_inbox_outcome where code is not null";
    assert_eq!(look.number(refused).await, 0);
}

#[tokio::test]
async fn two_servers_look_once_a_night_for_people_who_are_there_twice() {
    let program = Program::practice();
    let later = ["--pairs-at", "09:00"];
    let at_night = ["--pairs-at", "02:00"];
    let (_waits, _) = serve(&program, &later);
    let mut look = program.look().await;
    let (_one, _) = serve(&program, &at_night);
    let (_other, _) = serve(&program, &at_night);
    let looked = "select count(*) from pair_search where area_code = '' and searched_by = 'server'";
    let deadline = Instant::now() + Duration::from_secs(30);
    while look.number(looked).await == 0 {
        assert!(Instant::now() < deadline, "nobody looked");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(look.number("select count(*) from pair_search").await, 1);
}
