//! Messages as officers see them: what waits, what could not be sent, by area.

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::area::Areas;
use kernel::personal_id::masked;
use kernel::{Actor, Clock, Month};
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::{Refused, template};

/// Who may look at messages.
pub const READERS: [Role; 6] = [
    Role::Clerk,
    Role::Officer,
    Role::Leader,
    Role::Records,
    Role::Reader,
    Role::Auditor,
];
/// Who may have one sent again.
pub const WORKERS: [Role; 2] = [Role::Clerk, Role::Officer];

/// States as users filter them.
pub const STATES: [(&str, &str); 5] = [
    ("failed", "Không gửi được"),
    ("waiting", "Đang chờ gửi"),
    ("sending", "Đang gửi"),
    ("sent", "Đã gửi"),
    ("arrived", "Đã đến"),
];

/// A message in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number.
    pub no: i64,
    /// Code of the dossier.
    pub dossier: String,
    /// Commune, with what it lies in.
    pub commune: String,
    /// What it tells of.
    pub subject: String,
    /// Stable code of the state.
    pub state: String,
    /// Stable code of the channel.
    pub channel: String,
    /// Last digits of the number, or the address without its name; nothing for a letter.
    pub to: Option<String>,
    /// Tries on this channel.
    pub tries: i16,
    /// Why the last try did not succeed.
    pub reason: Option<String>,
    /// When it was written.
    pub written_at: Timestamp,
    /// While it waits: when it is tried next.
    pub due_at: Option<Timestamp>,
}

/// Which messages.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Code of the area; empty or `VN` is the whole country.
    pub area: String,
    /// Only of this state.
    pub state: Option<String>,
    /// Only of this dossier.
    pub dossier: Option<String>,
    /// Rows to pass over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// Messages of an area, the newest first.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read in the area.
pub async fn list(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    filter: &Filter,
) -> Result<Vec<Row>, Refused> {
    access::require(actor, &READERS, &filter.area)?;
    let within = Within::of(&filter.area, clock);
    let areas = Areas::embedded();
    let found = sqlx::query!(
        r#"select message_no, thread, area_code, area_valid_from as "since: jiff_sqlx::Date", template,
                  state, channel, phone, email, tries, reason,
                  written_at as "written_at: jiff_sqlx::Timestamp",
                  due_at as "due_at: jiff_sqlx::Timestamp"
           from message join message_delivery using (message_no)
           where ($1 or (area_code, area_valid_from)
                        in (select * from unnest($2::text[], $3::date[])))
             and ($4::text is null or state = $4)
             and ($5::text is null or thread = $5)
           order by message_no desc offset $6 limit $7"#,
        within.everywhere,
        &within.codes,
        &within.since as _,
        filter.state,
        filter.dossier,
        filter.offset,
        filter.limit
    )
    .fetch_all(pool)
    .await?;
    let rows = found.into_iter().map(|row| {
        let area = areas.get(&row.area_code, row.since.to_jiff());
        let to = match row.channel.as_str() {
            "email" => row.email.as_deref().map(without_name),
            "letter" => None,
            _ => row.phone.as_deref().map(masked),
        };
        Row {
            no: row.message_no,
            dossier: row.thread,
            commune: area.map_or(row.area_code, |area| areas.written_path(area)),
            subject: template::subject(&row.template).to_owned(),
            due_at: (row.state == "waiting").then(|| row.due_at.to_jiff()),
            state: row.state,
            channel: row.channel,
            to,
            tries: row.tries,
            reason: row.reason,
            written_at: row.written_at.to_jiff(),
        }
    });
    Ok(rows.collect())
}

/// How many messages of an area are in each state that occurs.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read in the area.
pub async fn counts(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> Result<Vec<(String, i64)>, Refused> {
    access::require(actor, &READERS, area)?;
    let within = Within::of(area, clock);
    let counted = sqlx::query!(
        r#"select state, count(*) as "count!" from message join message_delivery using (message_no)
           where $1 or (area_code, area_valid_from) in (select * from unnest($2::text[], $3::date[]))
           group by state"#,
        within.everywhere,
        &within.codes,
        &within.since as _
    )
    .fetch_all(pool)
    .await?;
    Ok(counted
        .into_iter()
        .map(|row| (row.state, row.count))
        .collect())
}

/// Has a message that was given up sent anew, over the channel tried last.
///
/// # Errors
/// [`Refused::NotFailed`] when there is no such message the actor may touch, or it did not fail.
pub async fn again(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    message_no: i64,
) -> Result<(), Refused> {
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let found = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", channel
           from message join message_delivery d using (message_no)
           where message_no = $1 and state = 'failed' for update of d"#,
        message_no
    )
    .fetch_optional(&mut *tx)
    .await?;
    let found = found.ok_or(Refused::NotFailed)?;
    let area = Areas::embedded().get(&found.area_code, found.since.to_jiff());
    let area = area.ok_or_else(|| Refused::Inconsistent(format!("message {message_no}")))?;
    if !access::holds_in(actor, &WORKERS, area) {
        return Err(Refused::NotFailed);
    }
    sqlx::query!(
        "update message_delivery set state = 'waiting', tries = 0, due_at = $2, changed_at = $2
         where message_no = $1",
        message_no,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into message_try (message_no, channel, outcome, at) values ($1, $2, 'again', $3)",
        message_no,
        found.channel,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let (object, place) = (format!("message {message_no}"), Some(area.code));
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::MessagesAgain,
        &object,
        place,
        json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Communes of an area as columns for a query.
struct Within {
    everywhere: bool,
    codes: Vec<String>,
    since: Vec<jiff_sqlx::Date>,
}

impl Within {
    fn of(area: &str, clock: &Clock) -> Within {
        let everywhere = area.is_empty() || area == "VN";
        let communes = match everywhere {
            true => Vec::new(),
            false => Areas::embedded().communes_under(area, Month::of(clock.today())),
        };
        let (codes, since) = communes
            .into_iter()
            .map(|(code, since)| (code.to_owned(), since.to_sqlx()))
            .unzip();
        Within {
            everywhere,
            codes,
            since,
        }
    }
}

/// `•••@place`.
fn without_name(address: &str) -> String {
    let place = address.split_once('@').map_or("", |(_, place)| place);
    format!("•••@{place}")
}
