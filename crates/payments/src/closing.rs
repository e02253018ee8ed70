//! Closing a month of an area: refused while anything does not balance, with every reason named;
//! afterwards nothing of it is recorded but through the queue of results. Opening it again takes two
//! people and a reason.

mod obstacle;
mod unlock;

use access::audit::Action;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Month};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::office::{hold_results, lock_for_approval};
use crate::results::Outcome;
use crate::{Header, Office, Refused, Scope, header};

pub use obstacle::{Obstacle, obstacles};
pub use unlock::{Unlock, ask_unlock, confirm_unlock};

/// Who closes a month and asks for it to be opened again.
const CLOSERS: [Role; 2] = [Role::ListMaker, Role::Approver];

/// Why a month is not closed, or not opened again.
#[derive(Debug, thiserror::Error)]
pub enum CloseRefused {
    /// What does not balance, all of it.
    #[error("chưa khóa được tháng {month}: {}", written(.obstacles))]
    Open {
        /// The month.
        month: Month,
        /// Every reason.
        obstacles: Vec<Obstacle>,
    },
    /// Closed before.
    #[error("tháng {month} của địa bàn này đã khóa")]
    Closed {
        /// The month.
        month: Month,
    },
    /// Nothing to open.
    #[error("tháng {month} của địa bàn này chưa khóa")]
    NotClosed {
        /// The month.
        month: Month,
    },
    /// Nothing said why.
    #[error("cần ghi lý do mở khóa")]
    NoReason,
    /// Nobody else asked.
    #[error("cần hai người: một người đề nghị mở khóa và ghi lý do, một người khác xác nhận")]
    NeedsSecondPerson,
}

impl CloseRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            CloseRefused::Open { .. } => "month_does_not_balance",
            CloseRefused::Closed { .. } => "month_closed",
            CloseRefused::NotClosed { .. } => "month_not_closed",
            CloseRefused::NoReason => "reason_missing",
            CloseRefused::NeedsSecondPerson => "second_person_needed",
        }
    }
}

fn written(obstacles: &[Obstacle]) -> String {
    let sentences: Vec<&str> = obstacles.iter().map(|it| it.message.as_str()).collect();
    sentences.join("; ")
}

/// A month that was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closure {
    /// Its number.
    pub closure_no: i64,
    /// The month.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// Who closed it.
    pub closed_by: String,
    /// When.
    pub closed_at: Timestamp,
    /// What it came to.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// SHA-256 of every line with what became of it, as hexadecimal digits.
    pub fingerprint: String,
    /// Who asked for it to be opened again, in the order of asking.
    pub unlock_asked_by: Vec<String>,
    /// Why, in the same order.
    pub unlock_reasons: Vec<String>,
    /// Whether it was opened again.
    pub is_unlocked: bool,
}

/// Closes a month of an area: its lists, all of whose lines are reported on, with nothing waiting
/// and no money unaccounted for.
///
/// # Errors
/// [`Refused::Closing`] with every reason, [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn close(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Closure, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, &CLOSERS, &scope.area)?;
    let mut tx = office.pool.begin().await?;
    lock_for_closing(&mut tx).await?;
    let lists = header::overlapping(&mut *tx, &scope).await?;
    if is_closed(&mut tx, &lists).await? {
        return Err(CloseRefused::Closed { month }.into());
    }
    let obstacles = obstacle::find(&mut tx, &scope, &lists).await?;
    if !obstacles.is_empty() {
        return Err(CloseRefused::Open { month, obstacles }.into());
    }
    let (outcome, fingerprint) = sum_up(&mut tx, month, &lists).await?;
    let now = office.clock.now();
    let closure_no = sqlx::query_scalar!(
        "insert into closure (list_month, area_code, closed_by, closed_at, ordered, paid, failed,
             returned, not_collected, fingerprint)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning closure_no",
        month.yyyymm(),
        scope.area,
        actor.name,
        now.to_sqlx() as _,
        outcome.ordered,
        outcome.paid,
        outcome.failed,
        outcome.returned,
        outcome.not_collected,
        &fingerprint
    )
    .fetch_one(&mut *tx)
    .await?;
    close_communes(&mut tx, month, &lists, closure_no).await?;
    let closure = Closure {
        closure_no,
        month,
        area: scope.area,
        closed_by: actor.name.clone(),
        closed_at: now,
        outcome,
        fingerprint: hex::encode(fingerprint),
        unlock_asked_by: Vec::new(),
        unlock_reasons: Vec::new(),
        is_unlocked: false,
    };
    let detail = json!({ "month": month, "ordered": outcome.ordered, "paid": outcome.paid,
        "sha256": closure.fingerprint });
    let object = closure_no.to_string();
    let area = Some(closure.area.as_str());
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::MonthClose,
        &object,
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(closure)
}

/// Nothing that a closing looks at changes until the transaction ends: no approval, no result, no
/// decision about one, no entry of the ledger.
async fn lock_for_closing(tx: &mut PgConnection) -> Result<(), Refused> {
    lock_for_approval(tx).await?;
    hold_results(tx).await?;
    sqlx::query!("lock table result_queue, result_resolution, ledger_entry in share mode")
        .execute(&mut *tx)
        .await?;
    Ok(())
}

fn numbers(lists: &[Header]) -> Vec<i64> {
    lists.iter().map(|list| list.list_id.0).collect()
}

/// Whether a commune of the lists is closed for their month.
pub(crate) async fn is_closed(tx: &mut PgConnection, lists: &[Header]) -> Result<bool, Refused> {
    let Some(first) = lists.first() else {
        return Ok(false);
    };
    let closed = sqlx::query_scalar!(
        r#"select exists (
               select from commune_closed c join list_line l using
                   (list_month, area_code, area_valid_from)
               where list_month = $1 and l.list_id = any($2)) as "closed!""#,
        first.month.yyyymm(),
        &numbers(lists)
    )
    .fetch_one(tx)
    .await?;
    Ok(closed)
}

/// Refused when the month of a list is closed; otherwise nobody closes it until the transaction ends.
pub(crate) async fn hold_open(tx: &mut PgConnection, list: &Header) -> Result<(), Refused> {
    sqlx::query!("lock table ledger_entry in row exclusive mode")
        .execute(&mut *tx)
        .await?;
    if is_closed(tx, std::slice::from_ref(list)).await? {
        return Err(CloseRefused::Closed { month: list.month }.into());
    }
    Ok(())
}

/// The figures of a month and the fingerprint of every line with its last result.
async fn sum_up(
    tx: &mut PgConnection,
    month: Month,
    lists: &[Header],
) -> Result<(Outcome, Vec<u8>), Refused> {
    let mut outcome = Outcome::default();
    let mut hasher = Sha256::new();
    let numbers = numbers(lists);
    let mut rows = sqlx::query!(
        r#"with last as (
               select distinct on (person_id, line_no) person_id, line_no, status, provider,
                      happened_on
               from payment_result where list_month = $1
               order by person_id, line_no, result_no desc)
           select person_id, line_no, amount, status as "status?", provider as "provider?",
                  happened_on as "happened_on?: jiff_sqlx::Date"
           from list_line left join last using (person_id, line_no)
           where list_month = $1 and list_id = any($2) and kind <> 3
           order by person_id, line_no"#,
        month.yyyymm(),
        &numbers
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        outcome.take(row.status.as_deref(), row.amount);
        let status = row.status.unwrap_or_default();
        let provider = row.provider.unwrap_or_default();
        let day = row.happened_on.map(|day| day.to_jiff().to_string());
        let day = day.unwrap_or_default();
        let (person, number, amount) = (row.person_id, row.line_no, row.amount);
        hasher.update(format!(
            "{month}-{person}-{number} {amount} {status} {provider} {day}\n"
        ));
    }
    Ok((outcome, hasher.finalize().to_vec()))
}

async fn close_communes(
    tx: &mut PgConnection,
    month: Month,
    lists: &[Header],
    closure_no: i64,
) -> Result<(), Refused> {
    sqlx::query!(
        "insert into closed_commune (list_month, area_code, area_valid_from, closing, closure_no)
         select $1, area_code, area_valid_from,
                1 + (select count(*) from closed_commune c
                     where c.list_month = $1 and c.area_code = l.area_code
                       and c.area_valid_from = l.area_valid_from),
                $3
         from (select distinct area_code, area_valid_from from list_line
               where list_month = $1 and list_id = any($2)) l",
        month.yyyymm(),
        &numbers(lists),
        closure_no
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Closings of a month in an area, of parts of it and of areas around it, the last one first.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn closures(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Vec<Closure>, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, crate::show::READERS, &scope.area)?;
    let rows = sqlx::query!(
        r#"select c.closure_no, c.area_code, closed_by,
                  closed_at as "closed_at: jiff_sqlx::Timestamp", ordered, paid, failed, returned,
                  not_collected, fingerprint, u.closure_no is not null as "is_unlocked!",
                  array(select asked_by from unlock_request r
                        where r.closure_no = c.closure_no order by asked_at, asked_by)
                      as "asked_by!",
                array(select reason from unlock_request r
                        where r.closure_no = c.closure_no order by asked_at, asked_by)
                      as "reasons!"
           from closure c left join unlock u using (closure_no)
           where list_month = $1 order by c.closure_no desc"#,
        month.yyyymm()
    )
    .fetch_all(office.pool)
    .await?;
    let mut closures = Vec::new();
    for row in rows {
        if !Scope::of(&row.area_code, month)?.overlaps(&scope) {
            continue;
        }
        closures.push(Closure {
            closure_no: row.closure_no,
            month,
            area: row.area_code,
            closed_by: row.closed_by,
            closed_at: row.closed_at.to_jiff(),
            outcome: Outcome {
                ordered: row.ordered,
                paid: row.paid,
                failed: row.failed,
                returned: row.returned,
                not_collected: row.not_collected,
                not_reported: 0,
            },
            fingerprint: hex::encode(row.fingerprint),
            unlock_asked_by: row.asked_by,
            unlock_reasons: row.reasons,
            is_unlocked: row.is_unlocked,
        });
    }
    Ok(closures)
}
