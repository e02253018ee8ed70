//! People whose records were repaired are asked about again by the server itself.

use std::time::Duration;

use population::quality::check_again;
use tokio::time::{MissedTickBehavior, interval};

use crate::Server;

/// How often it is looked who was repaired.
const PAUSE: Duration = Duration::from_secs(60);

/// Works for as long as the server serves, where a service is set.
pub(crate) async fn go_on(server: Server) {
    let Some(service) = server.population.clone() else {
        return;
    };
    let mut rounds = interval(PAUSE);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(refused) = check_again(&server.pool, &server.clock, &service).await {
            tracing::warn!(code = refused.code(), "people were not checked again");
        }
    }
}
