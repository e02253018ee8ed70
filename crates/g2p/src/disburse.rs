//! Bodies of messages about payments.

use kernel::Dong;
use serde::{Deserialize, Serialize};

/// The only currency.
pub const CURRENCY: &str = "VND";

/// `DisburseRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisburseRequest {
    /// The payer's name of the whole order.
    pub transaction_id: String,
    /// What is to be paid.
    pub disbursements: Vec<Disbursement>,
}

/// A payment asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disbursement {
    /// The payer's name of the payment: paid once, however often it is asked for.
    pub reference_id: String,
    /// The account it is paid from.
    pub payer_fa: String,
    /// The account it is paid to.
    pub payee_fa: String,
    /// Đồng, with two decimals that are nought.
    pub amount: String,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_timestamp: Option<String>,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_name: Option<String>,
    /// Who receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee_name: Option<String>,
    /// On the statement of whoever receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    /// ISO 639-3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// `RequestStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// Received.
    Rcvd,
    /// Begun.
    Pdng,
    /// Done.
    Succ,
    /// Not done.
    Rjct,
}

/// `DisburseResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisburseResponse {
    /// The payer's name of the whole order.
    pub transaction_id: String,
    /// How far each payment is.
    pub disbursements_status: Vec<DisbursementStatus>,
}

/// How far a payment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisbursementStatus {
    /// The payer's name of the payment.
    pub reference_id: String,
    /// Since when, RFC 3339.
    pub timestamp: String,
    /// How far.
    pub status: Progress,
    /// Why not, of the specification's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<String>,
    /// What the specification has no words for: `result=returned;reason=account_closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// Đồng, with one or two decimals that are nought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
}

impl DisbursementStatus {
    /// A value of the instruction by its name.
    pub fn instruction(&self, name: &str) -> Option<&str> {
        let all = self.instruction.as_deref()?.split(';');
        let mut pairs = all.filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(known, _)| known.trim() == name);
        found.map(|(_, value)| value.trim())
    }
}

/// `TxnStatusRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxnStatusRequest {
    /// The payer's name of this question.
    pub transaction_id: String,
    /// What is asked.
    pub txnstatus_request: StatusAsked,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusAsked {
    /// The payer's name of the question.
    pub reference_id: String,
    /// `disburse`.
    pub txn_type: String,
    /// `reference_id_list`, `transaction_id` or `correlation_id`.
    pub attribute_type: String,
    /// Which.
    pub attribute_value: Asked,
}

/// Payments by their names, or one name of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Asked {
    /// References.
    References(Vec<String>),
    /// A transaction or a correlation.
    Whole(String),
}

/// `TxnStatusResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxnStatusResponse {
    /// The payer's name of the question.
    pub transaction_id: String,
    /// The provider's name of what it answers.
    pub correlation_id: String,
    /// The answer.
    pub txnstatus_response: StatusTold,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusTold {
    /// `on-disburse`.
    pub txn_type: String,
    /// How far each payment is.
    pub txn_status: DisburseResponse,
}

/// An amount as the specification writes it.
pub fn write_amount(amount: Dong) -> String {
    format!("{}.00", amount.0)
}

/// An amount as the specification writes it, in whole đồng.
pub fn read_amount(text: &str) -> Option<Dong> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = (1..=13).contains(&whole.len())
        && digits(whole)
        && (1..=2).contains(&part.len())
        && part.bytes().all(|byte| byte == b'0');
    if sound {
        whole.parse().ok().map(Dong)
    } else {
        None
    }
}
