//! One person: who it is, what they receive, and why.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::change::{self, Told};
use casework::collective::{self, OfPerson};
use casework::{open, procedure};
use documents::format;
use kernel::bank::Bank;
use kernel::ethnic_group::EthnicGroup;
use kernel::{Dong, Month, PersonId};
use law::Benefit;
use payments::Refused;
use payments::explain::Explanation;
use registry::person::{self, PersonError, Profile};
use registry::sight::Shown;
use serde::Deserialize;

use super::change::may_change;
use super::months::read_month;
use super::{Page, page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: String,
    xong: String,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    done: bool,
    may_change: bool,
    /// May be shown which other registries asked.
    may_trace: bool,
    changes: Vec<Told>,
    for_many: Vec<OfPerson>,
    dossiers: Vec<open::OfPerson>,
    who: Profile,
    month: Month,
    why: Option<Explanation>,
}

impl PersonPage {
    /// A benefit, not named to those who may not know of an infection.
    fn benefit(&self, benefit: &Benefit) -> &str {
        self.frame.benefit_for(benefit, &self.who.handler)
    }

    /// The same of a decision for many.
    fn shown(&self, shown: &Shown) -> &str {
        match shown {
            Shown::Benefit(benefit) => self.frame.benefit(benefit),
            Shown::Hidden => "Trợ giúp khác",
        }
    }

    /// The articles of a benefit; they too can tell of an infection.
    fn articles(&self, benefit: &Benefit, law: &[String]) -> String {
        if benefit.reveals_hiv() && !self.who.handler {
            String::new()
        } else {
            law.join("; ")
        }
    }

    fn id_number(&self) -> String {
        match (&self.who.id_number, self.who.handler) {
            (None, _) => "Chưa có".to_owned(),
            (Some(number), true) => number.clone(),
            (Some(number), false) => kernel::personal_id::masked(number),
        }
    }

    fn ethnicity(&self) -> &str {
        let code = self.who.ethnicity.as_deref();
        let group = code.and_then(EthnicGroup::by_code);
        group.map_or("Chưa khai", |group| group.name)
    }

    /// The account: bank by name, the last digits of the number.
    fn account(&self) -> Option<String> {
        let (_, payee) = self.who.payee.as_ref()?;
        let bank = payee.provider.as_deref().map(|code| {
            Bank::find(code).map_or_else(|| code.to_owned(), |bank| bank.short_name.to_owned())
        });
        let number = payee
            .account_number
            .as_deref()
            .map(kernel::personal_id::masked);
        let both: Vec<String> = [bank, number].into_iter().flatten().collect();
        (!both.is_empty()).then(|| both.join(" "))
    }

    fn span(&self, from: &Month, to: &Option<Month>) -> String {
        match to {
            Some(to) => format!("{} đến {}", format::month(*from), format::month(*to)),
            None => format!("từ {}", format::month(*from)),
        }
    }

    /// The month's money as the law of today sees it, less what lists hold.
    fn open_total(&self, why: &Explanation) -> Dong {
        why.open.iter().map(|open| open.difference).sum()
    }
}

/// `GET /doi-tuong/{id}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let (id, actor) = (PersonId(id), &signed_in.actor);
    let who = person::read(&server.pool, actor, &server.clock, id).await?;
    let month = read_month(&wanted.thang).unwrap_or_else(|| Month::of(server.clock.today()));
    let why = match payments::explain(&server.office(), actor, id, month).await {
        Ok(why) => Some(why),
        Err(Refused::UnknownPerson { .. } | Refused::Denied(_)) => None,
        Err(refused) => return Err(refused.into()),
    };
    let frame = Frame::inside(&server, &signed_in, Section::Search);
    let changes = change::of_person(&server.pool, &who).await;
    let for_many = collective::of_person(&server.pool, &who).await;
    page(&PersonPage {
        frame,
        done: wanted.xong == "1",
        may_change: may_change(&signed_in, &who),
        may_trace: access::holds_in(&signed_in.actor, spdci::told::READERS, who.commune),
        changes: changes.map_err(|error| Failure::internal(&error))?,
        dossiers: open::of_person(&server.pool, actor, id).await?,
        for_many: for_many.map_err(|error| Failure::internal(&error))?,
        who,
        month,
        why,
    })
}

impl From<PersonError> for Failure {
    fn from(error: PersonError) -> Failure {
        match error {
            PersonError::Unknown(_) => Failure::not_found(),
            PersonError::Denied(denied) => {
                // The refusal names the area, which says where the person lives.
                let message = "Người này không thuộc địa bàn của bạn";
                Failure::new(StatusCode::FORBIDDEN, denied.code(), message)
            }
            PersonError::Failed(failed) => failed.into(),
        }
    }
}
