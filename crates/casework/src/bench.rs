//! Invented dossiers by the hundred thousand, to measure the queue with.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

/// Puts so many dossiers into the communes of an empty database, so many in a hundred not ended, the others with
/// their results handed over. Their steps are only as many as the queue needs.
///
/// # Errors
/// Those of the database.
pub async fn fill(
    pool: &PgPool,
    now: Timestamp,
    (dossiers, open): (i64, i64),
    communes: &[(&str, Date)],
) -> sqlx::Result<()> {
    let codes: Vec<String> = communes
        .iter()
        .map(|(code, _)| (*code).to_owned())
        .collect();
    let since: Vec<jiff_sqlx::Date> = communes.iter().map(|(_, since)| since.to_sqlx()).collect();
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into dossier (dossier_id, code, procedure_code, area_code, area_valid_from, province_code,
             channel, origin, submitted_on, applicant, applicant_key, applicant_order, papers,
             papers_missing, recorded_by, recorded_at)
         select n, 'BENCH-' || lpad(n::text, 8, '0'), '1.001776', ($2::text[])[at], ($3::date[])[at],
                '51', 1, case when n % 3 = 0 then 'one_stop' else 'counter' end,
                ($4::timestamptz at time zone 'Asia/Ho_Chi_Minh')::date - (n % 12)::integer,
                'Người Thử ' || n, 'nguoi thu ' || n, 'thu ' || n, 1, 0, 'bench', $4
         from generate_series(1, $1::bigint) n,
              lateral (select 1 + (n % cardinality($2::text[]))::integer as at) place",
        dossiers,
        &codes,
        &since as _,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into dossier_step (dossier_id, seq, event_id, content, kind, happened_at, day, told_by, online,
             body, status, regime, stage, due_on, desk, holder, recorded_by, recorded_at)
         select dossier_id, 1, gen_random_uuid(), '', 'submitted', $1, submitted_on, 'office', true, '{}',
                case when ended then 10 when dossier_id % 70 = 0 then 1 else 4 end, 'd335',
                case when not ended then 'decision' end,
                case when not ended then submitted_on + 9 end,
                case when ended then null when dossier_id % 70 = 0 then 'clerk' else 'officer' end,
                case when not ended and dossier_id % 20 = 0 then 'can.bo' end, 'bench', $1
         from dossier, lateral (select dossier_id % 100 >= $2 as ended) it",
        now.to_sqlx() as _,
        open
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut db = pool.acquire().await?;
    sqlx::query!("vacuum analyze dossier_state")
        .execute(&mut *db)
        .await?;
    Ok(())
}
