//! Money that people moved by paper: draws, transfers, what came back, fees, and what was taken back
//! as a mistake.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Actor, Dong, Month, MonthSpan};
use serde::Serialize;

use super::balance::Inside;
use super::{EntryKind, EntryNo};
use crate::{Office, Refused, Scope, show};

/// Money moved once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The entry.
    pub entry: EntryNo,
    /// What happened.
    pub kind: EntryKind,
    /// Code of the list's area; empty is the whole country.
    pub area: String,
    /// Code of the provider, if one has to do with it.
    pub provider: Option<String>,
    /// Đồng.
    pub amount: Dong,
    /// Day of the paper.
    pub day: Date,
    /// Number of the paper, or why a mistake was taken back.
    pub paper: String,
    /// Who booked it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The entry that this one takes back.
    pub reverses: Option<EntryNo>,
    /// The entry that takes this one back.
    pub taken_back_by: Option<EntryNo>,
}

impl Moved {
    /// Whether it can be taken back.
    pub const fn may_be_taken_back(&self) -> bool {
        self.reverses.is_none() && self.taken_back_by.is_none()
    }
}

/// Money moved for the lists of a month in an area, the newest first, from a place on; and how many
/// movements there are.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn movements(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    (offset, limit): (i64, i64),
) -> Result<(Vec<Moved>, i64), Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, show::READERS, &scope.area)?;
    let inside = Inside::of(&scope, MonthSpan::single(month))?;
    let rows = sqlx::query!(
        r#"select e.entry_no, e.kind, e.area_code, e.day as "day: jiff_sqlx::Date", e.memo, e.by,
                  e.at as "at: jiff_sqlx::Timestamp", e.reverses, back.entry_no as "back?",
                  (select min(provider) from ledger_posting p where p.entry_no = e.entry_no)
                      as "provider?",
                  (select sum(amount) filter (where amount > 0) from ledger_posting p
                   where p.entry_no = e.entry_no)::bigint as "amount!",
                  count(*) over () as "count!"
           from ledger_entry e left join ledger_entry back on back.reverses = e.entry_no
           where e.list_month = $1
             and e.kind in ('drawn', 'transferred', 'given_back', 'fee_paid', 'taken_back')
             and ($2 or e.area_code = any($3))
           order by e.entry_no desc offset $4 limit $5"#,
        month.yyyymm(),
        scope.is_country(),
        &inside.areas,
        offset,
        limit
    )
    .fetch_all(office.pool)
    .await?;
    let count = rows.first().map_or(0, |row| row.count);
    let moved = rows.into_iter().map(|row| {
        Ok(Moved {
            entry: EntryNo(row.entry_no),
            kind: EntryKind::from_code(&row.kind)
                .ok_or_else(|| Refused::Inconsistent(format!("no entry {}", row.kind)))?,
            area: row.area_code,
            provider: row.provider,
            amount: Dong(row.amount),
            day: row.day.to_jiff(),
            paper: row.memo,
            by: row.by,
            at: row.at.to_jiff(),
            reverses: row.reverses.map(EntryNo),
            taken_back_by: row.back.map(EntryNo),
        })
    });
    Ok((moved.collect::<Result<_, Refused>>()?, count))
}
