//! Two programs, the one that asks and a population database that misbehaves: whoever is killed on the way,
//! everybody is checked once, and both say the same of what was asked.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::program::{Program, Running, errors, listening, text};

const NOW: &str = "2024-01-22T08:00:00+07:00";
const PEOPLE: usize = 150;
const KILLS: usize = 5;

/// Old people with numbers no province has, enrolled from January.
fn events() -> String {
    let mut lines = String::new();
    for number in 1..=PEOPLE {
        let head = |kind: &str, id: usize| {
            format!(
                "{{\"event_id\":\"00000000-0000-4000-8000-{id:012}\",\"kind\":\"{kind}\",\"person\":\"{number}\",\"source\":\"thử\",\"effective\":\"2024-01-01\""
            )
        };
        writeln!(
            lines,
            "{},\"full_name\":\"Người Thử {number}\",\"birth_date\":\"1935-03-05\",\"sex\":\"female\",\"ethnicity\":\"01\",\"id_number\":\"999135{number:06}\",\"area\":\"21010\"}}",
            head("person_registered", 2 * number)
        )
        .expect("text grows");
        writeln!(
            lines,
            "{},\"benefit\":\"older_80_without_pension\",\"from\":\"2024-01\",\"decision\":{{\"number\":\"1/QĐ-UBND\",\"date\":\"2023-12-20\"}}}}",
            head("enrolled", 2 * number + 1)
        )
        .expect("text grows");
    }
    lines
}

/// The sandbox, ended with the test.
struct Sandbox {
    child: Child,
    address: String,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sandbox(program: &Program, faults: &[&str]) -> Sandbox {
    let listen = [
        "--now",
        NOW,
        "sandbox",
        "population",
        "--listen",
        "127.0.0.1:0",
    ];
    let mut child = program
        .command(&[&listen, faults].concat())
        .spawn()
        .expect("starts");
    let (_, address) = listening(&mut child);
    Sandbox { child, address }
}

fn settings(program: &Program, address: &str) {
    let text = format!(
        "address = \"http://{address}/\"\nunit = \"H51\"\nper_second = 400\nat_once = 8\npause_ms = 1\n[officers]\n\"can.bo\" = \"CB-01\"\n"
    );
    let path = program.data().join("population.toml");
    std::fs::write(&path, text).expect("written");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, private).expect("kept from others");
}

const CHECK: [&str; 11] = [
    "--now",
    NOW,
    "--actor",
    "can.bo",
    "population",
    "check",
    "--area",
    "51",
    "--month",
    "2024-01",
    "--before-list",
];

#[tokio::test]
async fn a_batch_killed_anywhere_is_gone_on_with_and_nobody_is_checked_twice() {
    let program = Program::practice();
    let file = program.file("people.ndjson", &events());
    program.succeed(&["--now", NOW, "apply", text(&file)]);
    let made = [
        "--now", NOW, "--actor", "lap", "list", "make", "2024-01", "--area", "51",
    ];
    let said = errors(&program.run(&made));
    assert!(said.contains(&format!("chưa hỏi {PEOPLE}")), "{said}");
    let faults = [
        "--mismatch",
        "20",
        "--unknown",
        "10",
        "--broken",
        "10",
        "--half",
        "5",
        "--empty",
        "5",
        "--seed",
        "3",
    ];
    let sandbox = sandbox(&program, &faults);
    settings(&program, &sandbox.address);
    let mut random = StdRng::seed_from_u64(11);
    let (mut kills, mut begun_with) = (0, Vec::new());
    let begun = Instant::now();
    while kills < KILLS {
        assert!(
            begun.elapsed() < Duration::from_secs(240),
            "killed {kills} times only"
        );
        let mut child = program.command(&CHECK).spawn().expect("starts");
        // Until the first handful is recorded, then anywhere.
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let first = lines.next();
        thread::sleep(Duration::from_millis(random.random_range(0..30)));
        child.kill().expect("our own child");
        child.wait().expect("ended");
        kills += 1;
        let Some(Ok(first)) = first else { break };
        let people = first
            .split(" / ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        begun_with.push(
            people
                .expect("how many")
                .parse::<usize>()
                .expect("a number"),
        );
    }
    assert_eq!(begun_with[0], PEOPLE);
    let gone_on = begun_with[1..].iter().any(|people| *people < PEOPLE);
    assert!(
        gone_on,
        "no run went on with another's work: {begun_with:?}"
    );
    // Errors of the service may be left over: asked again until nobody is due.
    for _ in 0..20 {
        let done = program.run(&CHECK);
        match done.status.code() {
            Some(0) => break,
            Some(3) => {}
            _ => panic!("{}", errors(&done)),
        }
    }
    let mut look = program.look().await;
    let people = PEOPLE as i64;
    let told =
        "select count(*) from person where identity_check in ('verified', 'mismatch', 'not_found')";
    assert_eq!(look.number(told).await, people);
    let events = "select count(*) from event where kind = 'identity_checked'";
    assert_eq!(look.number(events).await, people, "one event of everybody");
    let checks = "select count(*) from population_check c join event using (event_id)";
    assert_eq!(look.number(checks).await, people);
    let unlogged = "select count(*) from event e where kind = 'identity_checked' and not exists (
        select from population_request r where r.request_code = e.body->>'request_code'
            and r.person_id = e.person_id and r.officer = 'CB-01')";
    assert_eq!(
        look.number(unlogged).await,
        0,
        "each with who asked and what for"
    );
    drop(look);
    let log = [
        "--now",
        NOW,
        "--actor",
        "can.bo",
        "population",
        "log",
        "--area",
        "51",
        "--format",
        "ndjson",
        "--limit",
        "10",
    ];
    let log = program.succeed(&log);
    assert!(
        log.lines().count() == 10 && !log.contains("999135"),
        "{log}"
    );
}

#[test]
fn nobody_is_asked_about_without_settings_of_ones_own() {
    let program = Program::practice();
    let refused = program.run(&CHECK);
    assert_eq!(refused.status.code(), Some(2), "{}", errors(&refused));
    settings(&program, "127.0.0.1:9");
    let path = program.data().join("population.toml");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&path, open).expect("opened");
    let refused = program.run(&CHECK);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        errors(&refused).contains("quyền 600"),
        "{}",
        errors(&refused)
    );
}

#[tokio::test]
async fn a_list_is_made_after_everybody_due_was_checked_without_being_told() {
    let program = Program::practice();
    let file = program.file("people.ndjson", &events());
    program.succeed(&["--now", NOW, "apply", text(&file)]);
    let sandbox = sandbox(&program, &[]);
    settings(&program, &sandbox.address);
    let path = program.data().join("population.toml");
    let set = std::fs::read_to_string(&path).expect("settings");
    std::fs::write(&path, format!("before_lists = [\"can.bo\"]\n{set}")).expect("written");
    let make = [
        "--now", NOW, "--actor", "lap", "list", "make", "2024-01", "--area", "51",
    ];
    let said = errors(&program.run(&make));
    let checked = format!("Đã đối chiếu {PEOPLE} người trước khi lập:");
    assert!(said.contains(&checked), "{said}");
    assert!(
        said.contains("chưa hỏi 0,"),
        "nobody is left unasked: {said}"
    );
    let again = errors(&program.run(&make));
    assert!(
        !again.contains("Đã đối chiếu"),
        "nobody is asked about twice: {again}"
    );
}

/// The program as a server, ended with the test.
fn server(program: &Program, more: &[&str]) -> Running {
    let serve = ["--now", NOW, "serve", "--listen", "127.0.0.1:0"];
    let running = Running::start(program.command(&[&serve[..], more].concat()));
    running.url();
    running
}

#[tokio::test]
async fn two_servers_check_everybody_due_before_the_list_once() {
    let program = Program::practice();
    let file = program.file("people.ndjson", &events());
    program.succeed(&["--now", NOW, "apply", text(&file)]);
    let sandbox = sandbox(&program, &["--mismatch", "20"]);
    settings(&program, &sandbox.address);
    let path = program.data().join("population.toml");
    let set = std::fs::read_to_string(&path).expect("settings");
    let idle = server(&program, &[]);
    std::fs::write(&path, format!("before_lists = [\"can.bo\"]\n{set}")).expect("written");
    let servers = [server(&program, &[]), server(&program, &[])];
    let mut look = program.look().await;
    let events = "select count(*) from event where kind = 'identity_checked'";
    let deadline = Instant::now() + Duration::from_secs(60);
    while look.number(events).await < PEOPLE as i64 {
        assert!(Instant::now() < deadline, "nobody checked them");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop((servers, idle));
    assert_eq!(
        look.number(events).await,
        PEOPLE as i64,
        "one check of everybody"
    );
    let differing = "select count(*) from person where identity_check = 'mismatch'";
    assert!(look.number(differing).await > 0);
    // From the middle of a month on it is the next month's list that is prepared.
    let asked = "select count(distinct person_id) from population_request where officer = 'CB-01'
                 and purpose = 'Đối chiếu trước khi lập danh sách chi trả tháng 2024-02'";
    assert_eq!(look.number(asked).await, PEOPLE as i64);
    let otherwise = "select count(*) from population_request where purpose not like '%2024-02'";
    assert_eq!(look.number(otherwise).await, 0);
}
