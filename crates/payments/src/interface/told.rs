//! What a provider's program says of a payment, as a result.

use g2p::disburse::{CURRENCY, read_amount};
use g2p::{DisbursementStatus, Progress};
use jiff::Timestamp;
use kernel::clock::vietnam_time;
use registry::Refusal;

use crate::results::{Arrival, Form, Reported, Status};

/// Everything said in a message, in the order in which it happened, whatever order it came in.
pub(super) fn arrivals(told: &[DisbursementStatus]) -> Vec<Arrival> {
    let mut dated: Vec<(Timestamp, Arrival)> = (1..)
        .zip(told)
        .map(|(row, status)| {
            let at: Option<Timestamp> = status.timestamp.parse().ok();
            let arrival = match at {
                Some(at) => arrival(row, status, at),
                None => Err(Refusal::new(row, "timestamp", "malformed", NO_TIME)),
            };
            let arrival = arrival.unwrap_or_else(Arrival::Refused);
            (at.unwrap_or(Timestamp::MIN), arrival)
        })
        .collect();
    dated.sort_by_key(|(at, _)| *at);
    dated.into_iter().map(|(_, arrival)| arrival).collect()
}

const NO_TIME: &str = "thời điểm không đúng dạng RFC 3339";

fn arrival(row: u64, told: &DisbursementStatus, at: Timestamp) -> Result<Arrival, Refusal> {
    let malformed = |field, why: &str| Refusal::new(row, field, "malformed", why);
    let status = match (told.status, told.instruction("result")) {
        (Progress::Rcvd | Progress::Pdng, _) => return Ok(Arrival::NotFinal),
        (Progress::Succ, None | Some("paid")) => Status::Paid,
        (Progress::Rjct, None | Some("failed")) => Status::Failed,
        (Progress::Rjct, Some("returned")) => Status::Returned,
        (Progress::Rjct, Some("not_collected")) => Status::NotCollected,
        _ => return Err(malformed("instruction", "result không hợp với status")),
    };
    if told
        .currency_code
        .as_deref()
        .is_some_and(|it| it != CURRENCY)
    {
        return Err(malformed("currency_code", "chỉ nhận VND"));
    }
    let amount = told.amount.as_deref().and_then(read_amount);
    let why = "cần số tiền là số đồng chẵn, ví dụ 360000.00";
    let amount = amount.ok_or_else(|| malformed("amount", why))?;
    let reason = match (status, told.instruction("reason")) {
        (Status::Paid, _) => None,
        (_, Some(reason)) => Some(reason),
        (_, None) => told.status_reason_code.as_deref().map(stable),
    };
    Ok(Arrival::Result {
        row,
        form: Form::G2p,
        reported: Reported {
            // Told again at another time it is the same for the line, which then changes nothing.
            result_id: format!("{}:{}:{}", told.reference_id, status.code(), at.as_second()),
            line: told.reference_id.clone(),
            status,
            date: vietnam_time(at).date(),
            reason: reason.map(str::to_owned),
            amount: amount.0,
        },
    })
}

/// Our code for a reason of the specification.
fn stable(code: &str) -> &str {
    match code {
        "rjct.payee_fa.invalid" => "account_unknown",
        "rjct.amount.invalid" | "rjct.currency_code.invalid" => "amount_wrong",
        "rjct.reference_id.duplicate" => "duplicate",
        "rjct.schedule_ts.invalid" | "rjct.timestamp.invalid" => "out_of_time",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: Progress, instruction: &str, amount: &str) -> DisbursementStatus {
        DisbursementStatus {
            reference_id: "2024-05-17-1".to_owned(),
            timestamp: "2024-05-08T23:30:00Z".to_owned(),
            status,
            status_reason_code: Some("rjct.payee_fa.invalid".to_owned()),
            instruction: Some(instruction.to_owned()).filter(|text| !text.is_empty()),
            amount: Some(amount.to_owned()),
            currency_code: None,
        }
    }

    fn one(told: &DisbursementStatus) -> Arrival {
        arrivals(std::slice::from_ref(told)).remove(0)
    }

    #[test]
    fn every_way_of_saying_what_became_of_a_payment() {
        for (progress, instruction, status, reason) in [
            (Progress::Succ, "", Status::Paid, None),
            (Progress::Rjct, "", Status::Failed, Some("account_unknown")),
            (
                Progress::Rjct,
                "result=returned; reason=deceased",
                Status::Returned,
                Some("deceased"),
            ),
            (
                Progress::Rjct,
                "result=not_collected;reason=absent",
                Status::NotCollected,
                Some("absent"),
            ),
        ] {
            let Arrival::Result { reported, .. } = one(&told(progress, instruction, "360000.00"))
            else {
                panic!("no result of {instruction}");
            };
            assert_eq!(reported.status, status);
            assert_eq!(reported.reason.as_deref(), reason);
            assert_eq!(reported.date.to_string(), "2024-05-09", "in Viet Nam");
            assert_eq!(reported.amount, 360_000);
        }
    }

    #[test]
    fn what_is_not_settled_or_makes_no_sense_is_no_result() {
        let pending = told(Progress::Pdng, "", "1.0");
        assert_eq!(one(&pending), Arrival::NotFinal);
        for bad in [
            told(Progress::Succ, "result=returned", "360000.00"),
            told(Progress::Succ, "", "360000.50"),
            told(Progress::Succ, "", "-360000.00"),
            told(Progress::Succ, "", "3e5"),
            DisbursementStatus {
                currency_code: Some("USD".to_owned()),
                ..told(Progress::Succ, "", "360000.00")
            },
            DisbursementStatus {
                timestamp: "hôm qua".to_owned(),
                ..told(Progress::Succ, "", "360000.00")
            },
        ] {
            assert!(matches!(one(&bad), Arrival::Refused(_)), "{bad:?}");
        }
    }
}
