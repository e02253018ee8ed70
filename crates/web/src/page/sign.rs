//! What is laid before the leader, and what the records office numbers.

use std::collections::HashMap;

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use casework::act::{self, Ask};
use casework::collective::{self, Wanted};
use casework::laid::{Laid, laid};
use casework::queue::{self, Tab};
use casework::verdict::{self, Verdict};
use casework::{Proposal, Step, register as book};
use kernel::Month;
use serde::Deserialize;
use uuid::Uuid;

use super::dossier::act::{day, one};
use super::{Page, leads_on, page};
use crate::Server;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, READERS, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    trang: PageNumber,
    xong: String,
}

#[derive(Template)]
#[template(path = "sign.html")]
struct SignPage {
    frame: Frame,
    /// The records office's list; otherwise the leader's.
    numbering: bool,
    area: String,
    areas: Vec<Choice>,
    laid: Vec<Laid>,
    /// Decisions for many that wait beside the dossiers.
    together: Vec<collective::Laid>,
    verdicts: HashMap<String, Verdict>,
    paging: Paging,
    today: jiff::civil::Date,
    key: String,
    done: String,
    error: Option<String>,
}

impl SignPage {
    const fn address(&self) -> &'static str {
        match self.numbering {
            true => "/vao-so",
            false => "/trinh-ky",
        }
    }

    fn with(&self, page: &i64) -> String {
        let area = crate::address::encode(&self.area);
        format!("{}?dia-ban={area}&trang={page}", self.address())
    }

    /// What the preview of many leads back to.
    fn query(&self) -> String {
        let area = crate::address::encode(&self.area);
        let part = match self.numbering {
            true => Tab::Number,
            false => Tab::Agreement,
        };
        let (part, page) = (part.code(), self.paging.page);
        format!("phan={part}&dia-ban={area}&xep=due&trang={page}")
    }

    fn verdict(&self, laid: &Laid) -> Option<&Verdict> {
        self.verdicts.get(&laid.item.dossier)
    }

    fn words(&self, laid: &Laid) -> String {
        words(&laid.proposal)
    }
}

/// A proposal in words.
pub(crate) fn words(proposal: &Proposal) -> String {
    match proposal {
        Proposal::Approved { from: None, .. } => "Cho hưởng từ tháng theo luật".to_owned(),
        Proposal::Approved {
            from: Some(from), ..
        } => {
            let from = documents::format::month(*from);
            format!("Cho hưởng từ tháng {from}")
        }
        Proposal::Refused { condition, law, .. } => {
            format!("Không cho hưởng: {condition} ({law})")
        }
    }
}

/// `GET /trinh-ky`.
pub(crate) async fn proposals(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    page(&sign_page(&server, &who, &asked, false, None).await?)
}

/// `GET /vao-so`.
pub(crate) async fn register(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    page(&sign_page(&server, &who, &asked, true, None).await?)
}

async fn sign_page(
    server: &Server,
    who: &SignedIn,
    asked: &Asked,
    numbering: bool,
    error: Option<String>,
) -> Result<SignPage, Failure> {
    let (tab, section) = match numbering {
        true => (Tab::Number, Section::Register),
        false => (Tab::Agreement, Section::Sign),
    };
    let for_many = match numbering {
        true => Wanted::Number,
        false => Wanted::Agreement,
    };
    let all = super::collective::setting(server);
    let together = collective::laid(&all, &who.actor, for_many, &asked.dia_ban).await?;
    let wanted = queue::Wanted {
        area: asked.dia_ban.clone(),
        tab,
        ..queue::Wanted::default()
    };
    let (pool, clock, number) = (&server.pool, &server.clock, asked.trang.get());
    let counts = queue::counts(pool, &who.actor, clock, &wanted).await?;
    let part = (Paging::offset(number), ROWS);
    let today = clock.today();
    let laid = laid(pool, &who.actor, clock, &wanted, part).await?;
    Ok(SignPage {
        frame: Frame::inside(server, who, section).telling(error.as_ref()),
        numbering,
        area: asked.dia_ban.clone(),
        areas: area::offered(&who.actor, READERS, Month::of(today)),
        verdicts: verdict::of_laid(pool, clock, &server.law, &laid).await?,
        laid,
        together,
        paging: Paging {
            page: number,
            count: counts.of(tab),
        },
        today,
        key: form_key(),
        done: match asked.xong.as_str() {
            "" => String::new(),
            "1" => "Đã ghi.".to_owned(),
            // A dossier just decided; the number is said only where the book gave it.
            code => match book::given_to(pool, code).await? {
                Some(number) => format!("Đã vào sổ: số {number}, hồ sơ {code}."),
                None => "Đã ghi.".to_owned(),
            },
        },
        error,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    khoa: String,
    ho_so: String,
    thay: i32,
    ly_do: String,
    so: String,
    ngay: String,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
}

/// `POST /trinh-ky`: sends one proposal back. Agreeing goes through the queue's own form.
pub(crate) async fn send_back(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let step = Step::SentBack {
        reason: order.ly_do.trim().to_owned(),
    };
    let work = async { carry_out(&server, &who, &order, step, ("/trinh-ky", "1")).await };
    finish(&server, &who, &order, false, work).await
}

/// `POST /vao-so`: numbers one decision, which is then made.
pub(crate) async fn number(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let work = async {
        let standing = act::standing(&server.pool, &who.actor, &order.ho_so).await?;
        let outcome = standing.decided(order.so.trim(), day("Ngày ký", &order.ngay)?);
        let none = || Failure::refused("no_proposal", "Hồ sơ không còn chờ vào sổ");
        let step = Step::Decided(outcome.ok_or_else(none)?);
        carry_out(&server, &who, &order, step, ("/vao-so", &order.ho_so)).await
    };
    finish(&server, &who, &order, true, work).await
}

async fn carry_out(
    server: &Server,
    who: &SignedIn,
    order: &Order,
    step: Step,
    (back, done): (&str, &str),
) -> Result<String, Failure> {
    let ask = Ask {
        dossier: order.ho_so.clone(),
        seen: order.thay,
        step,
    };
    // Each row has the key of the page with its own dossier: the steps' ids differ by it.
    let key = Uuid::new_v5(&Uuid::NAMESPACE_OID, order.khoa.as_bytes());
    one(server, who, key, ask).await?;
    let area = crate::address::encode(&order.dia_ban);
    let done = crate::address::encode(done);
    Ok(format!("{back}?dia-ban={area}&xong={done}"))
}

async fn finish(
    server: &Server,
    who: &SignedIn,
    order: &Order,
    numbering: bool,
    work: impl Future<Output = Result<String, Failure>>,
) -> Page {
    let seen = order.thay.to_string();
    let request = [
        "sign",
        &order.ho_so,
        &seen,
        &order.ly_do,
        &order.so,
        &order.ngay,
    ];
    let done = form_once(server, &who.actor, &order.khoa, &request, work).await;
    let asked = Asked {
        dia_ban: order.dia_ban.clone(),
        ..Asked::default()
    };
    let shown = async |error| sign_page(server, who, &asked, numbering, Some(error)).await;
    leads_on(done, shown).await
}
