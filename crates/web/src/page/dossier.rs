//! A dossier: where it stands, what can be done with it now, and every step of it.

pub(crate) mod act;

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::extract::{Path, State};
use casework::act::Standing;
use casework::answered::{self, Version};
use casework::show::{Refused, Told};
use casework::verdict::{self, Verdict};
use casework::{Channel, Dossier, correct, procedure, regime};
use exchange::gap::{Gaps, Lacked};
use jiff::civil::Date;
use kernel::Clock;
use serde::Deserialize;

use super::work::left;
use super::{Page, page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::form_key;

#[derive(Template)]
#[template(path = "dossier.html")]
struct DossierPage {
    frame: Frame,
    dossier: Dossier,
    standing: Standing,
    /// Answers as they were corrected.
    corrections: Vec<Version>,
    /// What it came without, and from where that was filled in.
    gaps: Gaps,
    /// Fields both sides changed that wait for the reader.
    conflicts: i64,
    /// Whether the reader may correct them now.
    may_correct: bool,
    /// What the law says of the benefit asked for, for whoever proposes a decision or agrees with one.
    verdict: Option<Verdict>,
    /// Codes of the steps the reader may take now.
    choices: Vec<&'static str>,
    today: Date,
    key: String,
    done: &'static str,
    error: Option<String>,
}

/// Steps that ask what the law says.
const JUDGING: [&str; 3] = ["proposed", "agreed", "decided"];

impl DossierPage {
    fn may(&self, step: &str) -> bool {
        self.choices.contains(&step)
    }

    /// Where it came in.
    fn origin(&self) -> &'static str {
        match (self.dossier.origin.as_str(), self.dossier.row.channel) {
            ("one_stop", _) => "từ hệ thống một cửa",
            ("online", _) => "người dân nộp trên hệ thống này",
            (_, Channel::Direct) => "nhận tại quầy",
            (_, Channel::Online) => "nhập lại tại quầy từ hồ sơ trực tuyến",
            (_, Channel::Post) => "nhập tại quầy từ bưu chính",
        }
    }

    /// How the deadline runs.
    fn deadline(&self) -> Option<String> {
        let course = &self.standing.course;
        let left = |day| left(self.today, day);
        if course.status() == casework::Status::SupplementAsked {
            return Some("Đang dừng tính hạn: chờ người dân bổ sung giấy tờ".to_owned());
        }
        let day = course.due_on()?;
        let written = documents::format::date(day);
        Some(match course.complaint() {
            Some(_) => format!(
                "Đang dừng tính hạn: có khiếu nại, kết luận trước hết ngày {written} ({})",
                left(day)
            ),
            None => format!("Hạn giải quyết {written}: {}", left(day)),
        })
    }

    fn stage_due(&self) -> Option<String> {
        let day = self.standing.course.stage_due_on()?;
        let several = self.standing.course.regime()?.stages.len() > 1;
        several.then(|| documents::format::date(day))
    }

    /// Who holds it.
    fn holder(&self) -> Option<&str> {
        let course = &self.standing.course;
        let desk = course.desk()?.vietnamese();
        Some(course.holder().unwrap_or(desk))
    }

    fn stage_code(&self) -> &str {
        let stage = self.standing.course.stage();
        stage.map_or("", |stage| &stage.code)
    }

    fn posting_until(&self) -> String {
        let until = self.standing.posting_until(self.today);
        until.map(|day| day.to_string()).unwrap_or_default()
    }

    /// Labels of what is to be asked back.
    fn asked_back(&self) -> String {
        let labels: Vec<&str> = self.gaps.asked.iter().map(|it| it.label.as_str()).collect();
        labels.join("; ")
    }

    fn filled_from(lacked: &Lacked) -> &'static str {
        lacked.source.map_or("", |source| source.vietnamese())
    }

    fn next_due(&self) -> String {
        let due = self.standing.next_due(self.today);
        due.map(|day| day.to_string()).unwrap_or_default()
    }

    fn proposal(&self) -> Option<String> {
        let course = &self.standing.course;
        let words = super::sign::words(course.proposal()?);
        Some(match (course.proposed_by(), course.agreed_by()) {
            (Some(by), Some(agreed)) => format!("{words}; {by} đề xuất, {agreed} đồng ý"),
            (Some(by), None) => format!("{words}; {by} đề xuất"),
            _ => words,
        })
    }

    fn procedure(&self) -> &str {
        procedure::name(&self.dossier.row.procedure)
    }

    /// The regime of the day of reception, as users know it.
    fn regime(&self) -> Option<&str> {
        let code = self.dossier.regime.as_deref()?;
        regime::named(code).map(|regime| regime.name.as_str())
    }

    /// The stage it is in, as users know it.
    fn stage(&self) -> Option<&str> {
        self.stage_name(self.dossier.row.stage.as_deref()?)
    }

    /// A stage of the dossier's own regime.
    fn stage_name(&self, code: &str) -> Option<&str> {
        let regime = regime::named(self.dossier.regime.as_deref()?)?;
        Some(regime.stage(code)?.name.as_str())
    }

    /// Which stage a step ended.
    fn ended(&self, step: &Told) -> Option<&str> {
        self.stage_name(step.facts["stage"].as_str()?)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    xong: String,
}

/// `GET /ho-so/{mã}`. Looking is recorded in the audit log.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "1" => "Đã ghi.",
        "sua" => "Đã sửa tờ khai; bản trước vẫn được giữ.",
        _ => "",
    };
    page(&dossier_page(&server, &who, &code, done, None).await?)
}

async fn dossier_page(
    server: &Server,
    who: &SignedIn,
    code: &str,
    done: &'static str,
    error: Option<String>,
) -> Result<DossierPage, Failure> {
    let (pool, clock): (_, &Clock) = (&server.pool, &server.clock);
    let dossier = casework::dossier(pool, &who.actor, clock, code).await?;
    let standing = casework::act::standing(pool, &who.actor, code).await?;
    let corrects = access::holds_in(&who.actor, correct::CORRECTORS, standing.commune);
    let corrects = corrects && dossier.has_form;
    let choices = standing.choices(&who.actor, clock.now());
    let judges = choices.iter().any(|step| JUDGING.contains(step));
    let frame = Frame::inside(server, who, Section::Work);
    Ok(DossierPage {
        verdict: match judges {
            true => verdict::of_dossier(pool, (&who.actor, clock), &server.law, &dossier).await?,
            false => None,
        },
        frame: frame.telling(error.as_ref()),
        corrections: answered::corrections(pool, code, dossier.handler).await?,
        // A question alone may reveal an illness.
        gaps: match dossier.handler {
            true => exchange::gap::of_dossier(pool, clock.today(), code).await?,
            false => Gaps::default(),
        },
        conflicts: exchange::conflict::count_of(pool, code).await?,
        may_correct: corrects && correct::is_open(pool, code, &standing.course).await?,
        choices,
        dossier,
        standing,
        today: clock.today(),
        key: form_key(),
        done,
        error,
    })
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        match refused {
            Refused::Unknown(_) => Failure::not_found(),
            Refused::Denied(denied) => denied.into(),
            other => Failure::internal(&other),
        }
    }
}
