//! What is known already of the events and people of a call.

mod people;

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt;
use kernel::EventId;
use law::FactKind;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{ApplyError, Setting, Stop};
use crate::event::{Event, EventKind, Submitted};
use crate::refusal::{Fault, Refusal};

/// The events of a call beside what is stored of their people.
pub(super) struct Intake<'a> {
    /// As submitted.
    pub events: &'a [Submitted],
    /// The people touched, by number.
    pub people: BTreeMap<i64, Touched>,
    /// Callers' keys: (source, key) to the person's number, stored ones and new ones.
    pub keys: HashMap<(&'a str, &'a str), i64>,
    /// Keys of cared-for people named by events stored earlier.
    pub stored_keys: HashMap<(String, String), i64>,
    /// People numbered now, in order, each with source and key.
    pub newcomers: Vec<(i64, &'a str, &'a str)>,
    /// Recorded before with the same content.
    pub already: u64,
    /// What was refused so far.
    pub refused: Vec<Refusal>,
}

/// One person of a call.
#[derive(Default)]
pub(super) struct Touched {
    /// Not stored yet.
    pub new: bool,
    /// Recorded earlier, in order.
    pub stored: Vec<Event>,
    /// Indices of submitted events; after acceptance, of the accepted ones.
    pub submitted: Vec<usize>,
    /// Registered once the accepted events are in.
    pub registered: bool,
}

impl<'a> Intake<'a> {
    pub(super) fn refuse(&mut self, at: usize, fault: Fault) {
        let submitted = &self.events[at];
        let refusal = fault.in_row(submitted.row, Some(submitted.event.event_id));
        self.refused.push(refusal);
    }

    /// Everything of a person in the order of recording: stored, then submitted.
    pub(super) fn events_of<'s>(&'s self, person: &'s Touched) -> Vec<&'s Event> {
        let submitted = person.submitted.iter().map(|at| &self.events[*at].event);
        person.stored.iter().chain(submitted).collect()
    }

    /// The number of a person that an event of a source names.
    pub(super) fn number_of(&self, source: &str, person: &str) -> Option<i64> {
        match by_number(person) {
            Some(number) => Some(number),
            None => self.keys.get(&(source, person)).copied().or_else(|| {
                let key = (source.to_owned(), person.to_owned());
                self.stored_keys.get(&key).copied()
            }),
        }
    }
}

/// `#123` names a person by the number in the registry.
pub(crate) fn by_number(person: &str) -> Option<i64> {
    person.strip_prefix('#')?.parse().ok()
}

/// Whom a `cares_for` fact names.
pub(super) fn cared_for(event: &Event) -> Option<&str> {
    match &event.kind {
        EventKind::FactStarted {
            fact: FactKind::CaresFor(cared),
            ..
        } => Some(&cared.person),
        _ => None,
    }
}

pub(super) async fn take_in<'a>(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    events: &'a [Submitted],
) -> Result<Intake<'a>, Stop> {
    let mut intake = Intake {
        events,
        people: BTreeMap::new(),
        keys: HashMap::new(),
        stored_keys: HashMap::new(),
        newcomers: Vec::new(),
        already: 0,
        refused: Vec::new(),
    };
    let fresh = fresh(tx, &mut intake).await?;
    let fresh = sensible(setting, &mut intake, fresh);
    people::find_keys(tx, &mut intake, &fresh).await?;
    if people::registered_meanwhile(tx, &intake, &fresh).await? {
        return Err(Stop::Again);
    }
    people::number_newcomers(tx, &mut intake, &fresh).await?;
    people::find_numbers(tx, &mut intake, &fresh).await?;
    for at in fresh {
        let event = &events[at].event;
        let person = intake.number_of(&event.source, &event.person);
        match person.and_then(|person| intake.people.get_mut(&person)) {
            Some(person) => person.submitted.push(at),
            None => {
                let why = "chưa có người nào đăng ký với mã này";
                intake.refuse(at, Fault::new("person", "unknown_person", why));
            }
        }
    }
    people::add_merged(tx, &mut intake).await?;
    people::load_stored(tx, &mut intake).await?;
    Ok(intake)
}

/// The events whose identity is not known yet; the others are counted or refused.
async fn fresh(tx: &mut PgConnection, intake: &mut Intake<'_>) -> Result<Vec<usize>, Stop> {
    let events = intake.events;
    let mut first: HashMap<EventId, usize> = HashMap::with_capacity(events.len());
    let mut fresh = Vec::with_capacity(events.len());
    for (at, submitted) in events.iter().enumerate() {
        match first.entry(submitted.event.event_id) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(at);
                fresh.push(at);
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                let same = events[*entry.get()].event == submitted.event;
                intake.known(at, same);
            }
        }
    }
    let ids: Vec<Uuid> = fresh.iter().map(|at| events[*at].event.uuid()).collect();
    let mut rows = sqlx::query!(
        r#"select c.event_id, e.body::text as "body!"
           from unnest($1::uuid[]) as given (event_id)
           join event_claim c using (event_id)
           join event e on e.person_id = c.person_id and e.event_id = c.event_id"#,
        &ids
    )
    .fetch(tx);
    let mut stored = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let at = first[&EventId(row.event_id.as_u128())];
        let same = Event::parse(row.body.as_bytes()).is_ok_and(|event| event == events[at].event);
        stored.insert(at, same);
    }
    fresh.retain(|at| match stored.get(at) {
        None => true,
        Some(same) => {
            intake.known(*at, *same);
            false
        }
    });
    Ok(fresh)
}

impl Intake<'_> {
    /// An event identity that was used before, with the same content or another one.
    fn known(&mut self, at: usize, same: bool) {
        if same {
            self.already += 1;
        } else {
            let why = "mã sự kiện này đã dùng cho một sự kiện có nội dung khác";
            self.refuse(at, Fault::new("event_id", "event_id_reused", why));
        }
    }
}

/// Leaves out what no person can make true.
fn sensible(setting: &Setting<'_>, intake: &mut Intake<'_>, fresh: Vec<usize>) -> Vec<usize> {
    let today = kernel::clock::vietnam_time(setting.now).date();
    let events = intake.events;
    let in_future = |field| Fault::new(field, "in_future", "ngày này chưa đến");
    let judged = |at: &usize| {
        let event = &events[*at].event;
        match &event.kind {
            EventKind::Died { date } if *date > today => Some(in_future("date")),
            EventKind::PersonRegistered(it) if it.birth_date.assumed_day() > today => {
                Some(in_future("birth_date"))
            }
            EventKind::PersonRegistered(_) if event.person.starts_with('#') => {
                let why = "mã của người mới không được bắt đầu bằng dấu #";
                Some(Fault::new("person", "not_a_key", why))
            }
            EventKind::Merged { .. } if !setting.merging => {
                let why = "gộp hồ sơ do cán bộ làm trên trang hồ sơ trùng, không nhận từ tệp";
                Some(Fault::new("kind", "merged_by_person_only", why))
            }
            _ => None,
        }
    };
    let mut kept = Vec::with_capacity(fresh.len());
    for at in fresh {
        match judged(&at) {
            None => kept.push(at),
            Some(fault) => intake.refuse(at, fault),
        }
    }
    kept
}

/// Reads an event back from its stored body.
pub(crate) fn parse_stored(person: i64, body: &[u8]) -> Result<Event, ApplyError> {
    Event::parse(body).map_err(|fault| ApplyError::Inconsistent {
        person,
        what: format!("{}: {}", fault.field, fault.message),
    })
}

/// The sequences numbers are taken from in blocks.
#[derive(Clone, Copy)]
pub(super) enum Sequence {
    Event,
    Person,
}

/// Takes numbers, in rising order; a block need not be without gaps.
pub(super) async fn take_numbers(
    tx: &mut PgConnection,
    sequence: Sequence,
    count: usize,
) -> sqlx::Result<Vec<i64>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let name = match sequence {
        Sequence::Event => "event_no",
        Sequence::Person => "person_id",
    };
    let count = i64::try_from(count).expect("a file has far fewer than 2^63 events");
    sqlx::query_scalar!(
        r#"select array_agg(nextval($1::text::regclass)) as "numbers!" from generate_series(1, $2::bigint)"#,
        name,
        count
    )
    .fetch_one(tx)
    .await
}
