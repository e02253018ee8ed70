//! Recording a change: its events, the funeral dossier a death opens, the decision itself, in one
//! transaction.

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock};
use registry::Submitted;
use serde_json::json;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::plan::drawn;
use super::{Change, ChangeRefused, Order, Plan, funeral};
use crate::apply::{ApplyError, TRIES};

/// A change as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub change_no: i64,
    /// The funeral dossier a death opened.
    pub funeral: Option<String>,
    /// The first event it became.
    pub event: Uuid,
}

/// Advisory lock, with the person: decisions about one person follow each other.
const PERSON: i32 = 0x6368_616e;

/// Records a change that was looked at when `seen` was the last event of the person. The same key
/// again changes nothing and answers the same.
///
/// # Errors
/// [`ChangeRefused`]: nothing was recorded.
pub async fn record(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    key: Uuid,
    order: &Order,
    seen: i64,
) -> Result<Recorded, ChangeRefused> {
    if let Some(known) = known(pool, key, order).await? {
        return Ok(known);
    }
    let (plan, rows) = drawn(pool, actor, clock, key, order).await?;
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        let ready = Ready {
            actor,
            clock,
            key,
            order,
            seen,
            plan: &plan,
            rows: &rows,
        };
        match ready.record(&mut tx).await {
            Ok(recorded) => {
                tx.commit().await?;
                return Ok(recorded);
            }
            Err(ChangeRefused::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(refused) => return Err(refused),
        }
    }
    Err(ApplyError::Busy.into())
}

/// Holds off other decisions about the person until the transaction ends.
pub(crate) async fn hold_person(tx: &mut PgConnection, person: i64) -> sqlx::Result<()> {
    // Numbers of people beyond four bytes share a lock with others, which only makes them wait.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "any number of the person will do"
    )]
    let person = person as i32;
    sqlx::query!("select pg_advisory_xact_lock($1, $2)", PERSON, person)
        .execute(tx)
        .await?;
    Ok(())
}

/// The change recorded under the key before.
async fn known(
    db: impl PgExecutor<'_>,
    key: Uuid,
    order: &Order,
) -> Result<Option<Recorded>, ChangeRefused> {
    let found = sqlx::query!(
        "select change_no, person_id, kind, funeral_dossier, events from person_change
         where key = $1",
        key
    )
    .fetch_optional(db)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let same = found.person_id == order.person.0 && found.kind == order.change.code();
    match found.events.first() {
        Some(event) if same => Ok(Some(Recorded {
            change_no: found.change_no,
            funeral: found.funeral_dossier,
            event: *event,
        })),
        _ => Err(ChangeRefused::KeyReused),
    }
}

/// Everything one try needs.
struct Ready<'a> {
    actor: &'a Actor,
    clock: &'a Clock,
    key: Uuid,
    order: &'a Order,
    seen: i64,
    plan: &'a Plan,
    rows: &'a [Submitted],
}

impl Ready<'_> {
    async fn record(&self, tx: &mut PgConnection) -> Result<Recorded, ChangeRefused> {
        hold_person(tx, self.order.person.0).await?;
        if let Some(known) = known(&mut *tx, self.key, self.order).await? {
            return Ok(known);
        }
        self.nothing_since(tx).await?;
        let applied = registry::apply_within(tx, self.actor, self.clock, self.rows).await?;
        if let Some(refusal) = applied.refused.first() {
            return Err(refusal.into());
        }
        let change_no = sqlx::query_scalar!(r#"select nextval('change_no') as "change_no!""#)
            .fetch_one(&mut *tx)
            .await?;
        let funeral = match &self.order.change {
            Change::Death { day, organiser } => {
                let opening = funeral::Opening {
                    key: self.key,
                    change_no,
                    day: *day,
                    organiser,
                };
                funeral::open(tx, self.actor, self.clock, self.plan, &opening).await?
            }
            _ => None,
        };
        self.insert(tx, change_no, funeral.as_deref()).await?;
        self.audit(tx, change_no).await?;
        Ok(Recorded {
            change_no,
            funeral,
            event: self.first_event(),
        })
    }

    fn first_event(&self) -> Uuid {
        self.rows
            .first()
            .map(|row| row.event.uuid())
            .unwrap_or_default()
    }

    async fn nothing_since(&self, tx: &mut PgConnection) -> Result<(), ChangeRefused> {
        let mut records: Vec<i64> = vec![self.order.person.0];
        records.extend(self.plan.who.merged_here.iter().map(|record| record.0));
        let last = sqlx::query_scalar!(
            "select max(event_no) from event where person_id = any($1)",
            &records
        )
        .fetch_one(tx)
        .await?;
        if last.unwrap_or_default() > self.seen {
            return Err(ChangeRefused::ChangedSince);
        }
        Ok(())
    }

    async fn insert(
        &self,
        tx: &mut PgConnection,
        change_no: i64,
        funeral: Option<&str>,
    ) -> Result<(), ChangeRefused> {
        let (order, plan) = (self.order, self.plan);
        let events: Vec<Uuid> = self.rows.iter().map(|row| row.event.uuid()).collect();
        let decision = &order.decision;
        sqlx::query!(
            "insert into person_change (change_no, key, person_id, kind, ground, law, note, number,
                 signed_on, signed_by, events, funeral_dossier, area_code, recorded_by, recorded_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            change_no,
            self.key,
            order.person.0,
            order.change.code(),
            plan.ground,
            plan.law,
            order.note.trim(),
            decision.number.trim(),
            decision.date.to_sqlx() as _,
            decision.signed_by.as_deref().unwrap_or_default().trim(),
            &events,
            funeral,
            plan.who.commune.code,
            self.actor.name,
            self.clock.now().to_sqlx() as _
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    async fn audit(&self, tx: &mut PgConnection, change_no: i64) -> Result<(), ChangeRefused> {
        let detail = json!({ "kind": self.order.change.code(), "change": change_no });
        let object = format!("person {}", self.order.person);
        let area = Some(self.plan.who.commune.code);
        let (now, actor) = (self.clock.now(), self.actor);
        access::audit::record(tx, now, actor, Action::PersonChange, &object, area, detail).await?;
        Ok(())
    }
}
