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
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// Records what a province speaks from a day on.
///
/// # Errors
/// [`Refused::UnknownProvince`], [`Refused::DialectMalformed`] when the address or the client does not
/// belong to the dialect, [`Refused::Denied`].
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
        && address.is_none_or(|it| new.dialect == Dialect::Pull && is_address(it));
    if !fits {
        return Err(Refused::DialectMalformed);
    }
    let was = on(pool, province, new.from).await?;
    let now = clock.now();
    let client = new.client.as_ref().map(ToString::to_string);
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into exchange_dialect (province_code, from_day, dialect, address, client, recorded_by,
                                       recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        province,
        new.from.to_sqlx() as _,
        new.dialect.code(),
        address,
        client,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let changed = Changed::new().value("dialect", Some(was.dialect), new.dialect);
    let detail = changed.with(json!({"from": new.from, "address": address, "client": client}));
    let (action, place) = (Action::ConnectionRecord, Some(province));
    access::audit::record(&mut tx, now, actor, action, "connection", place, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// What a province speaks on a day: the messages of this system when nothing was recorded.
///
/// # Errors
/// [`Refused::Inconsistent`], [`Refused::Database`].
pub async fn on(pool: &PgPool, province: &str, day: Date) -> Result<Spoken, Refused> {
    let row = sqlx::query!(
        "select dialect, address, client from exchange_dialect
         where province_code = $1 and from_day <= $2
         order by from_day desc, dialect_no desc limit 1",
        province,
        day.to_sqlx() as _
    )
    .fetch_optional(pool)
    .await?;
    match row {
        None => Spoken::recorded(None, None, None),
        Some(row) => Spoken::recorded(Some(row.dialect), row.address, row.client),
    }
}

impl Spoken {
    /// Of what was recorded; the messages of this system when nothing was.
    pub(crate) fn recorded(
        dialect: Option<String>,
        address: Option<String>,
        client: Option<String>,
    ) -> Result<Spoken, Refused> {
        let broken = |what: &str| Refused::Inconsistent(what.to_owned());
        let dialect = dialect.map_or(Some(Dialect::Messages), |code| Dialect::from_code(&code));
        let client = client.map(|text| ClientId::of_path(&text)).transpose();
        Ok(Spoken {
            dialect: dialect.ok_or_else(|| broken("dialect"))?,
            address,
            client: client.map_err(|_| broken("client"))?,
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
        r#"select from_day as "from: jiff_sqlx::Date", dialect, address, client, recorded_by,
                  recorded_at as "recorded_at: jiff_sqlx::Timestamp"
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
                recorded_by: row.recorded_by,
                recorded_at: row.recorded_at.to_jiff(),
            })
        })
        .collect()
}
