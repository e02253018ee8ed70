//! Codes of dossiers made here.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::area::{Area, Areas};
use sqlx::PgConnection;

/// The next code of a dossier submitted in a commune on a day: `H51.21175-240506-0001`, the
/// commune behind its province, the day, a number from 1. Whoever asks next for the same commune
/// and day waits until the transaction ends, so no number is lost when it is undone.
///
/// # Errors
/// Those of the database.
pub async fn next(tx: &mut PgConnection, area: &Area, day: Date) -> sqlx::Result<String> {
    let number = sqlx::query_scalar!(
        "insert into dossier_number (area_code, day, last) values ($1, $2, 1)
         on conflict (area_code, day) do update set last = dossier_number.last + 1
         returning last",
        area.code,
        day.to_sqlx() as _
    )
    .fetch_one(tx)
    .await?;
    let province = Areas::embedded().province_of(area).code;
    let short = day.strftime("%y%m%d");
    Ok(format!("H{province}.{}-{short}-{number:04}", area.code))
}
