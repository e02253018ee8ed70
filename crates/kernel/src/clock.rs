//! What time it is, passed in wherever time matters.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// The program's clock. A practice database and tests run on a fixed one.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always the same instant.
    Fixed(Timestamp),
}

impl Clock {
    /// The instant now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Fixed(instant) => *instant,
        }
    }

    /// Today in Viet Nam (UTC+7, no summer time).
    pub fn today(&self) -> Date {
        vietnam_time(self.now()).date()
    }
}

/// An instant as Vietnamese wall time.
pub fn vietnam_time(instant: Timestamp) -> Zoned {
    instant.to_zoned(TimeZone::fixed(Offset::constant(7)))
}
