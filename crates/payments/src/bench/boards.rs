//! A nation for measuring boards: months of approved lists, the last with results.

use kernel::Month;
use sqlx::AssertSqlSafe;

use super::{fill, month};
use crate::{Office, Refused, header};

/// Fills an empty practice database with so many people, the approved lists of so many months and
/// a result for nine in ten lines of the last of them, which is returned. One filled before stays
/// as it is.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database.
pub async fn prepare(
    office: &Office<'_>,
    people: i64,
    months: i32,
    progress: impl Fn(&str),
) -> Result<Month, Refused> {
    let last = month().previous();
    if !header::of_months(office.pool, last, last).await?.is_empty() {
        return Ok(last);
    }
    fill::people(office.pool, people, fill::Identity::Varied, &progress).await?;
    progress("Đang tính những gì đã được hưởng…");
    fill::listed(office).await?;
    for back in (1..=months).rev() {
        let list = month().plus(-back);
        progress(&format!("Đang ghi danh sách {list}…"));
        fill::approved_list(office, list).await?;
    }
    progress("Đang ghi kết quả chi trả…");
    let results = format!(
        "create index person_by_name_key on person (name_key, person_id);
         insert into payment_result (person_id, list_month, line_no, provider, result_id, status,
             happened_on, amount, recorded_by, recorded_at)
         select person_id, list_month, line_no, 'buu-dien', 'b' || person_id,
                case person_id % 10 when 0 then 'failed' when 1 then 'returned'
                     when 2 then 'not_collected' else 'paid' end,
                date '2024-04-20', amount, 'bench', timestamptz '2024-04-21T08:00:00+07:00'
         from list_line where list_month = {} and person_id % 10 <> 3
         order by person_id",
        last.yyyymm()
    );
    sqlx::raw_sql(AssertSqlSafe(results))
        .execute(office.pool)
        .await?;
    progress("Đang sắp xếp lại các bảng…");
    sqlx::raw_sql("vacuum analyze").execute(office.pool).await?;
    Ok(last)
}
