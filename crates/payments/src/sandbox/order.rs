//! What a provider reads of an order: pain.001.001.09, or one JSON object a line.

use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;

use crate::results::Unreadable;
use crate::results::xml::{Step, Xml};

const PAIN_001: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

/// A line to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Instruction {
    /// Its name, the EndToEndId of a bank's message.
    pub line: String,
    /// Đồng.
    pub amount: i64,
}

/// Reads an order.
///
/// # Errors
/// [`Unreadable`] when it is neither of the two forms, or breaks off.
pub fn read_order(input: impl Read) -> Result<Vec<Instruction>, Unreadable> {
    let mut input = BufReader::new(input);
    match input.fill_buf()?.first() {
        Some(b'{') => read_ndjson(input),
        _ => read_pain(input),
    }
}

fn read_ndjson(input: impl BufRead) -> Result<Vec<Instruction>, Unreadable> {
    let mut order = Vec::new();
    for (row, line) in (1..).zip(input.lines()) {
        let line = line?;
        let read = serde_json::from_str(&line);
        order.push(read.map_err(|_| Unreadable::BreaksOff { row })?);
    }
    Ok(order)
}

fn read_pain(input: impl BufRead) -> Result<Vec<Instruction>, Unreadable> {
    const PAYMENT: &str = "Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/";
    let mut xml = Xml::new(input);
    xml.step()?;
    if xml.namespace() != PAIN_001 {
        let namespace = xml.namespace().chars().take(80).collect();
        return Err(Unreadable::UnknownMessage { namespace });
    }
    let mut order: Vec<Instruction> = Vec::new();
    let mut line = String::new();
    loop {
        let step = xml.step()?;
        match (step, xml.path().strip_prefix(PAYMENT)) {
            (Step::End, _) => return Ok(order),
            (Step::Close, Some("PmtId/EndToEndId")) => line = xml.text().to_owned(),
            (Step::Close, Some("Amt/InstdAmt")) => order.push(Instruction {
                line: std::mem::take(&mut line),
                amount: xml.text().parse().map_err(|_| Unreadable::NoLines)?,
            }),
            _ => {}
        }
    }
}
