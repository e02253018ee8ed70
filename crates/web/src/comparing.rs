//! Both sides of the exchange are compared each night by the server itself, province by province, where one
//! says where it lists its dossiers.

use std::time::Duration;

use exchange::Refused;
use exchange::comparison::{self, From, by_itself};
use jiff::civil::Time;

use crate::{Server, rounds};

/// How often it is looked whether it is time.
const PAUSE: Duration = Duration::from_secs(30);

/// Works for as long as the server serves, where a time is set. Cut off anywhere it goes on in a later round,
/// for a run is kept when it has ended.
pub(crate) async fn go_on(server: Server) {
    let Some(time) = server.compare_at else {
        return;
    };
    let mut rounds = rounds::every(PAUSE);
    loop {
        rounds.tick().await;
        if let Err(refused) = round(&server, time).await {
            tracing::warn!(code = refused.code(), "provinces were not compared");
        }
    }
}

async fn round(server: &Server, time: Time) -> Result<(), Refused> {
    let (pool, clock) = (&server.pool, &server.clock);
    let Some(since) = rounds::begun(clock.now(), time) else {
        return Ok(());
    };
    for province in comparison::due(pool, since).await? {
        let from = From::Address(server.signing_key.clone());
        let run = comparison::run(pool, &by_itself(), clock, &province, from).await?;
        let (outcome, differing) = (run.outcome.code(), run.differing);
        tracing::info!(province, outcome, differing, "compared");
    }
    Ok(())
}
