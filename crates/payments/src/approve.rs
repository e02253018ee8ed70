//! A second person approves a list: from then on it holds, and never changes.

use access::audit::Action;
use access::delegation::{Doer, share_a_name};
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, ListId, Month};
use serde_json::json;
use sqlx::PgConnection;

use crate::closing::{self, CloseRefused};
use crate::office::{hold_results, lock_for_approval};
use crate::{Header, Office, Refused, Scope, header, ledger, listed};

/// What approving did.
#[derive(Clone, Debug)]
pub struct Approved {
    /// The list as it now stands.
    pub header: Header,
    /// Events recorded since the list was made: the next list will have their differences.
    pub events_since: i64,
}

/// Approves the draft of a month and area. Works nothing out again: what was shown is what holds.
///
/// # Errors
/// [`Refused::NoList`], [`Refused::AlreadyApproved`], [`Refused::ApproverIsMaker`] (the database
/// refuses that too), [`Refused::DraftOutOfDate`] when a list or opening of the same people was
/// approved since, [`Refused::PaidSince`] when money it offers again was, [`Refused::LaterMonthApproved`],
/// [`Refused::Denied`].
pub async fn approve(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Approved, Refused> {
    approve_if(office, actor, month, area, None).await
}

/// The same, if the draft is still the one that was looked at: made again it has another number.
///
/// # Errors
/// Those of [`approve`], and [`Refused::DraftChanged`].
pub async fn approve_seen(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    seen: ListId,
) -> Result<Approved, Refused> {
    approve_if(office, actor, month, area, Some(seen)).await
}

async fn approve_if(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    seen: Option<ListId>,
) -> Result<Approved, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, &[Role::Approver], &scope.area)?;
    let mut tx = office.pool.begin().await?;
    lock_for_approval(&mut tx).await?;
    let draft = header::find(&mut *tx, month, &scope.area)
        .await?
        .ok_or_else(|| Refused::NoList {
            month,
            area: scope.area.clone(),
        })?;
    if draft.is_approved() {
        return Err(Refused::AlreadyApproved {
            month,
            area: draft.area,
        });
    }
    if seen.is_some_and(|seen| seen != draft.list_id) {
        return Err(Refused::DraftChanged);
    }
    if draft.made_by == actor.name || stand_in(&mut tx, office, actor, &draft).await? {
        return Err(Refused::ApproverIsMaker {
            who: actor.name.clone(),
        });
    }
    refuse_after_later_month(&mut tx, &scope).await?;
    if closing::is_closed(&mut tx, std::slice::from_ref(&draft)).await? {
        return Err(CloseRefused::Closed { month }.into());
    }
    refuse_out_of_date(&mut tx, &draft).await?;
    refuse_paid_since(&mut tx, &draft).await?;
    check_against_lines(&mut tx, &draft).await?;
    listed::hold(&mut tx, &draft).await?;
    seal(office, actor, &mut tx, &draft).await?;
    ledger::approved::book(&mut tx, office.clock.now(), actor, &draft).await?;
    let events_since = sqlx::query_scalar!(
        r#"select case when is_called then last_value else 0 end - $1 as "since!" from event_no"#,
        draft.known_through
    )
    .fetch_one(&mut *tx)
    .await?;
    let header = header::find(&mut *tx, month, &scope.area)
        .await?
        .ok_or_else(|| Refused::Inconsistent("the approved list is gone".to_owned()))?;
    let detail = json!({ "month": month, "people": header.people, "payable": header.payable,
        "lines_sha256": hex::encode(&header.lines_fingerprint) });
    access::audit::record(
        &mut tx,
        office.clock.now(),
        actor,
        Action::ListApprove,
        &header.list_id.to_string(),
        Some(&scope.area),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(Approved {
        header,
        events_since,
    })
}

/// Whether the maker and the approver count under one name: one stands in for the other, or both for
/// a third.
async fn stand_in(
    tx: &mut PgConnection,
    office: &Office<'_>,
    approver: &Actor,
    draft: &Header,
) -> sqlx::Result<bool> {
    let maker = Doer {
        name: &draft.made_by,
        roles: &[Role::ListMaker],
        at: draft.made_at,
    };
    let approver = Doer {
        name: &approver.name,
        roles: &[Role::Approver],
        at: office.clock.now(),
    };
    share_a_name(tx, maker, approver).await
}

/// Months of one area are approved in order.
pub(crate) async fn refuse_after_later_month(
    tx: &mut PgConnection,
    scope: &Scope,
) -> Result<(), Refused> {
    for later in header::of_months(tx, scope.month.next(), Month::MAX).await? {
        if later.is_approved() && later.scope()?.overlaps(scope) {
            return Err(Refused::LaterMonthApproved {
                month: scope.month,
                later: later.month,
                area: later.area,
            });
        }
    }
    Ok(())
}

/// Somebody on the draft is on a list approved since it was made, or in an opening, be it under
/// another record of theirs: the draft does not know what that one holds.
async fn refuse_out_of_date(tx: &mut PgConnection, draft: &Header) -> Result<(), Refused> {
    let people = sqlx::query_scalar!(
        r#"with since as (select month, list_id from payment_list where approval_no > $3),
                others as (
                    select person_id from list_line
                    where list_month in (select month from since)
                      and list_id in (select list_id from since)
                    union
                    select person_id from opening_run where opening_no > $3),
                merged as materialized (
                    select person_id, merged_into from person where merged_into is not null),
                kept as (
                    select person_id from others
                    union
                    select merged_into from merged join others using (person_id)),
                same as (
                    select person_id from kept
                    union
                    select merged.person_id from merged join kept on merged_into = kept.person_id)
           select count(distinct mine.person_id) as "people!"
           from list_line mine join same using (person_id)
           where mine.list_month = $1 and mine.list_id = $2"#,
        draft.month.yyyymm(),
        draft.list_id.0,
        draft.based_on
    )
    .fetch_one(tx)
    .await?;
    if people > 0 {
        return Err(Refused::DraftOutOfDate { people });
    }
    Ok(())
}

/// Money the draft offers again was said to be paid since it was made: approved, it would be paid
/// twice. No result is recorded until the approval is done.
async fn refuse_paid_since(tx: &mut PgConnection, draft: &Header) -> Result<(), Refused> {
    hold_results(tx).await?;
    let people = sqlx::query_scalar!(
        r#"select count(distinct mine.person_id) as "people!"
           from list_line mine, lateral (
               select status from payment_result r
               where r.person_id = coalesce(mine.carries_person_id, mine.person_id)
                 and r.list_month = mine.carries_month and r.line_no = mine.carries_line_no
               order by result_no desc limit 1) last
           where mine.list_month = $1 and mine.list_id = $2 and kind = 4 and status = 'paid'"#,
        draft.month.yyyymm(),
        draft.list_id.0
    )
    .fetch_one(tx)
    .await?;
    if people > 0 {
        return Err(Refused::PaidSince { people });
    }
    Ok(())
}

/// The lines are those the head speaks of.
async fn check_against_lines(tx: &mut PgConnection, draft: &Header) -> Result<(), Refused> {
    let sums = sqlx::query!(
        r#"select count(*) as "lines!", coalesce(sum(amount) filter (where kind <> 3), 0)::bigint as "payable!",
                  coalesce(sum(amount) filter (where kind = 3), 0)::bigint as "recoverable!"
           from list_line where list_month = $1 and list_id = $2"#,
        draft.month.yyyymm(),
        draft.list_id.0
    )
    .fetch_one(tx)
    .await?;
    let same = sums.lines == i64::from(draft.lines)
        && sums.payable == draft.payable.0
        && sums.recoverable == draft.recoverable.0;
    if same {
        Ok(())
    } else {
        Err(Refused::Inconsistent(format!(
            "list {} does not add up to its lines",
            draft.list_id
        )))
    }
}

async fn seal(
    office: &Office<'_>,
    actor: &Actor,
    tx: &mut PgConnection,
    draft: &Header,
) -> Result<(), Refused> {
    let sealed = sqlx::query!(
        "update payment_list
         set approved_by = $2, approved_at = $3, approval_no = nextval('approval_no')
         where list_id = $1 and approved_at is null",
        draft.list_id.0,
        actor.name,
        office.clock.now().to_sqlx() as _
    )
    .execute(tx)
    .await?;
    match sealed.rows_affected() {
        1 => Ok(()),
        other => Err(Refused::Inconsistent(format!(
            "{other} lists approved at once"
        ))),
    }
}
