//! Records what a list says: finds whom each row means, then applies all at once.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::name::search_key;
use kernel::{Actor, Clock, EventId};
use sqlx::PgPool;
use uuid::Uuid;

use super::column::Column;
use super::read::{Entry, ReadList};
use crate::apply::{ApplyError, apply, by_number, try_out};
use crate::event::{Channel, Event, EventKind, Holder, PayeeChoice, Submitted};
use crate::import::Imported;
use crate::refusal::Refusal;

/// Somebody a row may mean, and their receiver now.
struct Known {
    name_key: String,
    /// Whether the actor keeps records where the person lives, and the person lives.
    open: Result<(), (&'static str, &'static str)>,
    choice: Option<PayeeChoice>,
}

/// Whom keys and numbers lead to.
struct Found {
    by_key: HashMap<String, Vec<i64>>,
    by_id_number: HashMap<String, i64>,
    people: HashMap<i64, Known>,
}

/// Records what was read, in one transaction; with `dry_run` only says what would happen. Rows
/// recorded before, and rows that say what is known already, change nothing and are counted so.
///
/// # Errors
/// [`ApplyError`]: nothing was recorded.
pub async fn record_list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    read: ReadList,
    dry_run: bool,
) -> Result<Imported, ApplyError> {
    let recorded = recorded(pool, &read.entries).await?;
    let found = find(pool, actor, &read.entries).await?;
    let mut imported = Imported {
        rows: read.rows,
        refused: read.refused,
        unknown_headings: read.unknown_headings,
        ..Imported::default()
    };
    imported.warnings = shared_accounts(&read.entries);
    let mut events = Vec::new();
    let mut told = HashSet::new();
    for entry in read.entries {
        if recorded.contains(&entry.event) {
            imported.already += 1;
            continue;
        }
        match found.person_of(&entry) {
            Err(refusal) => imported.refused.push(refusal),
            Ok(person) if !told.insert(person) => {
                let why = "người này đã có ở một dòng trên; mỗi người chỉ một dòng";
                imported.refused.push(refusal(
                    entry.row,
                    Column::PersonKey,
                    "repeated_in_file",
                    why,
                ));
            }
            Ok(person) if found.receives_so(person, &entry.choice) => imported.already += 1,
            Ok(person) => events.push(submitted(entry, person, &read.source, clock.today())),
        }
    }
    let applied = if dry_run {
        try_out(pool, actor, clock, &events).await?
    } else {
        apply(pool, actor, clock, &events).await?
    };
    imported.events = applied.applied;
    imported.already += applied.already;
    imported
        .refused
        .extend(applied.refused.into_iter().map(under_heading));
    imported.refused.sort_by_key(|refusal| refusal.row);
    Ok(imported)
}

fn submitted(entry: Entry, person: i64, source: &str, today: Date) -> Submitted {
    Submitted {
        row: entry.row,
        event: Event {
            event_id: EventId(entry.event.as_u128()),
            source: source.to_owned(),
            person: format!("#{person}"),
            effective: entry.since.unwrap_or(today),
            kind: EventKind::PayeeSet(Box::new(entry.choice)),
        },
    }
}

fn refusal(row: u64, column: Column, code: &'static str, why: &str) -> Refusal {
    Refusal::new(row, column.heading(), code, why)
}

fn under_heading(mut refusal: Refusal) -> Refusal {
    if let Some(column) = Column::of_field(&refusal.field) {
        refusal.field = column.heading().into();
    }
    refusal
}

impl Found {
    /// The one person the key, the number and the name mean.
    fn person_of(&self, entry: &Entry) -> Result<i64, Refusal> {
        let no = |column, code, why| Err(refusal(entry.row, column, code, why));
        let by_key = match &entry.person_key {
            None => None,
            Some(key) => match (by_number(key), self.by_key.get(key).map(Vec::as_slice)) {
                (Some(person), _) => Some(person),
                (None, Some([person])) => Some(*person),
                (None, Some([_, ..])) => {
                    let why = "mã này chỉ nhiều người khác nhau: ghi thêm # và số hồ sơ";
                    return no(Column::PersonKey, "several_people", why);
                }
                _ => return no(Column::PersonKey, "unknown_person", NOBODY),
            },
        };
        let by_id_number = match &entry.id_number {
            None => None,
            Some(number) => match self.by_id_number.get(number) {
                Some(person) => Some(*person),
                None if by_key.is_none() => {
                    return no(Column::IdNumber, "unknown_person", NOBODY);
                }
                None => None,
            },
        };
        if let (Some(one), Some(other)) = (by_key, by_id_number)
            && one != other
        {
            let why = "mã người nhận và số định danh là của hai người khác nhau";
            return no(Column::IdNumber, "other_person", why);
        }
        let person = by_key.or(by_id_number);
        let Some((person, known)) = person.and_then(|it| Some((it, self.people.get(&it)?))) else {
            return no(Column::PersonKey, "unknown_person", NOBODY);
        };
        if let Err((code, why)) = known.open {
            return no(Column::PersonKey, code, why);
        }
        if known.name_key != entry.name_key {
            let why = "họ và tên khác với người mang mã hoặc số định danh này";
            return no(Column::FullName, "name_differs", why);
        }
        Ok(person)
    }

    fn receives_so(&self, person: i64, choice: &PayeeChoice) -> bool {
        let known = self.people.get(&person);
        known.is_some_and(|known| known.choice.as_ref() == Some(choice))
    }
}

const NOBODY: &str = "không có người này trong sổ ở địa bàn của bạn";

/// Accounts that stand in several rows, for somebody to look at.
fn shared_accounts(entries: &[Entry]) -> Vec<Refusal> {
    let account = |entry: &Entry| {
        let number = entry.choice.account_number.clone()?;
        Some((entry.choice.provider.clone(), number))
    };
    let mut first: HashMap<_, u64> = HashMap::new();
    let mut warnings = Vec::new();
    for entry in entries {
        let Some(account) = account(entry) else {
            continue;
        };
        let earlier = *first.entry(account).or_insert(entry.row);
        if earlier != entry.row {
            let why = format!("cùng một tài khoản với dòng {earlier}");
            let heading = Column::AccountNumber.heading();
            warnings.push(Refusal::new(entry.row, heading, "shared_account", why));
        }
    }
    warnings
}

async fn recorded(pool: &PgPool, entries: &[Entry]) -> sqlx::Result<HashSet<Uuid>> {
    let events: Vec<Uuid> = entries.iter().map(|entry| entry.event).collect();
    let known = sqlx::query_scalar!(
        "select event_id from event_claim where event_id = any($1)",
        &events
    )
    .fetch_all(pool)
    .await?;
    Ok(known.into_iter().collect())
}

async fn find(pool: &PgPool, actor: &Actor, entries: &[Entry]) -> sqlx::Result<Found> {
    let keys: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.person_key.as_deref())
        .collect();
    let numbers: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.id_number.as_deref())
        .collect();
    let mut by_key: HashMap<String, Vec<i64>> = HashMap::new();
    let rows = sqlx::query!(
        "select distinct key, person_id from person_key where key = any($1) order by person_id",
        &keys as &[&str]
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        by_key.entry(row.key).or_default().push(row.person_id);
    }
    let rows = sqlx::query!(
        "select id_number, person_id from id_number_claim where id_number = any($1)",
        &numbers as &[&str]
    )
    .fetch_all(pool)
    .await?;
    let by_id_number: HashMap<String, i64> = rows
        .into_iter()
        .map(|row| (row.id_number, row.person_id))
        .collect();
    let mut people: Vec<i64> = keys.iter().filter_map(|key| by_number(key)).collect();
    people.extend(by_key.values().flatten());
    people.extend(by_id_number.values());
    Ok(Found {
        people: known(pool, actor, &people).await?,
        by_key,
        by_id_number,
    })
}

async fn known(pool: &PgPool, actor: &Actor, people: &[i64]) -> sqlx::Result<HashMap<i64, Known>> {
    let rows = sqlx::query!(
        r#"select p.person_id, p.full_name, p.area_code,
                  p.area_valid_from as "area_valid_from: jiff_sqlx::Date",
                  p.death_date is not null as "dead!", p.merged_into is not null as "merged!",
                  y.channel as "channel?", y.holder as "holder?", y.holder_name as "holder_name?",
                  y.holder_id_number as "holder_id_number?", y.provider as "provider?",
                  y.account_number as "account_number?",
                  y.authorised_until as "authorised_until?: jiff_sqlx::Date"
           from person p left join payee y using (person_id)
           where p.person_id = any($1)"#,
        people
    )
    .fetch_all(pool)
    .await?;
    let areas = Areas::embedded();
    let people = rows.into_iter().map(|row| {
        let home = areas.get(&row.area_code, row.area_valid_from.to_jiff());
        let kept = home.is_some_and(|home| access::holds_in(actor, &[Role::Officer], home));
        let open = match (kept, row.dead, row.merged) {
            (false, ..) => Err(("unknown_person", NOBODY)),
            (_, true, _) => Err(("dead", "người này đã mất")),
            (.., true) => Err(("merged", "hồ sơ này đã gộp vào hồ sơ khác")),
            _ => Ok(()),
        };
        let channel = row.channel.as_deref().and_then(Channel::from_code);
        let holder = row.holder.as_deref().and_then(Holder::from_code);
        let choice = channel.zip(holder).map(|(channel, holder)| PayeeChoice {
            channel,
            holder,
            holder_name: row.holder_name,
            holder_id_number: row.holder_id_number,
            provider: row.provider,
            account_number: row.account_number,
            authorised_until: row.authorised_until.map(|day| day.to_jiff()),
        });
        let known = Known {
            name_key: search_key(&row.full_name),
            open,
            choice,
        };
        (row.person_id, known)
    });
    Ok(people.collect())
}
