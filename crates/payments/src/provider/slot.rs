//! Which contract holds for an area, a channel and a bank in a month: of those that cover the
//! month the one recorded last. The database keeps the rows of each as a chain that cannot fork.

use jiff_sqlx::ToSqlx;
use kernel::{Actor, Month};
use sqlx::PgConnection;

use crate::header::month_of;
use crate::{Office, Refused};

/// Area, channel and bank for which one contract holds at a time.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Slot {
    pub(crate) area: String,
    pub(crate) channel: i16,
    /// Empty is any.
    pub(crate) bank: String,
}

/// Something recorded of a slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded {
    slot_no: i64,
    from: Month,
    to: Option<Month>,
    /// None: nobody from then on.
    contract_no: Option<i64>,
}

impl Recorded {
    fn covers(&self, month: Month) -> bool {
        self.from <= month && self.to.is_none_or(|to| month <= to)
    }
}

/// Everything recorded of a slot, in order.
pub(crate) async fn history(tx: &mut PgConnection, slot: &Slot) -> Result<Vec<Recorded>, Refused> {
    let rows = sqlx::query!(
        r#"select slot_no, slot.from_month, slot.contract_no, to_month as "to_month?"
           from contract_slot slot left join provider_contract using (contract_no)
           where slot.area_code = $1 and slot.channel = $2 and slot.bank_code = $3
           order by slot_no"#,
        slot.area,
        slot.channel,
        slot.bank
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Recorded {
                slot_no: row.slot_no,
                from: month_of(row.from_month)?,
                to: row.to_month.map(month_of).transpose()?,
                contract_no: row.contract_no,
            })
        })
        .collect()
}

/// The contract that holds in a month.
pub(crate) fn holds_in(history: &[Recorded], month: Month) -> Option<i64> {
    let last = history.iter().rev().find(|row| row.covers(month));
    last?.contract_no
}

/// A contract that holds in any month from one on, through another or for good.
pub(crate) fn holds_within(history: &[Recorded], from: Month, to: Option<Month>) -> Option<i64> {
    let ends = history.iter().filter_map(|row| Some(row.to?.next()));
    let changes = history.iter().map(|row| row.from).chain(ends);
    let inside = |month: &Month| *month > from && to.is_none_or(|to| *month <= to);
    std::iter::once(from)
        .chain(changes.filter(inside))
        .find_map(|month| holds_in(history, month))
}

/// Holds off others who record contracts, until the transaction ends.
pub(crate) async fn lock(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table contract_slot in share row exclusive mode")
        .execute(tx)
        .await?;
    Ok(())
}

/// Lets a contract, or nobody, hold a slot from a month on.
pub(crate) async fn follow(
    office: &Office<'_>,
    actor: &Actor,
    tx: &mut PgConnection,
    slot: &Slot,
    from: Month,
    contract_no: Option<i64>,
) -> Result<(), Refused> {
    let last = history(&mut *tx, slot).await?.last().map(|row| row.slot_no);
    sqlx::query!(
        "insert into contract_slot (area_code, channel, bank_code, from_month, contract_no,
             replaces, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        slot.area,
        slot.channel,
        slot.bank,
        from.yyyymm(),
        contract_no,
        last,
        actor.name,
        office.clock.now().to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
