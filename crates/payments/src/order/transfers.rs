//! An order as a message to a bank.

use std::io::Write;

use documents::credit_transfer::{CreditTransfers, Message, Transfer};
use documents::payment_list::ListPaper;
use kernel::Month;
use kernel::area::Areas;
use registry::event::Holder;

use super::file::FileError;
use super::{Order, OrderLine, lines};
use crate::{Office, provider, show};

/// Writes the message.
pub(super) async fn write<W: Write>(
    office: &Office<'_>,
    order: &Order,
    out: W,
) -> Result<(), FileError> {
    let bank = provider::find(office.pool, &order.provider).await?;
    let message = Message {
        id: message_id(order),
        made_at: order.made_at,
        transfers: order.lines.unsigned_abs().into(),
        amount: order.amount,
        debtor: debtor(&order.area, order.list_month),
        debtor_account: bank.account_number.unwrap_or_default(),
        debtor_bank: bank.bank_code.unwrap_or_default(),
        pay_on: order.pay_on,
    };
    let purpose = purpose(order.list_month);
    let mut transfers = CreditTransfers::begin(message, out)?;
    lines(office.pool, order, |line: OrderLine| {
        let name = show::line_name(order.list_month, line.person, line.line_no);
        let other = line.holder != Holder::Itself;
        transfers
            .transfer(&Transfer {
                id: &name,
                amount: kernel::Dong(line.amount),
                bank: line.bank_code.as_deref().unwrap_or_default(),
                account: line.account_number.as_deref().unwrap_or_default(),
                name: &line.payee_name,
                on_behalf_of: other.then_some(line.full_name.as_str()),
                purpose: &purpose,
            })
            .map_err(FileError::from)
    })
    .await?;
    transfers.finish()?;
    Ok(())
}

/// The same order is the same message; another of another installation has other lines.
pub(crate) fn message_id(order: &Order) -> String {
    let print = hex::encode(&order.fingerprint);
    format!("AS-{}-{}", order.order_no, &print[..16])
}

/// Whoever's list it is.
pub(crate) fn debtor(area: &str, month: Month) -> String {
    let found = Areas::embedded().on(area, month.first_day());
    found.map_or_else(
        || "CHI TRẢ TRỢ GIÚP XÃ HỘI".to_owned(),
        |area| ListPaper::agency_of(&area.full_name).join(" "),
    )
}

/// What every receiver reads; names no benefit.
pub(crate) fn purpose(month: Month) -> String {
    let (number, year) = (month.number(), month.year());
    format!("Trợ giúp xã hội tháng {number:02}/{year}")
}
