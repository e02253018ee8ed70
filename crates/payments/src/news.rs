//! What kinds of things were recorded about a person since an earlier list.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Month, PersonId};
use sqlx::{PgConnection, PgExecutor, PgPool};

use crate::{Refused, Scope, header, opening};

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
    /// Found to be one person with another record.
    pub(crate) merged: bool,
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
            "merged" => self.merged = true,
            _ => {}
        }
    }

    fn and(self, other: News) -> News {
        News {
            enrolled: self.enrolled || other.enrolled,
            resumed: self.resumed || other.resumed,
            corrected: self.corrected || other.corrected,
            facts: self.facts || other.facts,
            moved: self.moved || other.moved,
            died: self.died || other.died,
            merged: self.merged || other.merged,
        }
    }
}

/// Records that were ever merged with each other, even if that was cancelled: news of one is news
/// of all.
struct Related(Vec<Vec<PersonId>>);

impl Related {
    /// As known through an event.
    async fn known(db: impl PgExecutor<'_>, through: i64) -> sqlx::Result<Related> {
        let pairs = sqlx::query!(
            r#"select person_id, substr(body->>'into', 2)::bigint as "into!" from event
               where kind = 'merged' and event_no <= $1"#,
            through
        )
        .fetch_all(db)
        .await?;
        let mut groups: Vec<Vec<PersonId>> = Vec::new();
        let mut group_of: HashMap<PersonId, usize> = HashMap::new();
        for pair in pairs {
            let (one, other) = (PersonId(pair.person_id), PersonId(pair.into));
            let at = match (group_of.get(&one).copied(), group_of.get(&other).copied()) {
                (Some(at), Some(same)) if at == same => continue,
                (Some(at), Some(with)) => {
                    for record in std::mem::take(&mut groups[with]) {
                        group_of.insert(record, at);
                        groups[at].push(record);
                    }
                    continue;
                }
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => {
                    groups.push(Vec::new());
                    groups.len() - 1
                }
            };
            for record in [one, other] {
                if group_of.insert(record, at).is_none() {
                    groups[at].push(record);
                }
            }
        }
        Ok(Related(groups))
    }

    /// The people and everybody related to one of them.
    fn with(&self, people: &[i64]) -> Vec<i64> {
        let asked: HashSet<i64> = people.iter().copied().collect();
        let touched = |group: &&Vec<PersonId>| group.iter().any(|record| asked.contains(&record.0));
        let related = self.0.iter().filter(touched).flatten();
        let mut all = asked.clone();
        all.extend(related.map(|record| record.0));
        all.into_iter().collect()
    }

    /// What was recorded after one event and up to another, about each of the people.
    async fn news(
        &self,
        db: impl PgExecutor<'_>,
        people: &[i64],
        after: i64,
        through: i64,
    ) -> sqlx::Result<HashMap<PersonId, News>> {
        let people = self.with(people);
        let rows = sqlx::query!(
            "select distinct person_id, kind from event
             where person_id = any($1) and event_no > $2 and event_no <= $3",
            &people,
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
        self.share(&mut news);
        Ok(news)
    }

    /// Gives everybody the news of their group.
    fn share(&self, news: &mut HashMap<PersonId, News>) {
        for group in &self.0 {
            let of_all = group.iter().filter_map(|record| news.get(record).copied());
            let Some(of_all) = of_all.reduce(News::and) else {
                continue;
            };
            news.extend(group.iter().map(|record| (*record, of_all)));
        }
    }
}

/// What was recorded after one event and up to another, about each of the people.
pub(crate) async fn of_people(
    pool: &PgPool,
    people: &[i64],
    after: i64,
    through: i64,
) -> sqlx::Result<HashMap<PersonId, News>> {
    let related = Related::known(pool, through).await?;
    related.news(pool, people, after, through).await
}

/// What was recorded after one event, which was there at a time, and up to another, about anybody.
async fn of_everybody(
    db: &mut PgConnection,
    related: &Related,
    (since, after): (Timestamp, i64),
    through: i64,
) -> sqlx::Result<HashMap<PersonId, News>> {
    let mut news: HashMap<PersonId, News> = HashMap::new();
    let mut rows = sqlx::query!(
        "select distinct person_id, kind from event
         where recorded_at >= $1 and event_no > $2 and event_no <= $3",
        since.to_sqlx() as _,
        after,
        through
    )
    .fetch(db);
    while let Some(row) = rows.try_next().await? {
        let of_one = news.entry(PersonId(row.person_id)).or_default();
        of_one.add(&row.kind);
    }
    drop(rows);
    related.share(&mut news);
    Ok(news)
}

/// What was recorded about everybody since the last approval in an area: read in one go, because
/// months long past are only paid to people about whom something new is known.
#[derive(Debug, Default)]
pub(crate) struct Newspaper(HashMap<PersonId, News>);

impl Newspaper {
    /// Since the earliest of the area's latest approved lists and openings before an approval
    /// number, through an event. Empty when there is none: then everything is new.
    pub(crate) async fn since_last_approval(
        tx: &mut PgConnection,
        scope: &Scope,
        based_on: i64,
        through: i64,
    ) -> Result<Newspaper, Refused> {
        let mut latest: HashMap<String, (i64, i64, Timestamp)> = HashMap::new();
        for list in header::of_months(&mut *tx, Month::MIN, scope.month).await? {
            let Some(number) = list.approval_no.filter(|number| *number <= based_on) else {
                continue;
            };
            if list.scope()?.overlaps(scope) {
                let known = (number, list.known_through, list.made_at);
                note(&mut latest, list.area, known);
            }
        }
        for opening in opening::all(&mut *tx).await? {
            if opening.number <= based_on && opening.scope()?.overlaps(scope) {
                let known = (opening.number, opening.known_through, opening.recorded_at);
                note(&mut latest, opening.area, known);
            }
        }
        let after = latest.values().map(|(_, through, _)| *through).min();
        let since = latest.values().map(|(_, _, at)| *at).min();
        let (Some(after), Some(since)) = (after, since) else {
            return Ok(Newspaper::default());
        };
        let related = Related::known(&mut *tx, through).await?;
        let Some((codes, days)) = scope.columns() else {
            let all = of_everybody(tx, &related, (since, after), through).await?;
            return Ok(Newspaper(all));
        };
        // For a province or a commune the news of the whole country are not read.
        let people = sqlx::query_scalar!(
            "select distinct person_id from residence
             where (area_code, area_valid_from) in (
                 select code, day from unnest($1::text[], $2::date[]) as inside (code, day))",
            &codes,
            days as _
        )
        .fetch_all(&mut *tx)
        .await?;
        let of_all = related.news(tx, &people, after, through).await?;
        Ok(Newspaper(of_all))
    }

    /// About one person.
    pub(crate) fn of(&self, person: PersonId) -> News {
        self.0.get(&person).copied().unwrap_or_default()
    }
}

fn note(
    latest: &mut HashMap<String, (i64, i64, Timestamp)>,
    area: String,
    known: (i64, i64, Timestamp),
) {
    let last = latest.entry(area).or_insert(known);
    if known.0 > last.0 {
        *last = known;
    }
}
