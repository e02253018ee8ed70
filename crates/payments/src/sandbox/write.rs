//! Answers as files.

use std::io::{self, Write};

use jiff::Timestamp;

use crate::results::reason::reasons;
use crate::results::{Reported, Status};

/// One JSON object a line.
///
/// # Errors
/// Those of writing.
pub fn write_ndjson(answers: &[Reported], out: &mut impl Write) -> io::Result<()> {
    for reported in answers {
        serde_json::to_writer(&mut *out, reported)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A status report, pain.002.001.12. What came back after it was paid is no status of a payment:
/// banks tell that in a statement, and here it is left out.
///
/// # Errors
/// Those of writing.
pub fn write_pain_002(answers: &[Reported], at: Timestamp, out: &mut impl Write) -> io::Result<()> {
    let id = at.as_second();
    let at = kernel::clock::vietnam_time(at)
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string();
    write!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt>
<GrpHdr><MsgId>TL-{id}</MsgId><CreDtTm>{at}</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>NOTPROVIDED</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>NOTPROVIDED</OrgnlPmtInfId>
"#
    )?;
    for reported in answers.iter().filter(|it| it.status != Status::Returned) {
        let Reported {
            line, date, amount, ..
        } = reported;
        let status = if reported.status == Status::Paid {
            "ACSC"
        } else {
            "RJCT"
        };
        let reason = reported
            .reason
            .as_deref()
            .map(iso)
            .map_or_else(String::new, |code| {
                format!("<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>")
            });
        writeln!(
            out,
            r#"<TxInfAndSts><OrgnlEndToEndId>{line}</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}<AccptncDtTm>{date}T10:00:00+07:00</AccptncDtTm><OrgnlTxRef><Amt><InstdAmt Ccy="VND">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>"#
        )?;
    }
    out.write_all(b"</OrgnlPmtInfAndSts>\n</CstmrPmtStsRpt></Document>\n")
}

/// A bank's code of a reason; `NARR` where banks have none.
fn iso(code: &str) -> &'static str {
    let found = reasons().iter().find(|reason| reason.code == code);
    found
        .and_then(|reason| reason.iso.first())
        .copied()
        .unwrap_or("NARR")
}
