//! How the one-stop system of a province is connected: dated data, never changed.

use access::audit::{Action, Changed};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::Clock;
use kernel::actor::Role;
use kernel::area::{Areas, Level};
use registry::sight::READERS;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{PgExecutor, PgPool};

use crate::Refused;

/// Who records how a province is connected: who answers for its lists.
pub(crate) const SETTERS: [Role; 1] = [Role::Approver];

macro_rules! modes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal / $name:literal,)*) => {
        /// What a connection does. The label of the official case says nothing of it and is kept
        /// apart.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Mode { $($(#[$doc])* $variant,)* }

        impl Mode {
            /// Every mode.
            pub const ALL: &[Mode] = &[$(Mode::$variant),*];

            /// Stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Mode::$variant => $code,)* }
            }

            /// Back from the code.
            pub fn from_code(code: &str) -> Option<Mode> {
                Mode::ALL.iter().copied().find(|mode| mode.code() == code)
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $(Mode::$variant => $name,)* }
            }
        }
    };
}

modes! {
    /// Both ways.
    TwoWay = "two_way" / "Hai chiều",
    /// From the one-stop system to here only: officers key every step over there as well.
    OneWayIn = "one_way_in" / "Một chiều đến",
    /// From here to the one-stop system only.
    OneWayOut = "one_way_out" / "Một chiều đi",
    /// The province works in this system directly and has nothing to exchange.
    Native = "native" / "Dùng trực tiếp",
    /// Not connected.
    None = "none" / "Chưa kết nối",
}

impl Mode {
    /// Whether dossiers come from the one-stop system.
    pub const fn takes_in(self) -> bool {
        matches!(self, Mode::TwoWay | Mode::OneWayIn)
    }

    /// Whether the one-stop system is told of steps.
    pub const fn tells(self) -> bool {
        matches!(self, Mode::TwoWay | Mode::OneWayOut)
    }

    /// Whether two systems are connected at all.
    pub const fn connects(self) -> bool {
        self.takes_in() || self.tells()
    }
}

/// A connection to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConnection {
    /// Code of the province on the first day.
    pub province: String,
    /// First day.
    pub from: Date,
    /// What it does.
    pub mode: Mode,
    /// Label of the case in the annex of 342/LĐTBXH-BTXH: `A1`.
    pub official_case: Option<String>,
    /// Where this is known from.
    pub note: Option<String>,
}

/// A connection as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Code of the province.
    pub province: String,
    /// Its name.
    pub name: String,
    /// First day.
    pub from: Date,
    /// What it does.
    pub mode: Mode,
    /// Label of the official case.
    pub official_case: Option<String>,
    /// Where this is known from.
    pub note: Option<String>,
    /// Whether it holds on the day asked for; the others are history, or begin later.
    pub holds: bool,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// Records how provinces are connected, all in one transaction. What is on its way stays: messages
/// not yet taken are offered as soon as the connection tells again, and messages held back are taken
/// once their predecessors come.
///
/// # Errors
/// [`Refused::UnknownProvince`], [`Refused::CaseMalformed`], [`Refused::Denied`].
pub async fn record(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    connections: &[NewConnection],
) -> Result<(), Refused> {
    for connection in connections {
        check(connection)?;
        access::require(actor, &SETTERS, &connection.province)?;
    }
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let columns = Columns::of(connections);
    let before = sqlx::query!(
        r#"select given.province as "province!", held.mode as "mode?"
           from unnest($1::text[], $2::date[]) as given (province, from_day)
               left join lateral (
                   select mode from connection
                   where province_code = given.province and from_day <= given.from_day
                   order by from_day desc, connection_no desc limit 1) held on true"#,
        &columns.provinces,
        &columns.from as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let added = sqlx::query!(
        "insert into connection (province_code, from_day, mode, official_case, note, recorded_by,
             recorded_at)
         select given.*, $6, $7
         from unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[]) as given",
        &columns.provinces,
        &columns.from as _,
        &columns.modes,
        &columns.cases as _,
        &columns.notes as _,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() != connections.len() as u64 {
        return Err(Refused::Inconsistent("connections".to_owned()));
    }
    let mut changed = Changed::new();
    for connection in connections {
        let was = before.iter().find(|it| it.province == connection.province);
        let was = was.and_then(|it| it.mode.clone());
        changed = changed.value(&connection.province, was, connection.mode);
    }
    let detail: Vec<_> = connections
        .iter()
        .map(|it| {
            json!({"province": it.province, "from": it.from, "mode": it.mode,
                         "official_case": it.official_case})
        })
        .collect();
    let area = match connections {
        [one] => Some(one.province.as_str()),
        _ => None,
    };
    let (action, object) = (Action::ConnectionRecord, "connection");
    access::audit::record(
        &mut tx,
        now,
        actor,
        action,
        object,
        area,
        changed.with(json!({ "connections": detail })),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

#[derive(Default)]
struct Columns {
    provinces: Vec<String>,
    from: Vec<jiff_sqlx::Date>,
    modes: Vec<String>,
    cases: Vec<Option<String>>,
    notes: Vec<Option<String>>,
}

impl Columns {
    fn of(connections: &[NewConnection]) -> Columns {
        let mut columns = Columns::default();
        for connection in connections {
            columns.provinces.push(connection.province.clone());
            columns.from.push(connection.from.to_sqlx());
            columns.modes.push(connection.mode.code().to_owned());
            columns.cases.push(connection.official_case.clone());
            columns.notes.push(connection.note.clone());
        }
        columns
    }
}

fn check(connection: &NewConnection) -> Result<(), Refused> {
    check_province(&connection.province, connection.from)?;
    match connection.official_case.as_deref().map(str::as_bytes) {
        None | Some([b'A'..=b'Z', b'0'..=b'9']) => Ok(()),
        Some(_) => Err(Refused::CaseMalformed),
    }
}

/// Whether a code is that of a province on the day.
pub(crate) fn check_province(province: &str, day: Date) -> Result<(), Refused> {
    let area = Areas::embedded().on(province, day);
    match area.is_some_and(|area| area.level == Level::Province) {
        true => Ok(()),
        false => Err(Refused::UnknownProvince(province.to_owned())),
    }
}

/// Everything recorded of the provinces the actor may read, by province, the newest first; with
/// which of them hold on the day.
///
/// # Errors
/// [`Refused::Denied`] for whoever reads nowhere.
pub async fn all(pool: &PgPool, actor: &Actor, day: Date) -> Result<Vec<Connection>, Refused> {
    if actor.areas_of(READERS).next().is_none() {
        access::require(actor, READERS, "")?;
    }
    let rows = sqlx::query!(
        r#"select province_code, from_day as "from_day: jiff_sqlx::Date", mode, official_case, note,
                  recorded_by, recorded_at as "recorded_at: jiff_sqlx::Timestamp",
                  coalesce(from_day <= $1 and row_number() over (
                      partition by province_code, from_day <= $1
                      order by from_day desc, connection_no desc) = 1, false) as "holds!"
           from connection order by province_code, from_day desc, connection_no desc"#,
        day.to_sqlx() as _
    )
    .fetch_all(pool)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        // Somebody of a commune may know how their province is connected.
        let inside = actor
            .areas_of(READERS)
            .any(|area| area.is_none_or(|area| province_of(&area.0, day) == row.province_code));
        if !inside {
            continue;
        }
        let from = row.from_day.to_jiff();
        let name = Areas::embedded().on(&row.province_code, from);
        let mode = Mode::from_code(&row.mode);
        found.push(Connection {
            name: name.map_or_else(String::new, |area| area.full_name.clone()),
            province: row.province_code,
            from,
            mode: mode.ok_or_else(|| Refused::Inconsistent(row.mode))?,
            official_case: row.official_case,
            note: row.note,
            holds: row.holds,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at.to_jiff(),
        });
    }
    Ok(found)
}

/// Code of the province an area lies in on the day, or last lay in.
fn province_of(code: &str, day: Date) -> &str {
    let areas = Areas::embedded();
    let area = areas.on(code, day).or_else(|| areas.latest(code));
    area.map_or(code, |area| areas.province_of(area).code)
}

/// What the connection of a province does on the day; not connected when none was recorded.
pub(crate) async fn mode_on(
    db: impl PgExecutor<'_>,
    province: &str,
    day: Date,
) -> Result<Mode, Refused> {
    let mode = sqlx::query_scalar!(
        "select connection_mode($1, $2)",
        province,
        day.to_sqlx() as _
    )
    .fetch_one(db)
    .await?;
    match mode {
        None => Ok(Mode::None),
        Some(code) => Mode::from_code(&code).ok_or(Refused::Inconsistent(code)),
    }
}
