//! What is stored of a person.

use std::collections::HashMap;

use kernel::personal_id::IdState;
use kernel::{EventId, PersonId};
use sqlx::PgConnection;

use super::{Entry, PersonError};
use crate::apply::{ApplyError, parse_stored};
use crate::event::EventKind;

/// The record and those that are one person with it.
pub(super) async fn group(tx: &mut PgConnection, id: PersonId) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select person_id from person
           where person_id = $1 or merged_into = $1 order by person_id"#,
        id.0
    )
    .fetch_all(tx)
    .await
}

/// Everything recorded of a group, in order, with what cancelled it.
pub(super) async fn entries(
    tx: &mut PgConnection,
    group: &[i64],
) -> Result<Vec<Entry>, PersonError> {
    let rows = sqlx::query!(
        r#"select person_id, event_no, recorded_at as "recorded_at: jiff_sqlx::Timestamp", actor,
                  body::text as "body!"
           from event where person_id = any($1) order by event_no"#,
        group
    )
    .fetch_all(tx)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        entries.push(Entry {
            person: PersonId(row.person_id),
            event_no: row.event_no,
            recorded_at: row.recorded_at.to_jiff(),
            actor: row.actor,
            event: parse_stored(row.person_id, row.body.as_bytes())?,
            cancelled_by: None,
        });
    }
    let cancelled: HashMap<EventId, EventId> = entries
        .iter()
        .filter_map(|entry| match entry.event.kind {
            EventKind::EventCancelled { cancels } => Some((cancels, entry.event.event_id)),
            _ => None,
        })
        .collect();
    for entry in &mut entries {
        entry.cancelled_by = cancelled.get(&entry.event.event_id).copied();
    }
    Ok(entries)
}

pub(super) async fn id_state(tx: &mut PgConnection, id: PersonId) -> Result<IdState, PersonError> {
    let code = sqlx::query_scalar!("select id_state from person where person_id = $1", id.0)
        .fetch_one(tx)
        .await?;
    let unknown = || ApplyError::Inconsistent {
        person: id.0,
        what: "id_state".to_owned(),
    };
    Ok(IdState::from_code(&code).ok_or_else(unknown)?)
}

pub(super) async fn keys(
    tx: &mut PgConnection,
    id: PersonId,
) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "select source, key from person_key where person_id = $1 order by source, key",
        id.0
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.source, row.key)).collect())
}
