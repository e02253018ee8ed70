//! Which keys of a province count, and whether its requests must be signed: dated data, never changed.

use access::audit::{Action, Changed};
use g2p::PublicKey;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Clock};
use registry::sight::READERS;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::{Refused, connection};

/// Who records keys: who records the connection.
const SETTERS: [Role; 1] = [Role::Approver];

/// A key to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Code of the province.
    pub province: String,
    /// What its signatures call it.
    pub key_id: String,
    /// What they are checked with.
    pub public_key: PublicKey,
    /// First day.
    pub from: Date,
    /// Last day; `None` is open.
    pub until: Option<Date>,
}

/// A key as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Code of the province.
    pub province: String,
    /// What its signatures call it.
    pub key_id: String,
    /// Base64 of the public key.
    pub public_key: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Option<Date>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
}

/// Records a key. Keys that hold stay beside it, so that one can follow another.
///
/// # Errors
/// [`Refused`]: nothing was recorded.
pub async fn add(pool: &PgPool, actor: &Actor, clock: &Clock, key: &NewKey) -> Result<(), Refused> {
    connection::check_province(&key.province, key.from)?;
    access::require(actor, &SETTERS, &key.province)?;
    let of_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !(1..=64).contains(&key.key_id.len()) || !key.key_id.bytes().all(of_id) {
        return Err(Refused::KeyMalformed);
    }
    if key.until.is_some_and(|until| until < key.from) {
        return Err(Refused::DaysReversed);
    }
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let added = sqlx::query!(
        "insert into exchange_key (province_code, key_id, public_key, from_day, last_day, recorded_by,
                                   recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        key.province,
        key.key_id,
        key.public_key.0.as_slice(),
        key.from.to_sqlx() as _,
        key.until.map(ToSqlx::to_sqlx) as _,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Err(Refused::KeyKnown);
    }
    let detail = json!({"key": key.key_id, "public_key": key.public_key.text(),
                        "from": key.from, "until": key.until});
    let (action, place) = (Action::ExchangeKey, Some(key.province.as_str()));
    access::audit::record(&mut tx, now, actor, action, "key", place, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Withdraws a key: nothing signed with it counts from now on.
///
/// # Errors
/// [`Refused::UnknownKey`], [`Refused::ReasonMissing`], [`Refused::Denied`].
pub async fn withdraw(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (province, key_id): (&str, &str),
    reason: &str,
) -> Result<(), Refused> {
    access::require(actor, &SETTERS, province)?;
    if reason.trim().is_empty() {
        return Err(Refused::ReasonMissing);
    }
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let withdrawn = sqlx::query!(
        "insert into exchange_key_withdrawn (province_code, key_id, reason, withdrawn_by, withdrawn_at)
         select province_code, key_id, $3, $4, $5 from exchange_key
         where province_code = $1 and key_id = $2
         on conflict do nothing",
        province,
        key_id,
        reason.trim(),
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if withdrawn.rows_affected() == 0 {
        return Err(Refused::UnknownKey);
    }
    let detail = json!({"key": key_id, "withdrawn": true, "reason": reason.trim()});
    let (action, place) = (Action::ExchangeKey, Some(province));
    access::audit::record(&mut tx, now, actor, action, "key", place, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// The keys of a province, the newest first.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn all(pool: &PgPool, actor: &Actor, province: &str) -> Result<Vec<Key>, Refused> {
    access::require(actor, READERS, province)?;
    let rows = sqlx::query!(
        r#"select key_id, public_key, from_day as "from: jiff_sqlx::Date",
                  last_day as "until: jiff_sqlx::Date", recorded_by,
                  w.withdrawn_at as "withdrawn_at?: jiff_sqlx::Timestamp", w.reason as "reason?"
           from exchange_key k left join exchange_key_withdrawn w using (province_code, key_id)
           where province_code = $1 order by from_day desc, key_id"#,
        province
    )
    .fetch_all(pool)
    .await?;
    let unreadable = |_| Refused::Inconsistent("key".to_owned());
    rows.into_iter()
        .map(|row| {
            Ok(Key {
                province: province.to_owned(),
                public_key: PublicKey::of_bytes(&row.public_key)
                    .map_err(unreadable)?
                    .text(),
                key_id: row.key_id,
                from: row.from.to_jiff(),
                until: row.until.map(|day| day.to_jiff()),
                withdrawn_at: row.withdrawn_at.map(|at| at.to_jiff()),
                reason: row.reason,
                recorded_by: row.recorded_by,
            })
        })
        .collect()
}

/// Records whether requests of a province must be signed, from a day on.
///
/// # Errors
/// [`Refused::UnknownProvince`], [`Refused::Denied`].
pub async fn require_signatures(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (province, from): (&str, Date),
    required: bool,
) -> Result<(), Refused> {
    connection::check_province(province, from)?;
    access::require(actor, &SETTERS, province)?;
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let was = must_sign(&mut tx, province, from).await?;
    sqlx::query!(
        "insert into exchange_signing (province_code, from_day, required, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5)",
        province,
        from.to_sqlx() as _,
        required,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let changed = Changed::new().value("signatures_required", Some(was), required);
    let (action, place) = (Action::ConnectionRecord, Some(province));
    let detail = changed.with(json!({ "from": from }));
    access::audit::record(&mut tx, now, actor, action, "connection", place, detail).await?;
    tx.commit().await?;
    Ok(())
}

async fn must_sign(
    db: &mut sqlx::PgConnection,
    province: &str,
    day: Date,
) -> Result<bool, Refused> {
    let required = sqlx::query_scalar!(
        "select required from exchange_signing where province_code = $1 and from_day <= $2
         order by from_day desc, signing_no desc limit 1",
        province,
        day.to_sqlx() as _
    )
    .fetch_optional(db)
    .await?;
    Ok(required.unwrap_or(false))
}
