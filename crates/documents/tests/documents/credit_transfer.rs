//! Messages to banks: valid by the schema, whole or refused.

use std::path::Path;
use std::process::Command;

use documents::credit_transfer::{CreditTransfers, Message, Transfer, TransferError};
use jiff::Timestamp;
use jiff::civil::date;
use kernel::Dong;

fn message(transfers: u64, amount: i64) -> Message {
    Message {
        id: "AS-7-0123456789abcdef".to_owned(),
        made_at: Timestamp::UNIX_EPOCH,
        transfers,
        amount: Dong(amount),
        debtor: "ỦY BAN NHÂN DÂN TỈNH QUẢNG NGÃI".to_owned(),
        debtor_account: "1000200030".to_owned(),
        debtor_bank: "970405".to_owned(),
        pay_on: date(2024, 5, 1),
    }
}

fn transfer(name: &str) -> Transfer<'_> {
    Transfer {
        id: "2024-05-12-1",
        amount: Dong(540_000),
        bank: "970436",
        account: "0011223344",
        name,
        on_behalf_of: None,
        purpose: "Trợ giúp xã hội tháng 05/2024",
    }
}

fn written(names: &[&str]) -> Result<String, TransferError> {
    let amount = 540_000 * names.len() as i64;
    let mut out = Vec::new();
    let mut transfers = CreditTransfers::begin(message(names.len() as u64, amount), &mut out)?;
    for name in names {
        transfers.transfer(&transfer(name))?;
    }
    transfers.finish()?;
    Ok(String::from_utf8(out).expect("UTF-8"))
}

/// What the schema has against a message.
fn faults(xml: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("message.xml");
    std::fs::write(&file, xml).expect("written");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/pain.001.001.09.xsd");
    let checked = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .args([&schema, &file])
        .output()
        .expect("xmllint is installed (script/setup)");
    if checked.status.success() {
        String::new()
    } else {
        String::from_utf8_lossy(&checked.stderr).into_owned()
    }
}

#[test]
fn a_message_is_valid_whatever_names_hold() {
    let names = ["Trần Thị Bưởi", "A & B <i>\"'\u{1}\u{b}", "Nguyễn Văn Ánh"];
    let xml = written(&names).expect("written");
    assert_eq!(faults(&xml), "");
    assert!(xml.contains("<CtrlSum>1620000</CtrlSum>"));
    assert!(xml.contains("<CtgyPurp><Cd>SSBE</Cd></CtgyPurp>"));
    assert!(xml.contains("<InstdAmt Ccy=\"VND\">540000</InstdAmt>"));
    // The schema does look.
    assert_ne!(faults(&xml.replace("TRF", "XYZ")), "");
    assert_ne!(faults(&xml.replace("Ccy=\"VND\"", "")), "");
}

#[test]
fn somebody_elses_account_names_the_person_too() {
    let mut out = Vec::new();
    let mut transfers = CreditTransfers::begin(message(1, 540_000), &mut out).expect("begun");
    let bank_without_number = "vietinbank_cũ";
    transfers
        .transfer(&Transfer {
            on_behalf_of: Some("Trần Thị Bưởi"),
            bank: bank_without_number,
            ..transfer("Trần Văn Ổi")
        })
        .expect("written");
    transfers.finish().expect("whole");
    let xml = String::from_utf8(out).expect("UTF-8");
    assert_eq!(faults(&xml), "");
    assert!(xml.contains("<UltmtCdtr><Nm>Trần Thị Bưởi</Nm></UltmtCdtr>"));
}

#[test]
fn a_message_that_is_not_whole_is_refused() {
    let mut out = Vec::new();
    let mut transfers = CreditTransfers::begin(message(2, 540_000), &mut out).expect("begun");
    transfers.transfer(&transfer("A")).expect("written");
    let refused = transfers.finish().expect_err("one is missing");
    assert_eq!(refused.code(), "transfers_do_not_add_up");
    let long = "x".repeat(141);
    assert_eq!(
        written(&[&long]).expect_err("refused").code(),
        "transfer_too_long"
    );
    assert!(written(&["ế".repeat(140).as_str()]).is_ok());
}
