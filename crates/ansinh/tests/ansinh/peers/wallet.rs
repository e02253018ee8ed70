//! Two programs, the payer and a wallet provider that misbehaves in every way at once: whatever is
//! lost, told twice, late or wrongly, and whoever is killed on the way, nobody is paid twice and both
//! sides end up saying the same.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::program::people;
use crate::program::{Program, Running, errors, text};

const NOW: &str = "2024-01-22T08:00:00+07:00";
const PEOPLE: usize = 24;
/// Asked so often at most, and looked so often after each.
const PATIENCE: usize = 40;

fn start(program: &Program, arguments: &[&str]) -> Running {
    Running::start(program.command(&[&["--now", NOW], arguments].concat()))
}

/// The answer to a GET, as JSON.
fn get(address: &str, path: &str) -> Value {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{answer}: {error}"))
}

fn done(program: &Program, arguments: &[&str]) -> String {
    program.succeed(&[&["--now", NOW], arguments].concat())
}

/// An approved list of people with wallets, its order, and the money for it at the provider's.
fn order(program: &Program) -> String {
    let events = program.file("people.ndjson", &people::events("xã", 1, PEOPLE));
    done(program, &["apply", text(&events)]);
    let payees: String = (1..=PEOPLE)
        .map(|number| {
            format!(
                "{{\"event_id\":\"00000000-0000-4000-8000-0000000000{number:02}\",\"kind\":\"payee_set\",\
                 \"person\":\"{number}\",\"source\":\"xã\",\"effective\":\"2024-01-10\",\
                 \"channel\":\"e_wallet\",\"holder\":\"self\",\"holder_name\":\"Người Thử {number}\",\
                 \"provider\":\"momo\",\"account_number\":\"09000000{number:02}\"}}\n"
            )
        })
        .collect();
    let payees = program.file("payees.ndjson", &payees);
    done(program, &["apply", text(&payees)]);
    let area = ["--area", "51"];
    for command in [
        &["list", "make", "2024-01", "--actor", "lap"][..],
        &["list", "approve", "2024-01", "--actor", "duyet"],
    ] {
        done(program, &[command, &area].concat());
    }
    let wallet = [
        "provider",
        "add",
        "vi-thu",
        "--name",
        "Ví thử",
        "--kind",
        "wallet",
    ];
    done(program, &wallet);
    let contract = [
        "provider",
        "contract",
        "vi-thu",
        "--channels",
        "e_wallet",
        "--from",
        "2024-01",
        "--fee",
        "50",
        "--handover",
        "interface",
    ];
    done(program, &[&contract[..], &area].concat());
    done(
        program,
        &[&["order", "make", "2024-01"][..], &area].concat(),
    );
    let orders = done(program, &["order", "show", "2024-01", "--format", "ndjson"]);
    let order: Value = serde_json::from_str(&orders).expect("one order");
    assert_eq!(order["handover"], "interface");
    let amount = order["amount"].to_string();
    for move_it in [&["draw"][..], &["transfer", "--provider", "vi-thu"]] {
        let treasury = [
            "treasury", move_it[0], "2024-01", &amount, "--paper", "UNC 1",
        ];
        done(program, &[&treasury[..], &move_it[1..], &area].concat());
    }
    order["order_no"].to_string()
}

/// Both programs, and each knowing the other's key and address.
fn connect(program: &Program) -> (Running, Running) {
    let ours = done(program, &["provider", "our-key"]);
    let ours = ours.split_whitespace().nth(1).expect("a key");
    let server = start(program, &["serve", "--listen", "127.0.0.1:0"]);
    let key = program.data().join("provider.key");
    let faults = [
        "--slow",
        "20",
        "--slow-ms",
        "50",
        "--broken",
        "20",
        "--answer-lost",
        "30",
        "--silent",
        "20",
        "--lost",
        "20",
        "--twice",
        "30",
        "--late",
        "30",
        "--wrong-amount",
        "20",
        "--fail",
        "15",
        "--not-collected",
        "15",
        "--come-back",
        "20",
        "--seed",
        "7",
    ];
    let listen = [
        "sandbox",
        "provider",
        "--listen",
        "127.0.0.1:0",
        "--payer-key",
        ours,
        "--key",
        text(&key),
    ];
    let peer = start(program, &[&listen[..], &faults].concat());
    let theirs: Vec<&str> = peer
        .said
        .split("(khóa ")
        .nth(1)
        .expect("its key")
        .split(' ')
        .collect();
    let public = theirs[1].trim_end_matches(')');
    let (url, back) = (
        format!("http://{}", peer.address),
        format!("http://{}/api/v1/g2p", server.address),
    );
    let connect = [
        "provider",
        "connect",
        "vi-thu",
        "--url",
        &url,
        "--our-id",
        "an-sinh",
        "--our-url",
        &back,
        "--lines",
        "3",
    ];
    done(program, &connect);
    done(program, &["provider", "key", "vi-thu", theirs[0], public]);
    (server, peer)
}

fn batches(program: &Program, order: &str) -> Vec<Value> {
    let printed = done(program, &["order", "batches", order, "--format", "ndjson"]);
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Sends the order and kills the program once something reached the provider.
fn send_and_kill(program: &Program, order: &str, peer: &Running) {
    let mut sending = program
        .command(&["--now", NOW, "order", "send", order])
        .spawn()
        .expect("starts");
    loop {
        let reached = get(&peer.address, "/sandbox/paid");
        let ended = sending.try_wait().expect("known").is_some();
        if ended || reached.as_array().is_some_and(|paid| !paid.is_empty()) {
            break;
        }
    }
    // It may have ended by itself.
    let _ = sending.kill();
    sending.wait().expect("ended");
}

/// What became of each line, by our books.
const LAST: &str = "select json_object_agg(line, status)::text from (
    select distinct on (person_id, line_no) format('2024-01-%s-%s', person_id, line_no) as line, status
    from payment_result order by person_id, line_no, result_no desc) last";

/// What the provider says became of each line, and of how much; nobody was paid twice.
fn told_by(peer: &Running) -> (BTreeMap<String, String>, BTreeMap<String, i64>) {
    let paid = get(&peer.address, "/sandbox/paid");
    let paid = paid.as_array().expect("payments");
    assert_eq!(paid.len(), PEOPLE);
    let (mut said, mut sums) = (BTreeMap::new(), BTreeMap::new());
    for payment in paid {
        assert!(payment["paid"].as_i64() <= Some(1), "{payment}");
        let name = |field: &str| payment[field].as_str().expect("text").to_owned();
        said.insert(name("reference_id"), name("status"));
        *sums.entry(name("status")).or_insert(0) += payment["amount"].as_i64().expect("đồng");
    }
    (said, sums)
}

/// Sends, and asks, until every line is reported.
fn send_until_answered(program: &Program, order: &str) {
    for _ in 0..PATIENCE {
        let sent = program.run(&["--now", NOW, "order", "send", order, "--format", "ndjson"]);
        assert!(
            matches!(sent.status.code(), Some(0 | 3)),
            "{}",
            errors(&sent)
        );
        for _ in 0..5 {
            let batches = batches(program, order);
            if batches.iter().all(|batch| batch["state"] == "answered") {
                assert_eq!(batches.len(), PEOPLE / 3);
                return;
            }
        }
    }
    panic!("not answered: {:?}", batches(program, order));
}

#[tokio::test]
async fn nobody_is_paid_twice_and_both_sides_say_the_same() {
    let program = Program::practice();
    let order = order(&program);
    let (server, peer) = connect(&program);
    send_and_kill(&program, &order, &peer);
    send_until_answered(&program, &order);

    let (said, sums) = told_by(&peer);
    let mut look = program.look().await;
    // The news that money came back may have been lost: everything is asked for once more.
    for turn in 0.. {
        let known = look.text(LAST).await;
        let known: BTreeMap<String, String> = serde_json::from_str(&known).expect("JSON");
        if known == said {
            break;
        }
        assert!(turn < PATIENCE, "ours {known:?}, theirs {said:?}");
        done(&program, &["order", "ask", &order]);
    }

    let sum = |status: &str| sums.get(status).copied().unwrap_or(0);
    let results = [
        "results", "show", "2024-01", "--area", "51", "--format", "json",
    ];
    let results: Value = serde_json::from_str(&done(&program, &results)).expect("JSON");
    let outcome = if results.is_array() {
        &results[0]
    } else {
        &results
    };
    for status in ["paid", "failed", "returned", "not_collected"] {
        assert_eq!(
            outcome[status].as_i64(),
            Some(sum(status)),
            "{status}: {outcome}"
        );
    }
    assert_eq!(outcome["not_reported"], 0);
    let balance = [
        "ledger", "balance", "2024-01", "--area", "51", "--format", "csv",
    ];
    let balance = done(&program, &balance);
    assert!(!balance.contains(",with_provider,"), "{balance}");
    let paid = format!(",paid,vi-thu,{}\n", sum("paid"));
    assert!(balance.contains(&paid), "{balance}");
    let back = sum("failed") + sum("returned") + sum("not_collected");
    let returned = format!(",returned,vi-thu,{back}\n");
    assert!(balance.contains(&returned), "{balance}");
    let handed = look.number("select count(*) from order_sent").await;
    assert_eq!(handed, 1, "handed over once, however often it was sent");
    drop((server, peer));
}
