//! How many requests may be under way. A step holds a place from the moment it is taken up until its answer is there:
//! while the answer is written down, the place is another's.

use std::cell::Cell;

use tokio::sync::Notify;

/// The places, and who has them.
#[derive(Debug, Default)]
pub struct Flights {
    taken: Cell<usize>,
    freed: Notify,
}

impl Flights {
    /// Whether one more step may begin, of which so many are under way. Beside the requests there may be one step
    /// fewer that writes down what came back, so that a single place means one thing at a time.
    pub(super) fn has_place(&self, steps: usize, concurrency_max: usize) -> bool {
        let places = concurrency_max.max(1);
        self.taken.get() < places && steps < places.saturating_mul(2) - 1
    }

    /// Takes a place.
    pub(super) fn begin(&self) -> Flight<'_> {
        self.taken.set(self.taken.get() + 1);
        Flight { of: self, landed: Cell::new(false) }
    }

    /// Waits until a place was given back.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }
}

/// A place, until the answer is there or the step is over.
#[derive(Debug)]
pub(super) struct Flight<'a> {
    of: &'a Flights,
    landed: Cell<bool>,
}

impl Flight<'_> {
    /// Gives the place back: what was asked is answered.
    pub(super) fn land(&self) {
        if !self.landed.replace(true) {
            self.of.taken.set(self.of.taken.get().saturating_sub(1));
            self.of.freed.notify_one();
        }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.land();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_once_and_steps_have_a_limit_of_their_own() {
        let flights = Flights::default();
        let (one, other) = (flights.begin(), flights.begin());
        assert!(!flights.has_place(2, 2));
        one.land();
        assert!(flights.has_place(2, 2));
        one.land();
        drop(one);
        assert!(!flights.has_place(1, 1), "the other is still under way");
        other.land();
        assert!(!flights.has_place(3, 2), "enough are being written down");
        assert!(flights.has_place(2, 2));
        assert!(!flights.has_place(1, 1), "a single place means one thing at a time");
        assert!(flights.has_place(0, 0));
    }
}
