//! An area that starts with An Sinh: what was owed until then was paid by the earlier system.

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Dong, Month, MonthSpan};
use registry::copy::CopyWriter;
use registry::roll::{Communes, Cut, Known, Roll};
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgExecutor};

use crate::header::month_of;
use crate::office::{hold_events, lock_for_approval, not_too_far};
use crate::{Office, Refused, Scope};

/// What was taken over from the earlier system for an area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// Its place in the order of approvals and openings.
    pub number: i64,
    /// The last month the earlier system paid.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// The last event known then.
    pub known_through: i64,
    /// People paid in the last month.
    pub people: i32,
    /// Đồng paid in the last month.
    pub amount: Dong,
}

impl Opening {
    /// Its area in its month.
    ///
    /// # Errors
    /// [`Refused::UnknownArea`] when the reference data no longer knows the area.
    pub fn scope(&self) -> Result<Scope, Refused> {
        Scope::of(&self.area, self.month)
    }
}

/// Every opening, in order.
///
/// # Errors
/// Those of the database.
pub async fn all(db: impl PgExecutor<'_>) -> Result<Vec<Opening>, Refused> {
    let rows = sqlx::query!(
        r#"select opening_no, month, area_code, recorded_by,
                  recorded_at as "recorded_at: jiff_sqlx::Timestamp", known_through, people, amount
           from opening order by opening_no"#
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Opening {
                number: row.opening_no,
                month: month_of(row.month)?,
                area: row.area_code,
                recorded_by: row.recorded_by,
                recorded_at: row.recorded_at.to_jiff(),
                known_through: row.known_through,
                people: row.people,
                amount: Dong(row.amount),
            })
        })
        .collect()
}

/// Records that everything owed through a month to the people of an area was paid by the earlier
/// system, so that the first list does not pay it again. Without an opening the first list pays
/// everything since each enrolment.
///
/// # Errors
/// [`Refused::AlreadyListed`] when any of the people is on a list or in another opening,
/// [`Refused::UnknownArea`], [`Refused::TooFarAhead`], [`Refused::Denied`].
pub async fn open(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Opening, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, &[Role::Approver], &scope.area)?;
    not_too_far(month, office.clock)?;
    let mut tx = office.pool.begin().await?;
    lock_for_approval(&mut tx).await?;
    let known_through = hold_events(&mut tx).await?;
    let number = sqlx::query_scalar!(r#"select nextval('approval_no') as "number!""#)
        .fetch_one(&mut *tx)
        .await?;
    let now = office.clock.now();
    let cut = Cut {
        event_no: known_through,
        recorded_at: now,
    };
    let known = Known::at(&mut *tx, cut).await?;
    let (people, amount) = write_runs(office, &mut tx, &scope, known, number).await?;
    refuse_listed(&mut tx, &scope, number).await?;
    sqlx::query!(
        "insert into opening (opening_no, month, area_code, recorded_by, recorded_at,
             known_through, law_as_of, people, amount)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        number,
        month.yyyymm(),
        scope.area,
        actor.name,
        now.to_sqlx() as _,
        known_through,
        office.clock.today().to_sqlx() as _,
        people,
        amount.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into listed (person_id, benefit, from_month, to_month, amount, coefficient,
                             standard, opening)
         select person_id, benefit, from_month, to_month, amount, coefficient, standard, true
         from opening_run where opening_no = $1",
        number
    )
    .execute(&mut *tx)
    .await?;
    let opening = Opening {
        number,
        month,
        area: scope.area.clone(),
        recorded_by: actor.name.clone(),
        recorded_at: now,
        known_through,
        people,
        amount,
    };
    let detail = json!({ "month": month, "people": people, "amount": amount });
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::ListOpen,
        &number.to_string(),
        Some(&scope.area),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(opening)
}

/// Copies in what each person was owed; people and đồng of the last month.
async fn write_runs(
    office: &Office<'_>,
    tx: &mut PgConnection,
    scope: &Scope,
    known: Known,
    number: i64,
) -> Result<(i32, Dong), Refused> {
    let in_force = office.law.in_force(office.clock.today());
    let communes = Communes::of(&scope.area, scope.month);
    let mut cases = Roll::open(office.pool, &communes, scope.month, known).await?;
    let mut rows = CopyWriter::begin(
        tx,
        "copy opening_run (opening_no, person_id, benefit, from_month, to_month, amount,
                           coefficient, standard, area_code, area_valid_from)
         from stdin (format binary)",
    )
    .await?;
    let (mut people, mut amount) = (0, Dong::ZERO);
    let mut spells = Vec::new();
    while let Some(case) = cases.next().await? {
        let Some(from) = case.person.first_month() else {
            continue;
        };
        let to = scope.month;
        in_force.owed(&case.person, MonthSpan { from, to }, &mut spells);
        let last = spells.iter().filter(|spell| spell.to == scope.month);
        let last: Vec<Dong> = last.map(|spell| spell.amount).collect();
        people += i32::from(!last.is_empty());
        amount += last.into_iter().sum();
        for spell in &spells {
            rows.row().await?;
            rows.put_i64(number);
            rows.put_i64(case.id.0);
            rows.put_i16(spell.benefit.number());
            rows.put_i32(spell.from.yyyymm());
            rows.put_i32(spell.to.yyyymm());
            rows.put_i64(spell.amount.0);
            rows.put_i16(spell.coefficient.tenths() as i16);
            rows.put_i32(spell.standard.0 as i32);
            rows.put_str(case.commune.code);
            rows.put_date(case.commune.valid_from);
        }
    }
    rows.finish().await?;
    Ok((people, amount))
}

/// Nobody of the opening may be on a list, draft or approved, or in another opening.
async fn refuse_listed(tx: &mut PgConnection, scope: &Scope, number: i64) -> Result<(), Refused> {
    let people = sqlx::query_scalar!(
        r#"select count(distinct mine.person_id) as "people!"
           from opening_run mine
           where opening_no = $1
             and (exists (select from list_line where list_line.person_id = mine.person_id)
                  or exists (select from opening_run other where other.person_id = mine.person_id
                               and other.opening_no <> $1))"#,
        number
    )
    .fetch_one(tx)
    .await?;
    if people > 0 {
        return Err(Refused::AlreadyListed {
            area: scope.area.clone(),
            people,
        });
    }
    Ok(())
}
