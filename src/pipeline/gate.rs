//! The pace: one gate that every request passes, first tries, retries and token requests alike.
//!
//! Requests leave in even steps, so that no half-open window of 60 s holds more than are allowed. The step is
//! a little longer than a minute shared out, because a request leaves some time after it has passed. A wake
//! that comes late is caught up, by 10 ms at most. The waiting is tokio's own sleep, so that tests own time.
//!
//! Between gate and wire an intent is written, and a disk may take its time for that. What has piled up behind a
//! slow one must not leave all at once: it leaves by the same steps, and meanwhile nothing passes.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// A minute, and what requests may lose or gain on their way from the gate to the wire.
const PERIOD: Duration = Duration::from_millis(60_200);

/// How much of a late wake is caught up.
const CATCH_UP: Duration = Duration::from_millis(10);

/// How much of a slow disk is caught up.
const CATCH_UP_LEAVING: Duration = Duration::from_millis(100);

/// A departure so long ago is in no minute of the next one.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// The grain in which time is counted: a request is many of the limiter's cells.
const GRAIN: Duration = Duration::from_micros(10);

/// The longest hold where the platform does not say how long.
const HOLD_UNTOLD_MAX: Duration = Duration::from_mins(1);

/// A 429 this soon after another lowers the rate; so long without one raises it again.
const CLEAN: Duration = Duration::from_mins(1);

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Nanos>>;

/// tokio's time, which tests may pause, for governor.
#[derive(Clone, Debug)]
struct TokioClock(Instant);

impl GovernorClock for TokioClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.elapsed())
    }
}

/// The gate of a run.
pub struct Gate {
    limit: u32,
    /// Whoever holds it is next; tokio's mutex is fair, so that requests leave in the order in which they came.
    turn: Mutex<()>,
    pace: RefCell<Pace>,
    /// Whoever holds it leaves next.
    exit: Mutex<()>,
    /// How many want to leave.
    leaving: Cell<u32>,
    /// When the next departure would be in step.
    next_step: Cell<Instant>,
}

struct Pace {
    rate: f64,
    limiter: Limiter,
    cells: NonZeroU32,
    held_until: Option<Instant>,
    holds_in_a_row: u32,
    last_429: Option<Instant>,
    rate_changed: Instant,
}

impl Gate {
    /// A gate that lets so many requests a minute pass. `since_last` is how long ago the last request of an earlier
    /// run was written down: it may have left only when that run died, so the first of this one keeps its distance
    /// from now.
    #[must_use]
    pub fn new(limit_per_minute: u32, since_last: Option<Duration>) -> Self {
        let now = Instant::now();
        let rate = f64::from(limit_per_minute.max(1));
        let (limiter, cells) = limiter(rate);
        let distance = step(rate) + CATCH_UP_LEAVING;
        let held_until = since_last.filter(|&ago| ago < FORGOTTEN + distance).map(|_| now + distance);
        let pace = Pace { rate, limiter, cells, held_until, holds_in_a_row: 0, last_429: None, rate_changed: now };
        Self {
            limit: limit_per_minute,
            turn: Mutex::new(()),
            pace: RefCell::new(pace),
            exit: Mutex::new(()),
            leaving: Cell::new(0),
            next_step: Cell::new(now),
        }
    }

    /// Waits for its turn. A future that is dropped meanwhile has passed nothing.
    pub async fn pass(&self) {
        let _turn = self.turn.lock().await;
        while let Some(until) = self.wait_until() {
            sleep_until(until).await;
        }
    }

    /// Waits until what has passed may leave, which is at once unless something held it up on its way. A future
    /// that is dropped meanwhile has not left.
    pub async fn leave(&self) {
        let _leaving = Leaving::one_more(&self.leaving);
        let _exit = self.exit.lock().await;
        let now = Instant::now();
        let at = now.max(self.next_step.get().checked_sub(CATCH_UP_LEAVING).unwrap_or(now));
        if at > now {
            sleep_until(at).await;
        }
        self.next_step.set(self.next_step.get().max(at) + self.step());
    }

    /// When all that want to leave have left.
    fn all_left_at(&self) -> Instant {
        let next = self.next_step.get() + self.step() * self.leaving.get();
        next.checked_sub(CATCH_UP_LEAVING).unwrap_or(next)
    }

    fn step(&self) -> Duration {
        step(f64::from(self.limit.max(1)))
    }

    /// Lets one pass now, or says when to ask again.
    fn wait_until(&self) -> Option<Instant> {
        let pace = self.pace.borrow();
        let now = Instant::now();
        let all_left_at = self.all_left_at();
        if now < all_left_at {
            return Some(all_left_at);
        }
        if let Some(until) = pace.held_until.filter(|&until| now < until) {
            return Some(until);
        }
        match pace.limiter.check_n(pace.cells) {
            Ok(Ok(())) => None,
            Ok(Err(early)) => {
                Some(now + early.wait_time_from(pace.limiter.clock().now()).max(Duration::from_micros(1)))
            }
            // The burst is larger than a request by construction.
            Err(_) => Some(now + step(pace.rate)),
        }
    }

    /// Holds everything after a 429 or its like: for so many seconds, or where the platform does not say how
    /// long, for a random part of a time that doubles. Returns how long. A hold is never shortened.
    pub fn hold(&self, seconds: Option<u64>) -> Duration {
        let mut pace = self.pace.borrow_mut();
        let now = Instant::now();
        let was_held = pace.held_until.is_some_and(|until| now < until);
        if !was_held {
            pace.holds_in_a_row = pace.holds_in_a_row.saturating_add(1);
            if pace.last_429.is_some_and(|last| now - last < CLEAN) {
                pace.change_rate(0.8, self.limit);
            }
        }
        pace.last_429 = Some(now);
        let hold = seconds.map_or_else(|| untold(pace.holds_in_a_row), Duration::from_secs);
        // A century is as good as for ever, and can be added to an instant.
        let until = now + hold.min(Duration::from_hours(24 * 36_500));
        pace.held_until = pace.held_until.max(Some(until));
        hold
    }

    /// The time from one request to the next at full pace, and what of a late wake is caught up: so many requests
    /// never leave in less than so many of these.
    pub fn grain(&self) -> Duration {
        self.step() + CATCH_UP
    }

    /// Notes that the platform has done something: the next untold hold is short again, and a clean minute
    /// raises a rate that was lowered.
    pub fn went_well(&self) {
        let mut pace = self.pace.borrow_mut();
        let now = Instant::now();
        if pace.held_until.is_none_or(|until| until <= now) {
            pace.holds_in_a_row = 0;
        }
        let clean = pace.last_429.is_none_or(|last| now - last >= CLEAN) && now - pace.rate_changed >= CLEAN;
        if pace.rate < f64::from(self.limit) && clean {
            pace.change_rate(1.05, self.limit);
        }
    }
}

/// One that wants to leave, for as long as it does.
struct Leaving<'a>(&'a Cell<u32>);

impl<'a> Leaving<'a> {
    fn one_more(leaving: &'a Cell<u32>) -> Self {
        leaving.set(leaving.get() + 1);
        Self(leaving)
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Pace {
    fn change_rate(&mut self, by: f64, limit: u32) {
        self.rate = (self.rate * by).clamp(1.0, f64::from(limit.max(1)));
        (self.limiter, self.cells) = limiter(self.rate);
        // A new limiter would let one pass at once: take that one away.
        let _ = self.limiter.check_n(self.cells);
        self.rate_changed = Instant::now();
    }
}

/// The time from one request to the next.
fn step(rate: f64) -> Duration {
    PERIOD.div_f64(rate)
}

/// A limiter in even steps: a request costs a step's worth of cells, and the burst is one request and what
/// may be caught up.
fn limiter(rate: f64) -> (Limiter, NonZeroU32) {
    let step = step(rate);
    let cells = whole(step.div_duration_f64(GRAIN));
    let cell = step / cells.get();
    let burst = cells.saturating_add(whole(CATCH_UP.div_duration_f64(cell)).get());
    // A step is never shorter than 60 µs, so that a cell is never shorter than some microseconds.
    let quota = Quota::with_period(cell).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
    (RateLimiter::direct_with_clock(quota, TokioClock(Instant::now())), cells)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a step has at most six million grains")]
fn whole(cells: f64) -> NonZeroU32 {
    NonZeroU32::new(cells.ceil() as u32).unwrap_or(NonZeroU32::MIN)
}

/// Exponential with full jitter, from a second on.
fn untold(holds_in_a_row: u32) -> Duration {
    let most = Duration::from_secs(1 << holds_in_a_row.saturating_sub(1).min(6)).min(HOLD_UNTOLD_MAX);
    most.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Departures, in milliseconds, of `count` requests that all want to leave at once.
    async fn departures(gate: &Gate, count: usize) -> Vec<u128> {
        let begin = Instant::now();
        let mut at = Vec::new();
        for _ in 0..count {
            gate.pass().await;
            gate.leave().await;
            at.push(begin.elapsed().as_millis());
        }
        at
    }

    /// The most that any half-open 60 s hold.
    fn most_in_a_minute(at: &[u128]) -> usize {
        let within = |from: &u128| at.iter().filter(|&&other| *from <= other && other < from + 60_000).count();
        at.iter().map(within).max().unwrap_or(0)
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_holds_more_than_allowed_and_little_is_lost() {
        for limit in [1, 7, 100, 150, 200, 6000] {
            let gate = Gate::new(limit, None);
            let count = (limit as usize * 5 / 2).max(4);
            let at = departures(&gate, count).await;
            let most = most_in_a_minute(&at);
            assert!(most <= limit as usize, "{most} of {limit}");
            let minutes = f64::from(u32::try_from(at[count - 1]).expect("short")) / 60_000.0;
            let share = f64::from(u32::try_from(count - 1).expect("few")) / minutes / f64::from(limit);
            assert!(share >= 0.98, "{share} of {limit}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_gate_saves_nothing_up() {
        let gate = Gate::new(100, None);
        gate.pass().await;
        tokio::time::sleep(Duration::from_mins(10)).await;
        let at = departures(&gate, 101).await;
        assert!(most_in_a_minute(&at) <= 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_restart_keeps_the_distance() {
        for seconds in [0, 1, 60] {
            let at = departures(&Gate::new(100, Some(Duration::from_secs(seconds))), 1).await;
            assert!((702..=704).contains(&at[0]), "{at:?}");
        }
        let at = departures(&Gate::new(100, Some(Duration::from_secs(61))), 1).await;
        assert_eq!(at, [0]);
    }

    /// Eight tasks, and a disk that stands still for three seconds of every twenty-five.
    #[tokio::test(start_paused = true)]
    async fn what_a_slow_disk_held_up_does_not_leave_all_at_once() {
        for limit in [2, 100, 1000] {
            let (gate, begin, at) = (Gate::new(limit, None), Instant::now(), RefCell::new(Vec::new()));
            let task = async |first: usize| {
                for _ in (first..limit as usize * 4).step_by(8) {
                    gate.pass().await;
                    let stalls_until = begin.elapsed().as_secs() / 25 * 25 + 3;
                    sleep_until(begin + Duration::from_secs(stalls_until)).await;
                    gate.leave().await;
                    at.borrow_mut().push(begin.elapsed().as_millis());
                }
            };
            futures_util::future::join_all((0..8).map(task)).await;
            let at = at.into_inner();
            assert_eq!(at.len(), limit as usize * 4);
            let most = most_in_a_minute(&at);
            assert!(most <= limit as usize, "{most} of {limit}");
        }
    }

    /// tokio's time stands while a laptop sleeps or leaps when it wakes, as the system has it.
    #[tokio::test(start_paused = true)]
    async fn after_a_sleep_those_who_waited_leave_one_by_one() {
        let (gate, begin, at) = (Gate::new(100, None), Instant::now(), RefCell::new(Vec::new()));
        let task = async |_| {
            gate.pass().await;
            gate.leave().await;
            at.borrow_mut().push(begin.elapsed().as_millis());
        };
        let waiting = futures_util::future::join_all((0..150).map(task));
        let asleep = async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            tokio::time::advance(Duration::from_hours(8)).await;
        };
        tokio::join!(waiting, asleep);
        let at = at.into_inner();
        assert_eq!((at.len(), most_in_a_minute(&at)), (150, 100));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_stops_everything_and_is_never_shortened() {
        let gate = Gate::new(6000, None);
        gate.hold(Some(30));
        gate.hold(Some(2));
        gate.went_well();
        let at = departures(&gate, 3).await;
        assert!(at[0] >= 30_000, "{at:?}");
        assert!(at[2] - at[0] >= 10, "no herd when it ends: {at:?}");
        gate.hold(Some(u64::MAX));
        let never = tokio::time::timeout(Duration::from_hours(24), gate.pass()).await;
        assert!(never.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn repeated_429s_lower_the_rate_and_clean_minutes_raise_it() {
        let gate = Gate::new(100, None);
        gate.hold(Some(1));
        tokio::time::sleep(Duration::from_secs(2)).await;
        gate.hold(Some(1));
        let at = departures(&gate, 3).await;
        assert_eq!(at[2] - at[1], 752, "80 a minute: {at:?}");
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_secs(61)).await;
            gate.went_well();
        }
        let at = departures(&gate, 3).await;
        assert_eq!(at[2] - at[1], 602, "100 a minute again: {at:?}");
    }
}
