//! One person: who it is, what is true of them, and everything that was recorded.

use std::collections::HashMap;

use access::audit::Action;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::actor::Actor;
use kernel::area::{Area, Areas};
use kernel::personal_id::{IdState, suggestion};
use kernel::{Clock, EventId, Month, MonthSpan, PartialDate, PersonId, Sex};
use law::{Benefit, Fact};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::apply::{ApplyError, by_number};
use crate::event::{CheckResult, Decision, Event, EventKind, PayeeChoice};
use crate::sight;
use crate::timeline::{self, PersonState};

mod find;
mod stored;

pub use find::{Lookup, find};

/// A person as the page shows them.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The number in the registry.
    pub id: PersonId,
    /// The first caller's key.
    pub person_key: String,
    /// What each source calls them: source and key.
    pub keys: Vec<(String, String)>,
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth_date: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// Code of the ethnic group.
    pub ethnicity: Option<String>,
    /// As received; only the last digits when `handler` is false.
    pub id_number: Option<String>,
    /// What the number looks like.
    pub id_state: IdState,
    /// What a malformed number may have been, as a question in Vietnamese.
    pub id_suggestion: Option<&'static str>,
    /// What the population database said, and which fields differ.
    pub check: Option<(CheckResult, Vec<String>)>,
    /// The caller's key of the household.
    pub household_id: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where they lived, each from a day.
    pub residences: Vec<(Date, &'static Area)>,
    /// The commune as it is today.
    pub commune: &'static Area,
    /// False when the commune was split and nobody has confirmed which part it is.
    pub commune_confirmed: bool,
    /// Day of death.
    pub death_date: Option<Date>,
    /// What is true of them, with the caller's key; without what reveals an infection when
    /// `handler` is false.
    pub facts: Vec<(String, Fact)>,
    /// Benefits awarded; likewise.
    pub enrolments: Vec<Enrolment>,
    /// Who receives the money, since when.
    pub payee: Option<(Date, PayeeChoice)>,
    /// Whether they wish an account, if asked.
    pub wants_account: Option<bool>,
    /// The record this one was merged into.
    pub merged_into: Option<PersonId>,
    /// Records merged into this one.
    pub merged_here: Vec<PersonId>,
    /// Everything recorded, newest first; likewise.
    pub timeline: Vec<Entry>,
    /// Whether the actor sees whole numbers and what reveals an infection.
    pub handler: bool,
}

/// A benefit awarded.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrolment {
    /// Which.
    pub benefit: Benefit,
    /// First month paid.
    pub from: Month,
    /// Last month paid; `None` while it goes on.
    pub to: Option<Month>,
    /// Months in which payment rests.
    pub suspended: Vec<MonthSpan>,
    /// The decision.
    pub decision: Decision,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// The `enrolled` event.
    pub event_id: EventId,
}

/// A recorded event.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The record it was written to; another one for merged records.
    pub person: PersonId,
    /// Order of recording over all people.
    pub event_no: i64,
    /// Known since.
    pub recorded_at: Timestamp,
    /// Who recorded it.
    pub actor: String,
    /// The event as received.
    pub event: Event,
    /// The later event that cancelled it.
    pub cancelled_by: Option<EventId>,
}

/// The person was not shown.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// Nobody has this number.
    #[error("không có người mang số {0} trong sổ")]
    Unknown(PersonId),
    /// The actor may not look at people living there.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// The database failed or does not add up.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl From<sqlx::Error> for PersonError {
    fn from(error: sqlx::Error) -> PersonError {
        PersonError::Failed(error.into())
    }
}

impl PersonError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            PersonError::Unknown(_) => "unknown_person",
            PersonError::Denied(denied) => denied.code(),
            PersonError::Failed(failed) => failed.code(),
        }
    }
}

/// Shows a person to an actor who may look at people where they live. The look is in the audit
/// log.
///
/// # Errors
/// [`PersonError`].
pub async fn read(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    id: PersonId,
) -> Result<Profile, PersonError> {
    let mut tx = pool.begin().await?;
    let profile = profile(&mut tx, actor, clock, id).await?;
    let object = format!("person {id}");
    let area = Some(profile.commune.code);
    access::audit::record(
        &mut tx,
        clock.now(),
        actor,
        Action::PersonView,
        &object,
        area,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(profile)
}

async fn profile(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    id: PersonId,
) -> Result<Profile, PersonError> {
    let group = stored::group(tx, id).await?;
    let entries = stored::entries(tx, &group).await?;
    let mut states = HashMap::new();
    for person in &group {
        let own = entries.iter().filter(|entry| entry.person.0 == *person);
        let events: Vec<&Event> = own.map(|entry| &entry.event).collect();
        let folded = timeline::fold(&events, Areas::embedded()).map_err(|contradiction| {
            let what = contradiction.fault.message;
            ApplyError::Inconsistent {
                person: *person,
                what,
            }
        })?;
        states.extend(folded.map(|state| (*person, state)));
    }
    let mut state = states.remove(&id.0).ok_or(PersonError::Unknown(id))?;
    let merged_into = state.merged_into.and_then(by_number).map(PersonId);
    let mut merged_here = Vec::new();
    if merged_into.is_none() {
        let mut others: Vec<_> = states.into_iter().collect();
        others.sort_unstable_by_key(|(person, _)| *person);
        for (person, other) in others {
            merged_here.push(PersonId(person));
            state.absorb(other);
        }
    }
    let home = state.home();
    let denied = || access::require(actor, sight::READERS, home.code).err();
    if !access::holds_in(actor, sight::READERS, home)
        && let Some(denied) = denied()
    {
        return Err(denied.into());
    }
    let handler = sight::handles(actor, home);
    let id_state = stored::id_state(tx, id).await?;
    let keys = stored::keys(tx, id).await?;
    let timeline = entries
        .iter()
        .rev()
        .filter(|entry| merged_into.is_none() || entry.person == id)
        .filter(|entry| handler || !reveals(&entry.event.kind))
        .cloned()
        .collect();
    let (commune, commune_confirmed) = now(home, clock);
    Ok(Profile {
        id,
        keys,
        id_state,
        commune,
        commune_confirmed,
        merged_into,
        merged_here,
        timeline,
        handler,
        ..shown(id, &state, handler)
    })
}

fn now(home: &'static Area, clock: &Clock) -> (&'static Area, bool) {
    let month = Month::of(clock.today());
    let found = Areas::embedded().resolve(home.code, home.valid_from, month);
    found.map_or((home, true), |now| (now.area, now.confirmed))
}

/// What the state says, without what is looked up elsewhere.
fn shown(id: PersonId, state: &PersonState<'_>, handler: bool) -> Profile {
    let who = &state.identity;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let facts = state
        .facts
        .iter()
        .filter(|fact| handler || *fact.kind != law::FactKind::Hiv);
    let awards = state
        .awards
        .iter()
        .filter(|award| handler || !award.benefit.reveals_hiv());
    let guess = who
        .id_number
        .and_then(|text| suggestion(text, who.sex, who.birth_date));
    Profile {
        id,
        person_key: who.person_key.to_owned(),
        keys: Vec::new(),
        full_name: who.full_name.to_owned(),
        birth_date: who.birth_date,
        sex: who.sex,
        ethnicity: owned(who.ethnicity),
        id_number: sight::id_number(owned(who.id_number), handler),
        id_state: IdState::Missing,
        id_suggestion: guess.map(|guess| guess.vietnamese()),
        check: state
            .check
            .map(|(result, fields)| (result, fields.to_vec())),
        household_id: owned(who.household_id),
        phone: owned(who.phone),
        residences: state.residences.clone(),
        commune: state.home(),
        commune_confirmed: true,
        death_date: state.death,
        facts: facts
            .map(|fact| (fact.fact_id.to_owned(), fact.to_law()))
            .collect(),
        enrolments: awards
            .map(|award| Enrolment {
                benefit: award.benefit,
                from: award.from,
                to: award.to,
                suspended: award.suspended.clone(),
                decision: award.decision.clone(),
                end_reason: owned(award.end_reason),
                event_id: award.event_id,
            })
            .collect(),
        payee: state.payee.map(|(since, choice)| (since, choice.clone())),
        wants_account: state.wants_account,
        merged_into: None,
        merged_here: Vec::new(),
        timeline: Vec::new(),
        handler,
    }
}

fn reveals(kind: &EventKind) -> bool {
    match kind {
        EventKind::Enrolled { benefit, .. } | EventKind::EnrolmentEnded { benefit, .. } => {
            benefit.reveals_hiv()
        }
        EventKind::Suspended(pause) | EventKind::Resumed(pause) => {
            pause.benefit.is_some_and(Benefit::reveals_hiv)
        }
        EventKind::FactStarted { fact, .. } => *fact == law::FactKind::Hiv,
        // An ID number, whole.
        EventKind::PersonRegistered(_) | EventKind::PersonCorrected(_) => true,
        _ => false,
    }
}
