//! The same person registered twice: found, shown, and merged or dismissed by a person only.

use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Role};
use kernel::area::{Area, Areas};
use kernel::{Clock, EventId, Month, PartialDate, PersonId, Sex};
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::apply::{self, Applied, ApplyError, Run};
use crate::event::{Event, EventKind, Submitted};
use crate::sight;

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
    #[serde(skip)]
    home: Option<&'static Area>,
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

/// Pairs of which at least one lives in the area (empty: wherever the actor may look), not
/// dismissed, the surest first. At most `limit`.
///
/// # Errors
/// Those of the database.
pub async fn candidates(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
    limit: u32,
) -> sqlx::Result<Vec<Pair>> {
    let inside = sight::communes(actor, area, Month::of(clock.today()));
    let rows = sqlx::query!(
        r#"with here as (
               select * from person
               where merged_into is null
                 and ($1::text[] is null or (area_code, area_valid_from) in
                      (select * from unnest($1::text[], $2::date[])))
           ), pair as (
               select a.person_id as one, b.person_id as other, 0 as likeness
               from here a
               join person b on b.id_number = a.id_number and b.person_id <> a.person_id
               where b.merged_into is null
                 and (a.id_state = 'held_by_another' and b.id_state = 'plausible'
                      or a.id_state = 'plausible' and b.id_state = 'held_by_another')
             union all
               select a.person_id, b.person_id,
                      case when a.birth_precision = 'd' and b.birth_precision = 'd'
                           then 1 else 2 end
               from here a
               join person b on b.name_key = a.name_key and b.person_id <> a.person_id
                and extract(year from b.birth_date) = extract(year from a.birth_date)
               where b.merged_into is null
                 and coalesce(a.sex = b.sex, true)
                 and (a.birth_date = b.birth_date
                      or a.birth_precision = 'y' or b.birth_precision = 'y'
                      or (a.birth_precision = 'm' or b.birth_precision = 'm')
                         and extract(month from a.birth_date) = extract(month from b.birth_date))
           ), likely as (
               select least(one, other) as one, greatest(one, other) as other,
                      min(likeness) as likeness
               from pair group by 1, 2
           )
           select l.likeness as "likeness!",
                  a.person_id as a_id, a.person_key as a_key, a.full_name as a_name,
                  a.birth_date as "a_birth: jiff_sqlx::Date", a.birth_precision as a_precision,
                  a.sex as a_sex, a.id_number as a_number, a.area_code as a_area,
                  a.area_valid_from as "a_from: jiff_sqlx::Date",
                  b.person_id as b_id, b.person_key as b_key, b.full_name as b_name,
                  b.birth_date as "b_birth: jiff_sqlx::Date", b.birth_precision as b_precision,
                  b.sex as b_sex, b.id_number as b_number, b.area_code as b_area,
                  b.area_valid_from as "b_from: jiff_sqlx::Date"
           from likely l
           join person a on a.person_id = l.one
           join person b on b.person_id = l.other
           where not exists (select from duplicate_dismissal d
                             where d.person_id = l.one and d.other_id = l.other)
           order by l.likeness, a.name_key, a.person_id, b.person_id"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _,
    )
    .fetch_all(pool)
    .await?;
    let side = |id,
                person,
                full_name,
                birth: PartialDate,
                sex: Option<i16>,
                number,
                area: String,
                from| {
        let home = Areas::embedded().get(&area, from);
        let handler = home.is_some_and(|home| sight::handles(actor, home));
        Side {
            id: PersonId(id),
            person,
            full_name,
            birth_date: birth,
            sex: sex.and_then(Sex::from_code),
            id_number: sight::id_number(number, handler),
            area,
            area_name: home.map(|home| home.full_name.clone()).unwrap_or_default(),
            home,
        }
    };
    let pairs = rows.into_iter().map(|row| {
        let a_birth = PartialDate::from_parts(row.a_birth.to_jiff(), &row.a_precision);
        let b_birth = PartialDate::from_parts(row.b_birth.to_jiff(), &row.b_precision);
        let (a_from, b_from) = (row.a_from.to_jiff(), row.b_from.to_jiff());
        Pair {
            likeness: match row.likeness {
                0 => Likeness::IdNumber,
                1 => Likeness::NameAndBirthDate,
                _ => Likeness::NameAndBirthYear,
            },
            one: side(
                row.a_id,
                row.a_key,
                row.a_name,
                a_birth,
                row.a_sex,
                row.a_number,
                row.a_area,
                a_from,
            ),
            other: side(
                row.b_id,
                row.b_key,
                row.b_name,
                b_birth,
                row.b_sex,
                row.b_number,
                row.b_area,
                b_from,
            ),
        }
    });
    let near = |pair: &Pair| pair.likeness == Likeness::IdNumber || pair.in_one_province();
    Ok(pairs.filter(near).take(limit as usize).collect())
}

impl Pair {
    /// Names repeat over the country: by name alone only neighbours are shown.
    fn in_one_province(&self) -> bool {
        let areas = Areas::embedded();
        let now = |home: Option<&'static Area>| {
            let home = home?;
            areas
                .path_in(home.code, home.valid_from, Month::MAX)
                .first()
                .map(|area| area.code)
        };
        now(self.one.home) == now(self.other.home)
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
        "duplicate.dismiss",
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
