//! The time a customer asked for.

use super::time::{Interval, Timestamp};

/// The wanted time, half open: `[start, end)`, at least a second and at most 2^31 seconds wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    start: Timestamp,
    width: u32,
}

impl Window {
    /// The window between two instants, or `None` where the end is not behind the start.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        let width = u32::try_from(end.since(start)).ok().filter(|width| (1..=1 << 31).contains(width))?;
        Some(Self { start, width })
    }

    /// The window of this many seconds, at least one.
    #[must_use]
    pub fn with_width(start: Timestamp, width: u32) -> Self {
        Self { start, width: width.clamp(1, 1 << 31) }
    }

    /// How wide it is, in seconds.
    #[must_use]
    pub fn width(self) -> u32 {
        self.width
    }

    /// The first instant inside.
    #[must_use]
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant behind.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.start.plus(i64::from(self.width))
    }

    /// The window as a stretch of time.
    #[must_use]
    pub fn interval(self) -> Interval {
        Interval { start: self.start, end: self.end() }
    }
}
