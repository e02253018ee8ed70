//! Binary COPY, both ways: how rows go in and come out by the hundred thousand.
//!
//! The format is PostgreSQL's: a header, then each row as the number of its fields and each field
//! as a length (−1 for null) and its bytes, big-endian. Types must be exactly those of the table.

mod calendar;
mod reader;
mod writer;

pub use reader::{CopyReader, CopyRow, CopyText};
pub use writer::CopyWriter;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Microseconds from 1970 to 2000, from which PostgreSQL counts.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

fn broken(what: &'static str) -> sqlx::Error {
    sqlx::Error::Protocol(format!("binary COPY: {what}"))
}
