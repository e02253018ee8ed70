//! A line of an order: whom to pay how much, as known when the order was made.

use kernel::{Month, PartialDate, PersonId};
use registry::copy::CopyWriter;
use registry::event::Holder;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::OrderNo;
use crate::Channel;
use crate::line::channel_number;

/// A line of an order. It names no benefit: the provider is not told which one anybody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderLine {
    /// Which person.
    pub person: PersonId,
    /// The line of the person's on the list.
    pub line_no: i16,
    /// How it is paid.
    pub channel: Channel,
    /// Đồng, above zero.
    pub amount: i64,
    /// Name of the person.
    pub full_name: String,
    /// Birth date as far as it is known.
    pub birth: PartialDate,
    /// ID number of the person.
    pub id_number: Option<String>,
    /// Whether somebody else receives it.
    pub holder: Holder,
    /// Name of whoever receives it.
    pub payee_name: String,
    /// ID number of whoever receives it.
    pub payee_id_number: Option<String>,
    /// Number of the bank or code of the wallet.
    pub bank_code: Option<String>,
    /// Account or wallet number.
    pub account_number: Option<String>,
}

/// Counts and hashes the lines of an order, by person, then number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seal {
    pub(crate) lines: i32,
    pub(crate) people: i32,
    pub(crate) amount: i64,
    last: Option<PersonId>,
    hash: Sha256,
    bytes: Vec<u8>,
}

impl Seal {
    /// Adds the next line.
    pub(crate) fn add(&mut self, month: Month, line: &OrderLine) {
        self.lines += 1;
        self.amount += line.amount;
        if self.last.replace(line.person) != Some(line.person) {
            self.people += 1;
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(&month.yyyymm().to_be_bytes());
        self.bytes.extend_from_slice(&line.person.0.to_be_bytes());
        for small in [line.line_no, channel_number(Some(line.channel))] {
            self.bytes.extend_from_slice(&small.to_be_bytes());
        }
        self.bytes.extend_from_slice(&line.amount.to_be_bytes());
        let day = line.birth.assumed_day();
        self.bytes.extend_from_slice(&day.year().to_be_bytes());
        self.bytes
            .extend_from_slice(&[day.month() as u8, day.day() as u8]);
        for text in [
            Some(line.full_name.as_str()),
            Some(line.birth.precision()),
            line.id_number.as_deref(),
            Some(line.holder.code()),
            Some(line.payee_name.as_str()),
            line.payee_id_number.as_deref(),
            line.bank_code.as_deref(),
            line.account_number.as_deref(),
        ] {
            // Each preceded by its length, nothing by a length no text has.
            let length = text.map_or(u32::MAX, |text| text.len() as u32);
            self.bytes.extend_from_slice(&length.to_be_bytes());
            self.bytes
                .extend_from_slice(text.unwrap_or_default().as_bytes());
        }
        self.hash.update(&self.bytes);
    }

    /// SHA-256 of the lines so far.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        self.hash.clone().finalize().to_vec()
    }
}

/// The columns [`append`] writes.
pub(super) const COLUMNS: &str =
    "list_month, person_id, line_no, order_no, channel, amount, full_name, birth_date,
     birth_precision, id_number, holder, payee_name, payee_id_number, bank_code, account_number";

/// Appends a line to a COPY of [`COLUMNS`].
pub(crate) async fn append(
    rows: &mut CopyWriter<'_>,
    month: Month,
    order: OrderNo,
    line: &OrderLine,
) -> sqlx::Result<()> {
    rows.row().await?;
    rows.put_i32(month.yyyymm());
    rows.put_i64(line.person.0);
    rows.put_i16(line.line_no);
    rows.put_i64(order.0);
    rows.put_i16(channel_number(Some(line.channel)));
    rows.put_i64(line.amount);
    rows.put_str(&line.full_name);
    rows.put_date(line.birth.assumed_day());
    rows.put_str(line.birth.precision());
    let text = |rows: &mut CopyWriter<'_>, text: &Option<String>| {
        rows.put_opt(text.as_deref(), |rows, text| rows.put_str(text));
    };
    text(rows, &line.id_number);
    rows.put_str(line.holder.code());
    rows.put_str(&line.payee_name);
    text(rows, &line.payee_id_number);
    text(rows, &line.bank_code);
    text(rows, &line.account_number);
    Ok(())
}
