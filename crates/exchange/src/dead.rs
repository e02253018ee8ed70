//! Dead letters: messages a one-stop system could not take too often, which wait for a person, and what
//! waits behind them.

use jiff::Timestamp;
use kernel::Actor;
use kernel::actor::Role;
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::Refused;
use crate::outbox::MOST_FAILURES;

/// Who sees them and has them sent anew.
pub const KEEPERS: &[Role] = &[Role::Officer];

/// A message that waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadLetter {
    /// Its id.
    pub id: Uuid,
    /// Code of the province.
    pub province: String,
    /// Code of the dossier.
    pub dossier: String,
    /// Number among our messages about the dossier.
    pub seq: i32,
    /// What was answered last.
    pub reason: String,
    /// When.
    pub failed_at: Timestamp,
    /// Failures since it was last sent anew.
    pub failures: i32,
    /// Messages of the dossier that wait behind it.
    pub behind: i64,
}

/// The dead letters of the provinces whose exchange the actor keeps, by province, the oldest first, so
/// many at most.
///
/// # Errors
/// [`Refused::Denied`] for whoever keeps none.
pub async fn all(pool: &PgPool, actor: &Actor, limit: i64) -> Result<Vec<DeadLetter>, Refused> {
    let areas: Vec<Option<String>> = actor
        .areas_of(KEEPERS)
        .map(|area| area.map(|code| code.0.clone()))
        .collect();
    if areas.is_empty() {
        access::require(actor, KEEPERS, "")?;
    }
    let everywhere = areas.iter().any(Option::is_none);
    let provinces: Vec<String> = areas.into_iter().flatten().collect();
    let rows = sqlx::query!(
        r#"select o.message_id, o.province_code, d.code, o.seq, failed.failures as "failures!",
                  failed.last as "last!: jiff_sqlx::Timestamp", failed.reason as "reason!",
                  (select count(*) from exchange_outbox later
                   where later.dossier_id = o.dossier_id and later.seq > o.seq) as "behind!"
           from exchange_open n join exchange_outbox o using (outbox_no)
                join dossier d on d.dossier_id = o.dossier_id
                cross join lateral
                (select n.failures, at as last, reason from exchange_delivery f
                 where f.outbox_no = o.outbox_no and outcome = 'failed'
                 order by delivery_no desc limit 1) failed
           where n.failures >= $3 and ($1 or o.province_code = any($2))
           order by o.province_code, o.outbox_no limit $4"#,
        everywhere,
        &provinces,
        MOST_FAILURES,
        limit
    )
    .fetch_all(pool)
    .await?;
    let letters = rows.into_iter().map(|row| DeadLetter {
        id: row.message_id,
        province: row.province_code,
        dossier: row.code,
        seq: row.seq,
        reason: row.reason,
        failed_at: row.last.to_jiff(),
        failures: row.failures,
        behind: row.behind,
    });
    Ok(letters.collect())
}
