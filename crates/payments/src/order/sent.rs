//! Handing an order over: who, when, how, which file.

use std::collections::HashMap;

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::actor::Role;
use serde::{Serialize, Serializer};
use serde_json::json;
use sqlx::PgConnection;

use super::file::Handed;
use super::{Order, OrderNo, find};
use crate::provider::contract::Handover;
use crate::{Office, Refused};

/// One time an order was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How.
    pub how: Handover,
    /// The file.
    pub file_name: String,
    /// SHA-256 of the file.
    #[serde(serialize_with = "as_hex")]
    pub file_sha256: Vec<u8>,
    /// Anything worth remembering; never about a person.
    pub note: Option<String>,
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

/// Records that an order was handed over in a file. Again is recorded again and pays nothing twice:
/// the file names the same message and lines.
///
/// # Errors
/// [`Refused::NoOrder`], [`Refused::Denied`].
pub async fn send(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
    how: Handover,
    file: &Handed,
    note: Option<&str>,
) -> Result<(), Refused> {
    let order = find(office, actor, order_no).await?;
    access::require(actor, &[Role::ListMaker], &order.area)?;
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    let mut tx = office.pool.begin().await?;
    record(office, actor, &mut tx, &order, (how, file, note)).await?;
    tx.commit().await?;
    Ok(())
}

/// Records within a transaction that an order was handed over; the transaction ends soon after.
pub(crate) async fn record(
    office: &Office<'_>,
    actor: &Actor,
    tx: &mut PgConnection,
    order: &Order,
    (how, file, note): (Handover, &Handed, Option<&str>),
) -> Result<(), Refused> {
    let (now, order_no) = (office.clock.now(), order.order_no);
    sqlx::query!(
        "insert into order_sent (order_no, sent_by, sent_at, how, file_name, file_sha256, note)
         values ($1, $2, $3, $4, $5, $6, $7)",
        order_no.0,
        actor.name,
        now.to_sqlx() as _,
        how.code(),
        file.name,
        file.sha256,
        note
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({ "how": how, "file_sha256": hex::encode(&file.sha256),
        "times": order.sent.len() + 1 });
    let (object, area) = (order_no.to_string(), Some(order.area.as_str()));
    access::audit::record(tx, now, actor, Action::OrderSend, &object, area, detail).await?;
    Ok(())
}

/// Every time the orders were handed over.
pub(super) async fn of(
    db: &mut PgConnection,
    orders: &[i64],
) -> Result<HashMap<OrderNo, Vec<Sent>>, Refused> {
    let rows = sqlx::query!(
        r#"select order_no, sent_by, sent_at as "sent_at: jiff_sqlx::Timestamp", how, file_name,
                  file_sha256, note
           from order_sent where order_no = any($1) order by sent_no"#,
        orders
    )
    .fetch_all(db)
    .await?;
    let mut all: HashMap<OrderNo, Vec<Sent>> = HashMap::new();
    for row in rows {
        all.entry(OrderNo(row.order_no)).or_default().push(Sent {
            by: row.sent_by,
            at: row.sent_at.to_jiff(),
            how: Handover::from_code(&row.how)
                .ok_or_else(|| Refused::Inconsistent(format!("no way {}", row.how)))?,
            file_name: row.file_name,
            file_sha256: row.file_sha256,
            note: row.note,
        });
    }
    Ok(all)
}
