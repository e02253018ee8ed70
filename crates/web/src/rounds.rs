//! When the server does by itself what nobody asks for.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Time;
use kernel::clock::vietnam_time;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Rounds with a pause between; one that takes longer puts the next off instead of having it come at once.
pub(crate) fn every(pause: Duration) -> Interval {
    let mut rounds = interval(pause);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}

/// When today's round begins, once it has.
pub(crate) fn begun(now: Timestamp, time: Time) -> Option<Timestamp> {
    let here = vietnam_time(now);
    let begins = here.with().time(time).build().ok()?.timestamp();
    (begins <= now).then_some(begins)
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::begun;

    #[test]
    fn a_round_begins_at_its_time_in_viet_nam() {
        let at = |text: &str| text.parse().expect("a time");
        let two = time(2, 0, 0, 0);
        assert_eq!(begun(at("2024-05-06T01:59:00+07:00"), two), None);
        let begins = Some(at("2024-05-06T02:00:00+07:00"));
        assert_eq!(begun(at("2024-05-06T02:00:00+07:00"), two), begins);
        assert_eq!(begun(at("2024-05-06T23:00:00+07:00"), two), begins);
    }
}
