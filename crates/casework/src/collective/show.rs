//! Decisions for many, as pages show them.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::area::Areas;
use kernel::{Actor, Dong, Month, PersonId};
use law::Benefit;
use registry::person::Profile;
use registry::sight::{READERS, Shown, handles};
use sqlx::PgPool;

use super::CollectiveRefused;
use crate::apply::ApplyError;

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number here.
    pub collective_no: i64,
    /// `re_rate` or `list`.
    pub kind: String,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// The one benefit that was re-rated.
    pub benefit: Option<Benefit>,
    /// First month of the new amounts.
    pub month: Month,
    /// Number as printed.
    pub number: String,
    /// Day of signing.
    pub signed_on: Date,
    /// Who signed.
    pub signed_by: String,
    /// People it concerns.
    pub people: i64,
    /// Đồng a month before.
    pub old_total: Dong,
    /// Đồng a month from then on.
    pub new_total: Dong,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// What a decision means for one person, as an actor may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRow {
    /// Whom.
    pub person: PersonId,
    /// As declared.
    pub full_name: String,
    /// The commune: code and first day of its era.
    pub commune: (String, Date),
    /// Which benefit, hidden where it reveals an infection to those who may not know.
    pub benefit: Shown,
    /// Đồng a month before.
    pub old: Dong,
    /// Đồng a month from then on.
    pub new: Dong,
    /// The articles; empty beside a hidden benefit.
    pub law: String,
}

/// A decision about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPerson {
    /// Number here.
    pub collective_no: i64,
    /// Number as printed, day, signer.
    pub decision: (String, Date, String),
    /// `re_rate`, `stop` or `adjust`.
    pub kind: String,
    /// Which benefit.
    pub benefit: Shown,
    /// First month of the new amount.
    pub month: Month,
    /// Đồng a month before.
    pub old: Dong,
    /// Đồng a month from then on.
    pub new: Dong,
    /// The articles; empty beside a hidden benefit.
    pub law: String,
}

/// What users see of a kind of row, by its code.
pub fn vietnamese(kind: &str) -> &'static str {
    match kind {
        "re_rate" => "Điều chỉnh mức theo quy định mới",
        "stop" => "Thôi hưởng",
        "adjust" => "Điều chỉnh",
        _ => "Theo danh sách",
    }
}

/// Every decision of areas in which the actor may look at people, newest first.
///
/// # Errors
/// [`CollectiveRefused::Failed`].
pub async fn all(pool: &PgPool, actor: &Actor) -> Result<Vec<Told>, CollectiveRefused> {
    let rows = sqlx::query!(
        r#"select collective_no, kind, area_code, benefit, month, number,
                  signed_on as "signed_on: jiff_sqlx::Date", signed_by, people, old_total,
                  new_total, recorded_by, recorded_at as "recorded_at: jiff_sqlx::Timestamp"
           from collective_decision order by collective_no desc"#
    )
    .fetch_all(pool)
    .await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        if !access::holds(actor, READERS, &row.area_code) {
            continue;
        }
        told.push(Told {
            collective_no: row.collective_no,
            kind: row.kind,
            area: row.area_code,
            benefit: row.benefit.and_then(Benefit::from_number),
            month: month_of(row.month)?,
            number: row.number,
            signed_on: row.signed_on.to_jiff(),
            signed_by: row.signed_by,
            people: row.people,
            old_total: Dong(row.old_total),
            new_total: Dong(row.new_total),
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at.to_jiff(),
        });
    }
    Ok(told)
}

/// One decision.
///
/// # Errors
/// [`CollectiveRefused::Unknown`], also for those who may not see it.
pub async fn one(pool: &PgPool, actor: &Actor, number: i64) -> Result<Told, CollectiveRefused> {
    let mut all = all(pool, actor).await?;
    let at = all.iter().position(|told| told.collective_no == number);
    Ok(all.swap_remove(at.ok_or(CollectiveRefused::Unknown(number))?))
}

/// Names of people whose rows the caller has worked out.
///
/// # Errors
/// [`CollectiveRefused::Failed`].
pub async fn names(
    pool: &PgPool,
    people: &[PersonId],
) -> Result<HashMap<PersonId, String>, CollectiveRefused> {
    let people: Vec<i64> = people.iter().map(|person| person.0).collect();
    let rows = sqlx::query!(
        "select person_id, full_name from person where person_id = any($1)",
        &people
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (PersonId(row.person_id), row.full_name))
        .collect())
}

/// Some rows of a decision in the order of people, and how many there are on all.
///
/// # Errors
/// As [`one`].
pub async fn rows(
    pool: &PgPool,
    actor: &Actor,
    number: i64,
    (offset, limit): (i64, i64),
) -> Result<(Vec<ShownRow>, i64), CollectiveRefused> {
    one(pool, actor, number).await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from collective_row where collective_no = $1"#,
        number
    )
    .fetch_one(pool)
    .await?;
    let found = sqlx::query!(
        r#"select person_id, full_name, r.area_code,
                  r.area_valid_from as "since: jiff_sqlx::Date", benefit, old_amount, new_amount,
                  law
           from collective_row r join person p using (person_id)
           where collective_no = $1 order by person_id, benefit limit $2 offset $3"#,
        number,
        limit,
        offset
    )
    .fetch_all(pool)
    .await?;
    let mut shown = Vec::with_capacity(found.len());
    for row in found {
        let since = row.since.to_jiff();
        let home = Areas::embedded().get(&row.area_code, since);
        let handler = home.is_some_and(|home| handles(actor, home));
        let benefit = sight(row.benefit, handler)?;
        shown.push(ShownRow {
            person: PersonId(row.person_id),
            full_name: row.full_name,
            commune: (row.area_code, since),
            old: Dong(row.old_amount),
            new: Dong(row.new_amount),
            law: if benefit == Shown::Hidden {
                String::new()
            } else {
                row.law
            },
            benefit,
        });
    }
    Ok((shown, count))
}

/// The decisions for many that concern somebody the caller may see, newest first.
///
/// # Errors
/// [`ApplyError`].
pub async fn of_person(pool: &PgPool, who: &Profile) -> Result<Vec<OfPerson>, ApplyError> {
    let mut records = vec![who.id.0];
    records.extend(who.merged_here.iter().map(|record| record.0));
    let rows = sqlx::query!(
        r#"select collective_no, d.number, d.signed_on as "signed_on: jiff_sqlx::Date",
                  d.signed_by, r.kind, r.benefit, r.month, r.old_amount, r.new_amount, r.law
           from collective_row r join collective_decision d using (collective_no)
           where person_id = any($1) order by collective_no desc, r.benefit"#,
        &records
    )
    .fetch_all(pool)
    .await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        let benefit = sight(row.benefit, who.handler)?;
        told.push(OfPerson {
            collective_no: row.collective_no,
            decision: (row.number, row.signed_on.to_jiff(), row.signed_by),
            kind: row.kind,
            month: month_of(row.month)?,
            old: Dong(row.old_amount),
            new: Dong(row.new_amount),
            law: if benefit == Shown::Hidden {
                String::new()
            } else {
                row.law
            },
            benefit,
        });
    }
    Ok(told)
}

fn sight(number: i16, handler: bool) -> Result<Shown, ApplyError> {
    let benefit = Benefit::from_number(number);
    let benefit = benefit.ok_or_else(|| ApplyError::Inconsistent(format!("benefit {number}")))?;
    Ok(Shown::to(benefit, handler))
}

pub(super) fn month_of(number: i32) -> Result<Month, ApplyError> {
    Month::from_yyyymm(number).map_err(|error| ApplyError::Inconsistent(error.to_string()))
}
