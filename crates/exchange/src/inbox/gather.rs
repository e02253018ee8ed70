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
use tokio::sync::Semaphore;

use super::{Answer, receive_on};
use crate::gap::{self, Gaps};
use crate::message::{Message, Sent};
use crate::together::Together;
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
type Desk = Together<Arc<Waiting>, Told>;

/// A message that waits, and who sent it.
struct Waiting {
    by: (String, Origin),
    message: Message,
}

/// Who sends, and when.
#[derive(Clone, Copy)]
struct Sender<'a> {
    pool: &'a PgPool,
    actor: &'a Actor,
    clock: &'a Clock,
    province: &'a str,
}

impl Gathering {
    /// As [`receive`](super::receive) of one message, together with others of the same caller that come meanwhile.
    /// Given up on the way it may have been received or not: sent again it is answered as it would be.
    ///
    /// # Errors
    /// Those of [`receive`](super::receive).
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
        let waiting = Arc::new(Waiting {
            by: (actor.name.clone(), actor.origin.clone()),
            message: message.clone(),
        });
        let of_caller = |it: &Arc<Waiting>| (&it.by.0, &it.by.1) == (&actor.name, &actor.origin);
        let desk = self.desk(province);
        // Not closed before the server ends; without one it is received all the same.
        let of_provinces = || self.turns.acquire();
        let received = |waiting| sender.receive(waiting);
        let answered = desk
            .ask_with(waiting, (of_caller, MOST), of_provinces, received)
            .await?;
        if answered.by_another {
            access::audit::answered_before();
        }
        Ok(answered.answer)
    }

    fn desk(&self, province: &str) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(desks.entry(province.to_owned()).or_default())
    }
}

impl Sender<'_> {
    async fn receive(self, waiting: Vec<Arc<Waiting>>) -> Result<Vec<Told>, Refused> {
        let sent: Vec<Sent> = (1..)
            .zip(&waiting)
            .map(|(row, waiting)| Sent {
                row,
                message: waiting.message.clone(),
            })
            .collect();
        let dossier = |it: &Arc<Waiting>| it.message.event.dossier.clone();
        let (actor, province) = (self.actor, self.province);
        let mut db = self.pool.acquire().await?;
        let received = receive_on(&mut db, (province, actor, self.clock), &sent).await?;
        let mut codes: Vec<String> = waiting.iter().map(dossier).collect();
        codes.sort_unstable();
        codes.dedup();
        let missing = file::missing_of(&mut *db, actor, province, &codes).await?;
        let which = (province, self.clock.today());
        let gaps = gap::told_of(&mut db, actor, which, &codes).await?;
        let told = waiting.iter().zip(received.answers);
        Ok(told
            .map(|(waiting, answer)| {
                let dossier = &waiting.message.event.dossier;
                Told {
                    answer,
                    missing_files: missing.get(dossier).cloned().unwrap_or_default(),
                    gaps: gaps.get(dossier).cloned().unwrap_or_default(),
                }
            })
            .collect())
    }
}
