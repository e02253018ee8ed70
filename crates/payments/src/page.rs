//! A page of a month's lines, filtered and sorted: what a table on a screen shows.

use kernel::{Actor, Dong, ListId, Month, PersonId};
use law::Benefit;

use crate::header::month_of;
use crate::line::channel_of;
use crate::listed::{benefit_of, coefficient_of};
use crate::show::{READERS, line_name};
use crate::{LineKind, Office, Reason, Refused, Scope, ShownLine};

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By the person's number in the registry.
    #[default]
    Person,
    /// By name.
    Name,
    /// The largest amounts first.
    LargestFirst,
    /// The smallest first: recoveries lead.
    SmallestFirst,
}

impl Order {
    const fn code(self) -> i16 {
        match self {
            Order::Person => 0,
            Order::Name => 1,
            Order::LargestFirst => 2,
            Order::SmallestFirst => 3,
        }
    }
}

/// Which lines, in which order, which page of them.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Only of this kind.
    pub kind: Option<LineKind>,
    /// Only of this benefit.
    pub benefit: Option<Benefit>,
    /// In which order.
    pub order: Order,
    /// Lines to pass over.
    pub offset: i64,
    /// Lines at most.
    pub limit: i64,
}

/// The page, and what all pages come to.
#[derive(Clone, Debug)]
pub struct Page {
    /// The lines, without articles.
    pub lines: Vec<ShownLine>,
    /// Lines on all pages.
    pub count: i64,
    /// Đồng on all pages.
    pub amount: Dong,
}

/// A page of the lines paid in the area in the month.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`], those of the database.
pub async fn page(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    wanted: &Wanted,
) -> Result<Page, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, &READERS, &scope.area)?;
    let (everywhere, (codes, since)) = match scope.columns() {
        None => (true, (Vec::new(), Vec::new())),
        Some(columns) => (false, columns),
    };
    let kind = wanted.kind.map(LineKind::number);
    let benefit = wanted.benefit.map(Benefit::number);
    let all = sqlx::query!(
        r#"select count(*) as "count!", coalesce(sum(amount), 0)::bigint as "amount!"
           from list_line
           where list_month = $1
             and ($2 or (area_code, area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))
             and ($5::smallint is null or kind = $5)
             and ($6::smallint is null or benefit = $6)"#,
        month.yyyymm(),
        everywhere,
        &codes,
        &since as _,
        kind,
        benefit
    )
    .fetch_one(office.pool)
    .await?;
    let rows = sqlx::query!(
        r#"select person_id, person_key, line_no, list_id, benefit, kind, for_month, amount,
                  coefficient, standard, channel, reason, list_line.area_code,
                  list_line.area_valid_from as "area_valid_from: jiff_sqlx::Date"
           from list_line join person using (person_id)
           where list_month = $1
             and ($2 or (list_line.area_code, list_line.area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))
             and ($5::smallint is null or kind = $5)
             and ($6::smallint is null or benefit = $6)
           order by case $7::smallint when 2 then -amount when 3 then amount end,
                    case $7::smallint when 1 then name_key end,
                    person_id, line_no
           offset $8 limit $9"#,
        month.yyyymm(),
        everywhere,
        &codes,
        &since as _,
        kind,
        benefit,
        wanted.order.code(),
        wanted.offset,
        wanted.limit
    )
    .fetch_all(office.pool)
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(ShownLine {
            person: row.person_key,
            benefit: benefit_of(row.benefit)?,
            for_month: month_of(row.for_month)?,
            list_month: month,
            kind: LineKind::from_number(row.kind)
                .ok_or_else(|| Refused::Inconsistent(format!("no kind {}", row.kind)))?,
            amount: Dong(row.amount),
            coefficient: coefficient_of(row.coefficient),
            standard: Dong(i64::from(row.standard)),
            channel: channel_of(row.channel),
            reason: Reason::from_number(row.reason),
            law: Vec::new(),
            line: line_name(month, PersonId(row.person_id), row.line_no),
            person_id: PersonId(row.person_id),
            line_no: row.line_no,
            list_id: ListId(row.list_id),
            commune: (row.area_code, row.area_valid_from.to_jiff()),
        });
    }
    Ok(Page {
        lines,
        count: all.count,
        amount: Dong(all.amount),
    })
}
