//! Both sides of the exchange are compared each night by the server itself, province by province, where one
//! says where it lists its dossiers.

use std::time::Duration;

use exchange::Refused;
use exchange::comparison::{self, From, by_itself};
use jiff::Timestamp;
use jiff::civil::Time;
use kernel::clock::vietnam_time;
use tokio::time::{MissedTickBehavior, interval};

use crate::Server;

/// How often it is looked whether it is time.
const PAUSE: Duration = Duration::from_secs(30);

/// Works for as long as the server serves, where a time is set. Cut off anywhere it goes on in a later round,
/// for a run is kept when it has ended.
pub(crate) async fn go_on(server: Server) {
    let Some(time) = server.compare_at else {
        return;
    };
    let mut rounds = interval(PAUSE);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(refused) = round(&server, time).await {
            tracing::warn!(code = refused.code(), "provinces were not compared");
        }
    }
}

async fn round(server: &Server, time: Time) -> Result<(), Refused> {
    let (pool, clock) = (&server.pool, &server.clock);
    let Some(since) = begun(clock.now(), time) else {
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

/// When today's round begins, once it has.
pub(crate) fn begun(now: Timestamp, time: Time) -> Option<Timestamp> {
    let here = vietnam_time(now);
    let begins = here.with().time(time).build().ok()?.timestamp();
    (begins <= now).then_some(begins)
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::begun;

    #[test]
    fn a_round_begins_at_its_time_in_viet_nam() {
        let at = |text: &str| text.parse().expect("a time");
        let two = time(2, 0, 0, 0);
        assert_eq!(begun(at("2024-05-06T01:59:00+07:00"), two), None);
        let begins = Some(at("2024-05-06T02:00:00+07:00"));
        assert_eq!(begun(at("2024-05-06T02:00:00+07:00"), two), begins);
        assert_eq!(begun(at("2024-05-06T23:00:00+07:00"), two), begins);
    }
}
