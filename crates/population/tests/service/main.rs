//! The connector against the sandbox as a real HTTP server, with a database each.

mod ahead;
mod counted;
mod faults;
mod outcomes;
mod repairs;

use kernel::{Actor, Clock, Month, PersonId};
use population::sandbox::{Asked, Manner, people, router};
use population::{Client, DuePerson, Refused, Service, Settings, Tally, Wanted, check, due};
use registry::event::read_lines;
use testkit::TestDb;
use tokio::net::TcpListener;
use uuid::Uuid;

const COMMUNE: &str = "21010";
const PURPOSE: &str = "Đối chiếu thử";

fn clock() -> Clock {
    testkit::clock("2024-05-02T02:00:00Z")
}

fn actor() -> Actor {
    Actor::with_every_role("can.bo")
}

/// A sandbox that listens until the test ends.
async fn sandbox(known: &str, manner: Manner) -> String {
    let known = people::read(known).unwrap_or_else(|line| panic!("line {line}"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, router(known, manner)).await });
    address
}

fn service_with(address: &str, change: impl FnOnce(&mut Settings)) -> Service {
    let text = format!(
        "address = \"{address}\"\nunit = \"H51\"\nuser = \"u\"\nsecret = \"s\"\nper_second = 1000\nat_once = 8\npause_ms = 1\n[officers]\n\"can.bo\" = \"CB-01\"\n"
    );
    let mut settings = Settings::read(&text).expect("settings");
    change(&mut settings);
    Service::new(Client::new(settings))
}

fn service(address: &str) -> Service {
    service_with(address, |_| {})
}

/// What the sandbox was asked, in its order.
async fn asked(address: &str) -> Vec<Asked> {
    let address = format!("{address}asked");
    let read = tokio::task::spawn_blocking(move || {
        let mut answer = ureq::get(&address).call().expect("answers");
        answer.body_mut().read_to_string().expect("text")
    });
    serde_json::from_str(&read.await.expect("runs")).expect("JSON")
}

/// The number of the invented person so and so, whose sex and year it agrees with.
fn number(which: usize) -> String {
    format!("999150{which:06}")
}

/// Registers and enrols people, each told as name, birth date, sex and ID number.
async fn register(db: &TestDb, told: &[(&str, &str, &str, &str)]) {
    let mut lines = String::new();
    for (at, (name, birth, sex, number)) in told.iter().enumerate() {
        let id = |what: &str| Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{at} {what}").as_bytes());
        let number = if number.is_empty() {
            "null".to_owned()
        } else {
            format!("\"{number}\"")
        };
        let head = format!("\"person\":\"{at}\",\"source\":\"thử\"");
        lines.push_str(&format!(
            "{{\"event_id\":\"{}\",\"kind\":\"person_registered\",{head},\"effective\":\"2023-12-01\",\"full_name\":\"{name}\",\"birth_date\":\"{birth}\",\"sex\":\"{sex}\",\"ethnicity\":\"01\",\"id_number\":{number},\"area\":\"{COMMUNE}\"}}\n",
            id("r")
        ));
        lines.push_str(&format!(
            "{{\"event_id\":\"{}\",\"kind\":\"enrolled\",{head},\"effective\":\"2024-01-01\",\"benefit\":\"older_80_without_pension\",\"from\":\"2024-01\",\"decision\":{{\"number\":\"1/QĐ\",\"date\":\"2023-12-20\"}}}}\n",
            id("e")
        ));
    }
    apply(db, &lines).await;
}

async fn apply(db: &TestDb, lines: &str) {
    let (events, refused) = read_lines(lines.as_bytes());
    assert!(refused.is_empty(), "{refused:?}");
    let applied = registry::apply(db.pool(), &actor(), &clock(), &events).await;
    let applied = applied.expect("recorded");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
}

/// A person of the sandbox.
fn citizen(number: &str, name: &str, birth: &str) -> String {
    format!(
        "{{\"id_number\":\"{number}\",\"full_name\":\"{name}\",\"birth_date\":\"{birth}\",\"sex\":\"female\"}}\n"
    )
}

/// So many people who agree with the sandbox in everything, and the sandbox's file.
async fn many(db: &TestDb, count: usize) -> String {
    let all: Vec<(String, String)> = (1..=count)
        .map(|which| (format!("Người Thử {which}"), number(which)))
        .collect();
    let told: Vec<_> = all
        .iter()
        .map(|(name, number)| (&**name, "1950-02-03", "female", &**number))
        .collect();
    register(db, &told).await;
    all.iter()
        .map(|(name, number)| citizen(number, name, "1950-02-03"))
        .collect()
}

fn wanted() -> Wanted {
    Wanted {
        area: "51".to_owned(),
        month: Month::of(clock().today()),
        lately_days: 30,
        limit: None,
    }
}

async fn all_due(db: &TestDb) -> Vec<DuePerson> {
    let found = due::people(db.pool(), &actor(), &clock(), &wanted()).await;
    found.expect("those due")
}

async fn due_people(db: &TestDb) -> Vec<PersonId> {
    all_due(db).await.into_iter().map(|it| it.id).collect()
}

async fn run(db: &TestDb, service: &Service) -> Result<Tally, Refused> {
    let people = all_due(db).await;
    check(
        (db.pool(), &clock()),
        &actor(),
        service,
        &people,
        PURPOSE,
        |_| {},
    )
    .await
}

async fn count(db: &TestDb, query: &'static str) -> i64 {
    let counted = sqlx::query_scalar(query).fetch_one(db.pool()).await;
    counted.unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// Name, what is recorded of the identity, the fields that differ and their values, in the order of
/// registration.
async fn recorded(db: &TestDb) -> Vec<(String, String, String)> {
    let query = "select p.identity_check, array_to_string(p.identity_fields, ','),
                        coalesce((select theirs::text from population_check c
                                  where c.person_id = p.person_id order by check_no desc limit 1), '')
                 from person p order by p.person_key::int";
    sqlx::query_as(query)
        .fetch_all(db.pool())
        .await
        .expect("people")
}
