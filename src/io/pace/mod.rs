//! When requests may leave: departures in even steps, shared by all processes that use one client of a platform.
//!
//! A store gives out instants at which requests may leave, one step apart, and keeps until when the platform asked to be
//! left alone. [`MemoryPace`] is a process's own; [`FilePace`] shares a file in the client's folder of the state
//! directory. Neither sends anything, and neither can fail: where the file is lost, a process goes on with its memory.

mod boot;
mod file;
mod limiter;
mod memory;
mod rates;
mod record;
mod tokens;

use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use limiter::Limiter;

pub use file::FilePace;
pub use memory::MemoryPace;
pub use tokens::{Asking, TokenTurns};

/// A minute, and what requests may lose or gain between their instant and the wire.
const PERIOD: Duration = Duration::from_millis(60_200);

/// The most that is reserved at once, where that is more than one request.
const CHUNK: Duration = Duration::from_millis(100);

/// How far in the past the first of the departures may lie that are reserved: a wake that came late is caught up.
pub const CATCH_UP: Duration = Duration::from_millis(10);

/// An instant of a store, since a beginning on which all agree who share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Duration);

impl Moment {
    /// The instant so much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// The time from an earlier instant to this one; nothing where that is the later one.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// What a process wants to reserve.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The requests a minute that this process is allowed now.
    pub rate: f64,
    /// Departures; fewer are given where they are more than a chunk.
    pub count: u32,
    /// No departure is before this instant.
    pub earliest: Moment,
}

/// Gives out departures.
pub trait PaceStore {
    /// What time it is here.
    fn now(&self) -> Moment;

    /// Reserves at least one departure and gives their instants in order. Those that are not used are lost.
    fn reserve(&self, wanted: Wanted) -> LocalBoxFuture<'_, Vec<Moment>>;

    /// Until when nobody may leave; an instant that has passed where nothing holds.
    fn held_until(&self) -> LocalBoxFuture<'_, Moment>;

    /// Lets nobody leave before this instant. A hold is never shortened.
    fn hold(&self, until: Moment);
}

/// What the processes of one client share; nothing where each goes by itself.
#[derive(Clone, Copy, Default)]
pub struct Shared<'a> {
    /// When requests may leave.
    pub pace: Option<&'a dyn PaceStore>,
    /// Whose turn it is to ask for a token.
    pub tokens: Option<&'a TokenTurns>,
}

/// The time from one departure to the next at a rate.
#[must_use]
pub fn step(rate: f64) -> Duration {
    PERIOD.div_f64(rate.max(1.0))
}

/// Departures that are given out at once at most.
fn chunk_max(step: Duration) -> u32 {
    u32::try_from(CHUNK.as_nanos() / step.as_nanos().max(1)).unwrap_or(u32::MAX).max(1)
}

/// What a store keeps: when the next departure is free, and until when nobody may leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Schedule {
    next: Moment,
    held_until: Moment,
}

impl Schedule {
    /// Gives out departures, and moves on by as many steps.
    fn reserve(&mut self, wanted: Wanted, now: Moment) -> Vec<Moment> {
        let step = step(wanted.rate);
        let count = wanted.count.clamp(1, chunk_max(step));
        let caught_up = Moment(now.0.saturating_sub(CATCH_UP));
        let first = caught_up.max(wanted.earliest).max(self.held_until);
        let limiter = Limiter::new(self.next, step);
        let reserved = (0..count).map(|_| limiter.next_from(first)).collect();
        self.next = limiter.free();
        reserved
    }
}

#[cfg(test)]
mod tests;
