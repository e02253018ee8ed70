//! What differed when both sides were compared, per province, with both values.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use casework::Status;
use exchange::comparison::{self, Difference, Ended, From, LastRun, What};
use exchange::dead::KEEPERS;
use serde::Deserialize;

use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::page::{Page, leads_on, page};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    tinh: String,
    trang: PageNumber,
    xong: String,
}

#[derive(Template)]
#[template(path = "exchange_comparison.html")]
struct ComparisonPage {
    frame: Frame,
    runs: Vec<LastRun>,
    /// The province looked at.
    chosen: Option<LastRun>,
    rows: Vec<Difference>,
    /// Whether the reader may compare now.
    keeps: bool,
    key: String,
    more: Option<String>,
    before: Option<String>,
    done: &'static str,
    error: Option<String>,
}

impl ComparisonPage {
    fn is_agreed(run: &LastRun) -> bool {
        run.outcome == Ended::Compared && run.differing == 0
    }

    fn is_bad(run: &LastRun) -> bool {
        run.outcome != Ended::Compared
    }

    /// A value in the words users see.
    fn shown(what: &What, value: Option<&String>) -> String {
        let Some(value) = value else {
            return "—".to_owned();
        };
        let status = || Status::from_number(value.parse().ok()?);
        match what {
            What::Status | What::MissingHere | What::MissingThere => status().map_or_else(
                || value.clone(),
                |status| format!("{}. {}", status.number(), status.vietnamese()),
            ),
            What::Answers => "nội dung khác bên kia".to_owned(),
            What::Told | What::Heard => value.clone(),
        }
    }
}

/// `GET /lien-thong/doi-chieu`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "" => "",
        _ => "Đã đối chiếu; kết quả ở bảng dưới.",
    };
    page(&comparison_page(&server, &who, &wanted, done, None).await?)
}

async fn comparison_page(
    server: &Server,
    who: &SignedIn,
    wanted: &Wanted,
    done: &'static str,
    error: Option<String>,
) -> Result<ComparisonPage, Failure> {
    let runs = comparison::last(&server.pool, &who.actor).await?;
    let number = wanted.trang.get();
    let chosen = runs.iter().find(|run| run.province == wanted.tinh).cloned();
    let mut rows = match &chosen {
        Some(run) => {
            let part = (Paging::offset(number), ROWS + 1);
            comparison::differences(&server.pool, &who.actor, &run.province, part).await?
        }
        None if wanted.tinh.is_empty() => Vec::new(),
        None => return Err(Failure::not_found()),
    };
    let more = rows.len() as i64 > ROWS;
    rows.truncate(ROWS as usize);
    let turn = |page: i64| format!("/lien-thong/doi-chieu?tinh={}&trang={page}", wanted.tinh);
    let province = chosen.as_ref().map(|run| run.province.as_str());
    let keeps = |code| access::require(&who.actor, KEEPERS, code).is_ok();
    let frame = Frame::inside(server, who, Section::Exchange);
    Ok(ComparisonPage {
        frame: frame.telling(error.as_ref()),
        keeps: province.is_some_and(keeps),
        runs,
        chosen,
        rows,
        key: form_key(),
        more: more.then(|| turn(number + 1)),
        before: (number > 1).then(|| turn(number - 1)),
        done,
        error,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    khoa: String,
    tinh: String,
}

/// `POST /lien-thong/doi-chieu`: compares a province now.
pub(crate) async fn run(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    access::require(&who.actor, KEEPERS, &order.tinh)?;
    let work = async {
        let from = From::Address(server.signing_key.clone());
        let (pool, clock) = (&server.pool, &server.clock);
        comparison::run(pool, &who.actor, clock, &order.tinh, from).await?;
        Ok(format!("/lien-thong/doi-chieu?tinh={}&xong=1", order.tinh))
    };
    let request = ["compare", &order.tinh];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    let wanted = Wanted::default();
    let shown = async |error| comparison_page(&server, &who, &wanted, "", Some(error)).await;
    leads_on(done, shown).await
}
