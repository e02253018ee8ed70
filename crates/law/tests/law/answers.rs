//! What the engine answers.

#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

use jiff::civil::date;
use law::input::Question;
use law::{Law, MonthAnswer};

fn ask(person: &str) -> Vec<MonthAnswer> {
    ask_as_of(person, date(2026, 11, 22))
}

fn ask_as_of(person: &str, as_of: jiff::civil::Date) -> Vec<MonthAnswer> {
    let in_force = Law::embedded().in_force(as_of);
    let question = Question::from_json(person.as_bytes()).unwrap();
    let months = question.months.iter();
    months
        .map(|month| in_force.explain(&question.person, *month))
        .collect()
}

#[test]
fn the_example_of_the_contract() {
    let answers = ask(
        r#"{"id":"p1","birth_date":"2020-05-10","death_date":null,"sex":"female","province":"51","difficult_area":false,
        "months":["2024-04","2024-05"],
        "enrolments":[{"benefit":"disability","from":"2023-01","to":null}],
        "facts":[{"kind":"disability","grade":"extremely_severe","from":"2023-01-15"},
                 {"kind":"child","birth_date":"2015-03-02","studying_until":null,"from":"2015-03-02"}]}"#,
    );
    let line = r#"{"total":900000,"lines":[{"benefit":"disability","coefficient":"2.5","standard":360000,"amount":900000,"law":["20/2021/NĐ-CP Điều 6 khoản 1 điểm e","20/2021/NĐ-CP Điều 4 khoản 2"]}],"refused":[]}"#;
    for answer in answers {
        assert_eq!(serde_json::to_string(&answer).unwrap(), line);
    }
}

#[test]
fn a_retroactive_standard_counts_only_since_it_is_in_force() {
    let person = r#"{"id":"p","birth_date":"1990-01-01","months":["2026-06","2026-08","2026-10"],
        "enrolments":[{"benefit":"disability","from":"2023-01"}],
        "facts":[{"kind":"disability","grade":"severe","from":"2023-01-15"}]}"#;
    let totals = |as_of| {
        ask_as_of(person, as_of)
            .iter()
            .map(|a| a.total.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(totals(date(2026, 9, 30)), [750_000, 750_000, 750_000]);
    assert_eq!(totals(date(2026, 11, 1)), [750_000, 810_000, 810_000]);
}
