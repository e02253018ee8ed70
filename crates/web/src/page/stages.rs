//! What localities decide about the stages of dossiers: who holds one, and in how many days it is done.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use casework::local::{self, DECIDERS, Refused, Rule};
use casework::regime;
use kernel::Month;
use serde::Deserialize;

use super::dossier::act::day;
use super::{Page, leads_on, page};
use crate::Server;
use crate::area::{self, Choice};
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    xong: String,
}

#[derive(Template)]
#[template(path = "stages.html")]
struct StagesPage {
    frame: Frame,
    area: String,
    areas: Vec<Choice>,
    rules: Vec<Rule>,
    key: String,
    done: &'static str,
    error: Option<String>,
}

impl StagesPage {
    /// A stage of a regime as users know it.
    fn stage<'a>(&self, rule: &'a Rule) -> (&'a str, &'a str) {
        let regime = regime::named(&rule.regime);
        let stages = regime.map_or(&[][..], |regime| regime.stages.as_slice());
        let stage = stages.iter().find(|stage| stage.code == rule.stage);
        (
            regime.map_or(&rule.regime, |regime| &regime.name),
            stage.map_or(&rule.stage, |stage| &stage.name),
        )
    }
}

/// `GET /quy-trinh`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<Asked>,
) -> Page {
    page(&stages_page(&server, &who, &asked, None).await?)
}

async fn stages_page(
    server: &Server,
    who: &SignedIn,
    asked: &Asked,
    error: Option<String>,
) -> Result<StagesPage, Failure> {
    let areas = area::offered(&who.actor, DECIDERS, Month::of(server.clock.today()));
    let first = || areas.first().map(|choice| choice.code.clone());
    let area = match asked.dia_ban.as_str() {
        "" => first().unwrap_or_default(),
        area => area.to_owned(),
    };
    Ok(StagesPage {
        frame: Frame::inside(server, who, Section::Work).telling(error.as_ref()),
        rules: local::of_area(&server.pool, &who.actor, &area).await?,
        area,
        areas,
        key: form_key(),
        done: match asked.xong.as_str() {
            "1" => "Đã ghi.",
            _ => "",
        },
        error,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    khoa: String,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    /// `regime/stage`.
    buoc: String,
    tu_ngay: String,
    so_ngay: String,
    nguoi: String,
}

/// `POST /quy-trinh`.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Order>,
) -> Page {
    let work = async {
        local::set(&server.pool, &who.actor, &server.clock, &order.rule()?).await?;
        let area = crate::address::encode(&order.dia_ban);
        Ok(format!("/quy-trinh?dia-ban={area}&xong=1"))
    };
    let request = [
        "stages",
        &order.dia_ban,
        &order.buoc,
        &order.tu_ngay,
        &order.so_ngay,
        &order.nguoi,
    ];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    let asked = Asked {
        dia_ban: order.dia_ban.clone(),
        ..Asked::default()
    };
    let shown = async |error| stages_page(&server, &who, &asked, Some(error)).await;
    leads_on(done, shown).await
}

impl Order {
    fn rule(&self) -> Result<Rule, Failure> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let (regime, stage) = self.buoc.split_once('/').unwrap_or_default();
        let days = given(&self.so_ngay).map(|days| days.parse()).transpose();
        Ok(Rule {
            area: self.dia_ban.clone(),
            regime: regime.to_owned(),
            stage: stage.to_owned(),
            from: day("Từ ngày", &self.tu_ngay)?,
            days: days.map_err(|_| {
                Failure::refused("malformed", "Số ngày làm việc: cần một số nguyên")
            })?,
            holder: given(&self.nguoi),
        })
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        match refused {
            Refused::Denied(denied) => denied.into(),
            Refused::Database(error) => error.into(),
            other => Failure::refused(other.code(), sentence(&other.to_string())),
        }
    }
}
