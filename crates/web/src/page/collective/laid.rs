//! Decisions for many on the way to their number: the rows as proposed, the leader's answers, the records
//! office's numbers, several at once.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use casework::collective::{self, Answer, CollectiveRefused, Laid, ShownRow, State as Stands};
use registry::sight::Shown;

use super::setting;
use crate::Server;
use crate::area;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::page::collective::read::Wanted;
use crate::page::dossier::act::day;
use crate::page::{Page, page};
use crate::paging::{Paging, ROWS};

#[derive(Template)]
#[template(path = "collective_laid.html")]
struct LaidPage {
    frame: Frame,
    done: bool,
    laid: Laid,
    area: String,
    /// Whether the rows still are those that were proposed.
    same: bool,
    rows: Vec<ShownRow>,
    paging: Paging,
}

impl LaidPage {
    fn benefit(&self, shown: &Shown) -> &str {
        match shown {
            Shown::Benefit(benefit) => self.frame.benefit(benefit),
            Shown::Hidden => "Trợ giúp khác",
        }
    }

    fn is_stale(&self) -> bool {
        !self.same && !matches!(self.laid.state, Stands::Numbered { .. })
    }

    fn state(&self) -> String {
        state(&self.laid)
    }
}

/// Where a proposal stands, in words.
pub(crate) fn state(laid: &Laid) -> String {
    match &laid.state {
        Stands::Waiting => "chờ lãnh đạo".to_owned(),
        Stands::Agreed { by } => format!("{by} đã đồng ý, chờ vào sổ"),
        Stands::Returned { by, reason } => format!("{by} trả lại: {reason}"),
        Stands::Changed => "dữ liệu đã thay đổi sau khi trình: hãy xem lại và trình lại".to_owned(),
        Stands::Numbered { .. } => "đã vào sổ".to_owned(),
    }
}

/// `GET /quyet-dinh-chung/trinh/{number}`: a proposal with its people.
pub(crate) async fn one(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let turn = wanted.trang.get();
    let part = (Paging::offset(turn), ROWS);
    let found = collective::laid_rows(&setting(&server), &who.actor, number, part).await?;
    let (laid, rows, count, same) = found;
    page(&LaidPage {
        frame: Frame::inside(&server, &who, Section::Collective),
        done: wanted.xong == "1",
        area: area::name(&laid.area, laid.month),
        laid,
        same,
        rows,
        paging: Paging { page: turn, count },
    })
}

#[derive(Template)]
#[template(path = "collective_report.html")]
struct ReportPage {
    frame: Frame,
    name: &'static str,
    back: &'static str,
    /// Number of the proposal, what came of it, whether it was done.
    rows: Vec<(i64, String, bool)>,
}

type Fields = Vec<(String, String)>;

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(field, _)| field == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn chosen(fields: &Fields) -> Result<Vec<i64>, Failure> {
    let ticked = fields.iter().filter(|(name, _)| name == "chon");
    let numbers: Result<Vec<i64>, _> = ticked.map(|(_, value)| value.parse()).collect();
    let why = "Danh sách đã chọn không đúng, hãy chọn lại";
    let mut numbers = numbers.map_err(|_| Failure::bad_request(why))?;
    numbers.dedup();
    match numbers.is_empty() {
        true => Err(Failure::refused("nothing_chosen", "Chưa đánh dấu việc nào")),
        false => Ok(numbers),
    }
}

/// What came of one, in a sentence; what fails otherwise ends all.
fn told(
    number: i64,
    done: Result<String, CollectiveRefused>,
) -> Result<(i64, String, bool), Failure> {
    match done {
        Ok(done) => Ok((number, done, true)),
        Err(CollectiveRefused::Failed(error)) => Err(Failure::internal(&error)),
        Err(CollectiveRefused::ChangedSince) => {
            let why = "Dữ liệu đã thay đổi sau khi lãnh đạo đồng ý nên không ghi gì; việc này trở lại cán bộ để xem và trình lại";
            Ok((number, why.to_owned(), false))
        }
        Err(refused) => Ok((number, sentence(&refused.to_string()), false)),
    }
}

/// `POST /trinh-ky/chung`: the leader agrees with those ticked, or sends them back.
pub(crate) async fn answer(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(fields): Form<Fields>,
) -> Page {
    let (answer, name) = match field(&fields, "viec") {
        "dong-y" => (Answer::Agreed, "Đồng ý với quyết định chung"),
        "tra-lai" => {
            let reason = field(&fields, "ly_do").to_owned();
            (Answer::Returned(reason), "Trả lại quyết định chung")
        }
        _ => return Err(Failure::bad_request("Không rõ cần làm việc gì")),
    };
    let said = match answer {
        Answer::Agreed => "Đã đồng ý, chờ vào sổ",
        Answer::Returned(_) => "Đã trả lại",
    };
    let mut rows = Vec::new();
    for number in chosen(&fields)? {
        let done = collective::answer(&setting(&server), &who.actor, number, &answer).await;
        rows.push(told(number, done.map(|()| said.to_owned()))?);
    }
    report(&server, &who, Section::Sign, name, rows)
}

/// `POST /vao-so/chung`: the records office numbers those ticked, each with the next number.
pub(crate) async fn number(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(fields): Form<Fields>,
) -> Page {
    let (day, all) = (day("Ngày ký", field(&fields, "ngay"))?, setting(&server));
    let mut rows = Vec::new();
    for number in chosen(&fields)? {
        let done = match collective::number(&all, &who.actor, number, day).await {
            Ok(done) => collective::one(&server.pool, &who.actor, done.collective_no)
                .await
                .map(|told| format!("Đã vào sổ: số {}, {} người", told.number, told.people)),
            Err(refused) => Err(refused),
        };
        rows.push(told(number, done)?);
    }
    let name = "Vào sổ quyết định chung";
    report(&server, &who, Section::Register, name, rows)
}

fn report(
    server: &Server,
    who: &SignedIn,
    section: Section,
    name: &'static str,
    rows: Vec<(i64, String, bool)>,
) -> Page {
    page(&ReportPage {
        back: match section {
            Section::Register => "/vao-so",
            _ => "/trinh-ky",
        },
        frame: Frame::inside(server, who, section),
        name,
        rows,
    })
}

/// Name of the area of a proposal.
pub(crate) fn area_of(laid: &Laid) -> String {
    area::name(&laid.area, laid.month)
}
