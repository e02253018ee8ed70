//! A recorded decision with its people, on the page and as Excel.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use casework::collective::{self, ShownRow, Told};
use documents::board_workbook::{self, Board, Value};
use documents::format;
use registry::sight::Shown;
use serde::Deserialize;

use crate::Server;
use crate::area::{self, commune_name};
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::import::XLSX;
use crate::page::{Page, attachment, page};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Template)]
#[template(path = "collective_one.html")]
struct OnePage {
    frame: Frame,
    done: bool,
    told: Told,
    area: String,
    rows: Vec<ShownRow>,
    paging: Paging,
}

impl OnePage {
    fn benefit(&self, shown: &Shown) -> &str {
        match shown {
            Shown::Benefit(benefit) => self.frame.benefit(benefit),
            Shown::Hidden => "Trợ giúp khác",
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    pub(super) trang: PageNumber,
    pub(super) xong: String,
}

/// `GET /quyet-dinh-chung/{number}`.
pub(crate) async fn one(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let told = collective::one(&server.pool, &who.actor, number).await?;
    let turn = wanted.trang.get();
    let part = (Paging::offset(turn), ROWS);
    let (rows, count) = collective::rows(&server.pool, &who.actor, number, part).await?;
    page(&OnePage {
        frame: Frame::inside(&server, &who, Section::Collective),
        done: wanted.xong == "1",
        area: area::name(&told.area, told.month),
        told,
        rows,
        paging: Paging { page: turn, count },
    })
}

/// Rows of one Excel file at most: what a sheet holds.
const FILE: i64 = 1_000_000;

/// `GET /quyet-dinh-chung/{number}/xuat/{form}`: `xlsx`.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((number, form)): Path<(i64, String)>,
) -> Page {
    if form != "xlsx" {
        return Err(Failure::not_found());
    }
    let told = collective::one(&server.pool, &who.actor, number).await?;
    let (rows, _) = collective::rows(&server.pool, &who.actor, number, (0, FILE)).await?;
    let object = format!("collective {number}");
    let about = (object.as_str(), Some(told.area.as_str()));
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "lines": rows.len() }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, about, more).await?;
    let signed = format::date(told.signed_on);
    let cells = |row: &ShownRow| {
        let benefit = match row.benefit {
            Shown::Benefit(benefit) => server.law.name(benefit),
            Shown::Hidden => "Trợ giúp khác",
        };
        vec![
            Value::Text(format!("#{}", row.person)),
            Value::Text(row.full_name.clone()),
            Value::Text(commune_name(&row.commune)),
            Value::Text(benefit.to_owned()),
            Value::Number(row.old.0),
            Value::Number(row.new.0),
            Value::Text(row.law.clone()),
        ]
    };
    let board = Board {
        title: format!("Danh sách kèm Quyết định {} ngày {signed}", told.number),
        notes: vec![
            area::name(&told.area, told.month),
            format!(
                "{}, mức mới từ tháng {}",
                collective::vietnamese(&told.kind),
                format::month(told.month)
            ),
        ],
        columns: vec![
            ("Số hồ sơ", 10),
            ("Họ và tên", 28),
            ("Xã", 30),
            ("Chính sách", 34),
            ("Mức cũ (đồng)", 14),
            ("Mức mới (đồng)", 14),
            ("Căn cứ", 50),
        ],
        rows: rows.iter().map(cells).collect(),
        total: vec![
            Value::Text("Cộng".to_owned()),
            Value::Text(String::new()),
            Value::Text(String::new()),
            Value::Text(String::new()),
            Value::Number(told.old_total.0),
            Value::Number(told.new_total.0),
            Value::Text(String::new()),
        ],
    };
    let mut body = std::io::Cursor::new(Vec::new());
    board_workbook::write(&board, &mut body).map_err(|error| Failure::internal(&error))?;
    let name = format!("quyet-dinh-chung-{number}.xlsx");
    Ok(attachment(XLSX, &name, body.into_inner()))
}
