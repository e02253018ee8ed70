//! What callers wish to be told of.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::clock::vietnam_time;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::answer::search::{month_of, purpose};
use crate::answer::{Work, Worked};
use crate::criteria;
use crate::message::{Frequency, SubscribeItem, SubscribeRequest, UnsubscribeRequest};
use crate::{Error, LARGEST_PAGE, Register, find};

/// Years a subscription may begin or end in; what is far outside no database keeps.
const YEARS: RangeInclusive<i16> = 1970..=2200;
/// Subscriptions of a caller at once.
const MOST: i64 = 1_000;

/// Changes of a registry that can be subscribed to, as the standard spells them.
pub(crate) const fn event_types(register: Register) -> &'static [&'static str] {
    match register {
        Register::Beneficiary => &["enrollement", "enrollement_status_change"],
        Register::Social => &["REGISTER", "UPDATE"],
    }
}

/// Whether the standard's schema of notices has a word for it; what has none is named in the record only.
pub(crate) fn is_standard(event_type: &str) -> bool {
    event_type != "UPDATE"
}

/// Which of them an event of ours is; `cancels` is the kind of the event that it takes back.
pub(crate) fn event_type(
    register: Register,
    kind: &str,
    cancels: Option<&str>,
) -> Option<&'static str> {
    match (register, cancels.unwrap_or(kind)) {
        (Register::Beneficiary, "enrolled") if cancels.is_none() => Some("enrollement"),
        (
            Register::Beneficiary,
            "enrolled" | "enrolment_ended" | "suspended" | "resumed" | "died" | "moved" | "merged",
        ) => Some("enrollement_status_change"),
        (Register::Social, "person_registered") => Some("REGISTER"),
        (Register::Social, "died" | "moved" | "merged") => Some("UPDATE"),
        _ => None,
    }
}

/// Records each subscription; the same again gets the same code.
pub(crate) async fn subscribe(
    tx: &mut PgConnection,
    work: &Work<'_>,
    asked: &SubscribeRequest,
) -> Result<Worked, Error> {
    let (mut items, mut log) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for item in &asked.subscribe_request {
        let mut answer = json!({"reference_id": item.reference_id, "timestamp": work.now});
        let done = if seen.insert(item.reference_id.as_str()) {
            one(tx, work, (&asked.transaction_id, item)).await?
        } else {
            Err("rjct.reference_id.duplicate")
        };
        match done {
            Ok((code, detail)) => {
                answer["status"] = json!("succ");
                answer["subscriptions"] = json!([{"version": "1.0.0", "code": code,
                    "status": "subscribe", "timestamp": work.now,
                    "reg_type": work.register.kind(),
                    "reg_event_type": item.subscribe_criteria.reg_event_type}]);
                log.push((access::audit::Action::SpdciSubscribe, detail));
            }
            Err(code) => {
                answer["status"] = json!("rjct");
                answer["status_reason_code"] = json!(code);
            }
        }
        items.push(answer);
    }
    Ok(Worked {
        message: json!({"transaction_id": asked.transaction_id,
            "correlation_id": work.correlation_id, "subscribe_response": items}),
        outcome: items.iter().map(without_subscriptions).collect(),
        log,
        told: Vec::new(),
    })
}

fn without_subscriptions(item: &Value) -> Value {
    let mut item = item.clone();
    if let Some(fields) = item.as_object_mut() {
        fields.remove("subscriptions");
    }
    item
}

async fn one(
    tx: &mut PgConnection,
    work: &Work<'_>,
    (transaction_id, item): (&str, &SubscribeItem),
) -> Result<Result<(String, Value), &'static str>, Error> {
    let asked = &item.subscribe_criteria;
    let kind = asked.reg_event_type.rsplit(':').next().unwrap_or("");
    if !event_types(work.register).contains(&kind) {
        return Ok(Err("rjct.notify_types.invalid"));
    }
    let storable = |at: Timestamp| YEARS.contains(&vietnam_time(at).year());
    let suits = |it: Frequency| storable(it.start_time) && storable(it.end_time);
    let meant = work.register.is_meant(asked.reg_type.as_deref());
    if !meant || !asked.frequency.is_none_or(suits) {
        return Ok(Err("rjct.notify_details.invalid"));
    }
    let Some(authorize) = purpose(asked.authorize.as_ref(), work.caller, work.now) else {
        return Ok(Err("rjct.notify_details.invalid"));
    };
    let filter = (asked.filter_type.as_deref(), &asked.filter);
    let Ok(mut criteria) = criteria::read(filter, work.caller, work.register) else {
        return Ok(Err("rjct.notify_details.invalid"));
    };
    if criteria.id_numbers.is_some() {
        let who = (work.caller, work.register);
        let page = (LARGEST_PAGE, 0);
        let found = find::page(tx, who, &criteria, page, month_of(work.now)).await?;
        if found.people.is_empty() {
            return Ok(Err("rjct.person_id.invalid"));
        }
        criteria.people = Some(found.people.iter().map(|it| it.person_id).collect());
        criteria.id_numbers = None;
    }
    let criteria = json!(criteria);
    let before = sqlx::query!(
        r#"select code, transaction_id = $4 and reference_id = $5 as "same!",
                  (select count(*) from spdci_subscription other
                   where other.caller = $1 and other.ended_at is null) as "open!"
           from spdci_subscription
           where caller = $1 and register = $2
             and ((transaction_id = $4 and reference_id = $5)
                  or (ended_at is null and event_type = $3 and criteria = $6))
           order by (transaction_id = $4 and reference_id = $5) desc limit 1"#,
        work.caller.name,
        work.register.code(),
        kind,
        transaction_id,
        item.reference_id,
        criteria
    )
    .fetch_optional(&mut *tx)
    .await?;
    let detail = json!({"reference": item.reference_id, "authorize": authorize, "event": kind});
    match before {
        Some(before) if before.same => return Ok(Ok((before.code, detail))),
        Some(_) => return Ok(Err("rjct.event.already_subscribed")),
        None => {}
    }
    let code = Uuid::now_v7().to_string();
    let made = sqlx::query!(
        "insert into spdci_subscription (code, caller, register, dialect, transaction_id, reference_id,
             event_type, criteria, purpose, from_time, to_time, subscribed_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
         where (select count(*) from spdci_subscription where caller = $2 and ended_at is null) < $13",
        code,
        work.caller.name,
        work.register.code(),
        work.dialect.code(),
        transaction_id,
        item.reference_id,
        kind,
        criteria,
        authorize["purpose"].as_str().unwrap_or(""),
        asked.frequency.map(|it| it.start_time.to_sqlx()) as _,
        asked.frequency.map(|it| it.end_time.to_sqlx()) as _,
        work.now.to_sqlx() as _,
        MOST
    )
    .execute(tx)
    .await?;
    match made.rows_affected() {
        0 => Ok(Err("rjct.notify_details.invalid")),
        _ => Ok(Ok((code, detail))),
    }
}

/// Ends subscriptions of the caller; another's are not known to it.
pub(crate) async fn unsubscribe(
    tx: &mut PgConnection,
    work: &Work<'_>,
    asked: &UnsubscribeRequest,
) -> Result<Worked, Error> {
    let ended = sqlx::query_scalar!(
        "update spdci_subscription set ended_at = coalesce(ended_at, $4)
         where caller = $1 and register = $2 and code = any($3) returning code",
        work.caller.name,
        work.register.code(),
        &asked.subscription_codes,
        work.now.to_sqlx() as _
    )
    .fetch_all(tx)
    .await?;
    let all = asked.subscription_codes.iter();
    let unknown = all.clone().any(|code| !ended.contains(code));
    let mut answer = json!({"transaction_id": asked.transaction_id,
        "correlation_id": work.correlation_id, "timestamp": work.now,
        "status": if ended.is_empty() { "rjct" } else { "succ" },
        "subscription_status": ended.iter()
            .map(|code| json!({"code": code, "status": "unsubscribe"}))
            .collect::<Vec<_>>()});
    if unknown {
        answer["status_reason_code"] = json!("rjct.subscription_code.invalid");
    }
    let outcome = all.map(|code| {
        let known = ended.contains(code);
        json!({"reference_id": code, "timestamp": work.now,
            "status": if known { "succ" } else { "rjct" }})
    });
    Ok(Worked {
        outcome: outcome.collect(),
        message: answer,
        log: vec![(
            access::audit::Action::SpdciUnsubscribe,
            json!({"codes": ended}),
        )],
        told: Vec::new(),
    })
}
