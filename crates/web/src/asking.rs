//! Other registries that asked or subscribed: answered and told by the server itself.

use std::time::Duration;

use crate::api::spdci::desk;
use crate::{Server, rounds};

/// How often it is looked what is due.
const PAUSE: Duration = Duration::from_secs(5);

/// Works for as long as the server serves. Cut off anywhere it goes on in a later round.
pub(crate) async fn go_on(server: Server) {
    let Some(desk) = desk(&server) else {
        return;
    };
    let mut rounds = rounds::every(PAUSE);
    loop {
        rounds.tick().await;
        // Many at once are told in rounds without a pause.
        loop {
            match spdci::task::round(&desk).await {
                Ok(round) if round.told > 0 => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(code = error.code(), "other registries were not told");
                    break;
                }
            }
        }
    }
}
