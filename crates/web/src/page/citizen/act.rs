//! What citizens do to their own dossier: asking for it back, saying how to be told.

use askama::Template;
use axum::Form;
use axum::extract::State;
use casework::citizen::{Act, act};
use messages::{Channel, Contact, contact};
use serde::Deserialize;
use uuid::Uuid;

use super::super::{Page, page, refused_page};
use super::Verified;
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::Frame;
use crate::once::{form_key, form_once};

#[derive(Template)]
#[template(path = "withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    reason: String,
    fault: Option<String>,
    key: String,
}

impl WithdrawPage {
    fn of(server: &Server, reason: String, fault: Option<String>) -> WithdrawPage {
        WithdrawPage {
            frame: Frame::outside(server).telling(fault.as_ref()),
            reason,
            fault,
            key: form_key(),
        }
    }
}

/// `GET /tra-cuu/ho-so/rut`: asks once more, and why.
pub(crate) async fn ask_back(State(server): State<Server>, Verified(_): Verified) -> Page {
    page(&WithdrawPage::of(&server, String::new(), None))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Withdrawal {
    khoa: String,
    ly_do: String,
}

/// `POST /tra-cuu/ho-so/rut`.
pub(crate) async fn withdraw(
    State(server): State<Server>,
    Verified(citizen): Verified,
    Form(given): Form<Withdrawal>,
) -> Page {
    let reason = given.ly_do.trim().to_owned();
    if reason.is_empty() {
        let fault = Some("Ghi vì sao xin rút, một câu là đủ".to_owned());
        return refused_page(&WithdrawPage::of(&server, given.ly_do, fault));
    }
    let event_id = form_id(&given.khoa)?;
    let step = Act::Withdraw { reason };
    let work = async {
        act(&server.pool, &server.clock, &citizen, event_id, step).await?;
        Ok("/tra-cuu/ho-so?xong=rut".to_owned())
    };
    let request = [
        "citizen.withdraw",
        &citizen.dossier().to_string(),
        &given.ly_do,
    ];
    match form_once(&server, citizen.actor(), &given.khoa, &request, work).await {
        Err(failure) if failure.is_refusal() => {
            let fault = Some(failure.message().to_owned());
            refused_page(&WithdrawPage::of(&server, given.ly_do, fault))
        }
        done => done,
    }
}

/// The id of what a form does: that of the form, so that sent twice it is the same.
pub(super) fn form_id(key: &str) -> Result<Uuid, Failure> {
    Uuid::parse_str(key)
        .map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang"))
}

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactPage {
    frame: Frame,
    given: Wish,
    fault: Option<String>,
    key: String,
}

impl ContactPage {
    fn of(server: &Server, given: Wish, fault: Option<String>) -> ContactPage {
        ContactPage {
            frame: Frame::outside(server).telling(fault.as_ref()),
            given,
            fault,
            key: form_key(),
        }
    }

    fn is_chosen(&self, code: &str) -> bool {
        match self.given.cach.as_str() {
            "" => code == Channel::Sms.code(),
            chosen => chosen == code,
        }
    }
}

/// `GET /tra-cuu/ho-so/bao-tin`. What was given before is not shown: the number may be another's.
pub(crate) async fn ask_contact(State(server): State<Server>, Verified(_): Verified) -> Page {
    page(&ContactPage::of(&server, Wish::default(), None))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Wish {
    khoa: String,
    cach: String,
    dien_thoai: String,
    thu: String,
}

/// `POST /tra-cuu/ho-so/bao-tin`.
pub(crate) async fn tell_contact(
    State(server): State<Server>,
    Verified(citizen): Verified,
    Form(given): Form<Wish>,
) -> Page {
    let channel = Channel::from_code(&given.cach).unwrap_or(Channel::Sms);
    let checked = match Contact::of(channel, &given.dien_thoai, &given.thu) {
        Ok(checked) => checked,
        Err(refused) => {
            let fault = Some(sentence(&refused.to_string()));
            return refused_page(&ContactPage::of(&server, given, fault));
        }
    };
    let work = async {
        contact::record_own(&server.pool, &server.clock, &citizen, &checked).await?;
        Ok("/tra-cuu/ho-so?xong=bao-tin".to_owned())
    };
    let request = ["citizen.contact", &format!("{checked:?}")];
    form_once(&server, citizen.actor(), &given.khoa, &request, work).await
}
