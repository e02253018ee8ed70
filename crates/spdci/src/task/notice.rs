//! Notices: what happened, cut down to what a subscriber may see when it is told.

mod followed;
mod sight;

use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::criteria_of;
use crate::answer::search::month_of;
use crate::answer::{Work, Worked};
use crate::subscription::is_standard;
use crate::{Desk, Error, Register, caller, find, record, told};
use followed::Followed;
use sight::{Change, Sight};

/// Changes looked at in one transaction.
const BATCH: i64 = 500;
/// Transactions in a round at most: what is to be told waits for no import.
const BATCHES: usize = 20;

/// Makes notices of everything that happened and was not looked at yet.
pub(super) async fn make(desk: &Desk<'_>) -> Result<(), Error> {
    for _ in 0..BATCHES {
        if batch(desk).await? == 0 {
            break;
        }
    }
    Ok(())
}

struct Subscription {
    code: String,
    caller: String,
    register: String,
    dialect: String,
    transaction_id: String,
    event_type: String,
    criteria: Value,
    purpose: String,
}

async fn batch(desk: &Desk<'_>) -> Result<usize, Error> {
    let now = desk.clock.now();
    let mut tx = desk.pool.begin().await?;
    let noted = sqlx::query!(
        "select person_id, event_no from spdci_change
         order by event_no limit $1 for update skip locked",
        BATCH
    )
    .fetch_all(&mut *tx)
    .await?;
    let noted: Vec<(i64, i64)> = noted.iter().map(|it| (it.person_id, it.event_no)).collect();
    let changes = Change::read(&mut tx, &noted).await?;
    if noted.is_empty() {
        return Ok(0);
    }
    let open = sqlx::query_as!(
        Subscription,
        "select code, caller, register, dialect, transaction_id, event_type, criteria, purpose
         from spdci_subscription
         where ended_at is null and (from_time is null or from_time <= $1)
           and (to_time is null or to_time > $1)
         order by code",
        now.to_sqlx() as _
    )
    .fetch_all(&mut *tx)
    .await?;
    for subscription in &open {
        let Some(register) = Register::from_code(&subscription.register) else {
            continue;
        };
        let fitting: Vec<&Change> = changes
            .iter()
            .filter(|it| {
                it.event_type(register) == Some(subscription.event_type.as_str()) && !it.is_hidden()
            })
            .collect();
        if !fitting.is_empty() {
            write(&mut tx, desk, (subscription, register), &fitting).await?;
        }
    }
    let (people, events): (Vec<i64>, Vec<i64>) = noted.iter().copied().unzip();
    sqlx::query!(
        "delete from spdci_change
         where (person_id, event_no) in (select * from unnest($1::bigint[], $2::bigint[]))",
        &people,
        &events
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(noted.len())
}

async fn write(
    tx: &mut PgConnection,
    desk: &Desk<'_>,
    (subscription, register): (&Subscription, Register),
    changes: &[&Change],
) -> Result<(), Error> {
    let now = desk.clock.now();
    let caller = caller::present(desk.pool, &subscription.caller, now).await?;
    let criteria = criteria_of(subscription.criteria.clone());
    let (Some(caller), Some(criteria)) = (caller, criteria) else {
        return Ok(());
    };
    if !caller.has_purpose(&subscription.purpose) {
        return Ok(());
    }
    let criteria = Followed::read(tx, &criteria).await?.and(&criteria);
    let who = (&caller, register);
    let seen = sight::of(tx, who, &criteria, changes, month_of(now)).await?;
    let told: Vec<&&Change> = changes
        .iter()
        .filter(|change| seen.contains_key(&change.event_no))
        .collect();
    let people: Vec<i64> = told.iter().map(|change| change.person_id).collect();
    let events: Vec<i64> = told.iter().map(|change| change.event_no).collect();
    let names: Vec<String> = told.iter().map(|_| Uuid::now_v7().to_string()).collect();
    sqlx::query!(
        "insert into spdci_task (subscription, caller, register, dialect, action, transaction_id,
             correlation_id, person_id, event_no, made_at, next_at)
         select $1, $2, $3, $4, 'notify', $5, told.name, told.person_id, told.event_no, $6, $6
         from unnest($7::text[], $8::bigint[], $9::bigint[]) as told (name, person_id, event_no)
         on conflict (subscription, person_id, event_no) do nothing",
        subscription.code,
        subscription.caller,
        subscription.register,
        subscription.dialect,
        subscription.transaction_id,
        now.to_sqlx() as _,
        &names,
        &people,
        &events
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The notice of an event, or nothing when the subscription ended, its purpose is no longer one of the caller's, or
/// the person may no longer be seen.
pub(super) async fn tell(
    tx: &mut PgConnection,
    work: &Work<'_>,
    code: &str,
    (person_id, event_no): (i64, i64),
) -> Result<Option<Worked>, Error> {
    let subscription = sqlx::query!(
        "select transaction_id, event_type, criteria, purpose from spdci_subscription
         where code = $1 and caller = $2 and ended_at is null",
        code,
        work.caller.name
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(subscription) = subscription.filter(|it| work.caller.has_purpose(&it.purpose)) else {
        return Ok(None);
    };
    let Some(criteria) = criteria_of(subscription.criteria) else {
        return Ok(None);
    };
    let followed = Followed::read(tx, &criteria).await?;
    let criteria = followed.and(&criteria);
    let changes = Change::read(tx, &[(person_id, event_no)]).await?;
    let Some(change) = changes.first() else {
        return Ok(None);
    };
    let (month, who) = (month_of(work.now), (work.caller, work.register));
    let seen = sight::of(tx, who, &criteria, &[change], month).await?;
    let said = |mut about: Value, person: i64| {
        if let Some(named) = followed.instead_of(person) {
            about["instead_of"] = json!(named);
        }
        about
    };
    let mut told_of = person_id;
    let record = match seen.get(&event_no) {
        None => return Ok(None),
        Some(Sight::Whole(person)) => {
            told_of = person.person_id;
            let about = said(change.about(work.caller), told_of);
            record::changed(person, who, month, about)
        }
        Some(Sight::Left) => {
            let about = said(json!({"event": "left"}), person_id);
            record::gone(person_id, work.register, about)
        }
        Some(Sight::Merged(into)) => {
            let mut about = said(json!({"event": "merged"}), person_id);
            if let Some(into) = into {
                about["merged_into"] = json!(into.to_string());
                let kept = sight::narrowed(&criteria, &[*into]);
                let fits = find::page(tx, who, &kept, (1, 0), month).await?.total > 0;
                if fits && followed.instead_of(*into).is_some() {
                    about["followed"] = json!(true);
                }
            }
            record::gone(person_id, work.register, about)
        }
    };
    // Of a person, one object: the standard's schema of notices has no list there.
    let mut data = json!({"version": "1.0.0", "reg_type": work.register.kind(),
        "reg_record_type": "Member", "reg_records": record});
    if is_standard(&subscription.event_type) {
        data["reg_event_type"] = json!(subscription.event_type);
    }
    let reference = format!("{code}-{event_no}");
    let message = json!({"transaction_id": subscription.transaction_id,
        "notify_event": [{"reference_id": reference, "timestamp": work.now, "data": data}]});
    let detail = json!({"subscription": code, "purpose": subscription.purpose,
        "people": [told_of]});
    Ok(Some(Worked {
        message,
        outcome: vec![json!({"reference_id": reference})],
        log: vec![(access::audit::Action::SpdciNotify, detail)],
        told: vec![told::Entry {
            action: "notify",
            purpose: subscription.purpose,
            consent: None,
            people: vec![told_of],
            asked: Vec::new(),
        }],
    }))
}
