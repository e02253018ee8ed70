//! The dossiers of samples, and the traffic between this system and those of the provinces.

use casework::{Event, Submitted};
use exchange::message::Sent;
use exchange::{acknowledge, connection, receive};
use kernel::{Actor, Clock};
use registry::Refusal;
use scenarios::two_way::traffic::{Phase, Traffic};
use scenarios::{Plan, When};

use crate::context::Context;
use crate::progress::Progress;

/// Steps of about so many are recorded in one transaction.
const BATCH: usize = 10_000;

/// Records the dossiers behind the decisions of a sample's month; whether any were not there before.
///
/// # Errors
/// When the database refuses.
pub async fn record_dossiers(
    plan: &Plan,
    actor: &Actor,
    context: &Context,
) -> anyhow::Result<bool> {
    let clock = Clock::Fixed(plan.recorded_at(When::InMonth));
    let mut recorded = 0;
    let mut batch: Vec<Event> = Vec::with_capacity(BATCH);
    for event in plan.dossiers() {
        let another = batch
            .last()
            .is_none_or(|last| last.dossier != event.dossier);
        if another && batch.len() >= BATCH {
            recorded += steps(std::mem::take(&mut batch), actor, &clock, context).await?;
        }
        batch.push(event);
    }
    recorded += steps(batch, actor, &clock, context).await?;
    Ok(recorded > 0)
}

/// Records connections of provinces and their traffic; whether any of it was not there before.
///
/// # Errors
/// When the database refuses.
pub async fn record_traffic(
    traffic: Traffic,
    actor: &Actor,
    context: &Context,
) -> anyhow::Result<bool> {
    let pool = context.pool().await?;
    let clock = Clock::Fixed(Traffic::recorded_at());
    let known = connection::all(pool, actor, Traffic::last_day()).await?;
    let is_known = |new: &exchange::NewConnection| {
        let same = |known: &exchange::Connection| {
            known.province == new.province && known.from == new.from && known.mode == new.mode
        };
        known.iter().any(same)
    };
    let mut new = traffic.connections;
    new.retain(|connection| !is_known(connection));
    let mut recorded = new.len() as u64;
    if !new.is_empty() {
        connection::record(pool, actor, &clock, &new).await?;
    }
    let mut progress = Progress::of("Nạp hồ sơ và thông điệp", traffic.phases.len() as u64);
    for (number, phase) in (1..).zip(traffic.phases) {
        recorded += match phase {
            Phase::Sent(province, messages) => {
                let rows = (1..).zip(messages);
                let sent: Vec<Sent> = rows.map(|(row, message)| Sent { row, message }).collect();
                receive(pool, actor, &clock, &province, &sent).await?.taken
            }
            Phase::Steps(events) => steps(events, actor, &clock, context).await?,
            Phase::Answered(province, answers) => {
                let answers = unless_answered(answers, recorded > 0);
                acknowledge(pool, actor, &clock, &province, &answers)
                    .await?
                    .recorded
            }
        };
        progress.reached(number);
    }
    progress.done();
    Ok(recorded > 0)
}

/// Failures are recorded each time they are told, so a sample that is there already tells none.
fn unless_answered(
    mut answers: Vec<(uuid::Uuid, Option<String>)>,
    anew: bool,
) -> Vec<(uuid::Uuid, Option<String>)> {
    answers.retain(|(_, why)| anew || why.is_none());
    answers
}

async fn steps(
    events: Vec<Event>,
    actor: &Actor,
    clock: &Clock,
    context: &Context,
) -> anyhow::Result<u64> {
    let rows: Vec<Submitted> = (1..)
        .zip(events)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    let done = casework::apply(context.pool().await?, actor, clock, &rows).await?;
    refuse_others(&done.refused)?;
    Ok(done.applied)
}

/// The sample is taken whole or not at all: whatever is refused contradicts what is there.
pub(super) fn refuse_others(refused: &[Refusal]) -> anyhow::Result<()> {
    let Some(refusal) = refused.first() else {
        return Ok(());
    };
    anyhow::bail!(
        "Cơ sở dữ liệu đã có dữ liệu khác trùng với bộ mẫu ({}). Hãy nạp bộ mẫu vào một cơ sở dữ liệu luyện tập mới.",
        refusal.message
    )
}
