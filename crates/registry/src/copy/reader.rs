//! Rows coming out of a query.

use std::pin::Pin;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt, TryStreamExt};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::calendar::{EPOCH_DAYS, date_of};
use super::{EPOCH_MICROSECONDS, HEADER, broken};

/// Rows handed over together when they are read ahead.
const BATCH: usize = 256;
/// Batches read ahead at most.
const BATCHES_AHEAD: usize = 8;

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

    /// As `begin`, over a connection of its own beside the pool: whoever holds a lock and a connection
    /// must not wait for another one held by those who wait for the lock. Rows are read ahead while
    /// the caller works on earlier ones.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_pool(pool: &PgPool, statement: &str) -> sqlx::Result<CopyReader<'static>> {
        let mut conn = PgConnection::connect_with(&pool.connect_options()).await?;
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        let statement = statement.to_owned();
        tokio::spawn(async move {
            let read = read_ahead(&mut conn, &statement, &sender).await;
            if let Err(error) = read {
                // Whoever left without waiting for the rows does not wait for the error either.
                let _ = sender.send(Err(error)).await;
            }
            // Gone anyway; a server that does not hear it notices.
            let _ = conn.close().await;
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

fn unexpected_null() -> sqlx::Error {
    broken("null where the column forbids it")
}
