//! Orders to pay: lines of approved lists handed to a provider.
//!
//! A line goes to exactly one order, which the database demands. An order keeps whoever receives
//! the money as then known, so that it can be handed over again word for word: the same message,
//! the same names of lines, never paid twice.

mod candidate;
pub mod file;
mod line;
mod make;
mod open;
mod pay_points;
pub(crate) mod sent;
mod target;
pub(crate) mod transfers;

use std::fmt;
use std::str::FromStr;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::actor::Role;
use kernel::{Actor, Dong, ListId, Month, PartialDate, PersonId};
use registry::event::Holder;
use serde::{Serialize, Serializer};
use sqlx::{PgConnection, PgPool};

pub use candidate::NotOrdered;
pub use file::{Form, Handed};
pub use line::OrderLine;
pub use make::{OpenSum, Ordered, make};
pub use open::{OpenLine, Waiting, open};
pub use sent::{Sent, send};

use crate::header::month_of;
use crate::line::channel_of;
use crate::provider::ProviderKind;
use crate::provider::contract::Handover;
use crate::{Office, Refused, Scope, show};

/// Whoever works with orders sees whom they pay.
pub(crate) const WORKERS: [Role; 3] = [Role::Officer, Role::ListMaker, Role::Approver];

/// The number of an order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct OrderNo(pub i64);

impl fmt::Display for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OrderNo {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<OrderNo, Self::Err> {
        text.parse().map(OrderNo)
    }
}

/// An order without its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Its number.
    pub order_no: OrderNo,
    /// The list it pays of.
    pub list_id: ListId,
    /// The month of the list.
    pub list_month: Month,
    /// Code of the provider.
    pub provider: String,
    /// Its name.
    pub provider_name: String,
    /// What it is.
    pub kind: ProviderKind,
    /// The contract it is made under.
    pub contract_no: i64,
    /// How it is handed over, by that contract.
    pub handover: Handover,
    /// The area it was made for; empty is the whole country.
    pub area: String,
    /// The provider is asked to pay from this day on.
    pub pay_on: Date,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Lines.
    pub lines: i32,
    /// People with at least one line.
    pub people: i32,
    /// Đồng.
    pub amount: Dong,
    /// SHA-256 of the lines.
    #[serde(serialize_with = "as_hex")]
    pub fingerprint: Vec<u8>,
    /// Each time it was handed over, in order.
    pub sent: Vec<Sent>,
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

/// Orders of a month for an area or a part of it, or around it.
///
/// # Errors
/// [`Refused::UnknownArea`], [`Refused::Denied`].
pub async fn of_month(
    office: &Office<'_>,
    actor: &Actor,
    month: Month,
    area: &str,
) -> Result<Vec<Order>, Refused> {
    let scope = Scope::of(area, month)?;
    access::require(actor, show::READERS, &scope.area)?;
    let numbers = sqlx::query_scalar!(
        "select order_no from payment_order where list_month = $1 order by order_no",
        month.yyyymm()
    )
    .fetch_all(office.pool)
    .await?;
    let mut db = office.pool.acquire().await?;
    let mut found = Vec::new();
    for order in read_all(&mut db, &numbers).await? {
        if Scope::of(&order.area, month)?.overlaps(&scope) {
            found.push(order);
        }
    }
    Ok(found)
}

/// One order.
///
/// # Errors
/// [`Refused::NoOrder`], also for whoever may not read lists of its area.
pub async fn find(office: &Office<'_>, actor: &Actor, order_no: OrderNo) -> Result<Order, Refused> {
    let mut db = office.pool.acquire().await?;
    let order = read_all(&mut db, &[order_no.0]).await?.pop();
    let order = order.ok_or(Refused::NoOrder { order_no })?;
    access::require(actor, show::READERS, &order.area)?;
    Ok(order)
}

/// Orders by number, in order of number.
pub(crate) async fn read_all(
    db: &mut PgConnection,
    numbers: &[i64],
) -> Result<Vec<Order>, Refused> {
    let rows = sqlx::query!(
        r#"select order_no, list_id, list_month, made.provider, name, provider.kind, contract_no,
                  handover, made.area_code, pay_on as "pay_on: jiff_sqlx::Date", made_by,
                  made_at as "made_at: jiff_sqlx::Timestamp", lines, people, amount,
                  fingerprint as "fingerprint!"
           from payment_order made join provider on provider.code = made.provider
               join provider_contract using (contract_no)
           where order_no = any($1) and fingerprint is not null order by order_no"#,
        numbers
    )
    .fetch_all(&mut *db)
    .await?;
    let mut sent = sent::of(db, numbers).await?;
    rows.into_iter()
        .map(|row| {
            let order_no = OrderNo(row.order_no);
            Ok(Order {
                order_no,
                list_id: ListId(row.list_id),
                list_month: month_of(row.list_month)?,
                provider: row.provider,
                provider_name: row.name,
                kind: ProviderKind::from_code(&row.kind)
                    .ok_or_else(|| Refused::Inconsistent(format!("no kind {}", row.kind)))?,
                contract_no: row.contract_no,
                handover: Handover::from_code(&row.handover)
                    .ok_or_else(|| Refused::Inconsistent(format!("no way {}", row.handover)))?,
                area: row.area_code,
                pay_on: row.pay_on.to_jiff(),
                made_by: row.made_by,
                made_at: row.made_at.to_jiff(),
                lines: row.lines,
                people: row.people,
                amount: Dong(row.amount),
                fingerprint: row.fingerprint,
                sent: sent.remove(&order_no).unwrap_or_default(),
            })
        })
        .collect()
}

/// Hands every line of an order to `take`, by person, then number, and checks at the end that they
/// are the lines it was made with.
///
/// # Errors
/// [`Refused::Inconsistent`] when they are not, and the errors of `take`.
pub(crate) async fn lines<E: From<Refused>>(
    pool: &PgPool,
    order: &Order,
    mut take: impl FnMut(OrderLine) -> Result<(), E>,
) -> Result<(), E> {
    let mut rows = sqlx::query_as!(
        Stored,
        r#"select person_id, line_no, channel, amount, full_name,
                  birth_date as "birth_date: jiff_sqlx::Date", birth_precision, id_number, holder,
                  payee_name, payee_id_number, bank_code, account_number
           from order_line where order_no = $1 and list_month = $2
           order by person_id, line_no"#,
        order.order_no.0,
        order.list_month.yyyymm()
    )
    .fetch(pool);
    let mut seal = line::Seal::default();
    while let Some(row) = rows.try_next().await.map_err(Refused::from)? {
        let line = row.read()?;
        seal.add(order.list_month, &line);
        take(line)?;
    }
    if seal.fingerprint() != order.fingerprint {
        let what = format!(
            "order {} has other lines than it was made with",
            order.order_no
        );
        return Err(Refused::Inconsistent(what).into());
    }
    Ok(())
}

/// Lines of an order from one on, by person, then number.
///
/// # Errors
/// Those of the database.
pub(crate) async fn lines_from(
    pool: &PgPool,
    order: &Order,
    (person, line_no): (i64, i16),
    count: i64,
) -> Result<Vec<OrderLine>, Refused> {
    let rows = sqlx::query_as!(
        Stored,
        r#"select person_id, line_no, channel, amount, full_name,
                  birth_date as "birth_date: jiff_sqlx::Date", birth_precision, id_number, holder,
                  payee_name, payee_id_number, bank_code, account_number
           from order_line
           where order_no = $1 and list_month = $2 and (person_id, line_no) >= ($3, $4)
           order by person_id, line_no limit $5"#,
        order.order_no.0,
        order.list_month.yyyymm(),
        person,
        line_no,
        count
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Stored::read).collect()
}

/// A line as stored.
struct Stored {
    person_id: i64,
    line_no: i16,
    channel: i16,
    amount: i64,
    full_name: String,
    birth_date: jiff_sqlx::Date,
    birth_precision: String,
    id_number: Option<String>,
    holder: String,
    payee_name: String,
    payee_id_number: Option<String>,
    bank_code: Option<String>,
    account_number: Option<String>,
}

impl Stored {
    fn read(self) -> Result<OrderLine, Refused> {
        let unknown = |what: &str| Refused::Inconsistent(format!("an order line with {what}"));
        Ok(OrderLine {
            person: PersonId(self.person_id),
            line_no: self.line_no,
            channel: channel_of(self.channel).ok_or_else(|| unknown("no channel"))?,
            amount: self.amount,
            full_name: self.full_name,
            birth: PartialDate::from_parts(self.birth_date.to_jiff(), &self.birth_precision),
            id_number: self.id_number,
            holder: Holder::from_code(&self.holder).ok_or_else(|| unknown("no holder"))?,
            payee_name: self.payee_name,
            payee_id_number: self.payee_id_number,
            bank_code: self.bank_code,
            account_number: self.account_number,
        })
    }
}
