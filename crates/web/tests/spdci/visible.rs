//! What a caller may see, and where.

use axum::http::StatusCode;
use serde_json::json;

use crate::caller::{Dialect, Town, header_of, search_for};

const ALL: &[&str] = &[
    "name",
    "birth_date",
    "sex",
    "id_number",
    "phone",
    "area",
    "death_date",
    "disability",
    "programme",
];

/// Every record of three searches by ID number, as text.
async fn seen(town: &Town, register: &str) -> Vec<String> {
    let numbers = ["000188000011", "000188000012", "000188000013"];
    let asked = (header_of("m", "search", 3), search_for("t", &numbers));
    let path = format!("{register}/registry/sync/search");
    let answer = town.ask(&path, Dialect::Body, (&asked.0, &asked.1)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let said = answer.json();
    let found = said["message"]["search_response"]
        .as_array()
        .expect("answers");
    let records = found
        .iter()
        .map(|item| item["data"]["reg_records"].to_string());
    records.collect()
}

#[tokio::test]
async fn benefits_that_reveal_an_infection_are_there_for_nobody() {
    let town = Town::seeing(ALL, "VN").await;
    let [one, both, hidden] = &seen(&town, "ibr").await[..] else {
        panic!("three answers")
    };
    assert!(one.contains("000188000011") && one.contains("0900000001"));
    assert!(
        both.contains("disability") && !both.contains("hiv"),
        "{both}"
    );
    assert_eq!(hidden, "[]");
    let town = Town::seeing(ALL, "VN").await;
    for record in seen(&town, "social").await {
        assert!(
            record.contains("Member") && !record.contains("hiv"),
            "{record}"
        );
        assert!(!record.contains("programme"), "{record}");
    }
}

#[tokio::test]
async fn only_fields_that_were_granted_are_handed_out() {
    let town = Town::seeing(&["sex"], "51").await;
    let record = &seen(&town, "ibr").await[0];
    assert!(record.contains("female"));
    for hidden in [
        "000188000011",
        "0900000001",
        "1988",
        "Người",
        "programme",
        "is_disabled",
        "21031",
    ] {
        assert!(!record.contains(hidden), "{hidden}: {record}");
    }
    let query = json!({"type": "name", "value": "Người Thử p1"});
    let mut asked = search_for("t2", &["x"]);
    asked["search_request"][0]["search_criteria"]["query"] = query;
    let header = header_of("m2", "search", 1);
    let path = "ibr/registry/sync/search";
    let answer = town.ask(path, Dialect::Body, (&header, &asked)).await;
    let said = answer.json();
    let code = &said["message"]["search_response"][0]["status_reason_code"];
    assert_eq!(
        code, "rjct.filter.invalid",
        "nobody asks by what it may not see"
    );
}

#[tokio::test]
async fn people_of_other_areas_are_not_there() {
    let town = Town::seeing(ALL, "01").await;
    assert_eq!(seen(&town, "ibr").await, ["[]", "[]", "[]"]);
}
