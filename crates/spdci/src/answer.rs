//! What is answered: at once, or that an answer will come.

pub(crate) mod search;
mod status;

use g2p::disburse::Progress;
use g2p::{Ack, Answer, CallbackHeader, VERSION, seal_in};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::caller::Caller;
use crate::message::Request;
use crate::receive::{self, Dialect, Genuine, Incoming, Kept};
use crate::{
    Action, Desk, Error, NAMESPACE, OUR_ID, Refusal, Register, jws, report, subscription, told,
};

/// What goes back over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// JSON.
    pub body: Vec<u8>,
    /// The header `Signature`, for who signs so.
    pub signature: Option<String>,
}

/// For whom something is worked out.
pub(crate) struct Work<'a> {
    pub(crate) desk: Desk<'a>,
    pub(crate) caller: &'a Caller,
    pub(crate) register: Register,
    pub(crate) dialect: Dialect,
    pub(crate) correlation_id: &'a str,
    pub(crate) now: Timestamp,
}

/// What came of a request.
pub(crate) struct Worked {
    /// The message of the answer.
    pub(crate) message: Value,
    /// Each reference with its status, to be kept.
    pub(crate) outcome: Vec<Value>,
    /// What was handed out or changed, for the log: action and detail.
    pub(crate) log: Vec<(access::audit::Action, Value)>,
    /// Of whom it was told, for them.
    pub(crate) told: Vec<told::Entry>,
}

/// Works a request out and keeps what came of it; everything in the caller's transaction.
pub(crate) async fn work(
    tx: &mut PgConnection,
    work: &Work<'_>,
    request: &Request,
    message_no: i64,
) -> Result<Worked, Error> {
    let worked = match request {
        Request::Search(asked) => search::search(tx, work, asked).await?,
        Request::Enrolled(asked) => search::enrolled(tx, work, asked).await?,
        Request::Report(asked) => report::report(tx, work, asked, message_no).await?,
        Request::Subscribe(asked) => subscription::subscribe(tx, work, asked).await?,
        Request::Unsubscribe(asked) => subscription::unsubscribe(tx, work, asked).await?,
        Request::Status(asked) => status::status(tx, work, asked).await?,
    };
    sqlx::query!(
        "update spdci_message set outcome = $2 where message_no = $1",
        message_no,
        Value::Array(worked.outcome.clone())
    )
    .execute(&mut *tx)
    .await?;
    record(tx, work, request.transaction_id(), &worked).await?;
    Ok(worked)
}

/// Writes down who was told what for which purpose. Holds the lock of the log: call it last.
pub(crate) async fn record(
    tx: &mut PgConnection,
    work: &Work<'_>,
    transaction_id: &str,
    worked: &Worked,
) -> Result<(), Error> {
    told::keep(tx, work, &worked.told).await?;
    let actor = work.caller.actor();
    for (action, detail) in &worked.log {
        let mut detail = detail.clone();
        detail["transaction"] = json!(transaction_id);
        detail["register"] = json!(work.register.code());
        let object = work.correlation_id;
        access::audit::record(tx, work.now, &actor, *action, object, None, detail).await?;
    }
    Ok(())
}

/// Answers a message at once. A message that came before is refused.
///
/// # Errors
/// Those of the database: then nothing is recorded.
pub async fn at_once(desk: &Desk<'_>, incoming: &Incoming<'_>) -> Result<Reply, Error> {
    let mut names = <(String, String)>::default();
    match answer(desk, incoming, &mut names).await {
        Err(Error::Refused(refusal)) => {
            receive::keep_refusal(desk, &names, refusal).await?;
            Ok(refused_at_once(desk, incoming.action, refusal))
        }
        answered => answered,
    }
}

async fn answer(
    desk: &Desk<'_>,
    incoming: &Incoming<'_>,
    names: &mut (String, String),
) -> Result<Reply, Error> {
    let now = desk.clock.now();
    let genuine = receive::read(desk, incoming, names).await?;
    let correlation_id = Uuid::now_v7().to_string();
    let mut tx = desk.pool.begin().await?;
    let kept = receive::keep(&mut tx, &genuine, (incoming, false), &correlation_id, now).await?;
    let Kept::First(message_no) = kept else {
        return Err(Refusal::Duplicate.into());
    };
    let context = Work {
        desk: *desk,
        caller: &genuine.caller,
        register: incoming.register,
        dialect: genuine.dialect,
        correlation_id: &correlation_id,
        now,
    };
    let worked = work(&mut tx, &context, &genuine.request, message_no).await?;
    tx.commit().await?;
    let action = incoming.action.answered();
    let (body, signature) = sealed(&context, action, &worked);
    Ok(Reply {
        status: 200,
        body,
        signature,
    })
}

/// Takes a message whose answer is told later. The same again changes nothing and is answered alike.
///
/// # Errors
/// Those of the database: then nothing is recorded and it may be sent again.
pub async fn accept(desk: &Desk<'_>, incoming: &Incoming<'_>) -> Result<Reply, Error> {
    let mut names = <(String, String)>::default();
    let now = desk.clock.now();
    let (status, answer) = match take(desk, incoming, &mut names).await {
        Ok(correlation_id) => (200, json!(Answer::taken(now, correlation_id))),
        Err(Error::Refused(refusal)) => {
            receive::keep_refusal(desk, &names, refusal).await?;
            (refusal.status(), refused(now, refusal))
        }
        Err(error) => return Err(error),
    };
    Ok(Reply {
        status,
        body: answer.to_string().into_bytes(),
        signature: None,
    })
}

async fn take(
    desk: &Desk<'_>,
    incoming: &Incoming<'_>,
    names: &mut (String, String),
) -> Result<String, Error> {
    let now = desk.clock.now();
    let genuine = receive::read(desk, incoming, names).await?;
    callback_suits(&genuine)?;
    let correlation_id = Uuid::now_v7().to_string();
    let mut tx = desk.pool.begin().await?;
    match receive::keep(&mut tx, &genuine, (incoming, true), &correlation_id, now).await? {
        Kept::Again(before) => Ok(before),
        Kept::First(message_no) => {
            sqlx::query!(
                "insert into spdci_task (message_no, caller, register, dialect, action, transaction_id,
                     correlation_id, request, made_at, next_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
                message_no,
                genuine.caller.name,
                incoming.register.code(),
                genuine.dialect.code(),
                incoming.action.code(),
                genuine.request.transaction_id(),
                correlation_id,
                genuine.text,
                now.to_sqlx() as _
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(correlation_id)
        }
    }
}

/// Answers go to the registered address and nowhere else; who asks for another is told so.
fn callback_suits(genuine: &Genuine) -> Result<(), Refusal> {
    let url = genuine.caller.callback_url.as_deref();
    let url = url.ok_or(Refusal::SenderUri)?;
    match genuine.header.sender_uri.as_deref() {
        Some(asked) if asked != url && !asked.starts_with(&format!("{url}/")) => {
            Err(Refusal::SenderUri)
        }
        _ => Ok(()),
    }
}

/// An answer as signed bytes, and the HTTP header if it is signed there.
pub(crate) fn sealed(work: &Work<'_>, action: &str, worked: &Worked) -> (Vec<u8>, Option<String>) {
    let count = u32::try_from(worked.outcome.len()).unwrap_or(u32::MAX);
    let header = CallbackHeader {
        version: VERSION.to_owned(),
        message_id: work.correlation_id.to_owned(),
        message_ts: work.now,
        action: action.to_owned(),
        status: Progress::Succ,
        status_reason_code: None,
        total_count: Some(count),
        completed_count: Some(count),
        sender_id: Some(OUR_ID.to_owned()),
        receiver_id: Some(work.caller.name.clone()),
        is_msg_encrypted: false,
    };
    let (header, message) = (json!(header).to_string(), worked.message.to_string());
    match work.dialect {
        Dialect::Body => {
            let sender = (NAMESPACE, OUR_ID);
            let body = seal_in(work.desk.key, sender, (&header, &message), work.now);
            (body, None)
        }
        Dialect::Jws => {
            let body = format!("{{\"header\":{header},\"message\":{message}}}").into_bytes();
            let signature = jws::sign_detached(work.desk.key, &body);
            (body, Some(signature))
        }
    }
}

/// `HttpErrorResponse` for who cannot be known or asks too much, else `Response`.
fn refused(now: Timestamp, refusal: Refusal) -> Value {
    let (code, why) = (refusal.code(), refusal.to_string());
    if refusal.status() != 400 {
        return json!({"errors": [{"code": code, "message": why}]});
    }
    // Acknowledgements know only errors of the transport; the header's own code goes before the words.
    let (code, why) = match code.starts_with("rjct.") {
        true => ("err.request.bad", format!("{code}: {why}")),
        false => (code, why),
    };
    let mut answer = json!(Answer::taken(now, Uuid::now_v7()));
    answer["message"]["ack_status"] = json!(Ack::Err);
    answer["message"]["error"] = json!({"code": code, "message": why});
    answer
}

/// What is wrong with a header is answered by a header; everything else by `HttpErrorResponse`.
fn refused_at_once(desk: &Desk<'_>, action: Action, refusal: Refusal) -> Reply {
    let (code, why) = (refusal.code(), refusal.to_string());
    let body = if code.starts_with("rjct.") {
        json!({"header": {"version": VERSION, "message_id": Uuid::now_v7(),
            "message_ts": desk.clock.now(), "action": action.answered(), "status": Progress::Rjct,
            "status_reason_code": code, "status_reason_message": why, "sender_id": OUR_ID}})
    } else {
        json!({"errors": [{"code": code, "message": why}]})
    };
    Reply {
        status: refusal.status(),
        body: body.to_string().into_bytes(),
        signature: None,
    }
}
