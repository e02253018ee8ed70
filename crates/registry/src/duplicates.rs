//! The same person registered twice: found, shown, and merged or dismissed by a person only.

mod candidates;
pub(crate) mod likely;

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::area::Areas;
use kernel::{Clock, EventId, PartialDate, PersonId, Sex};
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::apply::{self, Applied, ApplyError, Run};
use crate::event::{Event, EventKind, Submitted};

pub use candidates::candidates;
pub use likely::settle;

/// The source of events that officers write in the registry itself.
pub const OWN_SOURCE: &str = "an-sinh";

/// Why two records look like one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// One plausible ID number.
    IdNumber,
    /// Same name without marks, birth date and sex, in one province.
    NameAndBirthDate,
    /// The same, where of one only the year (or year and month) of birth is known.
    NameAndBirthYear,
}

impl Likeness {
    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Likeness::IdNumber => "Cùng số định danh",
            Likeness::NameAndBirthDate => "Cùng họ tên, ngày sinh",
            Likeness::NameAndBirthYear => "Cùng họ tên, năm sinh",
        }
    }
}

/// Two records that may be one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Why.
    pub likeness: Likeness,
    /// The record with the lower number.
    pub one: Side,
    /// The other.
    pub other: Side,
}

/// A record of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The number in the registry.
    pub id: PersonId,
    /// The first caller's key.
    pub person: String,
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth_date: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// As received; only the last digits for those who may not see it whole.
    pub id_number: Option<String>,
    /// Code of the commune lived in.
    pub area: String,
    /// Its name with kind.
    pub area_name: String,
}

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DuplicateError {
    /// The two are one record.
    #[error("hai hồ sơ phải khác nhau")]
    Same,
    /// No record has the number, or it is merged already.
    #[error("không có hồ sơ mang số {0}, hoặc hồ sơ này đã gộp")]
    Unknown(PersonId),
    /// The merging was refused.
    #[error("{0}")]
    Refused(String),
    /// The actor is no officer where both live.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// The database failed or does not add up.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl From<sqlx::Error> for DuplicateError {
    fn from(error: sqlx::Error) -> DuplicateError {
        DuplicateError::Failed(error.into())
    }
}

impl DuplicateError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            DuplicateError::Same => "same_record",
            DuplicateError::Unknown(_) => "unknown_person",
            DuplicateError::Refused(_) => "refused",
            DuplicateError::Denied(denied) => denied.code(),
            DuplicateError::Failed(failed) => failed.code(),
        }
    }
}

/// Merges `dropped` into `kept`: an event of the dropped record, which keeps its identity and
/// passes its facts and enrolments on. Cancelling the event parts them again.
///
/// # Errors
/// [`DuplicateError`].
pub async fn merge(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    event_id: EventId,
    (kept, dropped): (PersonId, PersonId),
    reason: &str,
) -> Result<Applied, DuplicateError> {
    both(pool, actor, kept, dropped).await?;
    let event = Event {
        event_id,
        source: OWN_SOURCE.to_owned(),
        person: format!("#{dropped}"),
        effective: clock.today(),
        kind: EventKind::Merged {
            into: format!("#{kept}"),
            reason: reason.to_owned(),
        },
    };
    // Through its text: what is stored is what the reader of events takes.
    let event = Event::parse(event.to_json().as_bytes())
        .map_err(|fault| DuplicateError::Refused(format!("{}: {}", fault.field, fault.message)))?;
    let how = Run {
        record: true,
        merging: true,
        settled: false,
    };
    let applied = apply::run(pool, actor, clock, &[Submitted { row: 1, event }], how).await?;
    match applied.refused.first() {
        None => Ok(applied),
        Some(refusal) => Err(DuplicateError::Refused(refusal.message.clone())),
    }
}

/// Notes that two records were looked at and are two people.
///
/// # Errors
/// [`DuplicateError`].
pub async fn dismiss(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (one, other): (PersonId, PersonId),
    reason: &str,
) -> Result<(), DuplicateError> {
    both(pool, actor, one, other).await?;
    let (one, other) = (one.min(other), one.max(other));
    let now = clock.now();
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into duplicate_dismissal (person_id, other_id, dismissed_by, dismissed_at, reason)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        one.0,
        other.0,
        actor.name,
        now.to_sqlx() as _,
        reason
    )
    .execute(&mut *tx)
    .await?;
    let object = format!("person {one} {other}");
    let detail = json!({ "reason": reason });
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::DuplicateDismiss,
        &object,
        None,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses unless both records are there, not merged, and in the actor's hands.
async fn both(
    pool: &PgPool,
    actor: &Actor,
    one: PersonId,
    other: PersonId,
) -> Result<(), DuplicateError> {
    if one == other {
        return Err(DuplicateError::Same);
    }
    for id in [one, other] {
        let home = sqlx::query!(
            r#"select area_code, area_valid_from as "from: jiff_sqlx::Date" from person
               where person_id = $1 and merged_into is null"#,
            id.0
        )
        .fetch_optional(pool)
        .await?
        .ok_or(DuplicateError::Unknown(id))?;
        let area = Areas::embedded().get(&home.area_code, home.from.to_jiff());
        if !area.is_some_and(|area| access::holds_in(actor, &[Role::Officer], area)) {
            access::require(actor, &[Role::Officer], &home.area_code)?;
        }
    }
    Ok(())
}
