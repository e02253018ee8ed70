//! The queue of work: what waits for an officer, filtered by the address, many at a time.

pub(crate) mod bulk;

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use casework::queue::{self, Counts, Item, Sort, Tab};
use casework::{procedure, regime};
use documents::board_workbook::{Board, Value, write};
use jiff::civil::Date;
use kernel::Month;
use serde::Deserialize;

use super::import::XLSX;
use super::{Page, attachment, page, read_day};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::paging::{PageNumber, Paging, ROWS};

/// Most rows of an Excel file, and most dossiers acted on at once.
pub(crate) const MOST: i64 = 5_000;

/// What an address of the queue asks for.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Asked {
    phan: String,
    dia_ban: String,
    thu_tuc: String,
    buoc: String,
    nguoi: String,
    nguon: String,
    han: String,
    xep: String,
    /// Ticket of what is looked for.
    t: String,
    trang: PageNumber,
}

impl Asked {
    /// As the queue wants it, with the words looked for.
    pub(crate) fn wanted(&self, text: String) -> queue::Wanted {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        queue::Wanted {
            area: self.dia_ban.clone(),
            tab: self.tab(),
            procedure: given(&self.thu_tuc),
            stage: given(&self.buoc),
            holder: given(&self.nguoi),
            from_one_stop: match self.nguon.as_str() {
                "mot-cua" => Some(true),
                "quay" => Some(false),
                _ => None,
            },
            due_by: read_day(self.han.trim()),
            text,
            sort: Sort::from_code(&self.xep).unwrap_or_default(),
        }
    }

    fn tab(&self) -> Tab {
        Tab::from_code(&self.phan).unwrap_or_default()
    }

    /// The same address with another part, order and page.
    fn query(&self, tab: Tab, sort: &str, page: i64) -> String {
        format!(
            "phan={}&dia-ban={}&thu-tuc={}&buoc={}&nguoi={}&nguon={}&han={}&xep={}&t={}&trang={page}",
            tab.code(),
            encode(&self.dia_ban),
            encode(&self.thu_tuc),
            encode(&self.buoc),
            encode(&self.nguoi),
            encode(&self.nguon),
            encode(&self.han),
            encode(sort),
            encode(&self.t)
        )
    }

    /// The rows of its page: so many passed over, so many shown.
    fn part(&self) -> (i64, i64) {
        (Paging::offset(self.trang.get()), ROWS)
    }

    /// The words looked for, as long as the server remembers them.
    pub(crate) fn text(&self, server: &Server, who: &SignedIn) -> String {
        let kept = server.searches.find(&who.actor.name, &self.t);
        kept.unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "work.html")]
struct WorkPage {
    frame: Frame,
    asked: Asked,
    text: String,
    areas: Vec<Choice>,
    counts: Counts,
    items: Vec<Item>,
    /// Fields both sides changed that wait for the reader.
    conflicts: i64,
    paging: Paging,
    today: Date,
}

impl WorkPage {
    fn tabs(&self) -> [(Tab, &'static str); 5] {
        Tab::SHOWN.map(|tab| (tab, name(tab)))
    }

    fn is_open(&self, tab: &Tab) -> bool {
        *tab == self.asked.tab()
    }

    fn tab_address(&self, tab: &Tab) -> String {
        format!("/viec?{}", self.asked.query(*tab, &self.asked.xep, 1))
    }

    fn with(&self, page: &i64) -> String {
        let query = self.asked.query(self.asked.tab(), &self.asked.xep, *page);
        format!("/viec?{query}")
    }

    fn sorted_by(&self, sort: &str) -> String {
        format!("/viec?{}", self.asked.query(self.asked.tab(), sort, 1))
    }

    fn sorted(&self, sort: &str) -> &'static str {
        let chosen = Sort::from_code(&self.asked.xep).unwrap_or_default();
        match chosen.code() == sort {
            true => "ascending",
            false => "none",
        }
    }

    fn excel(&self) -> String {
        let query = self.asked.query(self.asked.tab(), &self.asked.xep, 1);
        format!("/viec/xuat/xlsx?{query}")
    }

    fn query_now(&self) -> String {
        let page = self.paging.page;
        self.asked.query(self.asked.tab(), &self.asked.xep, page)
    }

    fn days_left(&self, day: &Date) -> String {
        left(self.today, *day)
    }

    /// Every stage once: code and name, by the name the law of today gives it.
    fn stages(&self) -> Vec<(&'static str, &'static str)> {
        let (now, other): (Vec<_>, Vec<_>) =
            regime::all().iter().partition(|it| it.holds_on(self.today));
        let mut stages: Vec<(&str, &str)> = Vec::new();
        for stage in now.into_iter().chain(other).flat_map(|it| &it.stages) {
            if stages.iter().all(|(code, _)| *code != stage.code) {
                stages.push((&stage.code, &stage.name));
            }
        }
        stages
    }
}

pub(crate) fn name(tab: Tab) -> &'static str {
    match tab {
        Tab::Mine => "Của tôi",
        Tab::Waiting => "Chờ tiếp nhận",
        Tab::Overdue => "Quá hạn",
        Tab::Returned => "Trả lại",
        Tab::All => "Tất cả",
        Tab::Agreement => "Chờ lãnh đạo",
        Tab::Number => "Chờ vào sổ",
    }
}

/// How many working days are left, or how many it is late.
pub(crate) fn left(today: Date, due: Date) -> String {
    use casework::deadline::working_days;
    match (due >= today, due == today) {
        (true, true) => "hết hạn hôm nay".to_owned(),
        (true, false) => format!("còn {} ngày làm việc", working_days(today, due, &[])),
        (false, _) => format!("quá {} ngày làm việc", working_days(due, today, &[])),
    }
}

/// `GET /viec`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    let text = asked.text(&server, &who);
    let wanted = asked.wanted(text.clone());
    let (pool, clock, number) = (&server.pool, &server.clock, asked.trang.get());
    let counts = queue::counts(pool, &who.actor, clock, &wanted).await?;
    let items = queue::items(pool, &who.actor, clock, &wanted, asked.part()).await?;
    let conflicts = exchange::conflict::count(pool, &who.actor, clock).await?;
    let today = clock.today();
    page(&WorkPage {
        frame: Frame::inside(&server, &who, Section::Work),
        conflicts,
        areas: area::offered(&who.actor, READERS, Month::of(today)),
        paging: Paging {
            page: number,
            count: counts.of(wanted.tab),
        },
        asked,
        text,
        counts,
        items,
        today,
    })
}

#[derive(Deserialize)]
pub(crate) struct Looked {
    #[serde(default)]
    tim: String,
    #[serde(default, rename = "dia-ban")]
    dia_ban: String,
}

/// `POST /viec/tim`: remembers what is looked for and leads to the result.
pub(crate) async fn look(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(looked): Form<Looked>,
) -> Result<impl IntoResponse, Failure> {
    let text: String = looked.tim.trim().chars().take(200).collect();
    let t = server.searches.keep(&who.actor.name, &text);
    let area = encode(&looked.dia_ban);
    let address = format!("/viec?phan=all&dia-ban={area}&t={t}");
    Ok(Redirect::to(&address))
}

/// `GET /viec/xuat/xlsx`: the rows of the part, as a file.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    let wanted = asked.wanted(asked.text(&server, &who));
    let clock = &server.clock;
    let part = (0, MOST + 1);
    let mut items = queue::items(&server.pool, &who.actor, clock, &wanted, part).await?;
    let mut notes = vec![format!(
        "Lập lúc {}",
        documents::format::moment(clock.now())
    )];
    if items.len() as i64 > MOST {
        items.truncate(MOST as usize);
        notes.push(format!("Chỉ {MOST} hồ sơ đầu: hãy lọc bớt để có đủ"));
    }
    let told = ("work", None);
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "lines": items.len() }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let mut body = Vec::new();
    let board = board(name(wanted.tab), notes, &items);
    write(&board, std::io::Cursor::new(&mut body)).map_err(|error| Failure::internal(&error))?;
    Ok(attachment(XLSX, "viec-can-lam.xlsx", body))
}

fn board(part: &str, notes: Vec<String>, items: &[Item]) -> Board {
    let text = |words: &str| Value::Text(words.to_owned());
    let day = |day: Option<Date>| Value::Text(day.map(documents::format::date).unwrap_or_default());
    let row = |item: &Item| {
        vec![
            text(&item.dossier),
            text(&item.applicant),
            text(&item.commune),
            text(procedure::name(&item.procedure)),
            day(Some(item.submitted_on)),
            text(item.stage_name()),
            text(item.holder_name()),
            day(item.due_on),
            text(if item.overdue { "quá hạn" } else { "" }),
        ]
    };
    let columns = vec![
        ("Mã hồ sơ", 30),
        ("Người nộp", 25),
        ("Xã", 22),
        ("Thủ tục", 40),
        ("Ngày nộp", 12),
        ("Bước", 30),
        ("Người giữ", 20),
        ("Hạn", 12),
        ("Quá hạn", 10),
    ];
    let mut total = vec![text("Cộng"), Value::Number(items.len() as i64)];
    total.resize(columns.len(), text(""));
    Board {
        title: format!("Việc cần làm: {part}"),
        notes,
        columns,
        rows: items.iter().map(row).collect(),
        total,
    }
}
