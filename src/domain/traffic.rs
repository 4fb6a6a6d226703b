//! How the requests of a run left over time: by the minute, and coarser where a run is long. Times are counted from
//! the run's first look at the platform.

use std::time::Duration;

/// Stretches that are kept; where a run is longer, each holds more minutes.
const STRETCHES_MAX: usize = 1440;

const MINUTE: Duration = Duration::from_mins(1);

/// What happened in one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Requests that left.
    pub requests: u64,
    /// Those of its busiest minute.
    pub busiest_minute: u64,
    /// Answers with status 429.
    pub status_429: u64,
    /// For how long the platform had asked to be left alone.
    pub held: Duration,
}

impl Stretch {
    fn add(&mut self, next: Self) {
        self.requests += next.requests;
        self.busiest_minute = self.busiest_minute.max(next.busiest_minute);
        self.status_429 += next.status_429;
        self.held += next.held;
    }
}

/// Requests over time. What it keeps does not grow with the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    stretches: Vec<Stretch>,
    /// Minutes of a stretch.
    minutes_each: u32,
    /// The minute of the last departure, and how many left in it.
    minute: (u64, u64),
    /// The hold that was asked for last: from when, and until when.
    hold: Option<(Duration, Duration)>,
}

impl Default for Traffic {
    fn default() -> Self {
        Self { stretches: Vec::new(), minutes_each: 1, minute: (0, 0), hold: None }
    }
}

impl Traffic {
    /// Notes a request that leaves. Times never go back.
    pub fn left(&mut self, at: Duration) {
        let minute = minute(at);
        let before = if self.minute.0 == minute { self.minute.1 } else { 0 };
        self.minute = (minute, before + 1);
        let stretch = self.stretch(minute);
        stretch.requests += 1;
        stretch.busiest_minute = stretch.busiest_minute.max(before + 1);
    }

    /// Takes the last request back: it turned out that it had not left.
    pub fn had_not_left(&mut self) {
        let (minute, count) = self.minute;
        let stretch = self.stretch(minute);
        stretch.requests = stretch.requests.saturating_sub(1);
        if stretch.busiest_minute == count {
            stretch.busiest_minute = count.saturating_sub(1);
        }
        self.minute.1 = count.saturating_sub(1);
    }

    /// Notes an answer with status 429.
    pub fn turned_away(&mut self, at: Duration) {
        self.stretch(minute(at)).status_429 += 1;
    }

    /// Notes that the platform asks to be left alone for a while.
    pub fn hold(&mut self, at: Duration, wait: Duration) {
        let until = at.saturating_add(wait);
        match &mut self.hold {
            Some((_, end)) if at <= *end => *end = until.max(*end),
            _ => {
                self.end_hold(at);
                self.hold = Some((at, until));
            }
        }
    }

    /// All of it, up to the run's end: a hold goes no further.
    #[must_use]
    pub fn until(mut self, end: Duration) -> Self {
        self.end_hold(end);
        self
    }

    fn end_hold(&mut self, now: Duration) {
        let Some((mut from, until)) = self.hold.take() else { return };
        let until = until.min(now);
        while from < until {
            let next = (MINUTE * u32::try_from(minute(from) + 1).unwrap_or(u32::MAX)).min(until);
            self.stretch(minute(from)).held += next.saturating_sub(from);
            from = next;
        }
    }

    /// The stretch of a minute; it makes room where there is none.
    fn stretch(&mut self, minute: u64) -> &mut Stretch {
        while minute / u64::from(self.minutes_each) >= STRETCHES_MAX as u64 {
            self.minutes_each = self.minutes_each.saturating_mul(2);
            self.stretches = joined(&self.stretches, 2);
        }
        let place = usize::try_from(minute / u64::from(self.minutes_each)).unwrap_or(STRETCHES_MAX - 1);
        if self.stretches.len() <= place {
            self.stretches.resize(place + 1, Stretch::default());
        }
        &mut self.stretches[place]
    }

    /// The stretches in order, at most so many, and the minutes of each.
    #[must_use]
    pub fn stretches(&self, at_most: usize) -> (Vec<Stretch>, u32) {
        let each = self.stretches.len().div_ceil(at_most.max(1)).max(1);
        let minutes = self.minutes_each.saturating_mul(u32::try_from(each).unwrap_or(u32::MAX));
        (joined(&self.stretches, each), minutes)
    }
}

/// The minute in which an instant lies.
fn minute(at: Duration) -> u64 {
    at.as_secs() / MINUTE.as_secs()
}

/// So many neighbours in one.
fn joined(stretches: &[Stretch], each: usize) -> Vec<Stretch> {
    let join = |some: &[Stretch]| {
        let mut sum = Stretch::default();
        for stretch in some {
            sum.add(*stretch);
        }
        sum
    };
    stretches.chunks(each).map(join).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn requests_are_counted_in_their_minutes() {
        let mut traffic = Traffic::default();
        for at in [0, 59, 60, 61, 200] {
            traffic.left(seconds(at));
        }
        traffic.turned_away(seconds(62));
        let (stretches, minutes) = traffic.stretches(100);
        assert_eq!((stretches.iter().map(|s| s.requests).collect::<Vec<_>>(), minutes), (vec![2, 2, 0, 1], 1));
        assert_eq!((stretches[1].status_429, stretches[1].busiest_minute), (1, 2));
        traffic.had_not_left();
        assert_eq!(traffic.stretches(100).0[3], Stretch::default());
    }

    #[test]
    fn a_long_run_is_told_coarser_and_loses_nothing() {
        let mut traffic = Traffic::default();
        for minute in 0..5000 {
            for _ in 0..=(minute % 3) {
                traffic.left(seconds(minute * 60));
            }
            traffic.turned_away(seconds(minute * 60));
        }
        let (stretches, minutes) = traffic.stretches(usize::MAX);
        assert_eq!((stretches.len(), minutes), (1250, 4));
        let sum = |of: fn(&Stretch) -> u64| stretches.iter().map(of).sum::<u64>();
        assert_eq!((sum(|s| s.requests), sum(|s| s.status_429)), (9999, 5000));
        assert!(stretches.iter().all(|s| s.busiest_minute == 3), "the busiest minute, not the busiest stretch");
        let (coarse, minutes) = traffic.stretches(120);
        assert_eq!((coarse.len(), minutes, coarse.iter().map(|s| s.requests).sum::<u64>()), (114, 44, 9999));
    }

    #[test]
    fn holds_that_overlap_are_counted_once_and_end_with_the_run() {
        let mut traffic = Traffic::default();
        traffic.hold(seconds(50), seconds(20));
        traffic.hold(seconds(55), seconds(5));
        traffic.hold(seconds(65), seconds(10));
        traffic.hold(seconds(100), seconds(u64::MAX / 2));
        let held = |traffic: Traffic| traffic.stretches(9).0.iter().map(|s| s.held.as_secs()).collect::<Vec<_>>();
        assert_eq!(held(traffic.clone().until(seconds(130))), [10, 15 + 20, 10]);
        assert_eq!(held(traffic.until(seconds(90))), [10, 15]);
    }
}
