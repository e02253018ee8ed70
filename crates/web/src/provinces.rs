//! Limits of each province's one-stop system, so that one that comes back after a week, or goes wild,
//! leaves room for the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Requests of a province in hand at once; more wait. Well below the connections of the pool.
const AT_ONCE: usize = 3;
/// Messages of a province that wait to be received together; they hold no connection of the pool.
const WAITING: usize = 64;
/// Requests of a province in one second, over any ten seconds.
const A_SECOND: u32 = 200;
/// How long saved-up room lasts.
const SAVED: Duration = Duration::from_secs(10);

/// What each province has in hand.
#[derive(Default)]
pub(crate) struct Provinces {
    known: Mutex<HashMap<String, Room>>,
}

struct Room {
    /// When what was sent so far is through, at the pace allowed.
    through: Instant,
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Room {
    fn new(now: Instant) -> Room {
        Room {
            through: now,
            places: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

impl Provinces {
    /// A place for a request, once there is one; `None` when the province has sent too much lately.
    pub(crate) fn place(
        &self,
        province: &str,
    ) -> Option<impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + use<>> {
        let places = self.room(province, Instant::now())?;
        Some(places.acquire_owned())
    }

    /// A place among messages that wait, for a request that has one in hand.
    pub(crate) fn waiting(
        &self,
        province: &str,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + use<> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let room = known.entry(province.to_owned());
        let room = room.or_insert_with(|| Room::new(Instant::now()));
        Arc::clone(&room.waiting).acquire_owned()
    }

    fn room(&self, province: &str, now: Instant) -> Option<Arc<Semaphore>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let room = known.entry(province.to_owned());
        let room = room.or_insert_with(|| Room::new(now));
        let through = room.through.max(now) + Duration::from_secs(1) / A_SECOND;
        if through > now + SAVED {
            return None;
        }
        room.through = through;
        Some(Arc::clone(&room.places))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_that_sends_too_much_is_held_back_and_no_other() {
        let (provinces, start) = (Provinces::default(), Instant::now());
        let most = A_SECOND * 10;
        for _ in 0..most {
            assert!(provinces.room("51", start).is_some());
        }
        assert!(provinces.room("51", start).is_none());
        assert!(provinces.room("48", start).is_some());
        let later = start + Duration::from_secs(1);
        for _ in 0..A_SECOND {
            assert!(provinces.room("51", later).is_some());
        }
        assert!(provinces.room("51", later).is_none());
    }

    #[test]
    fn a_province_has_so_many_requests_in_hand_at_once() {
        let (provinces, now) = (Provinces::default(), Instant::now());
        let places = provinces.room("51", now).expect("room");
        let held: Vec<_> = (0..AT_ONCE)
            .map(|_| Arc::clone(&places).try_acquire_owned().expect("a place"))
            .collect();
        assert!(Arc::clone(&places).try_acquire_owned().is_err());
        let others = provinces.room("48", now).expect("room");
        assert!(others.try_acquire_owned().is_ok());
        drop(held);
        assert!(places.try_acquire_owned().is_ok());
    }
}
