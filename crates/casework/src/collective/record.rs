//! Recording a decision for many: its rows by COPY, the events of all in one transaction, the decision
//! last, when its totals are known.

use access::audit::{Action, Changed};
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Dong, Month};
use registry::copy::CopyWriter;
use registry::event::Decision;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::find::Whose;
use super::list::{Worked, work};
use super::re_rate::{ReRating, may_decide};
use super::{CollectiveRefused, ReadList, Row, Scheme, Setting, Summary, is_complete};
use crate::apply::{ApplyError, TRIES};

/// A decision as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number here.
    pub collective_no: i64,
    /// People it concerns.
    pub people: i64,
}

/// Records the new amounts of an area as they were looked at: `seen` is the fingerprint of
/// [`ReRating::finish`]. The same key again changes nothing.
///
/// # Errors
/// [`CollectiveRefused`]: nothing was recorded.
pub async fn record_re_rating(
    setting: &Setting<'_>,
    actor: &Actor,
    key: Uuid,
    scheme: &Scheme,
    decision: &Decision,
    seen: &[u8],
) -> Result<Recorded, CollectiveRefused> {
    may_decide(actor, &scheme.area)?;
    complete(setting, decision)?;
    if let Some(known) = known(setting, key).await? {
        return Ok(known);
    }
    let order = Order {
        key,
        area: &scheme.area,
        decision,
        seen,
    };
    let mut tx = setting.pool.begin().await?;
    let recorded = re_rate(&mut tx, setting, actor, scheme, &order).await?;
    tx.commit().await?;
    Ok(recorded)
}

/// What is recorded, under which key, as it was looked at.
pub(super) struct Order<'a> {
    /// Of the decision.
    pub(super) key: Uuid,
    /// Code of the area.
    pub(super) area: &'a str,
    /// The decision.
    pub(super) decision: &'a Decision,
    /// Fingerprint of what was looked at.
    pub(super) seen: &'a [u8],
}

/// Records a re-rating inside the caller's transaction; who may was asked.
pub(super) async fn re_rate(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    actor: &Actor,
    scheme: &Scheme,
    order: &Order<'_>,
) -> Result<Recorded, CollectiveRefused> {
    let number = next_number(tx).await?;
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    let mut rating = ReRating::settled(setting, scheme).await?;
    while let Some(row) = rating.next().await? {
        put(&mut writer, number, &row).await?;
    }
    writer.finish().await?;
    let summary = rating.finish();
    let head = Head {
        order,
        number,
        kind: "re_rate",
        benefit: scheme.benefit.map(law::Benefit::number),
        month: scheme.from,
    };
    head.finish(tx, setting, actor, &summary).await
}

/// Records what a list does as it was looked at: `seen` is the fingerprint of
/// [`super::list::look`]. Nothing is recorded while a row is refused. The same key again changes
/// nothing.
///
/// # Errors
/// [`CollectiveRefused`]: nothing was recorded.
pub async fn record_list(
    setting: &Setting<'_>,
    actor: &Actor,
    key: Uuid,
    (area, list): (&str, &ReadList),
    decision: &Decision,
    seen: &[u8],
) -> Result<Recorded, CollectiveRefused> {
    may_decide(actor, area)?;
    complete(setting, decision)?;
    if let Some(known) = known(setting, key).await? {
        return Ok(known);
    }
    let order = Order {
        key,
        area,
        decision,
        seen,
    };
    for _ in 0..TRIES {
        let whose = Whose::Officer(actor);
        let worked = work(setting, actor, whose, list, decision, key).await?;
        match once(setting, actor, &order, &worked).await {
            Err(CollectiveRefused::Failed(ApplyError::Busy)) => {}
            done => return done,
        }
    }
    Err(ApplyError::Busy.into())
}

async fn once(
    setting: &Setting<'_>,
    actor: &Actor,
    order: &Order<'_>,
    worked: &Worked,
) -> Result<Recorded, CollectiveRefused> {
    if !worked.summary.refused.is_empty() {
        return Err(CollectiveRefused::RowsRefused(worked.summary.refused.len()));
    }
    let mut tx = setting.pool.begin().await?;
    let applied = registry::apply_within(&mut tx, actor, setting.clock, &worked.events).await?;
    if !applied.refused.is_empty() {
        return Err(CollectiveRefused::ChangedSince);
    }
    let recorded = put_list(&mut tx, setting, actor, order, worked).await?;
    tx.commit().await?;
    Ok(recorded)
}

/// Records the rows and the decision of a list whose events the transaction holds.
pub(super) async fn put_list(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    actor: &Actor,
    order: &Order<'_>,
    worked: &Worked,
) -> Result<Recorded, CollectiveRefused> {
    let number = next_number(tx).await?;
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    for row in &worked.rows {
        put(&mut writer, number, row).await?;
    }
    writer.finish().await?;
    let months = worked.rows.iter().map(|row| row.month);
    let head = Head {
        order,
        number,
        kind: "list",
        benefit: None,
        month: months.min().ok_or(CollectiveRefused::Nobody)?,
    };
    head.finish(tx, setting, actor, &worked.summary).await
}

fn complete(setting: &Setting<'_>, decision: &Decision) -> Result<(), CollectiveRefused> {
    match is_complete(decision, setting.clock.today()) {
        true => Ok(()),
        false => Err(CollectiveRefused::Decision),
    }
}

async fn known(setting: &Setting<'_>, key: Uuid) -> Result<Option<Recorded>, CollectiveRefused> {
    let found = sqlx::query!(
        "select collective_no, people from collective_decision where key = $1",
        key
    )
    .fetch_optional(setting.pool)
    .await?;
    Ok(found.map(|found| Recorded {
        collective_no: found.collective_no,
        people: found.people,
    }))
}

async fn next_number(tx: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select nextval('collective_no') as "number!""#)
        .fetch_one(tx)
        .await
}

const COPY: &str = "copy collective_row (person_id, collective_no, benefit, kind, area_code, \
                    area_valid_from, month, old_amount, new_amount, law, events) \
                    from stdin (format binary)";

async fn put(writer: &mut CopyWriter<'_>, number: i64, row: &Row) -> sqlx::Result<()> {
    writer.row().await?;
    writer.put_i64(row.person.0);
    writer.put_i64(number);
    writer.put_i16(row.benefit.number());
    writer.put_str(row.kind.code());
    writer.put_str(row.commune.code);
    writer.put_date(row.commune.valid_from);
    writer.put_i32(row.month.yyyymm());
    writer.put_i64(row.old.0);
    writer.put_i64(row.new.0);
    writer.put_str(&row.law);
    writer.put_uuids(&row.events);
    Ok(())
}

/// The decision itself.
struct Head<'a> {
    order: &'a Order<'a>,
    number: i64,
    kind: &'static str,
    benefit: Option<i16>,
    month: Month,
}

impl Head<'_> {
    async fn finish(
        &self,
        tx: &mut PgConnection,
        setting: &Setting<'_>,
        actor: &Actor,
        summary: &Summary,
    ) -> Result<Recorded, CollectiveRefused> {
        if summary.people == 0 {
            return Err(CollectiveRefused::Nobody);
        }
        if summary.fingerprint[..] != *self.order.seen {
            return Err(CollectiveRefused::ChangedSince);
        }
        let Order {
            key,
            area,
            decision,
            ..
        } = self.order;
        let area = if *area == "VN" { "" } else { *area };
        let (Dong(old_total), Dong(new_total)) = (summary.old_total, summary.new_total);
        let now = setting.clock.now();
        sqlx::query!(
            "insert into collective_decision (collective_no, key, kind, area_code, benefit, month,
                 number, signed_on, signed_by, fingerprint, people, old_total, new_total,
                 recorded_by, recorded_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            self.number,
            key,
            self.kind,
            area,
            self.benefit,
            self.month.yyyymm(),
            decision.number.trim(),
            decision.date.to_sqlx() as _,
            decision.signed_by.as_deref().unwrap_or_default().trim(),
            &summary.fingerprint[..],
            summary.people,
            old_total,
            new_total,
            actor.name,
            now.to_sqlx() as _
        )
        .execute(&mut *tx)
        .await?;
        let changed = Changed::new().value("total", old_total, new_total);
        let detail = changed.with(json!({ "kind": self.kind, "people": summary.people }));
        let object = format!("collective {}", self.number);
        let (action, area) = (
            Action::CollectiveRecord,
            Some(area).filter(|it| !it.is_empty()),
        );
        access::audit::record(tx, now, actor, action, &object, area, detail).await?;
        Ok(Recorded {
            collective_no: self.number,
            people: summary.people,
        })
    }
}
