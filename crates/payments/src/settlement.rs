//! Settling with providers: what was transferred, less what was paid and the fee, goes back.
//!
//! Decree 20/2021/NĐ-CP Art. 34.5: before the 20th the provider hands over the list of paid people,
//! the list of those not yet paid and the money that is left; the agency settles.

use std::collections::BTreeMap;

use kernel::{Actor, Dong, MonthSpan};
use serde::Serialize;

use crate::ledger::balance::Inside;
use crate::ledger::{Account, EntryKind, EntryNo, Place};
use crate::treasury::{self, Movement, begin, entry, finish, part};
use crate::{Office, Refused, Scope, provider};

/// What was settled, and is still to be settled, with one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its code.
    pub provider: String,
    /// Đồng transferred to it.
    pub transferred: Dong,
    /// Đồng it paid to people.
    pub paid: Dong,
    /// Đồng of fees it was paid.
    pub fee: Dong,
    /// Đồng of fees the contracts give it for what it paid, rounded to whole đồng.
    pub fee_due: Dong,
    /// Đồng it gave back.
    pub given_back: Dong,
    /// Đồng it could not pay and has not given back yet.
    pub to_give_back: Dong,
    /// Đồng it has and has said nothing about; below zero it paid more than it got.
    pub unaccounted: Dong,
}

impl Statement {
    /// Whether nothing is left to be done but the fee.
    pub fn balances(&self) -> bool {
        self.to_give_back.is_zero() && self.unaccounted.is_zero()
    }
}

/// A statement for each provider that had money of the months and area.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn statements(
    office: &Office<'_>,
    actor: &Actor,
    months: MonthSpan,
    area: &str,
) -> Result<Vec<Statement>, Refused> {
    let scope = Scope::of(area, months.to)?;
    access::require(actor, crate::show::READERS, &scope.area)?;
    let inside = Inside::of(&scope, months)?;
    let rows = sqlx::query!(
        r#"with inside as (
               select * from unnest($4::int[], $5::text[], $6::date[])
               as inside (list_month, area_code, area_valid_from))
           select posting.provider as "provider!", account, coalesce(taken.kind, e.kind) as "kind!",
                  sum(amount)::bigint as "amount!"
           from ledger_entry e join ledger_posting posting using (entry_no)
               left join ledger_entry taken on taken.entry_no = e.reverses
           where e.list_month between $1 and $2 and posting.provider is not null
             and ($3 or (e.list_month, posting.area_code, posting.area_valid_from)
                        in (select * from inside))
           group by 1, 2, 3"#,
        months.from.yyyymm(),
        months.to.yyyymm(),
        scope.is_country(),
        &inside.months,
        &inside.areas,
        &inside.since as _
    )
    .fetch_all(office.pool)
    .await?;
    let mut statements: BTreeMap<String, Statement> = BTreeMap::new();
    for row in rows {
        let statement = statements.entry(row.provider).or_default();
        let amount = Dong(row.amount);
        match Account::from_code(&row.account) {
            Some(Account::Paid) => statement.paid += amount,
            Some(Account::Fee) => statement.fee += amount,
            Some(Account::WithProvider) => {
                statement.unaccounted += amount;
                if row.kind == EntryKind::Transferred.code() {
                    statement.transferred += amount;
                }
            }
            Some(Account::Returned) => {
                statement.to_give_back += amount;
                if row.kind == EntryKind::GivenBack.code() {
                    statement.given_back += -amount;
                }
            }
            _ => {}
        }
    }
    for (provider, due) in fees_due(office, &inside, &scope, months).await? {
        statements.entry(provider).or_default().fee_due += due;
    }
    let named = |(provider, statement)| Statement {
        provider,
        ..statement
    };
    Ok(statements.into_iter().map(named).collect())
}

/// What contracts give for what was paid, by contract and month.
async fn fees_due(
    office: &Office<'_>,
    inside: &Inside,
    scope: &Scope,
    months: MonthSpan,
) -> Result<Vec<(String, Dong)>, Refused> {
    let rows = sqlx::query!(
        r#"with inside as (
               select * from unnest($4::int[], $5::text[], $6::date[])
               as inside (list_month, area_code, area_valid_from)),
           last as (
               select distinct on (list_month, person_id, line_no) list_month, person_id, line_no,
                      status
               from payment_result where list_month between $1 and $2
               order by list_month, person_id, line_no, result_no desc)
           select o.provider as "provider!",
                  (sum(ol.amount)::bigint * c.fee_basis_points + 5000) / 10000 as "due!"
           from last
               join order_line ol on ol.list_month = last.list_month
                   and ol.person_id = last.person_id and ol.line_no = last.line_no
               join payment_order o on o.order_no = ol.order_no
               join provider_contract c on c.contract_no = o.contract_no
               join list_line l on l.list_month = last.list_month
                   and l.person_id = last.person_id and l.line_no = last.line_no
           where status = 'paid'
             and ($3 or (l.list_month, l.area_code, l.area_valid_from)
                        in (select * from inside))
           group by o.provider, o.contract_no, c.fee_basis_points, l.list_month"#,
        months.from.yyyymm(),
        months.to.yyyymm(),
        scope.is_country(),
        &inside.months,
        &inside.areas,
        &inside.since as _
    )
    .fetch_all(office.pool)
    .await?;
    let rows = rows.into_iter();
    Ok(rows.map(|row| (row.provider, Dong(row.due))).collect())
}

/// Records that a provider gave back money of a list it could not pay.
///
/// # Errors
/// [`Refused::NotHeld`] when that is more than it reported as not paid; those of
/// [`treasury::transfer`].
pub async fn give_back(
    office: &Office<'_>,
    actor: &Actor,
    movement: &Movement<'_>,
    provider: &str,
) -> Result<EntryNo, Refused> {
    let held = |statement: &Statement| statement.to_give_back;
    let accounts = (Account::Budget, Account::Returned);
    settle(
        office,
        actor,
        movement,
        provider,
        (EntryKind::GivenBack, accounts, Some(held)),
    )
    .await
}

/// Where a provider's fee comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeFrom {
    /// Drawn with the list and paid by the agency.
    Treasury,
    /// Kept by the provider out of what was transferred to it.
    Provider,
}

/// Records that a provider was paid its fee for a list, or kept it.
///
/// # Errors
/// [`Refused::NotHeld`] when the provider has less than the fee it is to keep,
/// [`Refused::NotDrawn`] when less is left of what was drawn; those of [`treasury::transfer`].
pub async fn pay_fee(
    office: &Office<'_>,
    actor: &Actor,
    movement: &Movement<'_>,
    provider: &str,
    from: FeeFrom,
) -> Result<EntryNo, Refused> {
    let held = |statement: &Statement| statement.unaccounted;
    let (source, held) = match from {
        FeeFrom::Treasury => (Account::Treasury, None),
        FeeFrom::Provider => (Account::WithProvider, Some(held as fn(&Statement) -> Dong)),
    };
    let what = (EntryKind::FeePaid, (Account::Fee, source), held);
    settle(office, actor, movement, provider, what).await
}

/// How much of what a provider has may be moved.
type Held = fn(&Statement) -> Dong;

/// Moves money of a list from the second account to the first.
async fn settle(
    office: &Office<'_>,
    actor: &Actor,
    movement: &Movement<'_>,
    provider: &str,
    (kind, (to, from), held): (EntryKind, (Account, Account), Option<Held>),
) -> Result<EntryNo, Refused> {
    let mut tx = office.pool.begin().await?;
    let list = begin(office, actor, &mut tx, movement).await?;
    provider::find(&mut *tx, provider).await?;
    let asked = movement.amount;
    match held {
        Some(held) => {
            let month = MonthSpan {
                from: list.month,
                to: list.month,
            };
            let statements = statements(office, actor, month, &list.area).await?;
            let of = statements.iter().find(|it| it.provider == provider);
            let left = of.map_or(Dong::ZERO, held);
            if asked > left {
                return Err(Refused::NotHeld { asked, left });
            }
        }
        None => {
            let left = treasury::held(&mut tx, list.list_id).await?;
            if asked > left {
                return Err(Refused::NotDrawn { asked, left });
            }
        }
    }
    let place = Place::of(&list.area, list.month);
    let of = |account: Account| account.is_of_provider().then_some(provider);
    let postings = vec![
        part(to, of(to), &place, asked),
        part(from, of(from), &place, -asked),
    ];
    finish(office, actor, tx, &entry(kind, movement, &list, postings)).await
}
