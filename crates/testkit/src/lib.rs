//! For tests: a database each, and a clock that stands still.
//!
//! Tests are the only users, so what goes wrong here panics.

mod database;
mod given;
mod node;

pub use database::TestDb;
pub use given::{answered, write_down};
pub use node::NodeServer;

use kernel::Clock;

/// A clock that always shows an instant such as `2024-05-20T08:00:00+07:00`.
///
/// # Panics
/// When the text is no instant.
pub fn clock(instant: &str) -> Clock {
    Clock::Fixed(
        instant
            .parse()
            .expect("an instant such as 2024-05-20T08:00:00+07:00"),
    )
}
