//! Where provinces list what they hold of each dossier.

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock};
use serde_json::json;
use sqlx::PgPool;

use crate::Refused;
use crate::connection::{self, check_province};

/// Where the province lists its dossiers.
pub(super) async fn of(pool: &PgPool, province: &str) -> Result<Option<String>, Refused> {
    let url = sqlx::query_scalar!(
        "select url from exchange_address where province_code = $1 order by address_no desc limit 1",
        province
    )
    .fetch_optional(pool)
    .await?;
    Ok(url.flatten())
}

/// Records where a province lists its dossiers, or that it does nowhere any more.
///
/// # Errors
/// [`Refused::AddressMalformed`], [`Refused::UnknownProvince`], [`Refused::Denied`].
pub async fn record_address(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    url: Option<&str>,
) -> Result<(), Refused> {
    access::require(actor, &connection::SETTERS, province)?;
    check_province(province, clock.today())?;
    let url = url.map(|url| url.trim_end_matches('/'));
    if url.is_some_and(|url| !kernel::peer::is_address(url)) {
        return Err(Refused::AddressMalformed);
    }
    let (now, mut tx) = (clock.now(), pool.begin().await?);
    sqlx::query!(
        "insert into exchange_address (province_code, url, recorded_by, recorded_at)
         values ($1, $2, $3, $4)",
        province,
        url,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let (action, place) = (Action::ExchangeAddress, Some(province));
    let detail = json!({ "url": url });
    access::audit::record(&mut tx, now, actor, action, "address", place, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Provinces that list their dossiers somewhere and were not compared since a moment.
///
/// # Errors
/// Those of the database.
pub async fn due(pool: &PgPool, since: Timestamp) -> Result<Vec<String>, Refused> {
    let due = sqlx::query_scalar!(
        r#"select province_code from
               (select distinct on (province_code) province_code, url from exchange_address
                order by province_code, address_no desc) last
           where url is not null
             and not exists (select from exchange_comparison c
                             where c.province_code = last.province_code and source = 'address'
                               and begun_at >= $1)
           order by province_code"#,
        since.to_sqlx() as _
    )
    .fetch_all(pool)
    .await?;
    Ok(due)
}
