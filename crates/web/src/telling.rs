//! Messages to citizens, written and sent by the server itself. Several servers may do so at once: each
//! takes other messages into hand.

use std::time::Duration;

use messages::send::{Carriers, by_itself};
use messages::{Refused, gather, send};
use tokio::sync::watch;

use crate::{Server, rounds};

/// Who carries messages, and how often it is looked what is due.
#[derive(Clone)]
pub(crate) struct Telling {
    pub(crate) carriers: Carriers,
    pub(crate) every: Duration,
}

/// Works until it is told to stop; the round begun is finished, so that nothing is left in hand.
pub(crate) async fn go_on(server: Server, mut stop: watch::Receiver<bool>) {
    let Some(telling) = server.telling.clone() else {
        return;
    };
    let mut rounds = rounds::every(telling.every);
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            _ = stop.changed() => return,
        }
        if let Err(refused) = round(&server, &telling).await {
            tracing::warn!(code = refused.code(), "messages were not sent");
        }
    }
}

async fn round(server: &Server, telling: &Telling) -> Result<(), Refused> {
    let (pool, clock, actor) = (&server.pool, &server.clock, by_itself());
    let written = gather(pool, &actor, clock).await?;
    let sent = send(pool, &actor, clock, &telling.carriers).await?;
    if written > 0 || sent != messages::Sent::default() {
        let (went, failed) = (sent.sent, sent.failed);
        tracing::info!(written, sent = went, failed, "messages");
    }
    Ok(())
}
