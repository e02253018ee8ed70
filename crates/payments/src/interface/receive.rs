//! A message of a provider: its signature checked, what it says recorded once, or refused as a
//! whole.

use g2p::{
    BadSignature, CallbackHeader, DisburseResponse, Envelope, ErrorCode, Signed, TxnStatusResponse,
    VERSION, refusals,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Grant, Role};
use kernel::{Actor, Origin};
use sqlx::PgConnection;

use super::message::{ON_DISBURSE, transaction_id};
use super::{link, state, told};
use crate::order::{Order, read_all};
use crate::results::record::{Care, Recording};
use crate::{Office, Refused};

/// Which of our addresses a message came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `/on-disburse`.
    OnDisburse,
    /// `/disburse/txn/on-status`.
    OnStatus,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Taken, now or before.
    Taken {
        /// Our name of it.
        correlation_id: String,
    },
    /// Refused; nothing of it was recorded.
    Refused(NotTaken),
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Nobody can say who sent it.
    Signature(BadSignature),
    /// Not of the shape, or what it says is impossible.
    Malformed,
    /// Of another version.
    Version,
    /// Encrypted, which is not agreed.
    Encrypted,
    /// Meant for somebody else.
    NotForUs,
    /// About no order of this provider.
    NoOrder,
    /// Another message had this name.
    MessageIdReused,
}

impl NotTaken {
    /// Stable code, as kept.
    pub const fn code(self) -> &'static str {
        match self {
            NotTaken::Signature(bad) => bad.code(),
            NotTaken::Malformed => "malformed",
            NotTaken::Version => "version",
            NotTaken::Encrypted => "encrypted",
            NotTaken::NotForUs => "not_for_us",
            NotTaken::NoOrder => "no_order",
            NotTaken::MessageIdReused => "message_id_reused",
        }
    }

    /// The code of the specification.
    pub const fn error(self) -> ErrorCode {
        match self {
            NotTaken::Signature(BadSignature::Missing) => ErrorCode::SignatureMissing,
            NotTaken::Signature(BadSignature::OtherSender) => ErrorCode::SenderInvalid,
            NotTaken::Signature(_) => ErrorCode::SignatureInvalid,
            NotTaken::Malformed | NotTaken::MessageIdReused => ErrorCode::BadRequest,
            NotTaken::Version => ErrorCode::VersionNotSupported,
            NotTaken::Encrypted => ErrorCode::EncryptionInvalid,
            NotTaken::NotForUs => ErrorCode::ReceiverInvalid,
            NotTaken::NoOrder => ErrorCode::NotFound,
        }
    }

    /// As a sentence.
    pub fn sentence(self) -> String {
        match self {
            NotTaken::Signature(bad) => bad.to_string(),
            NotTaken::Malformed => "thông điệp không đúng mẫu".to_owned(),
            NotTaken::Version => format!("chỉ nhận phiên bản {VERSION}"),
            NotTaken::Encrypted => "không nhận thông điệp mã hóa".to_owned(),
            NotTaken::NotForUs => "receiver_id không phải của ta".to_owned(),
            NotTaken::NoOrder => "không có lệnh chi mang transaction_id này".to_owned(),
            NotTaken::MessageIdReused => "message_id này đã dùng cho thông điệp khác".to_owned(),
        }
    }
}

/// Takes a message of a provider. The same message again changes nothing and is answered alike.
///
/// # Errors
/// Those of the database: then nothing is recorded and the provider may send it again.
pub async fn receive(
    office: &Office<'_>,
    origin: &Origin,
    place: Place,
    body: &[u8],
) -> Result<Received, Refused> {
    let now = office.clock.now();
    let mut names = (String::new(), String::new());
    let read = match Envelope::read(body) {
        Ok(envelope) => read(office, place, &envelope, now, &mut names).await?,
        Err(_) => Err(NotTaken::Malformed),
    };
    let taken = match read {
        Ok(message) => record(office, origin, &message, now).await?,
        Err(refused) => Err(refused),
    };
    match taken {
        Ok(correlation_id) => Ok(Received::Taken { correlation_id }),
        Err(refused) => {
            keep_refusal(office, &names, refused, now).await?;
            Ok(Received::Refused(refused))
        }
    }
}

/// A message that is what it says to be.
struct Genuine {
    signed: Signed,
    digest: [u8; 32],
    message_id: String,
    order: Order,
    told: DisburseResponse,
}

/// Checks everything that can be checked before something is recorded.
async fn read(
    office: &Office<'_>,
    place: Place,
    envelope: &Envelope<'_>,
    now: Timestamp,
    names: &mut (String, String),
) -> Result<Result<Genuine, NotTaken>, Refused> {
    let signed = match envelope.signed() {
        Ok(signed) => signed,
        Err(bad) => return Ok(Err(NotTaken::Signature(bad))),
    };
    names.0.clone_from(&signed.sender);
    let named = (signed.sender.as_str(), signed.key_id.as_str());
    let Some(key) = link::key_of(office.pool, named, now).await? else {
        return Ok(Err(NotTaken::Signature(BadSignature::UnknownKey)));
    };
    let digest = envelope.digest();
    if let Err(bad) = signed.verify(&key, &digest, now) {
        return Ok(Err(NotTaken::Signature(bad)));
    }
    let Ok(header) = envelope.header::<CallbackHeader>() else {
        return Ok(Err(NotTaken::Malformed));
    };
    names.1.clone_from(&header.message_id);
    let our_id = link::present(office.pool, &signed.sender)
        .await?
        .link
        .our_id;
    if let Err(refused) = suits(&header, &signed.sender, &our_id) {
        return Ok(Err(refused));
    }
    let Some(told) = body(place, envelope) else {
        return Ok(Err(NotTaken::Malformed));
    };
    let order = order_of(office, &signed.sender, &told.transaction_id).await?;
    let Some(order) = order else {
        return Ok(Err(NotTaken::NoOrder));
    };
    Ok(Ok(Genuine {
        signed,
        digest,
        message_id: header.message_id,
        order,
        told,
    }))
}

fn suits(header: &CallbackHeader, sender: &str, our_id: &str) -> Result<(), NotTaken> {
    if header.version != VERSION {
        return Err(NotTaken::Version);
    }
    if header.is_msg_encrypted {
        return Err(NotTaken::Encrypted);
    }
    if header.sender_id.as_deref().is_some_and(|it| it != sender) {
        return Err(NotTaken::Signature(BadSignature::OtherSender));
    }
    if header.receiver_id.as_deref().is_some_and(|it| it != our_id) {
        return Err(NotTaken::NotForUs);
    }
    let named = (1..=200).contains(&header.message_id.len())
        && !header.message_id.chars().any(char::is_control);
    if header.action != ON_DISBURSE || !named {
        return Err(NotTaken::Malformed);
    }
    Ok(())
}

fn body(place: Place, envelope: &Envelope<'_>) -> Option<DisburseResponse> {
    match place {
        Place::OnDisburse => envelope.message().ok(),
        Place::OnStatus => {
            let answer: TxnStatusResponse = envelope.message().ok()?;
            let told = answer.txnstatus_response;
            (told.txn_type == ON_DISBURSE).then_some(told.txn_status)
        }
    }
}

/// The order of a provider that is called so.
async fn order_of(
    office: &Office<'_>,
    provider: &str,
    transaction: &str,
) -> Result<Option<Order>, Refused> {
    let number = transaction.split('-').nth(1).and_then(|it| it.parse().ok());
    let Some(number) = number else {
        return Ok(None);
    };
    let mut db = office.pool.acquire().await?;
    let order = read_all(&mut db, &[number]).await?.pop();
    Ok(order.filter(|it| it.provider == provider && transaction_id(it) == transaction))
}

/// Records what a message says, and the message itself, in one transaction.
async fn record(
    office: &Office<'_>,
    origin: &Origin,
    message: &Genuine,
    now: Timestamp,
) -> Result<Result<String, NotTaken>, Refused> {
    let provider = &message.signed.sender;
    let actor = Actor::new(
        format!("g2p:{provider}"),
        vec![Grant {
            role: Role::ListMaker,
            area: None,
        }],
    )
    .at(origin.clone());
    let correlation_id = format!("AS-{}", hex::encode(&message.digest[..12]));
    let mut recording =
        Recording::begin(office, &actor, provider, (&[Role::ListMaker], Care::OfAll)).await?;
    // One message of a provider at a time from here on.
    let known = sqlx::query_scalar!(
        "select digest from interface_message where provider = $1 and message_id = $2",
        provider,
        message.message_id
    )
    .fetch_optional(&mut *recording.tx)
    .await?;
    if let Some(known) = known {
        return Ok(match known[..] == message.digest[..] {
            true => Ok(correlation_id),
            false => Err(NotTaken::MessageIdReused),
        });
    }
    let arrivals = told::arrivals(&message.told.disbursements_status);
    recording.take(arrivals).await?;
    recording.write().await?;
    state::note_answered(&mut recording.tx, &message.order, (now, &actor.name)).await?;
    let counts = recording.imported.clone();
    let counts = [
        counts.recorded,
        counts.already,
        counts.queued,
        counts.refused.len() as u64,
    ];
    keep_message(&mut recording.tx, message, counts, now).await?;
    recording.finish().await?;
    Ok(Ok(correlation_id))
}

async fn keep_message(
    tx: &mut PgConnection,
    message: &Genuine,
    counts: [u64; 4],
    now: Timestamp,
) -> Result<(), Refused> {
    let [recorded, already, queued, refused] =
        counts.map(|count| i32::try_from(count).unwrap_or(i32::MAX));
    let kept = sqlx::query!(
        "insert into interface_message (provider, message_id, digest, key_id, action, order_no,
             recorded, already, queued, refused, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        message.signed.sender,
        message.message_id,
        &message.digest,
        message.signed.key_id,
        ON_DISBURSE,
        message.order.order_no.0,
        recorded,
        already,
        queued,
        refused,
        now.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    if kept.rows_affected() != 1 {
        return Err(Refused::Inconsistent("a message was not kept".to_owned()));
    }
    Ok(())
}

/// Keeps why a message was not taken, and by what names it went; nothing of what it said.
async fn keep_refusal(
    office: &Office<'_>,
    (sender, message_id): &(String, String),
    refused: NotTaken,
    now: Timestamp,
) -> Result<(), Refused> {
    sqlx::query!(
        "insert into interface_refusal (at, sender, message_id, code)
         select $1, $2, $3, $4
         where (select count(*) from interface_refusal where at > $5) < $6",
        now.to_sqlx() as _,
        refusals::name(sender),
        refusals::name(message_id),
        refused.code(),
        refusals::hour_before(now).to_sqlx() as _,
        refusals::MOST_AN_HOUR
    )
    .execute(office.pool)
    .await?;
    Ok(())
}
