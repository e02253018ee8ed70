//! The lines behind the figures of what became of a month's money.

use access::audit::Action;
use jiff::civil::Date;
use kernel::{Actor, Dong, Month, PersonId};
use serde::{Serialize, Serializer};
use serde_json::json;
use sqlx::PgPool;

use super::Status;
use super::outcome::Outcome;
use super::record::store::read_status;
use crate::order::{Order, OrderNo};
use crate::show::{READERS, line_name};
use crate::{Office, Refused, Scope};

/// Lines that belong to one figure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    /// The last result says so.
    Told(Status),
    /// Nobody has reported on them.
    NotReported,
    /// All that are not paid, reported or not.
    Open,
}

impl Group {
    /// Every group.
    pub const ALL: [Group; 6] = [
        Group::Told(Status::Paid),
        Group::Told(Status::Failed),
        Group::Told(Status::Returned),
        Group::Told(Status::NotCollected),
        Group::NotReported,
        Group::Open,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Group::Told(status) => status.code(),
            Group::NotReported => "not_reported",
            Group::Open => "open",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Group> {
        Group::ALL.into_iter().find(|group| group.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Group::Told(status) => status.vietnamese(),
            Group::NotReported => "Chưa báo",
            Group::Open => "Chưa trả",
        }
    }
}

/// Which lines of a month.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Code of the provider they were ordered from, or who reported on them; empty is nobody yet.
    pub provider: Option<&'a str>,
    /// Only of this group.
    pub group: Option<Group>,
    /// Only of this order.
    pub order: Option<OrderNo>,
    /// Lines to pass over.
    pub offset: i64,
    /// Lines at most.
    pub limit: i64,
}

/// A line and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldLine {
    /// Its name.
    pub line: String,
    /// The person's internal number.
    #[serde(skip)]
    pub person_id: PersonId,
    /// Code and first day of the commune.
    #[serde(rename = "area", serialize_with = "code_only")]
    pub commune: (String, Date),
    /// Code of the provider; empty is nobody yet.
    pub provider: String,
    /// Đồng.
    pub amount: Dong,
    /// What the last result says; none: not reported.
    pub status: Option<Status>,
    /// Why, the provider says.
    pub reason: Option<String>,
    /// When, the provider says.
    pub date: Option<Date>,
}

fn code_only<S: Serializer>(commune: &(String, Date), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&commune.0)
}

/// The lines of a page, and what all pages come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// By person, then number.
    pub lines: Vec<ToldLine>,
    /// Lines on all pages; none when the page asked for lies behind the last.
    pub count: i64,
    /// Đồng on all pages.
    pub amount: Dong,
}

/// Lines of the approved lists of a month in an area: those [`super::outcome_parts`] counts.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn lines(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    wanted: &Wanted<'_>,
) -> Result<Lines, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, READERS, &scope.area)?;
    read(office.pool, &scope, wanted).await
}

/// Lines of one export at most: more is for a smaller area or a single provider.
pub const MOST_EXPORTED: i64 = 100_000;

/// The same lines to be kept in a file, which the log notes: it names people.
///
/// # Errors
/// [`Refused::TooManyLines`]; as [`lines`].
pub async fn export(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    wanted: &Wanted<'_>,
) -> Result<Lines, Refused> {
    let found = lines(office, actor, month, area, wanted).await?;
    if found.count > wanted.limit {
        let (lines, most) = (found.count, wanted.limit);
        return Err(Refused::TooManyLines { lines, most });
    }
    let mut tx = office.pool.begin().await?;
    let detail = json!({ "lines": found.count, "group": wanted.group.map(Group::code),
        "provider": wanted.provider });
    let (now, object) = (office.clock.now(), month.to_string());
    let area = Some(if area == "VN" { "" } else { area });
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::ResultsExport,
        &object,
        area,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(found)
}

/// The same for whoever has been let in.
pub(crate) async fn read(
    pool: &PgPool,
    scope: &Scope,
    wanted: &Wanted<'_>,
) -> Result<Lines, Refused> {
    let (codes, since) = scope.columns().unwrap_or_default();
    // With the values known, conditions that ask nothing fall away and an index may be used.
    let mut tx = pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let rows = sqlx::query!(
        r#"with last as (
               select distinct on (person_id, line_no) person_id, line_no, status,
                      provider as reporter, reason as told_reason, happened_on
               from payment_result where list_month = $1
               order by person_id, line_no, result_no desc)
           select l.person_id, l.line_no, l.amount, l.area_code,
                  l.area_valid_from as "since: jiff_sqlx::Date",
                  coalesce(o.provider, reporter, '') as "provider!", status as "status?",
                  told_reason as "reason?", happened_on as "date?: jiff_sqlx::Date",
                  count(*) over () as "count!", sum(l.amount) over ()::bigint as "sum!"
           from list_line l join payment_list using (list_id)
               left join last using (person_id, line_no)
               left join order_line ol on ol.list_month = l.list_month
                   and ol.person_id = l.person_id and ol.line_no = l.line_no
               left join payment_order o using (order_no)
           where l.list_month = $1 and approved_at is not null and l.kind <> 3
             and ($2 or (l.area_code, l.area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))
             and ($5::text is null or coalesce(o.provider, reporter, '') = $5)
             and ($6::text is null or coalesce(status, 'not_reported') = $6
                  or ($6 = 'open' and status is distinct from 'paid'))
             and ($7::bigint is null or o.order_no = $7)
           order by l.person_id, l.line_no offset $8 limit $9"#,
        scope.month.yyyymm(),
        scope.is_country(),
        &codes,
        &since as _,
        wanted.provider,
        wanted.group.map(Group::code),
        wanted.order.map(|order| order.0),
        wanted.offset,
        wanted.limit
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut found = Lines::default();
    for row in rows {
        (found.count, found.amount) = (row.count, Dong(row.sum));
        let person_id = PersonId(row.person_id);
        found.lines.push(ToldLine {
            line: line_name(scope.month, person_id, row.line_no),
            person_id,
            commune: (row.area_code, row.since.to_jiff()),
            provider: row.provider,
            amount: Dong(row.amount),
            status: row.status.as_deref().map(read_status).transpose()?,
            reason: row.reason,
            date: row.date.map(|date| date.to_jiff()),
        });
    }
    Ok(found)
}

/// What became of the lines of an order.
pub(crate) async fn outcome_of(pool: &PgPool, order: &Order) -> sqlx::Result<Outcome> {
    let rows = sqlx::query!(
        r#"with last as (
               select distinct on (person_id, line_no) person_id, line_no, status
               from payment_result where list_month = $1
               order by person_id, line_no, result_no desc)
           select status as "status?", sum(amount)::bigint as "amount!"
           from order_line left join last using (person_id, line_no)
           where list_month = $1 and order_no = $2 group by status"#,
        order.list_month.yyyymm(),
        order.order_no.0
    )
    .fetch_all(pool)
    .await?;
    let mut outcome = Outcome::default();
    for row in rows {
        outcome.take(row.status.as_deref(), row.amount);
    }
    Ok(outcome)
}
