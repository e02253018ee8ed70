//! Two programs, ours and another registry (docs/examples/registry.mjs, with the signatures of Node) that
//! misbehaves in every way, ours killed on the way: afterwards it was told everything it subscribed to, and what
//! it was told twice bears one name. It asks in both dialects of signatures.

mod away;
mod mergers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::program::{Program, Running, text};

const NAME: &str = "so.khac.vn";
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/examples/registry.mjs"
);
const PEOPLE: usize = 40;
const KILLS: usize = 6;

struct Town {
    program: Program,
    now: Timestamp,
}

impl Town {
    fn open() -> Town {
        let program = Program::practice();
        let now = "2024-05-20T02:00:00Z".parse().expect("a moment");
        Town { program, now }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.program.data().with_file_name(name)
    }

    fn done(&self, arguments: &[&str]) -> String {
        let now = self.now.to_string();
        let actor = ["--now", &now, "--actor", "quan.tri"];
        self.program.succeed(&[&actor, arguments].concat())
    }

    fn serve(&self) -> Running {
        let now = self.now.to_string();
        let arguments = ["--now", &now, "serve", "--listen", "127.0.0.1:0"];
        Running::start(self.program.command(&arguments))
    }

    /// The other registry's own server.
    fn listener(&self, port: &str, faults: &str) -> Running {
        let mut child = node(&["listen", port, text(&self.file("told.ndjson"))])
            .env("FAULTS", faults)
            .env("SEED", "5")
            .env("KEYS_FROM", self.file("ours.json"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let said = lines.next().expect("a line").expect("UTF-8");
        let address = said.strip_prefix("http://").expect("an address").to_owned();
        Running {
            child,
            said,
            address,
        }
    }

    /// Its key of a name, handed in as the only one.
    fn register(&self, key: &str, callback: &str) -> String {
        let made = node(&["keys", text(&self.file(key))]).output();
        let keys = made.expect("node runs").stdout;
        let file = self
            .program
            .file("keys.json", &String::from_utf8(keys).expect("UTF-8"));
        let caller = ["spdci", "caller", "add", NAME, "--full-name", "Sổ khác"];
        let sees = [
            "--fields",
            "name,area,programme,death_date",
            "--areas",
            "51",
        ];
        let how = [
            "--purposes",
            "tro-cap",
            "--callback",
            callback,
            "--secret",
            "--reports",
        ];
        let more = ["--keys", text(&file), "--per-minute", "600"];
        let secret = self.done(&[&caller[..], &sees, &how, &more].concat());
        secret.trim().to_owned()
    }

    /// Asks as the other registry; status, whether the answer is ours, and the answer.
    fn ask(&self, url: &str, spec: &Value) -> Value {
        let mut whole =
            json!({"id": NAME, "key": self.file("mot.pem"), "now": self.now.to_string()});
        let fields = whole.as_object_mut().expect("an object");
        fields.extend(spec.as_object().expect("an object").clone());
        let asked = node(&["ask", url, &whole.to_string()])
            .output()
            .expect("node runs");
        let said = String::from_utf8(asked.stderr).expect("UTF-8");
        assert!(asked.status.success(), "{said}");
        serde_json::from_slice(&asked.stdout).expect("JSON")
    }

    /// Our keys, where the other registry looks for them.
    fn publish(&self, url: &str) {
        let script = "fetch(process.argv[1]).then((it) => it.text()).then(console.log)";
        let address = format!("{url}/.well-known/jwks.json");
        let keys = Command::new("node").args(["-e", script, &address]).output();
        std::fs::write(self.file("ours.json"), keys.expect("node runs").stdout).expect("written");
    }

    fn later(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    /// Every message it took down.
    fn told(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file("told.ndjson")).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("JSON")
    }
}

fn node(arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.arg(Path::new(SCRIPT)).args(arguments);
    command
}

/// Looks again until it is so.
async fn until(program: &Program, query: &'static str, wanted: i64, why: &str) {
    let (mut look, begun) = (program.look().await, Instant::now());
    while look.number(query).await != wanted {
        assert!(begun.elapsed() < Duration::from_secs(90), "{why}");
        sleep(Duration::from_millis(100));
    }
}

fn event(lines: &mut String, number: usize, place: usize, kind: &str, rest: &str) {
    let id = format!("00000000-0000-4000-8000-{:012}", number * 10 + place);
    writeln!(
        lines,
        "{{\"event_id\":\"{id}\",\"kind\":\"{kind}\",\"person\":\"{number}\",\"source\":\"thử\",\"effective\":\"2024-05-01\",{rest}}}"
    )
    .expect("text grows");
}

fn people() -> String {
    let mut lines = String::new();
    for number in 1..=PEOPLE {
        let rest = format!(
            "\"full_name\":\"Người Thử {number}\",\"birth_date\":\"1935-03-05\",\"sex\":\"female\",\"id_number\":\"000135{number:06}\",\"area\":\"21031\""
        );
        event(&mut lines, number, 1, "person_registered", &rest);
    }
    lines
}

/// What happens to some people: awarded, and then one thing or another.
fn happenings(numbers: std::ops::Range<usize>) -> String {
    let mut lines = String::new();
    for number in numbers {
        let award = "\"benefit\":\"older_80_without_pension\",\"from\":\"2024-01\",\"decision\":{\"number\":\"1/QĐ\",\"date\":\"2024-01-02\"}";
        event(&mut lines, number, 2, "enrolled", award);
        match number % 3 {
            0 => event(&mut lines, number, 3, "died", "\"date\":\"2024-05-01\""),
            1 => event(
                &mut lines,
                number,
                3,
                "suspended",
                "\"benefit\":\"older_80_without_pension\",\"from\":\"2024-06\",\"reason\":\"thử\"",
            ),
            _ => event(&mut lines, number, 3, "moved", "\"area\":\"21010\""),
        }
    }
    lines
}

fn subscription(id: &str, kind: &str, dialect: &str) -> Value {
    json!({"path": "ibr/registry/subscribe", "action": "subscribe", "dialect": dialect, "message_id": id,
        "message": {"transaction_id": id, "subscribe_request": [{"reference_id": "r",
            "timestamp": "2024-05-20T02:00:00Z", "subscribe_criteria": {"reg_event_type": kind,
                "notify_record_type": "Member", "filter": {"area": {"eq": "51"}},
                "authorize": {"ts": "2024-05-20T01:00:00Z", "purpose": {"code": "tro-cap"}}}}]}})
}

fn search(id: &str, path: &str, dialect: &str) -> Value {
    json!({"path": path, "action": "search", "dialect": dialect, "message_id": id, "message": {
        "transaction_id": id, "search_request": [{"reference_id": "r", "timestamp": "2024-05-20T02:00:00Z",
            "search_criteria": {"query_type": "idtype-value", "query": {"type": "UIN", "value": "000135000001"},
                "consent": {"ts": "2024-05-20T01:00:00Z", "purpose": {"code": "tro-cap"}}}}]}})
}

#[tokio::test]
async fn everything_subscribed_to_is_told_whoever_is_killed_and_however_it_is_answered() {
    let mut town = Town::open();
    let listener = town.listener("0", "50");
    town.register("mot.pem", &format!("{}/spdci", listener.url()));
    let file = town.program.file("people.ndjson", &people());
    town.done(&["apply", text(&file)]);
    let mut server = town.serve();
    town.publish(&server.url());
    for (id, kind, dialect) in [
        ("dk-1", "enrollement", "body"),
        ("dk-2", "enrollement_status_change", "jws"),
    ] {
        let taken = town.ask(&server.url(), &subscription(id, kind, dialect));
        assert_eq!(taken["answer"]["message"]["ack_status"], "ACK", "{taken}");
    }
    let open = "select count(*) from spdci_subscription";
    until(&town.program, open, 2, "they are not subscribed").await;
    let asked = town.ask(
        &server.url(),
        &search("hoi-1", "ibr/registry/search", "jws"),
    );
    assert_eq!(asked["status"], 200, "{asked}");

    let mut random = StdRng::seed_from_u64(17);
    let share = PEOPLE / KILLS;
    for turn in 0..KILLS {
        let until = if turn + 1 == KILLS {
            PEOPLE + 1
        } else {
            1 + share * (turn + 1)
        };
        let file = town
            .program
            .file("more.ndjson", &happenings(1 + share * turn..until));
        town.done(&["apply", text(&file)]);
        sleep(Duration::from_millis(random.random_range(0..2_500)));
        server.child.kill().expect("our own child");
        server.child.wait().expect("ended");
        // Beyond the lease of what it had in hand and the pause after most tries.
        town.later(20);
        server = town.serve();
    }
    for _ in 0..8 {
        settle(&town).await;
        let left = "select count(*) from spdci_task where state = 'waiting'";
        if town.program.look().await.number(left).await == 0 {
            break;
        }
        drop(server);
        town.later(240);
        server = town.serve();
    }
    drop(server);

    let mut look = town.program.look().await;
    let not_told = "select count(*) from spdci_task where state <> 'told'";
    assert_eq!(look.number(not_told).await, 0);
    assert_eq!(look.number("select count(*) from spdci_change").await, 0);
    let happened =
        "select count(*) from event where kind in ('enrolled', 'died', 'suspended', 'moved')";
    let happened = look.number(happened).await;
    assert_eq!(happened, 2 * PEOPLE as i64);
    let told = town.told();
    let (mut names, mut faults) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeSet::new());
    let mut notices = 0;
    for message in &told {
        assert_eq!(message["genuine"], true, "{message}");
        faults.insert(message["fault"].as_str().expect("a word").to_owned());
        if message["path"] != "/spdci/registry/notify" {
            continue;
        }
        notices += 1;
        let body = &message["body"];
        let reference = body["message"]["notify_event"][0]["reference_id"].to_string();
        let name = body["header"]["message_id"].to_string();
        names.entry(reference).or_default().insert(name);
    }
    assert_eq!(names.len() as i64, happened, "none lost");
    assert!(
        names.values().all(|names| names.len() == 1),
        "one name each"
    );
    assert!(notices > names.len(), "some were told twice");
    for fault in ["slow", "lost", "forged"] {
        assert!(faults.contains(fault), "{faults:?}");
    }
    let found = told
        .iter()
        .find(|it| it["path"] == "/spdci/registry/on-search");
    let found = &found.expect("answered")["body"]["message"];
    assert_eq!(found["transaction_id"], "hoi-1");
}

/// Waits until nothing is due at this moment, and nothing in hand comes to an end any more.
async fn settle(town: &Town) {
    let mut look = town.program.look().await;
    let due = format!(
        "select (select count(*) from spdci_task where next_at <= '{0}') + (select count(*) from spdci_change)",
        town.now
    );
    let due: &'static str = due.leak();
    let told = "select count(*) from spdci_task where state = 'told'";
    let (mut before, mut quiet, begun) = (-1, 0, Instant::now());
    while quiet < 3 {
        assert!(begun.elapsed() < Duration::from_secs(120), "never settles");
        sleep(Duration::from_millis(400));
        let now = look.number(told).await;
        let still = look.number(due).await == 0 && now == before;
        quiet = if still { quiet + 1 } else { 0 };
        before = now;
    }
}

#[test]
fn another_program_asks_in_both_dialects_and_what_does_not_hold_is_refused() {
    let town = Town::open();
    let file = town
        .program
        .file("people.ndjson", &(people() + &happenings(1..3)));
    town.done(&["apply", text(&file)]);
    let secret = town.register("mot.pem", "http://127.0.0.1:9/spdci");
    let server = town.serve();
    let url = &server.url();
    let path = "ibr/registry/sync/search";
    for dialect in ["body", "jws"] {
        let answer = town.ask(url, &search(dialect, path, dialect));
        assert_eq!(
            (&answer["status"], &answer["genuine"]),
            (&json!(200), &json!(true)),
            "{answer}"
        );
        let found = &answer["answer"]["message"]["search_response"][0]["data"]["reg_records"];
        assert_eq!(
            found[0]["member"]["demographic_info"]["name"]["surname"],
            "Người"
        );
        let replayed = town.ask(url, &search(dialect, path, dialect));
        let code = &replayed["answer"]["header"]["status_reason_code"];
        assert_eq!(code, "rjct.message_id.duplicate", "{replayed}");
    }
    let updates = json!({"path": "ibr/registry/sync/enrollment/updates", "action": "notify", "dialect": "body",
        "secret": secret, "message": {"transaction_id": "bao-1", "enrolled_updates": {"beneficiaries": [
            {"member": {"demographic_info": {"identifier": [{"identifier_value": "000135000001"}]},
                "programme_identifier": {"programme": {"programme_identifier": "LUONG-HUU"},
                    "enrolment_status": "active"}}}]}}});
    let told = town.ask(url, &updates);
    let said = &told["answer"]["message"]["enrolled_response"][0]["status"];
    assert_eq!(
        (said, &told["genuine"]),
        (&json!("succ"), &json!(true)),
        "{told}"
    );

    // A clock that is a day wrong, in the message and what signs it.
    for (id, day, dialect, code) in [
        ("som", 1, "jws", "rjct.message_ts.invalid"),
        ("muon", -1, "jws", "rjct.message_ts.invalid"),
        ("muon-2", -1, "body", "err.signature.invalid"),
    ] {
        let mut asked = search(id, path, dialect);
        asked["secret"] = json!(secret);
        asked["now"] = json!((town.now + SignedDuration::from_hours(24 * day)).to_string());
        let refused = town.ask(url, &asked);
        assert!(refused["answer"].to_string().contains(code), "{refused}");
    }

    // Another key takes over; the old one counts no more.
    let secret = town.register("hai.pem", "http://127.0.0.1:9/spdci");
    for (key, status) in [("mot.pem", 401), ("hai.pem", 200)] {
        let mut asked = search(key, path, "jws");
        asked["secret"] = json!(secret);
        asked["key"] = json!(town.file(key));
        assert_eq!(town.ask(url, &asked)["status"], status, "{key}");
    }
}

fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener
        .local_addr()
        .expect("an address")
        .port()
        .to_string()
}

#[test]
fn the_guide_for_other_registries_is_true_as_it_stands() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/registries.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let blocks = guide.split("```sh\n").skip(1);
    let commands: String = blocks.filter_map(|it| it.split("```").next()).collect();
    assert!(
        commands.matches("registry.mjs ask").count() == 4,
        "{commands}"
    );
    let ports = [("8080", free_port()), ("8090", free_port())];
    let commands = ports.iter().fold(commands, |text, (written, free)| {
        text.replace(written, free)
    });
    let folder = Program::bare();
    let script = folder.file(
        "guide.sh",
        &format!("trap 'kill $(jobs -p)' EXIT\n{commands}"),
    );
    let here = script.parent().expect("a folder");
    std::fs::copy(SCRIPT, here.join("registry.mjs")).expect("copied");
    let bin = Path::new(env!("CARGO_BIN_EXE_ansinh"))
        .parent()
        .expect("a folder");
    let path = std::env::var("PATH").expect("a path");
    let walked = Command::new("timeout")
        .args(["300", "bash", "-euo", "pipefail", text(&script)])
        .env("PATH", format!("{}:{path}", bin.display()))
        .env_remove("DATABASE_URL")
        .env_remove("ANSINH_DATA")
        .current_dir(here)
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{said}");
    let said = String::from_utf8_lossy(&walked.stdout);
    let notice = said
        .lines()
        .find(|line| line.contains("\"event\":\"moved\""));
    assert!(
        notice.is_some_and(|it| it.contains("\"genuine\":true")),
        "{said}"
    );
    let often = said
        .lines()
        .filter(|line| line.contains("\"status\":200,\"genuine\":true"));
    assert_eq!(often.count(), 4, "{said}");
    assert!(said.lines().any(|line| line.starts_with("p50 ")), "{said}");
}
