//! Records what a sheet says: looks once for people already known, then applies all at once.

use std::collections::{HashMap, HashSet};

use jiff_sqlx::Date as SqlDate;
use kernel::name::search_key;
use kernel::{Actor, Clock, PartialDate};
use law::FactKind;
use sqlx::PgPool;
use uuid::Uuid;

use super::column::Column;
use super::sheet::{Carer, Person, Read};
use crate::apply::{ApplyError, apply, try_out};
use crate::event::{Event, EventKind, Submitted};
use crate::refusal::Refusal;

/// What became of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows below the heading that are not blank.
    pub rows: u64,
    /// People registered now.
    pub new_people: u64,
    /// Events recorded now.
    pub events: u64,
    /// Events recorded when the same file was imported before.
    pub already: u64,
    /// What was not taken, by row.
    pub refused: Vec<Refusal>,
    /// What was taken and should be looked at, by row.
    pub warnings: Vec<Refusal>,
    /// Headings that are no column of the form.
    pub unknown_headings: Vec<String>,
}

impl Imported {
    /// How many rows have at least one refusal.
    pub fn refused_rows(&self) -> u64 {
        let rows: HashSet<u64> = self.refused.iter().map(|refusal| refusal.row).collect();
        rows.len() as u64
    }
}

/// Somebody living in the registry who holds an ID number.
struct Holder {
    person: i64,
    name_key: String,
    birth_date: PartialDate,
}

/// Records what was read, in one transaction; with `dry_run` only says what would happen.
///
/// A person who is in the registry already, by a plausible ID number with the same name and birth,
/// is not registered again, and the row is refused. A number that somebody else holds is kept and
/// told in the warnings.
///
/// # Errors
/// [`ApplyError`]: nothing was recorded.
pub async fn record(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    read: Read,
    dry_run: bool,
) -> Result<Imported, ApplyError> {
    let known = known_events(pool, &read.people).await?;
    let holders = holders(pool, &read).await?;
    let mut imported = Imported {
        rows: read.rows,
        refused: read.refused,
        warnings: read.warnings,
        unknown_headings: read.unknown_headings,
        ..Imported::default()
    };
    let dropped = refuse_known_people(&read.people, &known, &holders, &mut imported);
    let mut events = read.events;
    events.extend(find_cared_for(
        read.carers,
        &events,
        &holders,
        &mut imported,
    ));
    if !dropped.is_empty() {
        events.retain(|submitted| !dropped.contains(&submitted.row));
    }
    let applied = if dry_run {
        try_out(pool, actor, clock, &events).await?
    } else {
        apply(pool, actor, clock, &events).await?
    };
    imported.events = applied.applied;
    imported.already = applied.already;
    let not_registered: HashSet<u128> = applied
        .refused
        .iter()
        .filter_map(|refusal| refusal.event_id.map(|id| id.0))
        .collect();
    let new = |person: &&Person| {
        !known.contains(&person.event)
            && !dropped.contains(&person.row)
            && !not_registered.contains(&person.event.as_u128())
    };
    imported.new_people = read.people.iter().filter(new).count() as u64;
    imported
        .refused
        .extend(applied.refused.into_iter().map(under_heading));
    imported.refused.sort_by_key(|refusal| refusal.row);
    imported.warnings.sort_by_key(|warning| warning.row);
    Ok(imported)
}

/// A refusal of the registry with the heading in place of the field.
fn under_heading(mut refusal: Refusal) -> Refusal {
    if let Some(column) = Column::of_field(&refusal.field) {
        refusal.field = column.heading().into();
    }
    refusal
}

/// The registrations of the file that are recorded already.
async fn known_events(pool: &PgPool, people: &[Person]) -> sqlx::Result<HashSet<Uuid>> {
    let events: Vec<Uuid> = people.iter().map(|person| person.event).collect();
    let known = sqlx::query_scalar!(
        "select event_id from event_claim where event_id = any($1)",
        &events
    )
    .fetch_all(pool)
    .await?;
    Ok(known.into_iter().collect())
}

async fn holders(pool: &PgPool, read: &Read) -> sqlx::Result<HashMap<String, Holder>> {
    let own = read
        .people
        .iter()
        .filter_map(|person| person.id_number.as_ref());
    let cared = read.carers.iter().map(|carer| &carer.cared_id_number);
    let numbers: Vec<String> = own.chain(cared).cloned().collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select claim.id_number, person.person_id, person.full_name,
                  person.birth_date as "birth_date: SqlDate", person.birth_precision
           from id_number_claim as claim join person using (person_id)
           where claim.id_number = any($1)"#,
        &numbers
    )
    .fetch_all(pool)
    .await?;
    let holders = rows.into_iter().map(|row| {
        let birth_date = row.birth_date.to_jiff();
        let holder = Holder {
            person: row.person_id,
            name_key: search_key(&row.full_name),
            birth_date: PartialDate::from_parts(birth_date, &row.birth_precision),
        };
        (row.id_number, holder)
    });
    Ok(holders.collect())
}

struct Row {
    id_number: String,
    person_id: i64,
    full_name: String,
    birth_date: SqlDate,
    birth_precision: String,
}

/// Refuses the rows of people the registry has already; returns those rows.
fn refuse_known_people(
    people: &[Person],
    known: &HashSet<Uuid>,
    holders: &HashMap<String, Holder>,
    imported: &mut Imported,
) -> HashSet<u64> {
    let mut dropped = HashSet::new();
    let heading = Column::IdNumber.heading();
    for person in people
        .iter()
        .filter(|person| !known.contains(&person.event))
    {
        let holder = person
            .id_number
            .as_ref()
            .and_then(|number| holders.get(number));
        let Some(holder) = holder else {
            continue;
        };
        if person.is_same_as(&holder.name_key, holder.birth_date) {
            let why = "người này đã có trong hệ thống; hãy ghi thay đổi vào hồ sơ đã có";
            let refusal = Refusal::new(person.row, heading, "already_registered", why);
            imported.refused.push(refusal);
            dropped.insert(person.row);
        } else {
            let why = "số định danh đã thuộc về một người khác trong hệ thống";
            let warning = Refusal::new(person.row, heading, "held_by_another", why);
            imported.warnings.push(warning);
        }
    }
    dropped
}

/// The care facts of carers, each with the person cared for: by key when a row of the file has the
/// ID number, else by number in the registry.
fn find_cared_for(
    carers: Vec<Carer>,
    events: &[Submitted],
    holders: &HashMap<String, Holder>,
    imported: &mut Imported,
) -> Vec<Submitted> {
    if carers.is_empty() {
        return Vec::new();
    }
    let in_file: HashMap<&str, &str> = events.iter().filter_map(number_and_key).collect();
    let mut found = Vec::with_capacity(carers.len());
    for carer in carers {
        let number = carer.cared_id_number.as_str();
        let key = match (holders.get(number), in_file.get(number)) {
            (Some(holder), _) => Some(format!("#{}", holder.person)),
            (None, Some(key)) => Some((*key).to_owned()),
            (None, None) => None,
        };
        let Some(key) = key else {
            let why = "không có người nào mang số định danh này trong tệp hoặc trong hệ thống";
            let heading = Column::CaredIdNumber.heading();
            let refusal = Refusal::new(carer.row, heading, "unknown_cared_person", why);
            imported.refused.push(refusal);
            continue;
        };
        let mut event = carer.event;
        name_cared_for(&mut event, key);
        found.push(Submitted {
            row: carer.row,
            event,
        });
    }
    found
}

fn number_and_key(submitted: &Submitted) -> Option<(&str, &str)> {
    match &submitted.event.kind {
        EventKind::PersonRegistered(who) => {
            Some((who.id_number.as_deref()?, submitted.event.person.as_str()))
        }
        _ => None,
    }
}

fn name_cared_for(event: &mut Event, key: String) {
    if let EventKind::FactStarted {
        fact: FactKind::CaresFor(cared),
        ..
    } = &mut event.kind
    {
        cared.person = key;
    }
}
