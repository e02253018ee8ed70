//! Who is paid differently next month by time and law alone, a month ahead: ages, children, ends of
//! schooling; and where to find authorisations that end.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use documents::board_workbook::{self, Board, Value};
use documents::format;
use kernel::Month;
use payments::{Cause, Refused, Upcoming};
use registry::payee::Concern;
use registry::sight::HANDLERS;
use serde::Deserialize;

use super::import::XLSX;
use super::months::read_month;
use super::{Page, attachment, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::paging::{PageNumber, Paging, cut};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    thang: String,
    #[serde(rename = "vi-sao")]
    vi_sao: String,
    trang: PageNumber,
}

/// The list that is looked at, before it is cut to pages.
struct Found {
    code: String,
    month: Month,
    /// How many people each cause concerns, most first.
    causes: Vec<(&'static str, &'static str, usize)>,
    rows: Vec<Upcoming>,
    handler: bool,
}

const OTHER: (&str, &str) = ("other", "Khác");

fn cause_of(change: &Upcoming) -> (&'static str, &'static str) {
    change
        .cause
        .map_or(OTHER, |cause: Cause| (cause.code(), cause.vietnamese()))
}

async fn find(server: &Server, who: &SignedIn, wanted: &Wanted) -> Result<Found, Failure> {
    let today = Month::of(server.clock.today());
    let month = read_month(&wanted.thang).unwrap_or(today);
    let code = match wanted.dia_ban.as_str() {
        "" => {
            let offered = area::offered(&who.actor, READERS, today);
            offered
                .first()
                .map_or_else(|| "VN".to_owned(), |choice| choice.code.clone())
        }
        code => code.to_owned(),
    };
    let mut rows: Vec<Upcoming> = Vec::new();
    let mut causes: Vec<(&'static str, &'static str, usize)> = Vec::new();
    let take = |change: Upcoming| {
        let (cause, words) = cause_of(&change);
        match causes.iter_mut().find(|(known, ..)| *known == cause) {
            Some((.., people)) => *people += 1,
            None => causes.push((cause, words, 1)),
        }
        if wanted.vi_sao.is_empty() || wanted.vi_sao == cause {
            rows.push(change);
        }
        Ok::<(), Refused>(())
    };
    payments::upcoming(&server.office(), &who.actor, month, &code, take).await?;
    causes.sort_by_key(|(.., people)| std::cmp::Reverse(*people));
    Ok(Found {
        handler: access::holds(&who.actor, HANDLERS, &code),
        code,
        month,
        causes,
        rows,
    })
}

#[derive(Template)]
#[template(path = "soon.html")]
struct SoonPage {
    frame: Frame,
    areas: Vec<Choice>,
    name: String,
    found: Found,
    chosen: String,
    rows: Vec<Upcoming>,
    paging: Paging,
}

impl SoonPage {
    /// Whether the area is among those to choose from.
    fn is_offered(&self) -> bool {
        self.areas
            .iter()
            .any(|choice| choice.code == self.found.code)
    }

    fn query(&self) -> String {
        let area = encode(&self.found.code);
        format!(
            "dia-ban={area}&thang={}&vi-sao={}",
            self.found.month, self.chosen
        )
    }

    fn address(&self, page: &i64) -> String {
        format!("/sap-thay-doi?{}&trang={page}", self.query())
    }

    fn why(&self, change: &Upcoming) -> &'static str {
        cause_of(change).1
    }

    /// The concern whose list says whose authorisation ends.
    fn authorisations(&self) -> &'static str {
        Concern::AuthorisationEnds.code()
    }
}

/// `GET /sap-thay-doi`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let mut found = find(&server, &who, &wanted).await?;
    let (rows, paging) = cut(std::mem::take(&mut found.rows), wanted.trang.get());
    let today = Month::of(server.clock.today());
    page(&SoonPage {
        frame: Frame::inside(&server, &who, Section::Soon),
        areas: area::offered(&who.actor, READERS, today),
        name: area::name(&found.code, found.month),
        chosen: wanted.vi_sao,
        found,
        rows,
        paging,
    })
}

/// `GET /sap-thay-doi/xuat/xlsx`.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(form): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    if form != "xlsx" {
        return Err(Failure::not_found());
    }
    let found = find(&server, &who, &wanted).await?;
    let told = ("upcoming", Some(found.code.as_str()));
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "month": found.month }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let frame = Frame::inside(&server, &who, Section::Soon);
    let cells = |change: &Upcoming| {
        vec![
            Value::Text(format!("#{}", change.person_id)),
            Value::Text(change.full_name.clone()),
            Value::Text(
                frame
                    .benefit_for(&change.benefit, &found.handler)
                    .to_owned(),
            ),
            Value::Number(change.amount.0),
            Value::Number(change.next_amount.0),
            Value::Text(cause_of(change).1.to_owned()),
        ]
    };
    let board = Board {
        title: format!(
            "Người đổi mức hưởng từ tháng {}",
            format::month(found.month.next())
        ),
        notes: vec![
            area::name(&found.code, found.month),
            "Nếu không có gì khác được ghi: theo tuổi, thời hạn và quy định".to_owned(),
        ],
        columns: vec![
            ("Số hồ sơ", 10),
            ("Họ và tên", 28),
            ("Chính sách", 34),
            ("Tháng này (đồng)", 14),
            ("Tháng sau (đồng)", 14),
            ("Vì sao", 34),
        ],
        rows: found.rows.iter().map(cells).collect(),
        total: Vec::new(),
    };
    let mut body = std::io::Cursor::new(Vec::new());
    board_workbook::write(&board, &mut body).map_err(|error| Failure::internal(&error))?;
    let name = format!("sap-thay-doi-{}-{}.xlsx", found.month, found.code);
    Ok(attachment(XLSX, &name, body.into_inner()))
}
