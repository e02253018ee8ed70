//! Balances: by area, provider and month, now or at any moment before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Dong, Month, MonthSpan};
use serde::Serialize;
use sqlx::PgExecutor;

use super::{Account, Place};
use crate::header::month_of;
use crate::results::outcome::part_of;
use crate::{Office, Refused, Scope, show};

/// What an account holds, of one month and provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The month of the lists.
    pub list_month: Month,
    /// Which account.
    pub account: Account,
    /// Whose, for the accounts of a provider.
    pub provider: Option<String>,
    /// Đồng; above zero is a debit.
    pub amount: Dong,
}

/// Balances of the months and the area, of all that was booked by `until` (everything, if none).
/// Accounts that hold nothing are left out. What an area around this one drew or transferred for
/// all of its parts together is not in it: only what was booked here or inside.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn balances(
    office: &Office<'_>,
    actor: &Actor,
    months: MonthSpan,
    area: &str,
    until: Option<Timestamp>,
) -> Result<Vec<Balance>, Refused> {
    let scope = Scope::of(area, months.to)?;
    access::require(actor, show::READERS, &scope.area)?;
    read(office.pool, months, &scope, until).await
}

/// The same for whoever has been let in.
pub(crate) async fn read(
    db: impl PgExecutor<'_>,
    months: MonthSpan,
    scope: &Scope,
    until: Option<Timestamp>,
) -> Result<Vec<Balance>, Refused> {
    let inside = Inside::of(scope, months)?;
    let rows = sqlx::query!(
        r#"with inside as (
               select * from unnest($4::int[], $5::text[], $6::date[])
               as inside (list_month, area_code, area_valid_from))
           select list_month, account, provider, sum(amount)::bigint as "amount!"
           from ledger_entry join ledger_posting posting using (entry_no)
           where list_month between $1 and $2
             and ($3 or (list_month, posting.area_code, posting.area_valid_from)
                        in (select * from inside))
             and ($7::timestamptz is null or at <= $7)
           group by list_month, account, provider having sum(amount) <> 0
           order by list_month, account, provider nulls first"#,
        months.from.yyyymm(),
        months.to.yyyymm(),
        scope.is_country(),
        &inside.months,
        &inside.areas,
        &inside.since as _,
        until.map(|until| until.to_sqlx()) as _
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Balance {
                list_month: month_of(row.list_month)?,
                account: Account::from_code(&row.account)
                    .ok_or_else(|| Refused::Inconsistent(format!("no account {}", row.account)))?,
                provider: row.provider,
                amount: Dong(row.amount),
            })
        })
        .collect()
}

/// What the accounts hold of one area.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AreaBalance {
    /// Its code; the area asked for itself is where its own draws and transfers stand.
    pub area: String,
    /// Its name.
    pub name: String,
    /// Đồng by account, those left out that hold nothing.
    pub accounts: BTreeMap<Account, Dong>,
}

/// Balances of the months by the areas directly inside, in order of code: they add up to
/// [`balances`].
///
/// # Errors
/// As [`balances`].
pub async fn by_area(
    office: &Office<'_>,
    actor: &Actor,
    months: MonthSpan,
    area: &str,
) -> Result<Vec<AreaBalance>, Refused> {
    let scope = Scope::of(area, months.to)?;
    access::require(actor, show::READERS, &scope.area)?;
    let inside = Inside::of(&scope, months)?;
    let rows = sqlx::query!(
        r#"with inside as (
               select * from unnest($4::int[], $5::text[], $6::date[])
               as inside (list_month, area_code, area_valid_from))
           select posting.area_code, posting.area_valid_from as "since: jiff_sqlx::Date", account,
                  sum(amount)::bigint as "amount!"
           from ledger_entry join ledger_posting posting using (entry_no)
           where list_month between $1 and $2
             and ($3 or (list_month, posting.area_code, posting.area_valid_from)
                        in (select * from inside))
           group by 1, 2, 3 having sum(amount) <> 0"#,
        months.from.yyyymm(),
        months.to.yyyymm(),
        scope.is_country(),
        &inside.months,
        &inside.areas,
        &inside.since as _
    )
    .fetch_all(office.pool)
    .await?;
    let mut areas: BTreeMap<String, AreaBalance> = BTreeMap::new();
    for row in rows {
        let account = Account::from_code(&row.account)
            .ok_or_else(|| Refused::Inconsistent(format!("no account {}", row.account)))?;
        let (code, name) = match part_of(&scope, &row.area_code, row.since.to_jiff()) {
            Some(area) => (area.code.to_owned(), area.full_name.clone()),
            None => (row.area_code, String::new()),
        };
        let found = areas.entry(code.clone()).or_insert_with(|| AreaBalance {
            area: code,
            name,
            accounts: BTreeMap::new(),
        });
        *found.accounts.entry(account).or_default() += Dong(row.amount);
    }
    for found in areas.values_mut() {
        found.accounts.retain(|_, amount| !amount.is_zero());
    }
    Ok(areas.into_values().collect())
}

/// What an account holds in all.
pub fn total(balances: &[Balance], account: Account) -> Dong {
    let of = balances.iter().filter(|balance| balance.account == account);
    of.map(|balance| balance.amount).sum()
}

/// Every area of every level that lies in the scope, month by month.
#[derive(Default)]
pub(crate) struct Inside {
    pub(crate) months: Vec<i32>,
    pub(crate) areas: Vec<String>,
    pub(crate) since: Vec<jiff_sqlx::Date>,
}

impl Inside {
    pub(crate) fn of(scope: &Scope, months: MonthSpan) -> Result<Inside, Refused> {
        let mut inside = Inside::default();
        if scope.is_country() {
            return Ok(inside);
        }
        for month in months.months() {
            // An area that was not there yet, or no longer, has nothing in that month.
            let Ok(then) = Scope::of(&scope.area, month) else {
                continue;
            };
            let (codes, since) = then.columns().unwrap_or_default();
            inside
                .months
                .resize(inside.months.len() + codes.len(), month.yyyymm());
            inside.areas.extend(codes);
            inside.since.extend(since);
            for place in higher(&then) {
                inside.months.push(month.yyyymm());
                inside.areas.push(place.area);
                inside.since.push(place.valid_from.to_sqlx());
            }
        }
        Ok(inside)
    }
}

/// The scope's own area, and the districts in it, when they are no communes.
fn higher(scope: &Scope) -> Vec<Place> {
    let areas = Areas::embedded();
    let day = scope.month.first_day();
    let mut all: Vec<Place> = vec![Place::of(&scope.area, scope.month)];
    let within = areas.children(&scope.area, day).into_iter();
    all.extend(within.filter(|area| !area.lowest).map(|area| Place {
        area: area.code.to_owned(),
        valid_from: area.valid_from,
    }));
    all.retain(|place| {
        areas
            .get(&place.area, place.valid_from)
            .is_some_and(|area| !area.lowest)
    });
    all
}
