//! Messages of a province that come one by one while others of it are being received are received
//! together, in one transaction: each is answered once it is kept for good, none waits for a
//! transaction of its own. A province has one in hand at a time, so that it does not wait for itself,
//! and the others find room between.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use files::FileHash;
use jiff::civil::Date;
use kernel::{Actor, Clock, Origin};
use sqlx::PgPool;
use tokio::sync::{Semaphore, oneshot};

use super::{Answer, receive_on};
use crate::gap::{self, Gaps};
use crate::message::{Message, Sent};
use crate::{Refused, file};

/// Messages received in one transaction at most: what others have to wait for.
pub const MOST: usize = 100;

/// What is answered to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What became of it.
    pub answer: Answer,
    /// Files that messages about its dossier name and that have not come.
    pub missing_files: Vec<FileHash>,
    /// What its dossier came without.
    pub gaps: Gaps,
}

impl Told {
    /// What is answered to a message about a dossier, once it is kept.
    ///
    /// # Errors
    /// Those of [`file::missing`].
    pub async fn about(
        pool: &PgPool,
        actor: &Actor,
        (province, today): (&str, Date),
        dossier: &str,
        answer: Answer,
    ) -> Result<Told, Refused> {
        Ok(Told {
            answer,
            missing_files: file::missing(pool, actor, province, dossier).await?,
            gaps: gap::told(pool, actor, (province, today), dossier).await?,
        })
    }
}

/// Provinces received from at once. More would only wait for each other at the audit log, and hold
/// connections meanwhile that others need.
const AT_ONCE: usize = 4;

/// Where messages wait for those of their province in hand.
pub struct Gathering {
    desks: Mutex<HashMap<String, Arc<Desk>>>,
    /// Provinces take turns: whoever waits longest is next.
    turns: Semaphore,
}

impl Default for Gathering {
    fn default() -> Gathering {
        Gathering {
            desks: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        }
    }
}

/// Of a province.
#[derive(Default)]
struct Desk {
    /// Whoever has it receives what waits.
    turn: tokio::sync::Mutex<()>,
    waiting: Mutex<Vec<Waiting>>,
}

/// A message that waits, and who sent it.
struct Waiting {
    by: (String, Origin),
    message: Message,
    told: oneshot::Sender<Told>,
}

/// Who sends, and when.
struct Sender<'a> {
    pool: &'a PgPool,
    actor: &'a Actor,
    clock: &'a Clock,
    province: &'a str,
}

impl Gathering {
    /// As [`receive`] of one message, together with others of the same caller that come meanwhile.
    /// Given up on the way it may have been received or not: sent again it is answered as it would be.
    ///
    /// # Errors
    /// Those of [`receive`].
    pub async fn receive(
        &self,
        pool: &PgPool,
        actor: &Actor,
        clock: &Clock,
        province: &str,
        message: &Message,
    ) -> Result<Told, Refused> {
        // Here and not with those it waits for: each is refused by its own right.
        access::require(actor, &super::TELLERS, province)?;
        let sender = Sender {
            pool,
            actor,
            clock,
            province,
        };
        let desk = self.desk(province);
        let (told, mut answered) = oneshot::channel();
        desk.put(Waiting {
            by: (actor.name.clone(), actor.origin.clone()),
            message: message.clone(),
            told,
        });
        let turn = tokio::select! {
            biased;
            told = &mut answered => match told {
                Ok(told) => {
                    access::audit::answered_before();
                    return Ok(told);
                }
                Err(_) => desk.turn.lock().await,
            },
            turn = desk.turn.lock() => turn,
        };
        loop {
            // Not closed before the server ends; without one it is received all the same.
            let _of_provinces = self.turns.acquire().await.ok();
            match answered.try_recv() {
                Ok(told) => return Ok(told),
                Err(oneshot::error::TryRecvError::Empty) => sender.receive_waiting(&desk).await?,
                // What it was received with failed, and took it along: it is received by itself.
                Err(oneshot::error::TryRecvError::Closed) => break,
            }
        }
        let _of_provinces = self.turns.acquire().await.ok();
        let alone = sender.receive(std::slice::from_ref(message)).await;
        drop(turn);
        let mut alone = alone?;
        let nothing = || Refused::Inconsistent("a message without answer".to_owned());
        alone.pop().ok_or_else(nothing)
    }

    fn desk(&self, province: &str) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(desks.entry(province.to_owned()).or_default())
    }
}

impl Desk {
    fn put(&self, waiting: Waiting) {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(waiting);
    }

    /// What waits of a caller, in its order. Whose sender has gone away is received all the same: it was
    /// sent.
    fn take(&self, by: (&str, &Origin)) -> Vec<Waiting> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = MOST;
        let of_caller = |it: &mut Waiting| {
            let taken = room > 0 && (it.by.0.as_str(), &it.by.1) == by;
            room -= usize::from(taken);
            taken
        };
        all.extract_if(.., of_caller).collect()
    }
}

impl Sender<'_> {
    /// Receives what waits of the caller, who waits too, and says what became of it. Of several that cannot
    /// be received together nothing is said.
    async fn receive_waiting(&self, desk: &Desk) -> Result<(), Refused> {
        let waiting = desk.take((&self.actor.name, &self.actor.origin));
        let messages: Vec<Message> = waiting.iter().map(|it| it.message.clone()).collect();
        let told = match self.receive(&messages).await {
            Ok(told) => told,
            Err(refused) if messages.len() == 1 => return Err(refused),
            Err(_) => return Ok(()),
        };
        for (waiting, told) in waiting.into_iter().zip(told) {
            // Its sender may have gone away.
            let _ = waiting.told.send(told);
        }
        Ok(())
    }

    async fn receive(&self, messages: &[Message]) -> Result<Vec<Told>, Refused> {
        let sent: Vec<Sent> = (1..)
            .zip(messages)
            .map(|(row, message)| Sent {
                row,
                message: message.clone(),
            })
            .collect();
        let (actor, province) = (self.actor, self.province);
        let mut db = self.pool.acquire().await?;
        let received = receive_on(&mut db, (province, actor, self.clock), &sent).await?;
        let mut codes: Vec<String> = messages.iter().map(|it| it.event.dossier.clone()).collect();
        codes.sort_unstable();
        codes.dedup();
        let missing = file::missing_of(&mut *db, actor, province, &codes).await?;
        let which = (province, self.clock.today());
        let gaps = gap::told_of(&mut db, actor, which, &codes).await?;
        let told = messages.iter().zip(received.answers);
        Ok(told
            .map(|(message, answer)| Told {
                answer,
                missing_files: (missing.get(&message.event.dossier))
                    .cloned()
                    .unwrap_or_default(),
                gaps: gaps
                    .get(&message.event.dossier)
                    .cloned()
                    .unwrap_or_default(),
            })
            .collect())
    }
}
