//! How much processor time and memory linking takes, and how both grow with the lists.
//! `ANSINH_BENCH_PEOPLE` sets the length of the longer list (2,000,000 when not set); the shorter one
//! is a twentieth of it. Then the same with a quarter of each.

#![expect(clippy::float_arithmetic, reason = "a bench prints ratios")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use matching::{Options, link};
use scenarios::{Counts, two_lists};

const PEOPLE: u32 = 2_000_000;
/// Processor time is counted in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let people = std::env::var("ANSINH_BENCH_PEOPLE").ok();
    let people = people.map_or(Ok(PEOPLE), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    // The smaller first: memory is told as the most the program ever held.
    let small = measured(folder.path(), people / 4)?;
    let large = measured(folder.path(), people)?;
    let ratio = large.as_secs_f64() / small.as_secs_f64();
    println!("four times the people: {ratio:.1} times the processor time");
    Ok(())
}

/// Links two lists whose people are known; returns the processor time.
fn measured(folder: &Path, people: u32) -> Result<Duration, Failure> {
    let counts = Counts {
        left: people / 20,
        right: people,
        both: people / 20 * 9 / 10,
    };
    let (left, right) = (folder.join("a.csv"), folder.join("b.csv"));
    {
        let mut files = [File::create(&left)?, File::create(&right)?].map(BufWriter::new);
        let [a, b] = &mut files;
        two_lists(7, counts, a, b)?;
        a.flush()?;
        b.flush()?;
    }
    let options = Options {
        threshold: 0.9,
        also: Vec::new(),
        one_to_one: false,
        memory: 1 << 30,
        one_register: false,
    };
    let begun = cpu()?;
    let mut answer = Vec::new();
    let linked = link(&left, Some(&right), &options, &mut answer, |_, _| {})?;
    let took = cpu()?.saturating_sub(begun);
    let mut one = 0_u64;
    for row in csv::Reader::from_reader(answer.as_slice()).records() {
        let row = row?;
        one += u64::from(row[0][1..] == row[1][1..]);
    }
    println!(
        "{} against {}: {:.1} CPU seconds, {} MB at most; {} pairs, precision {:.4}, recall {:.4}",
        counts.left,
        counts.right,
        took.as_secs_f64(),
        memory()? >> 10,
        linked.pairs,
        one as f64 / linked.pairs as f64,
        one as f64 / f64::from(counts.both),
    );
    Ok(took)
}

/// Processor time of this program so far.
fn cpu() -> Result<Duration, Failure> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold anything; 11 fields after it come the two times.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let mut ticks = || -> Result<u32, Failure> { Ok(fields.next().ok_or("no time")?.parse()?) };
    Ok(TICK * (ticks()? + ticks()?))
}

/// The most memory this program held so far, in kB.
fn memory() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most = most.and_then(|line| line.split_whitespace().next());
    Ok(most.ok_or("no VmHWM")?.parse()?)
}
