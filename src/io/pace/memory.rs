//! The pace of one process, or of several gates in one: kept in memory, in tokio's time, which tests may pause.

use std::cell::Cell;

use futures_util::future::{FutureExt, LocalBoxFuture, ready};
use tokio::time::Instant;

use super::{Moment, PaceStore, Schedule, Wanted};

/// A pace in memory.
#[derive(Debug)]
pub struct MemoryPace {
    origin: Instant,
    schedule: Cell<Schedule>,
}

impl MemoryPace {
    /// A pace of which nothing is reserved.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now(), schedule: Cell::default() }
    }
}

impl Default for MemoryPace {
    fn default() -> Self {
        Self::new()
    }
}

impl PaceStore for MemoryPace {
    fn now(&self) -> Moment {
        Moment(self.origin.elapsed())
    }

    fn reserve(&self, wanted: Wanted) -> LocalBoxFuture<'_, Vec<Moment>> {
        let mut schedule = self.schedule.get();
        let reserved = schedule.reserve(wanted, self.now());
        self.schedule.set(schedule);
        ready(reserved).boxed_local()
    }

    fn held_until(&self) -> LocalBoxFuture<'_, Moment> {
        ready(self.schedule.get().held_until).boxed_local()
    }

    fn hold(&self, until: Moment) {
        let mut schedule = self.schedule.get();
        schedule.held_until = schedule.held_until.max(until);
        self.schedule.set(schedule);
    }
}
