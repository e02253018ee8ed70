//! Decisions month by month.

use jiff_sqlx::ToSqlx;
use kernel::{Actor, Month};
use payments::{Office, Refused};
use serde::Serialize;

use crate::question::{ByArea, percent};

/// A month of the last thirteen.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct DecidedInMonth {
    /// The month.
    pub month: Month,
    /// Dossiers decided.
    pub decided: i64,
    /// Of these, in the system itself.
    pub decided_online: i64,
    /// In percent.
    pub decided_online_percent: String,
}

/// Decisions of the thirteen months up to the one asked for; months without any are left out.
///
/// # Errors
/// As [`super::exchange()`].
pub async fn decided_by_month(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
) -> Result<Vec<DecidedInMonth>, Refused> {
    let columns = super::reach(actor, of)?.columns();
    let rows = sqlx::query!(
        r#"select min(s.day) as "day!: jiff_sqlx::Date", count(*) as "decided!",
                  count(*) filter (where online) as "decided_online!"
           from dossier_step s join dossier d using (dossier_id)
           where kind = 'decided' and day between $1 and $2
             and ($3 or (area_code, area_valid_from)
                        in (select * from unnest($4::text[], $5::date[])))
           group by date_trunc('month', s.day::timestamp) order by 1"#,
        of.month.plus(-12).first_day().to_sqlx() as _,
        of.month.last_day().to_sqlx() as _,
        columns.everywhere,
        &columns.codes,
        &columns.since as _
    )
    .fetch_all(office.pool)
    .await?;
    let month = |row: (Month, i64, i64)| DecidedInMonth {
        month: row.0,
        decided: row.1,
        decided_online: row.2,
        decided_online_percent: percent(row.2, row.1),
    };
    let rows = rows.into_iter().map(|row| {
        month((
            Month::of(row.day.to_jiff()),
            row.decided,
            row.decided_online,
        ))
    });
    Ok(rows.collect())
}
