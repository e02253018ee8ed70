//! The population database: how the people about to be paid stand, the latest checks, who asked.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Form};
use kernel::Month;
use population::due::ASKERS;
use population::log::{self, CheckRow, Filter, LOG_READERS, Row};
use population::{Due, Refused, Tally, Wanted, check, due};
use serde::Deserialize;

use super::{Page, page, refused_page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, READERS, Section};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(rename = "ket-qua")]
    ket_qua: String,
    trang: PageNumber,
}

/// People asked about from the page at once: in a minute or two where five requests a second are allowed.
const AT_ONCE: i64 = 200;

/// Outcomes as users filter them.
const OUTCOMES: [&str; 4] = ["mismatch", "no_data", "service_error", "verified"];

#[derive(Template)]
#[template(path = "population.html")]
struct PopulationPage {
    frame: Frame,
    lately_days: u16,
    areas: Vec<Choice>,
    code: String,
    name: String,
    month: Month,
    due: Due,
    outcome: &'static str,
    rows: Vec<CheckRow>,
    paging: Paging,
    /// May ask here, and the server knows a service to ask.
    may_ask: bool,
    error: Option<String>,
    tally: Option<Tally>,
}

impl PopulationPage {
    fn is_offered(&self) -> bool {
        self.areas.iter().any(|choice| choice.code == self.code)
    }

    fn is_outcome(&self, outcome: &str) -> bool {
        self.outcome == outcome
    }

    fn address(&self, page: &i64) -> String {
        let area = encode(&self.code);
        format!(
            "/dan-cu?dia-ban={area}&ket-qua={}&trang={page}",
            self.outcome
        )
    }
}

/// Fields as users know them.
fn fields(codes: &[String]) -> String {
    let named = codes.iter().map(|code| match code.as_str() {
        "full_name" => "họ tên",
        "birth_date" => "ngày sinh",
        "sex" => "giới tính",
        "id_number" => "số định danh",
        "birth_year" => "năm sinh",
        other => other,
    });
    named.collect::<Vec<_>>().join(", ")
}

/// The area asked for, or the first the actor has.
fn place(areas: &[Choice], asked: &str) -> String {
    match asked {
        "" => areas
            .first()
            .map_or_else(|| "VN".to_owned(), |choice| choice.code.clone()),
        code => code.to_owned(),
    }
}

/// `GET /dan-cu`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    page(&population_page(&server, &who, &asked, None).await?)
}

#[derive(Deserialize)]
pub(crate) struct Order {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(default, rename = "muc-dich")]
    muc_dich: String,
}

/// `POST /dan-cu`: asks about those due, a limited number at a time. Sent twice nobody is recorded twice:
/// the second finds nobody due.
pub(crate) async fn ask(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let asked = Asked {
        dia_ban: order.dia_ban.clone(),
        ..Asked::default()
    };
    let work = async {
        let none = || Failure::refused("no_service", "Máy chủ chưa khai báo dịch vụ dân cư");
        let service = server.population.as_ref().ok_or_else(none)?;
        let wanted = Wanted {
            area: order.dia_ban.clone(),
            month: Month::of(server.clock.today()),
            lately_days: service.client().settings().lately_days,
            limit: Some(AT_ONCE),
        };
        let (pool, clock) = (&server.pool, &server.clock);
        let people = due::people(pool, &who.actor, clock, &wanted).await?;
        let (at, purpose) = ((pool, clock), order.muc_dich.as_str());
        Ok(check(at, &who.actor, service, &people, purpose, |_| {}).await?)
    };
    match work.await {
        Ok(tally) => {
            let shown = population_page(&server, &who, &asked, None).await?;
            page(&PopulationPage {
                tally: Some(tally),
                ..shown
            })
        }
        Err(failure) if Failure::is_refusal(&failure) => {
            let error = Some(failure.message().to_owned());
            refused_page(&population_page(&server, &who, &asked, error).await?)
        }
        Err(failure) => Err(failure),
    }
}

async fn population_page(
    server: &Server,
    who: &SignedIn,
    asked: &Asked,
    error: Option<String>,
) -> Result<PopulationPage, Failure> {
    let month = Month::of(server.clock.today());
    let areas = area::offered(&who.actor, READERS, month);
    let code = place(&areas, &asked.dia_ban);
    let outcome = OUTCOMES.into_iter().find(|known| *known == asked.ket_qua);
    let number = asked.trang.get();
    let filter = Filter {
        area: code.clone(),
        offset: Paging::offset(number),
        limit: ROWS,
        ..Filter::default()
    };
    let wanted = Wanted {
        area: code.clone(),
        month,
        lately_days: server.lately_days(),
        limit: None,
    };
    let (pool, clock) = (&server.pool, &server.clock);
    let due = due::count(pool, &who.actor, clock, &wanted).await?;
    let (rows, count) = log::checks(pool, &who.actor, clock, &filter, outcome).await?;
    Ok(PopulationPage {
        frame: Frame::inside(server, who, Section::Quality).telling(error.as_ref()),
        lately_days: wanted.lately_days,
        name: area::name(&code, month),
        outcome: outcome.unwrap_or_default(),
        paging: Paging {
            page: number,
            count,
        },
        may_ask: server.population.is_some() && access::holds(&who.actor, &ASKERS, &code),
        error,
        tally: None,
        areas,
        code,
        month,
        due,
        rows,
    })
}

#[derive(Template)]
#[template(path = "population_log.html")]
struct LogPage {
    frame: Frame,
    code: String,
    name: String,
    rows: Vec<Row>,
    page: i64,
    more: bool,
    /// Sees what everybody asked there, not only their own requests.
    whole: bool,
}

impl LogPage {
    fn address(&self, page: &i64) -> String {
        format!(
            "/dan-cu/nhat-ky?dia-ban={}&trang={page}",
            encode(&self.code)
        )
    }

    fn fields(&self, joined: &str) -> String {
        let codes: Vec<String> = joined.split(',').map(str::to_owned).collect();
        fields(&codes)
    }

    fn answer(&self, row: &Row) -> String {
        match (row.answer.as_str(), row.error.as_deref()) {
            ("found", _) => "có".to_owned(),
            ("nothing", _) => "không có".to_owned(),
            (_, Some(error)) => {
                format!("lỗi: {}", population::client::vietnamese(error))
            }
            _ => "bị ngắt, không rõ".to_owned(),
        }
    }
}

/// `GET /dan-cu/nhat-ky`.
pub(crate) async fn show_log(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    let month = Month::of(server.clock.today());
    let areas = area::offered(&who.actor, READERS, month);
    let code = place(&areas, &asked.dia_ban);
    let number = asked.trang.get();
    let filter = Filter {
        area: code.clone(),
        offset: Paging::offset(number),
        limit: ROWS + 1,
        ..Filter::default()
    };
    let mut rows = log::list(&server.pool, &who.actor, &server.clock, &filter).await?;
    let more = rows.len() as i64 > ROWS;
    rows.truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
    page(&LogPage {
        frame: Frame::inside(&server, &who, Section::Quality),
        name: area::name(&code, month),
        whole: access::holds(&who.actor, &LOG_READERS, &code),
        code,
        rows,
        page: number,
        more,
    })
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let code = refused.code();
        match refused {
            Refused::Denied(denied) => denied.into(),
            Refused::UnknownArea(_) => {
                Failure::new(StatusCode::NOT_FOUND, code, sentence(&refused.to_string()))
            }
            Refused::Inconsistent(_)
            | Refused::Database(_)
            | Refused::Apply(_)
            | Refused::Payments(_) => Failure::internal(&refused),
            refused => Failure::refused(code, sentence(&refused.to_string())),
        }
    }
}
