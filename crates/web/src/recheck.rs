//! People whose records were repaired, and everybody due before a month's list, are asked about by the server itself.

use std::time::Duration;

use population::ahead::{before_list, month_prepared};
use population::quality::check_again;

use crate::{Server, rounds};

/// How often it is looked who was repaired.
const PAUSE: Duration = Duration::from_secs(60);

/// People due for a list in one round: repaired ones do not wait long for them.
const AT_ONCE: i64 = 200;
/// Rounds that the check before a list pauses after the service answered nobody.
const REST: u32 = 60;

/// Works for as long as the server serves, where a service is set.
pub(crate) async fn go_on(server: Server) {
    let Some(service) = server.population.clone() else {
        return;
    };
    let mut rounds = rounds::every(PAUSE);
    let mut resting = 0_u32;
    loop {
        rounds.tick().await;
        if let Err(refused) = check_again(&server.pool, &server.clock, &service).await {
            tracing::warn!(code = refused.code(), "people were not checked again");
        }
        resting = resting.saturating_sub(1);
        if resting > 0 {
            continue;
        }
        let of = (month_prepared(&server.clock), "");
        let place = (&server.pool, &server.clock);
        match before_list(place, &service, of, Some(AT_ONCE), |_| {}).await {
            Ok(tally) if tally.not_begun > 0 || tally.service_error > 0 => resting = REST,
            Ok(_) => {}
            Err(refused) => {
                resting = REST;
                tracing::warn!(
                    code = refused.code(),
                    "people were not checked before a list"
                );
            }
        }
    }
}
