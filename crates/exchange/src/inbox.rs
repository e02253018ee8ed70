//! Messages of one-stop systems: kept as they came, each counted once, those of a dossier in order.

pub mod gather;
mod store;

use std::collections::{BTreeMap, HashMap};

use access::audit::{Action, Note};
use casework::Untold;
use casework::event::Submitted;
use kernel::actor::Role;
use kernel::{Actor, Clock, EventId};
use registry::Refusal;
use registry::refusal::Fault;
use serde::Serialize;
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};

use crate::message::{Message, Sent};
use crate::{Refused, connection, correction, field, file};
use store::Kept;

pub use gather::{Gathering, Told};

/// Who may tell: the one-stop system itself, or an officer who brings its file.
pub const TELLERS: [Role; 2] = [Role::OneStop, Role::Officer];

/// How often a transaction is tried again that met another one at the same dossiers.
const TRIES: u32 = 8;

/// What is answered to a message; the same message again gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It is a step of its dossier now.
    Taken,
    /// Kept until its predecessors come.
    Held,
    /// It cannot be a step of its dossier.
    Refused {
        /// Stable code.
        code: String,
        /// A Vietnamese sentence.
        message: String,
    },
}

/// What became of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Became steps now, those kept from before included.
    pub taken: u64,
    /// Kept until their predecessors come.
    pub held: u64,
    /// Came before: nothing changed.
    pub already: u64,
    /// By row.
    pub refused: Vec<Refusal>,
    /// What is answered, in the order of the rows.
    pub answers: Vec<Answer>,
}

/// Receives messages of a province's one-stop system, all in one transaction with the steps they
/// become. A message whose predecessor has not come is kept, and taken with it.
///
/// # Errors
/// [`Refused::NotConnected`] while the connection takes nothing in, [`Refused::Denied`]: nothing was
/// kept, the sender sends again.
pub async fn receive(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    sent: &[Sent],
) -> Result<Received, Refused> {
    receive_on(&mut *pool.acquire().await?, (province, actor, clock), sent).await
}

/// The same on a connection of the caller's.
async fn receive_on(
    db: &mut PgConnection,
    (province, actor, clock): Whose<'_>,
    sent: &[Sent],
) -> Result<Received, Refused> {
    access::require(actor, &TELLERS, province)?;
    let mode = connection::mode_on(&mut *db, province, clock.today()).await?;
    let sender = Sender {
        actor,
        clock,
        province,
        takes_in: mode.takes_in(),
    };
    for _ in 0..TRIES {
        let mut tx = db.begin().await?;
        match once(&mut tx, &sender, sent).await {
            Ok(received) => {
                tx.commit().await?;
                return Ok(received);
            }
            Err(Refused::Busy) => tx.rollback().await?,
            Err(refused) => return Err(refused),
        }
    }
    Err(Refused::Busy)
}

/// The province, who tells, and when.
pub(crate) type Whose<'a> = (&'a str, &'a Actor, &'a Clock);

struct Sender<'a> {
    actor: &'a Actor,
    clock: &'a Clock,
    province: &'a str,
    takes_in: bool,
}

async fn once(
    tx: &mut PgConnection,
    sender: &Sender<'_>,
    sent: &[Sent],
) -> Result<Received, Refused> {
    let mut kept = Kept::of(tx, sender.province, sent).await?;
    let mut received = Received::default();
    let mut fresh: Vec<&Sent> = Vec::new();
    let mut faults: HashMap<u64, Fault> = HashMap::new();
    for sent in sent {
        match kept.is_known(&sent.message) {
            Ok(true) => received.already += 1,
            Ok(false) if sent.message.event.at > sender.clock.now() => {
                // Not kept: the same message may be sent again once its time has come.
                let fault = Fault::new("at", "in_the_future", "thời điểm chưa đến");
                faults.insert(sent.row, fault);
            }
            Ok(false) => {
                kept.note(&sent.message);
                fresh.push(sent);
            }
            Err(fault) => {
                faults.insert(sent.row, fault);
            }
        }
    }
    if !fresh.is_empty() && !sender.takes_in {
        return Err(Refused::NotConnected(sender.province.to_owned()));
    }
    let now = sender.clock.now();
    kept.add(tx, (sender.province, &sender.actor.name, now), &fresh)
        .await?;
    let (taken, untold) = take(tx, sender, &mut kept).await?;
    received.taken = taken;
    answer(&mut received, &kept, sent, faults);
    // Others who write to the audit log wait from here on.
    let mut notes: Vec<Note<'_>> = untold.notes().collect();
    if !fresh.is_empty() {
        let detail = json!({"taken": received.taken, "held": received.held,
                            "already": received.already, "refused": received.refused.len()});
        notes.push(Note {
            action: Action::ExchangeReceive,
            object: format!("messages {}", sent.len()),
            area: Some(sender.province),
            detail,
        });
    }
    if !notes.is_empty() {
        access::audit::record_all(tx, now, sender.actor, notes).await?;
    }
    Ok(received)
}

/// Makes steps of what is next in each dossier. Returns how many, and what the audit log is to be told.
async fn take(
    tx: &mut PgConnection,
    sender: &Sender<'_>,
    kept: &mut Kept,
) -> Result<(u64, Untold), Refused> {
    let run: Vec<(i64, Message)> = kept.take_next();
    if run.is_empty() {
        return Ok((0, Untold::default()));
    }
    let rows: Vec<Submitted> = (1..)
        .zip(&run)
        .map(|(row, (_, message))| Submitted {
            row,
            event: message.event.clone(),
        })
        .collect();
    let whose = (sender.province, sender.actor, sender.clock);
    let (applied, untold) = correction::apply(tx, whose, &rows).await?;
    let why: BTreeMap<u64, &Refusal> = applied
        .refused
        .iter()
        .map(|refusal| (refusal.row, refusal))
        .collect();
    let taken: Vec<&(i64, Message)> = (1..)
        .zip(&run)
        .filter(|(row, _)| !why.contains_key(row))
        .map(|(_, taken)| taken)
        .collect();
    let messages: Vec<&Message> = taken.iter().map(|(_, message)| message).collect();
    file::named(tx, whose, &messages).await?;
    field::taken(tx, whose, &taken).await?;
    let outcomes = (1..).zip(&run).map(|(row, (number, message))| {
        let refusal = why.get(&row);
        let refusal = refusal.map(|it| (it.code.to_owned(), it.message.clone()));
        (*number, message.event.event_id, refusal)
    });
    kept.settle(tx, sender.clock.now(), outcomes.collect())
        .await?;
    Ok((applied.applied + applied.already, untold))
}

/// What is answered to each message.
fn answer(received: &mut Received, kept: &Kept, sent: &[Sent], mut faults: HashMap<u64, Fault>) {
    for sent in sent {
        let event_id = sent.message.event.event_id;
        let answer = match faults.remove(&sent.row) {
            Some(fault) => {
                let answer = Answer::Refused {
                    code: fault.code.to_owned(),
                    message: fault.message.clone(),
                };
                let id = Some(EventId(event_id.as_u128()));
                received.refused.push(fault.in_row(sent.row, id));
                answer
            }
            None => kept.answer(event_id),
        };
        match &answer {
            Answer::Held => received.held += 1,
            Answer::Refused { code, message }
                if received
                    .refused
                    .last()
                    .is_none_or(|last| last.row != sent.row) =>
            {
                let why = format!("{message} ({code})");
                let mut refusal = Refusal::new(sent.row, "", "message_refused", why);
                refusal.event_id = Some(EventId(event_id.as_u128()));
                received.refused.push(refusal);
            }
            _ => {}
        }
        received.answers.push(answer);
    }
}
