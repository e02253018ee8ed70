//! Files of providers: what good ones say, and how bad ones are refused.

use std::io::Cursor;

use payments::results::{Arrival, Reported, Status, Unreadable, form, read};
use proptest::prelude::*;

/// Everything a file says.
fn say(file: &[u8]) -> Result<Vec<Arrival>, Unreadable> {
    let mut said = Vec::new();
    read::read(Cursor::new(file), &mut |arrival| {
        said.push(arrival);
        Ok(())
    })?;
    Ok(said)
}

/// `form line status day reason amount`, or the code of a refusal, or what else it is.
fn told(file: &str) -> Vec<String> {
    let said = say(file.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    said.into_iter().map(short).collect()
}

fn short(arrival: Arrival) -> String {
    match arrival {
        Arrival::Result { form, reported, .. } => {
            let Reported {
                line,
                status,
                date,
                reason,
                amount,
                ..
            } = reported;
            let (form, status) = (form.code(), status.code());
            let reason = reason.unwrap_or_else(|| "-".to_owned());
            format!("{form} {line} {status} {date} {reason} {amount}")
        }
        Arrival::Refused(refusal) => format!("{} {}", refusal.row, refusal.code),
        Arrival::NotFinal => "not final".to_owned(),
        Arrival::Unrelated => "unrelated".to_owned(),
    }
}

fn refused(file: &[u8]) -> (&'static str, String) {
    let error = say(file).expect_err("refused");
    (error.code(), error.to_string())
}

const PAIN: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12";

fn pain(transactions: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{PAIN}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>TL-1</MsgId><CreDtTm>2024-05-09T10:00:00+07:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>L-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>L-1-1</OrgnlPmtInfId>{transactions}</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>"#
    )
}

fn payment(line: &str, status: &str, reason: &str, currency: &str, amount: &str) -> String {
    let reason = match reason {
        "" => String::new(),
        code => format!("<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"),
    };
    format!(
        r#"<TxInfAndSts><OrgnlEndToEndId>{line}</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}
<AccptncDtTm>2024-05-08T09:30:00+07:00</AccptncDtTm>
<OrgnlTxRef><Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>"#
    )
}

#[test]
fn a_status_report_says_what_became_of_each_payment() {
    let file = pain(
        &[
            payment("2024-05-1-1", "ACSC", "", "VND", "540000"),
            payment("2024-05-2-1", "RJCT", "AC04", "VND", "360000.00"),
            payment("2024-05-3-1", "RJCT", "MD07", "VND", "360000"),
            payment("2024-05-4-1", "PDNG", "", "VND", "360000"),
            payment("2024-05-5-1", "RJCT", "ZZ99", "VND", "360000"),
        ]
        .concat(),
    );
    assert_eq!(
        told(&file),
        [
            "pain.002 2024-05-1-1 paid 2024-05-08 - 540000",
            "pain.002 2024-05-2-1 failed 2024-05-08 account_closed 360000",
            "pain.002 2024-05-3-1 failed 2024-05-08 deceased 360000",
            "not final",
            "pain.002 2024-05-5-1 failed 2024-05-08 ZZ99 360000",
        ]
    );
    let prefixed = file
        .replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "\u{feff}")
        .replace("</", "</p:")
        .replace('<', "<p:")
        .replace("<p:/p:", "</p:")
        .replace("xmlns=", "xmlns:p=");
    assert_eq!(told(&prefixed), told(&file));
}

#[test]
fn amounts_that_cannot_be_are_refused_with_their_place() {
    let file = pain(
        &[
            payment("2024-05-1-1", "ACSC", "", "USD", "540000"),
            payment("2024-05-2-1", "ACSC", "", "VND", "-360000"),
            payment("2024-05-3-1", "ACSC", "", "VND", "360000.5"),
            payment("2024-05-4-1", "ACSC", "", "VND", "0"),
            payment("2024-05-5-1", "ACSC", "", "VND", "99999999999999999999"),
            payment("2024-05-6-1", "ACSC", "", "VND", "1e5"),
            payment("hoa-don-7", "ACSC", "", "VND", "360000"),
            payment("2024-05-8-1", "", "", "VND", "360000"),
        ]
        .concat(),
    );
    assert_eq!(
        told(&file),
        [
            "1 wrong_currency",
            "2 amount_not_positive",
            "3 amount_not_whole",
            "4 amount_not_positive",
            "5 malformed",
            "6 malformed",
            "7 malformed",
            "8 missing",
        ]
    );
}

/// An entry: credit or debit, a reversal or not, its details.
fn entry(direction: &str, reversal: bool, details: &str) -> String {
    format!(
        r#"<Ntry><Amt Ccy="VND">900000</Amt><CdtDbtInd>{direction}</CdtDbtInd><RvslInd>{reversal}</RvslInd>
<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2024-05-10</Dt></BookgDt><BkTxCd/>
<NtryDtls>{details}</NtryDtls></Ntry>"#
    )
}

fn detail(line: &str, reference: &str, amount: &str, back: &str) -> String {
    format!(
        r#"<TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef><EndToEndId>{line}</EndToEndId></Refs>
<Amt Ccy="VND">{amount}</Amt>{back}</TxDtls>"#
    )
}

fn statement(entries: &str) -> String {
    format!(
        r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>SK-1</MsgId><CreDtTm>2024-05-11T00:00:00+07:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"#
    )
}

#[test]
fn entries_of_an_account_are_payments_and_returns() {
    let back = "<RtrInf><Rsn><Cd>AC06</Cd></Rsn></RtrInf>";
    let paid = [
        detail("2024-05-1-1", "N1", "540000", ""),
        detail("2024-05-2-1", "N2", "360000", ""),
    ];
    let entries = [
        entry("DBIT", false, &paid.concat()),
        entry("CRDT", false, &detail("2024-05-2-1", "N3", "360000", back)),
        entry("CRDT", true, &detail("2024-05-1-1", "N4", "540000", "")),
        entry(
            "CRDT",
            false,
            &detail("NOTPROVIDED", "N5", "9000000000", ""),
        ),
        entry("DBIT", false, ""),
        entry("CRDT", false, &detail("2024-05-9-1", "N6", "1", "")),
        entry("DBIT", false, &detail("2024-05-9-1", "N7", "1", "")).replace("BOOK", "PDNG"),
    ];
    let file = statement(&entries.concat());
    let said = [
        "camt.053 2024-05-1-1 paid 2024-05-10 - 540000",
        "camt.053 2024-05-2-1 paid 2024-05-10 - 360000",
        "camt.053 2024-05-2-1 returned 2024-05-10 account_blocked 360000",
        "camt.053 2024-05-1-1 returned 2024-05-10 - 540000",
        "unrelated",
        "unrelated",
        "7 direction_unclear",
        "not final",
    ];
    assert_eq!(told(&file), said);
    let notice = file
        .replace("camt.053", "camt.054")
        .replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
        .replace("Stmt>", "Ntfctn>");
    assert_eq!(
        told(&notice),
        said.map(|it| it.replace("camt.053", "camt.054"))
    );
}

#[test]
fn the_form_filled_in_is_read() {
    let form = form();
    let rows = form.examples.clone();
    let file = documents::template::filled(&form, rows).expect("a workbook");
    let said: Vec<String> = say(&file).expect("read").into_iter().map(short).collect();
    assert_eq!(
        said,
        [
            "sheet 2024-05-123-1 paid 2024-05-08 - 540000",
            "sheet 2024-05-124-1 failed 2024-05-08 account_closed 360000",
        ]
    );
    let csv = "Số tiền;Mã dòng;mã kết quả;TRẠNG THÁI;Ngày\n\
               540.000;2024-05-1-1;k1;chua nhan;8/5/2024\n\
               540.000;2024-05-2-1;k2;đã chi;8/5/2024\n\
               -1;2024-05-2-1;k2;paid;8/5/2024\n";
    assert_eq!(
        told(csv),
        [
            "sheet 2024-05-1-1 not_collected 2024-05-08 - 540000",
            "3 unknown_status",
            "4 malformed",
        ]
    );
    assert_eq!(
        refused("Mã dòng,Ngày\n1,2\n".as_bytes()).0,
        "missing_headings"
    );
}

#[test]
fn files_made_to_do_harm_are_refused_whole() {
    let whole = pain(&payment("2024-05-1-1", "ACSC", "", "VND", "540000"));
    let bomb = format!(
        r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>{}"#,
        whole.replace("ACSC", "&b;")
    );
    let outside = whole.replace("540000", "&xxe;");
    let deep = format!("<Document xmlns=\"{PAIN}\">{}", "<a>".repeat(1_000));
    let long = whole.replace("ACSC", &"A".repeat(300_000));
    let tag = format!(
        "<Document xmlns=\"{PAIN}\"><a b=\"{}\"/></Document>",
        "x".repeat(300_000)
    );
    for (file, code) in [
        (bomb, "xml_entities"),
        (outside, "xml_entities"),
        (deep, "xml_too_large"),
        (long, "xml_too_large"),
        (tag, "xml_too_large"),
        (whole.replace("UTF-8", "UTF-16"), "not_utf8"),
        (
            whole.replace("pain.002.001.12", "pain.008.001.02"),
            "unknown_message",
        ),
        (pain(""), "no_lines"),
        ("<html>".to_owned(), "file_damaged"),
        (String::new(), "file_empty"),
        ("{".repeat(300_000), "line_too_long"),
        ("\u{0}\u{1}\u{2}".to_owned(), "not_a_sheet"),
    ] {
        let (found, sentence) = refused(file.as_bytes());
        assert_eq!(found, code, "{sentence}");
    }
    let (_, sentence) = refused(&whole.as_bytes()[..whole.len() - 40]);
    assert!(sentence.contains("cắt ngang"), "{sentence}");
}

#[test]
fn a_file_that_breaks_off_is_refused_wherever_it_does() {
    let xml = pain(&payment("2024-05-1-1", "ACSC", "", "VND", "540000"));
    for length in (1..xml.len()).filter(|at| xml.is_char_boundary(*at)) {
        say(&xml.as_bytes()[..length]).expect_err("broken off");
    }
    let line =
        r#"{"result_id":"1","line":"2024-05-1-1","status":"paid","date":"2024-05-08","amount":1}"#;
    for length in 1..line.len() {
        let file = format!("{line}\n{}", &line[..length]);
        assert_eq!(refused(file.as_bytes()).0, "file_breaks_off");
    }
    assert_eq!(told(line).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_makes_the_reader_fall(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        at in 0..600_usize,
        by in any::<u8>(),
    ) {
        say(&bytes).ok();
        let mut changed = pain(&payment("2024-05-1-1", "ACSC", "", "VND", "540000")).into_bytes();
        let at = at % changed.len();
        changed[at] = by;
        for arrival in say(&changed).unwrap_or_default() {
            if let Arrival::Result { reported, .. } = arrival {
                prop_assert!(reported.amount > 0);
                prop_assert!(Status::ALL.contains(&reported.status));
            }
        }
    }
}
