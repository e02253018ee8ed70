//! Lines on their way into the database, hashed and counted as they go.

use jiff::civil::Date;
use kernel::{Dong, ListId, Month, PersonId};
use registry::copy::CopyWriter;
use registry::roll::Case;
use sha2::{Digest, Sha256};

use crate::line::channel_number;
use crate::{Channel, Line, LineKind, Reason};

/// Who a person's lines are for and where they are paid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipient<'a> {
    pub(crate) person: PersonId,
    pub(crate) area: &'a str,
    pub(crate) area_valid_from: Date,
    pub(crate) channel: Option<Channel>,
}

impl<'a> Recipient<'a> {
    pub(crate) fn of(case: &'a Case) -> Recipient<'a> {
        Recipient {
            person: case.id,
            area: case.commune.code,
            area_valid_from: case.commune.valid_from,
            channel: case.channel,
        }
    }
}

/// What the lines add up to, and their fingerprint.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) people: i32,
    pub(crate) lines: i32,
    pub(crate) payable: Dong,
    pub(crate) recoverable: Dong,
    hash: Sha256,
    bytes: Vec<u8>,
}

impl Tally {
    /// Counts and hashes the lines of one person, in order.
    pub(crate) fn add(&mut self, to: &Recipient<'_>, lines: &[Line]) {
        if lines.is_empty() {
            return;
        }
        self.people += 1;
        self.bytes.clear();
        for line in lines {
            self.lines += 1;
            if line.kind == LineKind::Recovery {
                self.recoverable += line.amount;
            } else {
                self.payable += line.amount;
            }
            let (carries_month, carries_line) = match line.carries {
                Some(carries) => (carries.month.yyyymm(), carries.line_no),
                None => (0, 0),
            };
            let bytes = &mut self.bytes;
            bytes.extend_from_slice(&to.person.0.to_be_bytes());
            for small in [
                line.benefit.number(),
                line.kind.number(),
                line.coefficient.tenths() as i16,
                channel_number(to.channel),
                Reason::number_of(line.reason),
                carries_line,
            ] {
                bytes.extend_from_slice(&small.to_be_bytes());
            }
            for int in [
                line.for_month.yyyymm(),
                carries_month,
                day_number(to.area_valid_from),
            ] {
                bytes.extend_from_slice(&int.to_be_bytes());
            }
            bytes.extend_from_slice(&line.amount.0.to_be_bytes());
            bytes.extend_from_slice(&line.standard.0.to_be_bytes());
            bytes.push(to.area.len() as u8);
            bytes.extend_from_slice(to.area.as_bytes());
            if let Some(record) = line.carries.and_then(|carries| carries.record) {
                bytes.extend_from_slice(&record.0.to_be_bytes());
            }
        }
        self.hash.update(&self.bytes);
    }

    /// SHA-256 of every line so far.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        self.hash.clone().finalize().to_vec()
    }
}

/// Appends the lines of one person to a COPY into `list_line`.
pub(crate) async fn append(
    rows: &mut CopyWriter<'_>,
    list: ListId,
    month: Month,
    to: &Recipient<'_>,
    lines: &[Line],
) -> sqlx::Result<()> {
    for (line, line_no) in lines.iter().zip(1i16..) {
        rows.row().await?;
        rows.put_i32(month.yyyymm());
        rows.put_i64(to.person.0);
        rows.put_i16(line_no);
        rows.put_i64(list.0);
        rows.put_i16(line.benefit.number());
        rows.put_i16(line.kind.number());
        rows.put_i32(line.for_month.yyyymm());
        rows.put_i64(line.amount.0);
        rows.put_i16(line.coefficient.tenths() as i16);
        rows.put_i32(line.standard.0 as i32);
        rows.put_i16(channel_number(to.channel));
        rows.put_i16(Reason::number_of(line.reason));
        rows.put_str(to.area);
        rows.put_date(to.area_valid_from);
        let carries = line.carries;
        rows.put_opt(carries, |rows, carries| {
            rows.put_i32(carries.month.yyyymm())
        });
        rows.put_opt(carries, |rows, carries| rows.put_i16(carries.line_no));
        rows.put_opt(
            carries.and_then(|carries| carries.record),
            |rows, record| rows.put_i64(record.0),
        );
    }
    Ok(())
}

fn day_number(day: Date) -> i32 {
    i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day())
}
