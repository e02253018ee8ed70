//! What the provider tells by itself, or when asked.

use std::sync::Arc;

use g2p::disburse::StatusTold;
use g2p::{
    CallbackHeader, DisburseResponse, DisbursementStatus, Progress, TxnStatusResponse, VERSION,
};
use serde::Serialize;

use super::Peer;
use super::book::Told;

/// Tells what became of the payments of a message: at once, and what is late later.
pub fn later(peer: &Arc<Peer>, place: String, payer: &str, transaction: &str, told: Told) {
    let (peer, payer) = (Arc::clone(peer), payer.to_owned());
    let transaction = transaction.to_owned();
    tokio::spawn(async move {
        let late_by = peer.manner.late_by;
        for (statuses, pause) in [(told.now, None), (told.late, Some(late_by))] {
            if statuses.is_empty() {
                continue;
            }
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
            let message = DisburseResponse {
                transaction_id: transaction.clone(),
                disbursements_status: statuses,
            };
            let count = message.disbursements_status.len();
            post(&peer, &place, &payer, count, &message).await;
        }
    });
}

/// Answers a question.
pub fn answer(
    peer: &Arc<Peer>,
    place: String,
    payer: &str,
    (transaction, correlation): (&str, &str),
    statuses: Vec<DisbursementStatus>,
) {
    let count = statuses.len();
    let message = TxnStatusResponse {
        transaction_id: transaction.to_owned(),
        correlation_id: correlation.chars().take(99).collect(),
        txnstatus_response: StatusTold {
            txn_type: "on-disburse".to_owned(),
            txn_status: DisburseResponse {
                transaction_id: transaction.to_owned(),
                disbursements_status: statuses,
            },
        },
    };
    let (peer, payer) = (Arc::clone(peer), payer.to_owned());
    tokio::spawn(async move { post(&peer, &place, &payer, count, &message).await });
}

/// Posts a signed message to the payer; on a bad day the same twice. What does not arrive is told
/// when it is asked for.
async fn post(peer: &Peer, place: &str, payer: &str, count: usize, message: &impl Serialize) {
    let twice = peer.book().chance.hits(peer.manner.payments.twice);
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let now = peer.clock.now();
    let header = CallbackHeader {
        version: VERSION.to_owned(),
        message_id: format!("{}-{}", peer.name, uuid::Uuid::new_v4()),
        message_ts: now,
        action: "on-disburse".to_owned(),
        status: Progress::Succ,
        status_reason_code: None,
        total_count: Some(count),
        completed_count: Some(count),
        sender_id: Some(peer.name.clone()),
        receiver_id: Some(payer.to_owned()),
        is_msg_encrypted: false,
    };
    let written = serde_json::to_string(&header).and_then(|header| {
        let message = serde_json::to_string(message)?;
        Ok((header, message))
    });
    let Ok((header, message)) = written else {
        return;
    };
    let body = g2p::seal(&peer.key, &peer.name, (&header, &message), now);
    for _ in 0..=u8::from(twice) {
        let (place, body) = (place.to_owned(), body.clone());
        let posted = tokio::task::spawn_blocking(move || g2p::client::post(&place, &body)).await;
        if let Ok(posted) = posted {
            tracing::info!(?posted, "told the payer");
        }
    }
}
