//! What becomes of a move: accepted or refused by the new place, taken back by the old one.

use access::audit::Action;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::{Actor, AreaCode, Clock, EventId, Month};
use law::Benefit;
use registry::event::{Decision, EventKind, Pause, UNCHANGED};
use registry::{Event, Submitted};
use serde::Deserialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::report::SOURCE;
use super::{TransferRefused, is_complete};
use crate::apply::{ApplyError, TRIES};
use crate::change::hold_person;

/// An answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The new place pays on, right after the last month of the old one.
    Accept {
        /// Its decision.
        decision: Decision,
    },
    /// The new place does not take the person in; the old one pays on.
    Refuse {
        /// Why.
        reason: String,
    },
    /// The old place takes its notice back and pays on.
    Withdraw {
        /// Why.
        reason: String,
    },
}

impl Answer {
    /// Stable code, as stored.
    pub const fn code(&self) -> &'static str {
        match self {
            Answer::Accept { .. } => "accepted",
            Answer::Refuse { .. } => "refused",
            Answer::Withdraw { .. } => "withdrawn",
        }
    }

    const fn decision(&self) -> Option<&Decision> {
        match self {
            Answer::Accept { decision } => Some(decision),
            _ => None,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Answer::Accept { .. } => "",
            Answer::Refuse { reason } | Answer::Withdraw { reason } => reason.trim(),
        }
    }
}

/// Answers a transfer, once; the months that rested become due where the person is paid then. Officers of
/// the new place accept and refuse, those of the old place withdraw.
///
/// # Errors
/// [`TransferRefused`]: nothing was recorded.
pub async fn answer(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    transfer_no: i64,
    answer: &Answer,
) -> Result<(), TransferRefused> {
    match answer.decision() {
        Some(decision) if !is_complete(decision, clock.today()) => {
            return Err(TransferRefused::Decision);
        }
        None if answer.reason().is_empty() => return Err(TransferRefused::NoReason),
        _ => {}
    }
    for _ in 0..TRIES {
        let mut tx = pool.begin().await?;
        match once(&mut tx, actor, clock, transfer_no, answer).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(());
            }
            Err(TransferRefused::Failed(ApplyError::Busy)) => tx.rollback().await?,
            Err(refused) => return Err(refused),
        }
    }
    Err(ApplyError::Busy.into())
}

/// A transfer that waits.
struct Waiting {
    transfer_no: i64,
    person: i64,
    from: (String, Date),
    to: (String, Date),
    last_month: Month,
    events: Vec<Uuid>,
}

async fn once(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    transfer_no: i64,
    answer: &Answer,
) -> Result<(), TransferRefused> {
    let waiting = waiting(tx, transfer_no).await?;
    let (code, since) = match answer {
        Answer::Withdraw { .. } => &waiting.from,
        Answer::Accept { .. } | Answer::Refuse { .. } => &waiting.to,
    };
    let acts = Areas::embedded().get(code, *since);
    if !acts.is_some_and(|area| access::holds_in(actor, &[Role::Officer], area)) {
        access::require(actor, &[Role::Officer], code)?;
    }
    hold_person(tx, waiting.person).await?;
    let rows = waiting.events(tx, answer).await?;
    // Who takes somebody in writes of a person who still lives elsewhere: that was settled above.
    let applied = registry::apply_settled_within(tx, actor, clock, &rows).await?;
    if let Some(refusal) = applied.refused.first() {
        return Err(refusal.into());
    }
    insert(tx, actor, clock, &waiting, answer, &rows).await?;
    let detail = json!({ "transfer": transfer_no, "answer": answer.code() });
    let (object, area) = (format!("person {}", waiting.person), Some(code.as_str()));
    let now = clock.now();
    access::audit::record(
        tx,
        now,
        actor,
        Action::TransferAnswer,
        &object,
        area,
        detail,
    )
    .await?;
    Ok(())
}

async fn waiting(tx: &mut PgConnection, transfer_no: i64) -> Result<Waiting, TransferRefused> {
    // Locked until the answer is written: of two who answer at once the second is told.
    let row = sqlx::query!(
        r#"select person_id, from_code, from_valid_from as "from_since: jiff_sqlx::Date", to_code,
                  to_valid_from as "to_since: jiff_sqlx::Date", last_month, events
           from transfer where transfer_no = $1 for no key update"#,
        transfer_no
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(TransferRefused::Unknown(transfer_no))?;
    let answered = sqlx::query_scalar!(
        r#"select exists (select from transfer_answer where transfer_no = $1) as "answered!""#,
        transfer_no
    )
    .fetch_one(tx)
    .await?;
    if answered {
        return Err(TransferRefused::Answered(transfer_no));
    }
    let last_month = Month::from_yyyymm(row.last_month);
    Ok(Waiting {
        transfer_no,
        person: row.person_id,
        from: (row.from_code, row.from_since.to_jiff()),
        to: (row.to_code, row.to_since.to_jiff()),
        last_month: last_month.map_err(|error| ApplyError::Inconsistent(error.to_string()))?,
        events: row.events,
    })
}

impl Waiting {
    /// The rests that were written and still hold are lifted as if they had not been; an accepted
    /// person lives in the new place from the month after the last.
    async fn events(
        &self,
        tx: &mut PgConnection,
        answer: &Answer,
    ) -> Result<Vec<Submitted>, TransferRefused> {
        let first = self.last_month.next();
        let mut kinds: Vec<EventKind> = Vec::new();
        for benefit in self.resting(tx).await? {
            kinds.push(EventKind::Resumed(Pause {
                benefit: Some(benefit),
                from: first,
                reason: UNCHANGED.to_owned(),
                decision: answer.decision().cloned(),
            }));
        }
        if let Answer::Accept { .. } = answer {
            let area = AreaCode(self.to.0.clone());
            kinds.push(EventKind::Moved { area });
        }
        let name = format!("transfer {}", self.transfer_no);
        let key = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
        let row = |(row, kind): (u64, EventKind)| {
            let id = Uuid::new_v5(&key, format!("answer {row}").as_bytes());
            Submitted {
                row,
                event: Event {
                    event_id: EventId(id.as_u128()),
                    source: SOURCE.to_owned(),
                    person: format!("#{}", self.person),
                    effective: first.first_day(),
                    kind,
                },
            }
        };
        Ok((1..).zip(kinds).map(row).collect())
    }

    /// Benefits whose rest was written with the transfer and holds.
    async fn resting(&self, tx: &mut PgConnection) -> Result<Vec<Benefit>, TransferRefused> {
        let written = sqlx::query_scalar!(
            r#"select body->>'benefit' as "benefit!" from event
               where person_id = $1 and event_id = any($2) order by event_no"#,
            self.person,
            &self.events
        )
        .fetch_all(&mut *tx)
        .await?;
        let awards = sqlx::query!(
            "select benefit, suspended from enrolment where person_id = $1",
            self.person
        )
        .fetch_all(tx)
        .await?;
        let first = self.last_month.next().yyyymm();
        let rests = |benefit: &Benefit| {
            let own = awards.iter().filter(|row| row.benefit == benefit.number());
            let mut spans = own.flat_map(|row| row.suspended.chunks_exact(2));
            spans.any(|span| span[0] <= first && first <= span[1])
        };
        let written = written.iter().filter_map(|code| Benefit::from_code(code));
        Ok(written.filter(rests).collect())
    }
}

async fn insert(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    waiting: &Waiting,
    answer: &Answer,
    rows: &[Submitted],
) -> Result<(), TransferRefused> {
    let decision = answer.decision();
    let events: Vec<Uuid> = rows.iter().map(|row| row.event.uuid()).collect();
    let done = sqlx::query!(
        "insert into transfer_answer (transfer_no, answer, number, signed_on, signed_by, reason,
             events, answered_by, answered_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        waiting.transfer_no,
        answer.code(),
        decision.map(|it| it.number.trim()),
        decision.map(|it| it.date.to_sqlx()) as _,
        decision.map(|it| it.signed_by.as_deref().unwrap_or_default().trim()),
        answer.reason(),
        &events,
        actor.name,
        clock.now().to_sqlx() as _
    )
    .execute(tx)
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        other => Err(ApplyError::Inconsistent(format!("{other} answers")).into()),
    }
}
