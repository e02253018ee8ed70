//! What stands in the way of closing a month.

use kernel::{Actor, Dong, Month, MonthSpan};
use serde::Serialize;
use sqlx::PgConnection;

use super::numbers;
use crate::ledger::Account;
use crate::ledger::balance::{self, Balance};
use crate::{Header, Office, Refused, Scope, header};

/// One reason why a month is not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// Stable code.
    pub code: &'static str,
    /// Whose, when it is a provider's.
    pub provider: Option<String>,
    /// How many lines, results or lists.
    pub count: i64,
    /// Đồng.
    pub amount: Dong,
    /// As a sentence.
    pub message: String,
}

impl Obstacle {
    fn new(code: &'static str, count: i64, amount: i64, message: String) -> Obstacle {
        Obstacle {
            code,
            provider: None,
            count,
            amount: Dong(amount),
            message,
        }
    }
}

/// Everything that stands in the way of closing a month of an area now; nothing, if it may be closed.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn obstacles(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Vec<Obstacle>, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, crate::show::READERS, &scope.area)?;
    let mut tx = office.pool.begin().await?;
    let lists = header::overlapping(&mut *tx, &scope).await?;
    find(&mut tx, &scope, &lists).await
}

pub(super) async fn find(
    tx: &mut PgConnection,
    scope: &Scope,
    lists: &[Header],
) -> Result<Vec<Obstacle>, Refused> {
    let mut found = Vec::new();
    of_lists(scope, lists, &mut found)?;
    of_lines(tx, scope, lists, &mut found).await?;
    of_queue(tx, scope, &mut found).await?;
    of_money(tx, scope, &mut found).await?;
    Ok(found)
}

fn of_lists(scope: &Scope, lists: &[Header], found: &mut Vec<Obstacle>) -> Result<(), Refused> {
    if lists.is_empty() {
        let message = "chưa có danh sách nào".to_owned();
        found.push(Obstacle::new("no_list", 0, 0, message));
    }
    let drafts = lists.iter().filter(|list| !list.is_approved());
    let (count, amount) = drafts.fold((0, 0), |(count, amount), list| {
        (count + 1, amount + list.payable.0)
    });
    if count > 0 {
        let message = format!("còn {count} danh sách chưa duyệt");
        found.push(Obstacle::new("draft_list", count, amount, message));
    }
    for list in lists {
        if !scope.covers(&list.scope()?) {
            let area = if list.area.is_empty() {
                "VN"
            } else {
                &list.area
            };
            let message = format!(
                "danh sách của địa bàn {area} rộng hơn địa bàn này: hãy khóa cả địa bàn đó"
            );
            found.push(Obstacle::new(
                "list_reaches_beyond",
                1,
                list.payable.0,
                message,
            ));
        }
    }
    Ok(())
}

async fn of_lines(
    tx: &mut PgConnection,
    scope: &Scope,
    lists: &[Header],
    found: &mut Vec<Obstacle>,
) -> Result<(), Refused> {
    let rows = sqlx::query!(
        r#"select provider as "provider?", count(*) as "lines!", sum(l.amount)::bigint as "amount!"
           from list_line l
               left join order_line ol on ol.list_month = l.list_month
                   and ol.person_id = l.person_id and ol.line_no = l.line_no
               left join payment_order o using (order_no)
           where l.list_month = $1 and l.list_id = any($2) and l.kind <> 3
             and not exists (
                 select from payment_result r
                 where r.person_id = l.person_id and r.list_month = l.list_month
                   and r.line_no = l.line_no)
           group by provider order by provider nulls first"#,
        scope.month.yyyymm(),
        &numbers(lists)
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        // Lines are written with the same points as đồng.
        let (lines, amount) = (Dong(row.lines), Dong(row.amount));
        let (code, message) = match &row.provider {
            None => (
                "not_ordered",
                format!("còn {lines} khoản, {amount} đồng chưa giao cho đơn vị chi trả nào"),
            ),
            Some(provider) => (
                "not_reported",
                format!("đơn vị {provider} chưa báo kết quả {lines} khoản, {amount} đồng"),
            ),
        };
        found.push(Obstacle {
            provider: row.provider,
            ..Obstacle::new(code, row.lines, amount.0, message)
        });
    }
    Ok(())
}

async fn of_queue(
    tx: &mut PgConnection,
    scope: &Scope,
    found: &mut Vec<Obstacle>,
) -> Result<(), Refused> {
    let codes: Vec<String> = scope.columns().map(|(codes, _)| codes).unwrap_or_default();
    let row = sqlx::query!(
        r#"select count(*) as "count!", coalesce(sum(amount), 0)::bigint as "amount!"
           from result_queue q
           where (list_month is null or list_month = $1)
             and ($2 or area_code = any($3) or area_code = $4)
             and not exists (select from result_resolution s where s.queue_no = q.queue_no)"#,
        scope.month.yyyymm(),
        scope.is_country(),
        &codes,
        scope.area
    )
    .fetch_one(tx)
    .await?;
    if row.count > 0 {
        let message = format!("còn {} kết quả chờ người xử lý", row.count);
        found.push(Obstacle::new(
            "results_waiting",
            row.count,
            row.amount,
            message,
        ));
    }
    Ok(())
}

/// Money that is neither with people nor given back.
async fn of_money(
    tx: &mut PgConnection,
    scope: &Scope,
    found: &mut Vec<Obstacle>,
) -> Result<(), Refused> {
    let month = MonthSpan {
        from: scope.month,
        to: scope.month,
    };
    for held in balance::read(tx, month, scope, None).await? {
        let Balance {
            account,
            provider,
            amount,
            ..
        } = held;
        let whose = provider.clone().unwrap_or_default();
        let (code, message) = match account {
            Account::Treasury => (
                "not_transferred",
                format!("tiền đã rút chưa chuyển hết: còn {amount} đồng"),
            ),
            Account::WithProvider => (
                "with_provider",
                format!("tiền ở đơn vị {whose} chưa khớp: còn {amount} đồng"),
            ),
            Account::Returned => (
                "not_given_back",
                format!("đơn vị {whose} chưa trả lại {amount} đồng không chi được"),
            ),
            Account::Budget | Account::Owed | Account::Recovery | Account::Paid | Account::Fee => {
                continue;
            }
        };
        found.push(Obstacle {
            provider,
            ..Obstacle::new(code, 0, amount.0, message)
        });
    }
    Ok(())
}
