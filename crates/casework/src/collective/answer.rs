//! What the leader answers to a decision for many.

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::actor::Role;
use serde_json::json;
use sqlx::PgConnection;

use super::laid::{State, proposal};
use super::{CollectiveRefused, Setting};

/// Longest reason, in characters.
const LONGEST: usize = 2_000;

/// What the leader answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may be numbered.
    Agreed,
    /// Back to the officer, and why.
    Returned(String),
}

/// Answers a proposal, for a leader of its area. Nobody agrees with their own, nor in the name of
/// somebody they stand in for. The same answer of the same leader again changes nothing.
///
/// # Errors
/// [`CollectiveRefused`].
pub async fn answer(
    setting: &Setting<'_>,
    actor: &Actor,
    number: i64,
    answer: &Answer,
) -> Result<(), CollectiveRefused> {
    let laid = proposal(setting.pool, number).await?.laid;
    access::require(actor, &[Role::Leader], &laid.area)?;
    let reason = match answer {
        Answer::Agreed => None,
        Answer::Returned(reason) => Some(reason.trim()),
    };
    if reason.is_some_and(|reason| reason.is_empty() || reason.chars().count() > LONGEST) {
        return Err(CollectiveRefused::Reason);
    }
    match (&laid.state, answer) {
        (State::Waiting, _) => {}
        (State::Agreed { by }, Answer::Agreed) if *by == actor.name => return Ok(()),
        _ => return Err(CollectiveRefused::Answered),
    }
    let kind = match answer {
        Answer::Agreed => "agreed",
        Answer::Returned(_) => "returned",
    };
    let mut tx = setting.pool.begin().await?;
    put(&mut tx, setting, actor, (number, 1, kind), reason, None).await?;
    let object = format!("collective proposal {number}");
    let (now, area) = (setting.clock.now(), Some(laid.area.as_str()));
    let (action, detail) = (Action::CollectiveAnswer, json!({ "answer": kind }));
    access::audit::record(&mut tx, now, actor, action, &object, area, detail).await?;
    Ok(tx.commit().await?)
}

/// Writes the answer of a turn: 1 is the leader's, 2 the records office's.
pub(super) async fn put(
    tx: &mut PgConnection,
    setting: &Setting<'_>,
    actor: &Actor,
    (number, turn, kind): (i64, i16, &str),
    reason: Option<&str>,
    collective: Option<i64>,
) -> Result<(), CollectiveRefused> {
    sqlx::query!(
        "insert into collective_answer (proposal_no, turn, kind, reason, collective_no, answered_by,
             answered_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        number,
        turn,
        kind,
        reason,
        collective,
        actor.name,
        setting.clock.now().to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
