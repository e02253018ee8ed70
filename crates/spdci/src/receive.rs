//! A message on its way in: who sends it, whether it is theirs, and whether it came before.

use g2p::{BadSignature, Envelope, Header, VERSION, refusals};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::caller::{self, Caller};
use crate::jwk::Key;
use crate::jws::Jws;
use crate::message::Request;
use crate::{Action, Desk, Error, OUR_ID, Refusal, Register, token};

/// How old a message may be.
const OLDEST: SignedDuration = SignedDuration::from_mins(60);
/// How far the sender's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// A message as it came.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The registry asked.
    pub register: Register,
    /// What the address is for.
    pub action: Action,
    /// The body.
    pub body: &'a [u8],
    /// The HTTP header `Signature`.
    pub signature: Option<&'a str>,
    /// What stands after `Bearer` in the HTTP header `Authorization`.
    pub bearer: Option<&'a str>,
}

/// How a message was signed, and so how it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The string in the body.
    Body,
    /// The HTTP header.
    Jws,
}

impl Dialect {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Dialect::Body => "body",
            Dialect::Jws => "jws",
        }
    }

    pub(crate) fn from_code(code: &str) -> Dialect {
        if code == "jws" {
            Dialect::Jws
        } else {
            Dialect::Body
        }
    }
}

/// A message that is what it says to be.
pub(crate) struct Genuine {
    pub(crate) caller: Caller,
    pub(crate) request: Request,
    /// The message alone, as it stood in the body.
    pub(crate) text: String,
    pub(crate) dialect: Dialect,
    pub(crate) header: Header,
    key_id: String,
    digest: [u8; 32],
}

/// Checks everything that can be checked before something is recorded. `names` gets what the
/// message says of itself, for the log of refusals.
pub(crate) async fn read(
    desk: &Desk<'_>,
    incoming: &Incoming<'_>,
    names: &mut (String, String),
) -> Result<Genuine, Error> {
    let now = desk.clock.now();
    let bearer = incoming.bearer.ok_or(Refusal::Unauthorized)?;
    let (holder, registration) = token::holder(desk, bearer).ok_or(Refusal::Unauthorized)?;
    let envelope = Envelope::read(incoming.body).map_err(|_| Refusal::Malformed)?;
    let mut header: Value = envelope.header().map_err(|_| Refusal::Malformed)?;
    // A notice's header need not count what is in it (`MsgCallbackHeader`).
    let counted = incoming.action != Action::Report || header.get("total_count").is_some();
    if let (false, Some(fields)) = (counted, header.as_object_mut()) {
        fields.insert("total_count".to_owned(), json!(0));
    }
    let header: Header = serde_json::from_value(header).map_err(|_| Refusal::Malformed)?;
    *names = (header.sender_id.clone(), header.message_id.clone());
    let caller = caller::present(desk.pool, &holder, now).await?;
    let caller = caller.ok_or(Refusal::Sender)?;
    if caller.caller_no != registration {
        return Err(Refusal::Unauthorized.into());
    }
    if header.sender_id != caller.name {
        return Err(Refusal::Sender.into());
    }
    let (dialect, key_id) = signed(&caller, incoming, &envelope, now)?;
    suits(&header, incoming.action, now)?;
    if incoming.action == Action::Report && !caller.reports {
        return Err(Refusal::Forbidden.into());
    }
    let text = envelope.message::<&serde_json::value::RawValue>();
    let text = text.map_err(|_| Refusal::Malformed)?.get();
    let request = Request::read(incoming.action, text)?;
    let count = usize::try_from(header.total_count).unwrap_or(usize::MAX);
    if counted && count != request.count() {
        return Err(Refusal::Count.into());
    }
    Ok(Genuine {
        request,
        text: text.to_owned(),
        dialect,
        key_id,
        digest: envelope.digest(),
        header,
        caller,
    })
}

/// Whether the caller signed the message. Where it is signed in both dialects both must hold.
fn signed(
    caller: &Caller,
    incoming: &Incoming<'_>,
    envelope: &Envelope<'_>,
    now: Timestamp,
) -> Result<(Dialect, String), Refusal> {
    let mut found = Err(Refusal::Signature(BadSignature::Missing));
    match envelope.signed() {
        Err(BadSignature::Missing) => {}
        Err(bad) => return Err(bad.into()),
        Ok(signed) => {
            if signed.sender != caller.name {
                return Err(BadSignature::OtherSender.into());
            }
            let Some(Key::Ed25519(key)) = caller.key(&signed.key_id) else {
                return Err(BadSignature::UnknownKey.into());
            };
            signed.verify(key, &envelope.digest(), now)?;
            found = Ok((Dialect::Body, signed.key_id));
        }
    }
    if let Some(text) = incoming.signature {
        let jws = Jws::read(text)?;
        let key = caller.key(&jws.key_id).ok_or(BadSignature::UnknownKey)?;
        jws.verify_detached(key, incoming.body)?;
        found = Ok((Dialect::Jws, jws.key_id));
    }
    found
}

fn suits(header: &Header, action: Action, now: Timestamp) -> Result<(), Refusal> {
    if header.version != VERSION {
        return Err(Refusal::Version);
    }
    if header.is_msg_encrypted {
        return Err(Refusal::Encrypted);
    }
    if header.receiver_id.as_deref().is_some_and(|it| it != OUR_ID) {
        return Err(Refusal::Receiver);
    }
    if header.action != action.code() {
        return Err(Refusal::Action);
    }
    let age = now.duration_since(header.message_ts);
    if age > OLDEST || age < -AHEAD {
        return Err(Refusal::Clock);
    }
    let named = (1..=200).contains(&header.message_id.len())
        && !header.message_id.chars().any(char::is_control);
    if named {
        Ok(())
    } else {
        Err(Refusal::Malformed)
    }
}

/// A message's place in the books.
pub(crate) enum Kept {
    /// The first of its name.
    First(i64),
    /// The same came before, under our name of it.
    Again(String),
}

/// Keeps that a message came, in the transaction of what is done for it.
pub(crate) async fn keep(
    tx: &mut PgConnection,
    genuine: &Genuine,
    (incoming, later): (&Incoming<'_>, bool),
    correlation_id: &str,
    now: Timestamp,
) -> Result<Kept, Error> {
    let caller = &genuine.caller;
    let minute_ago = now
        .saturating_sub(SignedDuration::from_mins(1))
        .unwrap_or(now);
    let recent = sqlx::query_scalar!(
        r#"select count(*) as "count!" from spdci_message where caller = $1 and received_at > $2"#,
        caller.name,
        minute_ago.to_sqlx() as _
    )
    .fetch_one(&mut *tx)
    .await?;
    if recent >= i64::from(caller.per_minute) {
        return Err(Refusal::TooMany.into());
    }
    let content = Sha256::digest(&genuine.text);
    let (register, action) = (incoming.register.code(), incoming.action.code());
    let transaction = genuine.request.transaction_id();
    let first = sqlx::query_scalar!(
        "insert into spdci_message (caller, message_id, digest, content, later, dialect, key_id, register,
             action, transaction_id, correlation_id, refs, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict do nothing returning message_no",
        caller.name,
        genuine.header.message_id,
        &genuine.digest,
        &content[..],
        later,
        genuine.dialect.code(),
        genuine.key_id,
        register,
        action,
        transaction,
        correlation_id,
        &genuine.request.refs(),
        now.to_sqlx() as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(message_no) = first {
        return Ok(Kept::First(message_no));
    }
    // The same message, or the same request under another name; else somebody uses a name twice.
    let before = sqlx::query!(
        "select correlation_id from spdci_message
         where caller = $1 and later and $2 and register = $3 and action = $4 and content = $5
           and transaction_id = $6
           and not exists (select from spdci_message other
                           where other.caller = $1 and other.message_id = $7 and other.content <> $5)
         order by message_no limit 1",
        caller.name,
        later,
        register,
        action,
        &content[..],
        transaction,
        genuine.header.message_id
    )
    .fetch_optional(&mut *tx)
    .await?;
    match before {
        Some(before) => Ok(Kept::Again(before.correlation_id)),
        None => Err(Refusal::Duplicate.into()),
    }
}

/// Keeps why a message was not taken, and by what names it went; nothing of what it said.
pub(crate) async fn keep_refusal(
    desk: &Desk<'_>,
    (caller, message_id): &(String, String),
    refusal: Refusal,
) -> Result<(), Error> {
    let now = desk.clock.now();
    sqlx::query!(
        "insert into spdci_refusal (at, caller, message_id, code)
         select $1, $2, $3, $4
         where (select count(*) from spdci_refusal where at > $5) < $6",
        now.to_sqlx() as _,
        refusals::name(caller),
        refusals::name(message_id),
        refusal.code(),
        refusals::hour_before(now).to_sqlx() as _,
        refusals::MOST_AN_HOUR
    )
    .execute(desk.pool)
    .await?;
    Ok(())
}
