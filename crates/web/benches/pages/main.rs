//! How long each page takes with a province loaded: the sample of Quảng Ngãi, May 2024, listed, in
//! a throwaway practice database. Every page is asked for many times with other people, words and
//! pages of lists, compressed as browsers ask for it; the network apart. Prints a table.
//!
//! Words after `--` choose the pages whose name holds one of them. `ANSINH_BENCH_PEOPLE` makes the province smaller, `ANSINH_BENCH_ROUNDS` asks less often.

mod asked;
mod province;
mod visitor;

use std::time::Duration;

use asked::Asked;
use visitor::{Seen, Visitor};

fn number_from(name: &str, otherwise: usize) -> usize {
    let given = std::env::var(name).ok().and_then(|text| text.parse().ok());
    given.unwrap_or(otherwise)
}

#[tokio::main]
async fn main() {
    let rounds = number_from("ANSINH_BENCH_ROUNDS", 200);
    let people = std::env::var("ANSINH_BENCH_PEOPLE").ok();
    let people = people.and_then(|people| people.parse().ok());
    let site = province::load(people).await;
    println!("Each page asked for {rounds} times; milliseconds and bytes.\n");
    println!("| Page | p50 | p95 | slowest | raw | gzip |");
    println!("|-|-:|-:|-:|-:|-:|");
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&String> = words.iter().filter(|word| *word != "--bench").collect();
    for page in asked::pages(&site, rounds).await {
        if !words.is_empty() && !words.iter().any(|word| page.name.contains(*word)) {
            continue;
        }
        measure(&site.visitor(page.who).await, &page).await;
    }
}

async fn measure(visitor: &Visitor, page: &Asked) {
    // The first is not counted: connections and prepared statements.
    if let Some(first) = page.ways.last() {
        visitor.see(first).await;
    }
    let mut seen: Vec<Seen> = Vec::with_capacity(page.ways.len());
    for way in &page.ways {
        seen.push(visitor.see(way).await);
    }
    let raw = match page.ways.last() {
        Some(way) => visitor.weigh(way).await,
        None => 0,
    };
    seen.sort_unstable_by_key(|seen| seen.took);
    let at = |hundredths: usize| {
        let last = seen.len().saturating_sub(1);
        seen.get((seen.len() * hundredths / 100).min(last))
            .map_or(Duration::ZERO, |seen| seen.took)
    };
    let gzip = seen.iter().map(|seen| seen.bytes).max().unwrap_or(0);
    println!(
        "| {} | {} | {} | {} | {raw} | {gzip} |",
        page.name,
        milliseconds(at(50)),
        milliseconds(at(95)),
        milliseconds(at(100)),
    );
}

/// With one decimal.
fn milliseconds(took: Duration) -> String {
    let tenths = took.as_micros() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
