//! Moves as both places see them: what comes and waits, what goes and waits, what is overdue; and the
//! answer to one.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use casework::transfer::{self, Answer, Direction, Filter, Mover, State as Standing, Told};
use documents::board_workbook::{self, Board, Value};
use documents::format;
use jiff::civil::Date;
use kernel::Month;
use kernel::actor::Role;
use kernel::area::Areas;
use registry::event::Decision;
use serde::Deserialize;

use super::import::XLSX;
use super::{Page, attachment, leads_on, page, read_day};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice, commune_name};
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    chieu: String,
    #[serde(rename = "tinh-trang")]
    tinh_trang: String,
    trang: PageNumber,
}

const DIRECTIONS: [(&str, &str, Direction); 2] = [
    ("den", "Chuyển đến", Direction::In),
    ("di", "Chuyển đi", Direction::Out),
];
const STANDINGS: [(&str, &str, Standing); 4] = [
    ("cho", "Chờ nơi đến trả lời", Standing::Waiting),
    ("qua-han", "Quá hạn trả lời", Standing::Overdue),
    ("xong", "Đã trả lời", Standing::Answered),
    ("tat-ca", "Tất cả", Standing::Any),
];

/// What the address asks for.
struct Asked {
    code: String,
    direction: &'static str,
    standing: &'static str,
    filter: Filter,
}

impl Wanted {
    fn asked(&self, who: &SignedIn, month: Month) -> (Asked, Vec<Choice>) {
        let areas = area::offered(&who.actor, READERS, month);
        let first = areas.first().map(|choice| choice.code.clone());
        let code = match self.dia_ban.as_str() {
            "" => first.unwrap_or_else(|| "VN".to_owned()),
            code => code.to_owned(),
        };
        let direction = DIRECTIONS.iter().find(|(name, ..)| *name == self.chieu);
        let standing = STANDINGS.iter().find(|(name, ..)| *name == self.tinh_trang);
        let (direction, standing) = (
            direction.unwrap_or(&DIRECTIONS[0]),
            standing.unwrap_or(&STANDINGS[0]),
        );
        let filter = Filter {
            area: code.clone(),
            direction: direction.2,
            state: standing.2,
            ..Filter::default()
        };
        let asked = Asked {
            code,
            direction: direction.0,
            standing: standing.0,
            filter,
        };
        (asked, areas)
    }
}

impl Asked {
    fn query(&self) -> String {
        let area = encode(&self.code);
        format!(
            "dia-ban={area}&chieu={}&tinh-trang={}",
            self.direction, self.standing
        )
    }
}

#[derive(Template)]
#[template(path = "transfers.html")]
struct TransfersPage {
    frame: Frame,
    areas: Vec<Choice>,
    name: String,
    asked: Asked,
    rows: Vec<Told>,
    paging: Paging,
    today: Date,
}

impl TransfersPage {
    /// Whether the area is among those to choose from.
    fn is_offered(&self) -> bool {
        self.areas
            .iter()
            .any(|choice| choice.code == self.asked.code)
    }

    fn address(&self, page: &i64) -> String {
        format!("/chuyen-di-den?{}&trang={page}", self.asked.query())
    }
}

/// `GET /chuyen-di-den`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let today = server.clock.today();
    let (mut asked, areas) = wanted.asked(&who, Month::of(today));
    let number = wanted.trang.get();
    (asked.filter.offset, asked.filter.limit) = (Paging::offset(number), ROWS);
    let (pool, clock) = (&server.pool, &server.clock);
    let found = transfer::list(pool, &who.actor, clock, &asked.filter).await?;
    page(&TransfersPage {
        frame: Frame::inside(&server, &who, Section::Transfers),
        name: area::name(&asked.code, Month::of(today)),
        areas,
        asked,
        paging: Paging {
            page: number,
            count: found.count,
        },
        rows: found.rows,
        today,
    })
}

/// Rows of one Excel file at most.
const FILE: i64 = 100_000;

/// `GET /chuyen-di-den/xuat/xlsx`.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(form): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    if form != "xlsx" {
        return Err(Failure::not_found());
    }
    let today = server.clock.today();
    let (mut asked, _) = wanted.asked(&who, Month::of(today));
    asked.filter.limit = FILE;
    let (pool, clock) = (&server.pool, &server.clock);
    let found = transfer::list(pool, &who.actor, clock, &asked.filter).await?;
    let told = ("transfers", Some(asked.code.as_str()));
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "lines": found.rows.len() }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let name = area::name(&asked.code, Month::of(today));
    let board = Board {
        title: "Người chuyển nơi cư trú giữa các địa bàn chi trả".to_owned(),
        notes: vec![name, format!("Lập {}", format::moment(server.clock.now()))],
        columns: vec![
            ("Số", 8),
            ("Họ và tên", 28),
            ("Nơi đi", 30),
            ("Nơi đến", 30),
            ("Ngày đề nghị", 14),
            ("Tháng cuối nơi đi", 14),
            ("Quyết định thôi chi trả", 24),
            ("Hạn trả lời", 14),
            ("Kết quả", 22),
        ],
        rows: found.rows.iter().map(|told| cells(told, today)).collect(),
        total: Vec::new(),
    };
    let mut body = std::io::Cursor::new(Vec::new());
    board_workbook::write(&board, &mut body).map_err(|error| Failure::internal(&error))?;
    let name = format!("chuyen-{}-{}.xlsx", asked.direction, asked.code);
    Ok(attachment(XLSX, &name, body.into_inner()))
}

fn cells(told: &Told, today: Date) -> Vec<Value> {
    let result = match &told.answer {
        Some(answer) => transfer::vietnamese(answer),
        None if told.is_overdue(today) => "Quá hạn",
        None => "Chờ trả lời",
    };
    let texts = [
        told.full_name.clone(),
        commune_name(&told.from),
        commune_name(&told.to),
        format::date(told.asked_on),
        format::month(told.last_month),
        format!("{}, {}", told.stopped_by.0, format::date(told.stopped_by.1)),
        format::date(told.due_on),
        result.to_owned(),
    ];
    let mut cells = vec![Value::Number(told.transfer_no)];
    cells.extend(texts.into_iter().map(Value::Text));
    cells
}

#[derive(Template)]
#[template(path = "transfer_one.html")]
struct OnePage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    told: Told,
    /// Only for officers of one of the places.
    mover: Option<Mover>,
    today: Date,
    /// Whether the reader keeps the registry at the new place, and at the old one.
    answers: bool,
    withdraws: bool,
    key: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    xong: String,
}

/// `GET /chuyen-di-den/{number}`.
pub(crate) async fn one(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<i64>,
    Query(done): Query<Done>,
) -> Page {
    let done = if done.xong == "1" { "Đã ghi." } else { "" };
    page(&one_page(&server, &who, number, None, done).await?)
}

async fn one_page(
    server: &Server,
    who: &SignedIn,
    number: i64,
    error: Option<String>,
    done: &'static str,
) -> Result<OnePage, Failure> {
    let told = transfer::one(&server.pool, &who.actor, &server.clock, number).await?;
    let keeps = |(code, since): &(String, Date)| {
        let area = Areas::embedded().get(code, *since);
        area.is_some_and(|area| access::holds_in(&who.actor, &[Role::Officer], area))
    };
    let open = told.answer.is_none();
    let mover = match keeps(&told.to) || keeps(&told.from) {
        true => Some(transfer::mover(&server.pool, &who.actor, &told).await?),
        false => None,
    };
    Ok(OnePage {
        mover,
        frame: Frame::inside(server, who, Section::Transfers).telling(error.as_ref()),
        error,
        done,
        answers: open && keeps(&told.to),
        withdraws: open && keeps(&told.from),
        told,
        today: server.clock.today(),
        key: form_key(),
    })
}

/// The answer as filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    khoa: String,
    viec: String,
    so: String,
    ngay_ky: String,
    nguoi_ky: String,
    ly_do: String,
}

impl Filled {
    fn answer(&self) -> Result<Answer, Failure> {
        let reason = self.ly_do.clone();
        match self.viec.as_str() {
            "nhan" => {
                let date = read_day(self.ngay_ky.trim()).ok_or_else(|| {
                    let why = "Ngày ký chưa đúng: ghi dạng 31/12/2024";
                    Failure::refused("malformed", why)
                })?;
                Ok(Answer::Accept {
                    decision: Decision {
                        number: self.so.trim().to_owned(),
                        date,
                        signed_by: Some(self.nguoi_ky.trim().to_owned()),
                    },
                })
            }
            "khong-nhan" => Ok(Answer::Refuse { reason }),
            "rut" => Ok(Answer::Withdraw { reason }),
            _ => Err(Failure::bad_request("Không rõ cần làm việc gì")),
        }
    }
}

/// `POST /chuyen-di-den/{number}`: accepted, refused, or taken back.
pub(crate) async fn answer(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<i64>,
    Form(filled): Form<Filled>,
) -> Page {
    let work = async {
        let answer = filled.answer()?;
        transfer::answer(&server.pool, &who.actor, &server.clock, number, &answer).await?;
        Ok(format!("/chuyen-di-den/{number}?xong=1"))
    };
    let text = format!(
        "{} {} {} {} {}",
        filled.viec, filled.so, filled.ngay_ky, filled.nguoi_ky, filled.ly_do
    );
    let request = ["transfer answer", &number.to_string(), &text];
    let done = form_once(&server, &who.actor, &filled.khoa, &request, work).await;
    let shown = async |error| one_page(&server, &who, number, Some(error), "").await;
    leads_on(done, shown).await
}
