//! What a list holds, and what making, approving and verifying it came to.

use kernel::Actor;
use payments::verify::Verdict;
use payments::{Approved, Made, Office, ShownLine};
use serde::Serialize;

use super::Of;
use super::rows::Rows;
use crate::exit::Exit;
use crate::output::Format;

/// A line as plain columns.
#[derive(Serialize)]
struct Line<'a> {
    line: &'a str,
    person: &'a str,
    benefit: &'static str,
    kind: &'static str,
    for_month: String,
    amount: i64,
    coefficient: String,
    standard: i64,
    channel: &'static str,
    reason: &'static str,
    law: String,
}

impl<'a> From<&'a ShownLine> for Line<'a> {
    fn from(line: &'a ShownLine) -> Line<'a> {
        Line {
            line: &line.line,
            person: &line.person,
            benefit: line.benefit.code(),
            kind: line.kind.code(),
            for_month: line.for_month.to_string(),
            amount: line.amount.value(),
            coefficient: line.coefficient.to_string(),
            standard: line.standard.value(),
            channel: line.channel.map_or("", |channel| channel.code()),
            reason: line.reason.map_or("", |reason| reason.code()),
            law: line.law.join("; "),
        }
    }
}

/// Prints the lines one by one, however many there are.
pub async fn lines(
    office: &Office<'_>,
    actor: &Actor,
    of: &Of,
    format: Format,
) -> anyhow::Result<Exit> {
    let mut rows = Rows::new(format)?;
    let take = |line: ShownLine| match format {
        Format::Csv | Format::Table => rows.plain(&Line::from(&line)),
        _ => rows.object(&line),
    };
    payments::show(office, actor, of.month, &of.area, take).await?;
    rows.finish()?;
    Ok(Exit::Done)
}

/// Says what making a list came to.
pub fn made(made: &Made) {
    let header = &made.header;
    eprintln!(
        "Đã lập danh sách tháng {} của {}: {} người, {} dòng, phải chi {} đồng, phải thu hồi {} đồng.",
        header.month,
        place(&header.area),
        header.people,
        header.lines,
        header.payable,
        header.recoverable
    );
    if made.left_out > 0 {
        eprintln!(
            "{} người đã có trong danh sách khác của tháng nên không đưa vào danh sách này.",
            made.left_out
        );
    }
    for month in &made.not_approved {
        eprintln!(
            "Cảnh báo: danh sách tháng {month} chưa duyệt; tiền của tháng đó đang nằm ở truy lĩnh."
        );
    }
    eprintln!("Bản nháp: xem bằng ansinh list show, so sánh bằng ansinh list changes.");
}

/// Says what was approved.
pub fn approved(approved: &Approved) {
    let header = &approved.header;
    eprintln!(
        "Đã duyệt danh sách tháng {} của {}: {} người, {} đồng. Dấu kiểm tra: {}",
        header.month,
        place(&header.area),
        header.people,
        header.payable,
        fingerprint(&header.lines_fingerprint)
    );
    if approved.events_since > 0 {
        eprintln!(
            "Từ lúc lập đã có thêm {} thay đổi; phần chênh lệch sẽ nằm trong danh sách tháng sau.",
            approved.events_since
        );
    }
}

/// Says whether the list is what its sources make.
pub fn verdict(verdict: &Verdict) -> Exit {
    if verdict.holds() {
        eprintln!(
            "Danh sách tháng {} của {} tính lại từ đầu ra đúng như đã lưu: {} dòng, {} đồng.",
            verdict.header.month,
            place(&verdict.header.area),
            verdict.header.lines,
            verdict.header.payable
        );
        return Exit::Done;
    }
    if !verdict.same_law {
        eprintln!("Bộ quy định pháp luật đã khác với lúc lập danh sách.");
    }
    if !verdict.same_inputs {
        eprintln!("Dữ liệu đầu vào (đối tượng, các danh sách trước) khác với lúc lập danh sách.");
    }
    if !verdict.untouched {
        eprintln!("Các dòng đang lưu không phải là các dòng đã lập: dữ liệu đã bị sửa.");
    }
    if !verdict.differing.is_empty() {
        eprintln!("Các dòng khác đầu tiên: {}", verdict.differing.join(", "));
    } else if !verdict.same_lines {
        eprintln!("Các dòng tính lại khác với các dòng đã lập.");
    }
    Exit::Refused
}

/// How an area is called in messages.
pub fn place(area: &str) -> String {
    match area {
        "" => "cả nước".to_owned(),
        code => format!("địa bàn {code}"),
    }
}

fn fingerprint(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
