//! How refused messages are kept: by the names they went by, and so many an hour. Whoever sends rubbish neither
//! fills the disk nor writes what it likes into a log.

use jiff::{SignedDuration, Timestamp};

/// Refusals kept in an hour at most.
pub const MOST_AN_HOUR: i64 = 1_000;
/// Letters of a name at most.
const LONGEST_NAME: usize = 100;

/// A name as a message gave it, without control signs and cut short.
pub fn name(text: &str) -> String {
    cut(text, LONGEST_NAME)
}

/// What others write, without control signs and at no more than some length.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control());
    plain.take(most).collect()
}

/// Since when refusals are counted.
pub fn hour_before(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(1))
        .unwrap_or(now)
}
