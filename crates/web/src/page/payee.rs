//! Who receives one person's money: now, before, as they wish it; and the form that changes it.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use documents::format;
use jiff::civil::Date;
use kernel::actor::Role;
use kernel::bank::{Bank, banks};
use kernel::personal_id::masked;
use kernel::{EventId, PersonId};
use registry::event::{Channel, Event, EventKind, Holder, PayeeChoice, Submitted};
use registry::payee::{self, Concern, PayeeForm, check_form};
use registry::person::{self, Entry, Profile};
use registry::refusal::Fault;
use serde::Deserialize;
use uuid::Uuid;

use super::{Page, page, refused_page};
use crate::Server;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

/// What pages record, in the registry's words.
const SOURCE: &str = "web";

#[derive(Template)]
#[template(path = "payee.html")]
struct PayeePage {
    frame: Frame,
    who: Profile,
    concerns: Vec<Concern>,
    history: Vec<Told>,
    may_change: bool,
    form: Filled,
    faults: Vec<(&'static str, String)>,
    done: bool,
    key: String,
    wish_key: String,
}

/// One event of the history in words.
struct Told {
    day: Date,
    what: String,
    recorded: String,
    cancelled: bool,
}

/// What is written in the form.
#[derive(Default)]
struct Filled {
    channel: String,
    holder: String,
    holder_name: String,
    holder_id_number: String,
    provider: String,
    account_number: String,
    authorised_until: String,
    since: String,
}

impl PayeePage {
    fn words(&self, choice: &PayeeChoice) -> String {
        in_words(choice, self.who.handler)
    }

    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| *name == field);
        found.map(|(_, why)| why.as_str())
    }

    fn banks(&self) -> impl Iterator<Item = &'static str> {
        let present = banks().iter().filter(|bank| !bank.is_former_name);
        present.map(|bank| bank.short_name)
    }
}

/// A receiver in words; the number masked for those who do not work with papers.
pub(crate) fn in_words(choice: &PayeeChoice, handler: bool) -> String {
    let mut parts = vec![choice.channel.vietnamese().to_owned()];
    let holder = choice.holder.vietnamese();
    parts.push(match &choice.holder_name {
        Some(name) => format!("{holder}: {name}"),
        None => holder.to_owned(),
    });
    if let Some(code) = &choice.provider {
        parts.push(Bank::find(code).map_or(code.clone(), |bank| bank.short_name.to_owned()));
    }
    if let Some(number) = &choice.account_number {
        parts.push(if handler {
            number.clone()
        } else {
            masked(number)
        });
    }
    if let Some(until) = choice.authorised_until {
        parts.push(format!("ủy quyền đến {}", format::date(until)));
    }
    parts.join(" · ")
}

fn told(entry: &Entry, handler: bool) -> Option<Told> {
    let what = match &entry.event.kind {
        EventKind::PayeeSet(choice) => in_words(choice, handler),
        EventKind::PayeeWish { wants_account } => match wants_account {
            true => "Muốn nhận qua tài khoản".to_owned(),
            false => "Không muốn nhận qua tài khoản".to_owned(),
        },
        _ => return None,
    };
    let recorded = format::moment(entry.recorded_at);
    Some(Told {
        day: entry.event.effective,
        what,
        recorded: format!(
            "Ghi {recorded}, {}, nguồn {}",
            entry.actor, entry.event.source
        ),
        cancelled: entry.cancelled_by.is_some(),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    xong: String,
}

/// `GET /doi-tuong/{id}/nguoi-nhan`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let (pool, clock) = (&server.pool, &server.clock);
    let who = person::read(pool, &signed_in.actor, clock, PersonId(id)).await?;
    let form = Filled::of(who.payee.as_ref().map(|(_, choice)| choice));
    let done = wanted.xong == "1";
    page(&payee_page(&server, &signed_in, who, form, Vec::new(), done).await?)
}

async fn payee_page(
    server: &Server,
    signed_in: &SignedIn,
    who: Profile,
    form: Filled,
    faults: Vec<(&'static str, String)>,
    done: bool,
) -> Result<PayeePage, Failure> {
    let frame = Frame::inside(server, signed_in, Section::Search);
    let timeline = who.timeline.iter();
    Ok(PayeePage {
        frame: if faults.is_empty() {
            frame
        } else {
            frame.failed()
        },
        concerns: payee::of_person(&server.pool, &server.clock, &who).await?,
        history: timeline
            .filter_map(|entry| told(entry, who.handler))
            .collect(),
        may_change: may_change(signed_in, &who),
        key: form_key(),
        wish_key: form_key(),
        who,
        form,
        faults,
        done,
    })
}

/// Also of the dead: somebody else receives their last month and the funeral grant.
fn may_change(signed_in: &SignedIn, who: &Profile) -> bool {
    let kept = access::holds_in(&signed_in.actor, &[Role::Officer], who.commune);
    kept && who.merged_into.is_none()
}

impl Filled {
    fn of(choice: Option<&PayeeChoice>) -> Filled {
        let Some(choice) = choice else {
            return Filled::default();
        };
        let owned = |text: &Option<String>| text.clone().unwrap_or_default();
        let bank = choice.provider.as_deref().and_then(Bank::find);
        Filled {
            channel: choice.channel.code().to_owned(),
            holder: choice.holder.code().to_owned(),
            holder_name: owned(&choice.holder_name),
            holder_id_number: owned(&choice.holder_id_number),
            provider: bank.map_or_else(
                || owned(&choice.provider),
                |bank| bank.short_name.to_owned(),
            ),
            account_number: owned(&choice.account_number),
            authorised_until: choice
                .authorised_until
                .map(format::date)
                .unwrap_or_default(),
            since: String::new(),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Order {
    khoa: String,
    viec: String,
    #[serde(default)]
    muon: String,
    #[serde(default)]
    hinh_thuc: String,
    #[serde(default)]
    nguoi: String,
    #[serde(default)]
    ten_nguoi: String,
    #[serde(default)]
    so_nguoi: String,
    #[serde(default)]
    ngan_hang: String,
    #[serde(default)]
    so_tai_khoan: String,
    #[serde(default)]
    uy_quyen_den: String,
    #[serde(default)]
    tu_ngay: String,
}

/// `POST /doi-tuong/{id}/nguoi-nhan`: a new receiver, or a new wish.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    Form(order): Form<Order>,
) -> Page {
    let (pool, clock) = (&server.pool, &server.clock);
    let who = person::read(pool, &signed_in.actor, clock, PersonId(id)).await?;
    access::require(&signed_in.actor, &[Role::Officer], who.commune.code)?;
    let (kind, day) = match order.read(clock.today()) {
        Ok(told) => told,
        Err(faults) => {
            let form = order.filled();
            let page = payee_page(&server, &signed_in, who, form, faults, false).await?;
            return refused_page(&page);
        }
    };
    let text = format!("{kind:?} {day}");
    let work = async {
        record(&server, &signed_in, id, &order.khoa, (kind, day)).await?;
        Ok(format!("/doi-tuong/{id}/nguoi-nhan?xong=1"))
    };
    let request = ["payee", &id.to_string(), &text];
    match form_once(&server, &signed_in.actor, &order.khoa, &request, work).await {
        Err(failure) if failure.is_refusal() => {
            let faults = vec![("tu-ngay", failure.message().to_owned())];
            let form = order.filled();
            let page = payee_page(&server, &signed_in, who, form, faults, false).await?;
            refused_page(&page)
        }
        done => done,
    }
}

async fn record(
    server: &Server,
    signed_in: &SignedIn,
    id: i64,
    key: &str,
    (kind, day): (EventKind, Date),
) -> Result<(), Failure> {
    // Named after the form: sent twice, it is the same event.
    let event = Uuid::parse_str(key)
        .map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang"))?;
    let event = Event {
        event_id: EventId(event.as_u128()),
        source: SOURCE.to_owned(),
        person: format!("#{id}"),
        effective: day,
        kind,
    };
    let told = [Submitted { row: 1, event }];
    let applied = registry::apply(&server.pool, &signed_in.actor, &server.clock, &told).await?;
    match applied.refused.first() {
        Some(refusal) => Err(Failure::refused(refusal.code, sentence(&refusal.message))),
        None => Ok(()),
    }
}

impl Order {
    fn filled(&self) -> Filled {
        Filled {
            channel: self.hinh_thuc.clone(),
            holder: self.nguoi.clone(),
            holder_name: self.ten_nguoi.clone(),
            holder_id_number: self.so_nguoi.clone(),
            provider: self.ngan_hang.clone(),
            account_number: self.so_tai_khoan.clone(),
            authorised_until: self.uy_quyen_den.clone(),
            since: self.tu_ngay.clone(),
        }
    }

    /// What the form tells, and from which day; or what is wrong, by the ids of its fields.
    fn read(&self, today: Date) -> Result<(EventKind, Date), Vec<(&'static str, String)>> {
        if self.viec == "nguyen-vong" {
            let wants_account = match self.muon.as_str() {
                "co" => true,
                "khong" => false,
                _ => return Err(vec![("muon", "Chưa chọn có hay không".to_owned())]),
            };
            return Ok((EventKind::PayeeWish { wants_account }, today));
        }
        let mut faults = Vec::new();
        let mut day = |text: &str, field| match text.trim() {
            "" => None,
            text => {
                let day = read_day(text);
                if day.is_none() {
                    faults.push((field, "Ngày chưa đúng: ghi dạng 31/12/2024".to_owned()));
                }
                day
            }
        };
        let since = day(&self.tu_ngay, "tu-ngay").unwrap_or(today);
        let form = PayeeForm {
            channel: Channel::from_code(&self.hinh_thuc),
            holder: Holder::from_code(&self.nguoi),
            holder_name: self.ten_nguoi.clone(),
            holder_id_number: self.so_nguoi.clone(),
            provider: self.ngan_hang.clone(),
            account_number: self.so_tai_khoan.clone(),
            authorised_until: day(&self.uy_quyen_den, "uy-quyen-den"),
        };
        let checked = check_form(&form);
        match checked {
            Ok(choice) if faults.is_empty() => Ok((EventKind::PayeeSet(Box::new(choice)), since)),
            Ok(_) => Err(faults),
            Err(more) => {
                let told = |field: &str| faults.iter().any(|(name, _)| *name == field);
                let more: Vec<_> = more.iter().map(in_form).collect();
                let more: Vec<_> = more.into_iter().filter(|(field, _)| !told(field)).collect();
                faults.extend(more);
                Err(faults)
            }
        }
    }
}

/// A fault under the id of its field in the form.
fn in_form(fault: &Fault) -> (&'static str, String) {
    let field = match &*fault.field {
        "channel" => "hinh-thuc",
        "holder_name" => "ten-nguoi",
        "provider" => "ngan-hang",
        "account_number" => "so-tai-khoan",
        "authorised_until" => "uy-quyen-den",
        _ => "tu-ngay",
    };
    (field, sentence(&fault.message))
}

/// `31/12/2024` or `2024-12-31`.
fn read_day(text: &str) -> Option<Date> {
    let day = match text.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] if year.len() == 4 => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
        }
        _ => text.parse().ok(),
    };
    day.filter(|day: &Date| (1990..=2200).contains(&day.year()))
}
