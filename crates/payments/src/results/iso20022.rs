//! What banks answer in ISO 20022: a status for each payment (pain.002.001.12), and the entries of
//! an account (camt.053.001.08, camt.054.001.08). A payment is known by its EndToEndId, the name of
//! the line.

use std::io::BufRead;

use jiff::civil::Date;
use registry::Refusal;

use super::read::{Arrival, Form, Unreadable};
use super::xml::{Step, Xml};
use super::{Reported, Status, line_name, reason};

const PAIN_002: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12";
const CAMT_053: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
const CAMT_054: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";

/// Reads a message; `each` gets what it says of every payment, counted from 1.
pub(super) fn read(
    input: impl BufRead,
    each: &mut dyn FnMut(Arrival) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut xml = Xml::new(input);
    xml.step()?;
    match xml.namespace() {
        PAIN_002 => statuses(&mut xml, each),
        CAMT_053 => entries(&mut xml, Form::Camt053, each),
        CAMT_054 => entries(&mut xml, Form::Camt054, each),
        other => {
            let shown = other.chars().take(80).collect();
            Err(Unreadable::UnknownMessage { namespace: shown })
        }
    }
}

/// An amount as a message has it.
#[derive(Clone, Debug, Default)]
struct Amount {
    text: String,
    currency: String,
}

impl Amount {
    fn of<R: BufRead>(xml: &Xml<R>) -> Amount {
        Amount {
            text: xml.text().to_owned(),
            currency: xml.currency().unwrap_or_default().to_owned(),
        }
    }

    /// Whole đồng, more than none.
    fn dong(&self) -> Result<i64, (&'static str, &'static str)> {
        if self.currency != "VND" {
            return Err(("wrong_currency", "loại tiền không phải VND"));
        }
        let (whole, rest) = self.text.split_once('.').unwrap_or((&self.text, ""));
        if whole.starts_with('-') {
            return Err(("amount_not_positive", "số tiền phải lớn hơn 0"));
        }
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 15 || !is_digits(whole) || !is_digits(rest) {
            return Err(("malformed", "số tiền không đọc được"));
        }
        if rest.bytes().any(|digit| digit != b'0') {
            return Err(("amount_not_whole", "số tiền có phần lẻ của đồng"));
        }
        match whole.parse() {
            Ok(0) | Err(_) => Err(("amount_not_positive", "số tiền phải lớn hơn 0")),
            Ok(amount) => Ok(amount),
        }
    }
}

/// The day of a date or of a point in time.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

// pain.002 ----------------------------------------------------------------------------------------

/// One payment of a status report.
#[derive(Debug, Default)]
struct Transaction {
    end_to_end: String,
    status: String,
    reason: Option<String>,
    accepted: Option<Date>,
    amount: Option<Amount>,
}

fn statuses<R: BufRead>(
    xml: &mut Xml<R>,
    each: &mut dyn FnMut(Arrival) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let (mut created, mut of_group, mut of_payment) = (None, String::new(), String::new());
    let mut found = Transaction::default();
    let mut row = 0;
    loop {
        let step = xml.step()?;
        let inside = xml.path().strip_prefix("Document/CstmrPmtStsRpt/");
        match (step, inside) {
            (Step::End, _) => break,
            (Step::Open, Some("OrgnlPmtInfAndSts/TxInfAndSts")) => found = Transaction::default(),
            (Step::Close, Some("OrgnlPmtInfAndSts/TxInfAndSts")) => {
                row += 1;
                if found.status.is_empty() {
                    let whole = if of_payment.is_empty() {
                        &of_group
                    } else {
                        &of_payment
                    };
                    found.status.clone_from(whole);
                }
                each(status(row, &found, created))?;
            }
            (Step::Close, Some("GrpHdr/CreDtTm")) => created = day(xml.text()),
            (Step::Close, Some("OrgnlGrpInfAndSts/GrpSts")) => of_group = xml.text().to_owned(),
            (Step::Open, Some("OrgnlPmtInfAndSts")) => of_payment.clear(),
            (Step::Close, Some("OrgnlPmtInfAndSts/PmtInfSts")) => {
                of_payment = xml.text().to_owned()
            }
            (Step::Close, Some(path)) => {
                if let Some(field) = path.strip_prefix("OrgnlPmtInfAndSts/TxInfAndSts/") {
                    found.take(field, xml);
                }
            }
            _ => {}
        }
    }
    match row {
        0 => Err(Unreadable::NoLines),
        _ => Ok(()),
    }
}

impl Transaction {
    fn take<R: BufRead>(&mut self, field: &str, xml: &Xml<R>) {
        match field {
            "OrgnlEndToEndId" => self.end_to_end = xml.text().to_owned(),
            "TxSts" => self.status = xml.text().to_owned(),
            "StsRsnInf/Rsn/Cd" | "StsRsnInf/Rsn/Prtry" => {
                self.reason.get_or_insert_with(|| xml.text().to_owned());
            }
            "AccptncDtTm" => self.accepted = day(xml.text()),
            "OrgnlTxRef/Amt/InstdAmt" | "OrgnlTxRef/IntrBkSttlmAmt" => {
                self.amount.get_or_insert_with(|| Amount::of(xml));
            }
            _ => {}
        }
    }
}

/// What the status of a payment says: final ones are results, others are not yet.
fn status(row: u64, found: &Transaction, created: Option<Date>) -> Arrival {
    let refuse = |field: &'static str, (code, why): (&'static str, &'static str)| {
        Arrival::Refused(Refusal::new(row, field, code, why))
    };
    let status = match found.status.as_str() {
        // Settled with the account that pays, or with the one that receives.
        "ACSC" | "ACCC" => Status::Paid,
        "RJCT" | "CANC" => Status::Failed,
        "" => return refuse("TxSts", ("missing", "không có trạng thái")),
        _ => return Arrival::NotFinal,
    };
    if line_name(&found.end_to_end).is_none() {
        let why = "mã giao dịch không phải mã dòng của danh sách (dạng 2024-05-123-1)";
        return refuse("OrgnlEndToEndId", ("malformed", why));
    }
    let Some(date) = found.accepted.or(created) else {
        return refuse("AccptncDtTm", ("missing", "không có ngày"));
    };
    let Some(amount) = &found.amount else {
        return refuse(
            "OrgnlTxRef",
            ("missing", "không có số tiền (OrgnlTxRef/Amt)"),
        );
    };
    match amount.dong() {
        Err(what) => refuse("Amt", what),
        Ok(amount) => Arrival::Result {
            row,
            form: Form::Pain002,
            reported: Reported {
                result_id: format!("{}:{}", found.end_to_end, status.code()),
                line: found.end_to_end.clone(),
                status,
                date,
                reason: found
                    .reason
                    .as_deref()
                    .map(|it| reason::stable(it).to_owned()),
                amount,
            },
        },
    }
}

// camt.053, camt.054 ------------------------------------------------------------------------------

/// What an entry says for all its payments.
#[derive(Debug, Default)]
struct Entry {
    amount: Amount,
    is_credit: bool,
    is_reversal: bool,
    is_booked: bool,
    booked: Option<Date>,
    details: u64,
}

/// One payment of an entry.
#[derive(Debug, Default)]
struct Detail {
    end_to_end: String,
    reference: Option<String>,
    amount: Option<Amount>,
    is_credit: Option<bool>,
    /// It came back, perhaps saying why.
    returned: Option<Option<String>>,
}

fn entries<R: BufRead>(
    xml: &mut Xml<R>,
    form: Form,
    each: &mut dyn FnMut(Arrival) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let root = match form {
        Form::Camt053 => "Document/BkToCstmrStmt/Stmt/",
        _ => "Document/BkToCstmrDbtCdtNtfctn/Ntfctn/",
    };
    let (mut entry, mut detail) = (Entry::default(), Detail::default());
    let (mut row, mut is_account) = (0, false);
    loop {
        let step = xml.step()?;
        let inside = xml.path().strip_prefix(root);
        match (step, inside) {
            (Step::End, _) => break,
            (Step::Open, Some("Ntry")) => entry = Entry::default(),
            (Step::Open, Some("Ntry/NtryDtls/TxDtls")) => detail = Detail::default(),
            (Step::Open, Some("Ntry/NtryDtls/TxDtls/RtrInf")) => detail.returned = Some(None),
            (Step::Close, Some("Ntry/NtryDtls/TxDtls")) => {
                row += 1;
                entry.details += 1;
                each(movement(row, form, &entry, &detail))?;
            }
            // A batch without its payments, a fee: nothing is said about a line.
            (Step::Close, Some("Ntry")) if entry.details == 0 => {
                row += 1;
                each(Arrival::Unrelated)?;
            }
            (Step::Close, Some(path)) => {
                is_account |= path == "Acct";
                if let Some(field) = path.strip_prefix("Ntry/NtryDtls/TxDtls/") {
                    detail.take(field, xml);
                } else if let Some(field) = path.strip_prefix("Ntry/") {
                    entry.take(field, xml);
                }
            }
            _ => {}
        }
    }
    if is_account {
        Ok(())
    } else {
        Err(Unreadable::NoLines)
    }
}

impl Entry {
    fn take<R: BufRead>(&mut self, field: &str, xml: &Xml<R>) {
        match field {
            "Amt" => self.amount = Amount::of(xml),
            "CdtDbtInd" => self.is_credit = xml.text() == "CRDT",
            "RvslInd" => self.is_reversal = matches!(xml.text(), "true" | "1"),
            "Sts/Cd" => self.is_booked = xml.text() == "BOOK",
            "BookgDt/Dt" | "BookgDt/DtTm" => self.booked = day(xml.text()),
            "ValDt/Dt" | "ValDt/DtTm" => self.booked = self.booked.or_else(|| day(xml.text())),
            _ => {}
        }
    }
}

impl Detail {
    fn take<R: BufRead>(&mut self, field: &str, xml: &Xml<R>) {
        match field {
            "Refs/EndToEndId" => self.end_to_end = xml.text().to_owned(),
            "Refs/AcctSvcrRef" => self.reference = Some(xml.text().to_owned()),
            "Amt" | "AmtDtls/TxAmt/Amt" => {
                self.amount.get_or_insert_with(|| Amount::of(xml));
            }
            "CdtDbtInd" => self.is_credit = Some(xml.text() == "CRDT"),
            "RtrInf/Rsn/Cd" | "RtrInf/Rsn/Prtry" => {
                self.returned = Some(Some(xml.text().to_owned()));
            }
            _ => {}
        }
    }
}

/// What a booked payment says: money that left was paid, money that came back was returned.
fn movement(row: u64, form: Form, entry: &Entry, detail: &Detail) -> Arrival {
    let refuse = |field: &'static str, (code, why): (&'static str, &'static str)| {
        Arrival::Refused(Refusal::new(row, field, code, why))
    };
    if line_name(&detail.end_to_end).is_none() {
        return Arrival::Unrelated;
    }
    if !entry.is_booked {
        return Arrival::NotFinal;
    }
    let is_credit = detail.is_credit.unwrap_or(entry.is_credit);
    let status = match (is_credit, entry.is_reversal, &detail.returned) {
        (false, false, None) => Status::Paid,
        (true, false, Some(_)) | (true, true, _) => Status::Returned,
        _ => {
            let why = "khoản ghi không rõ là chi ra hay hoàn trả (CdtDbtInd, RvslInd, RtrInf)";
            return refuse("CdtDbtInd", ("direction_unclear", why));
        }
    };
    let Some(date) = entry.booked else {
        return refuse("BookgDt", ("missing", "không có ngày ghi sổ"));
    };
    // The amount of a batch is not that of a payment in it.
    let alone = (entry.details == 1).then_some(&entry.amount);
    let Some(amount) = detail.amount.as_ref().or(alone) else {
        return refuse("Amt", ("missing", "không có số tiền của giao dịch"));
    };
    let given = detail.returned.as_ref().and_then(Option::as_deref);
    match amount.dong() {
        Err(what) => refuse("Amt", what),
        Ok(amount) => Arrival::Result {
            row,
            form,
            reported: Reported {
                result_id: match &detail.reference {
                    Some(reference) => format!("{reference}:{}", status.code()),
                    None => format!("{}:{}", detail.end_to_end, status.code()),
                },
                line: detail.end_to_end.clone(),
                status,
                date,
                reason: given.map(|it| reason::stable(it).to_owned()),
                amount,
            },
        },
    }
}
