//! What a row says of who receives the money.

use kernel::Bank;

use super::Reader;
use crate::event::{Channel, Holder, MAX_KEY, MAX_TEXT, PayeeChoice};
use crate::import::column::Column;
use crate::import::vocabulary;

impl Reader<'_, '_, '_> {
    pub(super) fn payee(&mut self) -> Option<PayeeChoice> {
        let channel = self.word(
            Column::Channel,
            "unknown_channel",
            "hình thức nhận phải là Tài khoản, Ví điện tử, Tiền di động, Bưu điện hoặc Tại nhà",
            vocabulary::channel,
        );
        let holder = self.word(
            Column::Holder,
            "unknown_holder",
            "chủ tài khoản phải là Bản thân, Người giám hộ hoặc Người được ủy quyền",
            vocabulary::holder,
        );
        let holder_name = self.text(Column::HolderName, MAX_TEXT);
        let account_number = self.code(Column::AccountNumber);
        let provider = self.text(Column::Provider, MAX_KEY);
        let channel = channel?;
        let holder = holder.unwrap_or(Holder::Itself);
        if holder != Holder::Itself && holder_name.is_none() {
            self.missing(Column::HolderName);
        }
        if channel == Channel::Account {
            for column in [Column::Provider, Column::AccountNumber] {
                if self.cell(column).is_empty() {
                    self.missing(column);
                }
            }
        }
        Some(PayeeChoice {
            channel,
            holder,
            holder_name,
            holder_id_number: None,
            provider: provider.and_then(|name| self.provider(channel, name)),
            account_number,
            authorised_until: None,
        })
    }

    /// Banks are known by their numbers; wallets that are no bank keep the name written.
    fn provider(&mut self, channel: Channel, name: String) -> Option<String> {
        match Bank::find(&name) {
            Some(bank) => Some(bank.provider_code().to_owned()),
            None if channel == Channel::Account => {
                let why = "không có ngân hàng này: ghi tên viết tắt hoặc mã 6 chữ số";
                self.fault(Column::Provider, "unknown_bank", why);
                None
            }
            None => Some(name),
        }
    }
}
