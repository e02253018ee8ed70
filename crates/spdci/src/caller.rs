//! Who may ask: other registries, as data with dates.

mod listed;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Actor, Grant, Role};
use kernel::area::Areas;
use kernel::{AreaCode, Clock};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::Error;
use crate::jwk::{Key, Named};
use crate::jws::Jws;
use crate::record::Field;
use crate::token;

pub use listed::{Listed, READERS, all, present_all};

/// Who registers callers.
pub(crate) const REGISTRARS: &[Role] = &[Role::Administrator];

/// A registration to be recorded; it takes the place of an earlier one of the same name.
#[derive(Clone, Debug, Default)]
pub struct NewCaller {
    /// What it calls itself in messages (`sender_id`).
    pub name: String,
    /// Whose registry it is.
    pub full_name: String,
    /// Where answers that come later are told; without it only what is answered at once can be asked.
    pub callback_url: Option<String>,
    /// Codes of the fields it sees.
    pub fields: Vec<String>,
    /// Codes of the areas it sees, `VN` for the whole country.
    pub areas: Vec<String>,
    /// Codes of the purposes it may ask for.
    pub purposes: Vec<String>,
    /// Whether it may tell what its own programmes pay whom.
    pub reports: bool,
    /// Messages in a minute at most.
    pub per_minute: i32,
    /// Its public keys, a JWK set.
    pub keys: String,
    /// Whether it gets a secret to ask tokens with.
    pub with_secret: bool,
    /// From when on; now if not given.
    pub from: Option<Timestamp>,
    /// Until when; open if not given.
    pub until: Option<Timestamp>,
}

/// A registration as it holds.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) caller_no: i64,
    /// What it calls itself.
    pub name: String,
    pub(crate) callback_url: Option<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) areas: Vec<String>,
    pub(crate) purposes: Vec<String>,
    pub(crate) reports: bool,
    pub(crate) per_minute: i32,
    pub(crate) secret_hash: Option<Vec<u8>>,
    keys: Vec<Named>,
}

impl Caller {
    pub(crate) fn key(&self, key_id: &str) -> Option<&Key> {
        let named = self.keys.iter().find(|named| named.key_id == key_id);
        named.map(|named| &named.key)
    }

    /// Whether an answer is the caller's as far as it says so: the standard signs none.
    pub(crate) fn answered(&self, signature: Option<&str>, body: &[u8]) -> bool {
        let Some(text) = signature else {
            return true;
        };
        let Ok(jws) = Jws::read(text) else {
            return false;
        };
        let key = self.key(&jws.key_id);
        key.is_some_and(|key| jws.verify_detached(key, body).is_ok())
    }

    pub(crate) fn sees(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    pub(crate) fn has_purpose(&self, code: &str) -> bool {
        self.purposes.iter().any(|purpose| purpose == code)
    }

    /// As everything else knows it: somebody who reads in its areas.
    pub(crate) fn actor(&self) -> Actor {
        let grants = self.areas.iter().map(|area| Grant {
            role: Role::Reader,
            area: (area != "VN").then(|| AreaCode(area.clone())),
        });
        Actor::new(format!("spdci:{}", self.name), grants.collect())
    }
}

/// Records a registration; the answer is its secret, shown this once, when one was asked for.
///
/// # Errors
/// [`Error::NotACaller`], [`Error::Denied`].
pub async fn add(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    new: &NewCaller,
) -> Result<Option<String>, Error> {
    access::require(actor, REGISTRARS, "")?;
    let keys = check(new)?;
    let now = clock.now();
    let secret = new.with_secret.then(token::secret).transpose()?;
    let (secret, hash) = secret.unzip();
    let mut tx = pool.begin().await?;
    let url = new.callback_url.as_deref();
    let url = url.map(|url| url.trim_end_matches('/'));
    let caller_no = sqlx::query_scalar!(
        "insert into spdci_caller (caller, full_name, callback_url, fields, areas, purposes, per_minute,
             secret_hash, valid_from, valid_until, recorded_by, recorded_at, reports)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning caller_no",
        new.name,
        new.full_name,
        url,
        &new.fields,
        &new.areas,
        &new.purposes,
        new.per_minute,
        hash,
        new.from.unwrap_or(now).to_sqlx() as _,
        new.until.map(ToSqlx::to_sqlx) as _,
        actor.name,
        now.to_sqlx() as _,
        new.reports
    )
    .fetch_one(&mut *tx)
    .await?;
    let (ids, jwks): (Vec<String>, Vec<Value>) = keys
        .into_iter()
        .map(|(named, jwk)| (named.key_id, jwk))
        .unzip();
    sqlx::query!(
        "insert into spdci_key (caller_no, key_id, jwk)
         select $1, * from unnest($2::text[], $3::jsonb[])",
        caller_no,
        &ids,
        &jwks
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"fields": new.fields, "areas": new.areas, "purposes": new.purposes, "keys": ids,
        "reports": new.reports});
    access::audit::record(
        &mut tx,
        now,
        actor,
        access::audit::Action::SpdciCallerAdd,
        &new.name,
        None,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(secret)
}

fn check(new: &NewCaller) -> Result<Vec<(Named, Value)>, Error> {
    let wrong = |why: String| Err(Error::NotACaller(why));
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !(1..=64).contains(&new.name.len()) || !new.name.bytes().all(sign) {
        return wrong("mã gồm chữ không dấu, chữ số, . và -, nhiều nhất 64 ký tự".to_owned());
    }
    if new.full_name.trim().is_empty() {
        return wrong("cần tên cơ quan".to_owned());
    }
    if new
        .callback_url
        .as_deref()
        .is_some_and(|url| !kernel::peer::is_address(url))
    {
        return wrong(
            "địa chỉ phải bắt đầu bằng https:// (http:// chỉ dùng trên chính máy này)".to_owned(),
        );
    }
    if let Some(unknown) = new
        .fields
        .iter()
        .find(|field| Field::from_code(field).is_none())
    {
        let known: Vec<&str> = Field::ALL.iter().map(|field| field.code()).collect();
        return wrong(format!(
            "không có trường {unknown}; các trường: {}",
            known.join(", ")
        ));
    }
    let areas = Areas::embedded();
    let known = |area: &String| area == "VN" || areas.latest(area).is_some();
    if new.areas.is_empty() || !new.areas.iter().all(known) {
        return wrong("cần mã địa bàn có trong danh mục, hoặc VN".to_owned());
    }
    if new.purposes.is_empty() || new.purposes.iter().any(|it| !(1..=64).contains(&it.len())) {
        return wrong("cần ít nhất một mục đích, mỗi mã nhiều nhất 64 ký tự".to_owned());
    }
    if !(1..=6000).contains(&new.per_minute) {
        return wrong("số thông điệp mỗi phút từ 1 đến 6000".to_owned());
    }
    if new
        .until
        .is_some_and(|until| new.from.is_some_and(|from| until <= from))
    {
        return wrong("thời hạn kết thúc trước khi bắt đầu".to_owned());
    }
    let keys = Key::read_set(&new.keys).map_err(|why| Error::NotACaller(why.to_owned()))?;
    let mut ids: Vec<&str> = keys
        .iter()
        .map(|(named, _)| named.key_id.as_str())
        .collect();
    ids.sort_unstable();
    if ids.windows(2).any(|two| two[0] == two[1]) {
        return wrong("hai khóa cùng kid".to_owned());
    }
    Ok(keys)
}

/// Ends a registration: nothing of it counts from now on, and it is told nothing more.
///
/// # Errors
/// [`Error::UnknownCaller`], [`Error::NotACaller`] without a reason, [`Error::Denied`].
pub async fn end(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    (name, reason): (&str, &str),
) -> Result<(), Error> {
    access::require(actor, REGISTRARS, "")?;
    if reason.trim().is_empty() {
        return Err(Error::NotACaller("cần ghi lý do".to_owned()));
    }
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let ended = sqlx::query!(
        "insert into spdci_caller_ended (caller_no, reason, ended_by, ended_at)
         select caller_no, $2, $3, $4 from spdci_caller
         where caller = $1 order by caller_no desc limit 1
         on conflict (caller_no) do nothing",
        name,
        reason.trim(),
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() == 0 {
        return Err(Error::UnknownCaller(name.to_owned()));
    }
    sqlx::query!(
        "update spdci_subscription set ended_at = $2 where caller = $1 and ended_at is null",
        name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    access::audit::record(
        &mut tx,
        now,
        actor,
        access::audit::Action::SpdciCallerEnd,
        name,
        None,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The registration of a name that holds now.
pub(crate) async fn present(
    pool: &PgPool,
    name: &str,
    now: Timestamp,
) -> Result<Option<Caller>, Error> {
    let row = sqlx::query!(
        r#"select caller_no, callback_url, fields, areas, purposes, per_minute, secret_hash, reports,
                  array(select jwk from spdci_key k where k.caller_no = c.caller_no) as "keys!"
           from spdci_caller c
           where caller_no = (select max(caller_no) from spdci_caller where caller = $1)
             and valid_from <= $2 and (valid_until is null or valid_until > $2)
             and not exists (select from spdci_caller_ended e where e.caller_no = c.caller_no)"#,
        name,
        now.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Caller {
        caller_no: row.caller_no,
        name: name.to_owned(),
        callback_url: row.callback_url,
        fields: row
            .fields
            .iter()
            .filter_map(|it| Field::from_code(it))
            .collect(),
        areas: row.areas,
        purposes: row.purposes,
        reports: row.reports,
        per_minute: row.per_minute,
        secret_hash: row.secret_hash,
        keys: row
            .keys
            .iter()
            .filter_map(|jwk| Key::read(jwk).ok())
            .collect(),
    }))
}
