//! Rows going into a table.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;
use uuid::Uuid;

use super::calendar::{EPOCH_DAYS, days_of};
use super::{EPOCH_MICROSECONDS, HEADER, broken};

/// Bytes gathered before they are sent.
const CHUNK: usize = 256 * 1024;

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

    /// uuid[].
    pub fn put_uuids(&mut self, values: &[Uuid]) {
        const UUID: u32 = 2950;
        self.put_array(UUID, values.len(), values.iter().map(Uuid::as_bytes));
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
