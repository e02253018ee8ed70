//! Fields of a form that this side and the one-stop system both changed, and deciding which value counts.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use exchange::conflict::{self, Conflict, Said, Settled, Takes};
use exchange::owner::Verdict;
use serde::Deserialize;

use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::page::{Page, leads_on, page};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    trang: PageNumber,
    xong: String,
}

#[derive(Template)]
#[template(path = "exchange_conflicts.html")]
struct ConflictsPage {
    frame: Frame,
    conflicts: Vec<Conflict>,
    more: Option<String>,
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "exchange_conflict.html")]
struct ConflictPage {
    frame: Frame,
    dossier: String,
    /// With a key for the form of each.
    conflicts: Vec<(Conflict, String)>,
    settled: Vec<Settled>,
    done: &'static str,
    error: Option<String>,
}

impl ConflictPage {
    /// Which system somebody said it in.
    fn system(said: &Said) -> &'static str {
        match said.side.as_str() {
            "one_stop" => "hệ thống một cửa",
            "citizen" => "người dân, trên hệ thống này",
            _ => "cán bộ, trên hệ thống này",
        }
    }

    fn verdict(settled: &Settled) -> String {
        match (&settled.decided, settled.verdict) {
            (Some((takes, by, reason)), _) => {
                let whose = if takes == "ours" {
                    "bên này"
                } else {
                    "một cửa"
                };
                format!("{by} chọn giá trị của {whose}: {reason}")
            }
            (None, Verdict::Theirs) => {
                "Lấy giá trị của một cửa: bên này không sửa mục đó".to_owned()
            }
            (None, Verdict::Ours) => {
                let owner = settled.owner.vietnamese();
                format!("Giữ giá trị bên này: mục do {owner} quyết định")
            }
            (None, Verdict::Same) => "Hai bên như nhau".to_owned(),
            (None, Verdict::Asked) => "Hai bên cùng sửa: chờ người quyết định".to_owned(),
        }
    }
}

/// `GET /lien-thong/hai-ben-sua`: everything that waits for the reader.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let number = wanted.trang.get();
    let part = (Paging::offset(number), ROWS + 1);
    let (pool, clock) = (&server.pool, &server.clock);
    let mut conflicts = conflict::open(pool, &who.actor, clock, None, part).await?;
    let more = conflicts.len() as i64 > ROWS;
    conflicts.truncate(ROWS as usize);
    let turn = |page: i64| format!("/lien-thong/hai-ben-sua?trang={page}");
    page(&ConflictsPage {
        frame: Frame::inside(&server, &who, Section::Exchange),
        conflicts,
        more: more.then(|| turn(number + 1)),
        before: (number > 1).then(|| turn(number - 1)),
    })
}

/// `GET /ho-so/{mã}/hai-ben-sua`: those of one dossier, and what became of the others.
pub(crate) async fn of_dossier(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "" => "",
        _ => "Đã ghi quyết định; hệ thống một cửa được báo giá trị có hiệu lực.",
    };
    page(&conflict_page(&server, &who, &code, done, None).await?)
}

async fn conflict_page(
    server: &Server,
    who: &SignedIn,
    code: &str,
    done: &'static str,
    error: Option<String>,
) -> Result<ConflictPage, Failure> {
    let (pool, clock) = (&server.pool, &server.clock);
    let dossier = casework::dossier(pool, &who.actor, clock, code).await?;
    if !dossier.handler {
        return Err(Failure::not_found());
    }
    let open = conflict::open(pool, &who.actor, clock, Some(code), (0, ROWS)).await?;
    let frame = Frame::inside(server, who, Section::Work);
    Ok(ConflictPage {
        frame: frame.telling(error.as_ref()),
        dossier: code.to_owned(),
        conflicts: open.into_iter().map(|it| (it, form_key())).collect(),
        settled: conflict::settled(pool, code).await?,
        done,
        error,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Decision {
    khoa: String,
    muc: i64,
    chon: String,
    ly_do: String,
}

/// `POST /ho-so/{mã}/hai-ben-sua`: one of the two values counts.
pub(crate) async fn decide(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    Form(decision): Form<Decision>,
) -> Page {
    let number = decision.muc.to_string();
    let request = ["decide", &code, &number, &decision.chon, &decision.ly_do];
    let work = async {
        let takes = Takes::from_code(&decision.chon);
        let takes =
            takes.ok_or_else(|| Failure::refused("choice_missing", "Hãy chọn một giá trị"))?;
        let decided = (takes, decision.ly_do.as_str());
        let (pool, clock) = (&server.pool, &server.clock);
        conflict::decide(pool, &who.actor, clock, decision.muc, decided).await?;
        Ok(format!("/ho-so/{}/hai-ben-sua?xong=1", encode(&code)))
    };
    let done = form_once(&server, &who.actor, &decision.khoa, &request, work).await;
    let shown = async |error| conflict_page(&server, &who, &code, "", Some(error)).await;
    leads_on(done, shown).await
}
