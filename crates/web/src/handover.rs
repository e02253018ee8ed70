//! Orders on their way to providers' interfaces: sent, sent again and asked about by the server itself.

use std::time::Duration;

use payments::interface;

use crate::{Server, rounds};

/// How often it is looked what is due.
const PAUSE: Duration = Duration::from_secs(10);

/// Works for as long as the server serves. Cut off anywhere it goes on in the next round: what was
/// on its way is sent again as the same message.
pub(crate) async fn go_on(server: Server) {
    let Some(key) = server.signing_key.clone() else {
        return;
    };
    let mut rounds = rounds::every(PAUSE);
    loop {
        rounds.tick().await;
        if let Err(refused) = interface::go_on(&server.office(), &key).await {
            tracing::warn!(code = refused.code(), "orders were not handed over");
        }
    }
}
