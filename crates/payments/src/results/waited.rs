//! What waits, as the provider that reported it sees it.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Dong;

use super::Status;
use super::queue::{Why, read_why};
use super::record::store::read_status;
use crate::{Office, Refused};

/// A waiting result as the provider that reported it sees it: what it said itself, why that waits,
/// and what an office decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waited {
    /// The provider's own number.
    pub result_id: String,
    /// The line as the provider wrote it.
    pub line: String,
    /// What the provider said became of it.
    pub status: Status,
    /// When, the provider said.
    pub date: Date,
    /// Đồng, the provider said.
    pub amount: Dong,
    /// Why it waits.
    pub why: Why,
    /// When it was brought.
    pub brought_at: Timestamp,
    /// Whether an office recorded it (`true`) or dismissed it; none: it waits.
    pub is_recorded: Option<bool>,
}

/// Results of a provider in areas (`None` is everywhere), and those somebody of it brought.
pub(crate) async fn of_provider(
    office: &Office<'_>,
    provider: &str,
    (areas, brought_by): (Option<&[String]>, &str),
    (offset, limit): (i64, i64),
) -> Result<(Vec<Waited>, i64), Refused> {
    let rows = sqlx::query!(
        r#"select result_id, line, status, happened_on as "date: jiff_sqlx::Date", amount, why,
                  recorded_at as "at: jiff_sqlx::Timestamp", decision as "decision?",
                  count(*) over () as "count!"
           from result_queue left join result_resolution using (queue_no)
           where provider = $1 and ($2 or area_code = any($3) or recorded_by = $4)
           order by queue_no desc offset $5 limit $6"#,
        provider,
        areas.is_none(),
        areas.unwrap_or_default(),
        brought_by,
        offset,
        limit
    )
    .fetch_all(office.pool)
    .await?;
    let count = rows.first().map_or(0, |row| row.count);
    let waited = rows.into_iter().map(|row| {
        Ok(Waited {
            result_id: row.result_id,
            line: row.line,
            status: read_status(&row.status)?,
            date: row.date.to_jiff(),
            amount: Dong(row.amount),
            why: read_why(&row.why)?,
            brought_at: row.at.to_jiff(),
            is_recorded: row.decision.map(|decision| decision == "record"),
        })
    });
    Ok((waited.collect::<Result<_, Refused>>()?, count))
}
