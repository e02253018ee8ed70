//! People of the registry who may be on another programme's list: pairs side by side, decided by a person; and the
//! board of all pairs by area.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::{Month, PersonId};
use links::board::{Board, board};
use links::decide::{Decision, Of, decide};
use links::list::{Head, lists};
use links::shown::{self, Pair};
use links::{LinkRefused, PairState, Programme};
use serde::Deserialize;

use super::duplicates::likely;
use super::pair_pages::{PairPages, SHOWN};
use super::{Page, leads_on, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, READERS, Section};
use crate::once::{form_key, form_once};
use crate::paging::PageNumber;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    #[serde(rename = "chuong-trinh")]
    chuong_trinh: String,
    #[serde(rename = "tinh-trang")]
    tinh_trang: String,
    trang: PageNumber,
    xong: String,
}

#[derive(Template)]
#[template(path = "programmes.html")]
pub(crate) struct ProgrammesPage {
    frame: Frame,
    area: String,
    areas: Vec<Choice>,
    programme: Option<Programme>,
    state: PairState,
    pairs: Vec<(Pair, String)>,
    lists: Vec<Head>,
    pages: PairPages,
    done: &'static str,
    error: Option<String>,
    may_settle: bool,
}

impl ProgrammesPage {
    fn asks(&self, programme: &Programme) -> bool {
        self.programme == Some(*programme)
    }
}

/// A commune as its list writes it, by its name where that is a code.
fn written(commune: &str) -> String {
    let known = Areas::embedded().latest(commune);
    match (commune, known) {
        ("", _) => "Không ghi".to_owned(),
        (_, Some(area)) => Areas::embedded().written_path(area),
        (text, None) => text.to_owned(),
    }
}

/// `GET /trung/chuong-trinh`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "lien-ket" => "Đã liên kết.",
        "de-xuat" => {
            "Đã liên kết. Việc đang hưởng lương hưu, bảo hiểm xã hội mới chỉ là đề xuất, chờ cán bộ xác minh ở trang đối soát."
        }
        "khac" => "Đã ghi là hai người khác nhau.",
        "tach" => "Đã bỏ liên kết; cặp này chờ quyết định lại.",
        _ => "",
    };
    let shown = programmes_page(&server, &who, wanted, None).await?;
    page(&ProgrammesPage { done, ..shown })
}

async fn programmes_page(
    server: &Server,
    who: &SignedIn,
    wanted: Wanted,
    error: Option<String>,
) -> Result<ProgrammesPage, Failure> {
    let (pool, clock) = (&server.pool, &server.clock);
    let areas = area::offered(&who.actor, READERS, Month::of(clock.today()));
    let area = match (wanted.dia_ban, areas.first()) {
        (asked, Some(first)) if asked.is_empty() => first.code.clone(),
        (asked, _) => asked,
    };
    let number = wanted.trang.get();
    let asked = shown::Wanted {
        area: area.clone(),
        programme: Programme::from_code(&wanted.chuong_trinh),
        state: PairState::from_code(&wanted.tinh_trang).unwrap_or(PairState::Open),
        offset: PairPages::offset(number),
        limit: SHOWN,
    };
    let (pairs, count) = shown::pairs(pool, &who.actor, clock, &asked).await?;
    let address = format!(
        "/trung/chuong-trinh?dia-ban={}&chuong-trinh={}&tinh-trang={}",
        encode(&area),
        asked.programme.map_or("", Programme::code),
        asked.state.code()
    );
    Ok(ProgrammesPage {
        frame: Frame::inside(server, who, Section::Duplicates).telling(error.as_ref()),
        lists: lists(pool, &who.actor, clock, &area).await?,
        pairs: pairs.into_iter().map(|pair| (pair, form_key())).collect(),
        may_settle: who.actor.areas_of(&[Role::Officer]).next().is_some(),
        programme: asked.programme,
        state: asked.state,
        areas,
        area,
        pages: PairPages {
            number,
            count,
            address,
        },
        done: "",
        error,
    })
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    #[serde(default)]
    dia_ban: String,
    viec: String,
    #[serde(default)]
    chuong_trinh: String,
    #[serde(default)]
    dau: String,
    #[serde(default)]
    nguoi: i64,
    /// How often the pair had been decided when it was shown.
    luot: Option<i16>,
    #[serde(default)]
    ly_do: String,
}

/// `POST /trung/chuong-trinh`: linked, two people, or a link taken back.
pub(crate) async fn settle(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let work = async {
        let programme = Programme::from_code(&order.chuong_trinh);
        let of = Of {
            programme: programme.ok_or(LinkRefused::UnknownPair)?,
            print: &order.dau,
            person: PersonId(order.nguoi),
            turn: order.luot,
        };
        let decision = match order.viec.as_str() {
            "lien-ket" => Decision::Link,
            "khac" => Decision::Dismiss,
            "tach" => Decision::Part,
            _ => return Err(Failure::bad_request("Không rõ việc cần làm")),
        };
        let (pool, clock) = (&server.pool, &server.clock);
        let proposed = decide(pool, &who.actor, clock, of, decision, &order.ly_do).await?;
        let done = match proposed {
            Some(_) => "de-xuat",
            None => &order.viec,
        };
        let area = encode(&order.dia_ban);
        Ok(format!("/trung/chuong-trinh?dia-ban={area}&xong={done}"))
    };
    let person = order.nguoi.to_string();
    let request = [
        "programmes",
        &order.viec,
        &order.chuong_trinh,
        &order.dau,
        &person,
        &order.ly_do,
    ];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    let again = async |error| {
        let wanted = Wanted {
            dia_ban: order.dia_ban.clone(),
            ..Wanted::default()
        };
        programmes_page(&server, &who, wanted, Some(error)).await
    };
    leads_on(done, again).await
}

#[derive(Template)]
#[template(path = "pairs_board.html")]
struct BoardPage {
    frame: Frame,
    code: String,
    name: String,
    crumbs: Vec<Choice>,
    board: Board,
}

/// `GET /trung/bang`: how many pairs stand how, with a way into every figure.
pub(crate) async fn show_board(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let month = Month::of(server.clock.today());
    let code = match wanted.dia_ban.as_str() {
        "" => area::offered(&who.actor, READERS, month)
            .first()
            .map_or_else(|| "VN".to_owned(), |choice| choice.code.clone()),
        code => code.to_owned(),
    };
    let board = board(&server.pool, &who.actor, &server.clock, &code).await?;
    page(&BoardPage {
        frame: Frame::inside(&server, &who, Section::Duplicates),
        name: area::name(&code, month),
        crumbs: area::crumbs(&code, month),
        code,
        board,
    })
}

impl From<LinkRefused> for Failure {
    fn from(refused: LinkRefused) -> Failure {
        let code = refused.code();
        match refused {
            LinkRefused::Denied(denied) => denied.into(),
            LinkRefused::Payments(refused) => refused.into(),
            LinkRefused::Database(_)
            | LinkRefused::Inconsistent(_)
            | LinkRefused::Io(_)
            | LinkRefused::Csv(_)
            | LinkRefused::Broken(_)
            | LinkRefused::Matching(_) => Failure::internal(&refused),
            refused => Failure::refused(code, sentence(&refused.to_string())),
        }
    }
}
