//! Everybody of an area, one after the other in the order of their numbers, as the law sees them:
//! what a month's list is made from.
//!
//! What is known now comes from the tables of the registry, each read once in the order of people
//! and put together in passing. What was known at an earlier event is folded from the events up to
//! it; both give the same.

mod imagined;
mod past;
mod place;
mod tables;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::area::{Area, Areas};
use kernel::{Month, PersonId};
use law::Person;
use sqlx::{AssertSqlSafe, PgExecutor, PgPool};

use crate::apply::ApplyError;
use crate::event::Channel;
use crate::timeline::counts_from;

pub use imagined::{Imagined, imagine};
pub use place::Communes;

/// Up to where something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Everything recorded.
    Now,
    /// What was recorded up to a point in the past.
    Through(Cut),
}

/// A point in the recording of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The last `event_no`.
    pub event_no: i64,
    /// And no event recorded after this instant: a practice clock can be set back.
    pub recorded_at: Timestamp,
}

impl Known {
    /// What is known at an instant when the last event has the number: everything, unless events
    /// were recorded at a later time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn at(db: impl PgExecutor<'_>, cut: Cut) -> sqlx::Result<Known> {
        let Cut {
            event_no,
            recorded_at,
        } = cut;
        // Numbers have no index of their own; the sequence says whether there are higher ones. The
        // values stand in the statement, neither being text of a caller: for a time not known
        // beforehand PostgreSQL would read all events instead of the index of times.
        let statement = format!(
            "select case when (select last_value from event_no) > {event_no}
                         then exists (select from event where event_no > {event_no})
                         else false end
                    or exists (select from event where recorded_at > '{recorded_at}'::timestamptz)"
        );
        let beyond: bool = sqlx::query_scalar(AssertSqlSafe(statement))
            .persistent(false)
            .fetch_one(db)
            .await?;
        Ok(if beyond {
            Known::Through(cut)
        } else {
            Known::Now
        })
    }
}

/// One person with what a list asks about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The number in the registry.
    pub id: PersonId,
    /// As the law sees them.
    pub person: Person,
    /// Where they lived, in order, each from a day; the first also holds before.
    pub residences: Vec<(Date, &'static Area)>,
    /// The commune as it is in the month, whose list pays them.
    pub commune: &'static Area,
    /// False when the commune was split and nobody has confirmed which part it is.
    pub commune_confirmed: bool,
    /// How the money reaches them, once somebody said so.
    pub channel: Option<Channel>,
    /// The record this one was merged into: it has no enrolments of its own any more.
    pub merged_into: Option<PersonId>,
}

impl Case {
    /// Whether the person moved so that another residence counts in the month than in the one
    /// before. A commune that became another is no move.
    pub fn moves_in(&self, month: Month) -> bool {
        let before = counting(&self.residences, month.previous());
        let now = counting(&self.residences, month);
        (before.code, before.valid_from) != (now.code, now.valid_from)
    }

    /// The commune whose list pays the person in a month, as it is then.
    pub fn commune_in(&self, month: Month) -> &'static Area {
        let lived = counting(&self.residences, month);
        let now = Areas::embedded().resolve(lived.code, lived.valid_from, month);
        now.map_or(lived, |now| now.area)
    }
}

/// The residence that counts in a month.
fn counting(residences: &[(Date, &'static Area)], month: Month) -> &'static Area {
    let counts = |(since, _): &&(Date, &Area)| counts_from(*since) <= month;
    let lived = residences.iter().rev().find(counts).or(residences.first());
    let (_, area) = lived.expect("every person is registered in a commune");
    area
}

/// Merged records, each with the record it was merged into in the end.
pub type Merged = BTreeMap<PersonId, PersonId>;

/// People on their way out of the database. Read to the end.
pub struct Roll(Source);

enum Source {
    Tables(Box<tables::Tables>),
    Past(Box<past::Past>),
}

impl Roll {
    /// Begins to read the people who live in the communes in the month. While a list is made the
    /// caller holds `event` locked, so that nothing changes between the tables; three connections
    /// of the pool are used at a time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open(
        pool: &PgPool,
        communes: &Communes,
        month: Month,
        known: Known,
    ) -> Result<Roll, ApplyError> {
        Ok(Roll(match known {
            Known::Now => Source::Tables(Box::new(tables::open(pool, communes, month).await?)),
            Known::Through(cut) => {
                Source::Past(Box::new(past::open(pool, communes, month, cut).await?))
            }
        }))
    }

    /// The records merged into those read (the kept ones may not all live here): what lists hold
    /// for them was paid to the person who is kept.
    pub fn merged(&self) -> &Merged {
        match &self.0 {
            Source::Tables(tables) => tables.merged(),
            Source::Past(past) => past.merged(),
        }
    }

    /// The next person; `None` after the last. Also people without any enrolment, and merged ones,
    /// because earlier lists may hold money for them.
    ///
    /// # Errors
    /// Those of the database, and rows that do not add up.
    pub async fn next(&mut self) -> Result<Option<&Case>, ApplyError> {
        match &mut self.0 {
            Source::Tables(tables) => tables.next().await,
            Source::Past(past) => past.next().await,
        }
    }
}

fn inconsistent(person: i64, what: impl Into<String>) -> ApplyError {
    ApplyError::Inconsistent {
        person,
        what: what.into(),
    }
}
