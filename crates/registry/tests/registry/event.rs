//! Events as JSON: what is written is read back, and what is wrong is named.

use registry::event::{self, Event};

const REGISTERED: &str = r#"{"event_id":"11111111-2222-4333-8444-555555555555","kind":"person_registered","person":"p1","effective":"2024-01-05","source":"s","full_name":"Nguyễn Thị Bưởi","birth_date":"1948","sex":"female","ethnicity":"01","id_number":null,"area":"21001"}"#;

fn with(field: &str, value: &str) -> String {
    let start = REGISTERED
        .find(&format!("\"{field}\":"))
        .expect("a field of the example");
    let tail = &REGISTERED[start..];
    let end = tail.find(",\"").unwrap_or(tail.len() - 1);
    format!(
        "{}\"{field}\":{value}{}",
        &REGISTERED[..start],
        &tail[end..]
    )
}

fn refused(line: &str) -> (String, &'static str) {
    let fault = Event::parse(line.as_bytes()).expect_err("refused");
    (fault.field.into_owned(), fault.code)
}

#[test]
fn reads_back_what_it_writes() {
    let head = r#""event_id":"11111111-2222-4333-8444-555555555555","person":"p1","effective":"2024-01-05","source":"s""#;
    let decision = r#""decision":{"number":"1/QĐ-UBND","date":"2024-01-04","signed_by":"A"}"#;
    let bodies = [
        r#""kind":"person_corrected","id_number":null,"full_name":"B""#.to_owned(),
        r#""kind":"fact_started","fact_id":"f","fact":{"kind":"disability","grade":"severe","to":"2025-01-01"}"#.to_owned(),
        r#""kind":"fact_started","fact_id":"f","fact":{"kind":"without_support","basis":"đ"}"#.to_owned(),
        r#""kind":"fact_started","fact_id":"f","fact":{"kind":"child","birth_date":"2020-05","studying_until":"2038-01-01"}"#.to_owned(),
        r#""kind":"fact_started","fact_id":"f","fact":{"kind":"cares_for","person":"p2","relation":"con"}"#.to_owned(),
        r#""kind":"fact_ended","fact_id":"f""#.to_owned(),
        format!(r#""kind":"enrolled","benefit":"older_80_without_pension","from":"2024-01",{decision}"#),
        format!(r#""kind":"enrolment_ended","benefit":"disability","last_month":"2024-01","reason":"x",{decision}"#),
        r#""kind":"suspended","from":"2024-01","reason":"x""#.to_owned(),
        r#""kind":"resumed","benefit":"disability","from":"2024-01","reason":"unchanged""#.to_owned(),
        r#""kind":"moved","area":"21001""#.to_owned(),
        r#""kind":"died","date":"2024-01-05""#.to_owned(),
        r#""kind":"identity_checked","result":"mismatch","fields":["birth_date"],"request_code":"r","checked_by":"c""#.to_owned(),
        r#""kind":"event_cancelled","cancels":"11111111-2222-4333-8444-555555555556""#.to_owned(),
        r#""kind":"payee_set","channel":"account","holder":"guardian","holder_name":"G","provider":"970436","account_number":"1","authorised_until":"2026-01-01""#.to_owned(),
        r#""kind":"payee_wish","wants_account":true"#.to_owned(),
    ];
    for line in bodies
        .iter()
        .map(|body| format!("{{{head},{body}}}"))
        .chain([REGISTERED.to_owned()])
    {
        let read =
            Event::parse(line.as_bytes()).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
        let again = Event::parse(read.to_json().as_bytes()).expect("its own writing");
        assert_eq!(read, again, "{line}");
        let through_serde: Event = serde_json::from_str(&line).expect("the same through serde");
        assert_eq!(read, through_serde);
    }
}

#[test]
fn names_the_field_and_the_reason() {
    let cases = [
        (
            with("birth_date", "\"1948-02-30\""),
            "birth_date",
            "not_a_date",
        ),
        (with("birth_date", "1948"), "birth_date", "wrong_type"),
        (
            with("effective", "\"05/01/2024\""),
            "effective",
            "not_a_date",
        ),
        (with("sex", "\"nam\""), "sex", "not_a_sex"),
        (with("area", "\"51\""), "area", "not_a_commune"),
        (with("full_name", "\"  \""), "full_name", "missing"),
        (
            with("full_name", "\"a\\u0000b\""),
            "full_name",
            "control_character",
        ),
        (with("kind", "\"born\""), "kind", "unknown_kind"),
        (with("event_id", "\"1\""), "event_id", "not_a_uuid"),
        (
            REGISTERED.replace("\"sex\"", "\"gender\""),
            "gender",
            "unknown_field",
        ),
        (
            REGISTERED.replace("{", "{\"person\":\"x\","),
            "person",
            "duplicate_field",
        ),
        (REGISTERED.replace("}", ""), "", "not_json"),
        ("[]".to_owned(), "", "wrong_type"),
    ];
    for (line, field, code) in cases {
        assert_eq!(refused(&line), (field.to_owned(), code), "{line}");
    }
}

#[test]
fn a_bad_line_does_not_stop_the_rest() {
    let file = format!("\u{feff}{REGISTERED}\r\n\r\n{{\"x\":1}}\n\u{fffd}\n{REGISTERED}");
    let (read, refused) = event::read_lines(file.as_bytes());
    assert_eq!(read.iter().map(|it| it.row).collect::<Vec<_>>(), [1, 5]);
    assert_eq!(refused.iter().map(|it| it.row).collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn text_becomes_nfc_but_an_id_number_stays_as_received() {
    let line = with("full_name", "\"Nguye\u{302}\u{303}n\"")
        .replace("\"id_number\":null", "\"id_number\":\" 12 \"");
    let event = Event::parse(line.as_bytes()).expect("an event");
    let registry::EventKind::PersonRegistered(it) = event.kind else {
        panic!("a registration")
    };
    assert_eq!(it.full_name, "Nguyễn");
    assert_eq!(it.id_number.as_deref(), Some(" 12 "));
}
