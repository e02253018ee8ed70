//! The country in small, as the sample loads it, and its figures as reports print them.

use serde_json::Value;

use crate::program::{Program, errors, text};

const SAMPLE: [&str; 4] = ["sample", "two-way-2024-05", "--share", "1000"];

/// A report of the month under the sample's own law.
fn report(program: &Program, arguments: &[&str]) -> Value {
    let law = program.data().join("law-two-way-2024-05");
    let common = [
        "--month",
        "2024-05",
        "--format",
        "json",
        "--law",
        text(&law),
    ];
    let printed = program.succeed(&[&["report"], arguments, &common].concat());
    serde_json::from_str(&printed).expect("JSON")
}

#[test]
fn a_thousandth_of_the_country_has_its_figures() {
    let program = Program::practice();
    program.succeed(&SAMPLE);
    let caseload = report(&program, &["caseload", "--by", "area"]);
    assert_eq!(caseload["rows"].as_array().map(Vec::len), Some(63));
    let lists = caseload["lists"].as_array().expect("lists");
    assert_eq!(lists.len(), 63);
    assert!(lists.iter().all(|list| list["approved"] == true));
    let total = |name: &str| caseload["total"][name].as_i64().expect("a number");
    assert!((3_300..3_320).contains(&total("people")), "{caseload}");
    assert!((346..350).contains(&total("households")), "{caseload}");
    assert!(total("amount") * 12 > 27_000_000_000, "{caseload}");

    let higher = report(&program, &["higher-standard"]);
    assert_eq!(higher["rows"].as_array().map(Vec::len), Some(14));
    let of_a_year = higher["total"]["amount_of_a_year"].as_i64();
    let of_a_year = of_a_year.expect("a number");
    assert!(
        (3_480_000_000..3_540_000_000).contains(&of_a_year),
        "{higher}"
    );
    let people = higher["total"]["people"].as_i64().expect("a number");
    assert!((685..705).contains(&people), "{higher}");

    let points = program.succeed(&[
        "provider", "points", "--month", "2024-05", "--format", "json",
    ]);
    let points: Value = serde_json::from_str(&points).expect("JSON");
    let points = points.as_array().expect("rows");
    assert_eq!(points.len(), 61);
    let sum: i64 = points.iter().filter_map(|row| row["points"].as_i64()).sum();
    assert!(sum > 11_000);

    let exchange = report(&program, &["exchange"]);
    assert_eq!(exchange["connections"]["connected"], 61);
    assert_eq!(exchange["connections"]["modes"]["two_way"], 21);

    // Again, and nothing changes.
    program.succeed(&SAMPLE);
    assert_eq!(report(&program, &["exchange"]), exchange);
    assert_eq!(report(&program, &["caseload", "--by", "area"]), caseload);
    invented_standards_pay_nobody_real(&program);
}

fn invented_standards_pay_nobody_real(practice: &Program) {
    let law = practice.data().join("law-two-way-2024-05");
    let real = Program::bare();
    real.succeed(&["init"]);
    let refused = real.run(&[
        "list",
        "make",
        "2024-05",
        "--area",
        "51",
        "--law",
        text(&law),
    ]);
    assert!(!refused.status.success());
    assert!(
        errors(&refused).contains("giả định"),
        "{}",
        errors(&refused)
    );
}
