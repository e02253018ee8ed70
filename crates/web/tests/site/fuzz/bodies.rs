//! What is sent: shapes that are no form at all, and forms with the right fields and wrong values.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::client::Site;

/// Stands in every field that is secret, and in no answer.
pub(crate) const MARK: &str = "bi-mat-9421-khong-nhac-lai";

/// A body to send.
#[derive(Clone)]
pub(crate) struct Hostile {
    pub(crate) name: String,
    pub(crate) media_type: Option<&'static str>,
    pub(crate) body: Vec<u8>,
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const PARTS: &str = "multipart/form-data; boundary=x";

/// Parts of addresses.
pub(crate) const ADDRESSES: [&str; 11] = [
    "%00",
    "%FF%FE",
    "-9223372036854775808",
    "99999999999999999999999999",
    "%27%20or%201%3D1%3B--",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "..%2F..%2Fetc%2Fpasswd",
    "%E2%80%AE%CC%81%CC%81",
    "0000-00",
    "9999-99",
    "a%0D%0AX-Hostile:%201",
];

/// Values of fields, as forms encode them.
const VALUES: [&str; 20] = [
    "",
    "%00",
    "a%00b",
    "%FF%FE%FD",
    "%27%3B+drop+table+person%3B--",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%3E",
    "%7B%7B7*7%7D%7D%24%7B7*7%7D%23%7B7*7%7D",
    "-1",
    "0",
    "NaN",
    "1e400",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999999999999999",
    "31%2F02%2F2024",
    "9999-12-31",
    "-009999-01-01",
    "%E2%80%AEa%CC%81%CC%81%CC%81%F0%9F%90%82",
    "..%2F..%2Fetc%2Fpasswd",
    "a%0D%0AX-Hostile%3A+1",
];

fn hostile(name: &str, media_type: Option<&'static str>, body: impl Into<Vec<u8>>) -> Hostile {
    Hostile {
        name: name.to_owned(),
        media_type,
        body: body.into(),
    }
}

/// What is no form, no document and no file.
pub(crate) fn shapes() -> Vec<Hostile> {
    let part = "--x\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"";
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    vec![
        hostile("nothing", None, ""),
        hostile("an empty form", Some(FORM), ""),
        hostile("an empty document", Some(JSON), ""),
        hostile("null", Some(JSON), "null"),
        hostile("a list", Some(JSON), "[]"),
        hostile("a number", Some(JSON), "1e999"),
        hostile("a deep list", Some(JSON), deep),
        hostile("a deep object", Some(JSON), objects),
        hostile(
            "bytes for a form",
            Some(FORM),
            [0xff, 0xfe, 0x00, b'=', 0xff],
        ),
        hostile("bytes for a document", Some(JSON), [0xff, 0xfe, 0x00]),
        hostile("a form as text", Some("text/plain"), "khoa=k&viec=x"),
        hostile("a half escape", Some(FORM), "khoa=%&viec=%f&so=%zz"),
        hostile("only signs", Some(FORM), "&&&===&;=&"),
        hostile("no boundary", Some("multipart/form-data"), "--x--"),
        hostile("no part", Some(PARTS), "--x--\r\n"),
        hostile(
            "a part cut off",
            Some(PARTS),
            format!("{part}a.pdf\"\r\n\r\n%PDF-1.7"),
        ),
        hostile(
            "a name that climbs",
            Some(PARTS),
            format!("{part}../../../etc/passwd\"\r\n\r\nroot\r\n--x--\r\n"),
        ),
        hostile(
            "a file of two kinds",
            Some(PARTS),
            format!(
                "{part}a.pdf\"\r\n\r\n%PDF-1.7\nPK\u{3}\u{4}<html><script>alert(1)</script>\r\n--x--\r\n"
            ),
        ),
        hostile(
            "a part without a name",
            Some(PARTS),
            "--x\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n--x--\r\n",
        ),
        hostile(
            "a zero in a part",
            Some(PARTS),
            "--x\r\nContent-Disposition: form-data; name=\"khoa\"\r\n\r\na\0b\r\n\
             --x\r\nContent-Disposition: form-data; name=\"giay_to\"\r\n\r\na\0b\r\n\
             --x\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"a\0.pdf\"\r\n\r\n\
             %PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n\r\n--x--\r\n",
        ),
        hostile(
            "a megabyte",
            Some(FORM),
            format!("khoa=k&viec={}", "a".repeat(1 << 20)),
        ),
        hostile(
            "a large field",
            Some(FORM),
            format!("khoa=k&ly_do={}", "a".repeat(900_000)),
        ),
        hostile("ten thousand fields", Some(FORM), "a=1&".repeat(10_000)),
    ]
}

/// Names of the fields of a page and the values its buttons and choices offer.
pub(crate) fn fields_of(page: &str) -> Vec<(String, Vec<String>)> {
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for tag in page.split('<').filter(|tag| tag.contains(" name=\"")) {
        let of = |key: &str| {
            let after = tag.split(&format!(" {key}=\"")).nth(1)?;
            after.split('"').next().map(str::to_owned)
        };
        let Some(name) = of("name") else { continue };
        let value = of("value").unwrap_or_default();
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) if !values.contains(&value) => values.push(value),
            Some(_) => {}
            None => fields.push((name, vec![value])),
        }
    }
    fields
}

/// Names of fields of any form, for pages that are not shown before they are sent.
static ANY: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).expect("templates") {
        all += &std::fs::read_to_string(entry.expect("an entry").path()).expect("a template");
    }
    let mut fields = fields_of(&all);
    fields.retain(|(name, _)| !name.contains('{'));
    for (_, values) in &mut fields {
        values.retain(|value| !value.contains('{'));
        values.truncate(40);
    }
    fields
});

/// Fields whose values are never said again.
fn is_secret(name: &str) -> bool {
    ["mat_khau", "cu", "moi"].contains(&name)
}

/// Forms with the fields of a page, all with one wrong value; for each act the page offers.
pub(crate) fn forms(fields: &[(String, Vec<String>)]) -> Vec<Hostile> {
    let fields = if fields.is_empty() { &ANY } else { fields };
    let acts: Vec<&str> = fields
        .iter()
        .filter(|(name, _)| name == "viec")
        .flat_map(|(_, values)| values.iter().map(String::as_str))
        .filter(|act| !["khoa-han"].contains(act))
        .chain([""])
        .collect();
    let mut made = Vec::new();
    for (at, value) in VALUES.iter().enumerate() {
        // Each act meets every value over time; each value meets a few acts on each page.
        let some = acts.iter().skip(at % 3).step_by(3).take(2);
        for act in some.chain([&""]) {
            let pairs = fields.iter().map(|(name, _)| match name.as_str() {
                "viec" if !act.is_empty() => format!("viec={act}"),
                "khoa" => format!("khoa=k{at}-{act}"),
                name if is_secret(name) => format!("{name}={MARK}"),
                name => format!("{name}={value}"),
            });
            let mut body = pairs.collect::<Vec<_>>().join("&");
            if at % 5 == 0 {
                body = format!("{body}&{body}");
            }
            made.push(hostile(&format!("{act:?} and {value}"), Some(FORM), body));
        }
    }
    made
}

/// Documents with the fields an operation is described with, each with wrong values.
pub(crate) async fn operations(site: &Site, path: &str) -> Vec<Hostile> {
    let described = site.get("/api/openapi.json", "").await.json();
    let content = &described["paths"][path]["post"]["requestBody"]["content"];
    let reference = content[JSON]["schema"]["$ref"].as_str().unwrap_or_default();
    let shape = reference.rsplit('/').next().unwrap_or_default();
    let properties = &described["components"]["schemas"][shape]["properties"];
    let names: Vec<&String> = match properties.as_object() {
        Some(properties) => properties.keys().collect(),
        None => Vec::new(),
    };
    let values = [
        json!(null),
        json!(-1),
        json!(9_223_372_036_854_775_807_u64),
        json!(1e300),
        json!("\u{0}"),
        json!("'; drop table person;--"),
        json!("<script>alert(1)</script>"),
        json!("\u{202e}\u{301}"),
        json!("a\r\nX-Hostile: 1"),
        json!("a".repeat(500_000)),
        json!([[]]),
        json!({"a": {}}),
        json!(true),
        json!("9999-12-31"),
    ];
    let whole = values.iter().map(|value| {
        let pairs = names.iter().map(|name| ((*name).clone(), value.clone()));
        let mut body: serde_json::Map<String, Value> = pairs.collect();
        body.insert("month".into(), json!("2024-05"));
        body.insert("area".into(), json!("51"));
        let name = value.to_string();
        let name = name.chars().take(40).collect::<String>();
        hostile(&name, Some(JSON), Value::Object(body).to_string())
    });
    let lines = hostile(
        "lines",
        Some("application/x-ndjson"),
        "{}\n\u{0}\n[]\nnull\n",
    );
    whole.chain([lines]).collect()
}
