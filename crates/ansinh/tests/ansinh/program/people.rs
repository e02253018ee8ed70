//! Invented people as a stream of events.

use std::fmt::Write as _;

use uuid::Uuid;

/// A commune of Quảng Ngãi, before and after July 2025 in the province with code 51.
const COMMUNE: &str = "21010";

/// Events of `count` old people without a pension, registered and enrolled from January 2024, each
/// known to `source` by number from `first` on.
pub fn events(source: &str, first: usize, count: usize) -> String {
    let mut lines = String::new();
    for number in first..first + count {
        let event = |kind: &str| {
            let name = format!("{source}/{number}/{kind}");
            Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
        };
        let head = |kind: &str, effective: &str| {
            format!(
                r#""event_id":"{}","kind":"{kind}","person":"{number}","source":"{source}","effective":"{effective}""#,
                event(kind)
            )
        };
        let year = 1930 + number % 10;
        for body in [
            format!(
                r#"{},"full_name":"Người Thử {number}","birth_date":"{year}-03-05","sex":"female","ethnicity":"01","id_number":null,"area":"{COMMUNE}""#,
                head("person_registered", "2023-12-01")
            ),
            format!(
                r#"{},"fact_id":"hộ nghèo","fact":{{"kind":"poverty","status":"poor"}}"#,
                head("fact_started", "2023-12-01")
            ),
            format!(
                r#"{},"benefit":"older_80_without_pension","from":"2024-01","decision":{{"number":"1/QĐ-UBND","date":"2023-12-20","signed_by":"Chủ tịch"}}"#,
                head("enrolled", "2024-01-01")
            ),
        ] {
            writeln!(lines, "{{{body}}}").expect("text grows");
        }
    }
    lines
}

/// The same as a sheet: `count` people with a disability, of names no other sheet has.
pub fn sheet(name: &str, count: usize) -> String {
    let mut lines = String::from(
        "Mã xã,Họ và tên,Ngày sinh,Giới tính,Số định danh,Chính sách,Mức độ khuyết tật,Ngày xác nhận khuyết tật,Số quyết định,Ngày quyết định\n",
    );
    for number in 1..=count {
        let year = 1950 + number % 40;
        writeln!(
            lines,
            "{COMMUNE},{name} {number},05/03/{year},Nữ,,disability,Nặng,15/01/2023,12/QĐ,20/02/2023"
        )
        .expect("text grows");
    }
    lines
}
