//! Making orders: every line of approved lists that can be ordered goes to one provider.

use std::collections::{BTreeMap, HashMap};

use access::audit::Action;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Dong, ListId, Month};
use registry::copy::CopyWriter;
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;

use super::candidate::{Candidates, NotOrdered};
use super::line::{Seal, append};
use super::target::Target;
use super::{Order, OrderNo, read_all};
use crate::office::hold_results;
use crate::provider::route::Routes;
use crate::{Header, Office, Refused, Scope, header};

/// What making orders came to.
#[derive(Clone, Debug)]
pub struct Ordered {
    /// The new orders, none when everything that can be ordered was.
    pub orders: Vec<Order>,
    /// What cannot be ordered, by reason.
    pub open: Vec<OpenSum>,
}

/// Lines that stay open for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OpenSum {
    /// Why.
    pub reason: NotOrdered,
    /// How many lines.
    pub lines: u64,
    /// Đồng.
    pub amount: Dong,
}

/// Advisory lock, with the month: orders of a month are made one after the other.
const ORDERS_OF_MONTH: i32 = 0x6f72_6472;

/// Makes orders of everything the approved lists of a month pay in an area that is in no order
/// yet: one order for each list and contract. One transaction. What cannot be ordered stays open
/// and is taken by a later call once mended; a call that finds nothing new changes nothing.
///
/// `pay_on` is the day the provider is asked to pay from; left out, the first of the month or
/// today if that is later.
///
/// # Errors
/// [`Refused::NoList`], [`Refused::NotApproved`] when no list of the area is approved,
/// [`Refused::PayDayPast`], [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn make(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
    pay_on: Option<Date>,
) -> Result<Ordered, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, &[Role::ListMaker], &scope.area)?;
    let today = office.clock.today();
    let pay_on = pay_on.unwrap_or_else(|| month.first_day().max(today));
    if pay_on < today {
        return Err(Refused::PayDayPast { day: pay_on });
    }
    let lists = approved(office, &scope).await?;
    let routes = Routes::of(office, month).await?;
    let mut tx = office.pool.begin().await?;
    lock(&mut tx, month).await?;
    // What has a result is not ordered: nobody reports on it before the order is made.
    hold_results(&mut tx).await?;
    let making = Making {
        office,
        actor,
        scope: &scope,
        pay_on,
        routes,
    };
    let numbers = making.number(&mut tx, &lists).await?;
    let (seals, open) = making.fill(&mut tx, &lists, &numbers).await?;
    seal(&mut tx, &numbers, &seals).await?;
    let made: Vec<i64> = seals.keys().map(|order| order.0).collect();
    let orders = read_all(&mut tx, &made).await?;
    if !orders.is_empty() {
        let amount: i64 = orders.iter().map(|order| order.amount.0).sum();
        let detail = json!({ "orders": made, "amount": amount, "pay_on": pay_on });
        let (now, action) = (office.clock.now(), Action::OrderMake);
        let (object, area) = (month.to_string(), Some(scope.area.as_str()));
        access::audit::record(&mut tx, now, actor, action, &object, area, detail).await?;
    }
    tx.commit().await?;
    Ok(Ordered { orders, open })
}

/// The approved lists that lie in the area or around it.
pub(crate) async fn approved(office: &Office<'_>, scope: &Scope) -> Result<Vec<Header>, Refused> {
    let all = header::overlapping(office.pool, scope).await?;
    let (month, area) = (scope.month, scope.area.clone());
    if all.is_empty() {
        return Err(Refused::NoList { month, area });
    }
    let approved: Vec<Header> = all.into_iter().filter(Header::is_approved).collect();
    if approved.is_empty() {
        return Err(Refused::NotApproved { month, area });
    }
    Ok(approved)
}

async fn lock(tx: &mut PgConnection, month: Month) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock($1, $2)",
        ORDERS_OF_MONTH,
        month.yyyymm()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The order of each list and contract.
type Numbers = HashMap<(ListId, i64), OrderNo>;

struct Making<'a> {
    office: &'a Office<'a>,
    actor: &'a Actor,
    scope: &'a Scope,
    pay_on: Date,
    routes: Routes,
}

impl Making<'_> {
    /// Numbers an order for every list and contract that could meet; those that do not are removed
    /// again when it is known.
    async fn number(&self, tx: &mut PgConnection, lists: &[Header]) -> Result<Numbers, Refused> {
        let (mut ids, mut contracts, mut providers) = (Vec::new(), Vec::new(), Vec::new());
        for list in lists {
            let there = list.scope()?;
            let both =
                |code: &str, since| there.holds(code, since) && self.scope.holds(code, since);
            for contract in self.routes.within(both) {
                ids.push(list.list_id.0);
                contracts.push(contract.contract_no);
                providers.push(contract.terms.provider.clone());
            }
        }
        let rows = sqlx::query!(
            r#"insert into payment_order (list_id, list_month, provider, contract_no, area_code,
                   pay_on, made_by, made_at)
               select list_id, $1, provider, contract_no, $2, $3, $4, $5
               from unnest($6::bigint[], $7::bigint[], $8::text[])
                    as pair (list_id, contract_no, provider)
               returning order_no, list_id, contract_no"#,
            self.scope.month.yyyymm(),
            self.scope.area,
            self.pay_on.to_sqlx() as _,
            self.actor.name,
            self.office.clock.now().to_sqlx() as _,
            &ids,
            &contracts,
            &providers
        )
        .fetch_all(tx)
        .await?;
        let numbers = rows.into_iter();
        Ok(numbers
            .map(|row| {
                let pair = (ListId(row.list_id), row.contract_no);
                (pair, OrderNo(row.order_no))
            })
            .collect())
    }

    /// Writes the lines, each into the order of its list and contract.
    async fn fill(
        &self,
        tx: &mut PgConnection,
        lists: &[Header],
        numbers: &Numbers,
    ) -> Result<(BTreeMap<OrderNo, Seal>, Vec<OpenSum>), Refused> {
        let month = self.scope.month;
        let lists: Vec<ListId> = lists.iter().map(|list| list.list_id).collect();
        let mut waiting = Candidates::of(self.office.pool, month, &lists).await?;
        let target = Target::prepare(tx, month).await?;
        let mut rows = CopyWriter::begin(tx, &target.copy_statement()).await?;
        let mut seals: BTreeMap<OrderNo, Seal> = BTreeMap::new();
        let mut open: BTreeMap<NotOrdered, OpenSum> = BTreeMap::new();
        while let Some(candidate) = waiting.next().await? {
            if !self.scope.holds(&candidate.commune.0, candidate.commune.1) {
                continue;
            }
            let (contract, line) = match candidate.judge(self.pay_on, &self.routes) {
                Ok(route) => route,
                Err(reason) => {
                    add(&mut open, reason, candidate.amount);
                    continue;
                }
            };
            let order = numbers
                .get(&(candidate.list, contract.contract_no))
                .copied()
                .ok_or_else(|| Refused::Inconsistent("a contract without an order".to_owned()))?;
            seals.entry(order).or_default().add(month, &line);
            append(&mut rows, month, order, &line).await?;
        }
        let lines = rows.finish().await?;
        target.put_in_place(tx, lines).await?;
        Ok((seals, open.into_values().collect()))
    }
}

pub(crate) fn add(open: &mut BTreeMap<NotOrdered, OpenSum>, reason: NotOrdered, amount: i64) {
    let sum = open.entry(reason).or_insert(OpenSum {
        reason,
        lines: 0,
        amount: Dong::ZERO,
    });
    sum.lines += 1;
    sum.amount += Dong(amount);
}

/// Sets the totals of the orders that have lines, and removes the others.
async fn seal(
    tx: &mut PgConnection,
    numbers: &Numbers,
    seals: &BTreeMap<OrderNo, Seal>,
) -> Result<(), Refused> {
    let unused: Vec<i64> = numbers
        .values()
        .filter(|order| !seals.contains_key(order))
        .map(|order| order.0)
        .collect();
    sqlx::query!(
        "delete from payment_order where order_no = any($1) and fingerprint is null",
        &unused
    )
    .execute(&mut *tx)
    .await?;
    let orders: Vec<i64> = seals.keys().map(|order| order.0).collect();
    let of = |field: fn(&Seal) -> i32| -> Vec<i32> { seals.values().map(field).collect() };
    let amounts: Vec<i64> = seals.values().map(|seal| seal.amount).collect();
    let prints: Vec<Vec<u8>> = seals.values().map(Seal::fingerprint).collect();
    let sealed = sqlx::query!(
        "update payment_order made
         set lines = done.lines, people = done.people, amount = done.amount,
             fingerprint = done.fingerprint
         from unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], $5::bytea[])
              as done (order_no, lines, people, amount, fingerprint)
         where made.order_no = done.order_no and made.fingerprint is null",
        &orders,
        &of(|seal| seal.lines),
        &of(|seal| seal.people),
        &amounts,
        &prints
    )
    .execute(tx)
    .await?;
    if sealed.rows_affected() != seals.len() as u64 {
        return Err(Refused::Inconsistent(format!(
            "{} of {} orders sealed",
            sealed.rows_affected(),
            seals.len()
        )));
    }
    Ok(())
}
