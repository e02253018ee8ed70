//! The messages of an order: a part of its lines each, the same bytes whenever they are written.

use g2p::disburse::{Asked, CURRENCY, StatusAsked, write_amount};
use g2p::{Disbursement, Header, TxnStatusRequest, VERSION};
use jiff::Timestamp;
use kernel::Dong;
use registry::event::Holder;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Link;
use crate::order::transfers::{debtor, message_id, purpose};
use crate::order::{Order, OrderLine};
use crate::provider::Provider;
use crate::{Channel, Refused, show};

/// Letters a note may have.
const LONGEST_NOTE: usize = 99;
/// Vietnamese, in ISO 639-3.
const LANGUAGE: &str = "vie";
/// The action of a request.
pub(super) const DISBURSE: &str = "disburse";
/// The action of an answer to it, and of asking for one.
pub(super) const ON_DISBURSE: &str = "on-disburse";

/// A message before it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) header: String,
    pub(super) message: String,
}

impl Written {
    /// By which the same message is known again.
    pub(super) fn digest(&self) -> [u8; 32] {
        g2p::envelope::digest(&self.header, &self.message)
    }
}

/// What an order is called in every message about it.
pub(super) fn transaction_id(order: &Order) -> String {
    message_id(order)
}

/// What every message of an order is written with.
pub(super) struct Writing<'a> {
    pub(super) order: &'a Order,
    pub(super) provider: &'a Provider,
    pub(super) link: &'a Link,
}

impl Writing<'_> {
    /// The request to pay some lines. The lines name no benefit.
    pub(super) fn request(
        &self,
        (message_id, made_at): (&str, Timestamp),
        lines: &[OrderLine],
    ) -> Result<Written, Refused> {
        let payments = lines.iter().map(|line| self.payment(line)).collect();
        let request = g2p::DisburseRequest {
            transaction_id: transaction_id(self.order),
            disbursements: payments,
        };
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let head = (message_id, made_at, DISBURSE, count);
        self.written(head, "/on-disburse", &request)
    }

    /// The question what became of some payments. The same question at the same time is the same
    /// message.
    pub(super) fn question(
        &self,
        references: Vec<String>,
        now: Timestamp,
    ) -> Result<Written, Refused> {
        let print = hex::encode(Sha256::digest(references.join("\n")));
        let id = format!(
            "{}-hoi-{}-{}",
            transaction_id(self.order),
            now.as_second(),
            &print[..16]
        );
        let question = TxnStatusRequest {
            transaction_id: transaction_id(self.order),
            txnstatus_request: StatusAsked {
                reference_id: id.clone(),
                txn_type: DISBURSE.to_owned(),
                attribute_type: "reference_id_list".to_owned(),
                attribute_value: Asked::References(references),
            },
        };
        let head = (id.as_str(), now, ON_DISBURSE, 1);
        self.written(head, "/disburse/txn/on-status", &question)
    }

    fn written(
        &self,
        (message_id, message_ts, action, total_count): (&str, Timestamp, &str, u32),
        answers: &str,
        message: &impl Serialize,
    ) -> Result<Written, Refused> {
        let header = Header {
            version: VERSION.to_owned(),
            message_id: message_id.to_owned(),
            message_ts,
            action: action.to_owned(),
            sender_id: self.link.our_id.clone(),
            sender_uri: Some(format!("{}{answers}", self.link.our_url)),
            receiver_id: Some(self.provider.code.clone()),
            total_count,
            is_msg_encrypted: false,
        };
        let json = |error: serde_json::Error| Refused::Inconsistent(error.to_string());
        Ok(Written {
            header: serde_json::to_string(&header).map_err(json)?,
            message: serde_json::to_string(message).map_err(json)?,
        })
    }

    fn payment(&self, line: &OrderLine) -> Disbursement {
        let month = self.order.list_month;
        let note = match line.holder {
            Holder::Itself => purpose(month),
            _ => format!("{} của {}", purpose(month), line.full_name),
        };
        Disbursement {
            reference_id: show::line_name(month, line.person, line.line_no),
            payer_fa: self.payer(),
            payee_fa: self.payee(line),
            amount: write_amount(Dong(line.amount)),
            scheduled_timestamp: Some(format!("{}T00:00:00+07:00", self.order.pay_on)),
            payer_name: Some(debtor(&self.order.area, month)),
            payee_name: Some(line.payee_name.clone()),
            note: Some(note.chars().take(LONGEST_NOTE).collect()),
            purpose: Some(purpose(month)),
            currency_code: Some(CURRENCY.to_owned()),
            locale: Some(LANGUAGE.to_owned()),
        }
    }

    /// The account the provider pays from; without one, what the provider knows us by.
    fn payer(&self) -> String {
        let provider = self.provider;
        match (&provider.account_number, &provider.bank_code) {
            (Some(account), Some(bank)) => format!("account:{account}@{bank}"),
            _ => format!("{}@{}", self.link.our_id, provider.code),
        }
    }

    fn payee(&self, line: &OrderLine) -> String {
        let kind = match line.channel {
            Channel::EWallet => "wallet",
            Channel::MobileMoney => "mobile",
            _ => "account",
        };
        let number = line.account_number.as_deref().unwrap_or_default();
        let at = line.bank_code.as_deref().unwrap_or(&self.provider.code);
        format!("{kind}:{number}@{at}")
    }
}
