//! How long a province takes to record and to read back, as ratios to what PostgreSQL needs for
//! the same bytes. `ANSINH_BENCH_PEOPLE` sets how many people (86,504 when not set).

use std::time::Instant;

use kernel::{Actor, Month};
use registry::copy::{CopyReader, CopyWriter};
use registry::event::read_lines;
use registry::roll::{Communes, Cut, Known, Roll};
use registry::search::{Query, search};
use sqlx::PgPool;
use testkit::TestDb;
use uuid::Uuid;

/// A cut after everything.
const EVERYTHING: Cut = Cut {
    event_no: i64::MAX,
    recorded_at: jiff::Timestamp::MAX,
};

const PROVINCE: usize = 86_504;
/// Communes of Quảng Ngãi before July 2025.
const COMMUNES: [&str; 6] = ["21010", "21013", "21016", "21019", "21172", "21175"];
const SURNAMES: [&str; 4] = ["Nguyễn", "Trần", "Phạm", "Đinh"];
const GIVEN: [&str; 6] = ["Hòa", "Ân", "Đào", "Bưởi", "Thủy", "Khai"];

#[tokio::main]
async fn main() {
    let people = std::env::var("ANSINH_BENCH_PEOPLE")
        .ok()
        .and_then(|text| text.parse().ok());
    let people: usize = people.unwrap_or(PROVINCE);
    let db = TestDb::practice().await;
    let pool = db.pool();
    let lines = lines(people);

    let begun = Instant::now();
    let (events, refused) = read_lines(lines.as_bytes());
    let parsed = begun.elapsed().as_millis();
    assert!(refused.is_empty(), "every line is an event");
    println!(
        "{} events of {people} people read from NDJSON: {parsed} ms",
        events.len()
    );

    let plain = plain_copy(pool, &lines).await;
    println!("the same lines by plain COPY into a table without index: {plain} ms");

    let clock = testkit::clock("2024-05-20T08:00:00+07:00");
    let actor = Actor::with_every_role("bench");
    let begun = Instant::now();
    let applied = registry::apply(pool, &actor, &clock, &events)
        .await
        .expect("recorded");
    let recorded = begun.elapsed().as_millis();
    assert_eq!(applied.applied, events.len() as u64);
    println!("recorded: {recorded} ms, {}", ratio(recorded, plain));

    let begun = Instant::now();
    let again = registry::apply(pool, &actor, &clock, &events)
        .await
        .expect("an answer");
    assert_eq!(again.already, events.len() as u64);
    let repeated = begun.elapsed().as_millis();
    println!(
        "the same again, nothing changed: {repeated} ms, {}",
        ratio(repeated, plain)
    );
    drop(events);

    read_back(pool, people).await;
    look(pool, &actor).await;
}

fn ratio(time: u128, base: u128) -> String {
    let hundredths = time * 100 / base.max(1);
    format!("{}.{:02} times as long", hundredths / 100, hundredths % 100)
}

async fn read_back(pool: &PgPool, people: usize) {
    let raw = Instant::now();
    let mut rows = 0;
    for statement in [
        "copy (select person_id, birth_date, area_code, area_valid_from from person order by person_id) to stdout (format binary)",
        "copy (select person_id, benefit, from_month, to_month, suspended from enrolment order by person_id, benefit) to stdout (format binary)",
        "copy (select person_id, kind, from_date, to_date, variant from fact order by person_id, fact_no) to stdout (format binary)",
    ] {
        let mut reader = CopyReader::of_pool(pool, statement).await.expect("read");
        while reader.next().await.expect("read").is_some() {
            rows += 1;
        }
    }
    let raw = raw.elapsed().as_millis();
    println!("{rows} rows of people, enrolments and facts by plain COPY: {raw} ms");
    let month: Month = "2024-05".parse().expect("a month");
    for (name, area, known) in [
        ("everybody as the law sees them", "", Known::Now),
        ("the same of one province", "51", Known::Now),
        (
            "the same folded from the events",
            "51",
            Known::Through(EVERYTHING),
        ),
    ] {
        let begun = Instant::now();
        let communes = Communes::of(area, month);
        let mut roll = Roll::open(pool, &communes, month, known)
            .await
            .expect("opened");
        let mut count = 0;
        while roll.next().await.expect("read").is_some() {
            count += 1;
        }
        assert_eq!(count, people);
        let time = begun.elapsed().as_millis();
        println!("{name}: {time} ms, {}", ratio(time, raw));
    }
}

async fn look(pool: &PgPool, actor: &Actor) {
    let clock = testkit::clock("2024-05-20T08:00:00+07:00");
    for text in ["dinh buoi", "thuy tr", "999148000017", "p-17", "nguyen"] {
        let query = Query {
            text,
            limit: 50,
            ..Query::default()
        };
        let begun = Instant::now();
        let found = search(pool, actor, &clock, &query)
            .await
            .expect("an answer");
        let time = begun.elapsed().as_micros();
        println!("search {text:?}: {} people, {time} µs", found.people.len());
    }
}

async fn plain_copy(pool: &PgPool, lines: &str) -> u128 {
    let mut connection = pool.acquire().await.expect("a connection");
    sqlx::query("create table plain (line jsonb)")
        .execute(&mut *connection)
        .await
        .expect("made");
    let begun = Instant::now();
    let statement = "copy plain from stdin (format binary)";
    let mut writer = CopyWriter::begin(&mut connection, statement)
        .await
        .expect("begun");
    for line in lines.lines() {
        writer.row().await.expect("a row");
        writer.put_json(line);
    }
    writer.finish().await.expect("written");
    begun.elapsed().as_millis()
}

/// Five events a person: registered, disabled, poor or single, enrolled, payee set.
fn lines(people: usize) -> String {
    let mut lines = String::with_capacity(people * 1400);
    for person in 0..people {
        let head = |number: usize, kind: &str| {
            let id = Uuid::new_v5(
                &Uuid::NAMESPACE_OID,
                format!("{person} {number}").as_bytes(),
            );
            format!(
                r#"{{"event_id":"{id}","kind":"{kind}","person":"p-{person}","effective":"2022-03-01","source":"bench","#
            )
        };
        let surname = SURNAMES[person % SURNAMES.len()];
        let given = GIVEN[person / 4 % GIVEN.len()];
        let year = 30 + person % 70;
        let (area, number) = (COMMUNES[person % 6], person % 1_000_000);
        lines += &format!(
            "{}\"full_name\":\"{surname} Thị {given}\",\"birth_date\":\"19{year}-05-10\",\"sex\":\"female\",\
             \"ethnicity\":\"01\",\"id_number\":\"9991{year}{number:06}\",\"area\":\"{area}\"}}\n\
             {}\"fact_id\":\"d\",\"fact\":{{\"kind\":\"disability\",\"grade\":\"severe\"}}}}\n\
             {}\"fact_id\":\"p\",\"fact\":{{\"kind\":\"poverty\",\"status\":\"poor\"}}}}\n\
             {}\"benefit\":\"disability\",\"from\":\"2022-03\",\"decision\":{{\"number\":\"{person}/QĐ-UBND\",\
             \"date\":\"2022-03-01\",\"signed_by\":\"Chủ tịch\"}}}}\n\
             {}\"channel\":\"account\",\"holder\":\"self\",\"provider\":\"970436\",\"account_number\":\"{person}\"}}\n",
            head(0, "person_registered"),
            head(1, "fact_started"),
            head(2, "fact_started"),
            head(3, "enrolled"),
            head(4, "payee_set"),
        );
    }
    lines
}
