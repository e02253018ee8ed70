//! Binary COPY, both ways: how rows go in and come out by the hundred thousand.
//!
//! The format is PostgreSQL's: a header, then each row as the number of its fields and each field
//! as a length (−1 for null) and its bytes, big-endian. Types must be exactly those of the table.

use std::pin::Pin;

use bytes::{Buf, Bytes};
use futures_util::Stream;
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::postgres::PgCopyIn;
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;
use uuid::Uuid;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Bytes gathered before they are sent.
const CHUNK: usize = 256 * 1024;
/// Rows handed over together when they are read ahead.
const BATCH: usize = 256;
/// Batches read ahead at most.
const BATCHES_AHEAD: usize = 8;
/// 2000-01-01, from which PostgreSQL counts, in days since 0000-03-01.
const EPOCH_DAYS: i32 = 730_425;
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

/// Rows going into a table. `row`, then one `put_…` for each column in order; at the end `finish`.
/// Dropped without `finish`, the COPY fails and with it the transaction.
pub struct CopyWriter<'c> {
    sink: PgCopyIn<&'c mut PgConnection>,
    buffer: Vec<u8>,
    columns: i16,
    rows: u64,
}

impl<'c> CopyWriter<'c> {
    /// Begins `copy table (columns…) from stdin (format binary)`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin(conn: &'c mut PgConnection, statement: &str) -> sqlx::Result<Self> {
        let sink = conn.copy_in_raw(statement).await?;
        let columns = i16::try_from(sink.num_columns())
            .expect("PostgreSQL tables have at most 1,600 columns");
        let mut buffer = Vec::with_capacity(CHUNK + 4096);
        buffer.extend_from_slice(HEADER);
        Ok(CopyWriter {
            sink,
            buffer,
            columns,
            rows: 0,
        })
    }

    /// Begins a row, and sends what has gathered when that is much.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn row(&mut self) -> sqlx::Result<()> {
        if self.buffer.len() >= CHUNK {
            self.sink.send(self.buffer.as_slice()).await?;
            self.buffer.clear();
        }
        self.buffer.extend_from_slice(&self.columns.to_be_bytes());
        self.rows += 1;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) {
        let length = i32::try_from(bytes.len()).expect("a field is far below 2 GB");
        self.buffer.extend_from_slice(&length.to_be_bytes());
        self.buffer.extend_from_slice(bytes);
    }

    /// Null of any type.
    pub fn put_null(&mut self) {
        self.buffer.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// A value if there is one, else null.
    pub fn put_opt<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => put(self, value),
            None => self.put_null(),
        }
    }

    /// smallint.
    pub fn put_i16(&mut self, value: i16) {
        self.put(&value.to_be_bytes());
    }

    /// integer.
    pub fn put_i32(&mut self, value: i32) {
        self.put(&value.to_be_bytes());
    }

    /// bigint.
    pub fn put_i64(&mut self, value: i64) {
        self.put(&value.to_be_bytes());
    }

    /// boolean.
    pub fn put_bool(&mut self, value: bool) {
        self.put(&[u8::from(value)]);
    }

    /// text.
    pub fn put_str(&mut self, value: &str) {
        self.put(value.as_bytes());
    }

    /// bytea.
    pub fn put_bytes(&mut self, value: &[u8]) {
        self.put(value);
    }

    /// jsonb, from its text.
    pub fn put_json(&mut self, json: &str) {
        let length = i32::try_from(json.len() + 1).expect("a field is far below 2 GB");
        self.buffer.extend_from_slice(&length.to_be_bytes());
        self.buffer.push(1);
        self.buffer.extend_from_slice(json.as_bytes());
    }

    /// uuid.
    pub fn put_uuid(&mut self, value: Uuid) {
        self.put(value.as_bytes());
    }

    /// date.
    pub fn put_date(&mut self, value: Date) {
        self.put_i32(days_of(value) - EPOCH_DAYS);
    }

    /// timestamptz.
    pub fn put_timestamp(&mut self, value: Timestamp) {
        self.put_i64(value.as_microsecond() - EPOCH_MICROSECONDS);
    }

    /// integer[].
    pub fn put_i32_array(&mut self, values: &[i32]) {
        const INT4: u32 = 23;
        let fields = values.iter().map(|value| value.to_be_bytes());
        self.put_array(INT4, values.len(), fields);
    }

    /// text[].
    pub fn put_str_array<'s>(&mut self, values: impl ExactSizeIterator<Item = &'s str>) {
        const TEXT: u32 = 25;
        self.put_array(TEXT, values.len(), values.map(str::as_bytes));
    }

    fn put_array<B: AsRef<[u8]>>(
        &mut self,
        element: u32,
        count: usize,
        fields: impl Iterator<Item = B>,
    ) {
        let at = self.buffer.len();
        let count = i32::try_from(count).expect("an array is far below 2^31 elements");
        self.buffer.extend_from_slice(&[0; 4]);
        self.buffer
            .extend_from_slice(&i32::from(count > 0).to_be_bytes());
        self.buffer.extend_from_slice(&0_i32.to_be_bytes());
        self.buffer.extend_from_slice(&element.to_be_bytes());
        if count > 0 {
            self.buffer.extend_from_slice(&count.to_be_bytes());
            self.buffer.extend_from_slice(&1_i32.to_be_bytes());
            fields.for_each(|field| self.put(field.as_ref()));
        }
        let length = i32::try_from(self.buffer.len() - at - 4).expect("far below 2 GB");
        self.buffer[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }

    /// Sends the rest and ends the COPY. Returns how many rows went in.
    ///
    /// # Errors
    /// Those of the database: a type that does not fit, a broken constraint.
    pub async fn finish(mut self) -> sqlx::Result<u64> {
        self.buffer.extend_from_slice(&(-1_i16).to_be_bytes());
        self.sink.send(self.buffer.as_slice()).await?;
        let rows = self.sink.finish().await?;
        if rows != self.rows {
            return Err(broken("the server counted other rows than were sent"));
        }
        Ok(rows)
    }
}

/// Rows coming out of `copy (select …) to stdout (format binary)`, read to the end.
pub struct CopyReader<'c> {
    stream: Pin<Box<dyn Stream<Item = sqlx::Result<Bytes>> + Send + 'c>>,
    rest: Bytes,
    begun: bool,
}

impl<'c> CopyReader<'c> {
    /// Begins the COPY. The statement takes no parameters: only numbers and fixed words may be
    /// written into it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin(conn: &'c mut PgConnection, statement: &str) -> sqlx::Result<Self> {
        let stream = conn.copy_out_raw(statement).await?;
        Ok(CopyReader {
            stream,
            rest: Bytes::new(),
            begun: false,
        })
    }

    /// As `begin`, over a connection of the pool that is kept until the end. Dropped earlier, the
    /// connection is closed: rows nobody reads must not meet whoever has it next. Rows are read
    /// ahead while the caller works on earlier ones.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_pool(pool: &PgPool, statement: &str) -> sqlx::Result<CopyReader<'static>> {
        let mut conn = pool.acquire().await?;
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        let statement = statement.to_owned();
        tokio::spawn(async move {
            let read = read_ahead(&mut conn, &statement, &sender).await;
            if let Err(error) = read {
                conn.close_on_drop();
                // Whoever left without waiting for the rows does not wait for the error either.
                let _ = sender.send(Err(error)).await;
            }
        });
        let batches = futures_util::stream::unfold(receiver, async |mut receiver| {
            let batch: Option<sqlx::Result<Vec<Bytes>>> = receiver.recv().await;
            batch.map(|batch| (batch, receiver))
        });
        let rows = batches.map_ok(|batch| futures_util::stream::iter(batch).map(Ok));
        Ok(CopyReader {
            stream: Box::pin(rows.try_flatten()),
            rest: Bytes::new(),
            begun: false,
        })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// Those of the database, and bytes that are not this format.
    pub async fn next(&mut self) -> sqlx::Result<Option<CopyRow>> {
        while self.rest.is_empty() {
            match self.stream.try_next().await? {
                None => return Ok(None),
                Some(bytes) => self.rest = bytes,
            }
            if !self.begun {
                if self.rest.len() < HEADER.len() {
                    return Err(broken("a COPY begins with its header"));
                }
                self.rest.advance(HEADER.len());
                self.begun = true;
            }
        }
        if self.rest.len() < 2 {
            return Err(broken("a row begins with the number of its fields"));
        }
        if self.rest.get_i16() < 0 {
            // The trailer; reading on lets the connection see the end of the COPY.
            while self.stream.try_next().await?.is_some() {}
            return Ok(None);
        }
        // PostgreSQL sends each row as one message, so the rest is this row.
        Ok(Some(CopyRow {
            bytes: std::mem::take(&mut self.rest),
        }))
    }
}

/// Reads a COPY to its end, handing rows over in batches.
async fn read_ahead(
    conn: &mut PgConnection,
    statement: &str,
    sender: &mpsc::Sender<sqlx::Result<Vec<Bytes>>>,
) -> sqlx::Result<()> {
    let mut rows = conn.copy_out_raw(statement).await?;
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(row) = rows.try_next().await? {
        batch.push(row);
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            if sender.send(Ok(full)).await.is_err() {
                return Err(broken("nobody reads the rows any more"));
            }
        }
    }
    if sender.send(Ok(batch)).await.is_err() {
        return Err(broken("nobody reads the rows any more"));
    }
    Ok(())
}

/// One row: a getter for each column, in order.
#[derive(Debug)]
pub struct CopyRow {
    bytes: Bytes,
}

impl CopyRow {
    fn field(&mut self) -> sqlx::Result<Option<Bytes>> {
        if self.bytes.len() < 4 {
            return Err(broken("the row has fewer fields than are read"));
        }
        let Ok(length) = usize::try_from(self.bytes.get_i32()) else {
            return Ok(None);
        };
        if self.bytes.len() < length {
            return Err(broken("a field is longer than its row"));
        }
        Ok(Some(self.bytes.split_to(length)))
    }

    fn fixed<const N: usize>(&mut self) -> sqlx::Result<Option<[u8; N]>> {
        if self.bytes.len() < 4 {
            return Err(broken("the row has fewer fields than are read"));
        }
        let length = self.bytes.get_i32();
        if length < 0 {
            return Ok(None);
        }
        if length as usize != N || self.bytes.len() < N {
            return Err(broken("a field has another width than is read"));
        }
        let mut value = [0; N];
        self.bytes.copy_to_slice(&mut value);
        Ok(Some(value))
    }

    /// smallint or null.
    pub fn opt_i16(&mut self) -> sqlx::Result<Option<i16>> {
        Ok(self.fixed()?.map(i16::from_be_bytes))
    }

    /// integer or null.
    pub fn opt_i32(&mut self) -> sqlx::Result<Option<i32>> {
        Ok(self.fixed()?.map(i32::from_be_bytes))
    }

    /// bigint or null.
    pub fn opt_i64(&mut self) -> sqlx::Result<Option<i64>> {
        Ok(self.fixed()?.map(i64::from_be_bytes))
    }

    /// smallint.
    pub fn i16(&mut self) -> sqlx::Result<i16> {
        self.opt_i16()?.ok_or_else(unexpected_null)
    }

    /// integer.
    pub fn i32(&mut self) -> sqlx::Result<i32> {
        self.opt_i32()?.ok_or_else(unexpected_null)
    }

    /// bigint.
    pub fn i64(&mut self) -> sqlx::Result<i64> {
        self.opt_i64()?.ok_or_else(unexpected_null)
    }

    /// boolean or null.
    pub fn opt_bool(&mut self) -> sqlx::Result<Option<bool>> {
        Ok(self.fixed::<1>()?.map(|[byte]| byte != 0))
    }

    /// uuid.
    pub fn uuid(&mut self) -> sqlx::Result<Uuid> {
        self.fixed()?
            .map(Uuid::from_bytes)
            .ok_or_else(unexpected_null)
    }

    /// text or null.
    pub fn opt_text(&mut self) -> sqlx::Result<Option<CopyText>> {
        let Some(bytes) = self.field()? else {
            return Ok(None);
        };
        match std::str::from_utf8(&bytes) {
            Ok(_) => Ok(Some(CopyText(bytes))),
            Err(_) => Err(broken("text is UTF-8")),
        }
    }

    /// text.
    pub fn text(&mut self) -> sqlx::Result<CopyText> {
        self.opt_text()?.ok_or_else(unexpected_null)
    }

    /// jsonb, as its text.
    pub fn json(&mut self) -> sqlx::Result<Bytes> {
        let mut bytes = self.field()?.ok_or_else(unexpected_null)?;
        if bytes.is_empty() || bytes.get_u8() != 1 {
            return Err(broken("jsonb begins with version 1"));
        }
        Ok(bytes)
    }

    /// date or null.
    pub fn opt_date(&mut self) -> sqlx::Result<Option<Date>> {
        Ok(self.opt_i32()?.map(|days| date_of(days + EPOCH_DAYS)))
    }

    /// date.
    pub fn date(&mut self) -> sqlx::Result<Date> {
        self.opt_date()?.ok_or_else(unexpected_null)
    }

    /// timestamptz.
    pub fn timestamp(&mut self) -> sqlx::Result<Timestamp> {
        Timestamp::from_microsecond(self.i64()? + EPOCH_MICROSECONDS)
            .map_err(|error| sqlx::Error::Decode(error.into()))
    }

    /// integer[] without nulls, of one dimension.
    pub fn i32_array(&mut self) -> sqlx::Result<Vec<i32>> {
        let mut bytes = self.field()?.ok_or_else(unexpected_null)?;
        if bytes.len() < 12 {
            return Err(broken("an array begins with its shape"));
        }
        let dimensions = bytes.get_i32();
        bytes.advance(8);
        if dimensions == 0 {
            return Ok(Vec::new());
        }
        if dimensions != 1 || bytes.len() < 8 {
            return Err(broken("an array of one dimension"));
        }
        let count = bytes.get_i32() as usize;
        bytes.advance(4);
        if bytes.len() != count * 8 {
            return Err(broken("an array of integers without nulls"));
        }
        let elements = bytes.chunks_exact(8);
        Ok(elements
            .map(|it| i32::from_be_bytes([it[4], it[5], it[6], it[7]]))
            .collect())
    }
}

/// Text out of a row, without a copy.
#[derive(Clone, Debug)]
pub struct CopyText(Bytes);

impl std::ops::Deref for CopyText {
    type Target = str;
    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).expect("looked at when it was read")
    }
}

fn broken(what: &'static str) -> sqlx::Error {
    sqlx::Error::Protocol(format!("binary COPY: {what}"))
}

fn unexpected_null() -> sqlx::Error {
    broken("null where the column forbids it")
}

/// Days since 0000-03-01 in the proleptic Gregorian calendar.
fn days_of(day: Date) -> i32 {
    let month = i32::from(day.month());
    let year = i32::from(day.year()) - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(day.day()) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
}

fn date_of(days: i32) -> Date {
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let leap_days = year_of_era / 4 - year_of_era / 100;
    let day_of_year = day_of_era - (365 * year_of_era + leap_days);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + i32::from(month <= 2);
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    Date::new(year as i16, month as i8, day as i8).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::{EPOCH_DAYS, date_of, days_of};

    #[test]
    fn counts_days_as_the_calendar_does() {
        assert_eq!(days_of(date(2000, 1, 1)), EPOCH_DAYS);
        let mut day = date(1595, 12, 25);
        let mut number = days_of(day);
        while day < date(2405, 1, 3) {
            assert_eq!(days_of(day), number);
            assert_eq!(date_of(number), day);
            day = day.saturating_add(1.day());
            number += 1;
        }
    }
}
