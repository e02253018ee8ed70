//! What the last comparisons of provinces found.

use jiff::Timestamp;
use kernel::Actor;
use kernel::area::Areas;
use registry::sight::READERS;
use serde::Serialize;
use sqlx::PgPool;

use super::{Ended, What, reads};
use crate::Refused;

/// The last comparison of a province.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// Code of the province.
    pub province: String,
    /// Its name.
    pub name: String,
    /// How the last run ended.
    pub outcome: Ended,
    /// Why it compared nothing.
    pub reason: Option<String>,
    /// When it ended.
    pub at: Timestamp,
    /// When both sides were last compared; `None` never.
    pub compared_at: Option<Timestamp>,
    /// Dossiers on this side then.
    pub here: i64,
    /// Dossiers on the other side then.
    pub there: i64,
    /// With a message on its way then.
    pub waiting: i64,
    /// That differed then.
    pub differing: i64,
    /// What differed the time before and did no longer.
    pub closed: i64,
}

/// Something that differed when both sides were last compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Code of the dossier.
    pub dossier: String,
    /// Whether this side has it.
    pub here: bool,
    /// What.
    pub what: What,
    /// As this side has it.
    pub ours: Option<String>,
    /// As the other side has it.
    pub theirs: Option<String>,
}

/// The last comparisons of the provinces the actor reads in, by code of the province.
///
/// # Errors
/// [`Refused::Denied`] for whoever reads nowhere.
pub async fn last(pool: &PgPool, actor: &Actor) -> Result<Vec<LastRun>, Refused> {
    if actor.areas_of(READERS).next().is_none() {
        access::require(actor, READERS, "")?;
    }
    let rows = sqlx::query!(
        r#"select last.province_code, last.outcome, last.reason,
                  last.ended_at as "at: jiff_sqlx::Timestamp",
                  good.ended_at as "compared_at?: jiff_sqlx::Timestamp", good.here as "here?",
                  good.there as "there?", good.waiting as "waiting?", good.differing as "differing?",
                  (select count(*) from exchange_difference was
                   where was.comparison_no =
                         (select comparison_no from exchange_comparison b
                          where b.province_code = last.province_code and b.outcome = 'compared'
                            and b.comparison_no < good.comparison_no
                          order by comparison_no desc limit 1)
                     and not exists (select from exchange_difference still
                                     where still.comparison_no = good.comparison_no
                                       and still.dossier_code = was.dossier_code
                                       and still.what = was.what)) as "closed!"
           from (select distinct on (province_code) * from exchange_comparison
                 order by province_code, comparison_no desc) last
                left join lateral
                (select * from exchange_comparison g
                 where g.province_code = last.province_code and g.outcome = 'compared'
                 order by comparison_no desc limit 1) good on true
           order by last.province_code"#
    )
    .fetch_all(pool)
    .await?;
    let mut runs = Vec::with_capacity(rows.len());
    for row in rows
        .into_iter()
        .filter(|row| reads(actor, &row.province_code))
    {
        let name = Areas::embedded().latest(&row.province_code);
        runs.push(LastRun {
            name: name.map_or_else(String::new, |area| area.full_name.clone()),
            outcome: Ended::from_code(&row.outcome)
                .ok_or_else(|| Refused::Inconsistent(row.outcome.clone()))?,
            reason: row.reason,
            at: row.at.to_jiff(),
            compared_at: row.compared_at.map(|at| at.to_jiff()),
            here: row.here.unwrap_or_default(),
            there: row.there.unwrap_or_default(),
            waiting: row.waiting.unwrap_or_default(),
            differing: row.differing.unwrap_or_default(),
            closed: row.closed,
            province: row.province_code,
        });
    }
    Ok(runs)
}

/// What differed when both sides of a province were last compared, by dossier: so many, after passing over
/// some.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn differences(
    pool: &PgPool,
    actor: &Actor,
    province: &str,
    (offset, limit): (i64, i64),
) -> Result<Vec<Difference>, Refused> {
    if !reads(actor, province) {
        access::require(actor, READERS, province)?;
    }
    let rows = sqlx::query!(
        r#"select f.dossier_code, f.what, f.ours, f.theirs, d.dossier_id is not null as "here!"
           from exchange_difference f
                left join dossier d on d.code = f.dossier_code and d.province_code = $1
           where comparison_no = (select comparison_no from exchange_comparison
                                  where province_code = $1 and outcome = 'compared'
                                  order by comparison_no desc limit 1)
           order by place offset $2 limit $3"#,
        province,
        offset,
        limit
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Difference {
                what: What::from_code(&row.what)
                    .ok_or_else(|| Refused::Inconsistent(row.what.clone()))?,
                dossier: row.dossier_code,
                here: row.here,
                ours: row.ours,
                theirs: row.theirs,
            })
        })
        .collect()
}
