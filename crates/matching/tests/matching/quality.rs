//! How much of what is one person is found, and how much of what is found is one person, on lists
//! of which it is known.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use matching::{Linked, Options, link};
use scenarios::{Counts, two_lists};
use tempfile::TempDir;

struct Lists {
    folder: TempDir,
    counts: Counts,
}

impl Lists {
    fn new(seed: u64, counts: Counts) -> Lists {
        let folder = tempfile::tempdir().expect("a folder");
        let file =
            |name: &str| BufWriter::new(File::create(folder.path().join(name)).expect("a file"));
        two_lists(seed, counts, &mut file("a.csv"), &mut file("b.csv")).expect("written");
        Lists { folder, counts }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn link(&self, options: &Options) -> (Linked, Vec<Told>) {
        told(&self.path("a.csv"), Some(&self.path("b.csv")), options)
    }

    /// Precision and recall in thousandths.
    fn judge(&self, pairs: &[Told]) -> (usize, usize) {
        let right = pairs
            .iter()
            .filter(|pair| pair.left[1..] == pair.right[1..])
            .count();
        (
            right * 1000 / pairs.len().max(1),
            right * 1000 / self.counts.both as usize,
        )
    }
}

struct Told {
    left: String,
    right: String,
    probability: String,
    why: String,
}

fn told(left: &Path, right: Option<&Path>, options: &Options) -> (Linked, Vec<Told>) {
    let mut out = Vec::new();
    let linked = link(left, right, options, &mut out, |_, _| {}).expect("linked");
    let pairs = read(&out);
    assert_eq!(linked.pairs, pairs.len() as u64);
    (linked, pairs)
}

fn read(answer: &[u8]) -> Vec<Told> {
    let mut reader = csv::Reader::from_reader(answer);
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let cell = |at: usize| row[at].to_owned();
        Told {
            left: cell(0),
            right: cell(1),
            probability: cell(2),
            why: cell(3),
        }
    });
    rows.collect()
}

fn options() -> Options {
    Options {
        threshold: 0.9,
        also: Vec::new(),
        one_to_one: false,
        memory: 1 << 30,
        one_register: false,
    }
}

const COUNTS: Counts = Counts {
    left: 4_000,
    right: 20_000,
    both: 3_000,
};

#[test]
fn two_offices_lists() {
    let lists = Lists::new(7, COUNTS);
    let (linked, pairs) = lists.link(&options());
    assert_eq!((linked.left, linked.right), (4_000, 20_000));
    let (precision, recall) = lists.judge(&pairs);
    assert!(precision >= 995, "precision {precision} ‰");
    assert!(recall >= 990, "recall {recall} ‰");
    assert!(in_order(&pairs), "by left record, the likeliest first");
}

fn in_order(pairs: &[Told]) -> bool {
    let key = |pair: &Told| {
        let left: u32 = pair.left[1..].parse().expect("a number");
        (left, std::cmp::Reverse(pair.probability.clone()))
    };
    pairs.is_sorted_by_key(key)
}

#[test]
fn the_same_lists_give_the_same_answer() {
    let lists = Lists::new(
        8,
        Counts {
            left: 500,
            right: 900,
            both: 300,
        },
    );
    let answers = [(); 2].map(|()| {
        let mut out = Vec::new();
        let (left, right) = (lists.path("a.csv"), lists.path("b.csv"));
        link(&left, Some(&right), &options(), &mut out, |_, _| {}).expect("linked");
        String::from_utf8(out).expect("text")
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn each_record_once_in_the_best_assignment() {
    let lists = Lists::new(9, COUNTS);
    let options = Options {
        threshold: 0.2,
        one_to_one: true,
        ..options()
    };
    let (_, pairs) = lists.link(&options);
    for side in [
        |pair: &Told| pair.left.clone(),
        |pair: &Told| pair.right.clone(),
    ] {
        let records: HashSet<String> = pairs.iter().map(side).collect();
        assert_eq!(records.len(), pairs.len());
    }
    let (precision, recall) = lists.judge(&pairs);
    assert!(precision >= 980, "precision {precision} ‰");
    assert!(recall >= 990, "recall {recall} ‰");
}

#[test]
fn little_memory_means_more_rounds_not_other_pairs() {
    let lists = Lists::new(10, COUNTS);
    let (_, in_one) = lists.link(&options());
    let mut rounds = 0;
    let mut out = Vec::new();
    let little = Options {
        memory: 202 << 20,
        one_register: false,
        ..options()
    };
    let (left, right) = (lists.path("a.csv"), lists.path("b.csv"));
    link(&left, Some(&right), &little, &mut out, |done, all| {
        rounds = all / 20_000;
        assert!(done <= all);
    })
    .expect("linked");
    assert_eq!(rounds, 2, "the left list did not fit at once");
    let in_slices = read(&out);
    let ends = |pairs: &[Told]| -> HashSet<(String, String)> {
        pairs
            .iter()
            .map(|pair| (pair.left.clone(), pair.right.clone()))
            .collect()
    };
    // The weights come from the first slice alone and differ a little.
    let apart = ends(&in_one)
        .symmetric_difference(&ends(&in_slices))
        .count();
    assert!(
        apart * 200 < in_one.len(),
        "{apart} of {} pairs differ",
        in_one.len()
    );
    assert!(in_order(&in_slices));
}

#[test]
fn twice_in_one_list() {
    let lists = Lists::new(
        11,
        Counts {
            left: 3_000,
            right: 3_000,
            both: 400,
        },
    );
    let both = lists.path("both.csv");
    let mut text = fs::read_to_string(lists.path("a.csv")).expect("a list");
    let second = fs::read_to_string(lists.path("b.csv")).expect("a list");
    text.extend(second.lines().skip(1).map(|line| format!("{line}\n")));
    fs::write(&both, text).expect("written");
    let (linked, pairs) = told(&both, None, &options());
    assert_eq!((linked.left, linked.right), (6_000, 6_000));
    let (precision, recall) = lists.judge(&pairs);
    assert!(precision >= 990, "precision {precision} ‰");
    assert!(recall >= 980, "recall {recall} ‰");
}

#[test]
fn the_reasons_of_a_pair() {
    let lists = Lists::new(12, COUNTS);
    let (_, pairs) = lists.link(&options());
    let has = |part: &str| pairs.iter().any(|pair| pair.why.contains(part));
    assert!(has("đảo chỗ: họ và tên"));
    assert!(has("ngày và tháng sinh"));
    assert!(has("gần giống: số định danh"));
    assert!(pairs.iter().all(|pair| pair.why.starts_with("giống: ")));
}
