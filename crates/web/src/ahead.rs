//! What is worked out before somebody asks: the balance of lists made from the command line, the
//! figures of boards, and how many people are due for a check.

use std::time::Duration;

use crate::{Server, rounds};

/// How often new lists are looked for.
const PAUSE: Duration = Duration::from_secs(20);

/// Works for as long as the server serves. A failure is left to the next round: whoever looks at a
/// page first has the balance worked out then.
pub(crate) async fn keep_ready(server: Server) {
    let mut rounds = rounds::every(PAUSE);
    loop {
        rounds.tick().await;
        if let Err(refused) = payments::balance::prepare(&server.office()).await {
            tracing::warn!(code = refused.code(), "a balance was not worked out ahead");
        }
        if let Err(refused) = reports::kept::prepare(&server.office()).await {
            tracing::warn!(
                code = refused.code(),
                "figures of boards were not counted ahead"
            );
        }
        if let Err(refused) = population::due::prepare(&server.pool, &server.clock).await {
            tracing::warn!(
                code = refused.code(),
                "those due for a check were not counted ahead"
            );
        }
    }
}
