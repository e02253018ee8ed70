//! Where a provider's interface is, and which of its keys count.

use access::audit::{Action, Changed};
use g2p::PublicKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use serde::{Serialize, Serializer};
use serde_json::json;
use sqlx::{PgExecutor, PgPool};

use super::InterfaceRefused;
use crate::provider::{self, SIGNATORIES};
use crate::{Office, Refused, show};

/// Where a provider takes orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Code of the provider; also what it calls itself in messages.
    pub provider: String,
    /// Address that `/disburse` is put after.
    pub url: String,
    /// What the provider knows us by.
    pub our_id: String,
    /// Our address that `/on-disburse` is put after.
    pub our_url: String,
    /// Payments in a message at most.
    pub lines_per_message: i32,
}

/// A key of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Code of the provider.
    pub provider: String,
    /// The provider's name of it.
    pub key_id: String,
    /// What signatures are checked with.
    #[serde(serialize_with = "as_base64")]
    pub public_key: PublicKey,
    /// From when on.
    pub valid_from: Timestamp,
    /// Until when; none is open.
    pub valid_until: Option<Timestamp>,
    /// When it was withdrawn before its time.
    pub withdrawn_at: Option<Timestamp>,
}

fn as_base64<S: Serializer>(key: &PublicKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&key.text())
}

/// Whoever signs contracts settles how their orders are handed over.
fn require_signatory(actor: &Actor) -> Result<(), access::Denied> {
    match actor.areas_of(&SIGNATORIES).next() {
        Some(_) => Ok(()),
        None => access::require(actor, &SIGNATORIES, ""),
    }
}

/// Records where a provider takes orders. What was cut into messages before keeps its addresses.
///
/// # Errors
/// [`Refused::UnknownProvider`], [`InterfaceRefused::NotALink`], [`Refused::Denied`].
pub async fn connect(office: &Office<'_>, actor: &Actor, link: &Link) -> Result<(), Refused> {
    require_signatory(actor)?;
    check(link)?;
    let mut tx = office.pool.begin().await?;
    provider::find(&mut *tx, &link.provider).await?;
    let now = office.clock.now();
    let was = sqlx::query!(
        "select url, our_url, lines_per_message from provider_link where provider = $1
         order by link_no desc limit 1",
        link.provider
    )
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into provider_link (provider, url, our_id, our_url, lines_per_message, recorded_by,
             recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        link.provider,
        link.url.trim_end_matches('/'),
        link.our_id,
        link.our_url.trim_end_matches('/'),
        link.lines_per_message,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let changed = Changed::new()
        .value(
            "address",
            was.as_ref().map(|it| it.url.as_str()),
            link.url.trim_end_matches('/'),
        )
        .value(
            "our_address",
            was.as_ref().map(|it| it.our_url.as_str()),
            link.our_url.trim_end_matches('/'),
        )
        .value(
            "lines_per_message",
            was.as_ref().map(|it| it.lines_per_message),
            link.lines_per_message,
        );
    let detail = changed.with(json!({}));
    let (action, object) = (Action::ProviderConnect, &link.provider);
    access::audit::record(&mut tx, now, actor, action, object, None, detail).await?;
    tx.commit().await?;
    Ok(())
}

fn check(link: &Link) -> Result<(), InterfaceRefused> {
    let refuse = |why| Err(InterfaceRefused::NotALink { why });
    if !kernel::peer::is_address(&link.url) || !kernel::peer::is_address(&link.our_url) {
        return refuse("địa chỉ phải bắt đầu bằng https:// (http:// chỉ dùng trên chính máy này)");
    }
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !(1..=64).contains(&link.our_id.len()) || !link.our_id.bytes().all(sign) {
        return refuse("mã của ta gồm chữ không dấu, chữ số, . và -, nhiều nhất 64 ký tự");
    }
    if !(1..=20_000).contains(&link.lines_per_message) {
        return refuse("mỗi thông điệp có từ 1 đến 20000 dòng");
    }
    Ok(())
}

/// Records a key of a provider.
///
/// # Errors
/// [`Refused::UnknownProvider`], [`InterfaceRefused::NotAKey`], [`InterfaceRefused::KeyKnown`],
/// [`Refused::Denied`].
pub async fn add_key(office: &Office<'_>, actor: &Actor, key: &Key) -> Result<(), Refused> {
    require_signatory(actor)?;
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if !(1..=64).contains(&key.key_id.len()) || !key.key_id.bytes().all(sign) {
        let why = "mã khóa gồm chữ không dấu, chữ số, . - và _, nhiều nhất 64 ký tự";
        return Err(InterfaceRefused::NotAKey { why }.into());
    }
    if key.valid_until.is_some_and(|until| until <= key.valid_from) {
        let why = "thời hạn kết thúc trước khi bắt đầu";
        return Err(InterfaceRefused::NotAKey { why }.into());
    }
    let mut tx = office.pool.begin().await?;
    provider::find(&mut *tx, &key.provider).await?;
    let now = office.clock.now();
    let added = sqlx::query!(
        "insert into provider_key (provider, key_id, public_key, valid_from, valid_until,
             recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (provider, key_id) do nothing",
        key.provider,
        key.key_id,
        &key.public_key.0,
        key.valid_from.to_sqlx() as _,
        key.valid_until.map(ToSqlx::to_sqlx) as _,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        let key_id = key.key_id.clone();
        return Err(InterfaceRefused::KeyKnown { key_id }.into());
    }
    let changed = Changed::new()
        .value("key", None::<&str>, &key.key_id)
        .value("public", None::<&str>, key.public_key.text())
        .value("valid_until", None::<Timestamp>, key.valid_until);
    let detail = changed.with(json!({}));
    let (action, object) = (Action::ProviderKey, &key.provider);
    access::audit::record(&mut tx, now, actor, action, object, None, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Withdraws a key: nothing signed with it is taken from now on.
///
/// # Errors
/// [`InterfaceRefused::NoKey`], [`InterfaceRefused::NotAKey`] without a reason,
/// [`Refused::Denied`].
pub async fn withdraw_key(
    office: &Office<'_>,
    actor: &Actor,
    (provider, key_id): (&str, &str),
    reason: &str,
) -> Result<(), Refused> {
    require_signatory(actor)?;
    if reason.trim().is_empty() {
        let why = "cần ghi lý do thu hồi khóa";
        return Err(InterfaceRefused::NotAKey { why }.into());
    }
    let mut tx = office.pool.begin().await?;
    let now = office.clock.now();
    let withdrawn = sqlx::query!(
        "insert into provider_key_withdrawn (provider, key_id, reason, withdrawn_by, withdrawn_at)
         select provider, key_id, $3, $4, $5 from provider_key
         where provider = $1 and key_id = $2
         on conflict (provider, key_id) do nothing",
        provider,
        key_id,
        reason.trim(),
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if withdrawn.rows_affected() == 0 {
        let key_id = key_id.to_owned();
        return Err(InterfaceRefused::NoKey { key_id }.into());
    }
    let changed = Changed::new().value("key", key_id, None::<&str>);
    let detail = changed.with(json!({ "reason": reason.trim() }));
    let action = Action::ProviderKeyWithdrawn;
    access::audit::record(&mut tx, now, actor, action, provider, None, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Every key of a provider, the one recorded first first.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read lists anywhere.
pub async fn keys(office: &Office<'_>, actor: &Actor, provider: &str) -> Result<Vec<Key>, Refused> {
    if actor.areas_of(show::READERS).next().is_none() {
        access::require(actor, show::READERS, "")?;
    }
    let rows = sqlx::query!(
        r#"select key_id, public_key, valid_from as "valid_from: jiff_sqlx::Timestamp",
                  valid_until as "valid_until: jiff_sqlx::Timestamp",
                  withdrawn_at as "withdrawn_at?: jiff_sqlx::Timestamp"
           from provider_key left join provider_key_withdrawn using (provider, key_id)
           where provider = $1 order by recorded_at, key_id"#,
        provider
    )
    .fetch_all(office.pool)
    .await?;
    let keys = rows.into_iter().map(|row| {
        Ok(Key {
            provider: provider.to_owned(),
            key_id: row.key_id,
            public_key: PublicKey::of_bytes(&row.public_key).map_err(InterfaceRefused::from)?,
            valid_from: row.valid_from.to_jiff(),
            valid_until: row.valid_until.map(|at| at.to_jiff()),
            withdrawn_at: row.withdrawn_at.map(|at| at.to_jiff()),
        })
    });
    keys.collect()
}

/// The key of a sender that counts now.
pub(super) async fn key_of(
    pool: &PgPool,
    (sender, key_id): (&str, &str),
    now: Timestamp,
) -> Result<Option<PublicKey>, Refused> {
    let found = sqlx::query_scalar!(
        "select public_key from provider_key
         where provider = $1 and key_id = $2 and valid_from <= $3
           and (valid_until is null or valid_until > $3)
           and not exists (
               select from provider_key_withdrawn withdrawn
               where withdrawn.provider = $1 and withdrawn.key_id = $2 and withdrawn_at <= $3)",
        sender,
        key_id,
        now.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    let key = found.as_deref().map(PublicKey::of_bytes).transpose();
    Ok(key.map_err(InterfaceRefused::from)?)
}

/// A link with its number.
#[derive(Clone, Debug)]
pub(super) struct Numbered {
    pub(super) link_no: i64,
    pub(super) link: Link,
}

/// The link that counts for a provider now.
pub(super) async fn present(db: impl PgExecutor<'_>, provider: &str) -> Result<Numbered, Refused> {
    let row = sqlx::query!(
        "select link_no, url, our_id, our_url, lines_per_message from provider_link
         where provider = $1 order by link_no desc limit 1",
        provider
    )
    .fetch_optional(db)
    .await?;
    let none = || InterfaceRefused::NoLink {
        provider: provider.to_owned(),
    };
    let row = row.ok_or_else(none)?;
    Ok(Numbered {
        link_no: row.link_no,
        link: Link {
            provider: provider.to_owned(),
            url: row.url,
            our_id: row.our_id,
            our_url: row.our_url,
            lines_per_message: row.lines_per_message,
        },
    })
}

/// The link of a number.
pub(super) async fn numbered(pool: &PgPool, link_no: i64) -> Result<Link, Refused> {
    let row = sqlx::query!(
        "select provider, url, our_id, our_url, lines_per_message from provider_link
         where link_no = $1",
        link_no
    )
    .fetch_one(pool)
    .await?;
    Ok(Link {
        provider: row.provider,
        url: row.url,
        our_id: row.our_id,
        our_url: row.our_url,
        lines_per_message: row.lines_per_message,
    })
}
