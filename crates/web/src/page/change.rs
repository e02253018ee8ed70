//! A decision about a beneficiary after the first: chosen, filled in, looked at with what it does to the
//! next list, confirmed.

mod order;
pub(super) mod preview;

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use casework::change::{self, ChangeRefused, Ground, grounds};
use kernel::PersonId;
use kernel::actor::Role;
use law::{Benefit, Fact};
use payments::proposal;
use registry::person::{self, Profile};
use serde::Deserialize;
use uuid::Uuid;

use self::order::Filled;
pub(super) use self::preview::Foresight;
use super::{Page, page, refused_page};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    viec: String,
    #[serde(rename = "de-xuat")]
    de_xuat: String,
    #[serde(rename = "ly-do")]
    ly_do: String,
    #[serde(rename = "tu-thang")]
    tu_thang: String,
}

/// The kinds of change, in the order they are offered, with what each is for.
const KINDS: [(&str, &str); 6] = [
    (
        "adjust",
        "Mức độ khuyết tật, hộ nghèo, con, học tập… thay đổi; mức hưởng tự tính lại",
    ),
    ("suspend", "Không trả tiền từ một tháng, chờ làm rõ"),
    (
        "resume",
        "Đã làm rõ: hưởng lại, thôi hưởng, hoặc điều chỉnh",
    ),
    ("stop", "Không hưởng nữa từ tháng sau tháng có sự việc"),
    (
        "death",
        "Dừng mọi chế độ từ tháng sau và mở hồ sơ mai táng phí",
    ),
    (
        "move_inside",
        "Nơi mới cùng địa bàn chi trả; khác địa bàn thì dùng chuyển đi",
    ),
];

#[derive(Template)]
#[template(path = "change.html")]
struct ChangePage {
    frame: Frame,
    who: Profile,
    filled: Filled,
    faults: Vec<(&'static str, String)>,
    key: String,
}

impl ChangePage {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| *name == field);
        found.map(|(_, why)| why.as_str())
    }

    fn is(&self, kind: &str) -> bool {
        self.filled.viec == kind
    }

    /// Whether the form asks what changed.
    fn asks_facts(&self) -> bool {
        self.is("adjust") || self.is("resume")
    }

    fn grounds(&self) -> impl Iterator<Item = &'static Ground> {
        grounds(&self.filled.viec)
    }

    /// Monthly benefits of the person that have not ended.
    fn benefits(&self) -> Vec<Benefit> {
        let open = self
            .who
            .enrolments
            .iter()
            .filter(|award| award.to.is_none());
        open.map(|award| award.benefit)
            .filter(|it| !it.is_one_off())
            .collect()
    }

    fn open_facts(&self) -> impl Iterator<Item = &(String, Fact)> {
        self.who.facts.iter().filter(|(_, fact)| fact.to.is_none())
    }
}

/// `GET /doi-tuong/{id}/bao-bien-dong`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let about = person::read(&server.pool, &who.actor, &server.clock, PersonId(id)).await?;
    let kind = KINDS.iter().find(|(kind, _)| *kind == wanted.viec);
    let filled = Filled {
        viec: kind.map(|(kind, _)| (*kind).to_owned()).unwrap_or_default(),
        de_xuat: wanted.de_xuat,
        ly_do: wanted.ly_do,
        tu_thang: wanted.tu_thang,
        ..Filled::default()
    };
    page(&change_page(&server, &who, about, filled, Vec::new())?)
}

fn change_page(
    server: &Server,
    who: &SignedIn,
    about: Profile,
    filled: Filled,
    faults: Vec<(&'static str, String)>,
) -> Result<ChangePage, Failure> {
    if !may_change(who, &about) {
        access::require(&who.actor, &[Role::Officer], about.commune.code)?;
    }
    let frame = Frame::inside(server, who, Section::Search);
    Ok(ChangePage {
        frame: if faults.is_empty() {
            frame
        } else {
            frame.failed()
        },
        who: about,
        filled,
        faults,
        key: form_key(),
    })
}

/// Whether the user decides about the person.
pub(super) fn may_change(who: &SignedIn, about: &Profile) -> bool {
    access::holds_in(&who.actor, &[Role::Officer], about.commune) && about.merged_into.is_none()
}

/// `POST /doi-tuong/{id}/bao-bien-dong`: to be looked at, to be filled in again, or confirmed.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
    Form(filled): Form<Filled>,
) -> Page {
    let person = PersonId(id);
    let again = async |filled: Filled, faults: Vec<(&'static str, String)>| {
        let about = person::read(&server.pool, &who.actor, &server.clock, person).await?;
        let shown = change_page(&server, &who, about, filled, faults)?;
        match shown.faults.is_empty() {
            true => page(&shown),
            false => refused_page(&shown),
        }
    };
    if filled.buoc == "sua" {
        return again(filled, Vec::new()).await;
    }
    let order = match filled.order(person) {
        Ok(order) => order,
        Err(faults) => return again(filled, faults).await,
    };
    let key = Uuid::parse_str(&filled.khoa)
        .map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang"))?;
    if filled.buoc != "ghi" {
        return match preview::show(&server, &who, key, &order, &filled).await {
            Err(failure) if failure.is_refusal() => {
                let faults = vec![("so", failure.message().to_owned())];
                again(filled, faults).await
            }
            shown => shown,
        };
    }
    let text = format!("{order:?}");
    let work = async {
        let (pool, clock) = (&server.pool, &server.clock);
        let done = change::record(pool, &who.actor, clock, key, &order, filled.da_thay).await?;
        if let Ok(number) = filled.de_xuat.parse() {
            let reason = format!("{} {}", order.decision.number, filled.ghi_chu);
            proposal::fulfilled(&server.office(), &who.actor, number, done.event, &reason).await?;
        }
        Ok(format!("/doi-tuong/{id}?xong=1#quyet-dinh"))
    };
    let request = ["change", &id.to_string(), &text];
    match form_once(&server, &who.actor, &filled.khoa, &request, work).await {
        Err(failure) if failure.is_refusal() => {
            let faults = vec![("so", failure.message().to_owned())];
            again(filled, faults).await
        }
        done => done,
    }
}

impl From<ChangeRefused> for Failure {
    fn from(refused: ChangeRefused) -> Failure {
        match refused {
            ChangeRefused::Person(error) => error.into(),
            ChangeRefused::Denied(denied) => denied.into(),
            ChangeRefused::Failed(error) => Failure::internal(&error),
            other => Failure::refused(other.code(), sentence(&other.to_string())),
        }
    }
}
