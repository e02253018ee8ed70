//! Credit transfers as a message to a bank: ISO 20022 `pain.001.001.09`.
//!
//! Written as it goes, so that memory does not grow with it. The category purpose is SSBE (social
//! security benefit). Amounts are whole đồng. One payment information block: everything is asked
//! for on one day.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Dong;
use kernel::clock::vietnam_time;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// The clearing system whose six-digit numbers name banks.
const CLEARING: &str = "NAPAS";
/// The longest name of a party.
const LONGEST_NAME: usize = 140;
/// The longest identification.
const LONGEST_ID: usize = 35;

/// The head of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Its identification: the same message sent again has the same one.
    pub id: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// How many transfers it holds.
    pub transfers: u64,
    /// Đồng of all of them.
    pub amount: Dong,
    /// Whose money it is.
    pub debtor: String,
    /// The account it is taken from.
    pub debtor_account: String,
    /// Number of the bank of that account.
    pub debtor_bank: String,
    /// The day asked for.
    pub pay_on: Date,
}

/// One transfer.
#[derive(Clone, Copy, Debug)]
pub struct Transfer<'a> {
    /// What results name it by: end to end identification.
    pub id: &'a str,
    /// Đồng, above zero.
    pub amount: Dong,
    /// Number of the receiver's bank.
    pub bank: &'a str,
    /// The receiver's account.
    pub account: &'a str,
    /// Name of whoever the account is of.
    pub name: &'a str,
    /// For whom, when that is somebody else.
    pub on_behalf_of: Option<&'a str>,
    /// What the receiver reads.
    pub purpose: &'a str,
}

/// The message could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The disk refused.
    #[error("không ghi được tệp lệnh chuyển tiền: {0}")]
    Write(#[from] io::Error),
    /// What was written is not what the head says.
    #[error(
        "lệnh chuyển tiền không khớp: phần đầu ghi {told_transfers} lệnh, {told_amount} đồng; đã ghi {transfers} lệnh, {amount} đồng"
    )]
    DoesNotAddUp {
        /// Transfers by the head.
        told_transfers: u64,
        /// Đồng by the head.
        told_amount: Dong,
        /// Transfers written.
        transfers: u64,
        /// Đồng written.
        amount: Dong,
    },
    /// A field longer than the message takes; which one.
    #[error("{0} dài hơn mẫu lệnh chuyển tiền cho phép")]
    TooLong(&'static str),
}

impl TransferError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            TransferError::Write(_) => "transfers_not_written",
            TransferError::DoesNotAddUp { .. } => "transfers_do_not_add_up",
            TransferError::TooLong(_) => "transfer_too_long",
        }
    }
}

/// Writes a message transfer by transfer.
pub struct CreditTransfers<W: Write> {
    xml: Writer<W>,
    message: Message,
    transfers: u64,
    amount: Dong,
}

impl<W: Write> CreditTransfers<W> {
    /// Writes everything above the transfers.
    ///
    /// # Errors
    /// When `out` refuses, or an identification or a name is too long.
    pub fn begin(message: Message, out: W) -> Result<Self, TransferError> {
        fits(&message.id, LONGEST_ID, "mã lệnh")?;
        fits(&message.debtor, LONGEST_NAME, "tên cơ quan")?;
        let mut xml = Writer::new(out);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let document = BytesStart::new("Document").with_attributes([("xmlns", NAMESPACE)]);
        xml.write_event(Event::Start(document))?;
        let mut transfers = CreditTransfers {
            xml,
            message,
            transfers: 0,
            amount: Dong::ZERO,
        };
        transfers.open("CstmrCdtTrfInitn")?;
        transfers.head()?;
        transfers.payment()?;
        Ok(transfers)
    }

    fn head(&mut self) -> io::Result<()> {
        let message = self.message.clone();
        let made_at = vietnam_time(message.made_at);
        self.open("GrpHdr")?;
        self.text("MsgId", &message.id)?;
        self.text(
            "CreDtTm",
            &made_at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        )?;
        self.text("NbOfTxs", &message.transfers.to_string())?;
        self.text("CtrlSum", &message.amount.value().to_string())?;
        self.party("InitgPty", &message.debtor)?;
        self.close("GrpHdr")
    }

    fn payment(&mut self) -> io::Result<()> {
        let message = self.message.clone();
        self.open("PmtInf")?;
        self.text("PmtInfId", &message.id)?;
        self.text("PmtMtd", "TRF")?;
        self.text("NbOfTxs", &message.transfers.to_string())?;
        self.text("CtrlSum", &message.amount.value().to_string())?;
        self.within("PmtTpInf", |xml| {
            xml.within("CtgyPurp", |xml| xml.text("Cd", "SSBE"))
        })?;
        self.within("ReqdExctnDt", |xml| {
            xml.text("Dt", &message.pay_on.to_string())
        })?;
        self.party("Dbtr", &message.debtor)?;
        self.account("DbtrAcct", &message.debtor_account)?;
        self.bank("DbtrAgt", &message.debtor_bank)?;
        // The fee is settled by contract; receivers get the whole amount.
        self.text("ChrgBr", "DEBT")
    }

    /// Writes one transfer.
    ///
    /// # Errors
    /// When `out` refuses, or a field is too long.
    pub fn transfer(&mut self, transfer: &Transfer<'_>) -> Result<(), TransferError> {
        fits(transfer.id, LONGEST_ID, "mã dòng")?;
        fits(transfer.name, LONGEST_NAME, "tên người nhận")?;
        fits(
            transfer.on_behalf_of.unwrap_or_default(),
            LONGEST_NAME,
            "họ tên",
        )?;
        self.transfers += 1;
        self.amount += transfer.amount;
        self.open("CdtTrfTxInf")?;
        self.within("PmtId", |xml| xml.text("EndToEndId", transfer.id))?;
        self.open("Amt")?;
        let amount = BytesStart::new("InstdAmt").with_attributes([("Ccy", "VND")]);
        self.xml.write_event(Event::Start(amount))?;
        let digits = transfer.amount.value().to_string();
        self.xml.write_event(Event::Text(BytesText::new(&digits)))?;
        self.close("InstdAmt")?;
        self.close("Amt")?;
        self.bank("CdtrAgt", transfer.bank)?;
        self.party("Cdtr", transfer.name)?;
        self.account("CdtrAcct", transfer.account)?;
        if let Some(person) = transfer.on_behalf_of {
            self.party("UltmtCdtr", person)?;
        }
        self.within("Purp", |xml| xml.text("Cd", "SSBE"))?;
        self.within("RmtInf", |xml| xml.text("Ustrd", transfer.purpose))?;
        self.close("CdtTrfTxInf")?;
        Ok(())
    }

    /// Ends the message.
    ///
    /// # Errors
    /// When `out` refuses, or other transfers were written than the head speaks of.
    pub fn finish(mut self) -> Result<(), TransferError> {
        let (told_transfers, told_amount) = (self.message.transfers, self.message.amount);
        if (told_transfers, told_amount) != (self.transfers, self.amount) {
            return Err(TransferError::DoesNotAddUp {
                told_transfers,
                told_amount,
                transfers: self.transfers,
                amount: self.amount,
            });
        }
        for element in ["PmtInf", "CstmrCdtTrfInitn", "Document"] {
            self.close(element)?;
        }
        let mut out = self.xml.into_inner();
        out.write_all(b"\n")?;
        out.flush()?;
        Ok(())
    }

    fn open(&mut self, element: &str) -> io::Result<()> {
        self.xml.write_event(Event::Start(BytesStart::new(element)))
    }

    fn close(&mut self, element: &str) -> io::Result<()> {
        self.xml.write_event(Event::End(BytesEnd::new(element)))
    }

    fn within(
        &mut self,
        element: &str,
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.open(element)?;
        inside(self)?;
        self.close(element)
    }

    /// An element of text. Characters XML cannot hold are left out.
    fn text(&mut self, element: &str, text: &str) -> io::Result<()> {
        let clean: String = text.chars().filter(|letter| !letter.is_control()).collect();
        self.open(element)?;
        self.xml.write_event(Event::Text(BytesText::new(&clean)))?;
        self.close(element)
    }

    fn party(&mut self, element: &str, name: &str) -> io::Result<()> {
        self.within(element, |xml| xml.text("Nm", name))
    }

    fn account(&mut self, element: &str, number: &str) -> io::Result<()> {
        self.within(element, |xml| {
            xml.within("Id", |xml| xml.within("Othr", |xml| xml.text("Id", number)))?;
            xml.text("Ccy", "VND")
        })
    }

    /// By its number in the clearing system; a bank that has none by its own code.
    fn bank(&mut self, element: &str, code: &str) -> io::Result<()> {
        let numbered = code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit());
        self.within(element, |xml| {
            xml.within("FinInstnId", |xml| {
                if !numbered {
                    return xml.within("Othr", |xml| xml.text("Id", code));
                }
                xml.within("ClrSysMmbId", |xml| {
                    xml.within("ClrSysId", |xml| xml.text("Prtry", CLEARING))?;
                    xml.text("MmbId", code)
                })
            })
        })
    }
}

fn fits(text: &str, most: usize, what: &'static str) -> Result<(), TransferError> {
    if text.chars().count() > most {
        return Err(TransferError::TooLong(what));
    }
    Ok(())
}
