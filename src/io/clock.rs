//! What time it is: the system's clock, or one that was set and runs on.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::domain::time::Timestamp;

/// A clock. A copy of it tells the same time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    set: Option<(Duration, Instant)>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { set: None }
    }

    /// A clock that shows `start` now and runs on, with tokio's time: where that is paused, it stands.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        let since_epoch = Duration::from_secs(u64::try_from(start.unix()).unwrap_or(0));
        Self { set: Some((since_epoch, Instant::now())) }
    }

    /// Milliseconds of the Unix clock.
    #[must_use]
    pub fn unix_millis(&self) -> i64 {
        let since_epoch = match self.set {
            Some((start, origin)) => start + origin.elapsed(),
            None => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        };
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }

    /// The whole second.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.unix_millis().div_euclid(1000))
    }
}
