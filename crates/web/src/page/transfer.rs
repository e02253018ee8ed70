//! People who go to live where another office pays: the notice of the old place.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, State};
use axum::{Extension, Form};
use casework::transfer::{self, Notice, Planned, TransferRefused, regime};
use kernel::PersonId;
use kernel::actor::Role;
use registry::event::Decision;
use registry::person::{self, Profile};
use serde::Deserialize;
use uuid::Uuid;

use super::change::may_change;
use super::change::preview::Foresight;
use super::months::read_month;
use super::{Page, page, read_day, refused_page};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

#[derive(Template)]
#[template(path = "transfer.html")]
struct TransferPage {
    frame: Frame,
    who: Profile,
    steps: &'static [regime::Step],
    law: &'static str,
    filled: Filled,
    faults: Vec<(&'static str, String)>,
    key: String,
}

impl TransferPage {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| *name == field);
        found.map(|(_, why)| why.as_str())
    }
}

#[derive(Template)]
#[template(path = "transfer_preview.html")]
struct PreviewPage {
    frame: Frame,
    plan: Planned,
    notice: Notice,
    /// The next list when the notice is told.
    waiting: Foresight,
    /// The same once the new place has accepted.
    accepted: Foresight,
    filled: Filled,
}

/// The notice as filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    khoa: String,
    /// `xem` looks first; `sua` leads back.
    buoc: String,
    xa: String,
    ngay_xin: String,
    thang_cuoi: String,
    giay_to: String,
    so: String,
    ngay_ky: String,
    nguoi_ky: String,
}

/// `GET /doi-tuong/{id}/chuyen-di`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Page {
    let filled = Filled::default();
    page(&transfer_page(&server, &who, PersonId(id), filled, Vec::new()).await?)
}

async fn transfer_page(
    server: &Server,
    who: &SignedIn,
    id: PersonId,
    filled: Filled,
    faults: Vec<(&'static str, String)>,
) -> Result<TransferPage, Failure> {
    let about = person::read(&server.pool, &who.actor, &server.clock, id).await?;
    if !may_change(who, &about) {
        access::require(&who.actor, &[Role::Officer], about.commune.code)?;
    }
    let frame = Frame::inside(server, who, Section::Transfers);
    let regime = regime::on(server.clock.today());
    Ok(TransferPage {
        frame: if faults.is_empty() {
            frame
        } else {
            frame.failed()
        },
        who: about,
        steps: &regime.steps,
        law: &regime.law,
        filled,
        faults,
        key: form_key(),
    })
}

impl Filled {
    /// The fields once more, to be sent again.
    fn hidden(&self) -> [(&'static str, &str); 8] {
        [
            ("khoa", &self.khoa),
            ("xa", &self.xa),
            ("ngay_xin", &self.ngay_xin),
            ("thang_cuoi", &self.thang_cuoi),
            ("giay_to", &self.giay_to),
            ("so", &self.so),
            ("ngay_ky", &self.ngay_ky),
            ("nguoi_ky", &self.nguoi_ky),
        ]
    }

    fn notice(&self, person: PersonId) -> Result<Notice, Vec<(&'static str, String)>> {
        let mut faults = Vec::new();
        let mut fault = |field: &'static str, why: &str| faults.push((field, why.to_owned()));
        let last_month = read_month(self.thang_cuoi.trim());
        let asked_on = read_day(self.ngay_xin.trim());
        let signed_on = read_day(self.ngay_ky.trim());
        if self.xa.trim().is_empty() {
            fault("xa", "Thiếu mã xã nơi đến");
        }
        if last_month.is_none() {
            fault("thang-cuoi", "Tháng chưa đúng: ghi dạng 05/2024");
        }
        if asked_on.is_none() {
            fault("ngay-xin", "Ngày chưa đúng: ghi dạng 31/12/2024");
        }
        if signed_on.is_none() {
            fault("ngay-ky", "Ngày chưa đúng: ghi dạng 31/12/2024");
        }
        if self.so.trim().is_empty() {
            fault("so", "Thiếu số quyết định");
        }
        if self.nguoi_ky.trim().is_empty() {
            fault("nguoi-ky", "Thiếu người ký");
        }
        let too_long = [&self.so, &self.nguoi_ky]
            .iter()
            .any(|it| it.chars().count() > 200);
        if too_long || self.giay_to.chars().count() > 2_000 {
            fault("giay-to", "Có ô ghi quá dài");
        }
        match (last_month, asked_on, signed_on) {
            (Some(last_month), Some(asked_on), Some(date)) if faults.is_empty() => {
                let papers = self
                    .giay_to
                    .lines()
                    .map(str::trim)
                    .filter(|it| !it.is_empty());
                Ok(Notice {
                    person,
                    to: self.xa.trim().to_owned(),
                    asked_on,
                    last_month,
                    decision: Decision {
                        number: self.so.trim().to_owned(),
                        date,
                        signed_by: Some(self.nguoi_ky.trim().to_owned()),
                    },
                    papers: papers.map(str::to_owned).collect(),
                })
            }
            _ => Err(faults),
        }
    }
}

/// `POST /doi-tuong/{id}/chuyen-di`.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
    Form(filled): Form<Filled>,
) -> Page {
    let person = PersonId(id);
    let again = async |faults| {
        let filled = filled.clone();
        refused_page(&transfer_page(&server, &who, person, filled, faults).await?)
    };
    if filled.buoc == "sua" {
        let filled = filled.clone();
        return page(&transfer_page(&server, &who, person, filled, Vec::new()).await?);
    }
    let notice = match filled.notice(person) {
        Ok(notice) => notice,
        Err(faults) => return again(faults).await,
    };
    let key = Uuid::parse_str(&filled.khoa)
        .map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang"))?;
    if filled.buoc == "xem" {
        return match preview_page(&server, &who, key, notice, &filled).await {
            Ok(shown) => page(&shown),
            Err(failure) if failure.is_refusal() => {
                again(vec![("xa", failure.message().to_owned())]).await
            }
            Err(failure) => Err(failure),
        };
    }
    let work = async {
        let (pool, clock) = (&server.pool, &server.clock);
        let told = transfer::report(pool, &who.actor, clock, key, &notice).await?;
        Ok(format!("/chuyen-di-den/{}?xong=1", told.transfer_no))
    };
    let request = ["transfer", &id.to_string(), &format!("{notice:?}")];
    match form_once(&server, &who.actor, &filled.khoa, &request, work).await {
        Err(failure) if failure.is_refusal() => {
            again(vec![("xa", failure.message().to_owned())]).await
        }
        done => done,
    }
}

async fn preview_page(
    server: &Server,
    who: &SignedIn,
    key: Uuid,
    notice: Notice,
    filled: &Filled,
) -> Result<PreviewPage, Failure> {
    let (office, actor) = (server.office(), &who.actor);
    let plan = transfer::plan(&server.pool, actor, &server.clock, key, &notice).await?;
    let waiting = payments::foresee(&office, actor, notice.person, &plan.waiting).await?;
    let accepted = payments::foresee(&office, actor, notice.person, &plan.accepted).await?;
    Ok(PreviewPage {
        frame: Frame::inside(server, who, Section::Transfers),
        waiting: Foresight::of(&waiting),
        accepted: Foresight::of(&accepted),
        filled: filled.clone(),
        notice,
        plan,
    })
}

impl From<TransferRefused> for Failure {
    fn from(refused: TransferRefused) -> Failure {
        match refused {
            TransferRefused::Person(error) => error.into(),
            TransferRefused::Denied(denied) => denied.into(),
            TransferRefused::Failed(error) => Failure::internal(&error),
            TransferRefused::Unknown(_) => Failure::not_found(),
            other => Failure::refused(other.code(), sentence(&other.to_string())),
        }
    }
}
