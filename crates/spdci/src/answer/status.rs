//! How far requests are: their statuses, never again what they were told.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{Work, Worked};
use crate::criteria::is_plain;
use crate::message::StatusRequest;
use crate::{Action, Error};

/// Says of each reference asked about whether it is settled. A caller sees its own requests only.
pub(super) async fn status(
    tx: &mut PgConnection,
    work: &Work<'_>,
    asked: &StatusRequest,
) -> Result<Worked, Error> {
    let about = &asked.txnstatus_request;
    let values: Vec<String> = match &about.attribute_value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => {
            let many = many.iter().take(100).filter_map(Value::as_str);
            many.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    let values = match values.iter().all(|value| is_plain(value)) {
        true => values,
        false => Vec::new(),
    };
    // What other programmes tell is called a receipt here and a notice in its header.
    let action = match about.txn_type.as_str() {
        "receipt" => Action::Report.code(),
        other => other,
    };
    let rows = sqlx::query!(
        r#"select transaction_id, correlation_id, refs, outcome from spdci_message
           where caller = $1 and register = $2 and action = $3
             and case $4 when 'transaction_id' then transaction_id = any($5)
                         when 'correlation_id' then correlation_id = any($5)
                         when 'reference_id_list' then refs && $5
                         else false end
           order by message_no desc limit 100"#,
        work.caller.name,
        work.register.code(),
        action,
        about.attribute_type,
        &values
    )
    .fetch_all(tx)
    .await?;
    let by_reference = about.attribute_type == "reference_id_list";
    let wanted = |reference: &str| !by_reference || values.iter().any(|value| value == reference);
    let mut items = Vec::new();
    for row in &rows {
        match &row.outcome {
            Some(Value::Array(settled)) => {
                let named = |item: &&Value| {
                    wanted(
                        item.get("reference_id")
                            .and_then(Value::as_str)
                            .unwrap_or(""),
                    )
                };
                items.extend(settled.iter().filter(named).cloned());
            }
            _ => {
                let pending = row.refs.iter().filter(|reference| wanted(reference));
                items.extend(pending.map(|reference| {
                    json!({"reference_id": reference, "timestamp": work.now, "status": "pdng"})
                }));
            }
        }
    }
    if items.is_empty() {
        items.push(
            json!({"reference_id": about.reference_id, "timestamp": work.now,
            "status": "rjct", "status_reason_code": "rjct.reference_id.invalid"}),
        );
    }
    let first = rows.first();
    let transaction = first.map_or(asked.transaction_id.as_str(), |row| &row.transaction_id);
    let correlation = first.map_or(work.correlation_id, |row| &row.correlation_id);
    let answer = json!({"transaction_id": transaction, "correlation_id": correlation,
        "search_response": items});
    Ok(Worked {
        message: json!({"transaction_id": asked.transaction_id,
            "correlation_id": work.correlation_id,
            "txnstatus_response": {"txn_type": about.txn_type, "txn_status": answer}}),
        outcome: vec![
            json!({"reference_id": about.reference_id, "timestamp": work.now,
            "status": "succ"}),
        ],
        log: Vec::new(),
        told: Vec::new(),
    })
}
