//! The audit log, for auditors: what they look for stands in the address, pages go on after the last
//! entry shown, and the chain can be verified from here.

mod filter;
mod shown;

use access::audit::{
    self, AUDITORS, Action, Group, LastCheck, LogEntry, Refused, last_check, read,
};
use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use documents::board_workbook::{self, Board, Value};
use documents::format;
use kernel::Month;

use super::import::XLSX;
use super::{Page, attachment, page, refused_page};
use crate::Server;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, Section};

use filter::Filter;
use shown::{area_name, field_name, object_link, object_name, origin_name, rest};

/// Entries on a page.
const PAGE: i64 = 50;
/// Entries in one Excel file.
const MOST: i64 = 50_000;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    asked: Filter,
    fault: Option<&'static str>,
    areas: Vec<Choice>,
    entries: Vec<LogEntry>,
    /// The last entry shown, if there may be more after it.
    last: Option<i64>,
    checked: Option<LastCheck>,
}

impl AuditPage {
    fn groups(&self) -> Vec<(Group, Vec<Action>)> {
        let within = |group: Group| {
            let actions = Action::ALL.iter().copied();
            actions.filter(|action| action.group() == group).collect()
        };
        let groups = Group::ALL.iter();
        groups.map(|group| (*group, within(*group))).collect()
    }

    fn is_asked(&self, code: &str) -> bool {
        self.asked.viec == code
    }
}

/// `GET /nhat-ky`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Filter>,
) -> Page {
    let frame = Frame::inside(&server, &who, Section::Audit);
    let month = Month::of(server.clock.today());
    let areas = area::offered(&who.actor, AUDITORS, month);
    let mut db = server.pool.acquire().await?;
    let checked = last_check(&mut db).await?;
    drop(db);
    let wanted = match asked.wanted(PAGE) {
        Ok(wanted) => wanted,
        Err(fault) => {
            return refused_page(&AuditPage {
                frame: frame.failed(),
                asked,
                fault: Some(fault),
                areas,
                entries: Vec::new(),
                last: None,
                checked,
            });
        }
    };
    let entries = read(&server.pool, &who.actor, &wanted).await?;
    let is_full = entries.len() as i64 == PAGE;
    let last = entries.last().filter(|_| is_full);
    page(&AuditPage {
        last: last.map(|entry| entry.entry_no),
        frame,
        asked,
        fault: None,
        areas,
        entries,
        checked,
    })
}

/// `POST /nhat-ky/kiem-tra`: recomputes the whole chain; what came of it is in the log itself.
pub(crate) async fn check(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Page {
    let turn = server.changes.acquire().await;
    let _turn = turn.map_err(|error| Failure::internal(&error))?;
    audit::check(&server.pool, &who.actor, &server.clock, None).await?;
    Ok(Redirect::to("/nhat-ky").into_response())
}

/// `GET /nhat-ky/xuat/{dạng}`: `xlsx`.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(form): Path<String>,
    Query(asked): Query<Filter>,
) -> Page {
    if form != "xlsx" {
        return Err(Failure::not_found());
    }
    let wanted = asked.wanted(MOST).map_err(Failure::bad_request)?;
    let entries = audit::export(&server.pool, &who.actor, &server.clock, &wanted, &form).await?;
    let board = board(&entries, format::moment(server.clock.now()));
    let mut body = std::io::Cursor::new(Vec::new());
    board_workbook::write(&board, &mut body).map_err(|error| Failure::internal(&error))?;
    let name = format!("nhat-ky-{}.xlsx", server.clock.today());
    Ok(attachment(XLSX, &name, body.into_inner()))
}

fn board(entries: &[LogEntry], now: String) -> Board {
    let mut notes = vec![format!("Xuất lúc {now}; cũ trước, mới sau")];
    if entries.len() as i64 == MOST {
        notes.push(format!("Chỉ {MOST} dòng mới nhất: hãy thu hẹp bộ lọc"));
    }
    let row = |entry: &LogEntry| {
        let text = |text: &str| Value::Text(text.to_owned());
        let changed: Vec<String> = audit::Named::all(&entry.detail)
            .iter()
            .map(|it| format!("{}: {} → {}", field_name(&it.field), it.old, it.new))
            .collect();
        let more: Vec<String> = rest(entry)
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        vec![
            Value::Number(entry.entry_no),
            Value::Text(format::moment(entry.at)),
            text(&entry.actor),
            Value::Text(entry.on_behalf_of()),
            text(entry.action_name()),
            Value::Text(object_name(&entry.object)),
            Value::Text(area_name(entry.area.as_deref())),
            Value::Text(origin_name(entry.origin.as_deref())),
            Value::Text(changed.join("; ")),
            Value::Text(more.join("; ")),
        ]
    };
    Board {
        title: "Nhật ký".to_owned(),
        notes,
        columns: vec![
            ("Số", 10),
            ("Thời điểm", 18),
            ("Người", 16),
            ("Thay mặt", 16),
            ("Việc", 28),
            ("Đối tượng", 26),
            ("Địa bàn", 24),
            ("Từ đâu", 18),
            ("Cũ → mới", 50),
            ("Thêm", 50),
        ],
        rows: entries.iter().map(row).collect(),
        total: Vec::new(),
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        match refused {
            Refused::Denied(denied) => denied.into(),
            Refused::Database(error) => error.into(),
        }
    }
}
