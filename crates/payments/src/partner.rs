//! What people of a provider see and do: orders that were handed over to this provider, in the areas
//! of their roles, and what became of them. Any other order is not there for them.

use std::io::{Read, Seek};
use std::path::Path;

use access::Denied;
use kernel::actor::Role;
use kernel::{Actor, Month};

use crate::order::file::{self, FileError};
use crate::order::{Form, Handed, Order, OrderNo, read_all};
use crate::provider::{self, Provider};
use crate::results::lines::{self, Lines, Wanted};
use crate::results::{self, Imported, Outcome, Waited, waited};
use crate::{Office, Refused, Scope};

/// Who acts here.
const ROLE: [Role; 1] = [Role::Provider];

/// Whom somebody works for, and where.
struct Desk {
    provider: Provider,
    /// Codes of areas; `None` is everywhere.
    areas: Option<Vec<String>>,
}

async fn desk(office: &Office<'_>, actor: &Actor) -> Result<Desk, Refused> {
    if actor.areas_of(&ROLE).next().is_none() {
        access::require(actor, &ROLE, "")?;
    }
    let unbound = || Denied {
        who: actor.name.clone(),
        needed: Role::Provider.vietnamese().to_owned(),
        area: String::new(),
    };
    let code = access::provider::of(office.pool, &actor.name).await?;
    let code = code.ok_or_else(unbound)?;
    Ok(Desk {
        provider: provider::find(office.pool, &code).await?,
        areas: access::codes_held(actor, &ROLE),
    })
}

/// The provider somebody works for.
///
/// # Errors
/// [`Refused::Denied`] for whoever works for none.
pub async fn whose(office: &Office<'_>, actor: &Actor) -> Result<Provider, Refused> {
    Ok(desk(office, actor).await?.provider)
}

/// Orders that were handed over to the actor's provider, the newest first, of one month or of all,
/// from a place on; and how many there are.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn orders(
    office: &Office<'_>,
    actor: &Actor,
    month: Option<Month>,
    (offset, limit): (i64, i64),
) -> Result<(Vec<Order>, i64), Refused> {
    let desk = desk(office, actor).await?;
    let rows = sqlx::query!(
        r#"select order_no, count(*) over () as "count!" from payment_order o
           where provider = $1 and ($2 or area_code = any($3)) and fingerprint is not null
             and exists (select from order_sent s where s.order_no = o.order_no)
             and ($4::int is null or list_month = $4)
           order by order_no desc offset $5 limit $6"#,
        desk.provider.code,
        desk.areas.is_none(),
        desk.areas.as_deref().unwrap_or_default(),
        month.map(Month::yyyymm),
        offset,
        limit
    )
    .fetch_all(office.pool)
    .await?;
    let count = rows.first().map_or(0, |row| row.count);
    let numbers: Vec<i64> = rows.into_iter().map(|row| row.order_no).collect();
    let mut db = office.pool.acquire().await?;
    let mut orders = read_all(&mut db, &numbers).await?;
    orders.reverse();
    Ok((orders, count))
}

/// One of them.
///
/// # Errors
/// [`Refused::NoOrder`] for any other order, of whomever; [`Refused::Denied`].
pub async fn order(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
) -> Result<Order, Refused> {
    let desk = desk(office, actor).await?;
    let own = sqlx::query_scalar!(
        "select order_no from payment_order o
         where order_no = $1 and provider = $2 and ($3 or area_code = any($4))
           and exists (select from order_sent s where s.order_no = o.order_no)",
        order_no.0,
        desk.provider.code,
        desk.areas.is_none(),
        desk.areas.as_deref().unwrap_or_default()
    )
    .fetch_all(office.pool)
    .await?;
    let mut db = office.pool.acquire().await?;
    let order = read_all(&mut db, &own).await?.pop();
    order.ok_or(Refused::NoOrder { order_no })
}

/// Writes an order as the file that was handed over, the same bytes; logged like any other time.
///
/// # Errors
/// As [`order`]; [`FileError::NotItsForm`]; what the disk says.
pub async fn write(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
    form: Form,
    path: &Path,
) -> Result<Handed, FileError> {
    let order = order(office, actor, order_no).await?;
    file::write_found(office, actor, &order, form, path).await
}

/// What became of an order, and a page of its lines.
///
/// # Errors
/// As [`order`].
pub async fn told(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
    wanted: &Wanted<'_>,
) -> Result<(Order, Outcome, Lines), Refused> {
    let order = order(office, actor, order_no).await?;
    let outcome = lines::outcome_of(office.pool, &order).await?;
    let wanted = Wanted {
        order: Some(order_no),
        provider: None,
        ..*wanted
    };
    let scope = Scope::of("", order.list_month)?;
    let lines = lines::read(office.pool, &scope, &wanted).await?;
    Ok((order, outcome, lines))
}

/// Records a file of results of the actor's own provider, about lines ordered from it.
///
/// # Errors
/// As [`results::import_file`].
pub async fn import(
    office: &Office<'_>,
    actor: &Actor,
    input: impl Read + Seek + Send + 'static,
) -> Result<Imported, Refused> {
    let code = desk(office, actor).await?.provider.code;
    results::import_own_file(office, actor, &code, input).await
}

/// Results of the actor's provider that wait for an office to decide, or were decided, the newest
/// first, from a place on; and how many there are.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn waiting(
    office: &Office<'_>,
    actor: &Actor,
    span: (i64, i64),
) -> Result<(Vec<Waited>, i64), Refused> {
    let desk = desk(office, actor).await?;
    let areas = desk.areas.as_deref();
    waited::of_provider(office, &desk.provider.code, (areas, &actor.name), span).await
}
