//! Everybody of the country is compared with everybody each night by one of the servers, so that the same person
//! twice is found without anybody asking. What is found is decided by people.

use std::time::Duration;

use jiff::civil::Time;
use links::LinkRefused;

use crate::{Server, rounds};

/// How often it is looked whether it is time.
const PAUSE: Duration = Duration::from_secs(30);
/// Rounds that pass after a night that failed: comparing takes minutes of a processor.
const REST: u32 = 60;

/// Works for as long as the server serves, where a time is set. Cut off anywhere it, or another server, begins anew.
pub(crate) async fn go_on(server: Server) {
    let Some(time) = server.pairs_at else {
        return;
    };
    let mut rounds = rounds::every(PAUSE);
    let mut resting = 0_u32;
    loop {
        rounds.tick().await;
        resting = resting.saturating_sub(1);
        if resting > 0 {
            continue;
        }
        if let Err(refused) = round(&server, time).await {
            resting = REST;
            tracing::warn!(code = refused.code(), "nobody was looked for twice");
        }
    }
}

async fn round(server: &Server, time: Time) -> Result<(), LinkRefused> {
    let (pool, clock) = (&server.pool, &server.clock);
    let Some(since) = rounds::begun(clock.now(), time) else {
        return Ok(());
    };
    if let Some(found) = links::nightly(pool, clock, since).await? {
        let (people, pairs) = (found.people, found.pairs);
        tracing::info!(people, pairs, "looked for people who are there twice");
    }
    Ok(())
}
