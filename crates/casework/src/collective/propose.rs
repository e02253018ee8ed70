//! A decision for many laid before the leader, as the officer looked at it.

use access::audit::{Action, Changed};
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Dong, Month};
use registry::event::Decision;
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

use super::find::Whose;
use super::list::{Entry, work};
use super::re_rate::{ReRating, may_decide};
use super::{CollectiveRefused, ReadList, Scheme, Setting, Summary};

/// What is laid before the leader.
#[derive(Clone, Copy, Debug)]
pub enum Proposed<'a> {
    /// New amounts of an area.
    ReRating(&'a Scheme),
    /// People of an area stopped or adjusted: its code and the list.
    List(&'a str, &'a ReadList),
}

impl Proposed<'_> {
    fn area(&self) -> &str {
        match self {
            Proposed::ReRating(scheme) => &scheme.area,
            Proposed::List(area, _) => area,
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Proposed::ReRating(_) => "re_rate",
            Proposed::List(..) => "list",
        }
    }
}

/// Lays a decision for many before the leader of its area; `seen` is the fingerprint of what the officer
/// looked at. The same key again changes nothing. Everybody of a list lives in the area. Returns the
/// number of the proposal.
///
/// # Errors
/// [`CollectiveRefused`]: nothing was laid before anybody.
pub async fn propose(
    setting: &Setting<'_>,
    actor: &Actor,
    key: Uuid,
    proposed: Proposed<'_>,
    seen: &[u8],
) -> Result<i64, CollectiveRefused> {
    let area = proposed.area();
    may_decide(actor, area)?;
    let today = setting.clock.today();
    if area.is_empty() || area == "VN" || Areas::embedded().on(area, today).is_none() {
        return Err(CollectiveRefused::NoBook);
    }
    let known = sqlx::query_scalar!(
        "select proposal_no from collective_proposal where key = $1",
        key
    );
    if let Some(known) = known.fetch_optional(setting.pool).await? {
        return Ok(known);
    }
    let (summary, month, benefit, list) = looked_at(setting, actor, proposed).await?;
    if !summary.refused.is_empty() {
        return Err(CollectiveRefused::RowsRefused(summary.refused.len()));
    }
    if summary.people == 0 {
        return Err(CollectiveRefused::Nobody);
    }
    if summary.fingerprint[..] != *seen {
        return Err(CollectiveRefused::ChangedSince);
    }
    let (Dong(old_total), Dong(new_total)) = (summary.old_total, summary.new_total);
    let now = setting.clock.now();
    let mut tx = setting.pool.begin().await?;
    let number = sqlx::query_scalar!(
        "insert into collective_proposal (key, kind, area_code, benefit, month, list, fingerprint,
             people, old_total, new_total, proposed_by, proposed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning proposal_no",
        key,
        proposed.kind(),
        area,
        benefit,
        month.yyyymm(),
        list.map(Json) as _,
        seen,
        summary.people,
        old_total,
        new_total,
        actor.name,
        now.to_sqlx() as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let changed = Changed::new().value("total", old_total, new_total);
    let detail = changed.with(json!({ "kind": proposed.kind(), "people": summary.people }));
    let object = format!("collective proposal {number}");
    let action = Action::CollectivePropose;
    access::audit::record(&mut tx, now, actor, action, &object, Some(area), detail).await?;
    tx.commit().await?;
    Ok(number)
}

type LookedAt<'a> = (Summary, Month, Option<i16>, Option<&'a [Entry]>);

async fn looked_at<'a>(
    setting: &Setting<'_>,
    actor: &Actor,
    proposed: Proposed<'a>,
) -> Result<LookedAt<'a>, CollectiveRefused> {
    match proposed {
        Proposed::ReRating(scheme) => {
            let mut rating = ReRating::settled(setting, scheme).await?;
            while rating.next().await?.is_some() {}
            let benefit = scheme.benefit.map(law::Benefit::number);
            Ok((rating.finish(), scheme.from, benefit, None))
        }
        Proposed::List(area, list) => {
            let unsigned = unsigned(setting);
            let whose = Whose::Area(area);
            let worked = work(setting, actor, whose, list, &unsigned, Uuid::nil()).await?;
            let months = worked.rows.iter().map(|row| row.month);
            let today = Month::of(setting.clock.today());
            let month = months.min().unwrap_or(today);
            Ok((worked.summary, month, None, Some(&list.entries)))
        }
    }
}

/// A decision nobody has signed yet.
pub(super) fn unsigned(setting: &Setting<'_>) -> Decision {
    Decision {
        number: "-".to_owned(),
        date: setting.clock.today(),
        signed_by: None,
    }
}
