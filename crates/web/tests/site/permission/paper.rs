//! The matrix as a paper: every way in, what it is for, and what each role was answered.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use axum::http::StatusCode;
use kernel::actor::Role;
use serde_json::Value;

use crate::client::Answer;

/// What a request met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// It was done or shown.
    Done,
    /// Taken as theirs to do; what was sent was not enough to do it.
    Admitted,
    /// Nothing is there, or nothing they may know of.
    Nothing,
    Refused,
}

impl Met {
    pub(crate) fn of(answer: &Answer) -> Met {
        let to_sign_in = answer.header("location").starts_with("/dang-nhap");
        match answer.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Met::Refused,
            StatusCode::SEE_OTHER if to_sign_in => Met::Refused,
            StatusCode::NOT_FOUND => Met::Nothing,
            // Allowed; the program that prints is not there in tests.
            StatusCode::SERVICE_UNAVAILABLE => Met::Done,
            status if status.is_client_error() => Met::Admitted,
            status => {
                assert!(!status.is_server_error(), "{status}: {}", answer.body);
                Met::Done
            }
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Met::Done => "✓",
            Met::Admitted => "◐",
            Met::Nothing => "○",
            Met::Refused => "–",
        }
    }
}

/// A way in and what each of the askers met, in the own area and in another.
pub(crate) struct Row {
    pub(crate) method: String,
    pub(crate) path: &'static str,
    pub(crate) met: Vec<(Met, Met)>,
}

const HEAD: &str = "# Ai được làm gì, ở đâu

Tệp này do phép thử `permission::who_may_do_what_where` của `crates/web/tests/site` viết: nó gọi từng đường vào của
hệ thống qua HTTP, với từng vai trò, trên dữ liệu của địa bàn mình (Quảng Ngãi) rồi của địa bàn khác (Đà Nẵng), và ghi lại
câu trả lời thật. Khác với tệp này thì phép thử không qua. Viết lại: `INSTA_UPDATE=always cargo nextest run -p web --test site -E 'test(who_may)'`.

Mỗi ô: **địa bàn mình / địa bàn khác**.

| Dấu | Nghĩa |
| --- | --- |
| ✓ | được: đã làm hoặc đã hiện |
| ◐ | được vào; yêu cầu mẫu thiếu nội dung nên chưa làm gì |
| ○ | không có gì ở đó, hoặc không có gì người này được biết |
| – | bị từ chối (403, 401, hoặc về trang đăng nhập) |

Trang không gắn với một địa bàn (tài khoản của mình, mẫu tệp, trang của người dân) trả lời như nhau ở hai ô. Bảng và danh sách không
nêu địa bàn chỉ có dữ liệu của địa bàn mình, kể cả con số và tệp tải về: phép thử `isolation` giữ điều đó.
";

/// The paper of the rows.
pub(crate) fn write(rows: &[Row], askers: &[(&str, Option<Role>)], described: &Value) -> String {
    let what = descriptions(described);
    let mut paper = HEAD.to_owned();
    let (api, pages): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.path.starts_with("/api/v1"));
    for (title, rows) in [("Trang", pages), ("Giao diện JSON", api)] {
        write!(paper, "\n## {title}\n\n| Phương thức | Đường dẫn | Việc |").expect("writes");
        for (_, role) in askers {
            let name = role.map_or("Không đăng nhập", Role::vietnamese);
            write!(paper, " {name} |").expect("writes");
        }
        let rule = " --- |".repeat(askers.len() + 3);
        writeln!(paper, "\n|{rule}").expect("writes");
        for row in rows {
            let key = format!("{} {}", row.method, row.path);
            let said = what.get(&key);
            let said = said.unwrap_or_else(|| panic!("say in permission/pages.txt what {key} is"));
            write!(paper, "| {} | `{}` | {said} |", row.method, row.path).expect("writes");
            for (own, other) in &row.met {
                write!(paper, " {}/{} |", own.sign(), other.sign()).expect("writes");
            }
            paper.push('\n');
        }
    }
    paper
}

/// What each way in is for: pages by the file beside, operations by their own description.
fn descriptions(described: &Value) -> BTreeMap<String, String> {
    let pages = include_str!("pages.txt").lines();
    let pages = pages.filter_map(|line| line.split_once(" | "));
    let mut what: BTreeMap<String, String> = pages
        .map(|(way, said)| (way.to_owned(), said.to_owned()))
        .collect();
    for (path, operations) in described["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let said = operation["summary"].as_str().unwrap_or_default();
            let said = said.trim_end_matches('.').replace(['|', '\n'], " ");
            what.insert(format!("{} {path}", method.to_uppercase()), said);
        }
    }
    what
}

/// Holds the committed paper to this one, or writes it when asked to.
pub(crate) fn hold(paper: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, paper).expect("writes");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = committed
        .lines()
        .zip(paper.lines())
        .find(|(committed, now)| committed != now);
    assert!(
        committed == paper,
        "docs/permissions.md is not what was answered, first here: {differs:?}"
    );
}
