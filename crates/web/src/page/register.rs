//! The number book of a year: which papers went out under which number.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use casework::register::{self, Entry, Filter, Kind};
use documents::board_workbook::{Board, Value, write};
use documents::format;
use kernel::Month;
use serde::Deserialize;

use super::import::XLSX;
use super::{Page, attachment, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, READERS, Section};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    nam: String,
    loai: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    areas: Vec<Choice>,
    code: String,
    name: String,
    year: i16,
    kind: Option<Kind>,
    entries: Vec<Entry>,
    paging: Paging,
}

impl RegisterPage {
    fn query(&self) -> String {
        let (area, kind) = (encode(&self.code), self.kind.map_or("", Kind::code));
        format!("dia-ban={area}&nam={}&loai={kind}", self.year)
    }

    fn with(&self, page: &i64) -> String {
        format!("/so-van-ban?{}&trang={page}", self.query())
    }

    fn is_offered(&self) -> bool {
        self.areas.iter().any(|choice| choice.code == self.code)
    }

    fn is_chosen(&self, kind: &Kind) -> bool {
        self.kind == Some(*kind)
    }
}

/// A kind by its code, as users see it.
pub(crate) fn kind_name(code: &str) -> &str {
    Kind::from_code(code).map_or(code, |kind| kind.vietnamese())
}

/// What was asked for, where nothing else is said the reader's own area and this year.
fn asked(server: &Server, who: &SignedIn, wanted: &Wanted) -> (Vec<Choice>, Filter) {
    let today = server.clock.today();
    let areas = area::offered(&who.actor, READERS, Month::of(today));
    let first = areas.first().map(|choice| choice.code.clone());
    let area = match wanted.dia_ban.as_str() {
        "" => first.unwrap_or_else(|| "VN".to_owned()),
        code => code.to_owned(),
    };
    let year = wanted.nam.trim().parse().unwrap_or(today.year());
    let filter = Filter {
        area,
        year,
        kind: Kind::from_code(&wanted.loai),
        ..Filter::default()
    };
    (areas, filter)
}

/// `GET /so-van-ban`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let (areas, mut filter) = asked(&server, &who, &wanted);
    let number = wanted.trang.get();
    (filter.offset, filter.limit) = (Paging::offset(number), ROWS);
    let (entries, count) = register::book(&server.pool, &who.actor, &filter).await?;
    page(&RegisterPage {
        frame: Frame::inside(&server, &who, Section::Book),
        name: area::name(&filter.area, Month::of(server.clock.today())),
        areas,
        code: filter.area,
        year: filter.year,
        kind: filter.kind,
        entries,
        paging: Paging {
            page: number,
            count,
        },
    })
}

/// `GET /so-van-ban/xuat.xlsx`: the whole book.
pub(crate) async fn workbook(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let (_, mut filter) = asked(&server, &who, &wanted);
    filter.limit = i64::from(i32::MAX);
    let (entries, _) = register::book(&server.pool, &who.actor, &filter).await?;
    let told = ("register", Some(filter.area.as_str()));
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "lines": entries.len() }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let row = |entry: Entry| {
        vec![
            Value::Text(entry.written),
            Value::Text(format::date(entry.day)),
            Value::Text(kind_name(&entry.kind).to_owned()),
            Value::Text(entry.area),
            Value::Text(entry.dossiers.join(", ")),
            Value::Text(entry.given_by),
        ]
    };
    let name = area::name(&filter.area, Month::of(server.clock.today()));
    let board = Board {
        title: format!("Sổ văn bản đi năm {}, {name}", filter.year),
        notes: vec![format!("Xuất ngày {}", format::date(server.clock.today()))],
        columns: vec![
            ("Số, ký hiệu", 18),
            ("Ngày văn bản", 14),
            ("Loại", 14),
            ("Cơ quan", 44),
            ("Hồ sơ", 34),
            ("Người cấp số", 18),
        ],
        rows: entries.into_iter().map(row).collect(),
        total: Vec::new(),
    };
    let mut body = std::io::Cursor::new(Vec::new());
    write(&board, &mut body).map_err(|error| Failure::internal(&error))?;
    let kept_as = format!("so-van-ban-{}.xlsx", filter.year);
    Ok(attachment(XLSX, &kept_as, body.into_inner()))
}

impl From<register::Refused> for Failure {
    fn from(refused: register::Refused) -> Failure {
        match refused {
            register::Refused::Denied(denied) => denied.into(),
            register::Refused::Database(_) => Failure::internal(&refused),
            told => Failure::refused(told.code(), sentence(&told.to_string())),
        }
    }
}
