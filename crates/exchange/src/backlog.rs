//! Provinces that do not take what they are to be told: how much waits for each, and since when.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Clock};
use registry::sight::READERS;
use serde::Serialize;
use sqlx::PgPool;

use crate::outbox::MOST_FAILURES;
use crate::{Refused, practice};

/// A province whose oldest message has waited too long (`slow_hours` of [`practice`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slow {
    /// Code of the province.
    pub province: String,
    /// Its name.
    pub name: String,
    /// Messages it has not taken. Those behind one that failed too often wait for a person and are not among them.
    pub messages: i64,
    /// Dossiers they are about.
    pub dossiers: i64,
    /// Since when the oldest waits.
    pub since: Timestamp,
}

/// The provinces among those the actor reads in that are slow now, by code. One that is told nothing by its
/// connection waits for no fault of its own and is none.
///
/// # Errors
/// Those of the database.
pub async fn slow(pool: &PgPool, actor: &Actor, clock: &Clock) -> Result<Vec<Slow>, Refused> {
    let (now, today) = (clock.now(), clock.today());
    let latest = now - SignedDuration::from_hours(practice::on(today).slow_hours);
    let rows = sqlx::query!(
        r#"select n.province_code, count(*) as "messages!", count(distinct n.dossier_id) as "dossiers!",
                  min(o.written_at) as "since!: jiff_sqlx::Timestamp"
           from exchange_open n join exchange_outbox o using (outbox_no)
           where connection_mode(n.province_code, $2) in ('one_way_out', 'two_way')
             and not exists (select from exchange_open dead
                             where dead.dossier_id = n.dossier_id and dead.seq <= n.seq
                               and dead.failures >= $3)
           group by n.province_code having min(o.written_at) < $1
           order by n.province_code"#,
        latest.to_sqlx() as _,
        today.to_sqlx() as _,
        MOST_FAILURES
    )
    .fetch_all(pool)
    .await?;
    let slow = rows.into_iter().filter_map(|row| {
        let area = Areas::embedded().latest(&row.province_code)?;
        access::holds_in(actor, READERS, area).then(|| Slow {
            name: area.full_name.clone(),
            province: row.province_code,
            messages: row.messages,
            dossiers: row.dossiers,
            since: row.since.to_jiff(),
        })
    });
    Ok(slow.collect())
}
