//! What callers may write, and how they are refused.

#![allow(clippy::unwrap_used, reason = "a test that fails here says where")]

use law::input::Question;

/// The field and code of the refusal of a person whose part is replaced.
fn refusal(part: &str, by: &str) -> (String, &'static str) {
    const GOOD: &str = r#"{"id":"p","birth_date":"1980-05-10","months":["2024-05"],"enrolments":[{"benefit":"disability","from":"2023-01","to":null}],"facts":[{"kind":"disability","grade":"severe","from":"2023-01-15"}]}"#;
    Question::from_json(GOOD.as_bytes()).unwrap();
    assert!(GOOD.contains(part), "{part}");
    let error = Question::from_json(GOOD.replace(part, by).as_bytes()).unwrap_err();
    assert!(!error.message.is_empty());
    (error.field, error.code)
}

#[test]
fn each_refusal_names_its_field_and_reason() {
    let cases = [
        (r#""id":"p","#, "", "id", "missing_field"),
        (r#""id":"p""#, r#""id":7"#, "", "wrong_type"),
        ("birth_date", "birthday", "birthday", "unknown_field"),
        ("1980-05-10", "10/05/1980", "birth_date", "not_a_date"),
        ("1980-05-10", "1980-05-10T00:00", "birth_date", "not_a_date"),
        ("2024-05", "2024-13", "months[0]", "not_a_month"),
        (r#""months":["2024-05"],"#, "", "months", "missing_field"),
        (
            r#""benefit":"disability""#,
            r#""benefit":"pension""#,
            "enrolments[0].benefit",
            "unknown_benefit",
        ),
        (
            "2023-01\",\"to",
            "2023\",\"to",
            "enrolments[0].from",
            "not_a_month",
        ),
        (
            r#""kind":"disability""#,
            r#""kind":"rich""#,
            "facts[0].kind",
            "unknown_fact_kind",
        ),
        (
            r#""grade":"severe""#,
            r#""grade":"heavy""#,
            "facts[0].grade",
            "unknown_value",
        ),
        (
            r#""grade":"severe","#,
            "",
            "facts[0].grade",
            "missing_field",
        ),
        (
            r#""grade":"severe""#,
            r#""grade":"severe","basis":"a""#,
            "facts[0].basis",
            "unknown_field",
        ),
        ("2023-01-15", "2023-02-30", "facts[0].from", "not_a_date"),
        (
            r#","from":"2023-01-15""#,
            "",
            "facts[0].from",
            "missing_field",
        ),
        (
            r#""id":"p""#,
            r#""id":"p","province":"vn""#,
            "province",
            "not_a_province",
        ),
        (
            r#""id":"p""#,
            r#""id":"p","sex":"x""#,
            "sex",
            "unknown_value",
        ),
        (
            r#""id":"p""#,
            r#""id":"p","id":"q""#,
            "id",
            "duplicate_field",
        ),
        (r#"{"id""#, r#"{{"id""#, "", "not_json"),
    ];
    for (part, by, field, code) in cases {
        assert_eq!(refusal(part, by), (field.to_owned(), code), "{part} → {by}");
    }
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let error = Question::from_json(b"{\"id\":\"\xff\"}").unwrap_err();
    assert_eq!(error.code, "not_utf8");
}

#[test]
fn optional_fields_may_be_absent_or_null() {
    let bare = r#"{"id":"p","birth_date":"1980","months":[]}"#;
    let nulls = r#"{"id":"p","birth_date":"1980","months":[],"death_date":null,"sex":null,
        "province":null,"difficult_area":null,"enrolments":null,"facts":null}"#;
    let read = |text: &str| Question::from_json(text.as_bytes()).unwrap();
    assert_eq!(read(bare), read(nulls));
}

#[test]
fn somebody_cared_for_may_be_written_inside_or_beside() {
    let person = |fact: &str| {
        let text = format!(
            r#"{{"id":"p","birth_date":"1980","months":[],"facts":[{{"kind":"cares_for","from":"2020-01-01",{fact}}}]}}"#
        );
        Question::from_json(text.as_bytes()).map(|question| question.person)
    };
    let inside = person(r#""person":{"id":"c","birth_date":"2019-02-01"},"relation":"taken_in""#);
    let beside = person(r#""person":"c","birth_date":"2019-02-01","relation":"taken_in""#);
    assert!(inside.is_ok());
    assert_eq!(inside, beside);
    assert_eq!(
        person(r#""relation":"taken_in""#).unwrap_err().field,
        "facts[0].person"
    );
    assert_eq!(
        person(r#""person":{"name":"c"}"#).unwrap_err().code,
        "wrong_type"
    );
}
