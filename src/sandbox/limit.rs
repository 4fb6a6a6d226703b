//! Requests in the last 60 seconds: counted, and refused beyond a limit. The caller brings the time.

use std::{collections::VecDeque, time::Duration};

/// The length of the window that the platform counts in.
const WINDOW: Duration = Duration::from_mins(1);

/// The instants within the last half-open 60 seconds, oldest first.
#[derive(Debug, Default)]
pub(super) struct SlidingWindow {
    instants: VecDeque<Duration>,
    most: usize,
}

impl SlidingWindow {
    /// Counts one instant. Instants are given in order.
    pub(super) fn note(&mut self, at: Duration) {
        self.forget_before(at);
        self.instants.push_back(at);
        self.most = self.most.max(self.instants.len());
    }

    /// Counts one instant if the limit allows it; otherwise says how long to wait until it would.
    pub(super) fn admit(&mut self, at: Duration, limit: u32) -> Result<(), Duration> {
        self.forget_before(at);
        if self.instants.len() < limit as usize {
            self.note(at);
            return Ok(());
        }
        let freed = self.instants.front().map_or(at + WINDOW, |&oldest| oldest + WINDOW);
        Err(freed.saturating_sub(at))
    }

    /// The most that any 60 seconds held.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    fn forget_before(&mut self, at: Duration) {
        while self.instants.front().is_some_and(|&oldest| oldest + WINDOW <= at) {
            self.instants.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn exactly_the_limit_passes_in_any_half_open_minute() {
        let mut window = SlidingWindow::default();
        for at in 0..100 {
            assert_eq!(window.admit(ms(at * 10), 100), Ok(()));
        }
        assert_eq!(window.admit(ms(1000), 100), Err(ms(59_000)));
        assert_eq!(window.admit(ms(59_999), 100), Err(ms(1)));
        assert_eq!(window.admit(ms(60_000), 100), Ok(()), "the window is half open");
        assert_eq!(window.admit(ms(60_000), 100), Err(ms(10)));
        assert_eq!(window.most(), 100);
    }

    #[test]
    fn a_limit_of_nothing_lets_nothing_pass() {
        assert_eq!(SlidingWindow::default().admit(ms(5), 0), Err(ms(60_000)));
    }
}
