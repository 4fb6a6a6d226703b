//! governor's limiter on a clock that is put where a departure is tried: it gives out departures that lie ahead, and its
//! state is what a store keeps.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use super::Moment;

/// Departures one step apart, no burst.
pub(super) struct Limiter {
    clock: Ahead,
    state: State,
    governor: RateLimiter<NotKeyed, State, Ahead, NoOpMiddleware<Nanos>>,
}

impl Limiter {
    /// A limiter of which the next departure is free at an instant.
    pub(super) fn new(free: Moment, step: Duration) -> Self {
        // A step is never shorter than some microseconds.
        let quota = Quota::with_period(step).unwrap_or(Quota::per_second(std::num::NonZeroU32::MIN));
        let (clock, state) = (Ahead::default(), State(Rc::new(Cell::new(nanos(free)))));
        Self { governor: RateLimiter::new(quota, state.clone(), clock.clone()), clock, state }
    }

    /// Takes the next departure, not before an instant.
    pub(super) fn next_from(&self, earliest: Moment) -> Moment {
        self.clock.0.set(self.clock.now().max(nanos(earliest)));
        while let Err(early) = self.governor.check() {
            self.clock.0.set(early.earliest_possible());
        }
        moment(self.clock.now())
    }

    /// When the next departure is free.
    pub(super) fn free(&self) -> Moment {
        moment(self.state.0.get())
    }
}

/// A clock that stands where it is put.
#[derive(Clone, Debug, Default)]
struct Ahead(Rc<Cell<Nanos>>);

impl Clock for Ahead {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.get()
    }
}

/// The state of the limiter: when the next departure is free.
#[derive(Clone, Debug, Default)]
struct State(Rc<Cell<Nanos>>);

impl StateStore for State {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _key: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, next) = decide(Some(self.0.get()))?;
        self.0.set(next);
        Ok(outcome)
    }
}

fn nanos(moment: Moment) -> Nanos {
    Nanos::new(u64::try_from(moment.0.as_nanos()).unwrap_or(u64::MAX))
}

fn moment(nanos: Nanos) -> Moment {
    Moment(Duration::from_nanos(nanos.as_u64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departures_are_a_step_apart_and_never_before_what_is_free_or_asked_for() {
        let at = |millis| Moment(Duration::from_millis(millis));
        let step = Duration::from_millis(602);
        let limiter = Limiter::new(at(5000), step);
        assert_eq!(limiter.next_from(at(100)), at(5000));
        assert_eq!(limiter.next_from(at(100)), at(5602));
        assert_eq!(limiter.free(), at(6204));
        assert_eq!(limiter.next_from(at(9000)), at(9000), "an idle limiter saves nothing up");
        assert_eq!((limiter.next_from(at(9000)), limiter.free()), (at(9602), at(10_204)));
        assert_eq!(Limiter::new(at(5000), step).free(), at(5000));
    }
}
