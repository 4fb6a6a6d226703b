//! Which callbacks can be created in time at the rate that is allowed, and from when on each may be dispatched.
//!
//! Every callback needs the same few requests, and has a last second at which it may be dispatched. Sent in the order
//! of those seconds, as many as possible are in time, whatever other order one tries (Moore 1968, with jobs that
//! take equally long); and each is known to be there from a certain time on. Whoever is dispatched after that
//! time, is in time in any order that follows the dispatch times.

use crate::domain::time::Timestamp;

/// Requests of one callback: the contact and its text.
pub const REQUESTS_PER_CALLBACK: u64 = 2;

/// What the requests of a run have to do with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// When the first of them may leave.
    pub now: Timestamp,
    /// Requests that leave in a minute.
    pub requests_per_minute: f64,
    /// Requests that may stand between one and its turn, for they were taken up earlier.
    pub in_flight: u64,
    /// Seconds from the last request's departure to the earliest dispatch time that is still in time.
    pub margin: i64,
}

/// A callback that needs its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// The last second at which it may be dispatched.
    pub latest: Timestamp,
    /// How many requests it needs.
    pub requests: u64,
    /// Whether it has been begun, and so cannot be left out.
    pub given: Given,
}

/// Whether a callback can still be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It has been sent before, and its time stands.
    Begun,
    /// Nothing was sent for it yet.
    Fresh,
}

/// What can be said of a callback before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// In time wherever it is dispatched from here on.
    From(Timestamp),
    /// It cannot be created before its last second, unless others fall away.
    Late,
}

impl Budget {
    /// When so many requests have left.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "seconds, saturating")]
    pub fn after(&self, requests: u64) -> Timestamp {
        let seconds = requests as f64 * 60.0 / self.requests_per_minute.max(f64::MIN_POSITIVE);
        self.now.plus(seconds.ceil() as i64)
    }
}

/// What can be said of each callback, in the order given. The last of those that end together are late first.
#[must_use]
pub fn prospects(tasks: &[Task], budget: &Budget) -> Vec<Prospect> {
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|&place| tasks[place].latest);
    let mut prospects = vec![Prospect::Late; tasks.len()];
    let mut requests = 0;
    for place in order {
        let task = tasks[place];
        let from = budget.after(requests + task.requests + budget.in_flight).plus(budget.margin);
        if from <= task.latest || task.given == Given::Begun {
            prospects[place] = Prospect::From(from);
            requests += task.requests;
        }
    }
    prospects
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { now: Timestamp::EPOCH, requests_per_minute: 60.0, in_flight: 1, margin: 8 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    fn fresh(latest: i64) -> Task {
        Task { latest: at(latest), requests: REQUESTS_PER_CALLBACK, given: Given::Fresh }
    }

    #[test]
    fn the_earliest_end_goes_first_and_what_cannot_be_is_late() {
        let found = prospects(&[fresh(100), fresh(11), fresh(12), fresh(13), fresh(10)], &BUDGET);
        let from = |seconds| Prospect::From(at(seconds));
        assert_eq!(found, [from(15), from(11), Prospect::Late, from(13), Prospect::Late]);
    }

    #[test]
    fn what_was_begun_keeps_its_place() {
        let begun = Task { given: Given::Begun, requests: 1, ..fresh(5) };
        assert_eq!(prospects(&[fresh(11), begun], &BUDGET), [Prospect::Late, Prospect::From(at(10))]);
        assert_eq!(prospects(&[fresh(12), begun], &BUDGET), [Prospect::From(at(12)), Prospect::From(at(10))]);
    }

    /// Small figures that depend on a seed alone.
    fn tasks(seed: u64) -> Vec<Task> {
        let mut state = seed;
        let mut below = |end: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % end).expect("small")
        };
        let count = below(8);
        (0..count).map(|_| fresh(8 + below(18))).collect()
    }

    fn in_time(found: &[Prospect]) -> usize {
        found.iter().filter(|prospect| **prospect != Prospect::Late).count()
    }

    /// The most that any order brings in time: all subsets, each in the order of its ends.
    fn most(tasks: &[Task]) -> usize {
        let fits = |chosen: u32| {
            let mut latest: Vec<Timestamp> =
                tasks.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1).map(|(_, t)| t.latest).collect();
            latest.sort();
            let leaves = |place: usize| {
                BUDGET.after(REQUESTS_PER_CALLBACK * (place as u64 + 1) + BUDGET.in_flight).plus(BUDGET.margin)
            };
            latest.iter().enumerate().all(|(place, latest)| leaves(place) <= *latest)
        };
        (0..1_u32 << tasks.len())
            .filter(|&chosen| fits(chosen))
            .map(|chosen| chosen.count_ones() as usize)
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn as_many_are_in_time_as_can_be_and_one_more_takes_nothing_away() {
        for seed in 0..2000 {
            let mut tasks = tasks(seed);
            let found = in_time(&prospects(&tasks, &BUDGET));
            assert_eq!(found, most(&tasks), "seed {seed}");
            tasks.push(fresh(8 + i64::try_from(seed % 18).expect("small")));
            assert!(in_time(&prospects(&tasks, &BUDGET)) >= found, "seed {seed}");
        }
    }
}
