//! In which words a province's one-stop system talks to this one: dated data, never changed. Whatever the
//! dialect, there is one inbox and one outbox, so that a province that changes it loses nothing on the way.

use access::audit::{Action, Changed};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::peer::is_address;
use kernel::{Actor, Clock};
use registry::sight::READERS;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::x_road::ClientId;
use crate::{Refused, connection};

/// Who records it: who records the connection.
const SETTERS: [Role; 1] = [Role::Approver];

/// A way of talking.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// The messages of this system, `/api/v1/exchange`.
    Messages,
    /// Pull and acknowledge, as the dossier services of provincial platforms: [`crate::pull`].
    Pull,
    /// The same messages with X-Road headers, as REST or SOAP: [`crate::x_road`].
    XRoad,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Dialect; 3] = [Dialect::Messages, Dialect::Pull, Dialect::XRoad];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Dialect::Messages => "messages",
            Dialect::Pull => "pull",
            Dialect::XRoad => "x_road",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Dialect> {
        Dialect::ALL.into_iter().find(|it| it.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Dialect::Messages => "Thông điệp An Sinh",
            Dialect::Pull => "Lấy và đánh dấu",
            Dialect::XRoad => "X-Road",
        }
    }
}

/// What a province speaks, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDialect {
    /// Code of the province on the first day.
    pub province: String,
    /// First day.
    pub from: Date,
    /// Which one.
    pub dialect: Dialect,
    /// Where the province's own platform hands out dossiers; only of [`Dialect::Pull`], and without one
    /// the province calls.
    pub address: Option<String>,
    /// Who calls; exactly of [`Dialect::XRoad`].
    pub client: Option<ClientId>,
    /// Name of the account of the security server that vouches for the client where its own token does not
    /// arrive; only of [`Dialect::XRoad`].
    pub carrier: Option<String>,
}

/// What a province speaks on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Which one.
    pub dialect: Dialect,
    /// Where the province's own platform is.
    pub address: Option<String>,
    /// Who calls by X-Road.
    pub client: Option<ClientId>,
    /// The account that may pass on what this client sends.
    pub carrier: Option<String>,
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Code of the province.
    pub province: String,
    /// First day.
    pub from: Date,
    /// Which one.
    pub dialect: Dialect,
    /// Where the province's own platform is.
    pub address: Option<String>,
    /// Who calls by X-Road.
    pub client: Option<String>,
    /// The account that may pass on what this client sends.
    pub carrier: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// Records what a province speaks from a day on.
///
/// # Errors
/// [`Refused::UnknownProvince`], [`Refused::DialectMalformed`] when the address, the client or the carrier does
/// not belong to the dialect, or the carrier is no account; [`Refused::Denied`].
pub async fn record(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    new: &NewDialect,
) -> Result<(), Refused> {
    let province = new.province.as_str();
    connection::check_province(province, new.from)?;
    access::require(actor, &SETTERS, province)?;
    let address = new.address.as_deref();
    let fits = (new.client.is_some() == (new.dialect == Dialect::XRoad))
        && address.is_none_or(|it| new.dialect == Dialect::Pull && is_address(it))
        && (new.carrier.is_none() || new.dialect == Dialect::XRoad);
    let carrier = new.carrier.as_deref();
    if !fits || !is_account(pool, carrier).await? {
        return Err(Refused::DialectMalformed);
    }
    let was = on(pool, province, new.from).await?;
    let now = clock.now();
    let client = new.client.as_ref().map(ToString::to_string);
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into exchange_dialect (province_code, from_day, dialect, address, client, carrier,
                                       recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        province,
        new.from.to_sqlx() as _,
        new.dialect.code(),
        address,
        client,
        carrier,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let changed = Changed::new().value("dialect", Some(was.dialect), new.dialect);
    let detail = changed.with(
        json!({"from": new.from, "address": address, "client": client,
                                     "carrier": carrier}),
    );
    let (action, place) = (Action::ConnectionRecord, Some(province));
    access::audit::record(&mut tx, now, actor, action, "connection", place, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether there is such an account, if one is named.
async fn is_account(pool: &PgPool, name: Option<&str>) -> Result<bool, Refused> {
    let Some(name) = name else {
        return Ok(true);
    };
    let there = sqlx::query_scalar!(
        r#"select exists (select from app_user where name = $1) as "there!""#,
        name
    );
    Ok(there.fetch_one(pool).await?)
}

/// The province whose X-Road client an account may speak for on a day. `None` when no province names both, and
/// when two do.
///
/// # Errors
/// [`Refused::Database`].
pub async fn carried(
    pool: &PgPool,
    day: Date,
    (carrier, client): (&str, &ClientId),
) -> Result<Option<String>, Refused> {
    let mut provinces = sqlx::query_scalar!(
        "select province_code
         from (select distinct on (province_code) province_code, client, carrier
               from exchange_dialect where from_day <= $1
               order by province_code, from_day desc, dialect_no desc) as today
         where client = $2 and carrier = $3",
        day.to_sqlx() as _,
        client.to_string(),
        carrier
    )
    .fetch_all(pool)
    .await?;
    let one = provinces.pop();
    Ok(one.filter(|_| provinces.is_empty()))
}

/// What a province speaks on a day: the messages of this system when nothing was recorded.
///
/// # Errors
/// [`Refused::Inconsistent`], [`Refused::Database`].
pub async fn on(pool: &PgPool, province: &str, day: Date) -> Result<Spoken, Refused> {
    let row = sqlx::query_as!(
        Row,
        "select dialect, address, client, carrier from exchange_dialect
         where province_code = $1 and from_day <= $2
         order by from_day desc, dialect_no desc limit 1",
        province,
        day.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    Spoken::recorded(row)
}

/// What is recorded, as it is kept.
pub(crate) struct Row {
    pub(crate) dialect: String,
    pub(crate) address: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) carrier: Option<String>,
}

impl Spoken {
    /// Of what was recorded; the messages of this system when nothing was.
    pub(crate) fn recorded(row: Option<Row>) -> Result<Spoken, Refused> {
        let Some(row) = row else {
            return Ok(Spoken {
                dialect: Dialect::Messages,
                address: None,
                client: None,
                carrier: None,
            });
        };
        let broken = |what: &str| Refused::Inconsistent(what.to_owned());
        let client = row.client.map(|text| ClientId::of_path(&text)).transpose();
        Ok(Spoken {
            dialect: Dialect::from_code(&row.dialect).ok_or_else(|| broken("dialect"))?,
            address: row.address,
            client: client.map_err(|_| broken("client"))?,
            carrier: row.carrier,
        })
    }

    /// Whether it is this dialect that the province speaks.
    ///
    /// # Errors
    /// [`Refused::OtherDialect`]: nothing was done, the sender sends in the one recorded.
    pub fn must_be(&self, dialect: Dialect, province: &str) -> Result<(), Refused> {
        match self.dialect == dialect {
            true => Ok(()),
            false => Err(Refused::OtherDialect {
                province: province.to_owned(),
                spoken: self.dialect.vietnamese(),
            }),
        }
    }
}

/// What a province speaks today, if it is this dialect.
///
/// # Errors
/// [`Refused::OtherDialect`]: nothing was done, the sender sends in the one recorded.
pub(crate) async fn require(
    pool: &PgPool,
    clock: &Clock,
    province: &str,
    dialect: Dialect,
) -> Result<Spoken, Refused> {
    let spoken = on(pool, province, clock.today()).await?;
    spoken.must_be(dialect, province)?;
    Ok(spoken)
}

/// Everything recorded of a province, the newest first.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn all(pool: &PgPool, actor: &Actor, province: &str) -> Result<Vec<Recorded>, Refused> {
    access::require(actor, READERS, province)?;
    let rows = sqlx::query!(
        r#"select from_day as "from: jiff_sqlx::Date", dialect, address, client, carrier,
                  recorded_by, recorded_at as "recorded_at: jiff_sqlx::Timestamp"
           from exchange_dialect where province_code = $1
           order by from_day desc, dialect_no desc"#,
        province
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let dialect = Dialect::from_code(&row.dialect);
            Ok(Recorded {
                province: province.to_owned(),
                from: row.from.to_jiff(),
                dialect: dialect.ok_or(Refused::Inconsistent(row.dialect))?,
                address: row.address,
                client: row.client,
                carrier: row.carrier,
                recorded_by: row.recorded_by,
                recorded_at: row.recorded_at.to_jiff(),
            })
        })
        .collect()
}
