//! What an approval tells the registry beside the enrolment: who the beneficiary is, when the
//! registry does not know them yet, what of it is known otherwise, and the facts their answers state
//! or deny. All of it goes in with the decision or not at all.

mod known;

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff_sqlx::Date as SqlDate;
use kernel::actor::Actor;
use kernel::area::{Area, Areas};
use kernel::{AreaCode, EventId, Month, PersonId};
use law::Benefit;
use registry::event::{Decision, Event, EventKind, Registration};
use registry::refusal::Fault;
use registry::{Refusal, Submitted};
use serde_json::{Value, json};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::apply::{ApplyError, SOURCE, rights};
use crate::form::{self, Answers};
use crate::stated::{self, Stated, stated};
use crate::step::{Outcome, Step};
use crate::transfer::regime::same_payer;
use known::{Open, Registered, What};

/// An approval of a dossier.
pub(crate) struct Approval<'a> {
    /// Row of the step.
    pub row: u64,
    /// Id of the step; ids of events derive from it.
    pub step: Uuid,
    /// Code of the dossier.
    pub dossier: &'a str,
    /// The beneficiary, when the dossier named one.
    pub person: Option<PersonId>,
    /// The written decision.
    pub decision: &'a Decision,
    /// First month paid, when it is said.
    pub from: Option<Month>,
    /// Decided in the system, not on paper.
    pub online: bool,
}

/// A dossier's answers.
struct Filed {
    /// The beneficiary, when the dossier named one.
    person: Option<PersonId>,
    benefit: Option<Benefit>,
    /// Commune of the dossier.
    area: &'static Area,
    submitted: Date,
    answers: Answers,
    stated: Stated,
    /// What must still be answered.
    lacking: Option<String>,
}

/// The events of approvals whose dossiers have answers, and why some cannot be. Whom an approval is about
/// lives where the actor decides, or is registered there by it.
pub(crate) async fn events(
    tx: &mut PgConnection,
    actor: &Actor,
    approvals: &[Approval<'_>],
) -> Result<(Vec<Submitted>, Vec<Refusal>), ApplyError> {
    let (mut told, mut refused) = (Vec::new(), Vec::new());
    if approvals.is_empty() {
        return Ok((told, refused));
    }
    let filed = filed(tx, approvals).await?;
    let registered = Registered::of(tx, approvals, &filed).await?;
    for approval in approvals {
        let filed = filed.get(approval.dossier);
        let events = beneficiary(approval, filed, &registered).and_then(|known| {
            let home = known.and_then(|number| registered.person(number));
            if let Some(known) = home
                && !filed.is_some_and(|filed| moves(known.home, filed))
            {
                may_decide(actor, approval, known.home)?;
            }
            match filed {
                Some(filed) => of_approval(approval, filed, (known, &registered)),
                None => Ok(Vec::new()),
            }
        });
        match events {
            Ok(events) => told.extend(events),
            Err(fault) => {
                let id = EventId(approval.step.as_u128());
                refused.push(fault.in_row(approval.row, Some(id)));
            }
        }
    }
    Ok((told, refused))
}

/// The number of the beneficiary in the registry; `None` of somebody new.
fn beneficiary(
    approval: &Approval<'_>,
    filed: Option<&Filed>,
    registered: &Registered,
) -> Result<Option<i64>, Fault> {
    let named = approval.person.or_else(|| filed?.person);
    let number = filed.and_then(|filed| filed.answers.text("id_number"));
    match (named, number.map(|it| registered.holders(it))) {
        (Some(person), _) => Ok(Some(person.0)),
        (None, Some([one])) => Ok(Some(*one)),
        (None, Some([_, _, ..])) => {
            let message = "nhiều người trong sổ mang số định danh này: hãy gộp hồ sơ trùng trước";
            Err(Fault::new("id_number", "several_people", message))
        }
        (None, _) => Ok(None),
    }
}

/// Decisions are about people of the place.
fn may_decide(actor: &Actor, approval: &Approval<'_>, home: &Area) -> Result<(), Fault> {
    let outcome = Outcome::Approved {
        decision: approval.decision.clone(),
        from: None,
    };
    let roles = rights::roles(&Step::Decided(outcome), approval.online);
    match access::holds_in(actor, roles, home) {
        true => Ok(()),
        false => {
            let message =
                "người hưởng đang cư trú ở địa bàn khác: hãy làm thủ tục chuyển đến trước";
            Err(Fault::new("area", "denied", message))
        }
    }
}

/// Events of one approval, each named so that the same approval tells the same.
struct Telling<'a> {
    approval: &'a Approval<'a>,
    person: String,
    events: Vec<Submitted>,
}

impl Telling<'_> {
    fn tell(&mut self, name: &str, effective: Date, kind: EventKind) {
        let id = Uuid::new_v5(&self.approval.step, name.as_bytes());
        let event = Event {
            event_id: EventId(id.as_u128()),
            source: SOURCE.to_owned(),
            person: self.person.clone(),
            effective,
            kind,
        };
        let row = self.approval.row;
        self.events.push(Submitted { row, event });
    }

    fn end(&mut self, fact: &Open, last: Date) {
        let fact_id = fact.fact_id.clone();
        let name = format!("ended {fact_id}");
        self.tell(&name, last, EventKind::FactEnded { fact_id });
    }
}

fn of_approval(
    approval: &Approval<'_>,
    filed: &Filed,
    (number, registered): (Option<i64>, &Registered),
) -> Result<Vec<Submitted>, Fault> {
    if let Some(label) = &filed.lacking {
        let message = format!("tờ khai còn thiếu: {label}; hãy yêu cầu bổ sung trước");
        return Err(Fault::new("form", "form_incomplete", message));
    }
    let known = number.and_then(|number| registered.person(number));
    let mut telling = Telling {
        approval,
        person: number.map_or_else(
            || approval.dossier.to_owned(),
            |number| format!("#{number}"),
        ),
        events: Vec::new(),
    };
    match (number, known) {
        (None, _) => {
            let who = Box::new(registration(filed)?);
            let registered = EventKind::PersonRegistered(who);
            telling.tell("registered", filed.submitted, registered);
        }
        (Some(_), Some(known)) => {
            if let Some(correction) = known.corrected(filed) {
                let corrected = EventKind::PersonCorrected(Box::new(correction));
                telling.tell("corrected", filed.submitted, corrected);
            }
            if moves(known.home, filed) {
                let area = AreaCode(filed.area.code.to_owned());
                let since = filed.answers.day("moved_on").unwrap_or(filed.submitted);
                telling.tell("moved", since, EventKind::Moved { area });
            }
        }
        // Merged into another record meanwhile: the registry says so.
        (Some(_), None) => {}
    }
    let open = known.map_or(&[][..], |known| &known.facts);
    facts(&mut telling, filed, open, registered)?;
    let recorded = known.is_some_and(|known| known.dead);
    if let (Some(date), false) = (filed.stated.death, recorded) {
        telling.tell("died", date, EventKind::Died { date });
    }
    // A dossier that named the beneficiary has its enrolment told elsewhere.
    if let (None, Some(benefit)) = (approval.person, filed.benefit) {
        let begins = approval
            .from
            .unwrap_or_else(|| Month::of(approval.decision.date));
        let enrolled = EventKind::Enrolled {
            benefit,
            from: approval.from,
            decision: approval.decision.clone(),
        };
        telling.tell("enrolled", begins.first_day(), enrolled);
    }
    Ok(telling.events)
}

/// Whether the answers say another home that the same office pays; into another office's area
/// people move by the procedure of its own.
fn moves(home: &'static Area, filed: &Filed) -> bool {
    let month = Month::of(filed.submitted);
    let now = Areas::embedded().resolve(home.code, home.valid_from, month);
    let now = now.map_or(home, |resolved| resolved.area);
    let same = (now.code, now.valid_from) == (filed.area.code, filed.area.valid_from);
    !same && same_payer(now, filed.area, filed.submitted)
}

/// Facts that begin, and those that end because of them or because the answers deny them.
fn facts(
    telling: &mut Telling<'_>,
    filed: &Filed,
    known: &[Open],
    registered: &Registered,
) -> Result<(), Fault> {
    let mut open: Vec<&Open> = known.iter().collect();
    let mut begun = Vec::new();
    for fact in &filed.stated.facts {
        let mut kind = fact.kind.clone();
        let cared = registered.resolve(&mut kind)?;
        let what = What::of(&kind, cared);
        let same = |open: &&Open| open.to.is_none() && open.what == what;
        if let Some(at) = open.iter().position(same) {
            // Known already; of two children born on one day each counts once.
            open.swap_remove(at);
            continue;
        }
        begun.push((fact, kind, what));
    }
    for (fact, kind, what) in begun {
        let mut to = fact.to;
        let beside = open.iter().filter(|open| {
            stated::excludes(&open.what.kind, &what.kind)
                && open.what.variant != what.variant
                && open.to.is_none_or(|to| fact.from <= to)
        });
        for other in beside {
            if other.from < fact.from {
                telling.end(other, day_before(fact.from));
            } else if other.from > fact.from {
                let last = day_before(other.from);
                to = Some(to.map_or(last, |to| to.min(last)));
            } else {
                let message = "trong sổ đã có mức khác bắt đầu cùng ngày: hãy đính chính trước";
                return Err(Fault::new(fact.key.clone(), "fact_same_day", message));
            }
        }
        let started = EventKind::FactStarted {
            fact_id: format!("{}/{}", telling.approval.dossier, fact.key),
            fact: kind,
            to,
        };
        telling.tell(&fact.key, fact.from, started);
    }
    let denied = |open: &&&Open| {
        open.to.is_none()
            && open.from < filed.submitted
            && filed.stated.denied.contains(&open.what.kind)
    };
    for fact in open.iter().filter(denied) {
        telling.end(fact, day_before(filed.submitted));
    }
    Ok(())
}

fn day_before(day: Date) -> Date {
    day.checked_sub(1.day()).unwrap_or(day)
}

/// Who somebody new is, by their answers.
fn registration(filed: &Filed) -> Result<Registration, Fault> {
    let answers = &filed.answers;
    // Read by the registry's own rules, so that what it would refuse is refused by its field.
    let text = |code: &str| answers.text(code).map_or(Value::Null, |text| json!(text));
    let event = json!({
        "event_id": Uuid::nil(), "kind": "person_registered", "person": "x", "source": "form",
        "effective": filed.submitted, "full_name": text("full_name"),
        "birth_date": text("birth_date"), "sex": text("sex"), "ethnicity": text("ethnicity"),
        "id_number": text("id_number"), "area": filed.area.code, "phone": text("phone"),
    });
    match Event::parse(event.to_string().as_bytes())?.kind {
        EventKind::PersonRegistered(registration) => Ok(*registration),
        _ => Err(Fault::new(
            "",
            "no_registration",
            "không đủ thông tin để ghi vào sổ",
        )),
    }
}

/// The answers as they count now, by code of the dossier.
async fn filed(
    tx: &mut PgConnection,
    approvals: &[Approval<'_>],
) -> Result<HashMap<String, Filed>, ApplyError> {
    let codes: Vec<String> = approvals.iter().map(|it| it.dossier.to_owned()).collect();
    let found = sqlx::query!(
        r#"select distinct on (d.dossier_id) code, area_code,
                  area_valid_from as "since: SqlDate", person_id,
                  submitted_on as "submitted_on: SqlDate", form, a.benefit,
                  answers as "answers!: Json<Answers>"
           from dossier d join dossier_answers a using (dossier_id)
           where code = any($1) order by d.dossier_id, version desc"#,
        &codes
    )
    .fetch_all(tx)
    .await?;
    let broken = |code: &str| ApplyError::Inconsistent(format!("tờ khai của hồ sơ {code}"));
    let mut filed = HashMap::with_capacity(found.len());
    for row in found {
        let form = form::by_code(&row.form).ok_or_else(|| broken(&row.code))?;
        let (answers, submitted) = (row.answers.0, row.submitted_on.to_jiff());
        let lacking = form.lacking(&answers, submitted);
        let lacking = lacking.first().map(|field| field.label.clone());
        let stated = match stated(form, &answers, submitted) {
            Ok(stated) => stated,
            // Nothing is made of it: an approval is refused.
            Err(_) if lacking.is_some() => Stated::default(),
            Err(_) => return Err(broken(&row.code)),
        };
        let area = Areas::embedded().get(&row.area_code, row.since.to_jiff());
        let one = Filed {
            person: row.person_id.map(PersonId),
            benefit: row.benefit.and_then(Benefit::from_number),
            area: area.ok_or_else(|| broken(&row.code))?,
            submitted,
            answers,
            stated,
            lacking,
        };
        filed.insert(row.code, one);
    }
    Ok(filed)
}
