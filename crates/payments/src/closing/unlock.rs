//! Opening a closed month again: one person asks and says why, another agrees.

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Month};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;

use super::{CLOSERS, CloseRefused};
use crate::{Office, Refused, Scope};

/// A closing that no longer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlock {
    /// The closing.
    pub closure_no: i64,
    /// Who asked.
    pub asked_by: String,
    /// Who agreed.
    pub confirmed_by: String,
}

/// Asks for a closed month to be opened again. Nothing changes until somebody else agrees.
///
/// # Errors
/// [`Refused::Closing`], [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn ask_unlock(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    reason: &str,
) -> Result<(), Refused> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(CloseRefused::NoReason.into());
    }
    let scope = Scope::of(area, month)?;
    access::require(actor, &CLOSERS, &scope.area)?;
    let mut tx = office.pool.begin().await?;
    let closure_no = held(&mut tx, &scope).await?;
    let now = office.clock.now();
    sqlx::query!(
        "insert into unlock_request (closure_no, asked_by, asked_at, reason)
         values ($1, $2, $3, $4) on conflict do nothing",
        closure_no,
        actor.name,
        now.to_sqlx() as _,
        reason
    )
    .execute(&mut *tx)
    .await?;
    record(
        &mut tx,
        office,
        actor,
        Action::MonthUnlockAsk,
        (closure_no, &scope),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Agrees with whoever asked first for a closed month to be opened again; it is open then.
///
/// # Errors
/// [`Refused::Closing`] when nobody else asked (the database refuses that too),
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn confirm_unlock(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Unlock, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, &[Role::Approver], &scope.area)?;
    let mut tx = office.pool.begin().await?;
    let closure_no = held(&mut tx, &scope).await?;
    let now = office.clock.now();
    // Somebody who stands in for the other, or with the other for a third, is no second person.
    let asked_by = sqlx::query_scalar!(
        "select asked_by from unlock_request
         where closure_no = $1
           and not names_of(asked_by, array['list_maker', 'approver'], asked_at)
                   && names_of($2, array['approver'], $3)
         order by asked_at, asked_by limit 1",
        closure_no,
        actor.name,
        now.to_sqlx() as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(CloseRefused::NeedsSecondPerson)?;
    let opened = sqlx::query!(
        "insert into unlock (closure_no, asked_by, confirmed_by, confirmed_at)
         values ($1, $2, $3, $4) on conflict do nothing",
        closure_no,
        asked_by,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if opened.rows_affected() != 1 {
        return Err(CloseRefused::NotClosed { month }.into());
    }
    record(
        &mut tx,
        office,
        actor,
        Action::MonthUnlock,
        (closure_no, &scope),
    )
    .await?;
    tx.commit().await?;
    Ok(Unlock {
        closure_no,
        asked_by,
        confirmed_by: actor.name.clone(),
    })
}

/// The closing of exactly this area that holds.
async fn held(tx: &mut PgConnection, scope: &Scope) -> Result<i64, Refused> {
    let found = sqlx::query_scalar!(
        "select closure_no from closure c
         where list_month = $1 and area_code = $2
           and not exists (select from unlock u where u.closure_no = c.closure_no)",
        scope.month.yyyymm(),
        scope.area
    )
    .fetch_optional(tx)
    .await?;
    let month = scope.month;
    found.ok_or_else(|| CloseRefused::NotClosed { month }.into())
}

async fn record(
    tx: &mut PgConnection,
    office: &Office<'_>,
    actor: &Actor,
    action: Action,
    (closure_no, scope): (i64, &Scope),
) -> Result<(), Refused> {
    let now = office.clock.now();
    let (object, area) = (closure_no.to_string(), Some(scope.area.as_str()));
    let detail = json!({ "month": scope.month });
    access::audit::record(tx, now, actor, action, &object, area, detail).await?;
    Ok(())
}
