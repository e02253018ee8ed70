//! A page of a month's lines, filtered and sorted: what a table on a screen shows.

use jiff_sqlx::Date as SqlDate;
use kernel::{Actor, Dong, Month};
use law::Benefit;
use sqlx::PgConnection;

use crate::header;
use crate::show::{LineRow, READERS};
use crate::{Header, LineKind, Office, Refused, Scope, ShownLine};

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By the person's number in the registry.
    #[default]
    Person,
    /// By name.
    Name,
    /// The largest amounts first, of equal ones the latest people.
    LargestFirst,
    /// The smallest first: recoveries lead.
    SmallestFirst,
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
    access::require(actor, READERS, &scope.area)?;
    let lists = header::overlapping(office.pool, &scope).await?;
    let from = Source::of(&scope, &lists)?;
    // With the values known, conditions that ask nothing fall away and an index may be used.
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let (count, amount) = match from.whole_lists(&lists, wanted) {
        Some(sums) => sums,
        None => sums(&mut tx, month, &from, wanted).await?,
    };
    let keys = keys(&mut tx, month, &from, wanted).await?;
    let lines = lines(&mut tx, month, &keys).await?;
    tx.commit().await?;
    Ok(Page {
        lines,
        count,
        amount,
    })
}

/// Where the lines come from: whole lists, or the communes of an area out of larger lists.
enum Source {
    Lists(Vec<i64>),
    Communes(Vec<String>, Vec<SqlDate>),
}

impl Source {
    fn of(scope: &Scope, lists: &[Header]) -> Result<Source, Refused> {
        for list in lists {
            if !scope.covers(&list.scope()?) {
                let (codes, since) = scope.columns().unwrap_or_default();
                return Ok(Source::Communes(codes, since));
            }
        }
        let ids = lists.iter().map(|list| list.list_id.0);
        Ok(Source::Lists(ids.collect()))
    }

    /// What the heads of whole lists say, when every line is wanted.
    fn whole_lists(&self, lists: &[Header], wanted: &Wanted) -> Option<(i64, Dong)> {
        let whole =
            matches!(self, Source::Lists(_)) && wanted.kind.is_none() && wanted.benefit.is_none();
        let count = lists.iter().map(|list| i64::from(list.lines)).sum();
        let amount = lists.iter().map(|list| list.payable + list.recoverable);
        whole.then(|| (count, amount.sum()))
    }

    fn lists(&self) -> Option<&[i64]> {
        match self {
            Source::Lists(lists) => Some(lists),
            Source::Communes(..) => None,
        }
    }

    fn codes(&self) -> Option<&[String]> {
        match self {
            Source::Lists(_) => None,
            Source::Communes(codes, _) => Some(codes),
        }
    }

    fn since(&self) -> Option<&[SqlDate]> {
        match self {
            Source::Lists(_) => None,
            Source::Communes(_, since) => Some(since),
        }
    }
}

async fn sums(
    tx: &mut PgConnection,
    month: Month,
    from: &Source,
    wanted: &Wanted,
) -> Result<(i64, Dong), Refused> {
    let all = sqlx::query!(
        r#"select count(*) as "count!", coalesce(sum(amount), 0)::bigint as "amount!"
           from list_line
           where list_month = $1
             and ($2::bigint[] is null or list_id = any($2))
             and ($3::text[] is null or area_code = any($3))
             and ($3::text[] is null
                  or (area_code, area_valid_from) in (select * from unnest($3, $4::date[])))
             and ($5::smallint is null or kind = $5)
             and ($6::smallint is null or benefit = $6)"#,
        month.yyyymm(),
        from.lists(),
        from.codes(),
        from.since() as _,
        wanted.kind.map(LineKind::number),
        wanted.benefit.map(Benefit::number)
    )
    .fetch_one(tx)
    .await?;
    Ok((all.count, Dong(all.amount)))
}

/// What names a line within its month.
struct Key {
    person_id: i64,
    line_no: i16,
}

/// The lines of the page, each order by the index made for it.
async fn keys(
    tx: &mut PgConnection,
    month: Month,
    from: &Source,
    wanted: &Wanted,
) -> sqlx::Result<Vec<Key>> {
    macro_rules! in_order {
        ($tables:literal, $order:literal) => {
            sqlx::query_as!(
                Key,
                "select person_id, line_no from "
                    + $tables
                    + " where list_month = $1
                       and ($2::bigint[] is null or list_id = any($2))
                       and ($3::text[] is null or list_line.area_code = any($3))
                       and ($3::text[] is null
                            or (list_line.area_code, list_line.area_valid_from)
                               in (select * from unnest($3, $4::date[])))
                       and ($5::smallint is null or kind = $5)
                       and ($6::smallint is null or benefit = $6)
                       order by "
                    + $order
                    + " offset $7 limit $8",
                month.yyyymm(),
                from.lists(),
                from.codes(),
                from.since() as _,
                wanted.kind.map(LineKind::number),
                wanted.benefit.map(Benefit::number),
                wanted.offset,
                wanted.limit
            )
            .fetch_all(tx)
            .await
        };
    }
    match wanted.order {
        Order::Person => in_order!("list_line", "person_id, line_no"),
        Order::Name => in_order!(
            "list_line join person using (person_id)",
            "name_key, person_id, line_no"
        ),
        Order::SmallestFirst => in_order!("list_line", "amount, person_id, line_no"),
        Order::LargestFirst => {
            in_order!("list_line", "amount desc, person_id desc, line_no desc")
        }
    }
}

/// The lines with these keys, in their order.
async fn lines(
    tx: &mut PgConnection,
    month: Month,
    keys: &[Key],
) -> Result<Vec<ShownLine>, Refused> {
    let people: Vec<i64> = keys.iter().map(|key| key.person_id).collect();
    let numbers: Vec<i16> = keys.iter().map(|key| key.line_no).collect();
    let rows = sqlx::query_as!(
        LineRow,
        r#"select person_id, person_key, list_line.line_no, list_id, benefit, kind, for_month,
                  amount, coefficient, standard, channel, reason, list_line.area_code,
                  list_line.area_valid_from as "area_valid_from: jiff_sqlx::Date"
           from unnest($2::bigint[], $3::smallint[]) with ordinality as wanted (whose, number, place)
           join list_line on list_month = $1 and person_id = whose and line_no = number
           join person using (person_id)
           order by place"#,
        month.yyyymm(),
        &people,
        &numbers
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| row.shown(month)).collect()
}
