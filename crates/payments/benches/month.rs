//! A month's list against writing its lines alone. People by `ANSINH_BENCH_PEOPLE`, 86,504 if not
//! set; `ansinh bench month` is the same with options.

use law::Law;
use payments::{Office, bench};
use testkit::TestDb;

#[tokio::main]
async fn main() {
    let people = std::env::var("ANSINH_BENCH_PEOPLE").ok();
    let people = people.and_then(|people| people.parse().ok());
    let people: i64 = people.unwrap_or(86_504);
    let law = Law::embedded();
    let clock = bench::clock();
    let mut tenth = None;
    for people in [people / 10, people] {
        let db = TestDb::practice().await;
        let office = Office {
            pool: db.pool(),
            clock: &clock,
            law: &law,
        };
        let measured = bench::measure(&office, people, 3, |line| eprintln!("{line}")).await;
        let mut measured = measured.unwrap_or_else(|refused| panic!("{refused}"));
        measured.against_a_tenth = tenth.map(|tenth| bench::ratio(measured.make_ms, tenth));
        tenth = Some(measured.make_ms);
        println!("{measured:#?}");
    }
}
