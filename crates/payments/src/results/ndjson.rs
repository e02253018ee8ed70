//! Results as NDJSON, a line at a time.

use std::io::{BufRead, Read};

use registry::Refusal;
use serde_json::Value;

use super::read::{Arrival, Form, Unreadable};

/// Bytes a line may have; an honest one has some 200.
const MAX_LINE: u64 = 1 << 16;

pub(super) fn read(
    mut input: impl BufRead,
    each: &mut dyn FnMut(Arrival) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut line = Vec::new();
    for row in 1.. {
        line.clear();
        let count = (&mut input).take(MAX_LINE).read_until(b'\n', &mut line)?;
        if count == 0 {
            break;
        }
        if count as u64 == MAX_LINE {
            return Err(Unreadable::LineTooLong { row });
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        each(match serde_json::from_slice(&line) {
            Ok(reported) => Arrival::Result {
                row,
                form: Form::Ndjson,
                reported,
            },
            // A line without its end is the last one of a file that broke off.
            Err(error) if error.is_eof() && !line.ends_with(b"\n") => {
                return Err(Unreadable::BreaksOff { row });
            }
            Err(error) => Arrival::Refused(refusal(row, &line, &error)),
        })?;
    }
    Ok(())
}

/// What is wrong with a line that is no result.
fn refusal(row: u64, line: &[u8], error: &serde_json::Error) -> Refusal {
    let fields: Option<Value> = serde_json::from_slice(line).ok();
    let amount = fields.as_ref().and_then(|fields| fields.get("amount"));
    if amount.is_some_and(Value::is_f64) {
        let why = "số tiền phải là số nguyên, tính bằng đồng";
        return Refusal::new(row, "amount", "amount_not_whole", why);
    }
    let column = error.column();
    let why = format!("dòng không đúng mẫu kết quả chi trả (cột {column})");
    Refusal::new(row, "", "malformed", why)
}
