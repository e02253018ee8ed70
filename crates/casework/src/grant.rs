//! What an approval tells the registry beside the enrolment: who the beneficiary is, when the
//! registry does not know them yet, and the facts their answers state. All of it goes in with the
//! decision or not at all.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff_sqlx::Date as SqlDate;
use kernel::{EventId, Month, PartialDate, PersonId};
use law::{Benefit, FactKind};
use registry::event::{Decision, Event, EventKind, Registration};
use registry::refusal::Fault;
use registry::{Refusal, Submitted};
use serde_json::{Value, json};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::apply::{ApplyError, SOURCE};
use crate::form::{self, Answers};
use crate::stated::{Stated, stated};

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
}

/// A dossier's answers.
struct Filed {
    benefit: Option<Benefit>,
    area: String,
    submitted: Date,
    answers: Answers,
    stated: Stated,
}

/// What is known of people the answers name.
#[derive(Default)]
struct Registered {
    /// People by ID number.
    people: HashMap<String, Vec<i64>>,
    /// Facts that go on, by person, in the registry's codes, and whether the death is recorded.
    facts: HashMap<i64, Vec<Open>>,
    dead: HashMap<i64, bool>,
}

/// A fact that goes on.
#[derive(Clone, Debug, PartialEq)]
struct Open {
    kind: String,
    variant: Option<String>,
    born: Option<Date>,
    cared: Option<i64>,
}

/// The events of approvals whose dossiers have answers, and why some have none.
pub(crate) async fn events(
    tx: &mut PgConnection,
    approvals: &[Approval<'_>],
) -> Result<(Vec<Submitted>, Vec<Refusal>), ApplyError> {
    let (mut told, mut refused) = (Vec::new(), Vec::new());
    if approvals.is_empty() {
        return Ok((told, refused));
    }
    let filed = filed(tx, approvals).await?;
    let registered = registered(tx, approvals, &filed).await?;
    for approval in approvals {
        let Some(filed) = filed.get(approval.dossier) else {
            continue;
        };
        match of_approval(approval, filed, &registered) {
            Ok(events) => told.extend(events),
            Err(fault) => {
                let id = EventId(approval.step.as_u128());
                refused.push(fault.in_row(approval.row, Some(id)));
            }
        }
    }
    Ok((told, refused))
}

fn of_approval(
    approval: &Approval<'_>,
    filed: &Filed,
    registered: &Registered,
) -> Result<Vec<Submitted>, Fault> {
    let number = filed.answers.text("id_number");
    let known = match (approval.person, number.map(|it| registered.holders(it))) {
        (Some(person), _) => Some(person.0),
        (None, Some([one])) => Some(*one),
        (None, Some([_, _, ..])) => {
            let message = "nhiều người trong sổ mang số định danh này: hãy gộp hồ sơ trùng trước";
            return Err(Fault::new("id_number", "several_people", message));
        }
        (None, _) => None,
    };
    let person = known.map_or_else(
        || approval.dossier.to_owned(),
        |number| format!("#{number}"),
    );
    let mut events = Vec::new();
    let mut tell = |name: &str, effective, kind| {
        let id = Uuid::new_v5(&approval.step, name.as_bytes());
        let event = Event {
            event_id: EventId(id.as_u128()),
            source: SOURCE.to_owned(),
            person: person.clone(),
            effective,
            kind,
        };
        let row = approval.row;
        events.push(Submitted { row, event });
    };
    if known.is_none() {
        let who = Box::new(registration(filed)?);
        tell(
            "registered",
            filed.submitted,
            EventKind::PersonRegistered(who),
        );
    }
    let mut open = known
        .and_then(|it| registered.facts.get(&it).cloned())
        .unwrap_or_default();
    for fact in &filed.stated.facts {
        let mut kind = fact.kind.clone();
        let cared = registered.resolve(&mut kind)?;
        let same = Open::of(&kind, cared);
        if let Some(at) = open.iter().position(|fact| *fact == same) {
            // Known already; of two children born on one day each counts once.
            open.swap_remove(at);
            continue;
        }
        let started = EventKind::FactStarted {
            fact_id: format!("{}/{}", approval.dossier, fact.key),
            fact: kind,
            to: fact.to,
        };
        tell(&fact.key, fact.from, started);
    }
    let recorded = known.is_some_and(|it| registered.dead.get(&it) == Some(&true));
    if let (Some(date), false) = (filed.stated.death, recorded) {
        tell("died", date, EventKind::Died { date });
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
        tell("enrolled", begins.first_day(), enrolled);
    }
    Ok(events)
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
        "id_number": text("id_number"), "area": filed.area, "phone": text("phone"),
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

impl Registered {
    fn holders(&self, number: &str) -> &[i64] {
        self.people.get(number).map_or(&[], Vec::as_slice)
    }

    /// Names somebody cared for by their number in the registry instead of their ID number.
    fn resolve(&self, kind: &mut FactKind) -> Result<Option<i64>, Fault> {
        let FactKind::CaresFor(cared) = kind else {
            return Ok(None);
        };
        match self.holders(&cared.person) {
            [one] => {
                cared.person = format!("#{one}");
                Ok(Some(*one))
            }
            _ => {
                let message = "người được chăm sóc chưa có trong sổ, hoặc trùng số định danh";
                Err(Fault::new(
                    "cared_id_number",
                    "unknown_cared_person",
                    message,
                ))
            }
        }
    }
}

impl Open {
    fn of(kind: &FactKind, cared: Option<i64>) -> Open {
        let born = match kind {
            FactKind::Child { birth_date, .. } => birth_date.map(PartialDate::assumed_day),
            _ => None,
        };
        Open {
            kind: registry::fact::code(kind).to_owned(),
            variant: registry::fact::variant(kind).map(str::to_owned),
            born,
            cared,
        }
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
        let stated = stated(form, &answers, submitted).map_err(|_| broken(&row.code))?;
        let one = Filed {
            benefit: row.benefit.and_then(Benefit::from_number),
            area: row.area_code,
            submitted,
            answers,
            stated,
        };
        filed.insert(row.code, one);
    }
    Ok(filed)
}

/// The people the answers and the dossiers name, with what goes on of them.
async fn registered(
    tx: &mut PgConnection,
    approvals: &[Approval<'_>],
    filed: &HashMap<String, Filed>,
) -> Result<Registered, ApplyError> {
    let numbers = filed.values().flat_map(|one| {
        let own = one.answers.text("id_number").into_iter();
        own.chain(one.stated.cared()).map(str::to_owned)
    });
    let numbers: Vec<String> = numbers.collect();
    let named: Vec<i64> = approvals
        .iter()
        .filter_map(|it| Some(it.person?.0))
        .collect();
    let mut registered = Registered::default();
    let people = sqlx::query!(
        r#"select person_id, id_number, death_date is not null as "dead!" from person
           where merged_into is null and (id_number = any($1) or person_id = any($2))"#,
        &numbers,
        &named
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<i64> = people.iter().map(|row| row.person_id).collect();
    for row in people {
        registered.dead.insert(row.person_id, row.dead);
        if let Some(number) = row.id_number {
            registered
                .people
                .entry(number)
                .or_default()
                .push(row.person_id);
        }
    }
    let facts = sqlx::query!(
        r#"select person_id, kind, variant, birth_date as "born: SqlDate", cared_person_id
           from fact where person_id = any($1) and to_date is null"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    for row in facts {
        let open = Open {
            kind: row.kind,
            variant: row.variant,
            born: row.born.map(|day| day.to_jiff()),
            cared: row.cared_person_id,
        };
        registered
            .facts
            .entry(row.person_id)
            .or_default()
            .push(open);
    }
    Ok(registered)
}
