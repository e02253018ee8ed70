//! Deciding a proposal: accepted, it becomes an event of the registry.

use access::audit::Action;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, EventId, Month};
use law::FactKind;
use registry::event::{EventKind, Pause};
use registry::{Event, Submitted};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::ProposalKind;
use crate::{Office, Refused};

/// Where events that came of proposals are from.
const SOURCE: &str = "de-xuat";

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Suspend from this month on.
    Suspend {
        /// First month not paid.
        from: Month,
    },
    /// What is proposed holds from this day, papers say: the day of death, or from which a pension is drawn.
    On {
        /// The day.
        date: Date,
    },
    /// Nothing follows.
    Reject,
}

/// Why a proposal is not decided so.
#[derive(Debug, thiserror::Error)]
pub enum ProposalRefused {
    /// No such number.
    #[error("không có đề xuất số {0}")]
    Unknown(i64),
    /// Somebody decided before.
    #[error("đề xuất số {0} đã có người quyết định")]
    Decided(i64),
    /// Nothing said why.
    #[error("cần ghi lý do của quyết định")]
    NoReason,
    /// A suspension accepted as a death, or the other way round.
    #[error(
        "quyết định không hợp với đề xuất: tạm dừng cần tháng bắt đầu, qua đời cần ngày mất, lương hưu cần ngày bắt đầu hưởng"
    )]
    OtherKind,
    /// The registry does not take the event.
    #[error("sổ đối tượng không nhận: {0}")]
    Event(String),
}

impl ProposalRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ProposalRefused::Unknown(_) => "unknown_proposal",
            ProposalRefused::Decided(_) => "decided_already",
            ProposalRefused::NoReason => "reason_missing",
            ProposalRefused::OtherKind => "other_proposal",
            ProposalRefused::Event(_) => "event_refused",
        }
    }
}

/// Decides a proposal, once. The event has an identity of its own made from the proposal, so that
/// deciding again after a failure records nothing twice.
///
/// # Errors
/// [`Refused::Proposal`], [`Refused::Denied`].
pub async fn decide(
    office: &Office<'_>,
    actor: &Actor,
    proposal_no: i64,
    decision: Decision,
    reason: &str,
) -> Result<(), Refused> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ProposalRefused::NoReason.into());
    }
    let mut tx = office.pool.begin().await?;
    // Held until the decision is written: whoever decides otherwise meanwhile records no event.
    let proposal = sqlx::query!(
        "select kind, person_id, area_code from proposal where proposal_no = $1 for no key update",
        proposal_no
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(ProposalRefused::Unknown(proposal_no))?;
    access::require(actor, &[Role::Officer], &proposal.area_code)?;
    let decided = sqlx::query_scalar!(
        r#"select exists (select from proposal_decision where proposal_no = $1) as "decided!""#,
        proposal_no
    )
    .fetch_one(&mut *tx)
    .await?;
    if decided {
        return Err(ProposalRefused::Decided(proposal_no).into());
    }
    let kind = ProposalKind::read(&proposal.kind)?;
    let event = event(proposal_no, proposal.person_id, kind, decision, reason)?;
    if let Some(event) = &event {
        record(office, actor, event).await?;
    }
    let now = office.clock.now();
    let id = event.map(|event| event.uuid());
    let code = if id.is_some() { "accept" } else { "reject" };
    let decided = sqlx::query!(
        "insert into proposal_decision (proposal_no, decision, reason, event_id, decided_by,
             decided_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        proposal_no,
        code,
        reason,
        id,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if decided.rows_affected() != 1 {
        return Err(ProposalRefused::Decided(proposal_no).into());
    }
    let detail = json!({ "kind": kind.code(), "decision": code, "person": proposal.person_id });
    let (object, area) = (proposal_no.to_string(), Some(proposal.area_code.as_str()));
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::ProposalDecide,
        &object,
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Notes that a proposal was followed by a written decision, recorded as an event of the person
/// already. Decided before, nothing changes: the event stands either way.
///
/// # Errors
/// [`Refused::Proposal`] for no such number and an event that is not the person's,
/// [`Refused::Denied`].
pub async fn fulfilled(
    office: &Office<'_>,
    actor: &Actor,
    proposal_no: i64,
    event: sqlx::types::Uuid,
    reason: &str,
) -> Result<(), Refused> {
    let mut tx = office.pool.begin().await?;
    let proposal = sqlx::query!(
        r#"select kind, person_id, area_code, exists (
               select from event e where e.event_id = $2 and e.person_id = proposal.person_id)
               as "theirs!"
           from proposal where proposal_no = $1"#,
        proposal_no,
        event
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(ProposalRefused::Unknown(proposal_no))?;
    access::require(actor, &[Role::Officer], &proposal.area_code)?;
    if !proposal.theirs {
        return Err(ProposalRefused::OtherKind.into());
    }
    let now = office.clock.now();
    let done = sqlx::query!(
        "insert into proposal_decision (proposal_no, decision, reason, event_id, decided_by,
             decided_at)
         values ($1, 'accept', $2, $3, $4, $5) on conflict do nothing",
        proposal_no,
        reason.trim(),
        event,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 1 {
        let detail = json!({ "kind": proposal.kind, "decision": "accept",
            "person": proposal.person_id });
        let (object, area) = (proposal_no.to_string(), Some(proposal.area_code.as_str()));
        let action = Action::ProposalDecide;
        access::audit::record(&mut tx, now, actor, action, &object, area, detail).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The event an accepted proposal becomes; none for a rejected one.
fn event(
    proposal_no: i64,
    person: i64,
    proposed: ProposalKind,
    decision: Decision,
    reason: &str,
) -> Result<Option<Event>, ProposalRefused> {
    let (effective, kind) = match (proposed, decision) {
        (_, Decision::Reject) => return Ok(None),
        (ProposalKind::Suspend, Decision::Suspend { from }) => {
            let pause = Pause {
                benefit: None,
                from,
                reason: reason.to_owned(),
                decision: None,
            };
            (from.first_day(), EventKind::Suspended(pause))
        }
        (ProposalKind::Death, Decision::On { date }) => (date, EventKind::Died { date }),
        (ProposalKind::Pension, Decision::On { date }) => {
            let fact_id = format!("de-xuat-{proposal_no}");
            let started = EventKind::FactStarted {
                fact_id,
                fact: FactKind::Pension,
                to: None,
            };
            (date, started)
        }
        _ => return Err(ProposalRefused::OtherKind),
    };
    let digest = Sha256::digest(format!("proposal {proposal_no}"));
    let half = digest.iter().take(16);
    let id = half.fold(0_u128, |id, byte| id << 8 | u128::from(*byte));
    Ok(Some(Event {
        event_id: EventId(id),
        person: format!("#{person}"),
        effective,
        source: SOURCE.to_owned(),
        kind,
    }))
}

async fn record(office: &Office<'_>, actor: &Actor, event: &Event) -> Result<(), Refused> {
    let rows = [Submitted {
        row: 1,
        event: event.clone(),
    }];
    let applied = registry::apply(office.pool, actor, office.clock, &rows).await?;
    match applied.refused.first() {
        Some(refusal) => Err(ProposalRefused::Event(refusal.message.clone()).into()),
        None => Ok(()),
    }
}
