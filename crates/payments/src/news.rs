//! What kinds of things were recorded about a person since an earlier list.

use std::collections::HashMap;

use kernel::PersonId;
use sqlx::PgExecutor;

/// Kinds of events recorded since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// A decision to pay.
    pub(crate) enrolled: bool,
    /// A suspension lifted.
    pub(crate) resumed: bool,
    /// Something corrected or cancelled.
    pub(crate) corrected: bool,
    /// A fact began or ended.
    pub(crate) facts: bool,
    /// Moved.
    pub(crate) moved: bool,
    /// Died.
    pub(crate) died: bool,
}

impl News {
    pub(crate) fn add(&mut self, kind: &str) {
        match kind {
            "enrolled" | "person_registered" => self.enrolled = true,
            "resumed" => self.resumed = true,
            "person_corrected" | "event_cancelled" => self.corrected = true,
            "fact_started" | "fact_ended" => self.facts = true,
            "moved" => self.moved = true,
            "died" => self.died = true,
            _ => {}
        }
    }
}

/// What was recorded after one event and up to another, about each of the people.
pub(crate) async fn of_people(
    db: impl PgExecutor<'_>,
    people: &[i64],
    after: i64,
    through: i64,
) -> sqlx::Result<HashMap<PersonId, News>> {
    let rows = sqlx::query!(
        "select distinct person_id, kind from event
         where person_id = any($1) and event_no > $2 and event_no <= $3",
        people,
        after,
        through
    )
    .fetch_all(db)
    .await?;
    let mut news: HashMap<PersonId, News> = HashMap::new();
    for row in rows {
        news.entry(PersonId(row.person_id))
            .or_default()
            .add(&row.kind);
    }
    Ok(news)
}
