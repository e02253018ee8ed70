//! Sending what waits: each message in its turn, again with growing pauses when it did not go, over
//! another channel or not at all after that.

use std::collections::HashMap;
use std::sync::Arc;

use access::audit::Action;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::actor::{Grant, Role};
use kernel::{Actor, Clock};
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::carrier::{Arrival, Carried, Carrier, Outgoing};
use crate::{Channel, Refused, channel};

/// Who may have messages written and sent, in the whole country: nothing of them is shown.
pub const SENDERS: [Role; 2] = [Role::Officer, Role::Administrator];

/// The server, when it sends by itself: it may have messages written and sent, and nothing else.
pub fn by_itself() -> Actor {
    let grant = Grant {
        role: Role::Administrator,
        area: None,
    };
    Actor::new("server", vec![grant])
}

/// Messages in the hands of one run at once: few enough to be through before they count as lost,
/// however long each takes.
const AT_ONCE: i64 = 40;
/// Messages asked about at once.
const ASKED: i64 = 500;
/// How long after it was handed over it is asked whether a message arrived.
const ASKED_FOR: SignedDuration = SignedDuration::from_hours(72);

/// Who carries what.
#[derive(Clone)]
pub struct Carriers {
    /// SMS, Zalo and e-mail.
    pub electronic: Arc<dyn Carrier>,
    /// Letters.
    pub paper: Arc<dyn Carrier>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Handed over.
    pub sent: u64,
    /// Not handed over, and tried again later.
    pub again: u64,
    /// Gone on to another channel.
    pub other_channel: u64,
    /// Given up.
    pub failed: u64,
    /// Said to have arrived.
    pub arrived: u64,
}

/// A message in hand.
struct InHand {
    no: i64,
    tries: i16,
    outgoing: Outgoing,
}

/// What becomes of a message after a try.
struct After {
    no: i64,
    state: &'static str,
    channel: Channel,
    tries: i16,
    due_at: Timestamp,
    tried: Channel,
    outcome: &'static str,
    code: Option<String>,
}

/// Asks what became of messages sent before, then sends what is due by the clock. A message is in
/// hand before it leaves, and noted after: whoever dies between leaves it to be sent again, under
/// the same id.
///
/// # Errors
/// [`Refused::Denied`]; what was sent before an error is noted.
pub async fn send(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    carriers: &Carriers,
) -> Result<Sent, Refused> {
    access::require(actor, &SENDERS, "")?;
    let mut sent = Sent::default();
    ask(pool, clock, carriers, &mut sent).await?;
    loop {
        let in_hand = take(pool, clock).await?;
        if in_hand.is_empty() {
            break;
        }
        let outgoing: Vec<Outgoing> = in_hand.iter().map(|it| it.outgoing.clone()).collect();
        let carried = carry(carriers.clone(), outgoing).await?;
        let now = clock.now();
        let after: Vec<After> = in_hand
            .iter()
            .zip(carried)
            .map(|(message, carried)| after_try(message, carried, now, &mut sent))
            .collect();
        note(pool, now, "sending", &after).await?;
    }
    if sent != Sent::default() {
        let mut tx = pool.begin().await?;
        let (now, detail) = (clock.now(), json!(sent));
        access::audit::record(
            &mut tx,
            now,
            actor,
            Action::MessagesSend,
            "messages",
            None,
            detail,
        )
        .await?;
        tx.commit().await?;
    }
    Ok(sent)
}

/// Takes the messages due next into hand: of each thread only the first that is not through, so that
/// messages arrive in order.
async fn take(pool: &PgPool, clock: &Clock) -> Result<Vec<InHand>, Refused> {
    let now = clock.now();
    let patience = SignedDuration::from_mins(channel::rules().lost_after_minutes);
    let lost_at = now.saturating_add(patience).unwrap_or(now);
    let taken = sqlx::query!(
        r#"with due as (
               select d.message_no from message_delivery d join message m using (message_no)
               where d.state in ('waiting', 'sending') and d.due_at <= $1
                 and not exists (
                     select from message e join message_delivery f using (message_no)
                     where e.thread = m.thread and e.message_no < m.message_no
                       and f.state in ('waiting', 'sending'))
               order by d.message_no limit $3 for update of d skip locked),
           taken as (
               update message_delivery d set state = 'sending', tries = tries + 1, due_at = $2,
                      changed_at = $1
               from due where d.message_no = due.message_no
               returning d.message_no, d.channel, d.tries)
           select message_no as "message_no!", message_id, channel, tries, phone, email, subject, body,
                  thread
           from taken join message using (message_no) order by message_no"#,
        now.to_sqlx() as _,
        lost_at.to_sqlx() as _,
        AT_ONCE
    )
    .fetch_all(pool)
    .await?;
    let in_hand = taken.into_iter().map(|row| {
        let channel = channel_of(&row.channel)?;
        let to = match channel {
            Channel::Sms | Channel::Zalo => row.phone,
            Channel::Email => row.email,
            Channel::Letter => None,
        };
        Ok(InHand {
            no: row.message_no,
            tries: row.tries,
            outgoing: Outgoing {
                id: row.message_id,
                channel,
                to,
                subject: row.subject,
                text: row.body,
                dossier: row.thread,
            },
        })
    });
    in_hand.collect()
}

/// Hands messages over, off the async threads.
async fn carry(carriers: Carriers, outgoing: Vec<Outgoing>) -> Result<Vec<Carried>, Refused> {
    let carried = tokio::task::spawn_blocking(move || {
        let carry = |message: &Outgoing| match message.channel {
            Channel::Letter => carriers.paper.carry(message),
            _ => carriers.electronic.carry(message),
        };
        outgoing.iter().map(carry).collect()
    });
    carried
        .await
        .map_err(|error| Refused::Inconsistent(error.to_string()))
}

fn after_try(message: &InHand, carried: Carried, now: Timestamp, sent: &mut Sent) -> After {
    let channel = message.outgoing.channel;
    let patience = channel.patience();
    let after = |outcome, code| After {
        no: message.no,
        state: "sent",
        channel,
        tries: message.tries,
        due_at: now,
        tried: channel,
        outcome,
        code,
    };
    match carried {
        Carried::Sent { reference } => {
            sent.sent += 1;
            after("sent", reference)
        }
        Carried::Unanswered { code } if message.tries < patience.tries => {
            sent.again += 1;
            let due_at = now.saturating_add(patience.pause(message.tries));
            After {
                state: "waiting",
                due_at: due_at.unwrap_or(now),
                ..after("unanswered", Some(code))
            }
        }
        Carried::Unanswered { code } => given_up(after("unanswered", Some(code)), sent),
        Carried::Refused { code } => given_up(after("refused", Some(code)), sent),
    }
}

/// On to the channel it falls back to, or no further.
fn given_up(after: After, sent: &mut Sent) -> After {
    match after.channel.patience().falls_back_to {
        Some(channel) => {
            sent.other_channel += 1;
            After {
                state: "waiting",
                channel,
                tries: 0,
                ..after
            }
        }
        None => {
            sent.failed += 1;
            After {
                state: "failed",
                ..after
            }
        }
    }
}

/// Notes what came of tries. A message another run took over meanwhile, because it counted as lost,
/// keeps what that run notes.
async fn note(pool: &PgPool, now: Timestamp, from: &str, after: &[After]) -> Result<(), Refused> {
    if after.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = after.iter().map(|it| it.no).collect();
    let states: Vec<String> = after.iter().map(|it| it.state.to_owned()).collect();
    let text = |of: fn(&After) -> &'static str| after.iter().map(of).map(str::to_owned).collect();
    let channels: Vec<String> = text(|it| it.channel.code());
    let tried: Vec<String> = text(|it| it.tried.code());
    let outcomes: Vec<String> = text(|it| it.outcome);
    let tries: Vec<i16> = after.iter().map(|it| it.tries).collect();
    let due: Vec<jiff_sqlx::Timestamp> = after.iter().map(|it| it.due_at.to_sqlx()).collect();
    let codes: Vec<Option<String>> = after.iter().map(|it| it.code.clone()).collect();
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into message_try (message_no, channel, outcome, code, at)
         select *, $5 from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])",
        &numbers,
        &tried,
        &outcomes,
        &codes as _,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update message_delivery d set state = a.state, channel = a.channel, tries = a.tries,
                due_at = a.due_at, changed_at = $8,
                reason = case when a.state in ('sent', 'arrived') then null else a.code end
         from unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[], $5::timestamptz[],
                     $6::text[]) as a(message_no, state, channel, tries, due_at, code)
         where d.message_no = a.message_no and d.state = $7",
        &numbers,
        &states,
        &channels,
        &tries,
        &due as _,
        &codes as _,
        from,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Asks the carrier what became of the messages it took lately. One that did not arrive goes on over
/// the channel it falls back to.
async fn ask(
    pool: &PgPool,
    clock: &Clock,
    carriers: &Carriers,
    sent: &mut Sent,
) -> Result<(), Refused> {
    let now = clock.now();
    let since = now.saturating_sub(ASKED_FOR).unwrap_or(now);
    let mut after = 0;
    loop {
        let asked = sqlx::query!(
            "select message_no, message_id, channel, tries
             from message_delivery join message using (message_no)
             where state = 'sent' and channel <> 'letter' and changed_at > $1 and message_no > $2
             order by message_no limit $3",
            since.to_sqlx() as _,
            after,
            ASKED
        )
        .fetch_all(pool)
        .await?;
        let Some(last) = asked.last() else {
            return Ok(());
        };
        after = last.message_no;
        let ids: Vec<Uuid> = asked.iter().map(|row| row.message_id).collect();
        let carrier = Arc::clone(&carriers.electronic);
        let told = tokio::task::spawn_blocking(move || carrier.arrivals(&ids));
        let told = told
            .await
            .map_err(|error| Refused::Inconsistent(error.to_string()))?;
        let told: HashMap<Uuid, Arrival> = told.into_iter().collect();
        let mut news = Vec::new();
        for row in asked {
            let arrival = told.get(&row.message_id);
            let channel = channel_of(&row.channel)?;
            news.extend(
                arrival.map(|it| heard(it, (row.message_no, channel, row.tries), now, sent)),
            );
        }
        note(pool, now, "sent", &news).await?;
    }
}

fn heard(
    arrival: &Arrival,
    (no, channel, tries): (i64, Channel, i16),
    now: Timestamp,
    sent: &mut Sent,
) -> After {
    let after = |state, outcome, code| After {
        no,
        state,
        channel,
        tries,
        due_at: now,
        tried: channel,
        outcome,
        code,
    };
    match arrival {
        Arrival::Arrived => {
            sent.arrived += 1;
            after("arrived", "arrived", None)
        }
        Arrival::NotArrived { code } => {
            given_up(after("failed", "not_arrived", Some(code.clone())), sent)
        }
    }
}

fn channel_of(code: &str) -> Result<Channel, Refused> {
    Channel::from_code(code).ok_or_else(|| Refused::Inconsistent(format!("channel {code}")))
}
